# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe is asked, and what all probes found: between Ansible's variables and the checks. Pure."""

from __future__ import annotations

import hashlib

from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused

from ._inventory import OBSERVATION, arbitrator_of, variables_of
from ._quorum import ARBITRATOR

LISTENING = "senhasegura_listening"
MEASURED = "senhasegura_measured"
"""The variables in which role ``check`` registers the two phases of ``cluster_probe``, on every member."""

TOGETHER = "senhasegura_together"
"""The variable of both phases in one execution; it counts where all members met."""

KNOCKED = "senhasegura_knocked"
STOPPED = "senhasegura_stopped"
"""Those of the arbitrator's own phases: what it met, and whether its listener was there until the end."""

_GROUP_COMMUNICATION = 4567
_TRANSFERS = (4444, 4568)


def probe_arguments(name, task_vars):
    """The arguments of ``cluster_probe`` for a member.

    :param name: its inventory name.
    :param task_vars: of the task; ``hostvars`` holds what ``cluster_info`` registered.
    :returns: dict of ``name``, ``address``, ``token``, ``peers``, ``ports``. Who could not be observed is no peer: waiting for its answers
        would tell nothing more.
    """
    hostvars = task_vars["hostvars"]
    members, arbitrator = _members(task_vars), arbitrator_of(task_vars)
    peers = [{"name": peer, "address": address, "hostname": _observed(hostvars, peer).get("host", {}).get("hostname", ""),
              "ports": list(_ports(_observed(hostvars, peer)))} for peer, address in members.items()
             if peer != name and _observed(hostvars, peer)]
    found = {"name": name, "peers": peers, "token": _token(hostvars, members)}
    if name == arbitrator[0]:
        peers = [dict(peer, ports=[port for port in peer["ports"] if port == _GROUP_COMMUNICATION]) for peer in peers]
        return dict(found, address=arbitrator[1], peers=peers)
    quiet = _may_transfer(_observed(hostvars, name))
    return dict(found, address="" if quiet else members.get(name, ""), ports=_platform_ports(_observed(hostvars, name)),
                arbitrator_listens=_listens(hostvars, arbitrator[0], "udp"))


def _listens(hostvars, name, kind):
    """Whether our listener was put on a host's port 4567."""
    registered = hostvars[name].get(LISTENING) if name else None
    return probed(registered).get("listening", {}).get(kind, {}).get(str(_GROUP_COMMUNICATION)) == "ours"


def left_listening(name, task_vars):
    """Whether a member's listener may still be there: not every peer has said goodbye to it. The arbitrator's waits for being told."""
    if name == arbitrator_of(task_vars)[0]:
        return _listens(task_vars["hostvars"], name, "tcp") or _listens(task_vars["hostvars"], name, "udp")
    hostvars, address = task_vars["hostvars"], _members(task_vars).get(name, "")
    listening = probed(hostvars[name].get(LISTENING)).get("listening", {})
    if "ours" not in list(listening.get("tcp", {}).values()) + list(listening.get("udp", {}).values()):
        return False
    mine = probed(hostvars[name].get(MEASURED))
    told = [probed(hostvars[peer].get(MEASURED)).get("links", {}).get(address, {}).get("told", False)
            for peer in _members(task_vars) if peer != name and _observed(hostvars, peer)]
    return not (all(told) and mine.get("listened"))


def all_met(task_vars):
    """Whether every member that was observed was probed in one execution, and met all the others."""
    hostvars = task_vars["hostvars"]
    return all(probed(hostvars[name].get(TOGETHER)).get("met", False) for name in _members(task_vars) if _observed(hostvars, name))


def at_once(task_vars, forks):
    """Whether all hosts of the play are members, and all of them are asked at the same time."""
    hosts = task_vars["ansible_play_hosts"]
    return len(hosts) <= forks and not set(hosts) - set(_members(task_vars))


def probed(registered):
    """What a phase of ``cluster_probe`` found; {} where it did not run or failed."""
    return (registered or {}).get("probed", {})


def probes_of(declared, task_vars):
    """What every declared member found in both phases, and the arbitrator (:data:`_quorum.ARBITRATOR`) where its host was asked.

    :returns: dict of name to dict of what they found together; ``unknown``, why there is nothing, where one failed.
    """
    hostvars, (arbitrator, address) = task_vars["hostvars"], arbitrator_of(task_vars)
    variables = (TOGETHER,) if all_met(task_vars) else (LISTENING, MEASURED)
    found = {member["name"]: _together([hostvars[member["name"]].get(variable) for variable in variables])
             for member in declared["members"]}
    if arbitrator and address == declared["arbitrator"]:
        phases = [hostvars[arbitrator].get(variable) for variable in (LISTENING, KNOCKED, STOPPED)]
        found[ARBITRATOR] = dict(_together(phases), listened=probed(phases[2]).get("stopped", False))
    return found


def _together(phases):
    found = {}
    for phase in phases:
        found.update(probed(phase))
    problems = [phase.get("msg", "no reason") for phase in phases if phase and "probed" not in phase and not phase.get("skipped")]
    if problems:
        found["unknown"] = "it could not be probed: %s" % " ".join(str(problems[0]).split())
    return found


def _members(task_vars):
    """Names and addresses; what is no address is refused when the declaration is checked."""
    found = {}
    for name, variables in variables_of(task_vars).items():
        try:
            found[name] = _values.address(variables["address"])
        except ValueRefused:
            continue
    return found


def _observed(hostvars, name):
    return (hostvars[name].get(OBSERVATION) or {}).get("observed", {})


def _may_transfer(observed):
    """Whether a state transfer may be under way, whose ports are one program's alone."""
    status = observed.get("status", {})
    return bool(observed.get("service", {}).get("changing") or status.get("wsrep_on") and status.get("local_state") != 4)


def _ports(observed):
    """A transfer's receiver takes the first connection for the donor's, and MariaDB hangs for ever when one comes while a playbook tells
    Galera its votes (docs/architecture.md): neither is knocked at.
    """
    galera = () if observed.get("lock") else (_GROUP_COMMUNICATION,)
    galera += () if _may_transfer(observed) else _TRANSFERS
    return galera + tuple(_platform_ports(observed))


def _platform_ports(observed):
    return observed.get("capabilities", {}).get("ports", [])


def _token(hostvars, members):
    """The run's own: the same on all members, another one at the next run."""
    asked = [repr((hostvars[name].get(OBSERVATION) or {}).get("asked_at")) for name in members]
    return hashlib.sha256(" ".join(asked).encode("utf-8")).hexdigest()[:16]
