# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may assume as primary, on what evidence, and the rules that no assumption breaks."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._assumption import assumption_lines, is_approved, make_assumption, parting_lines
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._elsewhere import told
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from hypothesis import given, settings
from hypothesis import strategies as st

N1, N2, N3 = (b.address(name) for name in b.names_of(3))
TWO, THREE = b.declared(2, primary="n2"), b.declared(3, primary="n2")


UNASKED = {"unknown": "it cannot be reached: no route to host"}
ABSENT = {"running": False, "peers": [], "own": ""}
ALONE = {"running": True, "peers": [], "own": ""}
WITH_N1 = {"running": True, "peers": [N1], "own": ""}


def assumed(declared, observations, dead=(), named="n2", arbiter=None):
    return make_assumption(declared, observations, {"primary": named}, list(dead), arbiter or UNASKED)


def before(declared):
    """Everybody serves, and n1 is the primary."""
    old = b.declared(len(declared["members"]), primary="n1")
    return b.living(old)


def cut_off(name, component, last_committed=100, declared=None, **status):
    """A member whose Galera runs in no primary component, with the settings of before."""
    one = b.separated(name, settings=b.settings_as(b.declared(len((declared or TWO)["members"]), primary="n1"), name))
    one["observed"]["status"].update(dict({"incoming_addresses": [b.address(other) for other in component], "size": len(component),
                                           "state_uuid": b.UUID, "last_committed": last_committed}, **status))
    return one


def test_planned_the_new_primary_is_told_first():
    plan = assumed(TWO, before(TWO))
    assert plan["refusals"] == [] and plan["chosen"] == "" and plan["confirm"]
    assert [(move["name"], move["options"]["weight"]) for move in plan["moves"]] == [("n2", 2), ("n1", 1)]
    assert assumption_lines(TWO, plan)[1:] == [
        "1  n2      change on-line, no restart  it becomes the primary", "2  n1      change on-line, no restart  n2 becomes the primary",
        "Votes: before 3 (n1 2, n2 1), after 3 (n1 1, n2 2).", "Then the cluster serves on without n1 (2 of 3 votes).",
        "But without n2 (1 of 3 votes) nobody serves until a person decides.", "Expected downtime: none."]


def test_what_is_so_already_needs_nothing():
    plan = assumed(TWO, b.living(TWO))
    assert (plan["work"], plan["confirm"], plan["refusals"]) == (False, False, [])
    assert assumption_lines(TWO, plan) == ["Nothing to do: n2 is the primary, as n1, n2 know."]


def test_after_the_primary_s_death():
    world = {"n1": b.unreachable(), "n2": cut_off("n2", ["n2"], 463)}
    assert assumed(TWO, world)["refusals"] == [
        "n1: it cannot be reached: no route to host; what is unknown could be a living cluster, and two primaries would write different data. "
        "If it is dead, name it in senhasegura_dead_members; otherwise bring it back first"]
    plan = assumed(TWO, world, ["n1"])
    assert (plan["refusals"], plan["chosen"], plan["position"]) == ([], "n2", {"uuid": b.UUID, "seqno": 463})
    assert parting_lines(TWO, plan)[1].startswith("n1 is recorded on n2 as left behind at position 463. ")
    served = assumed(TWO, dict(world, n2=b.serving("n2", ["n2"], world["n2"]["observed"]["settings"])), ["n1"])
    assert served["chosen"] == "" and is_approved(served, plan) and not is_approved(plan, dict(plan, position={"uuid": b.UUID, "seqno": 9}))


def test_who_is_named_as_dead_must_have_been_asked():
    world = {"n1": b.unasked(), "n2": cut_off("n2", ["n2"], 463)}
    assert assumed(TWO, world, ["n1"])["refusals"] == [
        "n1: it was not observed (--limit must not leave a member out); it is named in senhasegura_dead_members, and its answer would tell "
        "whether that is so: run without --limit"]


def test_an_arbitrator_that_can_be_asked_no_more_needs_another_yes():
    two = dict(TWO, arbitrator="10.0.0.9", arbitrator_host="arbiter")
    world = {"n1": b.unreachable(), "n2": cut_off("n2", ["n2"], 463)}
    shown, now = (assumed(two, world, ["n1", "arbiter"], arbiter=arbiter) for arbiter in (ABSENT, UNASKED))
    assert (shown["refusals"], now["refusals"], shown["dead_arbitrator"], now["dead_arbitrator"]) == ([], [], [], ["arbiter"])
    assert not is_approved(now, shown) and is_approved(shown, now) and is_approved(now, now)


def test_the_newest_of_those_who_are_left_is_told():
    world = {"n1": b.unreachable(), "n2": cut_off("n2", ["n2", "n3"], 5, THREE), "n3": cut_off("n3", ["n2", "n3"], 7, THREE)}
    assert assumed(THREE, world, ["n1"])["chosen"] == "n3"


@pytest.mark.parametrize("verdict, arbitrator, refused", [("open", "", False), ("filtered", "", True), ("open", "10.0.0.9", True)])
def test_who_met_in_no_primary_component_has_no_address_there(verdict, arbitrator, refused):
    """It is one of those who are left if it is reached there, and if it cannot be the arbitrator."""
    declared = b.declared(3, primary="n2", arbitrator=arbitrator)
    world = {"n1": b.unreachable()}
    for name, other in (("n2", "n3"), ("n3", "n2")):
        world[name] = cut_off(name, [], 7, THREE, incoming_addresses=[b.address(name), "unspecified"], size=2)
        world[name]["observed"]["ports"] = {b.address(other): {"4567": verdict}, N1: {"4567": "filtered"}}
    problems = assumed(declared, world, ["n1"], arbiter=ABSENT)["refusals"]
    assert problems == (["n2: it sees 10.0.0.12, unspecified, and not exactly those who are left (10.0.0.12, 10.0.0.13); repair the links between "
                         "them, and run again",
                         "n3: it sees 10.0.0.13, unspecified, and not exactly those who are left (10.0.0.12, 10.0.0.13); repair the links between "
                         "them, and run again"] if refused else [])


@pytest.mark.parametrize("changed, dead, problem", [
    ({}, ["n1", "n9"], "senhasegura_dead_members names n9, which is no member; the members are n1, n2, n3"),
    ({}, ["n2"], "senhasegura_primary is n2, which is named as dead; name one that lives: n1 or n3"),
    ({"n1": cut_off("n1", ["n1"], declared=THREE)}, ["n1"],
     "n1: it is named in senhasegura_dead_members, but its database runs; stop it there first, or do not name it"),
    ({"n3": cut_off("n3", ["n3"], declared=THREE)}, ["n1"],
     "n3: it sees 10.0.0.13, and not exactly those who are left (10.0.0.12, 10.0.0.13); repair the links between them, and run again"),
    ({"n3": b.down("n3")}, ["n1"], "n3: its database does not run; start it, so that those who are left see each other, or let recover_cluster "
                                   "bring the cluster back"),
    ({"n3": cut_off("n3", ["n2", "n3"], declared=THREE, state_uuid=b.OTHER_UUID)}, ["n1"],
     "those who are left hold different histories (n2: %s, n3: %s)" % (b.UUID, b.OTHER_UUID)),
    ({"n3": b.serving("n3", ["n3"], b.settings_as(THREE, "n3"))}, ["n1"],
     "n2: Galera runs there in no primary component, while n3 serves in a primary component; bring it back first, with create_cluster"),
])
def test_what_is_refused(changed, dead, problem):
    world = dict({"n1": b.unreachable(), "n2": cut_off("n2", ["n2", "n3"], declared=THREE),
                  "n3": cut_off("n3", ["n2", "n3"], declared=THREE)}, **changed)
    plan = assumed(THREE, world, dead)
    assert problem in plan["refusals"] and not plan["work"] and plan["chosen"] == "" and plan["moves"] == []


def test_a_dead_one_that_listens_is_not_dead():
    world = {"n1": b.unreachable(), "n2": cut_off("n2", ["n2"])}
    world["n2"]["observed"]["ports"] = {N1: {"4567": "open"}}
    assert assumed(TWO, world, ["n1"])["refusals"] == [
        "n1: it is named in senhasegura_dead_members, but Galera listens there (seen from n2); it lives. Make it reachable from the controller, "
        "and run again"]


# -- an arbitrator that nobody sees --------------------------------------------------------------------------------------------


def with_arbitrator(host="arbiter"):
    return b.declared(2, primary="n2", arbitrator="10.0.0.9", arbitrator_host=host)


def left_alone(arbitrator=False):
    """n1 is unknown, and n2 sees itself, or the arbitrator too."""
    n2 = cut_off("n2", ["n2"])
    if arbitrator:
        n2["observed"]["status"].update(incoming_addresses=[N2, ""], size=2)
    return {"n1": b.unreachable(), "n2": n2}


TO_NAME = ("the arbitrator arbiter (10.0.0.9): it cannot be reached: no route to host, and none of those who are left sees it; with n1 it could be "
           "a living cluster. If it is dead too, name it like a member: -e '{\"senhasegura_dead_members\": [\"n1\", \"arbiter\"]}'; otherwise "
           "bring it back first")
APART = ("the arbitrator arbiter (10.0.0.9): garbd runs there (connected to nobody), and none of those who are left sees it in their component, so "
         "for whom it votes is unknown. Repair the links between it and them (TCP 4567), or stop it there (systemctl stop garb), and run again; "
         "add_arbitrator puts it back")


@pytest.mark.parametrize("arbiter, dead, problems", [
    (WITH_N1, ["n1"], ["n1: it is named in senhasegura_dead_members, but the arbitrator, garbd on arbiter, is connected to it: it lives, and may "
                       "serve with that vote. Make it reachable from the controller, and run again"]),
    (UNASKED, ["n1"], [TO_NAME]), (UNASKED, ["n1", "arbiter"], []), (UNASKED, ["n1", "10.0.0.9"], []),
    (ALONE, ["n1"], [APART]), (ALONE, ["n1", "arbiter"], [APART]),
    (ABSENT, ["n1"], []), (ABSENT, ["n1", "arbiter"], [])])
def test_an_arbitrator_that_nobody_sees_is_accounted_for_like_a_member(arbiter, dead, problems):
    plan = assumed(with_arbitrator(), left_alone(), dead, arbiter=arbiter)
    assert (plan["refusals"], plan["chosen"], plan["dead"]) == (problems, "" if problems else "n2", ["n1"])


def test_an_arbitrator_without_a_host_is_named_by_its_address():
    problem, = assumed(with_arbitrator(""), left_alone(), ["n1"], arbiter=told(with_arbitrator(""), {}))["refusals"]
    assert problem.startswith("the arbitrator 10.0.0.9: there is no host in the inventory group senhasegura_arbitrator that could be asked, and none ")
    assert "-e '{\"senhasegura_dead_members\": [\"n1\", \"10.0.0.9\"]}'" in problem


@pytest.mark.parametrize("arbiter, words", [
    (UNASKED, " The arbitrator arbiter is taken for dead too: senhasegura_dead_members names it, and it could not be asked."), (ABSENT, "")])
def test_that_a_person_answers_for_the_arbitrator_stands_in_the_plan(arbiter, words):
    plan = assumed(with_arbitrator(), left_alone(), ["n1", "arbiter"], arbiter=arbiter)
    assert assumption_lines(with_arbitrator(), plan)[-1].endswith("then there would be two primaries with different data." + words)


@pytest.mark.parametrize("arbiter", [UNASKED, ALONE, ABSENT])
def test_an_arbitrator_that_those_who_are_left_see_is_with_them(arbiter):
    assert assumed(with_arbitrator(), left_alone(True), ["n1"], arbiter=arbiter)["chosen"] == "n2"
    assert assumed(with_arbitrator(), left_alone(True), ["n1", "arbiter"], arbiter=arbiter)["refusals"] == [
        "arbiter: it is named in senhasegura_dead_members, but n2 sees an arbitrator in its component; do not name it"]


def test_who_serves_already_needs_no_word_of_the_arbitrator():
    """As after a killed run that had made the component primary."""
    n2 = b.serving("n2", ["n2"], b.settings_as(b.declared(2, primary="n1"), "n2"))
    assert assumed(with_arbitrator(), {"n1": b.unreachable(), "n2": n2}, ["n1", "arbiter"])["refusals"] == []


@pytest.mark.parametrize("asked, expected", [
    ({}, "its host was not asked"),
    ({"unreachable": True, "msg": "Failed to connect to the host via ssh: ssh: no route"}, "it cannot be reached: ssh: no route"),
    ({"rc": 127, "stdout_lines": ["10.0.0.9"], "stderr_lines": ["sh: pgrep: not found"]}, "it did not answer: sh: pgrep: not found"),
    ({"rc": 0, "stdout_lines": ["10.0.0.8 ", "garbd:", "links:", "view:"]},
     "its host has the addresses 10.0.0.8, so another one was asked; correct senhasegura_arbitrator or ansible_host")])
def test_what_the_arbitrator_s_host_does_not_tell(asked, expected):
    assert told(with_arbitrator(), asked)["unknown"].startswith(expected)


@pytest.mark.parametrize("garbd, links, expected", [
    ([], [], ABSENT), (["7 /usr/bin/garbd -a gcomm://x"], [], ALONE),
    (["7 /usr/bin/garbd"], ["0 0 10.0.0.9:4567 10.0.0.11:40312 ", "0 0 10.0.0.9:5022 10.0.0.11:4567"], WITH_N1),
    (["7 /usr/bin/garbd"], ["0 0 [::ffff:10.0.0.9]:4567 [::ffff:10.0.0.11]:40312"], WITH_N1)])
def test_what_the_arbitrator_s_host_tells(garbd, links, expected):
    assert told(with_arbitrator(), {"rc": 0, "stdout_lines": ["10.0.0.9 fd00::9 ", "garbd:"] + garbd + ["links:"] + links + ["view:"]}) == expected


def test_who_the_arbitrator_is_in_the_views_that_members_saved():
    saved = ["my_uuid: 58b2ccf4-ea08-11f1-b0d2-be9ae55e830c", "#vwbeg", "view_id: 3 4f686fd1-ea08-11f1-a863-96aee9b2e4fd 8", "bootstrap: 0",
             "member: 58b2ccf4-ea08-11f1-b0d1-be9ae55e830c 0", "#vwend"]
    asked = {"rc": 0, "stdout_lines": ["10.0.0.9 ", "garbd:", "7 /usr/bin/garbd", "links:", "view:"] + saved}
    assert told(with_arbitrator(), asked) == dict(ALONE, own="58b2ccf4-ea08-11f1-be9ae55e830c")


# -- the rule ----------------------------------------------------------------------------------------------------------------

STATE = st.sampled_from(["unknown", "separated", "serving", "down", "moving"])


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.tuples(STATE, STATE, STATE), st.sets(st.sampled_from(["n1", "n2", "n3"])), st.sets(st.sampled_from(["n1", "n2", "n3"]), min_size=1),
       st.sampled_from(["", "", "declared", "seen", "named"]), st.sampled_from([UNASKED, ALONE, ABSENT, WITH_N1]),
       st.sampled_from([("", "")] * 4 + list(itertools.permutations(b.names_of(3), 2))))
def test_nobody_goes_on_unless_everybody_else_is_accounted_for(states, dead, view, arbitrator, arbiter, record):
    made = {"unknown": lambda name: b.unreachable(), "separated": lambda name: cut_off(name, sorted(view), declared=THREE),
            "serving": lambda name: b.serving(name, sorted(view), b.settings_as(THREE, name)), "down": b.down, "moving": b.moving}
    world = {name: made[state](name) for name, state in zip(b.names_of(3), states)}
    declared = b.declared(3, primary="n2", arbitrator="10.0.0.9", arbitrator_host="arbiter") if arbitrator else THREE
    for one in world.values():
        if arbitrator == "seen" and one.get("observed", {}).get("status", {}).get("wsrep_on"):
            one["observed"]["status"]["incoming_addresses"].append("")
    recorder, lost = record
    if "observed" in world.get(recorder, {}):
        world[recorder]["observed"]["saved"]["left_behind"] = {b.address(lost): {"uuid": b.UUID, "seqno": 100}}
    plan = assumed(declared, world, sorted(dead) + (["arbiter"] if arbitrator == "named" else []), arbiter=arbiter)
    if plan["refusals"] == [] and "observed" in world.get(recorder, {}):
        assert lost != "n2" and not (plan["chosen"] and lost in plan["stay"])
    if plan["chosen"]:
        classes = {name: evidence.classify(one) for name, one in world.items()}
        assert evidence.SERVING not in classes.values() and dead and "n2" not in dead
        assert all(classes[name] in (evidence.UNKNOWN, evidence.DOWN) for name in dead)
        assert all(classes[name] == evidence.SEPARATED for name in set(world) - dead) and view == set(world) - dead
        assert not (arbitrator and "n1" in dead and arbiter is WITH_N1)
        assert arbitrator in ("", "seen") or arbiter is ABSENT or arbitrator == "named" and arbiter is UNASKED


# -- who was left behind comes back ------------------------------------------------------------------------------------------


def after(one, overwrite=()):
    """The plan of create_cluster when n1 comes back to n2, who went on without it at position 463."""
    declared = b.declared(2, primary="n2", overwrite_members=list(overwrite))
    n2 = b.serving("n2", ["n2"], b.settings_as(declared, "n2"))
    n2["observed"]["saved"]["left_behind"] = {N1: {"uuid": b.UUID, "seqno": 463}}
    return make_plan(declared, {"n1": one, "n2": n2})


def test_it_is_let_in_only_when_its_position_is_proven_to_be_common():
    plan = after(b.down("n1", seqno=463))
    assert plan["refusals"] == [] and plan["members"]["n1"]["action"] == "join" and plan["members"]["n1"]["left_behind"] == ["n2"]
    for seqno, words in ((464, "position 464"), (-1, "an unknown position")):
        refused = after(b.down("n1", seqno=seqno))["refusals"]
        assert refused and refused[0].startswith("n1: the others were made primary without it at position 463, and it holds %s, so it may hold "
                                                 "transactions that they never had; to have its data directory set aside" % words)
        made = after(b.down("n1", seqno=seqno), ["n1"])["members"]["n1"]
        assert made["set_aside"] and made["left_behind"] == ["n2"]


def test_one_that_is_just_starting_or_has_come_back_by_itself_is_refused():
    assert after(b.moving("n1", history=b.saved(b.UUID, 463)))["refusals"] == [
        "n1: the others were made primary without it at position 463, and its database is just being started; stop it there, and run again"]
    declared = b.declared(2, primary="n2")
    world = b.living(declared)
    world["n2"]["observed"]["saved"]["left_behind"] = {N1: {"uuid": b.UUID, "seqno": 463}}
    assert make_plan(declared, world)["refusals"] == [
        "n1: the others were made primary without it at position 463, and it has come back by itself: nobody can tell whether it holds the same "
        "data. Give it all data anew: assume_primary, which puts its votes right, then reseed_member with senhasegura_reseed=n1. That is what n2 "
        "(serves, position 500) recorded. Only where the recorder is an older copy (a snapshot of its host, say) that was restored since, seed that "
        "one anew instead: name n2 in senhasegura_overwrite_members, and run reseed_member for n2"]
