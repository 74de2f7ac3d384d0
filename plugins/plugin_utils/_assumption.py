# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another member assumes as primary: declared + observed + who is dead, as a person says → who is told what, in which order, or a
refusal. Pure.

While the members serve, the votes move on-line. When those who are left are in no primary component, one of them is told to make
their component primary; what the dead one holds beyond their position is then no part of the cluster any more.
"""

from __future__ import annotations

import hashlib
import json

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import named
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR, weight_of
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings

from . import _came_back as returned
from . import _elsewhere as elsewhere
from . import _evidence as evidence
from . import _quorum as quorum
from ._preflight import wrong_hosts
from ._proof import prove
from ._words import downtime, table

_DEAD = "senhasegura_dead_members"

_IS = {evidence.STANDALONE: "it runs standalone", evidence.DOWN: "its database does not run", evidence.ABSENT: "no database is installed there",
       evidence.MOVING: "its database is just being started or stopped"}


def make_assumption(declared, observations, options, dead, arbiter):
    """Decide.

    :param declared: of :func:`_declared.declare`; its ``primary`` is who assumes.
    :param observations: dict of member name to observation.
    :param options: of the declaration; ``primary`` must be named in it.
    :param dead: names of the members that are dead, as a person says; the arbitrator's, too, where nobody sees it or can ask its host.
    :param arbiter: what the arbitrator's host says, of :func:`_elsewhere.told`.
    :returns: dict of ``refusals``, ``stay`` (names of those who are left), ``dead``, ``dead_arbitrator`` (how it was
        named with them, where nobody could ask it), ``chosen`` (who makes its component primary, or ""), ``position`` (dict ``uuid``,
        ``seqno`` at which those who are left go on), ``moves`` (list of dict ``name``, ``options``: who is told of the primary, in that order),
        ``votes`` (dict ``before``, ``after``), ``work``, ``confirm``, ``digest``, ``asked_at`` (member name to the moment of its observation).
    """
    names = [member["name"] for member in declared["members"]]
    observations = {name: observations.get(name, {"unknown": "it was not observed"}) for name in names}
    stay = [name for name in names if name not in dead]
    plan = {"stay": stay, "dead": [name for name in names if name in dead], "chosen": "", "position": {}, "moves": [], "votes": {}, "work": False,
            "confirm": False, "digest": "", "asked_at": {name: one.get("asked_at", 0) for name, one in observations.items()},
            "dead_arbitrator": [name for name in elsewhere.names(declared) if name in dead and "unknown" in arbiter][:1],
            "old": _written(observations, stay), "refusals": _asked(declared, options, dead, names)}
    plan["refusals"] = plan["refusals"] or wrong_hosts(declared, observations) + _unknown(observations, stay) + _not_dead(
        declared, observations, plan) + elsewhere.living(declared, arbiter, plan["dead"], _DEAD)
    if plan["refusals"]:
        return plan
    states = {name: evidence.classify(observations[name]) for name in stay}
    if evidence.SERVING in states.values():
        plan["refusals"] = _unfit_to_move(declared, observations, plan, states)
    else:
        plan["refusals"] = _unfit_to_go_on(declared, observations, plan, states) or _arbitrator_apart(declared, observations, plan, dead, arbiter)
        _choose(declared, observations, plan)
        plan["refusals"] = plan["refusals"] or returned.among_those_left(declared, observations, stay)
    plan["refusals"] = plan["refusals"] or returned.not_the_primary(declared, observations)
    if plan["refusals"]:
        return dict(plan, chosen="", position={})
    plan["moves"] = _moves(declared, observations, stay)
    plan["votes"] = _votes(declared, observations, stay)
    plan["work"] = plan["confirm"] = bool(plan["moves"] or plan["chosen"])
    return dict(plan, digest=_digest(declared, plan))


def _written(observations, stay):
    """The addresses that those who are left take for the primary."""
    return sorted({observations[name]["observed"]["settings"]["primary"]["primary"] for name in stay if "observed" in observations[name]})


# -- refusals -------------------------------------------------------------------------------------------------------------


def _asked(declared, options, dead, names):
    voters = elsewhere.names(declared)
    problems = ["senhasegura_dead_members names %s, which is no member; the members are %s%s"
                % (name, ", ".join(names), ", and the arbitrator is %s" % voters[0] if voters else "")
                for name in dead if name not in names + voters]
    if not options.get("primary"):
        problems.append("nobody is named: set senhasegura_primary to the member that shall be the primary from now on (%s)" % ", ".join(names))
    elif declared["primary"] in dead:
        problems.append("senhasegura_primary is %s, which is named as dead; name one that lives: %s"
                        % (declared["primary"], " or ".join(name for name in names if name not in dead) or "(nobody is left)"))
    return problems


def _unknown(observations, stay):
    return ["%s: %s; what is unknown could be a living cluster, and two primaries would write different data. If it is dead, name it in "
            "senhasegura_dead_members; otherwise bring it back first" % (name, observations[name]["unknown"])
            for name in stay if observations[name].get("unknown")]


def _not_dead(declared, observations, plan):
    """A typed name is a claim; these would disprove it."""
    address = {member["name"]: member["address"] for member in declared["members"]}
    problems = evidence.unasked(observations, plan["dead"], _DEAD)
    problems += ["%s: it is named in senhasegura_dead_members, but its database runs; stop it there first, or do not name it" % name
                 for name in plan["dead"] if evidence.classify(observations[name]) not in (evidence.UNKNOWN, evidence.DOWN, evidence.ABSENT)]
    for name in plan["dead"]:
        seen = [one for one in plan["stay"] if "observed" in observations[one]]
        hearing = [one for one in seen if observations[one]["observed"]["ports"].get(address[name], {}).get("4567") == "open"]
        inside = [one for one in seen if address[name] in observations[one]["observed"]["status"]["incoming_addresses"]
                  and observations[one]["observed"]["status"]["current"]]
        if hearing or inside:
            problems.append("%s: it is named in senhasegura_dead_members, but %s; it lives. Make it reachable from the controller, and run again"
                            % (name, "Galera listens there (seen from %s)" % " and ".join(hearing) if hearing
                               else "%s sees it in its component" % " and ".join(inside)))
    return problems


def _unfit_to_move(declared, observations, plan, states):
    """Somebody serves: everybody who is left must, in one component; who is the primary there is what changes."""
    outside = ["%s: %s, while %s; bring it back first, with create_cluster"
               % (name, _IS.get(state, "Galera runs there in no primary component"), _serve(states))
               for name, state in states.items() if state != evidence.SERVING]
    refused = [_refused(name, observations[name]["observed"]) for name in plan["stay"]]
    return outside or [line for line in prove(declared, observations, without=plan["dead"]) if " for the primary, not " not in line] + [
        line for line in refused if line]


def _serve(states):
    names = [name for name, state in states.items() if state == evidence.SERVING]
    return "%s serve%s in a primary component" % (" and ".join(names), "s" if len(names) == 1 else "")


def _refused(name, observed):
    reason = observed["capabilities"]["refused"].get("primary.primary")
    return "%s: the primary cannot be chosen: %s" % (name, reason) if reason else ""


def _unfit_to_go_on(declared, observations, plan, states):
    """Nobody serves: those who are left must run Galera, see each other and nobody else, and hold one history."""
    stopped = ["%s: %s; start it, so that those who are left see each other, or let recover_cluster bring the cluster back"
               % (name, _IS[state]) for name, state in states.items() if state != evidence.SEPARATED]
    if stopped:
        return stopped
    address = {member["name"]: member["address"] for member in declared["members"]}
    wanted = {address[name] for name in plan["stay"]}
    problems = []
    for name in plan["stay"]:
        observed = observations[name]["observed"]
        seen = {item for item in _view(declared, observed, wanted) if item}
        if seen != wanted:
            problems.append("%s: it sees %s, and not exactly those who are left (%s); repair the links between them, and run again"
                            % (name, ", ".join(sorted(seen)) or "nobody", ", ".join(sorted(wanted))))
        if not observed["capabilities"]["assumes"]:
            problems.append("%s: no command of this platform makes a component primary that is not; follow the vendor's guide, or call the "
                            "support" % name)
    histories = {observations[name]["observed"]["status"]["state_uuid"] for name in plan["stay"]}
    if len(histories) > 1:
        problems.append("those who are left hold different histories (%s)" % ", ".join(
            "%s: %s" % (name, observations[name]["observed"]["status"]["state_uuid"]) for name in plan["stay"]))
    if not plan["dead"] and not problems:
        problems.append("all members see each other in no primary component, and none is dead; run recover_cluster when they do not come back "
                        "by themselves")
    return problems


def _arbitrator_apart(declared, observations, plan, dead, arbiter):
    """An arbitrator that none of those who are left sees may serve with who is said to be dead: its host tells, or a person."""
    views = [observations[name]["observed"]["status"]["incoming_addresses"] for name in plan["stay"]]
    named_dead = [name for name in dead if name in elsewhere.names(declared)]
    if not declared["arbitrator"] or all("" in view for view in views):
        return ["%s: it is named in senhasegura_dead_members, but %s sees an arbitrator in its component; do not name it"
                % (name, " and ".join(plan["stay"])) for name in named_dead]
    if "unknown" in arbiter:
        return [] if named_dead else [elsewhere.unasked(declared, arbiter, plan["dead"], _DEAD)]
    return [elsewhere.apart(declared, arbiter)] if arbiter["running"] else []


def _view(declared, observed, wanted):
    """Whom a member sees. Who has no name in its view is one of those who are left if it reaches Galera on all of them, and nobody else
    could be there: an arbitrator has no name either.
    """
    incoming = observed["status"]["incoming_addresses"]
    reached = {peer for peer, ports in observed["ports"].items() if ports.get("4567") == "open"}
    lacking = wanted - set(incoming)
    return named(incoming, sorted(wanted)) if lacking <= reached and not declared["arbitrator"] else incoming


# -- decisions ------------------------------------------------------------------------------------------------------------


def _choose(declared, observations, plan):
    """The newest of those who are left; among equals, who assumes as primary."""
    seqno = {name: observations[name]["observed"]["status"]["last_committed"] for name in plan["stay"]}
    plan["chosen"] = max(plan["stay"], key=lambda name: (seqno[name], name == declared["primary"]))
    plan["position"] = {"uuid": observations[plan["chosen"]]["observed"]["status"]["state_uuid"], "seqno": seqno[plan["chosen"]]}


def _moves(declared, observations, stay):
    """The new primary first, so that its vote is raised before another one's is lowered."""
    address = {member["name"]: member["address"] for member in declared["members"]}
    options = {name: {"primary": address[declared["primary"]], "address": address[name],
                      "weight": weight_of(address[name], address[declared["primary"]], len(address))} for name in stay}
    return [{"name": name, "options": options[name]} for name in sorted(stay, key=lambda name: name != declared["primary"])
            if _differs(options[name], observations[name]["observed"])]


def _differs(options, observed):
    wanted = wanted_settings("primary", dict(options), observed["capabilities"]["decides"])
    return any(observed["settings"]["primary"].get(name) != value for name, value in wanted.items())


def _votes(declared, observations, stay):
    after = {name: votes for name, votes in quorum.votes(declared).items() if name in stay}
    before = {name: observations[name]["observed"]["settings"]["primary"]["weight"] for name in stay}
    if any("" in observations[name]["observed"]["status"]["incoming_addresses"] for name in stay):
        before[quorum.ARBITRATOR] = after[quorum.ARBITRATOR] = WEIGHT_ARBITRATOR
    return {"before": before, "after": after}


def is_approved(plan, approved):
    """Whether a plan is what was said Yes to; that the component has become primary meanwhile, by a killed run, is less than that. More is an
    arbitrator for whose being dead only a person answers now, which nobody was shown.
    """
    return (set(plan["dead_arbitrator"]) <= set(approved["dead_arbitrator"]) and plan["digest"] == approved["digest"]
            and (not plan["chosen"] or plan["position"] == approved["position"]))


def _digest(declared, plan):
    said = [declared["primary"], plan["stay"], plan["dead"]]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


# -- in words -------------------------------------------------------------------------------------------------------------


def assumption_lines(declared, plan):
    """The plan as a person reads it: who is told what, the votes, what it costs."""
    if not plan["work"]:
        return ["Nothing to do: %s is the primary, as %s know." % (declared["primary"], ", ".join(plan["stay"]))]
    rows = [[plan["chosen"], "make the component of %s primary" % " and ".join(plan["stay"]),
             "it is in no primary component, and the newest of those who are left (position %d)" % plan["position"]["seqno"]]
            ] if plan["chosen"] else []
    rows += [[move["name"], "change on-line, no restart", "it becomes the primary" if move["name"] == declared["primary"]
              else "%s becomes the primary" % declared["primary"]] for move in plan["moves"]]
    lines = table(["", "member", "what", "why"], [[position] + row for position, row in enumerate(rows, 1)])
    lines.append("Votes: before %s, after %s." % (quorum.in_words(plan["votes"]["before"]), quorum.in_words(plan["votes"]["after"])))
    lines += quorum.single_failures(plan["votes"]["after"])
    if not plan["chosen"]:
        return lines + [downtime("none")]
    return lines + [downtime("it ends with this", "%s serve%s again from then on" % (" and ".join(plan["stay"]), "" if plan["stay"][1:] else "s")),
                    "What only %s hold%s beyond position %d is lost to the cluster, and %s must be given all data anew when it comes back. If it "
                    "is not dead but only cut off, it may still serve: then there would be two primaries with different data.%s"
                    % (" and ".join(plan["dead"]), "" if plan["dead"][1:] else "s", plan["position"]["seqno"], " or ".join(plan["dead"]),
                       "".join(" The arbitrator %s is taken for dead too: senhasegura_dead_members names it, and it could not be asked." % name
                               for name in plan["dead_arbitrator"]))]


def parting_lines(declared, plan):
    """What is left to do by hand."""
    lines = ["%s is the primary. Keep senhasegura_primary: %s in the inventory." % (declared["primary"], declared["primary"])]
    return lines + ["%s is recorded on %s as left behind at position %d. Bring it back with create_cluster: it is let in as it is only when it "
                    "provably holds nothing beyond that, and given all data anew when named in senhasegura_overwrite_members."
                    % (name, ", ".join(plan["stay"]), plan["position"]["seqno"]) for name in plan["dead"] if plan["chosen"]]
