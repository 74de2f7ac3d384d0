# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the firewall of ``prepare_members`` would shut out though it is at work in the cluster: its rules let in exactly who is declared,
and drop also what comes over a connection that is there. Pure.
"""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import UNSPECIFIED

from . import _evidence as evidence
from ._elsewhere import addresses_in
from ._preflight import own_addresses


def shut_out(declared, observations, links):
    """Why the rules must not be set: list of sentences, the same for every host, since they have the same rules.

    :param declared: of :func:`_declared.declare`.
    :param observations: dict of member name to observation; of the unknown ones, and of those whose settings and status were not read,
        nothing is asked.
    :param links: dict of member name to the lines of ``ss``: who is connected to its port 4567.
    """
    hosts = {name: one["observed"] for name, one in observations.items() if "host" in one.get("observed", {})}
    seen = {name: observations[name] for name, observed in hosts.items() if "settings" in observed and "status" in observed}
    problems = own_addresses(declared, hosts) + evidence.vanished(declared, seen)
    for name, observation in seen.items():
        problems += _in_view(name, observation["observed"]["status"], declared)
    for name, observation in seen.items():
        problems += _linked(name, observation["observed"], links.get(name, []), declared)
    return problems


def _let_in(declared):
    return [member["address"] for member in declared["members"]] + [declared["arbitrator"]]


def _in_view(name, status, declared):
    problems = []
    strangers = [item for item in status["incoming_addresses"] if item not in ("", UNSPECIFIED) and item not in _let_in(declared)]
    if strangers:
        problems.append("%s: its database is in a cluster with %s, which is not declared; put it into the inventory (a member that shall go is "
                        "then removed by remove_member)" % (name, ", ".join(strangers)))
    if "" in status["incoming_addresses"] and not declared["arbitrator"]:
        problems.append("%s: an arbitrator that is not declared votes in its component; set senhasegura_arbitrator" % name)
    return problems


def _linked(name, observed, lines, declared):
    """An arbitrator has no address in a view, but a connection; whose address is in it was told of."""
    known = observed["host"]["addresses"] + observed["status"]["incoming_addresses"] + _let_in(declared)
    peers = [item for item in addresses_in(line.split()[3].rpartition(":")[0] for line in lines) if item not in known]
    return ["%s: %s is connected to its port 4567, and is not declared; where it is the arbitrator, or a member's other address, correct "
            "senhasegura_arbitrator or senhasegura_address" % (name, ", ".join(peers))] if peers else []
