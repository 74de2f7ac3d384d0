# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last guard before a bootstrap or a restart, on the member itself, in the moment before it happens.

A bootstrap on a fresh or rebuilt host succeeds while the cluster lives, with the same name and list, and nobody's log
shows an error. So the plan decides on evidence of every member, and this asks once more.
"""

from __future__ import annotations

from ._errors import ClusterError
from ._restored import wrong_membership

GROUP_PORT = "4567"


def refuse_bootstrap(platform, members, address, proven_outside):
    """Refuse a bootstrap that is not proven to be the only component.

    :param members: addresses of all declared members.
    :param address: this member's own.
    :param proven_outside: addresses that the plan proved to be in no primary component.
    :raises ClusterError: when evidence is missing, this member is in a primary component with others, or a peer
        listens for group communication, or does not answer.
    """
    remedy = "Run the playbook again: it observes every member anew"
    if address not in (members or []):
        raise ClusterError("bootstrap refused: this member's address %s is not among the declared members %s"
                           % (address, ", ".join(members or []) or "(none)"), remedy=remedy)
    others = [item for item in members if item != address]
    unproven = [item for item in others if item not in (proven_outside or [])]
    if unproven:
        raise ClusterError("bootstrap refused: not proven to be outside of a primary component: %s" % ", ".join(unproven),
                           remedy=remedy)
    status = platform.status()
    companions = [item for item in status["incoming_addresses"] if item not in ("", address)]
    if status["cluster_status"] == "Primary" and companions:
        raise ClusterError("bootstrap refused: this member is in a primary component with %s" % ", ".join(companions),
                           remedy=remedy)
    for peer, ports in sorted(platform.ports(others).items()):
        if ports[GROUP_PORT] == "open":
            raise ClusterError("bootstrap refused: %s listens on port %s, so Galera runs there" % (peer, GROUP_PORT),
                               remedy=remedy)
        if ports[GROUP_PORT] == "filtered":
            raise ClusterError("bootstrap refused: %s does not answer on port %s, so what runs there is unknown"
                               % (peer, GROUP_PORT), remedy="Let the members reach each other, then run the playbook again")


def refuse_restart(platform, expected, arbitrator="", arriving=()):
    """Refuse to restart a serving member while the cluster could not bear it.

    A member that leaves gracefully takes its own votes with it, so whoever remains keeps serving if it has any votes; but a
    cluster that lacks a member already would serve on fewer than it should, and lose its quorum with the next failure.

    :param expected: the addresses of the members that must be in the component now; empty asks for nothing.
    :raises ClusterError: when the component is not as expected, or nobody with a vote would remain.
    """
    status = platform.status()
    if not expected or not (status["ready"] and status["cluster_status"] == "Primary"):
        return
    wrong = wrong_membership(status, expected, arbitrator, arriving)
    if wrong:
        raise ClusterError("restart refused, the cluster is degraded: %s" % "; ".join(wrong),
                           remedy="Bring the others back first, then run the playbook again")
    votes = status["weight"] - platform.read("primary")["weight"]
    if votes <= 0:
        raise ClusterError("restart refused: %d of %d votes would remain, so nobody would serve"
                           % (max(votes, 0), status["weight"]), remedy="Run the playbook again: it plans anew")
