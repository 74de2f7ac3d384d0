# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery after a full outage: examples of every decision and refusal, and the rules that may not break."""

from __future__ import annotations

import copy
import itertools
import json

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import is_approved
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._recovery import make_recovery
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import recovery_lines
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from hypothesis import given, settings
from hypothesis import strategies as st

D = b.declared()
RULE = settings(max_examples=400, deadline=None, derandomize=True, database=None)
END = "systemctl kill --signal=KILL mariadb; systemctl stop mariadb"
LOST = "name it in senhasegura_lost_members to recover without it"


BEARS = ["Votes when all are in: 3 (n1 1, n2 1, n3 1).",
         "Then the cluster serves on without n1 (2 of 3 votes), without n2 (2 of 3 votes), without n3 (2 of 3 votes)."]


OR_ALL = " transactions (IST); if no donor's cache holds them any more, it receives all data, about 100 MB by rsync (SST)"


def stopped(name, seqno=500, **more):
    return b.down(name, seqno=seqno, settings=b.settings_as(D, name), **more)


def began(one, chosen="n1"):
    one["observed"]["saved"]["unfinished"] = {"work": "recovery", "chosen": chosen, "since": "20260101T000000Z", "aside": ""}
    return one


def viewed(one):
    one["observed"]["saved"]["saved_view"] = True
    return one


def told(seqno, uuid=b.UUID, problem="", gtid=""):
    return {"uuid": uuid, "seqno": seqno, "gtid": gtid, "problem": problem, "copies": "/kept"}


UNASKED = {"unknown": "it cannot be reached: no route to host"}


def recover(*those, positions=None, asked=True, lost=(), arbiter=None, **options):
    declared = b.declared(lost_members=list(lost), **options)
    return make_recovery(declared, dict(zip(b.names_of(3), those)), positions or {}, asked, arbiter or UNASKED)


def actions(plan):
    return {name: made["action"] for name, made in plan["members"].items()}


def test_the_newest_is_bootstrapped_and_the_others_join_it():
    plan = recover(stopped("n1", 500), stopped("n2", 502), stopped("n3", 501))
    assert plan["refusals"] == [] and plan["confirm"] and plan["chosen"] == "n2"
    assert (plan["order"], actions(plan)) == (["n2", "n1", "n3"], {"n1": "join", "n2": "bootstrap", "n3": "join"})
    assert plan["proven_outside"] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
    assert plan["members"]["n1"]["expected"] == ["10.0.0.11", "10.0.0.12"]
    primary = {"primary": "10.0.0.11", "address": "10.0.0.12", "publish": False}  # whose settings are old must not tell the others
    assert plan["members"]["n2"]["before"] == [{"cluster_primary": dict(primary, weight=2)}]
    assert plan["members"]["n2"]["settle"][-1] == {"cluster_primary": dict(primary, weight=1)}


def test_a_position_that_innodb_told_counts_until_the_database_has_run_again():
    """It came up by hand while the table was read, and crashed again further than InnoDB had told."""
    those, told_of = [stopped("n1", -1), stopped("n2", -1), stopped("n3", 7)], {"n1": told(8), "n2": told(9)}
    shown = recover(*those, positions=told_of)
    assert is_approved(recover(*those, positions=told_of), shown)
    those[0]["observed"]["service"]["invocation"] = "another"
    now = recover(*those, positions=told_of)
    assert (now["refusals"], now["order"]) == ([], shown["order"]) and not is_approved(now, shown)


@pytest.mark.parametrize("work", ["reseed", "comparison"])
def test_whose_data_are_not_proven_gives_none_behind_a_recovery_either(work):
    those = [stopped("n1", 500), stopped("n2", 500), stopped("n3", 400)]
    those[1]["observed"]["saved"]["seeding"] = {"work": work, "chosen": "", "since": "20260101T000000Z", "aside": ""}
    shown = recover(*those)
    assert [shown["members"]["n3"][key] for key in ("donors", "only_donors")] == [["n1"], True]
    assert is_approved(recover(*map(began, those)), shown)


def test_check_mode_that_asks_innodb_nothing_shows_the_same_plan_again():
    those = [stopped("n1", -1), stopped("n2", -1), stopped("n3", 7)]
    assert is_approved(recover(*those, asked=False), recover(*those, asked=False))
    assert not is_approved(recover(*those, positions={"n1": told(8), "n2": told(9)}), recover(*those, asked=False))


def test_who_was_killed_is_placed_by_innodb():
    those = [stopped("n1", -1), stopped("n2", -1), stopped("n3", 7)]
    plan = recover(*those, asked=False)
    assert (plan["ask"], plan["order"], plan["refusals"], plan["confirm"]) == (["n1", "n2"], [], [], True)
    assert is_approved(plan, recover(*those, asked=False)) and not is_approved(recover(stopped("n1"), stopped("n2"), those[2]), plan)
    assert [row[1] for row in plan["rows"]] == [b.UUID + position for position in (":-1 (undefined)", ":-1 (undefined)", ":7")]
    assert recovery_lines(plan)[4:] == [
        "Check mode asks InnoDB nothing, since its recovery writes, as before every start of MariaDB. A run asks it on n1 and n2 after a Yes "
        "of its own and with the control files copied aside; the member with the newest position is then restarted as the first member of "
        "the cluster.", "Expected downtime: the outage ends when the first member is restored."] + BEARS
    plan = recover(*those, positions={"n1": told(8), "n2": told(9, gtid="4-1-77")})
    assert plan["order"] == ["n2", "n1", "n3"]
    assert [row[1] for row in plan["rows"]] == [b.UUID + position for position in (":8 (InnoDB)", ":9 (InnoDB, GTID 4-1-77)", ":7")]
    assert recovery_lines(plan)[4:] == [
        "Transfer: n1 catches up 1" + OR_ALL + ", from n2.", "Transfer: n3 catches up 2" + OR_ALL + ", from n2.",
        "Expected downtime: the outage ends when n2 is restored; n1 and n3 serve once the cluster's data are there."] + BEARS


def test_who_crashed_while_it_was_paused_is_placed_by_innodb():
    """A donor that lost its power: Galera wrote its position for the time of the copy, and InnoDB may hold less than that."""
    those = [stopped("n1", 8), viewed(stopped("n2", 9)), stopped("n3", 7)]
    plan = recover(*those, asked=False)
    assert (plan["ask"], plan["order"], plan["confirm"]) == (["n2"], [], True) and plan["rows"][1][1] == b.UUID + ":9 (paused)"
    plan = recover(*those, positions={"n2": told(6)})
    assert plan["order"][0] == "n1" and plan["rows"][1][1] == b.UUID + ":6 (InnoDB)" and plan["members"]["n2"]["transfer"]["behind"] == 2
    assert recover(*those)["refusals"] == ["n2: its position is unknown: InnoDB was not asked; repair it, or " + LOST]
    aborted = recover(stopped("n1", 8), viewed(stopped("n2", 9, aborted=True)), stopped("n3", 7))
    assert aborted["ask"] == [] and aborted["refusals"][0].startswith("n2: a state transfer to it was interrupted")


@pytest.mark.parametrize("position, reason", [
    (told(-1, problem="mariadbd --wsrep-recover ended with exit status 1 (corrupt)"), "mariadbd --wsrep-recover ended with exit status 1 (corrupt)"),
    (told(9, uuid=b.OTHER_UUID), "InnoDB holds %s:9, but grastate.dat tells of %s" % (b.OTHER_UUID, b.UUID)),
    (None, "InnoDB was not asked")])
def test_a_position_that_stays_unknown(position, reason):
    those, positions = [stopped("n1"), stopped("n2", -1), stopped("n3")], {"n2": position} if position else {}
    assert recover(*those, positions=positions)["refusals"] == ["n2: its position is unknown: %s; repair it, or %s" % (reason, LOST)]
    plan = recover(*those, positions=positions, lost=["n2"])
    assert plan["order"] == ["n1", "n3"] and plan["lost"] == ["10.0.0.12"] and plan["left_out"] == ["n2"]


def test_a_member_that_cannot_be_reached_and_its_waiver():
    those = [stopped("n1"), stopped("n2"), b.unreachable()]
    assert recover(*those)["refusals"] == [
        "n3: it cannot be reached: no route to host; what it holds, and whether it serves, is unknown, so no database is started. Bring it "
        "up, or " + LOST]
    assert recover(stopped("n1"), stopped("n2"), stopped("n3"))["position"] == {}
    plan = recover(*those, lost=["n3"])
    assert plan["order"] == ["n1", "n2"] and plan["proven_outside"] == ["10.0.0.11", "10.0.0.12"]
    assert plan["position"] == {"uuid": b.UUID, "seqno": 500}
    assert recovery_lines(plan)[4:] == [
        "Waiver: n3 is left out by senhasegura_lost_members (it cannot be reached: no route to host): transactions after position 500 that "
        "only it holds are lost. Do not let it start again as it is: its data directory must be set aside first.",
        "Transfer: n2 catches up 0" + OR_ALL + ".",
        "Expected downtime: the outage ends when n1 is restored; n2 serves once the cluster's data are there.",
        "Votes when all are in: 2 (n1 1, n2 1).", "But without n1 (1 of 2 votes), without n2 (1 of 2 votes) nobody serves until a person decides."]


def test_a_lost_primary_does_not_hinder():
    assert recover(b.unreachable(), stopped("n2"), stopped("n3"), lost=["n1"])["order"] == ["n2", "n3"]


def test_who_is_called_lost_must_not_be_alive():
    heard = stopped("n1")
    heard["observed"]["ports"] = {"10.0.0.13": {"4567": "open"}}
    assert recover(heard, stopped("n2"), b.unreachable(), lost=["n3"])["refusals"] == [
        "n3: it is named in senhasegura_lost_members, but Galera listens there (seen from n1)"]
    assert recover(stopped("n1"), stopped("n2"), b.serving("n3", ["n3"]), lost=["n3"])["refusals"] == [
        "n3: it is named in senhasegura_lost_members, but its database runs or is being started; stop it there, or do not name it"]
    assert recover(*[b.unreachable()] * 3, lost=["n1", "n2", "n3"])["refusals"] == [
        "every member is named in senhasegura_lost_members; at least one must remain"]


WITH_N3, RUNNING, SILENT = [{"running": running, "peers": peers, "own": ""} for running, peers in ((True, ["10.0.0.13"]), (True, []), (False, []))]
NAMED = ("the arbitrator arbiter (10.0.0.9): it cannot be reached: no route to host, and none of those who are left sees it; with n3 it could be a "
         "living cluster. If it is dead too, name it like a member: -e '{\"senhasegura_lost_members\": [\"n3\", \"arbiter\"]}'; otherwise bring "
         "it back first")


@pytest.mark.parametrize("arbiter, third, lost, problems", [
    (WITH_N3, b.unreachable(), ["n3"], ["n3: it is named in senhasegura_lost_members, but the arbitrator, garbd on arbiter, is connected to it: it "
                                        "lives, and may serve with that vote. Make it reachable from the controller, and run again"]),
    (UNASKED, b.unreachable(), ["n3"], [NAMED]), (UNASKED, b.unreachable(), ["n3", "arbiter"], []), (UNASKED, stopped("n3"), ["n3"], []),
    (UNASKED, stopped("n3"), [], []), (RUNNING, b.unreachable(), ["n3"], []), (SILENT, b.unreachable(), ["n3"], [])])
def test_with_who_is_lost_an_arbitrator_may_serve_unseen(arbiter, third, lost, problems):
    """After an outage it may run: it waits for the members. It must not be connected to one of those who are called lost."""
    plan = recover(stopped("n1"), stopped("n2"), third, lost=lost, arbiter=arbiter, arbitrator="10.0.0.9", arbitrator_host="arbiter")
    assert plan["refusals"] == problems and plan["left_out"] == lost[:1]
    assert bool(problems) == (plan["order"] == [])
    assert ("the arbitrator" in plan["votes"]) == (len(lost) < 2)
    waived = [line for line in recovery_lines(plan) if line.startswith("Waiver: the arbitrator")]
    assert waived == ([] if len(lost) < 2 else [
        "Waiver: the arbitrator arbiter is taken for dead too: senhasegura_lost_members names it, and it could not be asked. If it lives, n3 may "
        "serve with its vote: then there would be two primaries with different data."])


def test_who_is_named_as_lost_must_have_been_asked():
    assert recover(stopped("n1"), stopped("n2"), b.unasked(), lost=["n3"])["refusals"] == [
        "n3: it was not observed (--limit must not leave a member out); it is named in senhasegura_lost_members, and its answer would tell "
        "whether that is so: run without --limit"]


def test_an_arbitrator_that_can_be_asked_no_more_needs_another_yes():
    shown, now = (recover(stopped("n1"), stopped("n2"), b.unreachable(), lost=["n3", "arbiter"], arbiter=arbiter, arbitrator="10.0.0.9",
                          arbitrator_host="arbiter") for arbiter in (SILENT, UNASKED))
    assert (shown["refusals"], now["refusals"], shown["lost_arbitrator"], now["lost_arbitrator"]) == ([], [], [], ["arbiter"])
    assert not is_approved(now, shown) and is_approved(shown, now) and is_approved(now, now)


def recording(one, seqno=500):
    one["observed"]["saved"]["left_behind"] = {"10.0.0.13": {"uuid": b.UUID, "seqno": seqno}}
    return one


def test_who_was_lost_is_the_newest_where_the_run_was_killed_before_anybody_went_on():
    """Its rows are acknowledged, and nobody has others. Where InnoDB must be asked first, nothing is decided before."""
    those = [recording(began(stopped("n1"))), recording(began(stopped("n2", -1))), stopped("n3", 510)]
    plan = recover(*those, positions={"n2": told(500)})
    assert (plan["refusals"], plan["order"], plan["chosen"]) == ([], ["n3", "n1", "n2"], "n3")
    assert plan["members"]["n3"]["left_behind"] == ["n1", "n2"] and plan["position"] == {}
    assert recover(*those, asked=False)["order"] == []
    gone_on = recover(*those, positions={"n2": told(502)})["refusals"]
    assert len(gone_on) == 1 and gone_on[0].startswith("n3: the others were made primary without it at position 500, and it holds position 510, ")


def test_no_outage():
    assert recover(b.serving("n1", ["n1"], b.settings_as(D, "n1")), stopped("n2"), stopped("n3"))["refusals"][-1:] == [
        "n1 serves in a primary component, so this is no full outage. Run create_cluster: it brings n2 and n3 back"]
    plan = recover(*[b.serving(name, b.names_of(3), b.settings_as(D, name)) for name in b.names_of(3)])
    assert plan["nothing"] == "Nothing to recover: n1 and n2 and n3 serve in one primary component."
    assert (plan["order"], plan["refusals"], plan["confirm"]) == ([], [], False)


def test_the_rest_of_an_interrupted_recovery_is_done():
    first = began(b.serving("n1", ["n1"], b.settings_as(D, "n1")))
    plan = recover(first, stopped("n2"), stopped("n3", -1))
    assert (plan["refusals"], plan["order"], plan["chosen"]) == ([], ["n2", "n3"], "n1")
    done = [began(b.serving(name, b.names_of(3), b.settings_as(D, name))) for name in b.names_of(3)]
    plan = recover(*done)
    assert (plan["nothing"], plan["order"], plan["confirm"]) == ("", [], False)
    assert {"cluster_primary": {"primary": "10.0.0.11", "address": "10.0.0.11", "weight": 1, "publish": False}} in plan["members"]["n1"]["settle"]


def test_a_bootstrap_under_way_is_waited_for():
    plan = recover(began(b.moving("n1")), began(stopped("n2")), began(stopped("n3")), asked=False)
    assert (plan["wait_for"], plan["order"], plan["refusals"]) == (["n1"], [], [])


@pytest.mark.parametrize("make", [b.moving, b.separated])
def test_who_comes_back_by_itself_is_left_alone(make):
    plan = recover(*[viewed(make(name)) for name in b.names_of(3)])
    assert (plan["order"], plan["confirm"], plan["chosen"]) == (b.names_of(3), False, "")
    assert all(made["wait_first"] and len(made["expected"]) == 3 for made in plan["members"].values())


def test_who_does_not_come_back_by_itself():
    assert recover(viewed(b.moving("n1")), viewed(b.moving("n2")), b.moving("n3"))["refusals"][0] == (
        "n1: Galera runs there in no primary component, and n3 saved no view, so the members do not come back by themselves; end "
        "MariaDB on n1 and n2 and n3 (%s), then run again" % END)
    assert recover(viewed(b.moving("n1")), viewed(b.moving("n2")), b.unreachable(), lost=["n3"])["refusals"] == [
        "%s: its database waits for the members of its saved view, of which n3 is lost; end MariaDB on %s (%s), then run again" % (
            name, name, END) for name in ("n1", "n2")]
    assert recover(b.moving("n1"), stopped("n2"), stopped("n3"))["refusals"] == [
        "n1: Galera runs there or is being started (activating) in no primary component, while n2 and n3 are stopped; start MariaDB "
        "there too if all of them saved their view, or end MariaDB on n1 (%s), then run again" % END]


def test_who_was_left_behind_is_not_started_beside_those_who_wait():
    """It was ended because it would have come back with them."""
    world = {"n1": stopped("n1", -1), "n2": b.moving("n2", history=b.saved(b.UUID), settings=b.settings_as(D, "n2")), "n3": stopped("n3", -1)}
    world["n2"]["observed"]["saved"]["left_behind"] = {"10.0.0.11": {"uuid": b.UUID, "seqno": 100}}
    assert make_recovery(D, world, {}, True, {})["refusals"] == [
        "n2: Galera runs there or is being started (activating) in no primary component, while n1 and n3 are stopped; end MariaDB on n2 (%s), then "
        "run again" % END]


def waits(name, number=3, voters=("n1", "n2", "n3"), make=b.moving):
    """Who waits for the voters of the view that it saved."""
    one = viewed(make(name))
    one["observed"]["saved"]["view"] = {"own": name, "number": number, "members": list(voters)}
    return one


NOT_THERE = ("n1 and n2 and n3: Galera waits there for all 4 voters of the newest saved view, and 1 of them is not there%s. With it they come back "
             "by themselves; without, end MariaDB on n1 and n2 and n3 (%s), then run again")
ARBITER = " (the arbitrator arbiter (10.0.0.9), %s)"
WITH_ARBITER = ("n1", "n2", "n3", "arb")


@pytest.mark.parametrize("arbiter, problem", [
    (UNASKED, NOT_THERE % (ARBITER % "it cannot be reached: no route to host", END)),
    (dict(SILENT, own="arb"), NOT_THERE % (ARBITER % "where garbd does not run", END)),
    (dict(RUNNING, own="another"), NOT_THERE % (ARBITER % "where garbd runs, but as another voter than it was in that view", END)),
    (dict(RUNNING, own=""), NOT_THERE % (ARBITER % "where garbd runs, but as another voter than it was in that view", END)),
    (dict(RUNNING, own="arb"), "")])
def test_an_arbitrator_of_the_saved_view_must_be_there_as_the_one_that_it_was(arbiter, problem):
    plan = recover(*[waits(name, voters=WITH_ARBITER) for name in b.names_of(3)], arbiter=arbiter, arbitrator="10.0.0.9", arbitrator_host="arbiter")
    assert plan["refusals"] == ([problem] if problem else []) and plan["order"] == ([] if problem else b.names_of(3))
    assert recover(*[waits(name, voters=WITH_ARBITER, make=b.separated) for name in b.names_of(3)])["refusals"] == [
        NOT_THERE % ("", "systemctl stop mariadb")]


def test_an_older_view_and_an_arbitrator_that_is_in_none_are_in_the_way():
    """n3 was dead before the power went: the others were in a view without it, and only they are waited for."""
    assert recover(waits("n1", 4, ("n1", "n2")), waits("n2", 4, ("n1", "n2")), waits("n3"))["refusals"] == [
        "n3: its saved view is older than that of n1 and n2, whom Galera does not make primary while somebody else waits with them; end MariaDB on "
        "n3 (%s). They then come back by themselves, and create_cluster brings n3 back" % END]
    assert recover(waits("n1", 4, ("n1", "n2")), waits("n2", 4, ("n1", "n2")), waits("n3", make=b.separated))["refusals"] == []
    three = [waits(name) for name in b.names_of(3)]
    for arbiter, refused in ((UNASKED, False), (dict(SILENT, own="arb"), False), (dict(RUNNING, own="arb"), True)):
        assert recover(*three, arbiter=arbiter, arbitrator="10.0.0.9", arbitrator_host="arbiter")["refusals"] == ([
            "the arbitrator arbiter (10.0.0.9): garbd runs there, and was not in the newest saved view, of whose members Galera makes none primary "
            "while somebody else waits with them; stop it there (systemctl stop garb). They then come back by themselves, and add_arbitrator puts "
            "it back"] if refused else [])


def test_mixed_histories():
    assert recover(stopped("n1"), stopped("n2", uuid=b.OTHER_UUID), stopped("n3"))["refusals"] == [
        "the members hold histories of different clusters (n1: %s, n2: %s, n3: %s); decide whose data count, and move the data "
        "directories of the others aside" % (b.UUID, b.OTHER_UUID, b.UUID)]


def test_nobody_holds_a_history():
    none = [stopped(name, -1, uuid=b.NO_UUID, schemas=()) for name in b.names_of(3)]
    assert recover(*none)["refusals"] == [
        "no member holds a history (state UUID %s everywhere), so there is nothing to recover. If they had one, bring it back from the copies "
        "of their control files (docs/operations.md, recover_cluster, Undo); create_cluster makes a new cluster" % b.NO_UUID]
    none[1] = stopped("n2", -1, aborted=True)
    assert recover(*none)["refusals"][0].startswith("n2: a state transfer to it was interrupted, so its data are incomplete")


def test_a_transfer_that_was_aborted_makes_no_candidate():
    plan = recover(stopped("n1", -1, aborted=True), stopped("n2", 3), stopped("n3", 2))
    assert plan["order"] == ["n2", "n1", "n3"] and plan["ask"] == []


def test_who_gives_the_data_in_a_recovery():
    """Not the primary where another one serves by then; all data to who holds nothing, and to others should no cache hold what they lack."""
    plan = recover(stopped("n1", 500), stopped("n2", 498), stopped("n3", -1, aborted=True))
    assert plan["order"] == ["n1", "n2", "n3"]
    assert [(plan["members"][name]["transfer"]["behind"], plan["members"][name]["donors"], plan["members"][name]["only_donors"])
            for name in ("n2", "n3")] == [(2, [], False), (None, ["n2"], False)]
    apart = recover(stopped("n1", 498), stopped("n2", 500), stopped("n3", 499), inventory=b.hosts(3, n2={"segment": 2}), different_datacenters=True)
    assert apart["order"] == ["n2", "n1", "n3"] and apart["members"]["n3"]["donors"] == ["n2"], "from afar rather than from the primary"


def test_who_was_left_behind_gives_nobody_the_data():
    """It is seeded anew by then, but nobody has compared it."""
    four = b.declared(4, overwrite_members=["n2"])
    those = {name: b.down(name, settings=b.settings_as(four, name), seqno=seqno)
             for name, seqno in {"n1": 500, "n2": 505, "n3": 500, "n4": 499}.items()}
    for name in ("n1", "n3", "n4"):
        those[name]["observed"]["saved"]["left_behind"] = {b.address("n2"): {"uuid": b.UUID, "seqno": 490}}
    plan = make_recovery(four, those, {}, True, UNASKED)
    assert plan["refusals"] == [] and plan["order"] == ["n1", "n2", "n3", "n4"]
    assert [(plan["members"][name]["donors"], plan["members"][name]["only_donors"]) for name in ("n2", "n3", "n4")] == [
        ([], False), (["n1"], True), (["n3", "n1"], True)]


def test_a_host_that_is_no_member():
    assert recover(stopped("n1"), b.absent("n2"), b.down("n3"))["refusals"] == [
        "n2: no database is installed there; %s, and add it with create_cluster afterwards" % LOST,
        "n3: it is not set up as a member of vault; %s, and add it with create_cluster afterwards" % LOST]


# -- the rules ------------------------------------------------------------------------------------------------------------

KINDS = list(itertools.product(["down"] * 4 + ["moving", "separated", "unknown", "serving", "standalone"], (5, 5, 6, -1),
                               (b.UUID, b.UUID, b.UUID, b.OTHER_UUID, b.NO_UUID), (False, False, True), (False, False, True)))
WORLD = st.tuples(*[st.sampled_from(KINDS)] * 3, st.sampled_from([(), (), ("n1",), ("n3",), ("n1", "n2")]),
                  st.dictionaries(st.sampled_from(b.names_of(3)), st.sampled_from([told(5), told(6), told(7), told(-1, problem="broken")])))


def member(name, kind, seqno, uuid, aborted, begun):
    made = {"down": lambda: stopped(name, seqno, uuid=uuid, aborted=aborted), "moving": lambda: b.moving(name),
            "separated": lambda: b.separated(name), "unknown": b.unreachable, "standalone": lambda: b.fresh(name),
            "serving": lambda: b.serving(name, [name], b.settings_as(D, name), state_uuid=uuid)}[kind]()
    return began(made) if begun and kind != "unknown" else made


def world(drawn):
    *kinds, lost, positions = drawn
    declared = b.declared(lost_members=list(lost))
    return declared, {name: member(name, *kind) for name, kind in zip(b.names_of(3), kinds)}, positions


def best(observations, positions, lost):
    """The highest position that anybody left holds for certain, told apart from the rules."""
    found = [one["observed"]["saved"]["seqno"] if one["observed"]["saved"]["seqno"] >= 0 else positions.get(name, told(-1))["seqno"]
             for name, one in observations.items() if name not in lost and one["observed"]["saved"]["uuid"] != b.NO_UUID
             and not (one["observed"]["saved"]["transfer_aborted"] and one["observed"]["saved"]["seqno"] < 0)]
    return max(found)


@RULE
@given(WORLD)
def test_a_bootstrap_only_of_the_newest_while_everybody_left_is_known_to_be_down(drawn):
    declared, observations, positions = world(drawn)
    plan = make_recovery(declared, observations, positions, True, UNASKED)
    chosen = [name for name, action in actions(plan).items() if action == "bootstrap"]
    assert len(chosen) <= 1
    if chosen:
        left = {name: observations[name] for name in observations if name not in declared["lost"]}
        assert not any(one.get("unknown") for one in left.values())
        assert all(one["observed"]["service"]["dead"] or not one["observed"]["status"]["wsrep_on"] for one in left.values())
        saved = left[chosen[0]]["observed"]["saved"]
        mine = saved["seqno"] if saved["seqno"] >= 0 else positions[chosen[0]]["seqno"]
        assert mine == best(observations, positions, declared["lost"])
        held = {one["observed"]["saved"]["uuid"] for one in left.values()
                if one["observed"]["saved"]["seqno"] >= 0 or not one["observed"]["saved"]["transfer_aborted"]}
        assert held - {b.NO_UUID} == {saved["uuid"]}
        assert plan["confirm"] and chosen[0] == plan["order"][0] == plan["chosen"]


@RULE
@given(WORLD)
def test_who_is_lost_is_never_touched_and_a_refusal_touches_nobody(drawn):
    declared, observations, positions = world(drawn)
    plan = make_recovery(declared, observations, positions, True, UNASKED)
    assert not set(plan["order"]) & set(declared["lost"])
    if plan["refusals"]:
        assert (plan["order"], plan["confirm"], plan["said"]) == ([], False, {})
        assert set(actions(plan).values()) <= {"refuse", "none"}
    assert len(plan["rows"]) == 3 and recovery_lines(plan)


@RULE
@given(WORLD)
def test_it_changes_no_input_and_is_plain_data(drawn):
    declared, observations, positions = world(drawn)
    before = copy.deepcopy((declared, observations, positions))
    plan = make_recovery(declared, observations, positions, True, UNASKED)
    assert (declared, observations, positions) == before
    assert json.loads(json.dumps(plan)) == plan


def test_the_worlds_hold_recoveries_of_every_kind():
    found = set()

    @settings(RULE, max_examples=800)
    @given(WORLD)
    def collect(drawn):
        plan = make_recovery(*world(drawn), True, UNASKED)
        found.update(actions(plan).values())
        found.update(["waiver"] if plan["left_out"] and plan["order"] else [])
    collect()
    assert {"bootstrap", "join", "refuse", "none", "waiver"} <= found
