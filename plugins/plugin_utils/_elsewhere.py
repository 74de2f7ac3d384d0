# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the arbitrator votes, as its own host tells: with a member that a person takes for dead it may be a living cluster that
nobody else sees. Pure.
"""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils import _grastate as grastate
from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused

from ._inventory import observation_of

PARTS = ("garbd:", "links:", "view:")
"""The lines between what the host was asked: its addresses, which garbd runs, with whom Galera's port is connected, and the view that garbd
saved."""


def names(declared):
    """How a person may call the arbitrator: as its host in the inventory, or by its address."""
    return [item for item in (declared["arbitrator_host"], declared["arbitrator"]) if item] if declared["arbitrator"] else []


def told(declared, asked):
    """What the arbitrator's host says.

    :param declared: of :func:`_declared.declare`.
    :param asked: what role ``preflight`` registered (task file ``arbitrator``); empty where nobody was asked.
    :returns: dict of ``running``, ``peers`` (addresses with which Galera's port is connected) and ``own`` (who it is in the views that members
        saved, or ""), or of ``unknown``: why they are.
    """
    if not declared["arbitrator_host"]:
        return {"unknown": "there is no host in the inventory group senhasegura_arbitrator that could be asked"}
    if not asked or asked.get("skipped"):
        return {"unknown": "its host was not asked"}
    if "stdout_lines" not in asked or asked.get("rc") != 0:
        said = " / ".join(asked.get("stderr_lines") or [])
        return observation_of(dict(asked, msg=said) if said else asked)
    lines = asked["stdout_lines"]
    first, second, third = [lines.index(part) for part in PARTS]
    own = addresses_in(" ".join(lines[:first]).split())
    if declared["arbitrator"] not in own:
        return {"unknown": "its host has the addresses %s, so another one was asked; correct senhasegura_arbitrator or ansible_host"
                           % (", ".join(own) or "(none)")}
    return {"running": second - first > 1, "peers": addresses_in(line.split()[3].rpartition(":")[0] for line in lines[second + 1:third]),
            "own": grastate.view("\n".join(lines[third + 1:])).get("own", "")}


def addresses_in(items):
    """In the one way that declared ones are written, each once; an IPv4 peer of a socket that takes IPv6 too is one of IPv4."""
    found = []
    for item in items:
        plain = item.strip("[]").partition("%")[0]
        try:
            found.append(_values.address(plain[7:] if plain.startswith("::ffff:") else plain))
        except ValueRefused:  # no peer of ours
            continue
    return list(dict.fromkeys(found))


def living(declared, arbiter, dead, variable):
    """Those who are named as dead, but with whom the arbitrator is connected: list of sentences.

    :param arbiter: of :func:`told`.
    :param dead: names of members.
    :param variable: where they are named.
    """
    peers = arbiter.get("peers", ())
    return ["%s: it is named in %s, but the arbitrator, garbd on %s, is connected to it: it lives, and may serve with that vote. Make it "
            "reachable from the controller, and run again" % (member["name"], variable, declared["arbitrator_host"])
            for member in declared["members"] if member["name"] in dead and member["address"] in peers]


def unasked(declared, arbiter, dead, variable):
    """Why an arbitrator must be named that nobody sees and that cannot be asked: a sentence."""
    name = names(declared)[0]
    return ("the arbitrator %s: %s, and none of those who are left sees it; with %s it could be a living cluster. If it is dead too, name it "
            "like a member: -e '{\"%s\": [%s]}'; otherwise bring it back first"
            % (_called(declared), arbiter["unknown"], " and ".join(dead), variable,
               ", ".join('"%s"' % item for item in list(dead) + [name])))


def apart(declared, arbiter):
    """Why nobody goes on while garbd runs and none of those who are left sees it: a sentence."""
    address = {member["address"]: member["name"] for member in declared["members"]}
    return ("the arbitrator %s: garbd runs there (connected to %s), and none of those who are left sees it in their component, so for whom it "
            "votes is unknown. Repair the links between it and them (TCP 4567), or stop it there (systemctl stop garb), and run again; "
            "add_arbitrator puts it back" % (_called(declared), " and ".join(address.get(peer, peer) for peer in arbiter["peers"]) or "nobody"))


def not_back(declared, arbiter, voters):
    """Why the arbitrator is not there as one of the voters of a saved view, in words; "" where none is declared, or it is there."""
    if not declared["arbitrator"] or arbiter.get("running") and arbiter["own"] in voters:
        return ""
    if "unknown" in arbiter:
        return "the arbitrator %s, %s" % (_called(declared), arbiter["unknown"])
    return "the arbitrator %s, where garbd %s" % (_called(declared), "runs, but as another voter than it was in that view" if arbiter["running"]
                                                  else "does not run")


def in_the_way(declared, arbiter, voters):
    """Why members do not come back by themselves while garbd runs as another voter than those of their saved view: list of at most one sentence."""
    if not declared["arbitrator"] or not arbiter.get("running") or arbiter["own"] in voters:
        return []
    return ["the arbitrator %s: garbd runs there, and was not in the newest saved view, of whose members Galera makes none primary while somebody "
            "else waits with them; stop it there (systemctl stop garb). They then come back by themselves, and add_arbitrator puts it back"
            % _called(declared)]


def _called(declared):
    host = declared["arbitrator_host"]
    return "%s (%s)" % (host, declared["arbitrator"]) if host else declared["arbitrator"]
