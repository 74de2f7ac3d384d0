# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one-component proof across members: the only meaning of "restored". Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import ARBITRATOR_VOTES, missing_evidence

__all__ = ["ARBITRATOR_VOTES", "prove"]

_SAME = (("state_uuid", "state UUID"), ("conf_id", "configuration"))


def prove(declared, observations, arbitrator_vote="allowed", without=(), inside=(), arriving=()):
    """Whether all declared members are one component, by what every one of them says behind a causal read.

    :param declared: of :func:`_declared.declare`.
    :param observations: dict of member name to observation.
    :param arbitrator_vote: whether the arbitrator may, must, or must not vote: :data:`_restored.ARBITRATOR_VOTES`.
    :param without: names of members that are known to be out of the component, or of whom it is not asked.
    :param inside: addresses of those who are in it all the same.
    :param arriving: addresses of those who may be in it.
    :returns: list of what is missing in words; empty when it is proven.
    """
    members = [member for member in declared["members"] if member["name"] not in without]
    addresses = [member["address"] for member in declared["members"] if member in members or member["address"] in inside]
    missing, statuses = [], {}
    for member in members:
        observation = observations.get(member["name"], {"unknown": "it was not observed"})
        if observation.get("unknown"):
            missing.append("%s: %s" % (member["name"], observation["unknown"]))
            continue
        statuses[member["name"]] = observation["observed"]["status"]
        missing += ["%s: %s" % (member["name"], sentence) for sentence in
                    missing_evidence(statuses[member["name"]], addresses, declared["arbitrator"], arriving,
                                     arbitrator_vote=arbitrator_vote)]
    for key, words in _SAME:
        values = {name: status[key] for name, status in statuses.items() if status["answers"]}
        if len(set(values.values())) > 1:
            missing.append("the members do not share one %s: %s"
                           % (words, ", ".join("%s has %s" % item for item in values.items())))
    return missing + _roles(declared, {name: one for name, one in observations.items() if name not in without})


def not_as_written(observations):
    """Members that run timers otherwise than they are written, when everything is done: list of sentences.

    :param observations: as :func:`prove` takes them.
    """
    return ["%s: it runs timers otherwise than they are written (latency profile); run create_cluster again" % name
            for name, observation in observations.items()
            if not observation.get("observed", {}).get("settings", {}).get("network", {}).get("intact", True)]


def _roles(declared, observations):
    """Every member must know the one primary, and the order must be the same everywhere."""
    missing = []
    address = {member["name"]: member["address"] for member in declared["members"]}
    for name, observation in observations.items():
        settings = observation.get("observed", {}).get("settings")
        if not settings:
            continue
        if settings["primary"]["primary"] != address[declared["primary"]]:
            missing.append("%s: it takes %s for the primary, not %s"
                           % (name, settings["primary"]["primary"] or "nobody", declared["primary"]))
        if settings["members"]["members"] != list(address.values()):
            missing.append("%s: its list of members is %s, not %s"
                           % (name, ", ".join(settings["members"]["members"]), ", ".join(address.values())))
        missing += ["%s: %s" % (name, reason) for reason in observation["observed"]["restart_reasons"]]
    return missing
