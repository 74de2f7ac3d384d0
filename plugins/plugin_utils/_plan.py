# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: declared + observed → an action, an order and a reason per member, or a refusal. A pure function, and the
only place that decides.
"""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED

from . import _came_back as returned
from . import _evidence as evidence
from . import _settings as settings
from ._actions import BOOTSTRAP, CONFIGURE, JOIN, NONE, REFUSE, RESTART, RESTARTING, decision
from ._declared import advice
from ._preflight import preflight
from ._quorum import votes_then


def make_plan(declared, observations, approved_order=(), warn_of_returned=False):
    """Decide.

    :param declared: of :func:`_declared.declare`, without problems.
    :param observations: dict of member name to dict of ``observed``, ``asked_at``, ``answered_at``, or ``unknown`` (why
        there is no observation).
    :param approved_order: the ``order`` of the plan that was said Yes to, which is being carried out in that order whatever
        became of the members meanwhile.
    :param warn_of_returned: whether who serves though the others went on without it is no refusal but a warning: nobody else becomes what
        it is by what is planned.
    :returns: dict of plain values: ``refusals`` and ``warnings`` (sentences), ``members`` (name to what
        :func:`_actions.decision` makes), ``order`` (names), ``confirm`` (whether a Yes is needed), ``manual`` (what only a person
        can do: list of dict ``id``, ``members``, ``how``), ``shut_out`` (names of members that will answer only clients on their own
        host), ``proven_outside`` (addresses of members in no primary component), ``votes`` (voter to votes when all members are in),
        ``said`` (of :func:`said`; empty where it is refused); ``asked_at`` (member name to the moment of its observation).
    """
    observations = {member["name"]: observations.get(member["name"], {"unknown": "it was not observed"})
                    for member in declared["members"]}
    decisions, refusals = decide(declared, observations)
    warned = list(returned.came_back(declared, observations).values()) if warn_of_returned else []
    refusals = [sentence for sentence in refusals if sentence not in warned]
    plan = {"refusals": refusals, "warnings": advice(declared) + warned + _unended(declared, observations), "members": decisions, "order": [], "confirm": False,
            "manual": [], "shut_out": [], "said": {}, "votes": votes_then(declared, observations),
            "asked_at": {name: one.get("asked_at", 0) for name, one in observations.items()},
            "proven_outside": [member["address"] for member in declared["members"]
                               if evidence.classify(observations[member["name"]]) in evidence.OUTSIDE]}
    if not refusals:
        _add_settings(declared, observations, decisions)
        plan["order"] = in_order(declared, decisions, approved_order)
        plan["manual"] = settings.manual_steps(declared, decisions)
        refusals += settings.refused(observations, decisions) + _restarts_unasked(observations, decisions)
        refusals += _endangers_quorum(declared, observations, decisions) + _restarts_too_early(plan["order"], decisions)
        found = preflight(declared, observations, decisions)
        (refusals if plan["order"] else plan["warnings"]).extend(found)
    if refusals:
        return dict(plan, order=[], said={}, members={name: dict(made, action=REFUSE) for name, made in decisions.items()})
    add_expected(declared, observations, plan)
    add_transfers(declared, observations, plan)
    plan["refusals"] = nobody_to_name(plan)
    if plan["refusals"]:
        return dict(plan, order=[], said={}, members={name: dict(made, action=REFUSE) for name, made in decisions.items()})
    plan["shut_out"] = settings.clients_shut_out(declared, observations)
    plan["confirm"] = any(decisions[name]["action"] in RESTARTING for name in plan["order"])
    return dict(plan, said=said(plan, observations))


def _unended(declared, observations):
    """What an earlier work has left to be decided or compared: list of sentences."""
    seeded = [name for name, one in observations.items() if not one.get("unknown") and evidence.reseeding(one["observed"])]
    return returned.dismissed(declared, observations) + [
        "%s: reseed_member has begun to give it all data anew, and has not ended, so its tables are not compared with the primary's; run "
        "reseed_member with senhasegura_reseed=%s" % (name, name) for name in seeded]


def since(approved, observations):
    """What was observed of members since a plan was approved; of who could not be asked again, nothing is known.

    :param approved: the plan that was said Yes to, empty for none.
    """
    before = approved.get("asked_at", {})
    return {name: {"unknown": "it could not be reached since the plan was made"} if one.get("asked_at", 0) == before.get(name, -1) else one
            for name, one in observations.items()}


# -- which action ---------------------------------------------------------------------------------------------------------


def decide(declared, observations):
    """An action for every member, and the refusals."""
    states = {name: evidence.classify(observation) for name, observation in observations.items()}
    unknown = ["%s: %s; whether it is in a primary component is unknown, so nothing was changed. Every declared member "
               "must be observed" % (name, observations[name]["unknown"])
               for name, state in states.items() if state == evidence.UNKNOWN]
    if unknown:
        return {name: decision(REFUSE, state) for name, state in states.items()}, unknown
    refusals = evidence.split(declared, observations) + evidence.vanished(declared, observations)
    if refusals:
        return {name: decision(REFUSE, state) for name, state in states.items()}, refusals
    if evidence.SERVING in states.values():
        return _decide_living(declared, observations, states)
    return _decide_dead(declared, observations, states)


def _decide_living(declared, observations, states):
    """A primary component lives: everybody else joins it, nobody bootstraps."""
    decisions, refusals = {}, []
    serving = next(observations[name]["observed"]["status"] for name in states if states[name] == evidence.SERVING)
    behind = evidence.left_behind(declared, observations)
    those = [name for name in states if states[name] == evidence.SERVING]
    for name, state in states.items():
        mine = behind.get(name)
        if state == evidence.SERVING:
            decisions[name] = _decide_serving(observations[name]["observed"])
            continue
        gone_on = evidence.gone_on_without(declared, observations, name, those)
        decisions[name], problem = _decide_joiner(declared, name, state, observations[name]["observed"], serving, mine, gone_on)
        decisions[name] = _recorded(declared, observations, name, decisions[name], mine["recorded_by"] if mine else [])
        # With whom it is at odds is told, with both ways out; not what else keeps it out.
        told = state != evidence.SEPARATED and evidence.history(observations[name]["observed"]) == serving["state_uuid"] and any(
            name in behind[lost]["recorded_by"] for lost in gone_on if lost in behind)
        refusals += [_or_the_recorder(problem, observations, mine)] if problem and not told else []
    return decisions, list(returned.came_back(declared, observations).values()) + refusals + returned.unplaced(declared, observations, those)


def _recorded(declared, observations, name, made, recorders):
    """A decision, with who has recorded that the member was left behind, and under which addresses they have."""
    return dict(made, left_behind=recorders, known_as=evidence.known_as(declared, observations, name) if recorders else [])


def _or_the_recorder(problem, observations, mine):
    """A refusal to let in as it is who was left behind, with what to do where the record of that is an old one."""
    return problem + (returned.older_copy(observations, mine) if mine and problem.endswith(_ANEW) else "")


_ANEW = "to have its data directory set aside and the member seeded anew, name it in senhasegura_overwrite_members"


_VOTED_OUT = ("%s: Galera runs there (Inconsistent) but not in the primary component that serves: it was voted out, because its data differ, "
              "and does not return by itself. Give it all data anew: reseed_member with senhasegura_reseed=%s")


def _decide_serving(observed):
    if observed["status"]["local_state"] != SYNCED or not observed["status"]["ready"]:
        return decision(NONE, "its state is %s: it is only waited for" % observed["status"]["local_state_comment"],
                        wait_first=True)
    if observed["service"]["changing"]:
        return decision(NONE, "its database is about to be started or stopped: it is only waited for", wait_first=True)
    return decision(NONE, "it is as declared")


def _decide_joiner(declared, name, state, observed, serving, behind, gone_on):
    """How a member outside of the living component gets into it: the decision, and the problem or "".

    :param behind: of :func:`_evidence.left_behind`, its own; or None.
    :param gone_on: of :func:`_evidence.gone_on_without`: of whom in the living component it has gone on without.
    """
    mine = evidence.history(observed)
    if state == evidence.MOVING and gone_on:
        return decision(REFUSE, state), "%s: it went on without %s, and its database is just being started; stop it there, and run again" % (
            name, _without(gone_on))
    if state == evidence.MOVING and behind:
        return decision(REFUSE, state), (
            "%s: the others were made primary without it at position %d, and its database is just being started; stop it there, and run "
            "again" % (name, behind["seqno"]))
    if state == evidence.MOVING:
        return _decide_moving(declared, name, observed, serving)
    if state == evidence.SEPARATED and observed["status"]["local_state_comment"] == "Inconsistent":
        return decision(REFUSE, state), _VOTED_OUT % (name, name)
    if state == evidence.SEPARATED:
        return decision(REFUSE, state), (
            "%s: Galera runs there (%s) but not in the primary component that serves; repair the link between the members, "
            "it then returns by itself" % (name, observed["status"]["local_state_comment"] or "no state"))
    differs = _differs(name, state, observed, serving, behind, gone_on) if mine else ""
    if differs and name in declared["overwrite"]:
        return decision(JOIN, "it joins anew; its data directory, with another history, is set aside", backup=True,
                        set_aside=True), ""
    if differs:
        return decision(REFUSE, state), differs
    if mine:
        return _keep_or_overwrite(declared, name), ""
    return _decide_newcomer(declared, name, observed, "it joins the cluster that serves")


def _keep_or_overwrite(declared, name):
    """A history that nothing tells from the cluster's: after a split that was made by hand only a person knows that its rows are others."""
    if name in declared["overwrite"]:
        return decision(JOIN, "it joins anew; its data directory is set aside, as senhasegura_overwrite_members names it", backup=True, set_aside=True)
    return decision(JOIN, "it is stopped and holds the cluster's history")


def _decide_moving(declared, name, observed, serving):
    """A member whose service is just starting: it is being restored only if nothing of its own can die by that. As a member of this cluster
    it joins whatever is decided here, and has no history from the moment in which it does until it has the cluster's; who was given its
    settings from here (a primary is among them) had no data of its own, or their replacement was approved by name.
    """
    mine = evidence.history(observed)
    ours = evidence.written_for(declared, observed) and bool(observed["settings"]["primary"]["primary"])
    replaceable = mine == serving["state_uuid"] or not mine and (ours or is_half_received(observed) or not observed["data"]["schemas"])
    if replaceable:
        return decision(JOIN, "it is being restored already: it is only waited for", wait_first=True), ""
    return decision(REFUSE, evidence.MOVING), (
        "%s: its database is just being started or stopped and holds data of its own (%s); run again when that has ended"
        % (name, _schemas(observed["data"]["schemas"]) or "state UUID " + mine))


def _without(gone_on):
    return " and ".join("%s at position %d" % item for item in gone_on.items())


def _differs(name, state, observed, serving, behind, gone_on):
    """Why a history on disk must not be joined by an incremental transfer; "" when it may."""
    remedy = _ANEW
    mine, seqno = evidence.history(observed), observed["saved"]["seqno"]
    if behind and mine == serving["state_uuid"] and not -1 < seqno <= behind["seqno"]:
        return ("%s: the others were made primary without it at position %d, and it holds %s, so it may hold transactions that they never "
                "had; %s" % (name, behind["seqno"], "position %d" % seqno if seqno > -1 else "an unknown position", remedy))
    if gone_on and mine == serving["state_uuid"]:
        return "%s: it went on without %s, so it may hold transactions that the cluster never had; %s" % (name, _without(gone_on), remedy)
    if mine != serving["state_uuid"]:
        return "%s: its data belong to another cluster (state UUID %s, not %s); %s, or take it out of the inventory" % (
            name, mine, serving["state_uuid"], remedy)
    # Who was the last one and stands just where the others went on stopped behind them; anywhere before, it was in a component of its own.
    if observed["saved"]["safe_to_bootstrap"] and not (behind and seqno == behind["seqno"]):
        return ("%s: it was the last member of a component when it stopped (safe_to_bootstrap: 1), and the others serve without having "
                "been started from it, so it may hold transactions that they never had; %s" % (name, remedy))
    if evidence.ran_alone(state, observed):
        return "%s: it was a member of this cluster and is standalone since, so its data may differ unseen; %s" % (name, remedy)
    if seqno > serving["last_committed"]:
        return ("%s: it holds transactions up to %d, the cluster only up to %d, so it was in another component; %s"
                % (name, seqno, serving["last_committed"], remedy))
    return ""


def _decide_newcomer(declared, name, observed, reason):
    """A joiner without any history: its data die."""
    schemas = observed["data"]["schemas"]
    if is_half_received(observed):  # MariaDB may be unable to start on it, even to receive it anew
        return decision(JOIN, reason + "; a state transfer to it was interrupted, and what that left is set aside", backup=True,
                        set_aside=True), ""
    if not schemas:
        return decision(JOIN, reason + "; it holds no data of its own"), ""
    if name in declared["overwrite"] and _may_be_half_received(observed):
        return decision(JOIN, "%s; its data directory (%s) is set aside: nothing tells whether it had received all" % (reason, _schemas(schemas)),
                        backup=True, set_aside=True), ""
    if name in declared["overwrite"]:
        return decision(JOIN, "%s; its own data (%s) are backed up and replaced" % (reason, _schemas(schemas)),
                        backup=True), ""
    return decision(REFUSE, "it holds data of its own"), (
        "%s: it holds data of its own (%s), which joining would replace; name it in senhasegura_overwrite_members to have "
        "them backed up and replaced, or take it out of the inventory" % (name, _schemas(schemas)))


def is_half_received(observed):
    """Whether what it holds is what an interrupted state transfer left: nobody's data.

    The mark of a transfer alone is no proof: it is made before the first byte arrives, also where somebody tried by hand to let a host
    with data of its own join. Who got the cluster's settings from here had none, or their replacement was approved by name, and they
    have not served since.
    """
    return _stopped_without_history(observed) and observed["saved"]["transfer_aborted"]


def _may_be_half_received(observed):
    """Whether that may be so though the transfer left no mark: whoever ends it in an orderly way takes the mark away. A data directory that
    cannot be renamed is copied as any other, and MariaDB must be able to start on it.
    """
    return _stopped_without_history(observed) and not observed["data"]["fixed"]


def _stopped_without_history(observed):
    """Whether its settings are those of a member of a cluster, and its database does not run and holds no history."""
    settings = observed["settings"]
    ours = settings["mode"]["mode"] == "cluster" and bool(settings["primary"]["primary"])
    return ours and not evidence.history(observed) and not observed["status"]["answers"]


def _schemas(schemas):
    return ", ".join(evidence.schema_in_words(one) for one in schemas)


def _decide_dead(declared, observations, states):
    """Nobody serves: exactly one member bootstraps, if it is proven to be the right one."""
    behind = evidence.left_behind(declared, observations)
    chosen, reason, problem = _bootstrapper(declared, observations, states, behind)
    refusals = _unsettled(states, observations) + ([problem] if problem else [])
    refusals += evidence.forgotten(declared, observations, chosen) if chosen else []
    decisions = {}
    for name in states:
        if name == chosen:
            decisions[name] = decision(BOOTSTRAP, reason)
            continue
        decisions[name], problem = _decide_follower(declared, observations, states, name, chosen, behind.get(name))
        refusals += [problem] if problem and chosen else []
    refusals += returned.unplaced(declared, observations, [chosen]) if chosen else []
    for name, recorders in evidence.unfounded(declared, observations).items():  # or they would count as soon as these serve
        reason = "%s; %s recorded to go on without it, and did not" % (decisions[name]["reason"], " and ".join(recorders))
        decisions[name] = _recorded(declared, observations, name, dict(decisions[name], reason=reason), recorders)
    return decisions, refusals


def _decide_follower(declared, observations, states, name, chosen, behind):
    """How a member joins the one that is bootstrapped: the decision, and the problem or ""."""
    observed = observations[name]["observed"]
    if evidence.history(observed) and name in declared["overwrite"]:
        made, problem = _keep_or_overwrite(declared, name), ""
    elif evidence.history(observed) and behind and chosen and states[name] in (evidence.DOWN, evidence.STANDALONE, evidence.ABSENT):
        first = observations[chosen]["observed"]["saved"]
        made, problem = _decide_joiner(declared, name, states[name], observed,
                                       {"state_uuid": first["uuid"], "last_committed": first["seqno"]}, behind,
                                       evidence.gone_on_without(declared, observations, name, [chosen]))
        problem = _or_the_recorder(problem, observations, behind)
    elif evidence.history(observed):
        made, problem = _keep_or_overwrite(declared, name), ""
    else:
        made, problem = _decide_newcomer(declared, name, observed, "it joins %s" % (chosen or "nobody"))
    return _recorded(declared, observations, name, made, behind["recorded_by"] if behind else []), problem


def _unsettled(states, observations):
    problems = []
    for name, state in states.items():
        if state == evidence.MOVING:
            problems.append("%s: its database is just being started or stopped (%s), so what it will be is unknown; run "
                            "again when that has ended" % (name, observations[name]["observed"]["service"]["state"]))
        if state == evidence.SEPARATED:
            problems.append("%s: Galera runs there in no primary component, and no member serves; repair the links between "
                            "the members, or, where others are dead, let a person decide (assume_primary, with senhasegura_dead_members)" % name)
    return problems


def _bootstrapper(declared, observations, states, behind):
    """Who bootstraps: name or "", the reason, and the problem or "". Nobody who was left behind: the others have gone on since. Nobody
    whose data may be replaced: a person has decided against them.
    """
    observed = {name: observation["observed"] for name, observation in observations.items()}
    histories = {name: evidence.history(one) for name, one in observed.items() if evidence.history(one) and name not in behind}
    holders = {name: uuid for name, uuid in histories.items() if name not in declared["overwrite"]}
    if len(set(holders.values())) > 1:
        return "", "", ("the members hold histories of different clusters (%s); decide whose data count, and move the data "
                        "directories of the others aside"
                        % ", ".join("%s: %s" % item for item in holders.items()))
    given_up = [name for name in histories if name not in holders]
    if holders:
        chosen, reason, problem = _not_newer(observed, given_up, *_holder(declared, observed, states, list(holders), behind))
        return chosen, reason if problem else _further(observed, chosen, reason, behind), problem
    owners = [name for name, one in observed.items() if one["data"]["schemas"] and name not in declared["overwrite"]]
    if given_up and not owners:
        return "", "", _NOBODY_ELSE % " and ".join(given_up)
    if behind:
        return "", "", _ONLY_LEFT_BEHIND % "; ".join("%s by %s at position %d" % (name, " and ".join(one["recorded_by"]), one["seqno"])
                                                     for name, one in behind.items())
    primary = declared["primary"]
    if observed[primary]["saved"]["transfer_aborted"] and observed[primary]["data"]["schemas"]:
        return "", "", ("%s: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first "
                        "member; move its data directory aside, or name another senhasegura_primary" % primary)
    if owners and primary not in owners:
        return "", "", ("%s holds data (%s) but the primary %s, whose data all members get, holds none; make it "
                        "senhasegura_primary, or name it in senhasegura_overwrite_members"
                        % (owners[0], _schemas(observed[owners[0]]["data"]["schemas"]), primary))
    return primary, "it is the primary, and all members are proven to be in no primary component", ""


_ONLY_LEFT_BEHIND = ("nobody holds data with which the others went on when members were left behind (%s); decide whose data count, and name those "
                     "whose data shall go in senhasegura_overwrite_members")


_NOBODY_ELSE = ("nobody but %s holds a cluster's history or data of its own, and senhasegura_overwrite_members names it, so all data would be "
                "lost; take the one whose data count out of it, or move its data directory aside by hand")


def _not_newer(observed, given_up, chosen, reason, problem):
    """The choice, unless somebody whose data may be replaced holds newer ones of the same history: that name may be there since long."""
    first = observed.get(chosen, {}).get("saved", {})
    for name in given_up if chosen else []:
        saved = observed[name]["saved"]
        if saved["uuid"] == first["uuid"] and not -1 < saved["seqno"] <= first["seqno"]:
            return "", "", ("%s: senhasegura_overwrite_members names it, and it holds %s of the cluster's history, %s only %d; take it out of "
                            "there if its data count, or move its data directory aside by hand"
                            % (name, "position %d" % saved["seqno"] if saved["seqno"] > -1 else "an unknown position", chosen, first["seqno"]))
    return chosen, reason, problem


def _further(observed, chosen, reason, behind):
    """The reason, which must not say that somebody holds the newest data where one that was left behind holds more of that history."""
    first = observed[chosen]["saved"]
    found = {name: observed[name]["saved"]["seqno"] for name in behind if observed[name]["saved"]["uuid"] == first["uuid"]
             and not -1 < observed[name]["saved"]["seqno"] <= first["seqno"]}
    if not found:
        return reason
    return ("of those that were not left behind it holds the newest data (%s:%d), though %s; all members are proven to be in no primary component"
            % (first["uuid"], first["seqno"], " and ".join(
                "%s, without which %s went on at position %d, holds %s" % (
                    name, " and ".join(behind[name]["recorded_by"]), behind[name]["seqno"],
                    "position %d" % seqno if seqno > -1 else "an unknown position") for name, seqno in found.items())))


def _last_of_two(observed, holders, newest):
    """Two components of one history: who was the last of one when it stopped has everything, or the others have gone on without it."""
    last = [name for name in holders if observed[name]["saved"]["safe_to_bootstrap"]]
    if len(last) < 2 and set(last) <= set(newest):
        return ""
    return ("%s when it stopped (safe_to_bootstrap: 1), and others hold the same history without having been started from it, so two components "
            "have gone on by themselves and either may hold transactions that the other never had; decide whose data count, and name the "
            "others in senhasegura_overwrite_members" % " and ".join("%s was the last member of a component at position %d" % (
                name, observed[name]["saved"]["seqno"]) for name in last))


def _holder(declared, observed, states, holders, behind):
    """The bootstrapper among those who hold the one history: of equals one that is known to have gone on with those whose data count."""
    recorders = {name for mine in behind.values() for name in mine["recorded_by"]}
    if len(holders) > 1 and any(evidence.ran_alone(states[name], observed[name]) for name in holders):
        return "", "", ("%s ran standalone after the cluster's last transaction, so which data count is unknown; decide, and "
                        "move the other data directories aside"
                        % " and ".join(name for name in holders if evidence.ran_alone(states[name], observed[name])))
    names, problem = evidence.newest({name: observed[name]["saved"] for name in holders})
    problem = problem or _last_of_two(observed, holders, names)
    if problem:
        return "", "", problem
    whole = [name for name in names if not observed[name]["saved"]["transfer_aborted"]]
    if not whole:
        return "", "", ("%s: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first "
                        "member, though nobody holds newer ones; restore a backup there, or move its data directory aside"
                        % " and ".join(names))
    chosen = sorted(whole, key=lambda name: (bool(recorders) and name not in recorders, not observed[name]["saved"]["safe_to_bootstrap"],
                                             name != declared["primary"], list(observed).index(name)))[0]
    return chosen, ("it holds the newest data (%s:%d), and all members are proven to be in no primary component"
                    % (evidence.history(observed[chosen]), observed[chosen]["saved"]["seqno"])), ""


# -- which settings -------------------------------------------------------------------------------------------------------


def _add_settings(declared, observations, decisions):
    """What each step is asked to set, what that changes, and whether a serving member must restart for it."""
    for member in declared["members"]:
        name = member["name"]
        made, observed = decisions[name], observations[name]["observed"]
        made.update(settings.of_member(declared, observations, decisions, member))
        if made["action"] != NONE:
            continue
        reasons = settings.restart_reasons(made["changes"], observed)
        if reasons:
            alone = len(observed["status"]["incoming_addresses"]) == 1
            made["action"] = BOOTSTRAP if alone and len(declared["members"]) == 1 else RESTART
            made["reason"] = "; ".join(reasons)
        elif made["changes"] or made["wait_first"] or made["admit"]:
            made["action"] = CONFIGURE
            made["reason"] = settings.in_words(made) or made["reason"]


# -- which order ----------------------------------------------------------------------------------------------------------


def in_order(declared, decisions, approved_order=()):
    """Bootstrap, joins, on-line changes, restarts: nobody restarts while somebody is missing.

    A new primary comes before everybody else who only changes or restarts: its vote is raised before the old one's is
    lowered. Otherwise the primary restarts last.
    """
    moves = any("primary" in made["changes"].get("primary", {}) and made["action"] in (CONFIGURE, RESTART)
                for made in decisions.values())

    def rank(name):
        action, is_primary = decisions[name]["action"], name == declared["primary"]
        if action in (CONFIGURE, RESTART) and is_primary and moves:
            return 2
        if action == JOIN and not decisions[name]["wait_first"]:
            return 1.5
        return {BOOTSTRAP: 0, JOIN: 1, CONFIGURE: 3, RESTART: 5 if is_primary else 4}[action]

    names = [member["name"] for member in declared["members"] if decisions[member["name"]]["action"] != NONE]
    approved = [name for name in approved_order if name in names]
    return approved + sorted([name for name in names if name not in approved], key=rank)


def _endangers_quorum(declared, observations, decisions):
    """Restarts that a cluster as it is now cannot bear: list of sentences."""
    restarting = [name for name, made in decisions.items() if made["action"] == RESTART]
    unwell = [name for name, made in decisions.items() if made["action"] != JOIN and made["wait_first"]]
    problems = []
    for name in restarting:
        others = [other for other in unwell if other != name]
        if others:
            problems.append("%s must restart (%s), but %s is not in state Synced, or about to leave it: the cluster would serve on "
                            "fewer members than it should; run again when it is" % (name, decisions[name]["reason"], " and ".join(others)))
        problems += _votes_after_leaving(declared, observations, decisions, name)
    return problems


def _restarts_unasked(observations, decisions):
    """Who is only waited for does not restart behind that: the plan says so, and somebody else may be away by then."""
    found = []
    for name, made in decisions.items():
        observed = dict(observations[name]["observed"], restart_reasons=[])  # what it runs is what is written when it has started
        reasons = settings.restart_reasons(made["changes"], observed) if made["action"] == JOIN and made["wait_first"] else []
        found += ["%s: its database is just being started, and would have to restart once more behind that (%s); run again when it has "
                  "started" % (name, "; ".join(reasons))] if reasons else []
    return found


def _restarts_too_early(order, decisions):
    """Restarts before somebody is back who has left since the Yes: by itself a plan brings everybody back first (:func:`in_order`)."""
    returning = [name for name in order if decisions[name]["action"] == JOIN]
    return ["%s must restart (%s), but %s has left the cluster since the plan was shown; run again, and it is brought back first"
            % (name, decisions[name]["reason"], " and ".join(later))
            for name, later in ((name, [one for one in returning if order.index(one) > order.index(name)]) for name in order
                                if decisions[name]["action"] == RESTART) if later]


def _votes_after_leaving(declared, observations, decisions, name):
    """A member that leaves gracefully takes its votes with it; somebody with data must remain."""
    remain = [other for other in decisions if other != name and decisions[other]["action"] != REFUSE]
    if not remain:
        return ["%s must restart, but no other member would hold the data meanwhile" % name]
    return []


def add_expected(declared, observations, plan):
    """Who must form the component when each member of the order is done: those who serve, and who came before.

    Who is being restored by itself may arrive at any moment; the final proof is of everybody.
    """
    addresses = {member["name"]: member["address"] for member in declared["members"]}
    joined = [name for name in addresses if evidence.classify(observations[name]) == evidence.SERVING]
    for name in plan["order"]:
        if name not in joined:
            joined.append(name)
        plan["members"][name]["expected"] = [addresses[one] for one in addresses if one in joined]
        plan["members"][name]["arriving"] = [addresses[one] for one in addresses if one not in joined
                                             and plan["members"][one]["wait_first"]]


def add_transfers(declared, observations, plan):
    """What each joining member will receive, as far as it can be told before: a joiner that holds the cluster's history catches up from
    its position (IST) if a donor's cache (``gcache``) still holds what it lacks, everybody else receives all data (SST).

    All are given their donors. Who catches up has use for them where no cache holds any more what it lacks; Galera asks the caches of
    those who are named first, and then everybody's.
    """
    joined = [member["name"] for member in declared["members"] if evidence.classify(observations[member["name"]]) == evidence.SERVING]
    newest, distrusted = _newest_position(observations, plan), evidence.distrusted(declared, observations)
    for name in plan["order"]:
        made, observed = plan["members"][name], observations[name]["observed"]
        if made["action"] != JOIN or made["wait_first"]:
            joined.append(name)
            continue
        seqno = observed["saved"]["seqno"]
        catches_up = evidence.history(observed) and not made["set_aside"] and seqno > -1 and newest > -1
        method = made["settings"].get("mode", observed["settings"]["mode"]).get("sst_method", "")
        made["transfer"] = {"bytes": settings.donor_bytes(observations, plan["members"]), "method": method,
                            "behind": max(0, newest - seqno) if catches_up else None}
        made.update(donors(declared, joined, name, distrusted, bool(catches_up)))
        joined.append(name)


def _newest_position(observations, plan):
    """How far those are who serve, or who is bootstrapped; -1 where nobody knows."""
    found = [one["observed"]["status"]["last_committed"] for one in observations.values() if evidence.classify(one) == evidence.SERVING]
    return max(found or [observations[name]["observed"]["saved"]["seqno"] for name in plan["order"]
                         if plan["members"][name]["action"] == BOOTSTRAP] or [-1])


def donors(declared, serving, name, distrusted, catches_up=False):
    """From whom a member rather receives all data: those who serve but not the primary, which takes no writes meanwhile where rsync copies;
    first those of its segment. Where none of them can, Galera chooses; but not where it could choose one whose data nobody may be
    given: then everybody else who serves is named, the primary last, and only they give.

    :param distrusted: of :func:`_evidence.distrusted`.
    :param catches_up: whether it may lack but a few transactions. Galera takes them from whoever of those named has the shortest cache that
        holds them, in whatever order and segment; so those elsewhere are not named beside those of its segment then.
    :returns: dict of ``donors`` (names) and ``only_donors`` (whether nobody else may give).
    """
    segments = {member["name"]: member["segment"] for member in declared["members"]}
    trusted = [one for one in serving if one not in distrusted]
    others = [one for one in trusted if one != declared["primary"]]
    near = [one for one in others if segments[one] == segments[name]]
    far = [one for one in others if one not in near]
    if trusted == list(serving) or not trusted:
        return {"donors": _distinct(near if near and catches_up else near + far, list(serving) + [name]), "only_donors": False}
    named = near + far + [one for one in trusted if one not in others]
    return {"donors": _distinct(named, [one for one in serving if one in distrusted] + [name]), "only_donors": True}


def _distinct(named, others):
    """Those whom Galera cannot take for somebody else: it takes a donor's name for the beginning of one, so that ``vault`` may be ``vault2``.

    :param named: names of donors.
    :param others: names of those for whom they must not be taken, if they are not named themselves.
    """
    strange = [one for one in others if one not in named]
    return [one for one in named if not any(other.startswith(one) for other in strange)]


def nobody_to_name(plan):
    """Joiners to whom only some may give, none of whom can be named so that Galera takes nobody else for it: list of sentences."""
    return ["%s: nobody can be named who shall give it all data: Galera takes a donor's name for the beginning of one, and so could choose a "
            "member whose data are not proven. Seed that one anew first (reseed_member), or stop its database; after an outage recover without it "
            "(senhasegura_lost_members), and add it afterwards" % name
            for name, made in plan["members"].items() if made["only_donors"] and not made["donors"]]


def said(plan, observations):
    """What a person says Yes to: whose database is started or restarted, whose data are kept aside, from whom alone they come, in which
    order, in which component, and with which position a new one begins. Who is only waited for needs no Yes, and does not restart behind that
    (:func:`_restarts_unasked`).
    """
    actions = {name: [made["action"], made["backup"], made["set_aside"], made["only_donors"]] for name, made in plan["members"].items()
               if made["action"] == RESTART or made["action"] in RESTARTING and not made["wait_first"]}
    first = {name: observations[name]["observed"]["saved"] for name in actions if plan["members"][name]["action"] == BOOTSTRAP}
    return {"order": [name for name in plan["order"] if name in actions], "actions": actions,
            "positions": {name: [saved["uuid"], saved["seqno"]] for name, saved in first.items()},
            "components": sorted({observation["observed"]["status"]["state_uuid"] for observation in observations.values()
                                  if evidence.classify(observation) == evidence.SERVING})}


_MAY_BE_DONE_ALREADY = ([JOIN, False, False, False], [RESTART, False, False, False])
"""What may be less by the second look: nothing of such a member's data was to be kept aside, and anybody may give it the rest."""


def is_approved(plan, approved):
    """Whether a plan does nothing that nobody said Yes to. Less needs no new Yes: who was only to be started or restarted is in the component
    by now, or on its way. Not so whose data were to be set aside or copied first: on its way by itself it brings along data that a person has
    decided against, or loses them without a copy. Nor where a database has run in between whose position somebody was told (``runs``, of
    :mod:`_recovery`), the one that is bootstrapped stands elsewhere than was shown, or nobody but a person answers any more for an
    arbitrator's being dead (``answered_for``).

    :param approved: the plan that was shown.
    """
    now, then = plan["said"], approved["said"]
    if not now or not then:  # check mode asks InnoDB nothing, and decides nothing
        return now == then
    done = [name for name in then["order"] if name not in now["actions"]]
    return (all(then.get("runs", {}).get(name) == run for name, run in now.get("runs", {}).items())
            and set(now.get("answered_for", ())) <= set(then.get("answered_for", ()))
            and all(then["positions"].get(name) == position for name, position in now["positions"].items())
            and now["components"] == then["components"] and now["order"] == [name for name in then["order"] if name not in done]
            and all(then["actions"].get(name) == what for name, what in now["actions"].items())
            and all(then["actions"][name] in _MAY_BE_DONE_ALREADY for name in done))
