# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may be removed, how, and the rules that no removal breaks."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _quorum as quorum
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _removal
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal import (
    declare_removal, is_approved, make_removal, prove_alone, still_inside, vanished)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal_words import farewell_lines, removal_lines
from ansible_collections.senhasegura.cluster.tests.unit import members as b

N1, N2, N3 = (b.address(name) for name in b.names_of(3))
THREE = b.declared(3)


def problems_of(remove=("n3",), dead=(), state="started", count=3, **options):
    return declare_removal(b.hosts(count), dict(b.OPTIONS, **options), {"remove": remove, "dead": dead, "state": state})[1]


def removal_of(remove=("n3",), dead=(), state="started", count=3, **options):
    made, problems = declare_removal(b.hosts(count), dict(b.OPTIONS, **options), {"remove": remove, "dead": dead, "state": state})
    assert problems == []
    return made


def refused(removal, observations):
    plan = make_removal(removal, observations)
    assert plan["order"] == plan["moves"] == [] and not plan["work"] and plan["digest"] == ""
    return plan["refusals"]


def without(removed, **instead):
    """The observations of three members from whose component one is missing."""
    stay = [name for name in b.names_of(3) if name != removed]
    return dict({name: b.serving(name, stay, b.settings_as(THREE, name)) for name in stay}, **instead)


# -- what is declared -----------------------------------------------------------------------------------------------------


def test_nobody_is_named():
    assert problems_of([]) == ["nobody is named: set senhasegura_remove to the inventory name of the member to remove (n1, n2, n3)"]


def test_somebody_unknown_is_named():
    assert problems_of(["n9"]) == [
        "senhasegura_remove names n9, which is no member; the members are n1, n2, n3. Whoever was removed already and taken out of "
        "the inventory needs nothing more; whoever only vanished from it must be put back first"]


def test_everybody_is_named():
    assert problems_of(["n1", "n2", "n3"]) == ["nobody would remain of n1, n2, n3, and the cluster's last member is not removed"]


def test_the_dead_must_be_among_the_removed():
    assert problems_of(["n3"], dead=["n2"]) == ["senhasegura_dead_members names n2, which is not named in senhasegura_remove"]


def test_the_primary_to_be_must_stay():
    assert problems_of(["n1"], primary="n1") == ["senhasegura_primary is n1, which is to be removed; name one that stays: n2 or n3"]


def test_options_that_name_the_removed_are_no_problem():
    made = removal_of(overwrite_members=["n3", "n2"], application_active=["n3"], members=["n2", "n1", "n3"])
    assert [member["name"] for member in made["after"]["members"]] == ["n2", "n1"]
    assert made["after"]["overwrite"] == ["n2"] and made["after"]["application_active"] == []
    assert made["after"]["removed"] == [N3]


# -- removed alive --------------------------------------------------------------------------------------------------------


def test_a_member_leaves():
    removal = removal_of()
    plan = make_removal(removal, b.living(THREE))
    assert plan["refusals"] == [] and plan["order"] == ["n1", "n2"] and plan["moves"] == []
    leaving = plan["leaving"]
    assert (leaving["name"], leaving["stop"], leaving["start"]) == ("n3", True, True)
    assert leaving["expected"] == [N1, N2, N3]
    assert leaving["settings"] == {"mode": {"mode": "standalone"}, "sync": {"enabled": False, "timeout": 15},
                                   "members": {"members": [N3], "address": N3, "arbitrator": ""}}
    for name in ("n1", "n2"):
        assert plan["members"][name]["action"] == "configure" and plan["members"][name]["expected"] == [N1, N2]
        assert plan["members"][name]["settings"]["members"]["members"] == [N1, N2]
        assert N3 not in [peer["address"] for peer in plan["members"][name]["settings"]["sync"]["peers"]]
    assert plan["confirm"] and plan["work"]


def test_the_plan_as_a_person_reads_it():
    removal = removal_of()
    assert removal_lines(removal, make_removal(removal, b.living(THREE))) == [
        "   member  what                        why",
        "1  n3      leave, become standalone    it is in the primary component; its data are kept, its database starts again standalone",
        "2  n1      change on-line, no restart  peers changes; members changes from 10.0.0.11, 10.0.0.12, 10.0.0.13 to 10.0.0.11, "
        "10.0.0.12; weight changes from 1 to 2",
        "3  n2      change on-line, no restart  peers changes; members changes from 10.0.0.11, 10.0.0.12, 10.0.0.13 to 10.0.0.11, "
        "10.0.0.12",
        "Votes: before 3 (n1 1, n2 1, n3 1), after 3 (n1 2, n2 1).",
        "Then the cluster serves on without n2 (2 of 3 votes).",
        "But without n1 (1 of 3 votes) nobody serves until a person decides.",
        "Expected downtime: none on those who stay (writes pause for about a second); clients of n3 lose their connections.",
        "Note: two members without an arbitrator: if the primary fails, the other stops serving until a person assumes it as "
        "primary."]


def test_it_may_stay_stopped():
    removal = removal_of(state="stopped")
    plan = make_removal(removal, b.living(THREE))
    assert (plan["leaving"]["stop"], plan["leaving"]["start"]) == (True, False)
    assert "its database stays stopped" in removal_lines(removal, plan)[1]


def alone(name):
    """The settings of a removed member."""
    settings = b.settings_as(THREE, name)
    settings["mode"]["mode"] = "standalone"
    settings["members"].update(members=[b.address(name)])
    settings["sync"] = {"enabled": False, "timeout": 15, "paths": [], "peers": [], "intact": True}
    return settings


def removed_observations(of_n3):
    two = removal_of()["after"]
    return dict({name: b.serving(name, ["n1", "n2"], b.settings_as(two, name), weight=3) for name in ("n1", "n2")}, n3=of_n3)


def test_done_it_has_nothing_to_do():
    removal = removal_of()
    observations = removed_observations(b.fresh("n3", b.SHOP, history=b.saved(b.UUID, 400), settings=alone("n3")))
    plan = make_removal(removal, observations)
    assert plan["refusals"] == [] and not plan["work"] and not plan["confirm"]
    assert removal_lines(removal, plan)[0] == "Nothing to do: n3 is removed, and the 2 members who stay are as declared."
    assert prove_alone(removal, observations) == []
    assert farewell_lines(removal, plan) == ["n3 is standalone and started; its data are kept where they were.",
                                             "Take n3 out of the inventory now."]


@pytest.mark.parametrize("one, expected", [
    (b.down("n3", settings=b.settings_as(THREE, "n3")), (False, True, True)),
    (b.down("n3", settings=alone("n3")), (False, True, True)),
    (b.moving("n3", settings=b.settings_as(THREE, "n3")), (True, True, True)),
    (b.separated("n3", settings=b.settings_as(THREE, "n3")), (True, True, True)),
    (b.absent("n3"), (False, False, False)),
], ids=["stopped", "written", "just starting", "cut off", "rebuilt without MariaDB"])
def test_interrupted_anywhere_the_next_run_ends_the_same(one, expected):
    leaving = make_removal(removal_of(), without("n3", n3=one))["leaving"]
    assert (leaving["stop"], leaving["start"], leaving["work"]) == expected


@pytest.mark.parametrize("one, words", [
    (b.moving("n3"), "its database is just being started or stopped"), (b.down("n3"), "its database does not run")])
def test_a_member_that_just_comes_or_goes_is_not_removed(one, words):
    assert refused(removal_of(), dict(b.living(THREE), n3=one)) == [
        "n3: %s, but n1 sees it in its component, so it is just coming or going; run again when it is there or gone" % words]


def test_those_who_stay_are_not_touched_while_it_is_inside():
    plan = make_removal(removal_of(), b.living(THREE))
    assert still_inside(plan) == "n3: it is in the primary component, so it has not left the cluster; run the playbook again"
    assert still_inside(make_removal(removal_of(), without("n3", n3=b.down("n3")))) == ""


@pytest.mark.parametrize("now, reason", [
    (b.living(THREE)["n3"], ""), (b.unreachable(), " (it cannot be reached: no route to host)")])
def test_what_was_seen_of_it_before_the_yes_does_not_tell_whether_it_has_left(now, reason):
    approved = make_removal(removal_of(), b.living(THREE))
    assert vanished(approved, without("n3", n3=now)) == (
        "n3: it could not be reached since the plan was made%s, so it is not known whether it has left; run the playbook again when it "
        "answers, or, if it is dead for good, with its name in senhasegura_dead_members" % reason)
    assert vanished(approved, without("n3", n3=dict(b.down("n3"), asked_at=1000.1))) == ""


def test_of_somebody_with_whom_nothing_was_done_no_later_observation_is_asked_for():
    seen = removed_observations(b.serving("n3", ["n3"]))
    assert vanished({"leaving": None}, seen) == ""
    done = make_removal(removal_of(), removed_observations(b.fresh("n3", b.SHOP, settings=alone("n3"))))
    assert not done["leaving"]["work"] and vanished(done, seen) == ""


def test_an_arbitrator_votes():
    declared = b.declared(3, arbitrator="10.0.0.99")
    observations = {name: b.serving(name, b.names_of(3) + [""], b.settings_as(declared, name), weight=5) for name in b.names_of(3)}
    removal = removal_of(arbitrator="10.0.0.99")
    plan = make_removal(removal, observations)
    assert plan["votes"] == {"before": {"n1": 1, "n2": 1, "n3": 1, "the arbitrator": 2},
                             "leaving": {"n1": 1, "n2": 1, "n3": 1, "the arbitrator": 2},
                             "after": {"n1": 2, "n2": 1, "the arbitrator": 2}}
    assert quorum.single_failures(plan["votes"]["after"]) == [
        "Then the cluster serves on without n1 (3 of 5 votes), without n2 (4 of 5 votes), without the arbitrator (3 of 5 votes)."]
    # With one vote of garbd two of four would be left without n1: exactly half is no majority.
    assert quorum.single_failures(dict(plan["votes"]["after"], **{"the arbitrator": 1}))[1:] == [
        "But without n1 (2 of 4 votes) nobody serves until a person decides."]


# -- the primary ----------------------------------------------------------------------------------------------------------


def test_the_primary_is_removed_only_with_another_one_named():
    assert refused(removal_of(["n1"]), b.living(THREE)) == [
        "n1 is the primary; name the member that shall be it from now on in senhasegura_primary (n2 or n3). It gets the primary's "
        "votes on-line, in the same run, before n1 leaves"]


def test_the_new_primary_s_vote_is_raised_before_the_old_one_s_is_lowered():
    plan = make_removal(removal_of(["n1"], primary="n3"), b.living(THREE))
    assert [move["name"] for move in plan["moves"]] == ["n3", "n2", "n1"]
    assert plan["moves"][2]["options"] == {"primary": N3, "address": N1, "weight": 1}
    assert plan["votes"] == {"before": {"n1": 1, "n2": 1, "n3": 1}, "leaving": {"n1": 1, "n2": 1, "n3": 1}, "after": {"n2": 1, "n3": 2}}
    assert plan["members"]["n3"]["settings"]["primary"]["primary"] == N3


# -- removed dead ---------------------------------------------------------------------------------------------------------


def voting(name, vote, component=("n1", "n2", "n3"), **status):
    """A member whose votes are written and run, whoever is the primary."""
    written = b.settings_as(THREE, name)
    written["primary"]["weight"] = vote
    return b.serving(name, list(component), written, **status)


@pytest.mark.parametrize("now", [
    {"n1": voting("n1", 1, weight=4), "n2": voting("n2", 1, weight=4), "n3": voting("n3", 2, weight=4)},
    {"n1": voting("n1", 2, weight=5), "n2": voting("n2", 1, weight=5), "n3": voting("n3", 2, weight=5)},
    {"n2": voting("n2", 1, ["n2", "n3"], weight=2), "n3": voting("n3", 1, ["n2", "n3"], weight=2), "n1": b.down("n1", settings=b.settings_as(
        THREE, "n1"))}], ids=["moved to another one", "raised on another one", "left by itself"])
def test_the_votes_move_and_the_member_leaves_only_as_it_was_shown(now):
    removal, world = removal_of(["n1"], primary="n2"), b.living(THREE)
    shown = make_removal(removal, world)
    later = {name: dict(one, asked_at=one["asked_at"] + 0.1) for name, one in world.items()}
    assert shown["refusals"] == [] and is_approved(make_removal(removal, later), shown)
    plan = make_removal(removal, dict(world, **now))
    assert (plan["refusals"], is_approved(plan, shown)) == ([], False)


def test_a_change_on_line_of_who_stays_needs_no_other_yes_to_remove_somebody():
    removal, world = removal_of(), b.living(THREE)
    shown = make_removal(removal, world)
    edited = b.settings_as(THREE, "n2")
    edited["message"]["recovery_message"] = "edited"
    plan = make_removal(removal, dict(world, n2=b.serving("n2", ["n1", "n2", "n3"], edited, weight=4)))
    assert plan["refusals"] == []
    assert plan["members"]["n2"]["changes"] != shown["members"]["n2"]["changes"] and is_approved(plan, shown)


def test_of_four_the_new_primary_gets_the_second_vote_before_the_old_one_gives_it_back():
    plan = make_removal(removal_of(["n1"], primary="n3", count=4), b.living(b.declared(4)))
    assert [(move["name"], move["options"]["weight"]) for move in plan["moves"]] == [("n3", 2), ("n2", 1), ("n4", 1), ("n1", 1)]
    assert plan["votes"] == {"before": {"n1": 2, "n2": 1, "n3": 1, "n4": 1}, "leaving": {"n1": 1, "n2": 1, "n3": 2, "n4": 1},
                             "after": {"n2": 1, "n3": 1, "n4": 1}}


def test_a_member_that_cannot_be_reached_must_be_named_as_dead():
    observations = without("n3", n3=b.unreachable())
    assert refused(removal_of(), observations) == [
        "n3: it cannot be reached: no route to host; what is unknown could be a living cluster. If it is dead for good, name it in "
        "senhasegura_dead_members; otherwise bring it back first"]
    removal = removal_of(dead=["n3"])
    plan = make_removal(removal, observations)
    assert plan["refusals"] == [] and plan["order"] == ["n1", "n2"] and plan["leaving"] is None and plan["confirm"]
    assert farewell_lines(removal, plan)[0] == ("n3 is off every list. It could not be told: erase it before it is ever started again.")
    assert prove_alone(removal, observations) == []


def test_who_is_named_as_dead_must_have_been_asked():
    assert refused(removal_of(dead=["n3"]), without("n3", n3=b.unasked())) == [
        "n3: it was not observed (--limit must not leave a member out); it is named in senhasegura_dead_members, and its answer would tell "
        "whether that is so: run without --limit"]


def test_a_member_named_as_dead_that_is_in_the_component_lives():
    observations = dict(b.living(THREE), n3=b.unreachable())
    assert refused(removal_of(dead=["n3"]), observations) == [
        "n3: it cannot be reached: no route to host, but it is in the primary component of n1 and n2, so it lives; make it "
        "reachable from the controller, then run again"]


def test_a_member_named_as_dead_that_answers_is_removed_alive():
    plan = make_removal(removal_of(dead=["n3"]), b.living(THREE))
    assert plan["leaving"]["stop"]
    assert "n3 is named in senhasegura_dead_members but can be reached, so it is removed as a living one" in plan["warnings"]


def test_two_that_died_are_removed_together():
    five = b.declared(5)
    stay = ["n1", "n2", "n3"]
    observations = dict({name: b.serving(name, stay, b.settings_as(five, name)) for name in stay}, n4=b.unreachable(), n5=b.unreachable())
    plan = make_removal(removal_of(["n4", "n5"], dead=["n4", "n5"], count=5), observations)
    assert plan["refusals"] == [] and plan["order"] == stay


# -- refused --------------------------------------------------------------------------------------------------------------


def test_two_living_ones_are_not_removed_at_once():
    assert refused(removal_of(["n2", "n3"]), b.living(THREE)) == [
        "n2 and n3 can be reached: only one living member is removed at a time, so name one of them"]


@pytest.mark.parametrize("one, text", [
    (b.down("n2"), "n2: its database does not run; a member is removed only while all who stay serve. Bring it back first, with "
                   "create_cluster"),
    (b.unreachable(), "n2: it cannot be reached: no route to host; a member is removed only while all who stay are proven to serve. "
                      "Bring it back first, or if it is dead for good too, name it in senhasegura_remove and senhasegura_dead_members"),
    (b.serving("n2", b.names_of(3), b.settings_as(THREE, "n2"), local_state=2, local_state_comment="Donor/Desynced"),
     "n2: its state is Donor/Desynced, not Synced; a member is removed only while all who stay are Synced. Run again when it is"),
], ids=["stopped", "unreachable", "donor"])
def test_a_degraded_cluster_is_left_alone(one, text):
    assert text in refused(removal_of(), dict(b.living(THREE), n2=one))


def test_two_primary_components():
    observations = {"n1": b.serving("n1", ["n1", "n2"], b.settings_as(THREE, "n1")),
                    "n2": b.serving("n2", ["n1", "n2"], b.settings_as(THREE, "n2")),
                    "n3": b.serving("n3", ["n3"], b.settings_as(THREE, "n3"), conf_id="9")}
    assert any("there is more than one primary component" in text for text in refused(removal_of(), observations))


def test_nobody_who_stays_restarts():
    observations = b.living(THREE)
    observations["n2"]["observed"]["settings"]["network"]["segment"] = 4
    assert refused(removal_of(), observations) == [
        "n2 would have to restart (segment changes from 4 to 0), and remove_member restarts nobody who stays; run create_cluster first"]


def test_a_platform_that_restarts_for_a_shorter_list():
    observations = b.living(THREE)
    for one in observations.values():
        one["observed"]["capabilities"] = dict(one["observed"]["capabilities"], restarts=["members.members"])
    assert refused(removal_of(), observations) == [
        "%s: this platform takes a shorter list of members only with a restart, and remove_member restarts nobody who stays. Make the "
        "leaving member standalone by its own screens, take it out of the inventory, and run create_cluster" % name
        for name in ("n1", "n2")]


def test_votes_that_run_otherwise_than_written_forecast_nothing():
    observations = b.living(THREE)
    for one in observations.values():
        one["observed"]["status"]["weight"] = 4
    assert refused(removal_of(), observations) == [
        "n1 sees 4 votes, but written are 3 (n1 1, n2 1, n3 1); set pc.weight on each member to what is written there (SET GLOBAL "
        "wsrep_provider_options='pc.weight=N'; where MariaDB says that it is read-only, SET GLOBAL wsrep_provider_pc_weight=N), then run again"]


def test_a_member_with_most_votes_gives_them_away_first():
    two = b.declared(2)
    observations = b.living(two)
    for name, weight in (("n1", 1), ("n2", 3)):
        observations[name]["observed"]["settings"]["primary"]["weight"] = weight
        observations[name]["observed"]["status"]["weight"] = 4
    plan = make_removal(removal_of(["n2"], count=2), observations)
    assert [move["name"] for move in plan["moves"]] == ["n1", "n2"]
    assert plan["votes"]["leaving"] == {"n1": 2, "n2": 1}


@pytest.mark.parametrize("votes, left", [({"n1": 1, "n2": 1}, 1), ({"n1": 1, "n2": 2, "n3": 1}, 2)])
def test_without_the_votes_to_bear_its_death_it_must_not_leave(votes, left):
    plan = {"leaving": {"name": "n2", "serves": True}, "votes": {"leaving": votes}}
    assert _removal._without_quorum(plan) == [
        "n2 must not leave now: %d of %d votes would remain, and should it die while it stops, nobody would serve; run create_cluster "
        "first, so that every member has its votes" % (left, sum(votes.values()))]


# -- the proof ------------------------------------------------------------------------------------------------------------


def test_a_removed_member_that_serves_is_not_removed():
    assert prove_alone(removal_of(), b.living(THREE)) == [
        "n3: it was removed and must be standalone, but it is in a primary component",
        "n3: it was removed but its settings say cluster, not standalone"]
    assert prove_alone(removal_of(state="stopped"), {"n3": b.unreachable()}) == ["n3: it cannot be reached: no route to host"]


# -- rules that no removal breaks -----------------------------------------------------------------------------------------


@st.composite
def situations(draw):
    """A cluster of some members, in any state each; some of them to be removed."""
    count = draw(st.integers(2, 5))
    names, declaration = b.names_of(count), b.declared(count)
    missing = set(draw(st.lists(st.sampled_from(names), max_size=2)))
    component = [name for name in names if name not in missing]
    makers = [lambda name: b.down(name, settings=b.settings_as(declaration, name)), b.absent, b.moving, b.separated,
              lambda name: b.unreachable(), b.fresh]
    observations = {}
    for name in names:
        written = b.settings_as(declaration, name)
        written["primary"]["weight"] = draw(st.sampled_from([written["primary"]["weight"]] * 3 + [0, 1, 2, 3]))
        observations[name] = draw(st.sampled_from(makers))(name) if name in missing else b.serving(name, component, written)
    votes = sum(observations[name]["observed"]["settings"]["primary"]["weight"] for name in component)
    for name in component:
        observations[name]["observed"]["status"]["weight"] = votes
    remove = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    dead = draw(st.lists(st.sampled_from(remove), max_size=2, unique=True))
    stay = [name for name in names if name not in remove]
    primary = draw(st.sampled_from(["", stay[0] if stay else ""]))
    recorder, lost = draw(st.sampled_from([("", "")] * 2 + list(itertools.permutations(names, 2))))
    if "observed" in observations.get(recorder, {}):
        observations[recorder]["observed"]["saved"]["left_behind"] = {b.address(lost): {"uuid": b.UUID, "seqno": 100}}
    return count, remove, dead, primary, observations


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(situations())
def test_no_plan_leaves_those_who_stay_without_quorum_or_touches_a_degraded_cluster(situation):
    count, remove, dead, primary, observations = situation
    removal, problems = declare_removal(b.hosts(count), dict(b.OPTIONS, primary=primary),
                                        {"remove": remove, "dead": dead, "state": "started"})
    if problems:
        return
    plan = make_removal(removal, observations)
    if plan["refusals"]:
        assert not plan["work"] and plan["order"] == plan["moves"] == []
        return
    assert all(evidence.classify(observations[name]) == evidence.SERVING for name in plan["stay"])
    for recorder, one in observations.items():
        recorded = one["observed"]["saved"].get("left_behind", {}) if "observed" in one else {}
        back = set(recorded) & {b.address(name) for name in plan["stay"]}
        assert recorder in plan["stay"] or not back, "or the record would leave"
        assert all("the others were made primary without it" in " ".join(plan["warnings"]) for _address in back)
    assert set(plan["gone"]) <= set(dead)
    assert all(plan["members"][name]["action"] in ("none", "configure") for name in plan["stay"])
    # From the first step to the last, whoever dies while leaving takes no majority along.
    if plan["leaving"] and plan["leaving"]["serves"]:
        votes = plan["votes"]["leaving"]
        assert 2 * (sum(votes.values()) - votes[plan["leaving"]["name"]]) > sum(votes.values())
        # Of the votes that move, the new primary's is the first.
        assert [move["name"] for move in plan["moves"]][:1] in ([], [removal["after"]["primary"]]) or (
            observations[removal["after"]["primary"]]["observed"]["settings"]["primary"]["weight"] == 2 - count % 2)
    assert sum(plan["votes"]["after"].values()) > 0
    # At the end the votes are odd, so that no split leaves two equal halves.
    assert plan["votes"]["after"][removal["after"]["primary"]] == 2 - len(plan["stay"]) % 2
    assert sum(plan["votes"]["after"].values()) % 2 == 1
