# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan after a full outage: exactly one member, the one with the newest position of one history, is bootstrapped, and the
others join it. Who that is, :func:`_plan.decide` decides as it does for a new cluster; here are the rules around it. Pure.
"""

from __future__ import annotations

import json

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import (
    UNDEFINED_SEQNO, WEIGHT_ARBITRATOR, WEIGHT_PRIMARY, ZERO_UUID, weight_of)

from . import _elsewhere as elsewhere
from . import _evidence as evidence
from . import _plan as planning
from ._actions import BOOTSTRAP, JOIN, NONE, REFUSE, RESTARTING, decision, settle_steps
from ._preflight import preflight
from ._quorum import ARBITRATOR

_VARIABLE = "senhasegura_lost_members"

_LOST = "name it in senhasegura_lost_members to recover without it"


def make_recovery(declared, observations, positions, told, arbiter, approved_order=()):
    """Decide.

    :param declared: of :func:`_declared.declare`; ``lost`` are the members that a person declared lost.
    :param observations: dict of member name to observation.
    :param positions: dict of member name to what InnoDB recovered (``uuid``, ``seqno``, ``gtid``, ``problem``).
    :param told: whether InnoDB was asked; if not, who is bootstrapped is not decided where that depends on it.
    :param arbiter: what the arbitrator's host says, of :func:`_elsewhere.told`.
    :param approved_order: as :func:`_plan.make_plan` takes it.
    :returns: a plan as :func:`_plan.make_plan` makes one, and ``ask`` (whose InnoDB must tell), ``wait_for`` (members whose
        bootstrap a killed run has begun and that is still under way), ``chosen`` (who is bootstrapped), ``left_out`` (names),
        ``lost`` (their addresses, in that order), ``position`` (dict ``uuid``, ``seqno`` at which the others go on without the lost ones; empty where nobody
        is lost or nobody bootstrapped), ``rows`` (of the decision table), ``nothing`` (why there is nothing to recover, or ""), ``votes``
        (voter to votes when all are in), ``lost_arbitrator`` (how it is called, if only a person answers for its being dead: list of at most
        one). Asking InnoDB needs a Yes of its own (``confirm``), since that writes.
    """
    observations = {member["name"]: observations.get(member["name"], {"unknown": "it was not observed"})
                    for member in declared["members"]}
    remaining = _without_lost(declared)
    seen = _with_positions({member["name"]: observations[member["name"]] for member in remaining["members"]}, positions)
    plan = {"refusals": [], "warnings": [], "manual": [], "order": [], "confirm": False, "said": {}, "nothing": "", "chosen": "",
            "members": {}, "ask": _to_ask(seen), "wait_for": [], "position": {}, "votes": {},
            "left_out": [member["name"] for member in declared["members"] if member["name"] in declared["lost"]],
            "lost_arbitrator": _answered_for(declared, observations, arbiter),
            "lost": [member["address"] for member in declared["members"] if member["name"] in declared["lost"]],
            "proven_outside": [member["address"] for member in remaining["members"]
                               if evidence.classify(seen[member["name"]]) in evidence.OUTSIDE]}
    _fill(plan, declared, remaining, observations, seen, told, arbiter, approved_order)
    for name in declared["lost"]:
        plan["members"][name] = decision(NONE, _waiver(observations[name], plan, seen))
    plan["rows"] = [_row(member["name"], observations[member["name"]], positions, plan) for member in declared["members"]]
    return plan


def _fill(plan, declared, remaining, observations, seen, told, arbiter, approved_order):
    """Refusals, or what happens with every member."""
    plan["members"] = {name: decision(REFUSE, "") for name in seen}
    plan["votes"] = _votes(remaining, seen, plan["lost_arbitrator"])
    plan["refusals"] = _unknown(remaining, seen) + _not_lost(declared, observations, seen) + elsewhere.living(
        declared, arbiter, declared["lost"], _VARIABLE)
    if plan["refusals"]:
        return
    states = {name: evidence.classify(one) for name, one in seen.items()}
    plan["wait_for"] = [name for name, state in states.items() if state == evidence.MOVING and _begun(seen[name]).get("chosen") == name]
    if plan["wait_for"] and not told:
        plan["members"] = {name: decision(NONE, "its interrupted bootstrap is waited for first") for name in seen}
        return
    if evidence.SERVING in states.values():
        plan["refusals"] = evidence.split(declared, seen) or _no_outage(states, seen)
        plan["nothing"] = _nothing(states, seen, declared["lost"])
    elif set(states.values()) <= {evidence.MOVING, evidence.SEPARATED}:
        _fill_returning(plan, declared, remaining, seen, states, arbiter)
        return
    else:
        plan["refusals"] = _half_started(remaining, states, seen) or _unfit(remaining, seen, states) or _arbitrator_unasked(
            declared, observations, arbiter) or (told and _without_position(seen)) or []
    if plan["refusals"]:
        return
    if plan["nothing"]:
        plan["members"] = {name: decision(NONE, "it serves") for name in seen}
    elif plan["ask"] and not told:
        plan["confirm"] = True
        plan["members"] = {name: decision(NONE, "decided when InnoDB has told the positions") for name in seen}
    else:
        _fill_outage(plan, remaining, seen, approved_order)


def _without_lost(declared):
    members = [member for member in declared["members"] if member["name"] not in declared["lost"]]
    names = [member["name"] for member in members]
    primary = declared["primary"] if declared["primary"] in names else (names or [""])[0]
    return dict(declared, members=members, primary=primary,
                removed=[member["address"] for member in declared["members"] if member["name"] in declared["lost"]])


# -- what the members hold ------------------------------------------------------------------------------------------------


def _to_ask(seen):
    """Members that are down, hold a history, and did not stop cleanly: only InnoDB knows how far they are."""
    return [name for name, one in seen.items() if evidence.classify(one) == evidence.DOWN and evidence.history(one["observed"])
            and evidence.crashed(one["observed"]["saved"]) and not one["observed"]["saved"]["transfer_aborted"]]


def _with_positions(observations, positions):
    """The observations as the rules read them: what InnoDB told stands where grastate.dat has no position that counts.

    A member in the middle of a state transfer, of which no position is known, holds nothing that counts; InnoDB is not asked of it.
    """
    found = json.loads(json.dumps(observations))  # plain data, and the rules change none of their input
    for name, one in found.items():
        if one.get("unknown") or evidence.classify(one) != evidence.DOWN or not evidence.crashed(one["observed"]["saved"]):
            continue
        saved, told = one["observed"]["saved"], positions.get(name)
        if saved["transfer_aborted"]:
            saved.update(uuid=ZERO_UUID if saved["seqno"] == UNDEFINED_SEQNO else saved["uuid"], told=True)
            continue
        saved["seqno"] = UNDEFINED_SEQNO
        if told and not told["problem"] and told["uuid"] == saved["uuid"] and told["seqno"] != UNDEFINED_SEQNO:
            saved.update(seqno=told["seqno"], told=True)
        elif told:
            saved["position_problem"] = told["problem"] or "InnoDB holds %s:%d, but grastate.dat tells of %s" % (
                told["uuid"], told["seqno"], saved["uuid"])
    return found


def _begun(observation):
    """What a killed recovery recorded on a member: empty, or dict with ``chosen``."""
    return observation["observed"]["saved"].get("unfinished") or {}


# -- refusals -------------------------------------------------------------------------------------------------------------


def _unknown(remaining, seen):
    problems = [] if seen else ["every member is named in senhasegura_lost_members; at least one must remain"]
    return problems + ["%s: %s; what it holds, and whether it serves, is unknown, so no database is started. Bring it up, or %s"
                       % (name, one["unknown"], _LOST) for name, one in seen.items() if one.get("unknown")]


def _not_lost(declared, observations, seen):
    """Members that were declared lost, but are alive as far as Galera goes."""
    addresses = {member["name"]: member["address"] for member in declared["members"]}
    problems = evidence.unasked(observations, declared["lost"], _VARIABLE)
    for name in declared["lost"]:
        state = evidence.classify(observations[name])
        if state in (evidence.SERVING, evidence.SEPARATED, evidence.MOVING):
            problems.append("%s: it is named in senhasegura_lost_members, but its database runs or is being started; stop it there, "
                            "or do not name it" % name)
        hearing = [other for other, one in seen.items() if not one.get("unknown")
                   and one["observed"]["ports"].get(addresses[name], {}).get("4567") == "open"]
        if hearing and state == evidence.UNKNOWN:
            problems.append("%s: it is named in senhasegura_lost_members, but Galera listens there (seen from %s)"
                            % (name, " and ".join(hearing)))
    return problems


def _arbitrator_unasked(declared, observations, arbiter):
    """With a lost member that cannot be asked, the arbitrator may serve unseen; where it cannot be asked either a person answers for both."""
    if declared["lost_arbitrator"] or not _both_silent(declared, observations, arbiter):
        return []
    return [elsewhere.unasked(declared, arbiter, declared["lost"], _VARIABLE)]


def _answered_for(declared, observations, arbiter):
    """The name of the arbitrator, where it is dead only by what a person says: list of at most one."""
    return elsewhere.names(declared)[:1] if declared["lost_arbitrator"] and _both_silent(declared, observations, arbiter) else []


def _both_silent(declared, observations, arbiter):
    silent = [name for name in declared["lost"] if evidence.classify(observations[name]) == evidence.UNKNOWN]
    return bool(silent and declared["arbitrator"] and "unknown" in arbiter)


def _no_outage(states, seen):
    """A primary component lives: this is the work of create_cluster, but for a recovery that was interrupted."""
    serving = [name for name, state in states.items() if state == evidence.SERVING]
    others = [name for name in states if name not in serving]
    if not others or any(_begun(seen[name]) for name in serving):
        return []
    return ["%s in a primary component, so this is no full outage. Run create_cluster: it brings %s back"
            % (_verb(serving, "serves", "serve"), " and ".join(others))]


def _verb(names, one, many):
    return "%s %s" % (" and ".join(names), one if len(names) == 1 else many)


def _nothing(states, seen, lost):
    """Everybody serves, and no recovery was interrupted in its last play."""
    if any(state != evidence.SERVING for state in states.values()) or any(_begun(one) for one in seen.values()):
        return ""
    return "Nothing to recover: %s in one primary component%s." % (
        _verb(list(states), "serves", "serve"), ", without " + " and ".join(lost) if lost else "")


def _half_started(remaining, states, seen):
    """Galera runs or is being started on some, and is down on others; one that was left behind must not be started as it is."""
    running = {name: seen[name]["observed"]["service"]["state"] for name, state in states.items()
               if state in (evidence.MOVING, evidence.SEPARATED)}
    stopped = [name for name in states if name not in running]
    behind = evidence.left_behind(remaining, seen)
    start = "" if any(name in behind for name in stopped) else "start MariaDB there too if all of them saved their view, or "
    return ["%s: Galera runs there or is being started (%s) in no primary component, while %s stopped; %s%s, then run again"
            % (name, state, _verb(stopped, "is", "are"), start, _end([name], states)) for name, state in running.items()]


def _unfit(remaining, seen, states):
    """Hosts that cannot be started as members, and a cluster of which nobody holds a history."""
    problems = []
    for name, address in [(member["name"], member["address"]) for member in remaining["members"]]:
        state, settings = states[name], seen[name]["observed"]["settings"]
        if state == evidence.ABSENT:
            problems.append("%s: no database is installed there; %s, and add it with create_cluster afterwards" % (name, _LOST))
        elif settings["mode"]["mode"] != "cluster" or address not in settings["members"]["members"]:
            problems.append("%s: it is not set up as a member of %s; %s, and add it with create_cluster afterwards"
                            % (name, remaining["cluster_name"], _LOST))
    if problems or any(evidence.history(one["observed"]) for one in seen.values()):
        return problems
    aborted = [name for name, one in seen.items() if one["observed"]["saved"]["transfer_aborted"]]
    if aborted:
        return ["%s: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first member, and nobody "
                "else holds a history; restore a backup" % " and ".join(aborted)]
    return ["no member holds a history (state UUID %s everywhere), so there is nothing to recover. If they had one, bring it back from the copies "
            "of their control files (docs/operations.md, recover_cluster, Undo); create_cluster makes a new cluster" % ZERO_UUID]


def _without_position(seen):
    problems = []
    for name, one in seen.items():
        saved = one["observed"]["saved"]
        if evidence.classify(one) == evidence.DOWN and evidence.history(one["observed"]) and saved["seqno"] == UNDEFINED_SEQNO:
            problems.append("%s: its position is unknown: %s; repair it, or %s"
                            % (name, saved.get("position_problem", "InnoDB was not asked"), _LOST))
    return problems


# -- decisions ------------------------------------------------------------------------------------------------------------


def _fill_returning(plan, declared, remaining, seen, states, arbiter):
    """Nobody is down: they come back by themselves, or a person must help. Nothing is started."""
    waiting = [name for name, state in states.items() if state == evidence.MOVING]
    viewless = [name for name, one in seen.items() if not one["observed"]["saved"]["saved_view"]]
    if declared["lost"] and waiting:
        plan["refusals"] = ["%s: its database waits for the members of its saved view, of which %s lost; %s, then run "
                            "again" % (name, _verb(declared["lost"], "is", "are"), _end([name], states)) for name in waiting]
    elif viewless:
        plan["refusals"] = ["%s: Galera runs there in no primary component, and %s saved no view, so the members do not come back by "
                            "themselves; %s, then run again" % (name, " and ".join(viewless), _end(list(seen), states)) for name in seen]
    else:
        plan["refusals"] = _not_all_there(declared, seen, states, arbiter)
    plan["refusals"] += ["%s: the others were made primary without it at position %d, and it is coming back by itself with them; %s, then "
                         "run again" % (name, mine["seqno"], _end([name], states)) for name, mine in evidence.left_behind(remaining, seen).items()]
    if plan["refusals"]:
        return
    plan["members"] = {name: decision(JOIN, "it comes back by itself from its saved view: it is only waited for", wait_first=True)
                       for name in seen}
    plan["order"] = list(seen)
    for made in plan["members"].values():
        made["expected"] = [member["address"] for member in remaining["members"]]
    plan["said"] = _said(plan, seen)


def _not_all_there(declared, seen, states, arbiter):
    """Why members do not come back by themselves though all saved their view: Galera makes them primary again only where all voters of the
    newest view are there, and where all come from a start, nobody else. List of sentences; none where a view cannot be read.
    """
    views = {name: one["observed"]["saved"].get("view") for name, one in seen.items()}
    if not all(views.values()):
        return []
    newest = max(views.values(), key=lambda view: view["number"])["members"]
    back = {view["own"] for view in views.values()} | ({arbiter["own"]} if arbiter.get("running") else set())
    absent = [voter for voter in newest if voter not in back]
    if absent:
        who, many = elsewhere.not_back(declared, arbiter, newest), len(absent) > 1
        return ["%s: Galera waits there for all %d voters of the newest saved view, and %d of them %s not there%s. With %s they come back by "
                "themselves; without, %s, then run again"
                % (" and ".join(seen), len(newest), len(absent), "are" if many else "is", " (%s)" % who if who else "",
                   "them" if many else "it", _end(list(seen), states))]
    if evidence.SEPARATED in states.values():
        return []
    return _too_many([name for name, view in views.items() if view["own"] not in newest], list(seen), states) + elsewhere.in_the_way(
        declared, arbiter, newest)


def _too_many(older, names, states):
    """Members that are in no newest view: list of at most one sentence."""
    if not older:
        return []
    return ["%s: its saved view is older than that of %s, whom Galera does not make primary while somebody else waits with them; %s. They then "
            "come back by themselves, and create_cluster brings %s back"
            % (" and ".join(older), " and ".join(name for name in names if name not in older), _end(older, states), " and ".join(older))]


def _end(names, states):
    """What ends a database that waits for its saved view: it has not opened its data yet, serves nobody, and does not hear a stop."""
    how = "systemctl kill --signal=KILL mariadb; " if evidence.MOVING in [states[name] for name in names] else ""
    return "end MariaDB on %s (%ssystemctl stop mariadb)" % (" and ".join(names), how)


def _fill_outage(plan, remaining, seen, approved_order):
    """One bootstrap, or the rest of what an interrupted recovery has begun."""
    for one in seen.values():
        one["observed"]["ports"] = {address: ports for address, ports in one["observed"]["ports"].items() if address not in plan["lost"]}
    plan["members"], plan["refusals"] = planning.decide(remaining, seen)
    plan["refusals"] = plan["refusals"] or preflight(remaining, seen, plan["members"])
    if plan["refusals"]:
        plan["members"] = {name: dict(made, action=REFUSE) for name, made in plan["members"].items()}
        return
    plan["order"] = planning.in_order(remaining, plan["members"], approved_order)
    bootstrapped = [name for name, made in plan["members"].items() if made["action"] == BOOTSTRAP]
    plan["chosen"] = (bootstrapped + [_begun(one)["chosen"] for one in seen.values() if _begun(one)])[0]
    if bootstrapped and plan["lost"]:
        plan["position"] = {key: seen[plan["chosen"]]["observed"]["saved"][key] for key in ("uuid", "seqno")}
    for member in remaining["members"]:
        _add_steps(plan, remaining, seen[member["name"]]["observed"], member)
    planning.add_expected(remaining, seen, plan)
    planning.add_transfers(remaining, seen, plan)
    plan["refusals"] = planning.nobody_to_name(plan)
    if plan["refusals"]:
        plan.update(order=[], members={name: dict(made, action=REFUSE) for name, made in plan["members"].items()})
        return
    plan["confirm"] = any(plan["members"][name]["action"] in RESTARTING and not plan["members"][name]["wait_first"]
                          for name in plan["order"])
    plan["said"] = _said(plan, seen)


def _said(plan, seen):
    """What a person says Yes to, and of which run of its database each stopped member is: by the next one it may be further than InnoDB
    told, and every start by systemd is another run. And whose being dead only that person answers for.
    """
    runs = {name: one["observed"]["service"]["invocation"] for name, one in seen.items() if evidence.classify(one) == evidence.DOWN}
    return dict(planning.said(plan, seen), answered_for=plan["lost_arbitrator"], runs=runs)


def _votes(remaining, seen, lost_arbitrator):
    """Voter to votes, as the primary that is written on the members has it; the arbitrator comes back by itself, if it is not dead."""
    found = {}
    for member in remaining["members"]:
        if "observed" in seen[member["name"]]:
            written = seen[member["name"]]["observed"]["settings"]
            found[member["name"]] = weight_of(member["address"], written["primary"]["primary"], len(written["members"]["members"]))
    return dict(found, **{ARBITRATOR: WEIGHT_ARBITRATOR}) if remaining["arbitrator"] and not lost_arbitrator else found


def _add_steps(plan, remaining, observed, member):
    """What the guard asks, and what counts only while members join: the first one has a second vote, so that one that dies
    meanwhile does not stop it. No setting is changed for good.
    """
    made, written = plan["members"][member["name"]], observed["settings"]
    members = written["members"]["members"]
    made["settings"] = {"members": {"members": members, "address": member["address"]}}
    primary = {"primary": written["primary"]["primary"], "address": member["address"],
               "weight": weight_of(member["address"], written["primary"]["primary"], len(members)),
               "publish": False}  # who was away may have another one written; whom the cluster takes for it is in its data
    made["settle"] = settle_steps(observed)
    made["settle"] += [{"cluster_primary": primary}] if primary["primary"] else []
    if made["action"] == BOOTSTRAP and primary["primary"] and len(plan["order"]) > 1:
        made["before"] += [{"cluster_primary": dict(primary, weight=WEIGHT_PRIMARY)}]


# -- words ----------------------------------------------------------------------------------------------------------------


def _waiver(observation, plan, seen):
    held = [one["observed"]["saved"]["seqno"] for name, one in seen.items() if name == plan["chosen"] and not one.get("unknown")]
    behind = "after position %d " % held[0] if held and held[0] != UNDEFINED_SEQNO else ""
    reason = observation.get("unknown") or "it was observed, and is left alone"
    return ("left out by senhasegura_lost_members (%s): transactions %sthat only it holds are lost. Do not let it start again as it is: "
            "its data directory must be set aside first" % (reason, behind))


def _row(name, observation, positions, plan):
    """Member, position, safe flag, view, aborted transfer, size, what happens, why."""
    made = plan["members"][name]
    if observation.get("unknown"):
        return [name, "unknown", "-", "-", "-", "-", made["action"], made["reason"] or observation["unknown"]]
    saved = observation["observed"]["saved"]
    return [name, _position(observation, positions.get(name))] + [
        _yes(saved[key]) for key in ("safe_to_bootstrap", "saved_view", "transfer_aborted")] + [
            observation["observed"]["data"]["bytes"], made["action"], made["reason"]]


def _position(observation, told):
    """Galera's GTID, ``UUID:seqno``, and where InnoDB told it MariaDB's own, which ``wsrep_gtid_mode`` keeps."""
    saved, status = observation["observed"]["saved"], observation["observed"]["status"]
    if evidence.classify(observation) == evidence.SERVING:
        return "%s:%d (serves)" % (status["state_uuid"], status["last_committed"])
    if told and not told["problem"]:
        return "%s:%d (InnoDB%s)" % (told["uuid"], told["seqno"], ", GTID " + told["gtid"] if told["gtid"] else "")
    if saved["seqno"] != UNDEFINED_SEQNO:
        paused = evidence.classify(observation) == evidence.DOWN and evidence.crashed(saved)
        return "%s:%d%s" % (saved["uuid"], saved["seqno"], " (paused)" if paused else "")
    return "%s:%d (undefined)" % (saved["uuid"], UNDEFINED_SEQNO)


def _yes(value):
    return "yes" if value else "no"
