# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the cluster as a whole: votes and their forecast, what the plan refuses, the component, drift. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR, weight_of

from . import _evidence as evidence
from ._checks_base import CLUSTER, ansible, data_center, each_observed, fail, listed, names, observed, ok, skipped, unknown, warn
from ._actions import BOOTSTRAP, JOIN, NONE, RESTART
from ._checks_database import tells_loss
from ._preflight import preflight
from ._proof import prove
from ._quorum import ARBITRATOR, keeps_quorum, votes, votes_now
from ._settings import of_member

_CREATE = "ansible-playbook senhasegura.cluster.create_cluster"

_ARBITRATE = "ansible-playbook senhasegura.cluster.add_arbitrator"


# -- quorum ---------------------------------------------------------------------------------------------------------------


def single_failures(declared, cast):
    """What may fail alone of those who vote: list of dict ``what`` (words), ``lost`` (voters), ``kind`` (member, datacenter, arbitrator)."""
    found = [{"what": name, "lost": [name], "kind": "member"} for name in cast if name != ARBITRATOR]
    together = [(segment, [name for name in those if name in cast]) for segment, those in _data_centers(declared)]
    found += [{"what": "the data center of segment %s (%s)" % (segment or "blank", ", ".join(lost)), "lost": lost, "kind": "datacenter"}
              for segment, lost in together if len(lost) > 1]
    if ARBITRATOR in cast:
        found.append({"what": ARBITRATOR, "lost": [ARBITRATOR], "kind": "arbitrator"})
    return found


def _data_centers(declared):
    """Voters by :func:`_checks_base.data_center`: list of pairs of that and names; empty where all are in one."""
    voters = [(member["segment"], member["name"]) for member in declared["members"]]
    voters += [(declared["arbitrator_segment"], ARBITRATOR)] if declared["arbitrator"] else []
    found = {}
    for segment, name in voters:
        found.setdefault(data_center(declared, name, segment), []).append(name)
    return sorted(found.items(), key=lambda item: str(item[0])) if len(found) > 1 or declared["different_datacenters"] else []


def forecast(declared, observations):
    """Each single failure in words: list of dict ``now`` (whether it is so as the cluster is now; else when it is whole), ``failure``,
    ``kind``, ``serves`` (bool), ``text``.
    """
    return [dict(case, text=_said(part, case["text"])) for part in _forecasts(declared, observations) for case in part["cases"]]


def _forecasts(declared, observations):
    """The forecast of those who vote now, and where they are not all who are declared, of the whole cluster: list of dict ``when`` (words;
    "" where there is nothing to tell apart), ``cast`` (voter to votes), ``cases``.
    """
    now, whole = votes_now(declared, observations), votes(declared)
    if not now or now == whole:
        return [_part(declared, "", whole, bool(now), _waiting(observations) if now else ())]
    return [_part(declared, "as it is now", now, True, _waiting(observations)),
            _part(declared, "when all are in" if set(whole) - set(now) else "when all is as declared", whole, False, ())]


def _part(declared, when, cast, now, waiting):
    cases = single_failures(declared, cast)
    return {"when": when, "cast": cast, "cases": [
        {"now": now, "failure": case["what"], "kind": case["kind"], "serves": keeps_quorum(cast, case["lost"]) and bool(_remain(cast, case, waiting)),
         "text": _words(cast, case, waiting)} for case in cases]}


def _said(part, text):
    return "%s: %s" % (part["when"], text) if part["when"] else text


def _waiting(observations):
    """Who votes where it is in the view of others, but does not serve itself yet: names."""
    return [name for name, one in observations.items() if evidence.classify(one) not in (evidence.SERVING, evidence.UNKNOWN)]


def _remain(cast, case, waiting):
    return [name for name in cast if name not in case["lost"] and name != ARBITRATOR and name not in waiting]


def _words(cast, case, waiting):
    remain = _remain(cast, case, waiting)
    left, total = sum(cast[name] for name in cast if name not in case["lost"]), sum(cast.values())
    who = " and ".join(filter(None, [", ".join(remain[:-1]), remain[-1] if remain else ""]))
    if not remain:
        return "if %s fails, nobody serves" % case["what"]
    if keeps_quorum(cast, case["lost"]):
        return "if %s fails, %s go%s on serving (%d of %d votes)" % (case["what"], who, "" if len(remain) > 1 else "es", left, total)
    return "if %s fails, %s stop%s serving until a person assumes primary (%d of %d votes)" % (
        case["what"], who, "" if len(remain) > 1 else "s", left, total)


def quorum_forecast(facts):
    """``quorum.forecast``: a single failure that stops all the others warns, as the cluster is now."""
    if len(names(facts)) == 1:
        return [ok(CLUSTER, "one member: if it fails, nobody serves")]
    parts = _forecasts(facts.declared, facts.observations)
    seen = "; ".join(_said(part, "votes: %s; %s" % (
        _listed_votes(part["cast"]), "; ".join(_stopping(part)) or "no single failure of a member or the arbitrator stops the others"))
        for part in parts)
    if not _stopping(parts[0]):
        return [ok(CLUSTER, seen)]
    fixes = [_missing_fix(facts, parts[0]["cast"])] if len(parts) > 1 else []
    fixes += _quorum_fix(facts.declared) if _stopping(parts[-1]) else []
    return [warn(CLUSTER, seen, "no single failure stops the others", "; ".join(fixes + ["until then, know who is to assume primary"]))]


def _stopping(part):
    """The failures of one that stop all the others: texts."""
    return [case["text"] for case in part["cases"] if not case["serves"] and case["kind"] != "datacenter"]


def _listed_votes(cast):
    return ", ".join("%s %d" % item for item in cast.items())


def _missing_fix(facts, now):
    """How those come back who are declared and do not vote."""
    missing = [name for name in votes(facts.declared) if name not in now]
    if missing != [ARBITRATOR]:
        return "see cluster.component" if missing else "see cluster.drift"
    if not all(observed(facts, name)["capabilities"]["garbd"] for name in _serving(facts)):
        return "bring the arbitrator back by the appliance's own command"
    return ansible(facts, _ARBITRATE) + " puts the arbitrator back"


_REMEDIES = ((0, True, "declare senhasegura_arbitrator: the address of another host, on which garbd votes"),
             (1, False, "add a member"), (2, False, "add two members"),
             (1, True, "add a member, and declare senhasegura_arbitrator"))
"""Members that may be added, whether an arbitrator is declared then, and their words; the cheapest first."""


def _quorum_fix(declared):
    """The first remedy after which no single failure stops the others: list of at most one."""
    count = len(declared["members"])
    for more, arbitrator, words in _REMEDIES:
        after = {number: weight_of(number, 0, count + more) for number in range(count + more)}
        if arbitrator or declared["arbitrator"]:
            after[ARBITRATOR] = WEIGHT_ARBITRATOR
        if all(keeps_quorum(after, [name]) for name in after):
            return [words]
    return []


def quorum_now(facts):
    """``quorum.now``: the votes that are present, and those after the next step of ``create_cluster``."""
    cast, serving, now = votes(facts.declared), _serving(facts), votes_now(facts.declared, facts.observations)
    total, step = sum(cast.values()), _next_step(facts, now)
    if not serving and _was_made(facts):
        return [warn(CLUSTER, "0 of %d votes: no member serves%s" % (total, step), "all %d votes" % total, "see cluster.component")]
    if not serving:
        return [ok(CLUSTER, "no cluster serves; declared are %d votes: %s%s" % (total, _listed_votes(cast), step))]
    has = observed(facts, serving[0])["status"]["weight"]
    silent = "; the arbitrator does not vote" if ARBITRATOR in cast and ARBITRATOR not in now else ""
    seen = "%d of %d votes: %s serve%s%s" % (has, total, listed(serving), silent, step)
    if has >= total and set(cast) <= set(now):
        return [ok(CLUSTER, seen)]
    return [warn(CLUSTER, seen, "all %d votes" % total, "%s: what is missing is no reserve when the next one fails" % _missing_fix(facts, now))]


def _next_step(facts, now):
    """What the first step of the plan makes of the votes, in words; "" without a step that moves any.

    :param now: of :func:`_quorum.votes_now`.
    """
    if not facts.plan["order"]:
        return ""
    name, cast = facts.plan["order"][0], votes(facts.declared)
    action = facts.plan["members"][name]["action"]
    if action == RESTART:
        # Who leaves gracefully takes its votes along: they are counted on neither side.
        rest = sum(cast[one] for one in cast if one in now and one != name)
        return "; next, %s restarts: meanwhile %d of %d votes" % (name, rest, rest)
    if action in (BOOTSTRAP, JOIN):
        after = sum(cast[one] for one in cast if one in now or one == name)
        return "; next, %s %s: %d of %d votes" % (name, "joins" if action == JOIN else "is the first", after, sum(cast.values()))
    return ""


def _serving(facts):
    return [name for name in names(facts) if evidence.classify(facts.observations[name]) == evidence.SERVING]


# -- plan -----------------------------------------------------------------------------------------------------------------


def plan_possible(facts):
    """``plan.possible``: what ``create_cluster`` would refuse, beyond what other checks tell."""
    told = _told_elsewhere(facts)
    left = [line for line in facts.plan["refusals"] if line not in told and not any(tells_loss(name, line) for name in names(facts))]
    if left:
        return refused(facts, left, fail)
    return [ok(CLUSTER, "create_cluster would change %s" % listed(facts.plan["order"])) if not facts.plan["refusals"]
            else unknown(CLUSTER, "see the failures of the other checks")]


def refused(facts, lines, judged):
    """A finding for each of the plan's refusals.

    :param lines: sentences.
    :param judged: ``fail`` or ``warn``.
    """
    again = "what it says; then %s shows whether the plan is refused still" % ansible(facts, _CREATE, "--check")
    return [judged(CLUSTER, line, "a plan that is not refused", again) for line in lines]


def _told_elsewhere(facts):
    """Sentences of the plan whose matter has a check of its own."""
    seen = {name: facts.observations[name] for name in names(facts) if observed(facts, name)}
    if len(seen) < len(names(facts)):
        return [line for line in facts.plan["refusals"] if any(line.startswith(name + ": ") for name in names(facts) if name not in seen)]
    refused = preflight(facts.declared, seen, facts.plan["members"])
    # A plan that is refused calls every action a refusal; the room is then counted for nobody, and said by disk.room alone.
    as_joiners = {name: dict(decision, action=JOIN) for name, decision in facts.plan["members"].items()}
    return refused + preflight(facts.declared, seen, as_joiners) + [
        line for line in facts.plan["refusals"] if "has room for" in line]


# -- a living cluster -----------------------------------------------------------------------------------------------------


def component(facts):
    """``cluster.component``: on a living cluster, the one-component proof."""
    if not _was_made(facts):
        return [skipped(CLUSTER, "no cluster yet")]
    configured = [line for line in prove(facts.declared, facts.observations) if not _is_drift(line, facts)]
    if not configured:
        return [ok(CLUSTER, "one component of %s, proven on every member" % listed(names(facts)))]
    return [fail(CLUSTER, "; ".join(configured), "one component of %s" % listed(names(facts)),
                 "first what plan.possible and the other checks say" if facts.plan["refusals"]
                 else ansible(facts, _CREATE) + " repairs it")]


def _was_made(facts):
    """Whether there is a cluster, or was one: somebody serves, or somebody holds a history."""
    return bool(_serving(facts)) or any(evidence.history(observed(facts, name)) for name in names(facts) if observed(facts, name))


def _is_drift(line, facts):
    """What the proof says of settings is told by cluster.drift, and whoever was not seen by member.reachable."""
    reasons = ["%s: %s" % (name, reason) for name in names(facts) if observed(facts, name)
               for reason in observed(facts, name)["restart_reasons"]]
    unseen = ["%s: " % name for name in names(facts) if not observed(facts, name)]
    return (line in reasons or " it takes " in line or " its list of members is " in line
            or line.startswith(tuple(unseen)))


_SAME = "declared, written and running are the same"


def drift(facts):
    """``cluster.drift``: of each member that is or was in the cluster, declared against written against running."""
    serving = _serving(facts)
    uuids = {observed(facts, name)["status"]["state_uuid"] for name in serving}

    def judge(name, one):
        if name not in serving and (not serving or evidence.history(one) not in uuids):
            return skipped(name, "not in the cluster")
        written = _written_otherwise(facts, name)
        # That a database is not running is cluster.component's: its settings may be as declared.
        seen = (written or []) + (one["restart_reasons"] if name in serving else [])
        if seen:
            return fail(name, "; ".join(seen), _SAME,
                        ansible(facts, _CREATE, "--check --diff") + " shows what it would change; without --check it does")
        if written is None:
            return unknown(name, "see member.reachable")
        if name not in serving:
            return unknown(name, "declared and written are the same; it does not serve, so how it will run is unknown",
                           "see cluster.component; run again when it serves")
        return ok(name, _SAME)
    return each_observed(facts, judge)


def _written_otherwise(facts, name):
    """How what is written differs from what is declared: sentences; None where somebody could not be observed, whose keys are declared.

    The plan is not asked: where it refuses it compares nothing, and who joins gets settings that count for its joining alone.
    """
    if not all(observed(facts, other) for other in names(facts)):
        return None
    idle = {other: dict(decision, action=NONE) for other, decision in facts.plan["members"].items()}
    member = next(member for member in facts.declared["members"] if member["name"] == name)
    changes = of_member(facts.declared, facts.observations, idle, member)["changes"]
    return ["written is %s %s, declared %s" % (setting, _value(pair[0], pair[1]), _value(pair[1]))
            for found in changes.values() for setting, pair in found.items()]


def _value(value, declared=None):
    """A setting in a sentence; keys of peers are too long for one, so where only a peer's key differs that is said.

    :param declared: what ``value`` is compared with; None where nothing is to be said of that.
    """
    if isinstance(value, list):
        return ", ".join(_peer(item, declared) if isinstance(item, dict) else str(item) for item in value) or "nothing"
    return str(value) if value != "" else "nothing"


def _peer(peer, declared):
    others = [other for other in declared or [] if other["address"] == peer["address"]]
    return peer["address"] + (" (with another key than it has now)" if others and peer not in others else "")
