# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever others were made primary without: found under whatever address and name, told by every playbook, and not taken for what it is not."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _rolling as rolling
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._arbitrator import plan_arbitrator
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._assumption import make_assumption
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal import declare_removal, make_removal
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TWO, THREE = b.declared(2, primary="n2"), b.declared(3)
OLDER = "an older copy (a snapshot of its host, say) that was restored since"
BACK = ("n1: the others were made primary without it at position 100, and it has come back by itself: nobody can tell whether it holds the same data. "
        "Give it all data anew: assume_primary, which puts its votes right, then reseed_member with senhasegura_reseed=n1. That is what n2 (serves, "
        "position 500) recorded. Only where the recorder is %s, seed that one anew instead: name n2 in senhasegura_overwrite_members, and run "
        "reseed_member for n2" % OLDER)
DISMISSED = ("n1: n2 (serves, position 500) went on without it at position 100, and it has come back by itself: nobody can tell whether it holds the same "
             "data. That is no hindrance, because senhasegura_overwrite_members names n2: if the data of n1 count, run reseed_member with "
             "senhasegura_reseed=n2; otherwise take that name out of there")


def beyond(name, held, recorder, stands):
    """The refusal to let somebody in as it is."""
    return ("%s: the others were made primary without it at position 100, and it holds position %d, so it may hold transactions that they never had; to "
            "have its data directory set aside and the member seeded anew, name it in senhasegura_overwrite_members. That is what %s (%s) recorded. "
            "Only where the recorder is %s, name %s instead, with MariaDB stopped there" % (name, held, recorder, stands, OLDER, recorder))


def records(one, *lost, **named):
    """A member that has recorded addresses, or names with addresses, that were left behind at position 100."""
    position = {"uuid": b.UUID, "seqno": 100}
    one["observed"]["saved"]["left_behind"] = dict({address: position for address in lost},
                                                   **{address: dict(position, name=name) for name, address in named.items()})
    return one


def stopped(name, seqno, declared=None, address=None):
    """With an address of its host, which it did not have when its settings were written."""
    return b.down(name, seqno=seqno, settings=b.settings_as(declared or TWO, name), addresses=[address or b.address(name)])


def alone(declared=None, name="n2"):
    """It went on by itself, and serves."""
    return records(b.serving(name, [name], b.settings_as(declared or TWO, name)), "10.0.0.11")


def both(declared=None):
    """n1 has come back to n2, which went on without it."""
    world = b.living(declared or TWO, garbd=False)
    records(world["n2"], "10.0.0.11")
    return world


# -- under another address ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("recorder, stands", [(alone(), "serves, position 500"), (records(stopped("n2", 150), "10.0.0.11"), "position 150")])
def test_who_comes_back_with_another_address_was_left_behind_all_the_same(recorder, stands):
    """Sequence: the host of n1 dies, n2 goes on, n1 comes back and its inventory has a new address; its settings are of before."""
    moved = b.declared(2, b.hosts(2, n1={"address": "10.0.0.21"}), primary="n2")
    world = {"n1": stopped("n1", 120, address="10.0.0.21"), "n2": recorder}
    assert make_plan(moved, world)["refusals"] == [beyond("n1", 120, "n2", stands)]
    plan = make_plan(b.declared(2, b.hosts(2, n1={"address": "10.0.0.21"}), primary="n2", overwrite_members=["n1"]), world)
    assert (plan["refusals"], plan["members"]["n1"]["set_aside"]) == ([], True)
    assert (plan["members"]["n1"]["left_behind"], plan["members"]["n1"]["known_as"]) == (["n2"], ["10.0.0.11"])


def test_a_record_means_the_member_that_had_the_address_and_not_the_one_that_has_it_now():
    old, swapped = b.declared(3, primary="n3"), b.hosts(3, n1={"address": "10.0.0.12"}, n2={"address": "10.0.0.11"})
    world = {"n1": stopped("n1", 120, old, "10.0.0.12"), "n2": stopped("n2", 400, old, "10.0.0.11"), "n3": alone(old, "n3")}
    assert make_plan(b.declared(3, swapped, primary="n3"), world)["refusals"] == [beyond("n1", 120, "n3", "serves, position 500")]
    plan = make_plan(b.declared(3, swapped, primary="n3", overwrite_members=["n1"]), world)
    assert plan["refusals"] == [] and [plan["members"][name]["set_aside"] for name in b.names_of(3)] == [True, False, False]
    assert plan["members"]["n1"]["known_as"] == ["10.0.0.11"]


def test_a_record_means_the_member_of_that_name_where_nobody_has_that_address_any_more():
    """Somebody has given the host of n1 its new address in its settings, too, and the old one to nobody or to a new host."""
    moved = b.declared(3, b.hosts(3, n1={"address": "10.0.0.21"}, n3={"address": "10.0.0.11"}), primary="n2")
    world = {"n1": stopped("n1", 120, moved), "n2": records(b.serving("n2", ["n2"], b.settings_as(moved, "n2")), n1="10.0.0.11"), "n3": b.fresh("n3")}
    assert make_plan(moved, world)["refusals"] == [beyond("n1", 120, "n2", "serves, position 500")]
    assert evidence.known_as(moved, world, "n1") == ["10.0.0.11"]
    records(world["n2"], "10.0.0.11")
    assert list(evidence.left_behind(moved, world)) == ["n3"], "of an earlier version: it has no name"


def test_a_record_that_counts_for_nothing_does_so_under_another_address():
    moved = b.declared(2, b.hosts(2, n1={"address": "10.0.0.21"}))
    world = {"n1": stopped("n1", 105, address="10.0.0.21"), "n2": records(stopped("n2", 100), "10.0.0.11")}
    assert evidence.unfounded(moved, world) == {"n1": ["n2"]}
    plan = make_plan(moved, world)
    assert (plan["refusals"], plan["order"], plan["members"]["n1"]["known_as"]) == ([], ["n1", "n2"], ["10.0.0.11"])


# -- where the recorder is named in senhasegura_overwrite_members ---------------------------------------------------------


def test_a_name_that_stands_there_since_long_does_not_let_other_data_in():
    named = b.declared(2, primary="n2", overwrite_members=["n2"])
    assert make_plan(named, {"n1": stopped("n1", 120), "n2": alone()})["refusals"] == [beyond("n1", 120, "n2", "serves, position 500")]
    starting = make_plan(named, {"n1": b.moving("n1", history=b.saved(b.UUID, 100)), "n2": alone()})
    assert starting["refusals"] == [
        "n1: the others were made primary without it at position 100, and its database is just being started; stop it there, and run again"]
    assert make_plan(named, {"n1": stopped("n1", 100), "n2": alone()})["refusals"] == []


def test_that_name_dismisses_the_record_where_both_serve_and_every_plan_says_so():
    named = b.declared(2, primary="n2", overwrite_members=["n2"])
    assert make_plan(TWO, both())["refusals"] == [BACK] and make_plan(TWO, both())["warnings"][1:] == []
    assert make_plan(named, both())["refusals"] == [] and make_plan(named, both())["warnings"][1:] == [DISMISSED]
    assert rolling.restart_plan(named, both())["warnings"] == [DISMISSED]
    world = records_of_all(b.living(b.declared(primary="n1"), garbd=False), "n2", "n3")
    assert make_plan(b.declared(primary="n1", overwrite_members=["n2", "n3"]), world)["warnings"][-1].endswith(
        "names n2 and n3: if the data of n1 count, run reseed_member for n2 and n3, one after the other; otherwise take those names out of there")


def test_a_stopped_recorder_does_not_make_void_what_one_that_serves_has_recorded():
    """Each was left behind by another one, in a circle: no record would count."""
    world = {"n1": records(stopped("n1", 120, THREE), b.address("n2")), "n2": records(stopped("n2", 110, THREE), b.address("n3")),
             "n3": alone(THREE, "n3")}
    assert "n1" in evidence.left_behind(THREE, world)
    assert make_plan(THREE, world)["refusals"]
    world["n3"] = records(stopped("n3", 130, THREE), "10.0.0.11")
    assert [line for line in make_plan(THREE, world)["refusals"] if line.startswith("nobody holds data with which the others went on ")]


def test_whose_record_does_not_count_makes_no_other_one_void():
    """n2 has gone on without n3, and n1 later without n2: what n3 recorded before that counts."""
    four = b.declared(4)
    world = {"n1": records(stopped("n1", 140, four), b.address("n2")), "n2": records(stopped("n2", 100, four), b.address("n3")),
             "n3": records(stopped("n3", 130, four), b.address("n4")), "n4": stopped("n4", 120, four)}
    assert {lost: mine["recorded_by"] for lost, mine in evidence.left_behind(four, world).items()} == {"n2": ["n1"], "n4": ["n3"]}
    assert make_plan(four, world)["refusals"] == [beyond("n4", 120, "n3", "position 130"), (
        "n1 (position 140): nothing tells whose data it holds, which all would get: n3 (position 130) recorded to go on without n4 at position 100, n4 "
        "may have gone on too, and n1 joined one of them afterwards. If the data of n1 count, name n3 and n4 in senhasegura_overwrite_members; if those "
        "of n3 do, name n1 and n4 there")]


# -- an old record ----------------------------------------------------------------------------------------------------------


def test_a_stopped_recorder_is_named_to_whom_serves():
    """n3 was restored from a snapshot of the time in which it had gone on without n1."""
    world = b.living(THREE, n3=records(stopped("n3", 150, THREE), "10.0.0.11"))
    assert make_plan(THREE, world)["refusals"] == [
        "n1: it serves, and yet n3 (position 150), without serving now, recorded to go on without it at position 100; either may hold transactions "
        "that the other never had. If the data of n1 count, as where that record is of %s, name n3 in senhasegura_overwrite_members; otherwise stop "
        "all who serve, name n1 and n2 there, and run recover_cluster" % OLDER]
    plan = make_plan(b.declared(overwrite_members=["n3"]), world)
    assert (plan["refusals"], plan["order"], plan["members"]["n3"]["set_aside"]) == ([], ["n3"], True)


@pytest.mark.parametrize("seqno, refused", [(150, True), (-1, True), (100, False)])
def test_whose_data_go_does_not_catch_up_with_those_whom_it_went_on_without(seqno, refused):
    """Its position is one of the cluster's, too, and the rows behind it may be others: n2 went on to it alone, and n1 past it."""
    named = b.declared(2, overwrite_members=["n2"])
    world = b.living(named, n2=records(stopped("n2", seqno, named), "10.0.0.11"))
    plan = make_plan(named, world)
    assert (plan["refusals"], plan["order"], plan["members"]["n2"]["set_aside"]) == ([], ["n2"], True)
    world["n2"] = records(b.moving("n2", history=b.saved(b.UUID, seqno), settings=b.settings_as(named, "n2")), "10.0.0.11")
    assert make_plan(named, world)["refusals"] == (["n2: it went on without n1 at position 100, and its database is just being started; stop it there, "
                                                    "and run again"] if refused else [])


def test_who_went_on_without_the_first_member_does_not_catch_up_with_it_either():
    """Each has gone on without the other, and a third one without n2 later."""
    world = {"n1": stopped("n1", 500, THREE), "n2": records(stopped("n2", 150, THREE), "10.0.0.11"),
             "n3": records(stopped("n3", 490, THREE), "10.0.0.12")}
    world["n3"]["observed"]["saved"]["left_behind"]["10.0.0.12"]["seqno"] = 200
    assert make_plan(THREE, world)["refusals"] == [
        "n2: it went on without n1 at position 100, so it may hold transactions that the cluster never had; to have its data directory set aside and "
        "the member seeded anew, name it in senhasegura_overwrite_members. That is what n3 (position 490) recorded. Only where the recorder is %s, "
        "name n3 instead, with MariaDB stopped there" % OLDER]


# -- on whose side -----------------------------------------------------------------------------------------------------------


def records_of_all(world, *recorders):
    for name in recorders:
        records(world[name], "10.0.0.11")
    return world


def unplaced(stands, end, recorders="n2", where="position 150"):
    """The refusal of those whom all would join where nobody recorded whose data they hold."""
    who, joined = (stands[:2], "n3") if "and" not in stands else ("n3", "n3")
    return ("%s: nothing tells whose data it holds, which all would get: %s (%s) recorded to go on without n1 at position 100, n1 may have gone on too, "
            "and %s joined one of them afterwards. If the data of %s count, name %s and n1 in senhasegura_overwrite_members; if those of %s do, %s"
            % (stands, recorders, where, joined, who, recorders, recorders, end))


def by_hand(n1=500, n3=500, **more):
    """n2 went on without n1; somebody started n1 by hand, and let n3 join it. All have been stopped since."""
    return records_of_all({"n1": stopped("n1", n1, THREE), "n2": stopped("n2", 150, THREE), "n3": stopped("n3", n3, THREE)}, *more.get("recorders", ["n2"]))


def test_who_joined_the_one_that_was_left_behind_is_not_what_the_others_get():
    """As the refusal before it said: stop all who serve, and name n1 there. n3 holds its data, and n2 would catch up with them at position 150."""
    named = b.declared(overwrite_members=["n1"])
    assert make_plan(named, by_hand())["refusals"] == [unplaced("n3 (position 500)", "name n3 and n1 there")]
    assert make_plan(named, by_hand(n1=-1))["refusals"] == make_plan(named, by_hand())["refusals"]
    assert make_plan(named, by_hand(n1=100))["refusals"] == [], "it has not gone on, so nobody can have joined it"
    assert make_plan(named, by_hand(n3=100))["members"]["n2"]["action"] == "bootstrap", "nor here: n3 has stood still"
    assert make_plan(named, by_hand(recorders=["n2", "n3"]))["refusals"] == [], "it has gone on with n2"


def test_a_person_decides_whose_data_it_holds():
    plan = make_plan(b.declared(overwrite_members=["n1", "n2"]), by_hand())
    assert (plan["refusals"], plan["order"][0], [plan["members"][name]["set_aside"] for name in ("n1", "n2")]) == ([], "n3", [True, True])
    assert make_plan(b.declared(overwrite_members=["n1", "n3"]), by_hand(n1=140, n3=140))["order"][0] == "n2"
    assert make_plan(b.declared(overwrite_members=["n1", "n3"]), by_hand())["refusals"][0].startswith(
        "n3: senhasegura_overwrite_members names it, and it holds position 500 of the cluster's history, n2 only 150; take it out of there ")


def test_nor_does_anybody_catch_up_with_it_where_it_serves():
    world = dict(by_hand(), n3=b.serving("n3", ["n3"], b.settings_as(THREE, "n3")))
    assert make_plan(b.declared(overwrite_members=["n1"]), world)["refusals"] == [
        unplaced("n3 (serves, position 500)", "stop all who serve, name n3 and n1 there, and run recover_cluster")]
    world["n2"] = b.serving("n2", ["n2", "n3"], b.settings_as(THREE, "n2"))
    world["n3"]["observed"]["status"].update(world["n2"]["observed"]["status"])
    records(world["n2"], "10.0.0.11")
    assert make_plan(b.declared(overwrite_members=["n1"]), world)["refusals"] == [], "one that has recorded it serves with it"


def test_who_was_voted_out_is_told_so_beside_who_came_back():
    """What else keeps a recorder out is no part of what the two are at odds about."""
    three = b.declared(3, primary="n3")
    world = {name: b.serving(name, ["n1", "n3"], b.settings_as(three, name)) for name in ("n1", "n3")}
    world["n2"] = b.separated("n2", settings=b.settings_as(three, "n2"))
    world["n2"]["observed"]["status"].update(local_state_comment="Inconsistent", cluster_status="Disconnected", incoming_addresses=[])
    records_of_all(world, "n2", "n3")
    told = make_plan(three, world)["refusals"]
    assert len(told) == 2 and told[0].startswith("n1: the others were made primary without it at position 100, and it has come back by itself")
    assert told[1].startswith("n2: Galera runs there (Inconsistent) but not in the primary component that serves: it was voted out")


def test_nobody_is_called_the_newest_where_one_that_is_set_aside_holds_more():
    world = {"n1": stopped("n1", 900), "n2": records(stopped("n2", 150), "10.0.0.11")}
    assert make_plan(b.declared(2), world)["refusals"] == [beyond("n1", 900, "n2", "position 150")]
    plan = make_plan(b.declared(2, overwrite_members=["n1"]), world)
    assert plan["members"]["n2"]["reason"] == (
        "of those that were not left behind it holds the newest data (%s:150), though n1, without which n2 went on at position 100, holds position 900; "
        "all members are proven to be in no primary component" % b.UUID)
    plan = make_plan(b.declared(2, overwrite_members=["n2"]), world)
    assert (plan["refusals"], plan["order"], plan["members"]["n2"]["set_aside"]) == ([], ["n1", "n2"], True)
    assert plan["members"]["n1"]["reason"].startswith("it holds the newest data (%s:900), " % b.UUID)


@pytest.mark.parametrize("seqno, lets_in", [(100, True), (99, False)])
def test_who_was_the_last_of_a_component_comes_back_only_where_the_others_went_on_from_its_end(seqno, lets_in):
    """Before that position the others have served while it was the last of another component, however few rows that wrote."""
    one = stopped("n1", seqno)
    one["observed"]["saved"]["safe_to_bootstrap"] = True
    refusals = make_plan(TWO, {"n1": one, "n2": alone()})["refusals"]
    assert (refusals == []) is lets_in and all("n1: it was the last member of a component when it stopped" in line for line in refusals)


# -- what the other playbooks do --------------------------------------------------------------------------------------------


def test_a_restart_or_an_update_tells_of_it():
    assert rolling.restart_plan(TWO, both())["warnings"] == [BACK] and rolling.restart_plan(TWO, both())["refusals"] == []
    packages = {name: {"packages": {}, "replaced": ["mariadb-server"], "unfinished": []} for name in b.names_of(2)}
    assert rolling.update_plan(TWO, both(), packages)["warnings"] == [BACK]


def removal(world, remove, **options):
    asked, problems = declare_removal(b.hosts(len(world)), dict(b.OPTIONS, **options), {"remove": [remove], "dead": [], "state": "started"})
    assert problems == []
    return make_removal(asked, world)


def test_the_only_one_that_knows_does_not_leave():
    world = both()
    assert removal(world, "n2", primary="n1")["refusals"] == [BACK]
    assert removal(world, "n1", primary="n2")["refusals"] == [], "who was left behind may go"
    three = b.declared(3, primary="n3")
    known = removal(records_of_all(b.living(three, garbd=False), "n2", "n3"), "n2", primary="n3")
    assert known["refusals"] == [] and known["leaving"]["stop"], "n3 knows, too, and stays"
    assert any(line.startswith("n1: the others were made primary without it at position 100, and it has come back") for line in known["warnings"])
    allowed = removal(world, "n2", primary="n1", overwrite_members=["n2"])
    assert allowed["refusals"] == [] and allowed["leaving"]["stop"] and DISMISSED in allowed["warnings"]


def test_who_is_dead_is_removed_though_another_one_has_come_back():
    """Nothing else would: who came back is seeded anew only where all are there."""
    three = b.declared(3, primary="n3")
    world = records_of_all(b.living(three, garbd=False), "n3")
    for name in ("n1", "n3"):
        world[name]["observed"]["status"].update(b.synced(["n1", "n3"], weight=3))
        world[name]["observed"]["settings"]["primary"]["weight"] = {"n1": 1, "n3": 2}[name]
    world["n2"] = b.unreachable()
    asked, problems = declare_removal(b.hosts(3), dict(b.OPTIONS, primary="n3"), {"remove": ["n2"], "dead": ["n2"], "state": "started"})
    plan = make_removal(asked, world)
    assert (problems, plan["refusals"], plan["work"]) == ([], [], True)


def test_the_dead_are_named_though_nothing_was_observed_of_them():
    """n1 is dead; n2, stopped, went on without it once, and may be overwritten."""
    three = b.declared(3, primary="n3")
    world = {"n1": b.unreachable(), "n2": records(stopped("n2", 150, three), "10.0.0.11"),
             "n3": b.serving("n3", ["n3"], b.settings_as(three, "n3"), weight=1)}
    asked, problems = declare_removal(b.hosts(3), dict(b.OPTIONS, primary="n3", overwrite_members=["n2"]),
                                      {"remove": ["n1", "n2"], "dead": ["n1"], "state": "stopped"})
    assert (problems, make_removal(asked, world)["refusals"]) == ([], [])


def assumed(primary, world, dead=(), **more):
    declared = b.declared(len(world), primary=primary, **more)
    return make_assumption(declared, world, {"primary": primary}, list(dead), {"unknown": "it cannot be reached"})


def test_the_primary_is_moved_away_from_it_and_not_to_it():
    assert assumed("n2", both(b.declared(2, primary="n1")))["refusals"] == []
    assert assumed("n1", both())["refusals"] == [
        "n1: n2 (serves, position 500) went on without it at position 100, and nobody can tell whether it holds the same data since, so it must not "
        "become the primary. Make n2 senhasegura_primary, and seed n1 anew (reseed_member); if the data of n1 count, as where that record is of %s, name "
        "n2 in senhasegura_overwrite_members" % OLDER]
    assert assumed("n1", both(), overwrite_members=["n2"])["refusals"] == []


def test_nobody_goes_on_together_with_who_was_left_behind():
    three = b.declared(3, primary="n3")
    world = {name: b.separated(name, settings=b.settings_as(three, name)) for name in ("n1", "n2")}
    for one in world.values():
        one["observed"]["status"].update(incoming_addresses=[b.address("n1"), b.address("n2")], last_committed=500)
    world["n3"] = b.unreachable()
    assert assumed("n2", world, ["n3"])["refusals"] == []
    records(world["n2"], "10.0.0.11")
    plan = assumed("n2", world, ["n3"])
    assert (plan["refusals"], plan["chosen"]) == ([
        "n1: n2 (position 500) went on without it at position 100, and nobody can tell whether it holds the same data since; stop its database, name it "
        "in senhasegura_dead_members, and run again"], "")
    assert assumed("n1", world, ["n3"])["refusals"][0].startswith("n1: n2 (position 500) went on without it at position 100, ")


def test_an_arbitrator_is_added_with_a_note():
    declared = b.declared(2, primary="n2", arbitrator="10.0.0.9")
    host = {"name": "arb", "segment": 0, "running": "", "enabled": False, "written": False,
            "observed": {"host": {"addresses": ["10.0.0.9"]}, "settings": b.blank_settings()}}
    noted = [plan_arbitrator(declared, one, host, "present")["forecast"][2:]
             for one in (b.living(declared, garbd=False), both(declared))]
    assert noted == [[], ["Note: n1 has come back by itself after the others went on without it, so its data are not proven. Run create_cluster, which "
                          "says what to do."]]


# -- what a killed reseed_member left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("work", ["reseed", "comparison"])
def test_a_seeding_that_did_not_end_is_told(work):
    world = b.living(THREE)
    world["n3"]["observed"]["saved"]["seeding"] = {"work": work, "chosen": "", "since": "20260101T000000Z", "aside": ""}
    plan = make_plan(THREE, world)
    assert (plan["refusals"], plan["order"], plan["warnings"]) == ([], [], [
        "n3: reseed_member has begun to give it all data anew, and has not ended, so its tables are not compared with the primary's; run reseed_member "
        "with senhasegura_reseed=n3"])
