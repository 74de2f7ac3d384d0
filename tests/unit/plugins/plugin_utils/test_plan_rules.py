# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules that may not break, for every combination of what is declared and what the members are in."""

from __future__ import annotations

import copy
import itertools
import json

from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from hypothesis import given, settings
from hypothesis import strategies as st

RULE = settings(max_examples=400, deadline=None, derandomize=True, database=None)


# -- worlds: a declaration, and an observation of every member ------------------------------------------------------------
# Few draws, each from all combinations of several values, are several times faster than a draw a value.


def declaration_of(count, primary, overwrite, segments, arbitrator, method):
    names = b.names_of(count)
    inventory = b.hosts(count, **{name: {"segment": segment} for name, segment in zip(names, segments)})
    return b.declared(count, inventory, primary=names[primary % count], arbitrator=arbitrator, sst_method=method,
                      overwrite_members=[name for name in overwrite if name in names])


DECLARATIONS = st.sampled_from([declaration_of(*values) for values in itertools.product(
    (2, 3, 1, 4), (0, 1), ([], ["n1"], ["n2", "n3"]), ([None] * 4, [1, 1, 2, 2]), ("", "10.0.0.9"), ("auto", "mariabackup"))])

SAVED = [b.saved(uuid, seqno, safe, aborted)
         for uuid, seqno in [(b.NO_UUID, -1), (b.NO_UUID, -1), (b.UUID, 500), (b.UUID, 500), (b.UUID, 400), (b.UUID, 600),
                             (b.UUID, -1), (b.OTHER_UUID, 500)]
         for safe in (False, True) for aborted in (False, False, True)]
KINDS = st.sampled_from(["down", "standalone", "absent", "moving"] * 3 + ["separated", "unknown"])
WRITTEN = ["as declared", "as declared", "blank", "before"]
OUTSIDERS = st.sampled_from(list(itertools.product(SAVED, ((), (b.SHOP,)), WRITTEN)))

HEALTH = [{}] * 8 + [{"local_state": 2, "local_state_comment": "Donor/Desynced", "current": False}]
REASONS = [(), (), ("gmcast.segment runs as 0, written 2",)]
SERVERS = st.sampled_from(list(itertools.product(HEALTH, REASONS, WRITTEN)))
RECORDS = st.sampled_from([()] * 6 + [(pair,) for pair in itertools.permutations(b.names_of(3), 2)]
                          + [(("n1", "n2"), ("n2", "n1")), (("n2", "n1"), ("n3", "n1")), (("n1", "n2"), ("n2", "n3"), ("n3", "n1"))])
MOVED = st.sampled_from(["nobody"] * 4 + ["n1", "n1, in its settings too", "n1 and n2 change places"])
"""Who has another address than when others recorded to leave it behind; of who serves, no plan changes it."""

WITHOUT = ("down", "standalone", "absent")
STATES = st.sampled_from([{"conf_id": conf, "state_uuid": uuid, "current": current}
                          for conf in "78" for uuid in (b.UUID, b.OTHER_UUID) for current in (True, False)])


def written(declaration, name, which):
    """The settings on a member: none, as declared, or as something else was declared before."""
    found = b.blank_settings() if which == "blank" else b.settings_as(declaration, name)
    if which == "before":
        found["primary"] = {"primary": declaration["members"][-1]["address"], "weight": 1, "published": False}
        found["network"]["segment"] = 5
    return found


def outsider(declaration, name, kind, history, schemas, which):
    """A member that serves in no primary component."""
    if kind == "unknown":
        return b.unreachable()
    if kind == "separated":
        return b.separated(name)
    service = {"down": "inactive", "standalone": "active", "absent": "not-found", "moving": "activating"}[kind]
    return b.observation(name, service, status=dict(b.silent(), answers=kind == "standalone"), history=history,
                         schemas=schemas, settings=written(declaration, name, which))


def server(declaration, name, component, health, reasons, which, **status):
    """A member of a component, mostly as healthy as can be."""
    found = written(declaration, name, which)
    found["mode"].update(mode="cluster", cluster_name=declaration["cluster_name"])
    return b.serving(name, component, found, reasons, **dict(status, **health))


@st.composite
def worlds(draw):
    """A living cluster with members beside it, a dead one, or anything at all."""
    declaration = draw(DECLARATIONS)
    names = [member["name"] for member in declaration["members"]]
    kind = draw(st.sampled_from(["living", "living", "dead", "anything"]))
    component = draw(st.sampled_from([names[:size] for size in range(1, len(names) + 1)] + [names[1:]]))
    observations = {}
    for name in names:
        if kind == "living" and name in component:
            observations[name] = server(declaration, name, component, *draw(SERVERS))
        elif kind == "anything" and draw(st.booleans()):
            view = draw(st.sampled_from([names, component, component + [""], component + ["n9"]]))
            observations[name] = server(declaration, name, view, *draw(SERVERS), **draw(STATES))
        else:
            observations[name] = outsider(declaration, name, draw(KINDS), *draw(OUTSIDERS))
    record(observations, draw(RECORDS), move(observations, draw(MOVED)))
    return declaration, observations


WORLD = worlds()


def move(observations, moved):
    """The addresses that some had before, by name; those who did not serve have them in their settings still."""
    pairs = {"nobody": {}, "n1, in its settings too": {"n1": "10.0.0.21"}, "n1": {"n1": "10.0.0.21"},
             "n1 and n2 change places": {"n1": b.address("n2"), "n2": b.address("n1")}}[moved]
    if not all("observed" in observations.get(name, {}) and states(observations)[name] in WITHOUT for name in pairs):
        return {}
    for name, address in pairs.items() if moved != "n1, in its settings too" else ():
        observations[name]["observed"]["settings"]["members"]["address"] = address
    return pairs


def record(observations, pairs, before):
    """What members have recorded; ``means`` is for the tests alone."""
    for recorder, lost in pairs:
        if "observed" in observations.get(recorder, {}):
            named = {"name": lost} if before.get(lost) == "10.0.0.21" else {}
            observations[recorder]["observed"]["saved"]["left_behind"] = {
                before.get(lost, b.address(lost)): dict(named, uuid=b.UUID, seqno=450, means=lost)}


def records(observations):
    """Tuples of who has recorded it, and whom, both of them observed; and the address."""
    return [(recorder, position["means"], address) for recorder, one in observations.items() if "observed" in one
            for address, position in one["observed"]["saved"].get("left_behind", {}).items() if "observed" in observations.get(position["means"], {})]


def beyond(observations, name, seqno=450):
    """Whether one that does not serve holds the clusters' history, and may be further in it than that."""
    saved = observations[name]["observed"]["saved"]
    return states(observations)[name] in WITHOUT and saved["uuid"] == b.UUID and not 0 <= saved["seqno"] <= seqno


def actions(plan):
    return {name: decision["action"] for name, decision in plan["members"].items()}


def states(observations):
    return {name: evidence.classify(one) for name, one in observations.items()}


def bootstrapper(plan):
    return next((name for name, action in actions(plan).items() if action == "bootstrap"), None)


def test_the_worlds_hold_plans_of_every_kind():
    """The rules below prove nothing about plans that no world leads to."""
    found = set()

    @settings(RULE, max_examples=600)
    @given(WORLD)
    def collect(world):
        plan = make_plan(*world)
        found.update(actions(plan).values())
        found.update(states(world[1]).values())
        found.update("backup" for one in plan["members"].values() if one["backup"])
        found.update("aside" for one in plan["members"].values() if one["set_aside"])
        found.update("wait" for one in plan["members"].values() if one["wait_first"] and plan["order"])
    collect()
    assert found == {"none", "configure", "restart", "bootstrap", "join", "refuse", "backup", "aside", "wait", "unknown", "serving",
                     "moving", "separated", "standalone", "down", "absent"}


# -- bootstrap ------------------------------------------------------------------------------------------------------------


@RULE
@given(WORLD)
def test_never_two_bootstraps(world):
    assert list(actions(make_plan(*world)).values()).count("bootstrap") <= 1


@RULE
@given(WORLD)
def test_never_a_bootstrap_unless_everybody_is_proven_to_be_outside(world):
    """The one exception is a cluster of one member, which has nobody else to come back to."""
    declaration, observations = world
    plan = make_plan(*world)
    if bootstrapper(plan) and len(observations) > 1:
        assert set(states(observations).values()) <= {"standalone", "down", "absent"}
        assert plan["proven_outside"] == [member["address"] for member in declaration["members"]]


@RULE
@given(WORLD)
def test_only_members_in_no_primary_component_are_told_to_be_outside(world):
    outside = [b.address(name) for name, state in states(world[1]).items()
               if state in ("separated", "standalone", "down", "absent")]
    assert make_plan(*world)["proven_outside"] == outside


@RULE
@given(WORLD)
def test_a_cluster_of_one_bootstraps_only_alone(world):
    observations = world[1]
    if bootstrapper(make_plan(*world)) and len(observations) == 1:
        assert states(observations)["n1"] in ("standalone", "down", "absent", "serving")
        assert set(observations["n1"]["observed"]["status"]["incoming_addresses"]) <= {b.address("n1"), ""}


@RULE
@given(WORLD)
def test_the_bootstrapper_holds_the_newest_history_of_one_cluster(world):
    observations = world[1]
    first = bootstrapper(make_plan(*world))
    if first is None or states(observations)[first] == "serving":
        return
    histories = {name: one["observed"]["saved"] for name, one in observations.items()
                 if one["observed"]["saved"]["uuid"] != b.NO_UUID and name not in world[0]["overwrite"]}
    if histories:
        assert first in histories
        assert len({one["uuid"] for one in histories.values()}) == 1
        assert histories[first]["seqno"] == max(one["seqno"] for one in histories.values())
        assert len(histories) == 1 or all(one["seqno"] >= 0 for one in histories.values())


# -- data -----------------------------------------------------------------------------------------------------------------


@RULE
@given(WORLD)
def test_nobodys_own_data_are_replaced_unless_named(world):
    declaration, observations = world
    for name, decision in make_plan(*world)["members"].items():
        if decision["action"] == "join":
            observed = observations[name]["observed"]
            has_history, interrupted = observed["saved"]["uuid"] != b.NO_UUID, observed["saved"]["transfer_aborted"]
            if observed["data"]["schemas"] and not has_history and not interrupted:
                # Who is just starting with settings from here joins whatever is decided; what it had was answered for when they were written.
                ours = evidence.written_for(declaration, observed) and observed["settings"]["primary"]["primary"]
                assert decision["wait_first"] and ours or name in declaration["overwrite"] and decision["backup"]


@RULE
@given(WORLD)
def test_only_what_is_named_is_set_aside_and_never_what_the_others_get(world):
    for name, decision in make_plan(*world)["members"].items():
        if decision["backup"] or decision["set_aside"]:
            saved = world[1][name]["observed"]["saved"]
            half_received = saved["transfer_aborted"] and saved["uuid"] == b.NO_UUID
            assert (name in world[0]["overwrite"] or half_received) and decision["action"] in ("join", "refuse")
        assert decision["backup"] or not decision["set_aside"]


@RULE
@given(WORLD)
def test_only_the_histories_of_one_cluster_come_together(world):
    observations = world[1]
    plan = make_plan(*world)
    if not plan["order"]:
        return
    together = {one["observed"]["status"]["state_uuid"] for name, one in observations.items()
                if states(observations)[name] == "serving"}
    together |= {observations[name]["observed"]["saved"]["uuid"] for name, action in actions(plan).items()
                 if action in ("join", "bootstrap") and not plan["members"][name]["set_aside"]}
    assert len(together - {b.NO_UUID, ""}) <= 1


@RULE
@given(WORLD)
def test_who_could_have_been_a_component_of_its_own_never_catches_up_with_another(world):
    plan, where = make_plan(*world), states(world[1])
    for name, action in actions(plan).items():
        saved = world[1][name].get("observed", {}).get("saved", {})
        if action == "join" and where[name] == "down" and "serving" in where.values() and saved["uuid"] != b.NO_UUID:
            assert plan["members"][name]["set_aside"] or not saved["safe_to_bootstrap"]


@RULE
@given(WORLD)
def test_who_was_left_behind_is_never_the_first_nor_catches_up_from_an_unknown_or_later_position(world):
    plan, where = make_plan(*world), states(world[1])
    for name, lost in evidence.left_behind(*world).items() if "unknown" not in where.values() else ():
        made, saved = plan["members"][name], world[1][name]["observed"]["saved"]
        assert made["action"] != "bootstrap" or where[name] == "serving"
        if made["action"] == "join" and where[name] in ("down", "standalone") and saved["uuid"] != b.NO_UUID:
            assert made["set_aside"] or 0 <= saved["seqno"] <= lost["seqno"]


@RULE
@given(WORLD)
def test_two_of_whom_one_has_recorded_to_go_on_without_the_other_never_come_together_with_other_data(world):
    """Whatever addresses they have by now, and whoever is named to be overwritten."""
    plan, where = make_plan(*world), states(world[1])
    for recorder, lost, address in records(world[1]):
        for serves, joins in ((recorder, lost), (lost, recorder)):
            made = plan["members"][joins]
            if where[serves] == "serving" and made["action"] == "join" and beyond(world[1], joins):
                assert made["set_aside"]
            if where[serves] == "serving" and where[joins] in WITHOUT and recorder in made["left_behind"]:
                assert address in made["known_as"], "or the record would stay"


@RULE
@given(WORLD)
def test_who_was_left_behind_joins_the_first_with_no_more_than_the_others_had(world):
    """By the record of one that nobody left behind, and whose data nobody may replace; unless it is proven that nobody went on."""
    plan, where = make_plan(*world), states(world[1])
    for recorder, lost, _address in records(world[1]) if "serving" not in where.values() else ():
        made, counts = plan["members"][lost], recorder not in world[0]["overwrite"]
        if counts and recorder not in [other for _recorder, other, _address in records(world[1])] and beyond(world[1], lost):
            assert made["action"] == "refuse" or made["set_aside"] or made["reason"].endswith("recorded to go on without it, and did not")


@RULE
@given(WORLD)
def test_two_that_serve_though_the_one_went_on_without_the_other_are_told(world):
    plan, where = make_plan(*world), states(world[1])
    for recorder, lost, _address in records(world[1]):
        if (where[recorder], where[lost]) == ("serving", "serving") and len(records(world[1])) == 1:
            told = plan["refusals"] if recorder not in world[0]["overwrite"] else plan["refusals"] + plan["warnings"]
            assert any(recorder in sentence or "component" in sentence or "view" in sentence for sentence in told)


@RULE
@given(WORLD)
def test_nobody_is_called_the_newest_while_another_one_holds_more(world):
    plan = make_plan(*world)
    for made in [made for made in plan["members"].values() if made["reason"].startswith("it holds the newest data (")]:
        uuid, seqno = made["reason"].split("(")[1].split(")")[0].split(":")
        for one in world[1].values() if plan["order"] else ():
            saved = one["observed"]["saved"]
            assert saved["uuid"] != uuid or -1 <= saved["seqno"] <= int(seqno)


@RULE
@given(WORLD)
def test_who_may_be_overwritten_is_never_the_first_of_others(world):
    plan, where = make_plan(*world), states(world[1])
    for name, action in actions(plan).items():
        if action == "bootstrap" and where[name] in ("down", "standalone") and name in world[0]["overwrite"]:
            assert world[1][name]["observed"]["saved"]["uuid"] == b.NO_UUID


@RULE
@given(WORLD)
def test_two_that_were_the_last_of_a_component_never_come_together_when_nobody_serves(world):
    plan, where = make_plan(*world), states(world[1])
    if not plan["order"] or "serving" in where.values():
        return
    kept = [world[1][name]["observed"]["saved"] for name, made in plan["members"].items()
            if not made["set_aside"] and name not in evidence.left_behind(*world)]
    assert len([saved for saved in kept if saved["safe_to_bootstrap"] and saved["uuid"] != b.NO_UUID]) <= 1


@RULE
@given(WORLD)
def test_a_record_is_taken_for_nothing_only_where_nobody_can_have_gone_on(world):
    declared, observations = world
    for name, recorders in evidence.unfounded(declared, observations).items():
        for other in [one for one in observations if one != name]:
            saved = observations[other].get("observed", {}).get("saved", {})
            assert other in recorders or states(observations)[other] == "down"
            assert states(observations)[other] == "down" and saved["uuid"] == b.UUID and 0 <= saved["seqno"] <= 450
        assert name not in evidence.left_behind(declared, observations)


# -- refusals -------------------------------------------------------------------------------------------------------------


@RULE
@given(WORLD)
def test_a_refusal_orders_nothing_and_every_sentence_names_a_member(world):
    plan = make_plan(*world)
    if plan["refusals"]:
        assert (plan["order"], plan["confirm"], plan["said"]) == ([], False, {})
        assert set(actions(plan).values()) == {"refuse"}
        assert all(any(name in sentence for name in plan["members"]) for sentence in plan["refusals"])
    else:
        assert "refuse" not in actions(plan).values() and plan["said"]


@RULE
@given(WORLD)
def test_nothing_is_done_while_anybody_is_unknown(world):
    if "unknown" in states(world[1]).values():
        assert make_plan(*world)["refusals"]


# -- order ----------------------------------------------------------------------------------------------------------------


@RULE
@given(WORLD)
def test_the_order_holds_whoever_has_work_bootstrap_then_joins_then_the_rest(world):
    plan = make_plan(*world)
    if plan["refusals"]:
        return
    did = actions(plan)
    assert sorted(plan["order"]) == sorted(name for name, action in did.items() if action != "none")
    ranks = [{"bootstrap": 0, "join": 1, "configure": 2, "restart": 2}[did[name]] for name in plan["order"]]
    assert ranks == sorted(ranks)


@RULE
@given(WORLD)
def test_members_are_added_to_the_component_one_by_one_until_it_is_whole(world):
    declaration, observations = world
    plan = make_plan(*world)
    addresses = [member["address"] for member in declaration["members"]]
    before = {b.address(name) for name, state in states(observations).items() if state == "serving"}
    for name in plan["order"]:
        expected = plan["members"][name]["expected"]
        assert set(expected) == before | {b.address(name)} or "moving" in states(observations).values()
        assert expected == [one for one in addresses if one in expected]
        before = set(expected)
    assert not plan["order"] or before == set(addresses)


@RULE
@given(WORLD)
def test_nobody_restarts_while_another_is_not_synced(world):
    plan = make_plan(*world)
    waiting = {name for name, one in plan["members"].items() if one["wait_first"] and one["action"] != "join"}
    for name, action in actions(plan).items():
        assert action != "restart" or not waiting - {name}


# -- the plan as a function -----------------------------------------------------------------------------------------------


@RULE
@given(WORLD)
def test_confirmed_by_a_person_whenever_anything_restarts(world):
    plan = make_plan(*world)
    assert plan["confirm"] is bool({"restart", "bootstrap", "join"} & set(actions(plan).values()))


@RULE
@given(WORLD, st.permutations(["n1", "n2", "n3", "n4", "stranger"]))
def test_only_declared_members_are_planned_whatever_the_order_of_observations(world, order):
    declaration, observations = world
    shuffled = {name: observations.get(name, b.fresh("n8")) for name in order if name in observations or name == "stranger"}
    plan = make_plan(declaration, shuffled)
    assert list(plan["members"]) == [member["name"] for member in declaration["members"]]
    assert plan == make_plan(declaration, observations)


@RULE
@given(WORLD)
def test_it_neither_changes_its_input_nor_depends_on_anything_else_and_is_plain_data(world):
    before = copy.deepcopy(world)
    plan = make_plan(*world)
    assert world == before
    assert make_plan(*copy.deepcopy(before)) == plan
    assert json.loads(json.dumps(plan)) == plan


@RULE
@given(WORLD)
def test_carried_out_it_leaves_nothing_to_do(world):
    declaration, observations = world
    plan = make_plan(*world)
    if plan["refusals"]:
        return
    names = list(plan["members"])
    after = {}
    for name in names:
        settled = copy.deepcopy(observations[name]["observed"]["settings"])
        for step, changes in plan["members"][name]["changes"].items():
            settled[step].update({setting: pair[1] for setting, pair in changes.items()})
        after[name] = b.serving(name, names, settled)
    again = make_plan(declaration, after)
    assert (again["refusals"], again["order"]) == ([], [])
