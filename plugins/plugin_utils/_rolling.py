# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rolling restart or update of a healthy cluster: who, in which order, why, and what each absence does to the
quorum. A pure function, beside :mod:`_plan`, which decides how a cluster comes to be.
"""

from __future__ import annotations

import datetime

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR

from . import _came_back as returned
from . import _evidence as evidence
from . import _arbitrator as arbitrator
from ._actions import NONE, REFUSE, RESTART, decision, settle_steps
from ._preflight import wrong_hosts
from ._proof import prove
from ._quorum import ARBITRATOR, away_in_words, forecast
from ._words import ONE_AT_A_TIME, downtime, table

UPDATE = "update"
"""Packages are updated, and the member restarts where its database is among them."""

WORK = "restart_cluster"
"""What the run lock calls a rolling restart, so that an interrupted one is finished and not begun anew."""

_SAME_EVERYWHERE = ("galera-4", "mariadb-server")
"""The packages of which a cluster should run one version."""

_OUTSIDE_IN_WORDS = {
    evidence.SEPARATED: "Galera runs there, but not in the primary component that serves; repair the link between the "
                        "members",
    evidence.MOVING: "its database is just being started or stopped, and it is not as a member of this cluster; run again when that "
                     "has ended",
    evidence.STANDALONE: "its database runs standalone; create_cluster lets it join",
    evidence.DOWN: "its database is stopped; create_cluster starts it and waits until it is restored",
    evidence.ABSENT: "no database is installed there; create_cluster lets it join",
}


# -- may it begin ---------------------------------------------------------------------------------------------------------


def readiness(declared, observations):
    """Whether the cluster is whole, so that a member may leave it for a moment.

    :param declared: of :func:`_declared.declare`, without problems.
    :param observations: dict of every member's name to its observation.
    :returns: tuple of the names of members that are just being restored by themselves (they are waited for), and the problems
        in words. With neither the members are proven to be one component.
    """
    states = {name: evidence.classify(observation) for name, observation in observations.items()}
    unknown = ["%s: %s; whether it serves is unknown. Every declared member must be observed before one of them restarts"
               % (name, observations[name]["unknown"]) for name, state in states.items() if state == evidence.UNKNOWN]
    if unknown:
        return [], unknown
    if evidence.SERVING not in states.values():
        return [], ["no member is in a primary component, so there is nothing to keep serving; recover_cluster brings it back where it "
                    "does not come back by itself"]
    serving = next(observations[name]["observed"]["status"] for name in states if states[name] == evidence.SERVING)
    returning = [name for name in states if _is_returning(declared, states[name], observations[name]["observed"], serving)]
    # The view of a member on its way is not the others' yet; behind the waiting, everybody's is proven.
    problems = wrong_hosts(declared, observations)
    problems += evidence.split(declared, {name: observations[name] for name in states if name not in returning})
    problems += ["%s: the cluster is degraded: %s" % (name, _OUTSIDE_IN_WORDS[state]) for name, state in states.items()
                 if name not in returning and state != evidence.SERVING]
    if not problems and not returning:
        problems = prove(declared, _without_restart_reasons(observations))
    return returning, problems


def _is_returning(declared, state, observed, serving):
    """A member that catches up, whose packages an interrupted run is still updating, or that was started a moment ago with the cluster's own
    history, or with none as a member of this cluster: a member that is just receiving all data holds no history until it has them. It is
    only waited for.
    """
    if state == evidence.SERVING:
        return observed["status"]["local_state"] != SYNCED or not observed["status"]["ready"] or observed["service"]["changing"]
    return state == evidence.MOVING and (evidence.history(observed) == serving["state_uuid"] or observed["saved"]["transfer_aborted"]
                                         or evidence.written_for(declared, observed) and not evidence.history(observed))


def _without_restart_reasons(observations):
    """That a member runs something else than is written is a reason to restart it, not to refuse that."""
    return {name: dict(observation, observed=dict(observation["observed"], restart_reasons=[]))
            for name, observation in observations.items()}


# -- the plans ------------------------------------------------------------------------------------------------------------


def restart_plan(declared, observations, chosen=()):
    """A restart of every member, or of those chosen, one at a time and the primary last. Who was restarted by a run that did not end is
    done: one that ended has given its lock back, and leaves nothing that could be taken for it.

    :param chosen: names; none of them means all.
    :returns: as :func:`_plan_of`, with ``works``: the names of those that it is about, done or not.
    """
    observations = _complete(declared, observations)
    names = [member["name"] for member in declared["members"]]
    problems = ["senhasegura_restart_members names %s, which is no member" % name for name in chosen if name not in names]
    made = {}
    for name in names:
        if chosen and name not in chosen:
            made[name] = decision(NONE, "senhasegura_restart_members does not name it")
            continue
        made[name] = _decide_restart(observations[name].get("observed", {}))
    order = sorted([name for name in names if made[name]["action"] == RESTART], key=lambda name: name == declared["primary"])
    works = [name for name in names if not chosen or name in chosen]
    done = [name for name in works if made[name]["action"] == NONE]
    once_more = ["%s: not restarted again, as a run that did not end has done it. Where that must be (something was changed since), run "
                 "restart_cluster once more behind this run" % ", ".join(done)] if done and order else []
    return dict(_plan_of(declared, observations, made, order, problems, once_more), resumes=bool(done), works=works)


def _decide_restart(observed):
    reasons, begun = observed.get("restart_reasons", []), observed.get("interrupted") or {}
    started = observed.get("service", {})
    if reasons or begun.get("work") != WORK or started.get("started_monotonic", 0.0) < begun["began"]:
        return decision(RESTART, "; ".join(["asked for"] + reasons))
    moment = datetime.datetime.fromtimestamp(started["started"], datetime.timezone.utc)
    return decision(NONE, "restarted at %s by a run that did not end" % moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def update_plan(declared, observations, updates, arbitrator_host=""):
    """An update of every member that has newer packages to get, one at a time and the primary first, as the vendor documents: the
    arbitrator out before, and in again behind it.

    :param updates: dict of member name to what ``cluster_packages`` read (``packages``, ``replaced``, ``unfinished``), or
        None.
    :param arbitrator_host: the inventory name of the arbitrator's host, or "".
    :returns: as :func:`_plan_of`, with ``aside``: the arbitrator's host where it is taken out meanwhile; a decision to update has
        ``install``: package to version.
    """
    observations = _complete(declared, observations)
    names = [member["name"] for member in declared["members"]]
    unread = [] if any(observations[name].get("unknown") for name in names) else [
        _unread(name, observations[name]["observed"]) for name in names if not updates.get(name)]
    if unread:
        return _plan_of(declared, observations, {name: decision(NONE, "") for name in names}, [], unread, [])
    updates = {name: updates.get(name) or {"packages": {}, "replaced": [], "unfinished": []} for name in names}
    problems = [_unfinished(name, updates[name]["unfinished"]) for name in names
                if updates[name]["unfinished"] and not observations[name]["observed"]["service"]["changing"]]
    made = {name: _decide_update(updates[name]) for name in names}
    order = sorted([name for name in names if made[name]["action"] != NONE], key=lambda name: name != declared["primary"])
    return _without_arbitrator(declared, observations, arbitrator_host,
                               _plan_of(declared, observations, made, order, problems, _skew(updates) + _held(updates)))


def _without_arbitrator(declared, observations, host, plan):
    """The plan, with the arbitrator taken out while members are updated."""
    if not plan["order"] or not declared["arbitrator"]:
        return plan
    if ARBITRATOR not in votes_of(declared, observations):
        return dict(plan, warnings=plan["warnings"] + [
            "the arbitrator %s does not vote now; it is put back at the end where it was not taken out by remove_arbitrator"
            % declared["arbitrator"]])
    if not host:
        return dict(plan, warnings=plan["warnings"] + [
            "the arbitrator %s votes, and its host is not in the inventory group senhasegura_arbitrator, so it stays in while members "
            "are updated; the vendor takes it out before and puts it back after" % declared["arbitrator"]])
    problems = arbitrator.quorum_without(declared, observations)
    if problems:
        return dict(plan, refusals=problems, order=[])
    voters = {name: votes for name, votes in votes_of(declared, observations).items() if name != ARBITRATOR}
    for name in plan["order"]:
        plan["members"][name]["votes"] = forecast(voters, name)
    return dict(plan, aside=host, steps=["%s aside" % host] + plan["steps"])


def _unread(name, observed):
    if not observed["capabilities"]["packages"]:
        return ("%s: its packages are the appliance's own, and no command that the collection may use updates them; follow the "
                "vendor's update guide, the primary first" % name)
    return "%s: which of its packages could be updated was not read; run the playbook again" % name


def _unfinished(name, packages):
    """What a run that was killed has begun there, dpkg ends by itself, and that is waited for; a host that died it leaves so, with the new
    version for installed and the old one running.
    """
    return ("%s: dpkg has begun with %s there and has not ended. If it is not working on that just now, repair it there (dpkg --configure -a, "
            "then apt-get -f install); then run the playbook again" % (name, ", ".join(packages)))


def _decide_update(mine):
    """What a member needs: newer packages; or only a restart, where an interrupted run has installed them already."""
    found = {package: one for package, one in mine["packages"].items() if one["newer"] and not one["held"]}
    if found:
        words = ["%s from %s to %s" % (package, found[package]["installed"], found[package]["candidate"])
                 for package in sorted(found)]
        return decision(UPDATE, "; ".join(words), install={package: one["candidate"] for package, one in found.items()})
    if mine["replaced"]:
        return decision(RESTART, "its database still runs what an update has replaced: %s" % ", ".join(mine["replaced"]))
    return decision(NONE, "nothing is newer than what it has")


def _skew(updates):
    """Packages of which the members have, or will have, different versions: list of sentences."""
    found = []
    for package in _SAME_EVERYWHERE:
        now = _versions(updates, package, lambda one: one["installed"])
        then = _versions(updates, package, lambda one: one["candidate"] if one["newer"] and not one["held"] else one["installed"])
        if len(then) > 1:
            found.append("the members will have different versions of %s (%s): give them the same package source before you "
                         "say Yes" % (package, _version_words(then)))
        elif len(now) > 1:
            found.append("the members have different versions of %s (%s) until all are updated" % (package, _version_words(now)))
    return found


def _versions(updates, package, version):
    """Version to the names of the members that have it, by a function of what was read of the package."""
    found = {}
    for name, mine in updates.items():
        if package in mine["packages"]:
            found.setdefault(version(mine["packages"][package]), []).append(name)
    return found


def _version_words(versions):
    return "; ".join("%s: %s" % (version, ", ".join(names)) for version, names in sorted(versions.items()))


def _held(updates):
    return ["%s: %s is held (apt-mark) at %s and stays there; %s is newer"
            % (name, package, one["installed"], one["candidate"])
            for name, mine in updates.items() for package, one in sorted(mine["packages"].items())
            if one["held"] and one["newer"]]


def _complete(declared, observations):
    return {member["name"]: observations.get(member["name"], {"unknown": "it was not observed"})
            for member in declared["members"]}


def _plan_of(declared, observations, made, order, problems, warnings):
    """The plan in plain values.

    :returns: dict of ``refusals`` and ``warnings`` (sentences), ``members`` (name to decision, with ``votes`` of :func:`forecast`
        where it leaves, and ``settle``, the steps that take back what counts only while it joins), ``order``, ``returning`` (who is
        waited for first), ``confirm``, ``steps`` (what a Yes is said to: compared by :func:`strange_steps`), ``aside``
        (the arbitrator's host where it is taken out meanwhile, or ""), ``resumes`` (whether it finishes an interrupted run).
    """
    returning, found = readiness(declared, observations)
    refusals = list(problems) + found
    plan = {"refusals": refusals, "warnings": list(warnings), "members": made, "order": [], "returning": [], "confirm": False,
            "steps": [], "aside": "", "resumes": False}
    if refusals:
        return dict(plan, members={name: dict(one, action=REFUSE) for name, one in made.items()})
    plan["warnings"] += list(returned.came_back(declared, observations).values()) + returned.dismissed(declared, observations)
    voters = votes_of(declared, observations)
    for name, one in made.items():
        one["settle"] = settle_steps(observations[name]["observed"])
    for name in order:
        made[name]["expected"] = [member["address"] for member in declared["members"]]
        made[name]["votes"] = forecast(voters, name)
        refusals += _left_alone(name, made[name]["votes"])
    if refusals:
        return plan
    return dict(plan, order=order, returning=returning, confirm=bool(order),
                steps=[" ".join([name, made[name]["action"]] + _wanted(made[name])) for name in order])


def _wanted(made):
    return ["%s=%s" % item for item in sorted(made.get("install", {}).items())]


def strange_steps(approved, plan):
    """What a new plan does that nobody said Yes to; that a step has become needless needs no new Yes."""
    return [step for step in plan["steps"] if step not in approved]


# -- quorum ---------------------------------------------------------------------------------------------------------------


def votes_of(declared, observations):
    """Voter to votes, as written on the members, and the arbitrator where one is in the component."""
    voters = {name: observation["observed"]["settings"]["primary"]["weight"] for name, observation in observations.items()}
    if any("" in observation["observed"]["status"]["incoming_addresses"] for observation in observations.values()):
        voters[ARBITRATOR] = WEIGHT_ARBITRATOR
    return voters


def _left_alone(name, votes):
    if votes["away"] > 0:
        return []
    return ["%s must restart, but no other member would hold the data and a vote meanwhile, and nobody could let it in again; "
            "add a member first" % name]


# -- in words -------------------------------------------------------------------------------------------------------------


_NOTHING = {False: "Nothing to do: no member needs a restart or an update.",
            True: "Nothing more to do: a run that did not end has restarted every member; run again to restart them once more."}


def rolling_lines(declared, plan):
    """The plan as a person reads it: who waits for whom, who leaves when and why, and what that does to the quorum."""
    notes = ["Note: %s." % warning for warning in plan["warnings"]]
    lines = ["First: wait until %s is restored, which is under way already." % name for name in plan["returning"]]
    if not plan["order"]:
        return lines + [_NOTHING[plan["resumes"]]] + notes
    rows = [[position, name, _what(declared, plan["members"][name], name), plan["members"][name]["reason"],
             away_in_words(plan["members"][name]["votes"])] for position, name in enumerate(plan["order"], 1)]
    rows += [["-", member["name"], "nothing to do", plan["members"][member["name"]]["reason"], "-"]
             for member in declared["members"] if member["name"] not in plan["order"]]
    if plan["aside"]:
        lines.append("First: the arbitrator (%s) is taken out, and its own packages are updated. Last: it is put back." % plan["aside"])
    lines += table(["", "member", "what", "why", "votes while it is away"], rows)
    return lines + [downtime(*ONE_AT_A_TIME)] + notes


def _what(declared, made, name):
    words = {RESTART: "restart", UPDATE: "update, and restart if its database runs any of it"}[made["action"]]
    return words + (" (the primary)" if name == declared["primary"] else "")
