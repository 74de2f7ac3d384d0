# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeding one member anew: who may be, and what an interrupted run left."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._reseed import make_reseed
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import reseed_lines
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from hypothesis import given, settings
from hypothesis import strategies as st

D = b.declared()
ASIDE = "/var/lib/mysql.20260101T000000Z"


def reseed(name="n3", declared=None, **instead):
    declared = declared or D
    return make_reseed(declared, b.living(declared, **instead), name)


def at_home(one, name, aside=None, work="reseed"):
    one["observed"]["settings"] = b.settings_as(D, name)
    if aside is not None:
        one["observed"]["saved"]["seeding"] = {"work": work, "chosen": "", "since": "20260101T000000Z", "aside": aside}
    return one


def test_a_member_that_serves_leaves_and_receives_everything():
    plan = reseed()
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["order"], plan["confirm"], plan["compared"]) == ([], ["n3"], True, ["n2", "n1"])
    assert (made["action"], made["set_aside"], made["wait_first"]) == ("join", True, False)
    assert made["expected"] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"] and [list(step) for step in made["settle"]] == [["cluster_network"]]
    assert (made["donors"], made["only_donors"]) == (["n2"], False)
    assert reseed_lines(plan)[4:] == [
        "The data directory of n3 is renamed, not deleted; afterwards its tables are compared with those of n2 and n1 by checksum.",
        "Transfer: n3 receives all data, about 100 MB by rsync (SST), from n2.",
        "Expected downtime: none of the cluster, which serves on the others; n3 is away until it has received all data, so its clients must "
        "connect to another member; the donor takes no writes while rsync copies.",
        "While n3 is away: 2 of 3; it must not lose n1 or n2 too."]


def test_the_primary_gives_the_data_only_where_nobody_else_can():
    two = b.declared(2)
    assert make_reseed(two, b.living(two), "n2")["members"]["n2"]["donors"] == []
    apart = b.declared(3, b.hosts(3, n2={"segment": 2}), different_datacenters=True)
    assert make_reseed(apart, b.living(apart), "n3")["members"]["n3"]["donors"] == ["n2"], "from afar, and the primary takes writes"


@pytest.mark.parametrize("state, outside", [("", False), ("Inconsistent", True), ("Initialized", True)])
def test_who_serves_in_no_primary_component_may_be_stopped_there(state, outside):
    one = at_home(b.separated("n3"), "n3") if state else None
    if one:
        one["observed"]["status"].update(cluster_status="Disconnected", local_state_comment=state, incoming_addresses=["10.0.0.13", ""])
    plan = make_reseed(D, b.living(D, **({"n3": one} if one else {})), "n3")
    made = plan["members"]["n3"]
    assert (plan["refusals"], made["set_aside"], made["outside"], plan["confirm"]) == ([], True, outside, True)
    assert made["expected"] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"], "the component that it must be in afterwards"
    assert reseed_lines(plan)[-1] == "While n3 is away: 2 of %d; it must not lose n1 or n2 too." % (2 if outside else 3), "what it saw last is no vote"


def test_where_nobody_serves_nothing_is_told_of_votes():
    waited = {"n3": at_home(b.moving("n3"), "n3", ASIDE)}
    plan = make_reseed(D, dict(b.living(D, **waited), n1=b.separated("n1"), n2=b.separated("n2")), "n3")
    assert plan["refusals"] == [] and plan["order"] == ["n3"] and "Expected downtime: " in reseed_lines(plan)[-1]


def recorded(world, **records):
    """Members that recorded that others were left behind: ``n1=["n2"]``."""
    for name, lost in records.items():
        world[name]["observed"]["saved"]["left_behind"] = {b.address(one): {"uuid": b.UUID, "seqno": 100} for one in lost}
    return world


def test_who_was_left_behind_as_well_neither_gives_the_data_nor_proves_them():
    """n2 and n3 died, n1 went on alone, both came back by themselves: their data may be equal and yet not n1's."""
    world = recorded(b.living(D), n1=["n2", "n3"])
    plan = make_reseed(D, world, "n3")
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["compared"], made["left_behind"]) == ([], ["n1"], ["n1"])
    assert (made["donors"], made["only_donors"]) == (["n1"], True), "Galera must not choose the other one either"
    assert reseed_lines(plan)[4:6] == [
        "The data directory of n3 is renamed, not deleted; afterwards its tables are compared with those of n1 by checksum.",
        "Transfer: n3 receives all data, about 100 MB by rsync (SST), from n1 and from nobody else."]


def test_nothing_is_done_where_nobody_can_be_named_who_shall_give():
    three = b.declared(3, {name: dict(b.hosts()["n1"], address=b.address(name)) for name in ("n1", "n3", "n10")})
    plan = make_reseed(three, recorded(b.living(three), n1=["n10", "n3"]), "n3")
    assert plan["refusals"] == [
        "n3: nobody can be named who shall give it all data: Galera takes a donor's name for the beginning of one, and so could choose a "
        "member whose data are not proven. Seed that one anew first (reseed_member), or stop its database; after an outage recover without it "
        "(senhasegura_lost_members), and add it afterwards"]


def test_who_gives_where_not_everybody_may():
    four = b.declared(4, b.hosts(4, n3={"segment": 2}), different_datacenters=True)
    plan = make_reseed(four, recorded(b.living(four), n1=["n2", "n4"]), "n4")
    assert (plan["members"]["n4"]["donors"], plan["compared"]) == (["n3", "n1"], ["n3", "n1"])


@pytest.mark.parametrize("records, donors", [
    (["seeding"], (["n1"], True)), (["unfinished"], (["n2"], False)), (["seeding", "unfinished"], (["n1"], True))])
def test_who_is_just_being_seeded_anew_neither_gives_nor_proves(records, donors):
    """Its host may have rebooted meanwhile, and then Galera chose from whom it has its data. A recovery proves them no more."""
    world, works = b.living(D), {"seeding": "reseed", "unfinished": "recovery"}
    for record in records:
        world["n2"]["observed"]["saved"][record] = {"work": works[record], "chosen": "", "since": "20260101T000000Z", "aside": ASIDE}
    made = make_reseed(D, world, "n3")["members"]["n3"]
    assert (made["donors"], made["only_donors"]) == donors


def test_the_primary_itself_was_left_behind():
    world = recorded(b.living(D), n2=["n1"])
    assert make_reseed(D, world, "n3")["refusals"] == [
        "n1: it is the primary, whose data all members get, and yet n2 went on without it at position 100; make another member "
        "senhasegura_primary, or, if the data of n1 count, name n2 in senhasegura_overwrite_members"]
    assert make_reseed(b.declared(3, overwrite_members=["n2"]), world, "n3")["refusals"] == []


def test_who_went_on_without_another_one_is_not_seeded_from_that_one_unless_named():
    """The record of whose data count would go with them."""
    refusal = ("n2: it went on without n1 at position 100, which nobody else has recorded, and that record would go with its data. First give n1 all "
               "data anew: make n2 senhasegura_primary (assume_primary), then run reseed_member with senhasegura_reseed=n1. If the data of n1 count "
               "all the same, as where n2 is an older copy (a snapshot of its host, say) that was restored since, name n2 in "
               "senhasegura_overwrite_members")
    world = recorded(b.living(D), n2=["n1"])
    assert make_reseed(D, world, "n2")["refusals"] == [refusal]
    two = b.declared(2)
    assert make_reseed(two, recorded(b.living(two), n2=["n1"]), "n2")["refusals"] == [refusal]
    assert make_reseed(D, recorded(b.living(D), n2=["n3"]), "n2")["refusals"] == [
        refusal.replace("make n2 senhasegura_primary (assume_primary), then ", "").replace("n1", "n3")], "a donor"
    assert make_reseed(D, recorded(world, n3=["n2"]), "n2")["refusals"] != [refusal], "left behind itself since, it has not gone on"
    named = make_reseed(b.declared(3, overwrite_members=["n2"]), recorded(b.living(D), n2=["n1"]), "n2")
    assert (named["refusals"], named["order"], named["members"]["n2"]["set_aside"]) == ([], ["n2"], True)


def test_who_went_on_together_with_another_one_is_seeded_as_anybody():
    """Its tables differ from those of n3, which has recorded it too: nothing makes it the one whose data count."""
    three = b.declared(3, primary="n3")
    world = recorded(b.living(three), n2=["n1"], n3=["n1"])
    plan = make_reseed(three, world, "n2")
    assert (plan["refusals"], plan["order"], plan["compared"], plan["members"]["n2"]["donors"]) == ([], ["n2"], ["n3"], ["n3"])


def test_the_only_one_that_knows_is_seeded_behind_the_one_that_was_left_behind():
    """Which does not serve: it would be let in by its position alone."""
    three = b.declared(3, primary="n3")
    serving = {name: b.serving(name, ["n2", "n3"], b.settings_as(three, name)) for name in ("n2", "n3")}
    world = recorded(dict(serving, n1=at_home(b.down("n1", seqno=120), "n1", three)), n2=["n1"])
    for declared in (three, b.declared(3, primary="n3", overwrite_members=["n2"])):
        assert make_reseed(declared, world, "n2")["refusals"] == [
            "n2: it went on without n1 at position 100, which nobody else has recorded, and that record would go with its data. First give n1 all data "
            "anew (name it in senhasegura_overwrite_members, and run create_cluster), or take it out of the cluster (remove_member)"]


def test_where_the_platform_chooses_the_donor():
    world = recorded(b.living(D), n1=["n2", "n3"])
    for one in world.values():
        one["observed"]["capabilities"] = dict(one["observed"]["capabilities"], donors=False)
    assert make_reseed(D, world, "n3")["refusals"] == [
        "n3: its platform chooses by itself who gives it all data, and n2, whose data are not proven, could be chosen; stop the databases of "
        "both, and let create_cluster seed them: name them in senhasegura_overwrite_members"]


FOUR = b.declared(4)
RECORDS = st.dictionaries(st.sampled_from(b.names_of(4)), st.lists(st.sampled_from(b.names_of(4)), min_size=1, max_size=3))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(RECORDS, st.sampled_from(["n2", "n3", "n4"]), st.lists(st.sampled_from(["n2", "n3", "n4"]), max_size=2))
def test_nobody_who_was_left_behind_gives_or_proves(records, name, overwrite):
    declared = b.declared(4, overwrite_members=overwrite)
    plan = make_reseed(declared, recorded(b.living(FOUR), **records), name)
    if plan["refusals"]:
        return
    lost = {one for recorder, those in records.items() if recorder not in [name] + overwrite for one in those
            if recorder not in {other for outer, more in records.items() if outer not in [name] + overwrite for other in more} and one != recorder}
    made = plan["members"][name]
    assert plan["compared"] and made["donors"] and "n1" in plan["compared"]
    assert not lost & set(plan["compared"] + made["donors"])
    behind = {one for recorder, those in records.items() if recorder not in [name] + overwrite for one in those}
    others = {one for recorder, those in records.items() if recorder not in [name] + overwrite for one in those}
    assert name in overwrite or name in behind or set(records.get(name, [])) - {name} <= others, "the record of it would go"
    assert made["only_donors"] or not lost - {name}, "Galera could choose one of them"


@pytest.mark.parametrize("history", [{}, {"uuid": b.OTHER_UUID}, {"uuid": b.NO_UUID, "seqno": -1, "aborted": True}])
def test_a_member_that_is_down_may_be_seeded_whatever_it_holds(history):
    plan = reseed(n3=at_home(b.down("n3", **history), "n3"))
    assert plan["refusals"] == [] and plan["members"]["n3"]["set_aside"]


@pytest.mark.parametrize("one, waits", [(b.down("n3", b.NO_UUID, -1, schemas=[]), False), (b.moving("n3"), True),
                                        (b.serving("n3", b.names_of(3)), True)])
def test_what_was_set_aside_already_is_not_set_aside_again(one, waits):
    plan = reseed(n3=at_home(one, "n3", ASIDE))
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["order"], plan["confirm"], plan["aside"]) == ([], ["n3"], False, ASIDE)
    assert (made["set_aside"], made["backup"], made["wait_first"]) == (False, False, waits)


def test_what_was_half_received_since_is_set_aside_too():
    """MariaDB may be unable to start on it, even to receive it anew."""
    plan = reseed(n3=at_home(b.down("n3", b.NO_UUID, -1, aborted=True), "n3", ASIDE))
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["confirm"], made["set_aside"], made["backup"]) == ([], False, True, True)


@pytest.mark.parametrize("one", [
    b.down("n3"), b.down("n3", b.NO_UUID, -1), b.separated("n3"), b.observation("n3", status=dict(b.silent(), answers=True), schemas=[b.SHOP])],
    ids=["a history", "data without a history", "in no primary component", "standalone"])
@pytest.mark.parametrize("work", ["reseed", "comparison"])
def test_who_may_have_been_a_member_since_is_seeded_anew(one, work):
    """A record that a killed run left long ago proves nothing of what became of the member."""
    world = b.living(D, n3=at_home(copy.deepcopy(one), "n3", ASIDE, work))
    plan = make_reseed(D, world, "n3")
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["confirm"], plan["aside"], made["set_aside"], made["wait_first"]) == ([], True, "", True, False)


@pytest.mark.parametrize("work", ["reseed", "comparison"])
@pytest.mark.parametrize("serves", [True, False])
def test_who_was_left_behind_is_seeded_anew_whatever_a_killed_run_recorded(work, serves):
    world = b.living(D) if serves else b.living(D, n3=b.down("n3", b.NO_UUID, -1, schemas=[]))
    at_home(world["n3"], "n3", ASIDE, work)
    plan = make_reseed(D, recorded(world, n1=["n3"], n2=["n3"]), "n3")
    made = plan["members"]["n3"]
    assert (plan["refusals"], plan["confirm"], plan["aside"]) == ([], True, "")
    assert (made["set_aside"], made["wait_first"], made["left_behind"]) == (True, False, ["n1", "n2"])


def test_only_the_comparison_is_missing():
    world = b.living(D)
    at_home(world["n3"], "n3", ASIDE, "comparison")
    plan = make_reseed(D, world, "n3")
    assert (plan["refusals"], plan["order"], plan["confirm"], plan["compared"]) == ([], [], False, ["n2", "n1"])
    assert [list(step) for step in plan["members"]["n3"]["settle"]] == [["cluster_network"]]
    assert reseed_lines(plan)[3:] == [
        "n3      nothing to do  it was seeded anew, and only the comparison of its tables is missing",
        "The tables of n3 are compared with those of n2 and n1 by checksum; no database stops. Once they are compared, another run seeds it anew."]


UNFINISHED = st.sampled_from([{}] + [{"work": work, "chosen": "", "since": "20260101T000000Z", "aside": aside}
                                     for work in ("reseed", "comparison") for aside in ("", ASIDE)])
STANDS = st.sampled_from([b.down("n3"), b.down("n3", b.NO_UUID, -1), b.down("n3", b.NO_UUID, -1, schemas=[]), b.moving("n3"),
                          b.down("n3", b.NO_UUID, -1, aborted=True), b.separated("n3"), b.fresh("n3", b.SHOP), None])


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(UNFINISHED, STANDS, st.booleans())
def test_seeding_is_skipped_only_for_what_is_proven_to_be_seeded(record, one, behind):
    world = b.living(D, **({"n3": at_home(copy.deepcopy(one), "n3")} if one else {}))
    world["n3"]["observed"]["saved"]["seeding"] = record
    plan = make_reseed(D, recorded(world, n1=["n3"] if behind else []), "n3")
    if plan["refusals"]:
        return
    made, dead = plan["members"]["n3"], world["n3"]["observed"]["service"]["dead"]
    begun = record.get("work") == "comparison" or record.get("work") == "reseed" and record["aside"]
    assert made["set_aside"] or begun and not behind
    assert plan["confirm"] or not made["set_aside"] or dead, "who stops a database has a Yes"
    assert plan["order"] or record["work"] == "comparison"


@pytest.mark.parametrize("name, problem", [
    ("", "senhasegura_reseed names no member; say -e senhasegura_reseed=NAME, one of n1, n2, n3"),
    ("n9", "senhasegura_reseed names n9, which is no member; the members are n1, n2, n3"),
    ("n1", "n1: it is the primary, whose data all members get; make another member the primary first (assume_primary)")])
def test_who_may_not_be_named(name, problem):
    assert reseed(name)["refusals"] == [problem]


def test_the_others_must_be_one_component():
    start = "the others are not proven to be one primary component: "
    lacks = start + "n1: its component lacks 10.0.0.12"
    assert reseed(n2=at_home(b.down("n2"), "n2"))["refusals"] == [lacks, start + "n2: the database does not answer"]
    assert reseed(n2=b.unreachable())["refusals"] == [lacks, start + "n2: it cannot be reached: no route to host"]
    assert reseed(n3=b.unreachable())["refusals"] == ["n3: it cannot be reached: no route to host"]
    alone = at_home(b.serving("n3", ["n3"], conf_id="9"), "n3")
    assert "the others are not proven to be one primary component: n1: its component lacks 10.0.0.13" in reseed(n3=alone)["refusals"]


def test_a_member_that_is_just_starting_is_left_alone():
    assert reseed(n3=at_home(b.moving("n3"), "n3"))["refusals"] == [
        "n3: its database is just being started or stopped; run again when that has ended"]


def test_the_others_must_keep_their_quorum():
    world = b.living(D)
    world["n3"]["observed"]["settings"]["primary"]["weight"] = 2
    assert make_reseed(D, world, "n3")["refusals"] == [
        "n3: it has 2 of 4 votes, so the others would lose their quorum without it; run assume_primary, which puts the votes right"]
    two = b.declared(2)
    assert make_reseed(two, b.living(two), "n2")["refusals"] == []


MOUNTED = ("n3: its data directory /var/lib/mysql is a mount point, so it cannot be set aside by renaming it; stop MariaDB there, move "
           "everything in it into another folder by hand, leave it empty, and run again")


def test_a_data_directory_that_cannot_be_renamed_is_told_before_anything_stops():
    world = b.living(D)
    world["n3"]["observed"]["data"]["fixed"] = "/var/lib/mysql"
    assert make_reseed(D, world, "n3")["refusals"] == [MOUNTED]
    world["n2"]["observed"]["data"]["fixed"], world["n3"]["observed"]["data"]["fixed"] = "/var/lib/mysql", ""
    assert make_reseed(D, world, "n3")["refusals"] == [], "of nobody else it is renamed"


def test_room_is_needed():
    small = at_home(b.down("n3", free_bytes=b.MB), "n3")
    assert reseed(n3=small)["refusals"] == ["n3 has room for 1 MB of data beside those that are set aside, but joining needs 366 MB; make room first"]
