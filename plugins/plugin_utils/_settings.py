# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step is asked to set on a member, and what of that is a change, a restart, or a person's work. Pure."""

from __future__ import annotations

import ipaddress

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_PRIMARY, weight_of
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings

from ._actions import BOOTSTRAP, JOIN, RESTARTING, settle_steps
from ._declared import SMALL_DATA


def of_member(declared, observations, decisions, member):
    """The part of a member's decision that is about settings.

    :returns: dict of ``settings``, ``changes``, ``manual``, ``admit`` and ``again``, as :func:`_actions.decision` has them.
    """
    observed = observations[member["name"]]["observed"]
    capabilities = observed["capabilities"]
    asked = _options(declared, observations, decisions, member)
    changes = _changes(asked, observed["settings"], capabilities["decides"])
    manual = {}
    for setting in capabilities["manual"]:
        step, name = setting.split(".")
        if name in changes.get(step, {}):
            manual[setting] = capabilities["manual"][setting].replace("{}", _shown(changes[step].pop(name)[1]))
        # What a person sets is passed on as it is, so that the step's module has nothing to do with it.
        if name in asked[step]:
            asked[step][name] = observed["settings"][step][name]
    return {"settings": asked, "changes": {step: found for step, found in changes.items() if found}, "manual": manual,
            "admit": to_admit(declared, member, observed),
            "again": [{"cluster_" + step: asked[step]} for step in capabilities["again"]],
            "settle": _settle(decisions, decisions[member["name"]], asked, observed)}


def _settle(decisions, made, asked, observed):
    """What counts only while members join is taken back when all are in.

    While they join the first one, that has a second vote: one that dies meanwhile must not stop it. And its data may name another
    primary, from the time when they were written.

    :returns: the steps, as ``cluster_steps`` takes them.
    """
    steps = settle_steps(observed) if made["action"] in RESTARTING else []
    final = dict(asked["primary"])
    if made["action"] != BOOTSTRAP:
        return steps
    if any(other["action"] == JOIN for other in decisions.values()):
        asked["primary"]["weight"] = WEIGHT_PRIMARY
    return steps + [{"cluster_primary": final}]


def to_admit(declared, member, observed):
    """Who this member must let in and does not; nobody where there is no such list."""
    if observed["admitted"] is None:
        return []
    return [address for address in _others(declared, member) if address not in observed["admitted"]]


def strangers(declared, member, observed):
    """Whom this member lets in by its list, and who is neither a member nor the arbitrator. It may be anybody's: nothing takes them off."""
    known = _others(declared, member) + [member["address"]]
    return [address for address in observed["admitted"] or [] if address not in known]


def _others(declared, member):
    return [one["address"] for one in declared["members"] if one["name"] != member["name"]] + [declared["arbitrator"]] * bool(
        declared["arbitrator"])


def manual_steps(declared, decisions):
    """What only a person can do, and nobody said to have done: list of dict ``id``, ``members``, ``how``."""
    found = {}
    for name, made in decisions.items():
        for setting, how in made["manual"].items():
            if setting not in declared["manual_steps_done"]:
                found.setdefault((setting, how), []).append(name)
    return [{"id": setting, "how": how, "members": names} for (setting, how), names in found.items()]


def clients_shut_out(declared, observations):
    """Whose database will answer clients on its own host only, as Debian's MariaDB does: list of names. Nobody where the platform
    decides it."""
    shut = []
    for name, one in observations.items():
        present = one["observed"]["settings"]["members"]["bind_address"]
        if "members.bind_address" not in one["observed"]["capabilities"]["decides"] and _loopback(declared["bind_address"] or present):
            shut.append(name)
    return shut


def _loopback(bind_address):
    """Whether every address of MariaDB's option is one that only the host itself reaches; of a name other than localhost nobody knows."""
    addresses = [part.strip() for part in bind_address.split(",") if part.strip()]
    for address in addresses:
        try:
            if not ipaddress.ip_address(address).is_loopback:
                return False
        except ValueError:
            if address != "localhost":
                return False
    return bool(addresses)


def refused(observations, decisions):
    """Changes that a member says must not be made now, and members that contradict themselves: list of sentences."""
    problems = []
    for name, made in decisions.items():
        observed = observations[name]["observed"]
        problems += ["%s: %s" % (name, sentence) for sentence in observed["contradictions"]]
        for setting, reason in observed["capabilities"]["refused"].items():
            step, option = setting.split(".")
            if option in made["changes"].get(step, {}):
                problems.append("%s: %s cannot be changed: %s" % (name, setting, reason))
    return problems


def _options(declared, observations, decisions, member):
    """The options of each step's module for a member: exactly what the role passes to ``cluster_steps``."""
    addresses = {one["name"]: one["address"] for one in declared["members"]}
    members = {"members": list(addresses.values()), "address": member["address"], "name": member["name"],
               "arbitrator": declared["arbitrator"]}
    if declared["bind_address"]:
        members["bind_address"] = declared["bind_address"]
    network = {"different_datacenters": declared["different_datacenters"], "segment": member["segment"]}
    if declared["latency"]:
        network["latency"] = declared["latency"]
    mode = {"mode": "cluster", "cluster_name": declared["cluster_name"]}
    method = _sst_method(declared, observations, decisions, member["name"])
    if method:
        mode["sst_method"] = method
    return {"mode": mode, "sync": _sync(declared, observations, member), "members": members, "network": network,
            "message": {"recovery_message": declared["message"].rstrip("\n")},
            "primary": _primary(declared, decisions, member, addresses)}


def _primary(declared, decisions, member, addresses):
    """The application runs on the primary and where it was asked for; it is stopped where the database is about to be
    replaced, and left alone elsewhere."""
    options = {"primary": addresses[declared["primary"]], "address": member["address"],
               "weight": weight_of(member["address"], addresses[declared["primary"]], len(addresses))}
    if member["name"] in [declared["primary"]] + declared["application_active"]:
        options["application_active"] = True
    elif decisions[member["name"]]["action"] == JOIN:
        options["application_active"] = False
    return options


def _sst_method(declared, observations, decisions, name):
    """rsync while the data are small, else mariabackup, which does not block a serving donor; "" leaves it as it is.

    The joiner's setting decides, so it is chosen when a member joins and left alone afterwards.
    """
    if declared["sst_method"] != "auto":
        return declared["sst_method"]
    if decisions[name]["action"] not in (JOIN, BOOTSTRAP) or decisions[name]["wait_first"]:
        return ""
    return "rsync" if donor_bytes(observations, decisions) <= SMALL_DATA else "mariabackup"


def donor_bytes(observations, decisions):
    """The bytes that a full state transfer copies: the largest data of those who serve or bootstrap."""
    donors = [name for name, decision in decisions.items() if decision["action"] != JOIN]
    return max([observations[name]["observed"]["data"]["bytes"] for name in donors] or [0])


def _sync(declared, observations, member):
    sync = declared["sync"]
    if not sync["enabled"]:
        return {"enabled": False, "timeout": sync["timeout"]}
    options = {"enabled": True, "timeout": sync["timeout"], "paths": sync["paths"], "peers": []}
    for peer in declared["members"]:
        keys = observations[peer["name"]]["observed"]["sync"]
        if peer["name"] != member["name"]:
            options["peers"].append({"address": peer["address"], "port": peer["port"],
                                     "public_key": keys["public_key"], "host_key": keys["host_key"]})
    return options


def _changes(options, settings, decides):
    """Per step the settings that would change: name to [before, after]."""
    changes = {}
    for step, asked in options.items():
        wanted = wanted_settings(step, dict(asked), decides)
        different = {name: [settings[step].get(name), value] for name, value in wanted.items()
                     if settings[step].get(name) != value}
        if different:
            changes[step] = different
    return changes


def restart_reasons(changes, observed):
    """Why a serving member must restart, or may have to: list of sentences."""
    restarts = observed["capabilities"]["restarts"]
    reasons = [_change(name, pair) for step, names in changes.items() for name, pair in names.items()
               if "%s.%s" % (step, name) in restarts]
    return reasons or list(observed["restart_reasons"])


def in_words(made):
    """The on-line changes of a decision in one sentence."""
    words = ["%s changes" % name if step == "sync" else _change(name, pair)
             for step, names in made["changes"].items() for name, pair in names.items()]
    return "; ".join(words + (["it lets in %s" % ", ".join(made["admit"])] if made["admit"] else []))


def _change(name, pair):
    return "%s changes from %s to %s" % (name, _shown(pair[0]), _shown(pair[1]))


def _shown(value):
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value) or "nothing"
