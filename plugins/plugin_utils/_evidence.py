# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the observations prove: which member is in a primary component, which is not, and what is unknown. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import UNDEFINED_SEQNO, ZERO_UUID

UNKNOWN = "unknown"          # unreachable, not observed, or its answer is no answer
SERVING = "serving"          # in a primary component
MOVING = "moving"            # the service is being started or stopped, or a state transfer is under way
SEPARATED = "separated"      # Galera runs, in no primary component
STANDALONE = "standalone"    # the database runs without Galera
DOWN = "down"                # the database is installed and does not run
ABSENT = "absent"            # no database is installed

OUTSIDE = (SEPARATED, STANDALONE, DOWN, ABSENT)
"""Proven to be in no primary component."""


def classify(observation):
    """Where a member stands.

    :param observation: dict with ``observed`` (of ``cluster_info``), or with ``unknown``: why there is none.
    :returns: one of the words above.
    """
    if observation.get("unknown"):
        return UNKNOWN
    observed = observation["observed"]
    status, service = observed["status"], observed["service"]
    if status["answers"] and status["wsrep_on"]:
        if status["cluster_status"] == "Primary":
            return SERVING
        return MOVING if service["changing"] else SEPARATED
    if status["answers"]:
        return MOVING if service["changing"] else STANDALONE
    if not service["installed"]:
        return ABSENT
    return DOWN if service["dead"] else MOVING


def split(declared, observations):
    """Whether the members that serve are one component, and the declared one.

    :param observations: dict of member name to observation, all known.
    :returns: list of problems in words; empty when nobody serves, or all who serve are in one component.
    """
    serving = {name: observations[name]["observed"]["status"] for name in observations
               if classify(observations[name]) == SERVING}
    names = {member["address"]: member["name"] for member in declared["members"]}
    problems = []
    for name, status in serving.items():
        problems += _foreign(name, status, observations[name]["observed"], declared, names)
        if status["local_state"] == SYNCED and status["ready"] and not status["current"]:
            problems.append("%s: a causal read did not succeed, so its view of the cluster may be out of date; run again "
                            "when its links are up" % name)
    if len({_component(status) for status in serving.values()}) > 1:
        problems.append("there is more than one primary component: %s. Their data differ from now on; decide which one "
                        "counts before anything else, and do not restart any of them"
                        % "; ".join("%s sees %s (configuration %s)" % (name, _names(status, names), status["conf_id"])
                                    for name, status in serving.items()))
    return problems


def _component(status):
    return status["state_uuid"], status["conf_id"], tuple(sorted(status["incoming_addresses"]))


def _names(status, names):
    return ", ".join(names.get(item, item or "an arbitrator") for item in status["incoming_addresses"])


def _foreign(name, status, observed, declared, names):
    problems = []
    running = observed["settings"]["mode"]["cluster_name"]
    strangers = [item for item in status["incoming_addresses"] if item and item not in names]
    if strangers:
        problems.append("%s: its database is in a cluster with %s, which is not declared; add it to the inventory, or take "
                        "%s out of that cluster first" % (name, ", ".join(strangers), name))
    chosen = "mode.cluster_name" in observed["capabilities"]["decides"]
    if running != declared["cluster_name"] and not chosen:
        problems.append("%s: its database belongs to the cluster %s, not to %s; set senhasegura_cluster_name if this is "
                        "the one meant" % (name, running, declared["cluster_name"]))
    if status["incoming_addresses"].count("") > (1 if declared["arbitrator"] else 0):
        problems.append("%s: an arbitrator that is not declared votes in its component; set senhasegura_arbitrator" % name)
    return problems


def history(observed):
    """The history that a member that does not serve holds on disk.

    :returns: its state UUID, or "" when it holds none.
    """
    uuid = observed["saved"]["uuid"]
    return "" if uuid == ZERO_UUID else uuid


def newest(candidates):
    """Who holds the newest history of one single UUID.

    :param candidates: dict of member name to its ``saved`` state, all of one UUID.
    :returns: tuple of the names that hold it (several when they are equal), and the problem, of which one is empty.
    """
    if len(candidates) == 1:
        return list(candidates), ""
    undefined = [name for name, saved in candidates.items() if saved["seqno"] == UNDEFINED_SEQNO]
    if undefined:
        return [], ("%s did not stop cleanly, so which of %s holds the newest data is unknown; start the members as they "
                    "are, and they restore the cluster by themselves where all saved their view"
                    % (" and ".join(undefined), ", ".join(candidates)))
    top = max(saved["seqno"] for saved in candidates.values())
    return [name for name, saved in candidates.items() if saved["seqno"] == top], ""
