# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rolling restart or update: examples in whole sentences, and the rules for every cluster."""

from __future__ import annotations

import copy
import itertools

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _rolling as rolling
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from hypothesis import given, settings
from hypothesis import strategies as st

THREE = b.declared(3)


def whole(declaration, **instead):
    """Every member in one component of all of them, as the votes are written; some replaced."""
    names = [member["name"] for member in declaration["members"]]
    votes = sum(b.settings_as(declaration, name)["primary"]["weight"] for name in names)
    return {name: instead.get(name) or b.serving(name, names, b.settings_as(declaration, name), weight=votes) for name in names}


def refused(observations, declaration=None, **options):
    """The refusals of a restart, which then does nothing."""
    plan = rolling.restart_plan(declaration or THREE, observations, **options)
    assert plan["order"] == plan["steps"] == [] and not plan["confirm"]
    assert {made["action"] for made in plan["members"].values()} <= {"refuse", "restart", "none"}
    return plan["refusals"]


# -- restart: order, reasons, words ---------------------------------------------------------------------------------------


def test_all_members_and_the_primary_last():
    plan = rolling.restart_plan(THREE, whole(THREE))
    assert (plan["order"], plan["refusals"], plan["confirm"]) == (["n2", "n3", "n1"], [], True)
    assert plan["members"]["n2"]["expected"] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
    assert plan["steps"] == ["n2 restart", "n3 restart", "n1 restart"]


def test_the_plan_as_a_person_reads_it():
    observations = whole(THREE)
    observations["n3"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 2"]
    assert rolling.rolling_lines(THREE, rolling.restart_plan(THREE, observations)) == [
        "   member  what                   why                                             votes while it is away",
        "1  n2      restart                asked for                                       2 of 3; it must not lose n1 or n3 too",
        "2  n3      restart                asked for; gmcast.segment runs as 0, written 2  2 of 3; it must not lose n1 or n2 too",
        "3  n1      restart (the primary)  asked for                                       2 of 3; it must not lose n2 or n3 too",
        "Expected downtime: none of the cluster, which serves on the others, one member away at a time, each for seconds while it "
        "stops, starts and catches up; its connections end, so clients must connect to another member."]


def test_only_those_named():
    plan = rolling.restart_plan(THREE, whole(THREE), ["n1", "n3"])
    assert plan["order"] == ["n3", "n1"]
    assert rolling.rolling_lines(THREE, plan)[3].split("  ")[:2] == ["-", "n2"]
    assert "senhasegura_restart_members does not name it" in rolling.rolling_lines(THREE, plan)[3]


def begun(observations, work=rolling.WORK, **started):
    """A run began its work 100 s after the hosts were booted; when the databases were started, 50 s where not told."""
    for name, one in observations.items():
        one["observed"]["interrupted"] = {"work": work, "began": 100.0}
        one["observed"]["service"].update(started_monotonic=started.get(name, 50.0), started=1764165802.0)
    return observations


def test_an_interrupted_run_is_finished():
    plan = rolling.restart_plan(THREE, begun(whole(THREE), n2=103.0))
    assert (plan["resumes"], plan["steps"], plan["works"]) == (True, ["n3 restart", "n1 restart"], ["n1", "n2", "n3"])
    assert rolling.rolling_lines(THREE, plan)[3] == (
        "-  n2      nothing to do          restarted at 2025-11-26T14:03:22Z by a run that did not end  -")
    assert [line for line in rolling.rolling_lines(THREE, plan) if line.startswith("Note: ")] == [
        "Note: n2: not restarted again, as a run that did not end has done it. Where that must be (something was changed since), run restart_cluster "
        "once more behind this run."]
    others = rolling.restart_plan(THREE, begun(whole(THREE), n2=103.0), ["n1", "n3"])
    assert (others["resumes"], others["steps"], others["works"]) == (False, ["n3 restart", "n1 restart"], ["n1", "n3"])


def test_an_interrupted_run_that_had_restarted_everybody_is_only_ended():
    plan = rolling.restart_plan(THREE, begun(whole(THREE), n1=109.0, n2=103.0, n3=106.0))
    assert (plan["resumes"], plan["order"], plan["confirm"], plan["refusals"]) == (True, [], False, [])
    assert rolling.rolling_lines(THREE, plan) == [
        "Nothing more to do: a run that did not end has restarted every member; run again to restart them once more."]


def test_who_must_restart_for_its_settings_is_not_done():
    observations = begun(whole(THREE), n2=103.0)
    observations["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 2"]
    plan = rolling.restart_plan(THREE, observations)
    assert (plan["resumes"], plan["order"]) == (False, ["n2", "n3", "n1"])


def test_what_another_playbook_began_is_no_restart():
    plan = rolling.restart_plan(THREE, begun(whole(THREE), work="", n2=103.0))
    assert (plan["resumes"], plan["order"]) == (False, ["n2", "n3", "n1"])


def test_a_name_that_is_no_member():
    assert refused(whole(THREE), chosen=["n1", "n9"]) == ["senhasegura_restart_members names n9, which is no member"]


def test_two_members_restart_though_the_primary_has_two_votes():
    plan = rolling.restart_plan(b.declared(2), whole(b.declared(2)))
    assert [plan["members"][name]["votes"] for name in plan["order"]] == [
        {"now": 3, "away": 2, "fatal": ["n1"]}, {"now": 3, "away": 1, "fatal": ["n2"]}]


def test_one_member_alone_is_not_restarted():
    assert refused(whole(b.declared(1)), b.declared(1)) == [
        "n1 must restart, but no other member would hold the data and a vote meanwhile, and nobody could let it in again; "
        "add a member first"]


def test_an_arbitrator_votes_but_holds_no_data():
    voters = {"n1": 2, "n2": 1, "the arbitrator": 2}
    assert rolling.forecast(voters, "n2") == {"now": 5, "away": 4, "fatal": ["n1", "the arbitrator"]}
    assert rolling.forecast(voters, "n1") == {"now": 5, "away": 3, "fatal": ["n2", "the arbitrator"]}
    assert rolling.forecast({"n1": 2, "the arbitrator": 2}, "n1")["away"] == 0


def test_the_arbitrator_is_counted_where_it_is_in_the_component():
    declaration = b.declared(2, arbitrator="10.0.0.9")
    seen = {name: b.serving(name, ["n1", "n2", ""], b.settings_as(declaration, name)) for name in ("n1", "n2")}
    assert rolling.votes_of(declaration, seen) == {"n1": 2, "n2": 1, "the arbitrator": 2}
    assert rolling.restart_plan(declaration, seen)["refusals"] == []


def arbitrated(**more):
    """Two members and the arbitrator, all in one component, or without it."""
    declaration = b.declared(2, arbitrator="10.0.0.9")
    return declaration, {name: b.serving(name, ["n1", "n2"] + ([""] if more.get("votes", True) else []), b.settings_as(declaration, name))
                         for name in ("n1", "n2")}


def arbitrated_update(host="witness", newer=True, **more):
    declaration, seen = arbitrated(**more)
    could = {"packages": {"galera-4": package("1", "2" if newer else "")}, "replaced": [], "unfinished": []}
    return declaration, rolling.update_plan(declaration, seen, {"n1": could, "n2": could}, host)


def test_updates_take_the_arbitrator_out_and_count_without_it():
    declaration, plan = arbitrated_update()
    assert (plan["refusals"], plan["aside"], plan["steps"][0]) == ([], "witness", "witness aside")
    assert plan["members"]["n1"]["votes"] == {"now": 3, "away": 1, "fatal": ["n2"]}
    assert rolling.rolling_lines(declaration, plan)[0] == (
        "First: the arbitrator (witness) is taken out, and its own packages are updated. Last: it is put back.")


@pytest.mark.parametrize("more, note", [
    ({"host": ""}, "the arbitrator 10.0.0.9 votes, and its host is not in the inventory group senhasegura_arbitrator, so it stays in while "
                   "members are updated; the vendor takes it out before and puts it back after"),
    ({"votes": False}, "the arbitrator 10.0.0.9 does not vote now; it is put back at the end where it was not taken out by "
                       "remove_arbitrator")])
def test_an_arbitrator_that_is_not_taken_out_is_told_of(more, note):
    _declaration, plan = arbitrated_update(**more)
    assert (plan["refusals"], plan["aside"], plan["warnings"]) == ([], "", [note])


def test_where_nothing_is_newer_the_arbitrator_stays():
    _declaration, plan = arbitrated_update(newer=False)
    assert (plan["aside"], plan["warnings"], plan["steps"]) == ("", [], [])


# -- restart: who is in the way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there, sentence", [
    (b.down("n3"), "n3: the cluster is degraded: its database is stopped; create_cluster starts it and waits until it is restored"),
    (b.fresh("n3"), "n3: the cluster is degraded: its database runs standalone; create_cluster lets it join"),
    (b.absent("n3"), "n3: the cluster is degraded: no database is installed there; create_cluster lets it join"),
    (b.separated("n3"), "n3: the cluster is degraded: Galera runs there, but not in the primary component that serves; repair the "
                        "link between the members"),
    (b.moving("n3"), "n3: the cluster is degraded: its database is just being started or stopped, and it is not as a member of this "
                     "cluster; run again when that has ended"),
    (b.moving("n3", settings=b.settings_as(THREE, "n3"), history=b.saved(b.OTHER_UUID)),
     "n3: the cluster is degraded: its database is just being started or stopped, and it is not as a member of this cluster; run again "
     "when that has ended"),
    (b.unreachable(), "n3: it cannot be reached: no route to host; whether it serves is unknown. Every declared member must be "
                      "observed before one of them restarts")])
def test_a_degraded_cluster_is_refused(there, sentence):
    assert refused(b.living(THREE, n3=there)) == [sentence]


def test_nobody_serves():
    assert refused({name: b.down(name) for name in b.names_of(3)}) == [
        "no member is in a primary component, so there is nothing to keep serving; recover_cluster brings it back where "
        "it does not come back by itself"]


def test_a_member_that_was_not_observed():
    observations = whole(THREE)
    del observations["n2"]
    assert refused(observations) == ["n2: it was not observed; whether it serves is unknown. Every declared member must be observed "
                                     "before one of them restarts"]


def test_a_split_cluster():
    observations = whole(THREE)
    observations["n3"]["observed"]["status"].update(conf_id="9", incoming_addresses=[b.address("n3")], size=1)
    for name in ("n1", "n2"):
        observations[name]["observed"]["status"].update(conf_id="9", incoming_addresses=[b.address("n1"), b.address("n2")], size=2)
    assert refused(observations)[0].startswith("there is more than one primary component: ")


def test_a_view_that_is_not_current():
    observations = whole(THREE)
    observations["n2"]["observed"]["status"]["current"] = False
    assert "n2: a causal read did not succeed" in refused(observations)[0]


def test_another_primary_is_written_than_declared():
    assert refused(whole(THREE), b.declared(3, primary="n2")) == [
        "%s: it takes 10.0.0.11 for the primary, not n2" % name for name in b.names_of(3)]


# -- an interrupted run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [
    b.moving("n2", history=b.saved(b.UUID)), b.moving("n2", history=b.saved(aborted=True)),
    b.moving("n2", settings=b.settings_as(THREE, "n2")),
    b.serving("n2", b.names_of(3), b.settings_as(THREE, "n2"), local_state=1, local_state_comment="Joining", ready=False,
              current=False)])
def test_a_member_on_its_way_back_is_waited_for(there):
    plan = rolling.restart_plan(THREE, b.living(THREE, n2=there))
    assert (plan["refusals"], plan["returning"], plan["order"]) == ([], ["n2"], ["n2", "n3", "n1"])
    assert rolling.rolling_lines(THREE, plan)[0] == "First: wait until n2 is restored, which is under way already."


def test_nothing_new_behind_the_waiting():
    before = rolling.restart_plan(THREE, whole(THREE))
    after = rolling.restart_plan(THREE, whole(THREE), ["n2"])
    assert rolling.strange_steps(before["steps"], after) == []
    assert rolling.strange_steps(after["steps"], before) == ["n3 restart", "n1 restart"]


# -- update ---------------------------------------------------------------------------------------------------------------


def package(installed, candidate="", held=False):
    return {"installed": installed, "candidate": candidate or installed, "newer": bool(candidate), "held": held}


def updates(count=3, replaced=(), **instead):
    """What every member could update: galera-4 and nothing else, or as said."""
    found = {name: {"packages": {"galera-4": package("26.4.22", "26.4.23"), "rsync": package("3.2")}, "replaced": list(replaced),
                    "unfinished": []}
             for name in b.names_of(count)}
    return dict(found, **instead)


NEWEST = {"packages": {"galera-4": package("26.4.23"), "rsync": package("3.2")}, "replaced": [], "unfinished": []}


def test_the_primary_first():
    plan = rolling.update_plan(THREE, whole(THREE), updates())
    assert plan["order"] == ["n1", "n2", "n3"] and plan["confirm"] and not plan["warnings"]
    assert plan["members"]["n2"]["install"] == {"galera-4": "26.4.23"}
    assert plan["steps"][1] == "n2 update galera-4=26.4.23"
    assert rolling.rolling_lines(THREE, plan)[1] == (
        "1  n1      update, and restart if its database runs any of it (the primary)  galera-4 from 26.4.22 to 26.4.23  "
        "2 of 3; it must not lose n2 or n3 too")


def test_nothing_to_update_restarts_nobody():
    plan = rolling.update_plan(THREE, whole(THREE), {name: copy.deepcopy(NEWEST) for name in b.names_of(3)})
    assert plan["order"] == [] and not plan["confirm"] and not plan["refusals"]
    assert rolling.rolling_lines(THREE, plan) == ["Nothing to do: no member needs a restart or an update."]


def test_interrupted_between_the_packages_and_the_restart():
    stale = dict(NEWEST, replaced=["/usr/lib/galera/libgalera_smm.so"])
    plan = rolling.update_plan(THREE, whole(THREE), updates(n1=stale, n2=NEWEST))
    assert [(name, plan["members"][name]["action"]) for name in plan["order"]] == [("n1", "restart"), ("n3", "update")]
    assert plan["members"]["n1"]["reason"] == ("its database still runs what an update has replaced: "
                                               "/usr/lib/galera/libgalera_smm.so")
    assert plan["warnings"] == ["the members have different versions of galera-4 (26.4.22: n3; 26.4.23: n1, n2) until all are "
                                "updated"]


def test_versions_that_will_differ_afterwards():
    plan = rolling.update_plan(THREE, whole(THREE), updates(n3={"packages": {"galera-4": package("26.4.22")}, "replaced": [], "unfinished": []}))
    assert plan["warnings"] == ["the members will have different versions of galera-4 (26.4.22: n3; 26.4.23: n1, n2): give them "
                                "the same package source before you say Yes"]


def test_a_held_package_stays():
    held = {"packages": {"galera-4": package("26.4.22", "26.4.23", held=True)}, "replaced": [], "unfinished": []}
    plan = rolling.update_plan(THREE, whole(THREE), {name: held for name in b.names_of(3)})
    assert plan["order"] == []
    assert plan["warnings"][0] == "n1: galera-4 is held (apt-mark) at 26.4.22 and stays there; 26.4.23 is newer"


def test_what_dpkg_has_begun_is_waited_for_or_told():
    """It works on, whoever began that; where nothing works there any more, the version tells nothing."""
    begun = dict(copy.deepcopy(NEWEST), unfinished=["galera-4", "rsync"])
    plan = rolling.update_plan(THREE, whole(THREE), updates(n2=begun))
    assert plan["order"] == [] and plan["refusals"] == [
        "n2: dpkg has begun with galera-4, rsync there and has not ended. If it is not working on that just now, repair it there "
        "(dpkg --configure -a, then apt-get -f install); then run the playbook again"]
    seen = whole(THREE)
    seen["n2"]["observed"]["service"]["changing"] = True
    plan = rolling.update_plan(THREE, seen, updates(n2=begun))
    assert (plan["refusals"], plan["returning"], plan["order"]) == ([], ["n2"], ["n1", "n3"])


def test_what_was_not_read_is_refused():
    assert rolling.update_plan(THREE, whole(THREE), updates(n2=None))["refusals"] == [
        "n2: which of its packages could be updated was not read; run the playbook again"]


def test_appliances_are_not_updated_here():
    observations = whole(THREE)
    observations["n1"]["observed"]["capabilities"] = dict(observations["n1"]["observed"]["capabilities"], packages=False)
    assert rolling.update_plan(THREE, observations, updates(n1=None))["refusals"] == [
        "n1: its packages are the appliance's own, and no command that the collection may use updates them; follow the vendor's "
        "update guide, the primary first"]


def test_an_unreachable_member_is_refused_for_that_alone():
    plan = rolling.update_plan(THREE, b.living(THREE, n2=b.unreachable()), updates(n2=None))
    assert [sentence.split(";")[0] for sentence in plan["refusals"]] == ["n2: it cannot be reached: no route to host"]


# -- rules, for every cluster ---------------------------------------------------------------------------------------------

KINDS = ["whole"] * 6 + ["down", "absent", "fresh", "separated", "moving", "returning", "unknown", "joining", "stale view"]


def member_as(kind, declaration, name, names):
    made = {"down": b.down, "absent": b.absent, "fresh": b.fresh, "separated": b.separated, "moving": b.moving}
    if kind in made:
        return made[kind](name)
    if kind == "returning":
        return b.moving(name, history=b.saved(b.UUID))
    if kind == "unknown":
        return b.unreachable()
    status = {"joining": dict(local_state=1, ready=False), "stale view": dict(current=False)}.get(kind, {})
    return b.serving(name, names, b.settings_as(declaration, name), **status)


WORLDS = st.sampled_from(list(itertools.product((2, 3, 4), (0, 1), ((), ("n2",), ("n1", "n2")))))


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(WORLDS, st.lists(st.sampled_from(KINDS), min_size=4, max_size=4), st.lists(st.sampled_from("uhnr"), min_size=4, max_size=4))
def test_the_rules(world, kinds, packages):
    count, primary, chosen = world
    names = b.names_of(count)
    declaration = b.declared(count, primary=names[primary])
    kinds = dict(zip(names, kinds))
    observations = {name: member_as(kinds[name], declaration, name, names) for name in names}
    could = {name: {"packages": {"galera-4": package("1", "2" if kind in "uh" else "", held=kind == "h")},
                    "replaced": ["/usr/x"] if kind == "r" else [], "unfinished": []} for name, kind in zip(names, packages)}
    restart = rolling.restart_plan(declaration, observations, chosen)
    update = rolling.update_plan(declaration, observations, could)
    for plan in (restart, update):
        assert not (plan["order"] and plan["refusals"])
        if set(kinds.values()) - {"whole", "returning", "joining"}:
            assert plan["refusals"]
        elif not plan["refusals"]:
            assert set(plan["returning"]) == {name for name in names if kinds[name] != "whole"}
        for name in plan["order"]:
            assert plan["members"][name]["votes"]["away"] > 0
            assert plan["members"][name]["expected"] == [b.address(one) for one in names]
    if restart["order"]:
        assert set(restart["order"]) == set(chosen or names)
        assert declaration["primary"] not in restart["order"][:-1]
    assert declaration["primary"] not in update["order"][1:]
    assert {name for name in update["order"] if update["members"][name]["action"] == "update"} <= {
        name for name, kind in zip(names, packages) if kind == "u"}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(st.sampled_from(["n1", "n2", "n3", "n4", "the arbitrator"]), st.integers(0, 3), min_size=2))
def test_the_forecast_is_galera_s_rule(voters):
    """Those who remain go on with more than half of the votes that were there before a failure."""
    for leaving in voters:
        seen = rolling.forecast(voters, leaving)
        remain = {name: votes for name, votes in voters.items() if name != leaving}
        for name in remain:
            left = sum(votes for other, votes in remain.items() if other != name)
            data = [other for other in remain if other not in (name, "the arbitrator")]
            assert (name in seen["fatal"]) == (left <= sum(remain.values()) / 2 or not data and name != "the arbitrator")
