# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan to seed one member anew with a full state transfer. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR

from . import _came_back as returned
from . import _evidence as evidence
from . import _plan as planning
from ._actions import JOIN, NONE, REFUSE, decision, settle_steps
from ._preflight import preflight
from ._proof import prove
from ._quorum import ARBITRATOR, forecast, keeps_quorum, votes_now
from ._settings import donor_bytes


def make_reseed(declared, observations, name):
    """Decide.

    :param declared: of :func:`_declared.declare`.
    :param observations: dict of member name to observation.
    :param name: the member that is to be seeded anew.
    :returns: a plan as :func:`_plan.make_plan` makes one, and ``member`` (its name), ``compared`` (with whose tables its
        own are compared), ``aside`` (where the killed run that is gone on with has set its data directory aside, or ""), ``votes`` (of
        :func:`_quorum.forecast`).
    """
    observations = {member["name"]: observations.get(member["name"], {"unknown": "it was not observed"})
                    for member in declared["members"]}
    plan = {"refusals": [], "warnings": [], "manual": [], "order": [], "confirm": False, "said": {}, "member": name, "compared": [],
            "aside": "", "votes": {}, "members": {one: decision(REFUSE, "") for one in observations}, "proven_outside": []}
    plan["refusals"] = _named(declared, name) or _unfit(declared, observations, name)
    if plan["refusals"]:
        return plan
    plan["refusals"] = _has_gone_on(declared, observations, name)
    if plan["refusals"]:
        return plan
    # What it has recorded itself is of the data that go, as where it is named in senhasegura_overwrite_members.
    declared = dict(declared, overwrite=declared["overwrite"] + [name])
    behind, distrusted = evidence.left_behind(declared, observations), evidence.distrusted(declared, observations)
    state = evidence.classify(observations[name])
    observed = observations[name]["observed"]
    plan["aside"] = "" if name in behind else _set_aside_before(state, observed)
    made = plan["members"][name] = _decide(plan["aside"], state, observed, name in behind)
    made["outside"] = state != evidence.SERVING
    made["left_behind"] = behind.get(name, {"recorded_by": []})["recorded_by"]
    made["known_as"] = evidence.known_as(declared, observations, name)
    leaves = made["action"] == JOIN and not made["wait_first"]
    plan["refusals"] = _cannot_start(name, state, plan["aside"]) + _no_donor(declared, observations, name, behind, distrusted)
    plan["refusals"] += _component(declared, observations, name) if leaves else []
    if plan["refusals"]:
        return plan
    plan["members"].update({one: decision(NONE, "it serves") for one in observations if one != name})
    plan["refusals"] = preflight(declared, observations, plan["members"]) if leaves else []
    if plan["refusals"]:
        return plan
    _fill(declared, observations, plan, distrusted)
    return dict(plan, refusals=planning.nobody_to_name(plan))


def _fill(declared, observations, plan, distrusted):
    """What is done, of a plan that is not refused."""
    name = plan["member"]
    trusted = [one for one in observations if one != name and one not in distrusted]
    plan["compared"] = [one for one in trusted if one != declared["primary"]][:1] + [declared["primary"]]
    if plan["members"][name]["action"] == JOIN:
        plan["order"] = [name]
        _add_start(declared, observations, plan, distrusted)
    plan["members"][name]["settle"] = settle_steps(observations[name]["observed"])  # a killed run may have left it to the next one
    plan["votes"] = forecast(votes_now(declared, observations), name)
    plan["confirm"] = bool(plan["order"]) and not plan["aside"]
    plan["said"] = planning.said(plan, observations)


def _set_aside_before(state, observed):
    """Where a killed run has set the data directory aside, if all that the member can hold since is what it was given then: path or "".

    The record of that run ends when the member is proven to be restored. Who holds a history or data though it does not run
    may have been a member since, and nobody knows of what.
    """
    record = evidence.reseeding(observed)
    given = state in (evidence.SERVING, evidence.MOVING) or state == evidence.DOWN and (
        planning.is_half_received(observed) or not evidence.history(observed) and not observed["data"]["schemas"])
    return record["aside"] if record and record["work"] == evidence.RESEED and given else ""


def _decide(aside, state, observed, behind):
    if evidence.reseeding(observed).get("work") == evidence.COMPARISON and state == evidence.SERVING and not behind:
        return decision(NONE, "it was seeded anew, and only the comparison of its tables is missing")
    if not aside:
        return decision(JOIN, "it leaves the cluster, its data directory is set aside, and it receives all data anew",
                        backup=True, set_aside=True)
    if state in (evidence.SERVING, evidence.MOVING):
        return decision(JOIN, "its data directory was set aside by a run that was interrupted (%s): it is waited for" % aside,
                        wait_first=True)
    if planning.is_half_received(observed):
        return decision(JOIN, "its data directory was set aside by a run that was interrupted (%s): what it has received since is set aside, too, "
                              "and it is started" % aside, backup=True, set_aside=True)
    return decision(JOIN, "its data directory was set aside by a run that was interrupted (%s): it is started" % aside)


def _add_start(declared, observations, plan, distrusted):
    made, observed = plan["members"][plan["member"]], observations[plan["member"]]["observed"]
    addresses = [member["address"] for member in declared["members"]]
    own = next(member["address"] for member in declared["members"] if member["name"] == plan["member"])
    made["settings"] = {"members": {"members": addresses, "address": own}}
    made["expected"] = addresses
    if not made["wait_first"]:
        made.update(planning.donors(declared, [one for one in observations if one != plan["member"]], plan["member"], distrusted))
        made["transfer"] = {"bytes": donor_bytes(observations, plan["members"]), "method": observed["settings"]["mode"]["sst_method"],
                            "behind": None}


# -- refusals -------------------------------------------------------------------------------------------------------------


def _named(declared, name):
    names = [member["name"] for member in declared["members"]]
    if not name:
        return ["senhasegura_reseed names no member; say -e senhasegura_reseed=NAME, one of %s" % ", ".join(names)]
    if name not in names:
        return ["senhasegura_reseed names %s, which is no member; the members are %s" % (name, ", ".join(names))]
    if name == declared["primary"]:
        return ["%s: it is the primary, whose data all members get; make another member the primary first (assume_primary)" % name]
    return []


def _has_gone_on(declared, observations, name):
    """Whoever alone has recorded to go on without another one is not seeded before that one: the record would go with its data."""
    alone = {one: mine["seqno"] for one, mine in evidence.left_behind(declared, observations).items() if mine["recorded_by"] == [name]}
    return ["%s: it went on without %s at position %d, which nobody else has recorded, and that record would go with its data. First %s"
            % (name, one, seqno, _first(declared, name, one, evidence.classify(observations[one]) == evidence.SERVING))
            for one, seqno in alone.items()]


def _first(declared, name, one, serves):
    """What is done with the one that was left behind, before its recorder."""
    if not serves:
        return ("give %s all data anew (name it in senhasegura_overwrite_members, and run create_cluster), or take it out of the cluster "
                "(remove_member)" % one)
    return ("give %s all data anew: %srun reseed_member with senhasegura_reseed=%s. If the data of %s count all the same, as where %s is %s, name "
            "%s in senhasegura_overwrite_members"
            % (one, "make %s senhasegura_primary (assume_primary), then " % name if one == declared["primary"] else "", one, one, name,
               returned.OLDER_COPY, name))


def _component(declared, observations, name):
    """The others must be one proven primary component, with this member or without it, that keeps its quorum without it."""
    mine = observations[name]
    own = [member["address"] for member in declared["members"] if member["name"] == name]
    serves = evidence.classify(mine) == evidence.SERVING
    missing = prove(declared, observations, without=[name], inside=own if serves else [], arriving=[] if serves else own)
    if missing:
        return ["the others are not proven to be one primary component: %s" % sentence for sentence in missing]
    if not serves:
        return []
    status = mine["observed"]["status"]
    other = next(one["observed"]["status"] for key, one in observations.items() if key != name)
    if (status["state_uuid"], status["conf_id"]) != (other["state_uuid"], other["conf_id"]):
        return ["%s: it serves in a primary component of its own; do not restart anything, and decide which one counts" % name]
    return _quorum(observations, name)


def _quorum(observations, name):
    """More than half of the votes must remain, also when the member dies instead of leaving."""
    votes = _votes(observations)
    if keeps_quorum(votes, [name]):
        return []
    return ["%s: it has %d of %d votes, so the others would lose their quorum without it; run assume_primary, which puts the votes "
            "right" % (name, votes[name], sum(votes.values()))]


def _votes(observations):
    """Voter to votes, as written on the members, and the arbitrator where anybody sees it."""
    known = {one: seen["observed"] for one, seen in observations.items() if "observed" in seen}
    votes = {one: observed["settings"]["primary"]["weight"] for one, observed in known.items()}
    if any("" in observed["status"]["incoming_addresses"] for observed in known.values()):
        votes[ARBITRATOR] = WEIGHT_ARBITRATOR
    return votes


def _unfit(declared, observations, name):
    if observations[name].get("unknown"):
        return ["%s: %s" % (name, observations[name]["unknown"])]
    settings = observations[name]["observed"]["settings"]
    if settings["mode"]["mode"] == "cluster" and settings["members"]["members"] == [one["address"] for one in declared["members"]]:
        return []
    return ["%s: it is not set up as a member of %s; run create_cluster" % (name, declared["cluster_name"])]


def _cannot_start(name, state, aside):
    """A member that is just being started is left alone, unless a killed run has started it to be seeded anew."""
    if state == evidence.MOVING and not aside:
        return ["%s: its database is just being started or stopped; run again when that has ended" % name]
    return []


def _no_donor(declared, observations, name, behind, distrusted):
    """The primary's data are what it gets and is compared with, and nobody gives it others."""
    primary = declared["primary"]
    if primary in behind:
        return ["%s: it is the primary, whose data all members get, and yet %s went on without it at position %d; make another member "
                "senhasegura_primary, or, if the data of %s count, name %s in senhasegura_overwrite_members"
                % (primary, " and ".join(behind[primary]["recorded_by"]), behind[primary]["seqno"], primary,
                   " and ".join(behind[primary]["recorded_by"]))]
    others = [one for one in distrusted if one != name]
    if others and not observations[name]["observed"]["capabilities"]["donors"]:
        return ["%s: its platform chooses by itself who gives it all data, and %s, whose data are not proven, could be chosen; stop the "
                "databases of both, and let create_cluster seed them: name them in senhasegura_overwrite_members"
                % (name, " and ".join(others))]
    return []
