# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arbitrator (garbd): how it is configured, and whether it may come or go now. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings

from . import _came_back as returned
from ._proof import prove

NONE, START, WRITE, RESTART, STOP = "none", "start", "write", "restart", "stop"
STATES = ("present", "absent")

MEANS = {NONE: "nothing to do", START: "start garbd, which votes from then on", WRITE: "change files, no restart",
         RESTART: "restart garbd, whose votes are away for seconds", STOP: "stop garbd, and keep it from starting"}

WORK_DIRECTORY = "/var/lib/senhasegura-arbitrator"
"""Where garbd keeps the view that it was last in: with it the whole cluster restores itself when everybody was killed."""

_LEAVING = (RESTART, STOP)


def segment_of(value):
    """The segment of its host, and the problem with what is declared (or "")."""
    try:
        return _values.segment(value), ""
    except ValueRefused as error:
        return 0, error.message


def garbd(declared, segment):
    """What garbd is told, and the command line that it then shows.

    :param segment: the segment of its host, 0 to 9.
    :returns: dict of ``nodes``, ``group``, ``options``, ``directory`` and ``command``.
    """
    network = {"different_datacenters": declared["different_datacenters"], "segment": segment}
    if declared["latency"]:
        network["latency"] = declared["latency"]
    # It sends no transactions, so the send windows of the profile mean nothing to it; the timers must be everybody's.
    options = dict(_values.latency_profile(wanted_settings("network", network)["latency"]).start)
    if segment:
        options["gmcast.segment"] = str(segment)
    if ":" in declared["arbitrator"]:
        options["gmcast.listen_addr"] = "tcp://[::]:4567"
    options["pc.weight"] = str(weight(declared))
    told = {"nodes": ",".join(_values.bracketed(member["address"]) for member in declared["members"]),
            "group": declared["cluster_name"], "directory": WORK_DIRECTORY,
            "options": ";".join("%s=%s" % item for item in sorted(options.items()))}
    return dict(told, command="/usr/bin/garbd -a gcomm://%(nodes)s -g %(group)s -o %(options)s -w %(directory)s" % told)


def weight(declared):
    """The votes of the arbitrator: as many as keep the sum odd, so that no split is even.

    Beside two members with 2 + 1 votes it needs 2: of 2 + 1 + 1 the primary would take half of the votes with it, and whoever
    remains has to have more than half.
    """
    members = declared["members"]
    primary = next(member["address"] for member in members if member["name"] == declared["primary"])
    return 2 if sum(_values.weight_of(member["address"], primary, len(members)) for member in members) % 2 else 1


def stopping_losses(votes):
    """Those whose abrupt loss leaves the others without quorum: list of names.

    :param votes: dict of name to votes. The others need more than half of all votes (Galera: weighted quorum).
    """
    total = sum(votes.values())
    return [name for name, count in votes.items() if 2 * (total - count) <= total]


def votes_of(declared, observations):
    """The votes of every member as it is written and runs: dict of name to votes."""
    return {member["name"]: observations[member["name"]]["observed"]["settings"]["primary"]["weight"]
            for member in declared["members"]}


def plan_arbitrator(declared, observations, host, state):
    """Decide.

    :param declared: of :func:`_declared.declare`.
    :param observations: dict of member name to observation.
    :param host: the arbitrator's host: dict of ``name``, ``segment``, ``observed`` (of ``cluster_info``: host, settings),
        ``running`` (garbd's command line, or ""), ``enabled`` and ``written`` (its files are as they should be).
    :param state: one of :data:`STATES`.
    :returns: dict of ``action``, ``reason``, ``refusals``, ``confirm``, ``forecast`` (sentences).
    """
    told = garbd(declared, host["segment"])
    action, reason = _action(host, told, state)
    refusals = _not_for_it(declared, host) or _unfit_cluster(declared, observations, host, action)
    forecast = [] if refusals else _forecast(declared, observations, state) + [
        "Note: %s has come back by itself after the others went on without it, so its data are not proven. Run create_cluster, which says what to "
        "do." % name for name in returned.came_back(declared, observations)]
    return {"action": action, "reason": reason, "refusals": refusals, "confirm": action in _LEAVING,
            "forecast": forecast}


def strange(approved, plan):
    """What is new in a plan since it was shown; that it has become needless needs no new Yes.

    :param approved: the plan that was shown, of :func:`plan_arbitrator`.
    :returns: list of sentences.
    """
    if plan["action"] == NONE:
        return []
    if plan["action"] != approved["action"]:
        return ["%s (%s); shown was: %s" % (MEANS[plan["action"]], plan["reason"], MEANS[approved["action"]])]
    return [line for line in plan["forecast"] if line not in approved["forecast"]]


def _action(host, told, state):
    running = host["running"]
    if state == "absent":
        if running:
            return STOP, "garbd runs there"
        return (STOP, "garbd would run after a restart of the host") if host["enabled"] else (NONE, "garbd does not run there")
    if not running:
        return START, "garbd does not run there"
    if running != told["command"]:
        return RESTART, "garbd runs as %r, wanted %r" % (running, told["command"])
    if not (host["enabled"] and host["written"]):
        return WRITE, "garbd would not run, or run otherwise, after a restart of the host"
    return NONE, "garbd runs there as declared"


def _not_for_it(declared, host):
    """Why a host cannot be the arbitrator: list of sentences."""
    name, own = host["name"], host["observed"]["host"]["addresses"]
    problems = ["%s has the address %s of the member %s: the arbitrator must be another host than the members"
                % (name, member["address"], member["name"]) for member in declared["members"] if member["address"] in own]
    if problems:
        return problems
    if declared["arbitrator"] not in own:
        problems.append("the arbitrator is declared as %s, but %s has %s: correct senhasegura_arbitrator or ansible_host"
                        % (declared["arbitrator"], name, ", ".join(own)))
    mode = host["observed"]["settings"]["mode"]
    if mode["mode"] == "cluster":
        problems.append("%s is a member of the cluster %s by its MariaDB's settings (wsrep_on): take another host, or turn it to "
                        "standalone first" % (name, mode["cluster_name"] or "(no name)"))
    return problems


def _unfit_cluster(declared, observations, host, action):
    """Why the arbitrator may not come or go while the cluster is as it is: list of sentences."""
    problems = prove(declared, observations)
    if problems:
        return ["the cluster is degraded, bring the members back first: %s" % problem for problem in problems]
    first = declared["members"][0]["name"]
    seen = {name: one["observed"] for name, one in observations.items()}
    for name, observed in seen.items():
        if not observed["capabilities"]["garbd"]:
            problems.append("%s is of the platform %s, whose arbitrator is not garbd on a host of its own: use the appliance's "
                            "own command" % (name, observed["platform"]))
        if observed["settings"]["mode"]["cluster_name"] != declared["cluster_name"]:
            problems.append("%s is in the cluster %s, declared is %s: correct senhasegura_cluster_name"
                            % (name, observed["settings"]["mode"]["cluster_name"], declared["cluster_name"]))
    if not host["running"] and "" in seen[first]["status"]["incoming_addresses"]:
        problems.append("%s sees an arbitrator already, but garbd does not run on %s: there may be only one, so stop the other; if "
                        "it was %s that has just stopped, run again in a minute" % (first, host["name"], host["name"]))
    return problems + (quorum_without(declared, observations) if action in _LEAVING else [])


def quorum_without(declared, observations):
    """The members must have more than half of all votes, even if garbd should die instead of leaving: list of sentences."""
    mine = sum(votes_of(declared, observations).values())
    total = observations[declared["members"][0]["name"]]["observed"]["status"]["weight"]
    if 2 * mine > total:
        return []
    return ["without the arbitrator %d of %d votes would remain, so the members could stop serving: give the members their votes "
            "first (create_cluster)" % (mine, total)]


def _forecast(declared, observations, state):
    """What the cluster bears afterwards: list of sentences."""
    votes = votes_of(declared, observations)
    if state == "present":
        votes["the arbitrator"] = weight(declared)
    lines = ["Votes afterwards: %s." % ", ".join("%s %d" % item for item in votes.items())]
    stopping = stopping_losses(votes)
    if stopping:
        return lines + ["If %s fails abruptly, the others stop serving; all serve on while nobody fails." % " or ".join(stopping)]
    return lines + ["Any one of them may fail, and the others serve on."]
