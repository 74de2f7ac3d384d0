# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing members: declared + observed → how a member leaves and what those who stay change, or a refusal. Pure.

Those who stay are planned by :func:`_plan.make_plan` for the cluster as it is declared without the removed ones, on what
they will see once these are gone; nobody who stays may need more than a change on-line.
"""

from __future__ import annotations

import hashlib
import json

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import weight_of
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings

from . import _came_back as returned
from . import _evidence as evidence
from ._actions import CONFIGURE, NONE
from ._declared import declare
from ._plan import make_plan
from ._preflight import wrong_hosts
from ._quorum import ARBITRATOR, in_words, keeps_quorum, votes

_IS = {evidence.SEPARATED: "Galera runs there in no primary component", evidence.STANDALONE: "it runs standalone",
       evidence.DOWN: "its database does not run", evidence.ABSENT: "no database is installed there",
       evidence.MOVING: "its database is just being started or stopped"}


# -- what is declared -----------------------------------------------------------------------------------------------------


def declare_removal(hosts, options, asked):
    """The declared cluster, with and without the members that are to be removed.

    :param hosts: of :func:`_inventory.variables_of`; the removed ones are still in it.
    :param options: as :func:`_declared.declare` takes them.
    :param asked: dict of ``remove`` (names), ``dead`` (names of those that are dead for good), ``state`` (``started`` or
        ``stopped``: what the removed member's database shall be).
    :returns: tuple of dict of plain values (``full`` and ``after``, declared clusters; ``removed``, ``dead``, ``state``,
        ``primary_named``: whether the primary was named and not merely assumed) and the list of problems.
    """
    full, problems = declare(hosts, options)
    names = [member["name"] for member in full.get("members", [])]
    removed, dead = list(dict.fromkeys(asked["remove"])), list(dict.fromkeys(asked["dead"]))
    stay = [name for name in names if name not in removed]
    problems = problems + _removal_problems(names, stay, removed, dead, options.get("primary"))
    if problems:
        return {}, problems
    smaller = dict(options, members=stay)
    for option in ("overwrite", "application_active"):
        smaller[{"overwrite": "overwrite_members"}.get(option, option)] = [name for name in full[option] if name in stay]
    after, problems = declare(hosts, smaller)
    after["removed"] = [member["address"] for member in full["members"] if member["name"] in removed]
    return {"full": full, "after": after, "removed": removed, "dead": dead, "state": asked["state"],
            "primary_named": bool(options.get("primary"))}, problems


def _removal_problems(names, stay, removed, dead, primary):
    if not removed:
        return ["nobody is named: set senhasegura_remove to the inventory name of the member to remove (%s)" % ", ".join(names)]
    problems = ["senhasegura_remove names %s, which is no member; the members are %s. Whoever was removed already and taken "
                "out of the inventory needs nothing more; whoever only vanished from it must be put back first"
                % (name, ", ".join(names)) for name in removed if name not in names]
    problems += ["senhasegura_dead_members names %s, which is not named in senhasegura_remove" % name
                 for name in dead if name not in removed]
    if names and not stay:
        problems.append("nobody would remain of %s, and the cluster's last member is not removed" % ", ".join(names))
    if primary in removed and stay:
        problems.append("senhasegura_primary is %s, which is to be removed; name one that stays: %s" % (primary, " or ".join(stay)))
    return problems


# -- the plan -------------------------------------------------------------------------------------------------------------


def make_removal(removal, observations):
    """Decide.

    :param removal: of :func:`declare_removal`, without problems.
    :param observations: as :func:`_plan.make_plan` takes them, of all members, the removed ones included.
    :returns: the plan of :func:`_plan.make_plan` for those who stay, and in it ``stay`` (names), ``gone`` (names of the
        removed that cannot be reached), ``leaving`` (of :func:`_leaver`, or None when nobody of the removed can be reached),
        ``moves`` (list of dict ``name``, ``options``: who is told of the new primary before anybody leaves, in that order),
        ``votes`` (dict of ``before``, ``after``: voter to votes) and ``work`` (whether anything is to be done).
    """
    stay = [member["name"] for member in removal["after"]["members"]]
    gone = [name for name in removal["removed"] if evidence.classify(observations[name]) == evidence.UNKNOWN]
    plan = {"stay": stay, "gone": gone, "leaving": None, "moves": [], "votes": {}, "order": [], "members": {}, "work": False,
            "confirm": False, "digest": "", "warnings": [], "refusals": _refuse(removal, observations, stay, gone)}
    if plan["refusals"]:
        return plan
    made = make_plan(removal["after"], {name: _without(observations[name], removal["after"]["removed"]) for name in stay}, warn_of_returned=True)
    plan.update({key: made[key] for key in ("order", "members", "warnings", "proven_outside")})
    plan["refusals"] = made["refusals"] + _more_than_on_line(made, observations)
    for member in removal["full"]["members"]:
        if member["name"] in removal["removed"] and member["name"] not in gone:
            plan["leaving"] = _leaver(removal, member, observations[member["name"]], stay)
            plan["moves"] = _moves(removal, observations, plan)
    plan["votes"] = _votes(removal, observations, plan)
    plan["refusals"] += _unwritten_votes(observations, plan) + _without_quorum(plan)
    if plan["refusals"]:
        return dict(plan, order=[], moves=[])
    known = {name: one for name, one in observations.items() if not one.get("unknown")}
    plan["warnings"] = list(dict.fromkeys(plan["warnings"] + returned.dismissed(removal["full"], known))) + _warnings(removal, plan)
    plan["work"] = bool(plan["order"] or plan["moves"] or plan["leaving"] and plan["leaving"]["work"])
    return dict(plan, confirm=plan["work"], digest=_digest(removal, observations, stay))


def is_approved(plan, approved):
    """Whether what is done to the votes and to the member that leaves is what was said Yes to, in the same component. What those who stay
    change on-line beside that needs no other Yes.

    :param approved: the plan that was shown; ``plan`` is of a moment in which nothing is done yet.
    """
    leavers = [dict(one["leaving"], asked_at=0) if one["leaving"] else None for one in (plan, approved)]
    return leavers[0] == leavers[1] and all(plan[key] == approved[key] for key in ("digest", "gone", "moves", "votes"))


def vanished(approved, observations):
    """Why nothing is known of the member that was told to leave, though it was observed when the plan was made.

    What was seen of it then no longer tells whether it has left.

    :param approved: the plan that was said Yes to.
    :param observations: of all members, made since; of a member that cannot be reached any more, the old one.
    :returns: a sentence or "".
    """
    leaver = approved["leaving"]
    if not leaver or not leaver["work"]:
        return ""
    observation = observations[leaver["name"]]
    if observation.get("asked_at", 0) > leaver["asked_at"]:
        return ""
    return ("%s: it could not be reached since the plan was made%s, so it is not known whether it has left; run the playbook again when "
            "it answers, or, if it is dead for good, with its name in senhasegura_dead_members"
            % (leaver["name"], " (%s)" % observation["unknown"] if "unknown" in observation else ""))


def still_inside(plan):
    """Why those who stay must not be touched yet, though the member was told to leave: a sentence or ""."""
    if plan["leaving"] and plan["leaving"]["stop"]:
        return "%s: %s, so it has not left the cluster; run the playbook again" % (plan["leaving"]["name"], plan["leaving"]["reason"])
    return ""


def _refuse(removal, observations, stay, gone):
    """What must be true before anything is planned: sentences."""
    refusals = _degraded(observations, stay) + _unproven(removal, observations, stay, gone)
    known = {name: one for name, one in observations.items() if not one.get("unknown")}
    refusals += evidence.split(removal["full"], known) + evidence.vanished(removal["full"], known) + wrong_hosts(removal["full"], known)
    living = [name for name in removal["removed"] if name not in gone]
    if len(living) > 1:
        refusals.append("%s can be reached: only one living member is removed at a time, so name one of them" % " and ".join(living))
    refusals = refusals or _coming_or_going(removal, observations, stay, living) or _unproven_data(removal, known, stay)
    return refusals + ([] if refusals else _unnamed_primary(removal, observations, stay))


def _degraded(observations, stay):
    problems = []
    for name in stay:
        observation = observations[name]
        state = evidence.classify(observation)
        if state == evidence.UNKNOWN:
            problems.append("%s: %s; a member is removed only while all who stay are proven to serve. Bring it back first, or if "
                            "it is dead for good too, name it in senhasegura_remove and senhasegura_dead_members"
                            % (name, observation["unknown"]))
        elif state != evidence.SERVING:
            problems.append("%s: %s; a member is removed only while all who stay serve. Bring it back first, with create_cluster"
                            % (name, _IS[state]))
        elif observation["observed"]["status"]["local_state"] != SYNCED or not observation["observed"]["status"]["ready"]:
            problems.append("%s: its state is %s, not Synced; a member is removed only while all who stay are Synced. Run again "
                            "when it is" % (name, observation["observed"]["status"]["local_state_comment"] or "unknown"))
    return problems


def _unproven(removal, observations, stay, gone):
    """Members that cannot be reached: what is unknown could be a living cluster, so a person must have named them."""
    address = {member["name"]: member["address"] for member in removal["full"]["members"]}
    problems = evidence.unasked(observations, [name for name in gone if name in removal["dead"]], "senhasegura_dead_members")
    for name in gone:
        seeing = [other for other in stay if evidence.classify(observations[other]) == evidence.SERVING
                  and address[name] in observations[other]["observed"]["status"]["incoming_addresses"]]
        if seeing:
            problems.append("%s: %s, but it is in the primary component of %s, so it lives; make it reachable from the "
                            "controller, then run again" % (name, observations[name]["unknown"], " and ".join(seeing)))
        elif name not in removal["dead"]:
            problems.append("%s: %s; what is unknown could be a living cluster. If it is dead for good, name it in "
                            "senhasegura_dead_members; otherwise bring it back first" % (name, observations[name]["unknown"]))
    return problems


def _coming_or_going(removal, observations, stay, living):
    """A member that does not serve, though the others see it in their component: its votes are not known in this moment."""
    address = {member["name"]: member["address"] for member in removal["full"]["members"]}
    return ["%s: %s, but %s sees it in its component, so it is just coming or going; run again when it is there or gone"
            % (name, _IS[evidence.classify(observations[name])], stay[0]) for name in living
            if evidence.classify(observations[name]) != evidence.SERVING
            and address[name] in observations[stay[0]]["observed"]["status"]["incoming_addresses"]]


def _unproven_data(removal, known, stay):
    """Who alone has recorded that another one was left behind may not go before that one is seeded anew: the record would go with it."""
    kept = [name for name, mine in evidence.left_behind(removal["full"], known).items() if set(mine["recorded_by"]) & set(stay)]
    return [sentence for name, sentence in returned.came_back(removal["full"], known).items() if name in stay and name not in kept]


def _unnamed_primary(removal, observations, stay):
    """The primary is removed only when a person said who comes after it."""
    if removal["primary_named"]:
        return []
    written = {observations[name]["observed"]["settings"]["primary"]["primary"] for name in stay}
    return ["%s is the primary; name the member that shall be it from now on in senhasegura_primary (%s). It gets the primary's "
            "votes on-line, in the same run, before %s leaves" % (member["name"], " or ".join(stay), member["name"])
            for member in removal["full"]["members"] if member["name"] in removal["removed"] and member["address"] in written]


def _without(observation, addresses):
    """What a member that stays will see once the others are gone."""
    observed = observation["observed"]
    status = observed["status"]
    left = [item for item in status["incoming_addresses"] if item not in addresses]
    fewer = len(status["incoming_addresses"]) - len(left)
    return dict(observation, observed=dict(
        observed, status=dict(status, incoming_addresses=left, size=status["size"] - fewer),
        ports={peer: found for peer, found in observed["ports"].items() if peer not in addresses}))


def _more_than_on_line(made, observations):
    """Nobody who stays restarts, nor is waited for, because another one is removed."""
    problems = []
    for name, decided in made["members"].items():
        if made["refusals"] or decided["action"] in (NONE, CONFIGURE):
            continue
        if "members.members" in observations[name]["observed"]["capabilities"]["restarts"]:
            problems.append("%s: this platform takes a shorter list of members only with a restart, and remove_member restarts "
                            "nobody who stays. Make the leaving member standalone by its own screens, take it out of the "
                            "inventory, and run create_cluster" % name)
        else:
            problems.append("%s would have to restart (%s), and remove_member restarts nobody who stays; run create_cluster first"
                            % (name, decided["reason"]))
    return problems


# -- who leaves -----------------------------------------------------------------------------------------------------------


def _leaver(removal, member, observation, stay):
    """What is done to the removed member itself.

    :returns: dict of ``name``, ``address``, ``serves`` (whether it is in the primary component), ``stop`` and ``start``
        (its database), ``settings`` (per step the options of its module), ``steps`` (the same for ``cluster_steps``),
        ``changes`` (names of steps that change), ``expected`` (the addresses of the component that it leaves),
        ``state`` (what its database shall be), ``reason``, ``work``, ``asked_at`` (the moment of the observation that all
        this is decided on).
    """
    state, observed = evidence.classify(observation), observation["observed"]
    address = {one["name"]: one["address"] for one in removal["full"]["members"]}
    settings = {} if state == evidence.ABSENT else _alone(member, observed)
    decides = observed["capabilities"]["decides"]
    changes = [step for step, options in settings.items() if _differs(step, options, observed, decides)]
    in_cluster = state in (evidence.SERVING, evidence.SEPARATED, evidence.MOVING)
    stop = in_cluster or removal["state"] == "stopped" and state == evidence.STANDALONE
    start = removal["state"] == "started" and (in_cluster or state == evidence.DOWN)
    reason = "it is in the primary component" if state == evidence.SERVING else _IS[state]
    return {"name": member["name"], "address": member["address"], "serves": state == evidence.SERVING, "stop": stop, "start": start,
            "settings": settings, "steps": [{"cluster_" + step: options} for step, options in settings.items()],
            "changes": changes, "expected": [address[name] for name in address if name in stay or name == member["name"]],
            "state": removal["state"], "installed": state != evidence.ABSENT, "reason": reason,
            "work": bool(stop or start or changes), "asked_at": observation["asked_at"]}


def _alone(member, observed):
    """The settings of a member that belongs to no cluster any more.

    Its list of members is itself alone: with it Galera neither finds anybody to join nor bootstraps, should somebody turn
    it on by hand.
    """
    return {"mode": {"mode": "standalone"},
            "members": {"members": [member["address"]], "address": member["address"], "arbitrator": ""},
            "sync": {"enabled": False, "timeout": observed["settings"]["sync"]["timeout"]}}


def _differs(step, options, observed, decides):
    return any(observed["settings"][step].get(name) != value
               for name, value in wanted_settings(step, dict(options), decides).items())


def _moves(removal, observations, plan):
    """Who is told of another primary before the member leaves: the new one first, so that its vote is raised before the old
    one's is lowered. Without a member that leaves alive, the changes of those who stay are enough.
    """
    if not plan["leaving"]["serves"]:
        return []
    after = removal["after"]
    address = {member["name"]: member["address"] for member in removal["full"]["members"]}
    order = [after["primary"]] + [name for name in plan["stay"] if name != after["primary"]] + [plan["leaving"]["name"]]
    options = {name: {"primary": address[after["primary"]], "address": address[name],
                      "weight": weight_of(address[name], address[after["primary"]], len(address))} for name in order}
    differs = [name for name in order if _differs("primary", options[name], observations[name]["observed"],
                                                  observations[name]["observed"]["capabilities"]["decides"])]
    return [{"name": name, "options": options[name]} for name in differs]


# -- votes ----------------------------------------------------------------------------------------------------------------


def _votes(removal, observations, plan):
    """Who has which votes now, when the member is about to leave, and at the end."""
    status = observations[plan["stay"][0]]["observed"]["status"]
    inside = plan["stay"] + ([plan["leaving"]["name"]] if plan["leaving"] and plan["leaving"]["serves"] else [])
    before = {name: observations[name]["observed"]["settings"]["primary"]["weight"] for name in inside}
    moved = dict(before)
    moved.update({move["name"]: move["options"]["weight"] for move in plan["moves"]})
    after = votes(dict(removal["after"], arbitrator=""))
    if "" in status["incoming_addresses"]:  # what it has is known only from what all have together
        extra = {ARBITRATOR: status["weight"] - sum(before.values())}
        before, moved, after = dict(before, **extra), dict(moved, **extra), dict(after, **extra)
    return {"before": before, "leaving": moved, "after": after}


def _unwritten_votes(observations, plan):
    """The forecast is made of what is written, so that must be what runs, where the votes are ours to write."""
    observed = observations[plan["stay"][0]]["observed"]
    running, written = observed["status"]["weight"], sum(plan["votes"]["before"].values())
    if running == written or "primary.weight" in observed["capabilities"]["decides"]:
        return []
    return ["%s sees %d votes, but written are %s; set pc.weight on each member to what is written there (SET GLOBAL "
            "wsrep_provider_options='pc.weight=N'; where MariaDB says that it is read-only, SET GLOBAL wsrep_provider_pc_weight=N), then "
            "run again" % (plan["stay"][0], running, in_words(plan["votes"]["before"]))]


def _without_quorum(plan):
    """Whether those who stay would keep their quorum even if the member did not leave gracefully but died while it stops."""
    if not plan["leaving"] or not plan["leaving"]["serves"]:
        return []
    name, cast = plan["leaving"]["name"], plan["votes"]["leaving"]
    left, total = sum(cast.values()) - cast[name], sum(cast.values())
    if keeps_quorum(cast, [name]):
        return []
    return ["%s must not leave now: %d of %d votes would remain, and should it die while it stops, nobody would serve; run "
            "create_cluster first, so that every member has its votes" % (name, left, total)]


def _warnings(removal, plan):
    found = []
    if len(plan["stay"]) == 1:
        found.append("one member remains: stopped, it does not start again by itself, since there is nobody to join; create_cluster "
                     "then bootstraps it on proof")
    found += ["%s is named in senhasegura_dead_members but can be reached, so it is removed as a living one" % name
              for name in removal["dead"] if name not in plan["gone"]]
    found += ["%s cannot be told that it is removed: started again as it is, it would join again; erase it, or let it never start. "
              "Should it come back, run remove_member for it again" % name for name in plan["gone"]]
    return found


def _digest(removal, observations, stay):
    """What a person said Yes to: compared when the members are observed again before those who stay are changed."""
    said = {"removed": removal["removed"], "stay": stay, "primary": removal["after"]["primary"],
            "components": sorted({observations[name]["observed"]["status"]["state_uuid"] for name in stay})}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


# -- the proof ------------------------------------------------------------------------------------------------------------


def prove_alone(removal, observations):
    """Whether the removed members that can be reached are out, standalone, and as asked.

    :param observations: of the removed members, made after the removal.
    :returns: list of what is missing in words; empty when it is proven.
    """
    missing = []
    for name in removal["removed"]:
        observation = observations[name]
        state = evidence.classify(observation)
        if state == evidence.UNKNOWN and name in removal["dead"] or state == evidence.ABSENT:
            continue
        if state == evidence.UNKNOWN:
            missing.append("%s: %s" % (name, observation["unknown"]))
            continue
        expected = {"started": evidence.STANDALONE, "stopped": evidence.DOWN}[removal["state"]]
        if state != expected:
            missing.append("%s: it was removed and must be %s, but %s" % (name, "standalone" if removal["state"] == "started" else "stopped",
                                                                          _IS.get(state, "it is in a primary component")))
        if observation["observed"]["settings"]["mode"]["mode"] != "standalone":
            missing.append("%s: it was removed but its settings say %s, not standalone"
                           % (name, observation["observed"]["settings"]["mode"]["mode"]))
    return missing
