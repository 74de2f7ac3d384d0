# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan, by examples: the whole plan or every message of the refusal. The rules in general: test_plan_rules.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import refuse_bootstrap
from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import missing_evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import donors, is_approved, make_plan, nobody_to_name, since
from ansible_collections.senhasegura.cluster.tests.unit import members as b

THREE = b.declared()
N1, N2, N3 = (b.address(name) for name in b.names_of(3))
EVERYTHING = ["mode", "sync", "members", "primary"]
ANEW = "to have its data directory set aside and the member seeded anew, name it in senhasegura_overwrite_members"
BACK = "it is stopped and holds the cluster's history"
FIRST = "it is the primary, and all members are proven to be in no primary component"


def rows(plan):
    """The plan in its order: name, action, reason, the steps that change something, who must form the component."""
    assert plan["refusals"] == []
    return [(name, one["action"], one["reason"], list(one["changes"]), one["expected"])
            for name, one in ((name, plan["members"][name]) for name in plan["order"])]


def idle(plan):
    """Who is left alone, and why."""
    return {name: one["reason"] for name, one in plan["members"].items() if name not in plan["order"]}


def refused(declaration, observations):
    """The messages of a plan that refuses, which then orders nothing of anybody."""
    plan = make_plan(declaration, observations)
    assert plan["order"] == [] and plan["confirm"] is False and plan["said"] == {}
    assert {one["action"] for one in plan["members"].values()} == {"refuse"}
    return plan["refusals"]


def accepted_views(plan, name):
    """The components in which a member counts as restored when its turn is over."""
    one = plan["members"][name]
    views = (["n1", "n2"], ["n1", "n3"], ["n2", "n3"], ["n1", "n2", "n3"], ["n1", "n2", "n3", "n4"])
    return [view for view in views if missing_evidence(b.synced(view), one["expected"], "", one["arriving"]) == []]


# -- making a cluster -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [b.fresh, b.absent])
def test_three_fresh_hosts(host):
    plan = make_plan(THREE, {name: host(name) for name in b.names_of(3)})
    joins = "it joins n1; it holds no data of its own"
    assert rows(plan) == [("n1", "bootstrap", FIRST, EVERYTHING, [N1]),
                          ("n2", "join", joins, EVERYTHING, [N1, N2]),
                          ("n3", "join", joins, EVERYTHING, [N1, N2, N3])]
    assert plan["confirm"] is True and plan["warnings"] == []
    assert plan["proven_outside"] == [N1, N2, N3]


def test_the_settings_of_each_step():
    declaration = b.declared(2, b.hosts(2, n2={"segment": 2, "port": 2222}), arbitrator="10.0.0.9", latency="medium",
                             different_datacenters=True, recovery_message="Call us.\n", bind_address="10.0.0.11")
    settings = make_plan(declaration, {"n1": b.fresh("n1"), "n2": b.fresh("n2")})["members"]["n1"]["settings"]
    assert settings == {
        "mode": {"mode": "cluster", "cluster_name": "vault", "sst_method": "rsync"},
        "sync": {"enabled": True, "timeout": 15, "paths": ["/srv/files"],
                 "peers": [dict(b.keys_of("n2"), address=N2, port=2222)]},
        "members": {"members": [N1, N2], "address": N1, "name": "n1", "arbitrator": "10.0.0.9",
                    "bind_address": "10.0.0.11"},
        "network": {"different_datacenters": True, "segment": 0, "latency": "medium"},
        "message": {"recovery_message": "Call us."},
        "primary": {"primary": N1, "address": N1, "weight": 2, "application_active": True}}


def test_a_second_run_has_nothing_to_do():
    plan = make_plan(THREE, b.living(THREE))
    assert rows(plan) == []
    assert idle(plan) == dict.fromkeys(b.names_of(3), "it is as declared")
    assert plan["confirm"] is False


def test_preparing_the_hosts_does_not_change_what_was_said_yes_to():
    before = {name: b.absent(name) for name in b.names_of(3)}
    for name in before:
        before[name]["observed"]["sync"].update(public_key=None)
    after = {name: b.fresh(name) for name in b.names_of(3)}
    assert is_approved(make_plan(THREE, after), make_plan(THREE, before))


def test_another_plan_is_not_the_one_that_was_said_yes_to():
    fresh = {name: b.fresh(name) for name in b.names_of(3)}
    named = b.declared(overwrite_members=["n3"])
    another = b.living(THREE, n3=b.fresh("n3"))
    for name in ("n1", "n2"):
        another[name]["observed"]["status"]["state_uuid"] = b.OTHER_UUID
    plans = [make_plan(THREE, fresh), make_plan(named, dict(fresh, n3=b.fresh("n3", b.SHOP))),
             make_plan(THREE, b.living(THREE, n3=b.fresh("n3"))), make_plan(THREE, another)]
    assert [[is_approved(plan, shown) for plan in plans] for shown in plans] == [[one == shown for one in range(4)] for shown in range(4)]


def test_another_order_is_another_plan():
    segments = b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 1})
    first, other = [make_plan(b.declared(3, segments, primary=primary), b.living(THREE)) for primary in ("n1", "n3")]
    assert not is_approved(other, first) and not is_approved(first, other)


def test_a_host_is_added():
    plan = make_plan(THREE, b.living(THREE, n3=b.fresh("n3")))
    assert rows(plan) == [("n3", "join", "it joins the cluster that serves; it holds no data of its own", EVERYTHING,
                           [N1, N2, N3])]
    assert idle(plan) == {"n1": "it is as declared", "n2": "it is as declared"}
    assert plan["confirm"] is True and plan["proven_outside"] == [N3]


# -- after an interruption ------------------------------------------------------------------------------------------------


def test_interrupted_between_write_and_restart_of_a_joiner():
    written = b.observation("n2", status=dict(b.silent(), answers=True), settings=b.settings_as(THREE, "n2"),
                            reasons=["it runs standalone"])
    plan = make_plan(THREE, b.living(THREE, n2=written))
    assert rows(plan) == [("n2", "join", "it joins the cluster that serves; it holds no data of its own", [], [N1, N2, N3])]
    assert plan["confirm"] is True


def test_interrupted_between_write_and_restart_of_a_serving_member():
    reason = "gmcast.segment runs as 0, written 2"
    observations = b.living(THREE)
    observations["n2"]["observed"]["restart_reasons"] = [reason]
    plan = make_plan(THREE, observations)
    assert rows(plan) == [("n2", "restart", reason, [], [N1, N2, N3])]
    assert plan["confirm"] is True


def test_who_was_waited_for_and_has_arrived_meanwhile_keeps_its_place_and_does_not_wait_for_those_behind_it():
    first = make_plan(THREE, b.living(THREE, n2=b.moving("n2", settings=b.settings_as(THREE, "n2")), n3=b.fresh("n3")))
    arrived = b.serving("n2", ["n1", "n2"], settings=dict(b.settings_as(THREE, "n2"), message={"recovery_message": "old"}))
    then = make_plan(THREE, dict(b.living(THREE, n3=b.fresh("n3")), n2=arrived), first["order"])
    assert first["order"] == then["order"] == ["n2", "n3"] and is_approved(then, first)
    assert then["members"]["n2"]["action"] == "configure" and then["members"]["n2"]["expected"] == [N1, N2]


def test_interrupted_while_a_member_was_joining():
    plan = make_plan(THREE, b.living(THREE, n2=b.moving("n2", settings=b.settings_as(THREE, "n2"), schemas=[b.SHOP],
                                                        history=b.saved(aborted=True))))
    assert rows(plan) == [("n2", "join", "it is being restored already: it is only waited for", [], [N1, N2, N3])]
    assert plan["members"]["n2"]["wait_first"] is True


def test_two_that_are_being_restored_already_may_come_in_any_order():
    """After a power cut everybody starts at once: who arrives meanwhile must not look like a stranger."""
    starting = {name: b.moving(name, settings=b.settings_as(THREE, name), history=b.saved(b.UUID)) for name in ("n2", "n3")}
    plan = make_plan(THREE, b.living(THREE, **starting))
    assert accepted_views(plan, "n2") == [["n1", "n2"], ["n1", "n2", "n3"]]
    assert accepted_views(plan, "n3") == [["n1", "n2", "n3"]]


def test_who_is_being_restored_already_comes_before_who_has_yet_to_join():
    starting = b.moving("n3", settings=b.settings_as(THREE, "n3"), history=b.saved(b.UUID))
    plan = make_plan(THREE, b.living(THREE, n2=b.fresh("n2"), n3=starting))
    assert plan["order"] == ["n3", "n2"]
    assert accepted_views(plan, "n3") == [["n1", "n3"]] and accepted_views(plan, "n2") == [["n1", "n2", "n3"]]


def test_a_member_whose_transfer_was_interrupted_joins_again():
    broken = b.down("n3", b.NO_UUID, -1, aborted=True, settings=b.settings_as(THREE, "n3"))
    plan = make_plan(THREE, b.living(THREE, n3=broken))
    assert rows(plan) == [("n3", "join", "it joins the cluster that serves; a state transfer to it was interrupted, and what that left is set "
                           "aside", [], [N1, N2, N3])]
    assert plan["members"]["n3"]["set_aside"] is True


def test_the_mark_of_a_transfer_that_somebody_tried_by_hand_does_not_make_data_anybodys():
    by_hand = b.down("n3", b.NO_UUID, -1, aborted=True)
    assert refused(THREE, b.living(THREE, n3=by_hand)) == [
        "n3: it holds data of its own (shop: 3 tables, about 120 rows), which joining would replace; name it in senhasegura_overwrite_members "
        "to have them backed up and replaced, or take it out of the inventory"]


def test_a_primary_whose_transfer_was_interrupted_is_not_the_first_member():
    observations = {"n1": b.down("n1", b.NO_UUID, -1, aborted=True), "n2": b.fresh("n2"), "n3": b.fresh("n3")}
    assert refused(THREE, observations) == [
        "n1: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first member; move its "
        "data directory aside, or name another senhasegura_primary"]


def test_the_only_history_is_not_taken_from_an_interrupted_transfer():
    observations = {"n1": b.down("n1", b.UUID, -1, aborted=True), "n2": b.fresh("n2"), "n3": b.fresh("n3")}
    assert refused(THREE, observations) == [
        "n1: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first member, though "
        "nobody holds newer ones; restore a backup there, or move its data directory aside"]


# -- while the cluster lives ----------------------------------------------------------------------------------------------


def test_a_rebuilt_first_member_joins_the_two_that_live():
    plan = make_plan(THREE, b.living(THREE, n1=b.absent("n1")))
    assert rows(plan) == [("n1", "join", "it joins the cluster that serves; it holds no data of its own", EVERYTHING,
                           [N1, N2, N3])]
    assert idle(plan) == {"n2": "it is as declared", "n3": "it is as declared"}
    assert plan["proven_outside"] == [N1]


def test_a_member_that_was_stopped_comes_back():
    plan = make_plan(THREE, b.living(THREE, n3=b.down("n3", settings=b.settings_as(THREE, "n3"))))
    assert rows(plan) == [("n3", "join", BACK, [], [N1, N2, N3])]


def test_a_stopped_member_that_is_ahead_of_the_cluster():
    assert refused(THREE, b.living(THREE, n3=b.down("n3", seqno=501))) == [
        "n3: it holds transactions up to 501, the cluster only up to 500, so it was in another component; " + ANEW]


def test_a_stopped_member_that_was_the_last_of_another_component():
    """It may hold less than the cluster by now, and other transactions all the same."""
    assert refused(THREE, b.living(THREE, n3=b.down("n3", seqno=400, safe=True))) == [
        "n3: it was the last member of a component when it stopped (safe_to_bootstrap: 1), and the others serve without having been started "
        "from it, so it may hold transactions that they never had; " + ANEW]


def test_a_member_that_runs_standalone_since():
    alone = b.fresh("n3", b.SHOP, history=b.saved(b.UUID, 400))
    assert refused(THREE, b.living(THREE, n3=alone)) == [
        "n3: it was a member of this cluster and is standalone since, so its data may differ unseen; " + ANEW]


def test_a_member_that_lost_the_others():
    assert refused(THREE, b.living(THREE, n3=b.separated("n3"))) == [
        "n3: Galera runs there (Initialized) but not in the primary component that serves; repair the link between the "
        "members, it then returns by itself"]


def test_a_member_that_was_voted_out():
    one = b.separated("n3")
    one["observed"]["status"].update(cluster_status="Disconnected", local_state_comment="Inconsistent")
    assert refused(THREE, b.living(THREE, n3=one)) == [
        "n3: Galera runs there (Inconsistent) but not in the primary component that serves: it was voted out, because its data differ, and does "
        "not return by itself. Give it all data anew: reseed_member with senhasegura_reseed=n3"]


@pytest.mark.parametrize("missing, reason", [
    (b.unreachable(), "it cannot be reached: no route to host"),
    (b.unreachable("it was not observed (--limit must not leave a member out)"),
     "it was not observed (--limit must not leave a member out)"),
    (None, "it was not observed")])
@pytest.mark.parametrize("lives", [True, False])
def test_a_member_of_which_nothing_is_known(lives, missing, reason):
    observations = b.living(THREE) if lives else {name: b.fresh(name) for name in b.names_of(3)}
    del observations["n2"]
    assert refused(THREE, dict(observations, n2=missing) if missing else observations) == [
        "n2: %s; whether it is in a primary component is unknown, so nothing was changed. Every declared member must be "
        "observed" % reason]


def test_every_unknown_member_is_named():
    observations = {"n1": b.fresh("n1"), "n2": b.unreachable("a"), "n3": b.unreachable("b")}
    assert [text.split(";")[0] for text in refused(THREE, observations)] == ["n2: a", "n3: b"]


def test_two_primary_components_that_both_say_synced():
    """Same state UUID, same sequence number, same configuration id: only the membership tells."""
    observations = b.living(THREE)
    observations["n3"] = b.serving("n3", ["n3"], b.settings_as(THREE, "n3"))
    for name in ("n1", "n2"):
        observations[name] = b.serving(name, ["n1", "n2"], b.settings_as(THREE, name))
    assert refused(THREE, observations) == [
        "there is more than one primary component: n1 sees n1, n2 (configuration 7); n2 sees n1, n2 (configuration 7); n3 "
        "sees n3 (configuration 7). Their data differ from now on; decide which one counts before anything else, and do not "
        "restart any of them"]


def test_two_clusters_with_one_membership():
    observations = b.living(THREE)
    observations["n3"]["observed"]["status"].update(state_uuid=b.OTHER_UUID)
    found = refused(THREE, observations)
    assert len(found) == 1 and found[0].startswith("there is more than one primary component: n1 sees n1, n2, n3")


def test_a_view_that_no_causal_read_has_shown():
    observations = b.living(THREE)
    observations["n2"]["observed"]["status"]["current"] = False
    assert refused(THREE, observations) == [
        "n2: a causal read did not succeed, so its view of the cluster may be out of date; run again when its links are up"]


def test_an_undeclared_stranger():
    two = b.declared(2)
    observations = {name: b.serving(name, ["n1", "n2", "n3"], b.settings_as(two, name)) for name in ("n1", "n2")}
    text = ("%s: its database is in a cluster with 10.0.0.13, which is not declared; put it into the inventory (a member that shall "
            "go is then removed by remove_member), or take %s out of that cluster first")
    assert refused(two, observations) == [text % ("n1", "n1"), text % ("n2", "n2")]


VANISHED = ("%s: its list of members names 10.0.0.13, which is not declared; nobody is removed by vanishing from the inventory: put it "
            "back, then run remove_member for it")


def test_a_member_that_vanished_from_the_inventory_is_reported_and_never_removed():
    two = b.declared(2)
    observations = {name: b.serving(name, ["n1", "n2"], b.settings_as(THREE, name)) for name in ("n1", "n2")}
    assert refused(two, observations) == [VANISHED % "n1", VANISHED % "n2"]


def test_a_list_made_by_hand_may_name_hosts_and_the_arbitrator():
    two = b.declared(2, arbitrator="10.0.0.99")
    observations = b.living(two)
    for one in observations.values():
        one["observed"]["settings"]["members"]["members"] = ["vault-1", "10.0.0.12", "10.0.0.99"]
    assert make_plan(two, observations)["refusals"] == []


def test_nobody_bootstraps_while_somebody_on_the_list_is_not_declared():
    two = b.declared(2)
    observations = {name: b.down(name, settings=b.settings_as(THREE, name), safe=name == "n1") for name in ("n1", "n2")}
    assert refused(two, observations) == [VANISHED % "n1", VANISHED % "n2"]


def test_a_removed_member_that_is_stopped_is_not_joined_by_an_incremental_transfer():
    observations = b.living(THREE, n3=b.down("n3", settings=b.blank_settings()))
    assert refused(THREE, observations) == [
        "n3: it was a member of this cluster and is standalone since, so its data may differ unseen; " + ANEW]


def test_another_cluster_name():
    observations = b.living(b.declared(cluster_name="other"))
    assert refused(THREE, observations) == [
        "%s: its database belongs to the cluster other, not to vault; set senhasegura_cluster_name if this is the one meant"
        % name for name in b.names_of(3)]


def test_an_arbitrator_that_is_declared_votes_in_the_component():
    declaration = b.declared(2, arbitrator="10.0.0.9")
    observations = {name: b.serving(name, ["n1", "n2", ""], b.settings_as(declaration, name)) for name in ("n1", "n2")}
    assert rows(make_plan(declaration, observations)) == []
    plain = b.declared(2)
    observations = {name: b.serving(name, ["n1", "n2", ""], b.settings_as(plain, name)) for name in ("n1", "n2")}
    assert refused(plain, observations) == [
        "%s: an arbitrator that is not declared votes in its component; set senhasegura_arbitrator" % name
        for name in ("n1", "n2")]


# -- whose data dies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lives", [True, False])
def test_a_host_with_data_of_its_own(lives):
    owner = b.fresh("n2", b.SHOP)
    rest = {"n1": b.fresh("n1", b.SHOP), "n3": b.fresh("n3")}
    observations = b.living(THREE, n2=owner) if lives else dict(rest, n2=owner)
    assert refused(THREE, observations) == [
        "n2: it holds data of its own (shop: 3 tables, about 120 rows), which joining would replace; name it in "
        "senhasegura_overwrite_members to have them backed up and replaced, or take it out of the inventory"]


@pytest.mark.parametrize("lives", [True, False])
def test_a_host_with_data_of_its_own_that_may_be_overwritten(lives):
    declaration = b.declared(overwrite_members=["n2"])
    owner = b.fresh("n2", b.SHOP)
    rest = {"n1": b.fresh("n1"), "n3": b.fresh("n3")}
    plan = make_plan(declaration, b.living(declaration, n2=owner) if lives else dict(rest, n2=owner))
    joins = "it joins the cluster that serves" if lives else "it joins n1"
    mine = plan["members"]["n2"]
    assert plan["refusals"] == [] and (mine["action"], mine["reason"], mine["backup"]) == (
        "join", joins + "; its own data (shop: 3 tables, about 120 rows) are backed up and replaced", True)
    assert {name for name, one in plan["members"].items() if one["backup"]} == {"n2"}


@pytest.mark.parametrize("fixed, aside, words", [
    ("", True, "its data directory (shop: 3 tables, about 120 rows) is set aside: nothing tells whether it had received all"),
    ("/var/lib/mysql", False, "its own data (shop: 3 tables, about 120 rows) are backed up and replaced")])
def test_what_may_be_half_received_is_nothing_to_start_on(fixed, aside, words):
    """A member whose database was stopped in the middle of a transfer: it has zeroed its history, and the mark of the transfer is gone."""
    declaration = b.declared(overwrite_members=["n3"])
    stopped = b.down("n3", b.NO_UUID, -1, settings=b.settings_as(THREE, "n3"))
    stopped["observed"]["data"].update(schemas=[b.SHOP], fixed=fixed)
    plan = make_plan(declaration, b.living(declaration, n3=stopped))
    assert (plan["refusals"], plan["members"]["n3"]["backup"], plan["members"]["n3"]["set_aside"]) == ([], True, aside)
    assert plan["members"]["n3"]["reason"] == "it joins the cluster that serves; " + words


def test_data_of_its_own_on_the_primary_become_the_clusters():
    plan = make_plan(THREE, {"n1": b.fresh("n1", b.SHOP), "n2": b.fresh("n2"), "n3": b.fresh("n3")})
    assert [(row[0], row[1]) for row in rows(plan)] == [("n1", "bootstrap"), ("n2", "join"), ("n3", "join")]
    assert not any(one["backup"] for one in plan["members"].values())


def test_data_on_another_host_than_the_primary():
    observations = {"n1": b.fresh("n1"), "n2": b.fresh("n2", b.SHOP), "n3": b.fresh("n3")}
    assert refused(THREE, observations) == [
        "n2 holds data (shop: 3 tables, about 120 rows) but the primary n1, whose data all members get, holds none; make it "
        "senhasegura_primary, or name it in senhasegura_overwrite_members"]


def test_a_joiner_with_another_history():
    assert refused(THREE, b.living(THREE, n2=b.down("n2", b.OTHER_UUID))) == [
        "n2: its data belong to another cluster (state UUID %s, not %s); %s, or take it out of the inventory"
        % (b.OTHER_UUID, b.UUID, ANEW)]


@pytest.mark.parametrize("other", [b.down("n2", b.OTHER_UUID), b.down("n2", seqno=501),
                                   b.fresh("n2", b.SHOP, history=b.saved(b.UUID, 400))])
def test_a_joiner_with_another_history_that_may_be_overwritten(other):
    """design.md, "Whose data dies": another history is refused unless the member is named; then its data are kept aside."""
    declaration = b.declared(overwrite_members=["n2"])
    plan = make_plan(declaration, b.living(declaration, n2=other))
    assert rows(plan) == [("n2", "join", "it joins anew; its data directory, with another history, is set aside", EVERYTHING,
                           [N1, N2, N3])]
    assert (plan["members"]["n2"]["backup"], plan["members"]["n2"]["set_aside"]) == (True, True)


@pytest.mark.parametrize("history", [b.saved(b.OTHER_UUID, 3), b.saved()])
def test_a_database_that_is_just_starting_may_have_data_of_its_own(history):
    """It is not "being restored already" because its service is starting: those may be anybody's data."""
    starting = b.moving("n2", schemas=[b.SHOP], history=history)
    assert refused(THREE, b.living(THREE, n2=starting)) == [
        "n2: its database is just being started or stopped and holds data of its own (shop: 3 tables, about 120 rows); run "
        "again when that has ended"]


def test_who_is_starting_as_a_member_of_this_cluster_is_waited_for_though_its_history_is_gone_for_the_moment():
    """Galera forgets it when the member joins and has it again with the cluster's data; refusing would hold nothing up."""
    starting = b.moving("n2", schemas=[b.SHOP], history=b.saved(), settings=b.settings_as(THREE, "n2"))
    made = make_plan(THREE, b.living(THREE, n2=starting))["members"]["n2"]
    assert (made["action"], made["wait_first"], made["set_aside"]) == ("join", True, False)
    for step, name, value in (("mode", "cluster_name", "another"), ("primary", "primary", "")):
        other = b.moving("n2", schemas=[b.SHOP], history=b.saved(), settings=b.settings_as(THREE, "n2"))
        other["observed"]["settings"][step][name] = value
        assert refused(THREE, b.living(THREE, n2=other)), "not written from here: its data may be anybody's"


# -- nobody serves --------------------------------------------------------------------------------------------------------


def test_full_outage_after_a_graceful_stop():
    observations = {"n1": b.down("n1", seqno=498), "n2": b.down("n2", seqno=500, safe=True), "n3": b.down("n3", seqno=499)}
    for name, one in observations.items():
        one["observed"]["settings"] = b.settings_as(THREE, name)
    plan = make_plan(THREE, observations)
    newest = "it holds the newest data (%s:500), and all members are proven to be in no primary component" % b.UUID
    assert rows(plan) == [("n2", "bootstrap", newest, [], [N2]), ("n1", "join", BACK, [], [N1, N2]),
                          ("n3", "join", BACK, [], [N1, N2, N3])]


@pytest.mark.parametrize("primary, safe, chosen", [("n1", None, "n1"), ("n2", None, "n2"), ("n1", "n3", "n3")])
def test_of_equally_new_histories_the_one_marked_safe_then_the_primary(primary, safe, chosen):
    declaration = b.declared(primary=primary)
    plan = make_plan(declaration, {name: b.down(name, safe=name == safe) for name in b.names_of(3)})
    assert plan["order"][0] == chosen


def recorded(declaration, seqnos, records):
    """Stopped members, some of which have recorded that others were left behind at position 100."""
    found = {name: b.down(name, seqno=seqno, settings=b.settings_as(declaration, name)) for name, seqno in seqnos.items()}
    for name, lost in records.items():
        found[name]["observed"]["saved"]["left_behind"] = {b.address(one): {"uuid": b.UUID, "seqno": 100} for one in lost}
    return found


BEHIND = ("n1: the others were made primary without it at position 100, and it holds %s, so it may hold transactions that they never had; "
          + ANEW + ". That is what n2 (position 103) and n3 (position 103) recorded. Only where the recorder is an older copy (a snapshot of its host, "
          "say) that was restored since, name n2 and n3 instead, with MariaDB stopped there")


@pytest.mark.parametrize("seqno, words", [(105, "position 105"), (103, "position 103"), (-1, "an unknown position")])
def test_who_was_left_behind_is_not_the_first_member_of_the_next_start(seqno, words):
    """It may even hold the most transactions: others have gone on from position 100, and theirs count."""
    seqnos, records = {"n1": seqno, "n2": 103, "n3": 103}, {"n2": ["n1"], "n3": ["n1"]}
    assert refused(THREE, recorded(THREE, seqnos, records)) == [BEHIND % words]
    plan = make_plan(b.declared(overwrite_members=["n1"]), recorded(THREE, seqnos, records))
    assert [(name, plan["members"][name]["action"]) for name in plan["order"]] == [("n2", "bootstrap"), ("n1", "join"), ("n3", "join")]
    assert (plan["members"]["n1"]["set_aside"], plan["members"]["n1"]["backup"]) == (True, True)
    assert plan["members"]["n1"]["left_behind"] == ["n2", "n3"]


@pytest.mark.parametrize("uuid, words", [(b.UUID, BEHIND % "position 105"), (b.OTHER_UUID, "n1: its data belong to another cluster")])
def test_who_was_left_behind_and_has_lost_its_packages_since_is_no_newcomer(uuid, words):
    """Its data directory is still there, and would be joined with as soon as MariaDB is installed again."""
    world = recorded(THREE, {"n1": 105, "n2": 103, "n3": 103}, {"n2": ["n1"], "n3": ["n1"]})
    world["n1"]["observed"]["service"].update(installed=False, state="not-found")
    world["n1"]["observed"]["saved"]["uuid"] = uuid
    refusals = make_plan(b.declared(primary="n2"), world)["refusals"]
    assert len(refusals) == 1 and refusals[0].startswith(words)


def test_who_was_left_behind_gives_nobody_the_data_in_the_same_run():
    world = recorded(b.declared(4), {"n1": 105, "n2": 103, "n3": 103, "n4": 103}, {"n2": ["n1"], "n3": ["n1"]})
    world["n4"] = b.down("n4", uuid=b.NO_UUID, seqno=-1, schemas=[], settings=b.settings_as(b.declared(4), "n4"))
    plan = make_plan(b.declared(4, primary="n2", overwrite_members=["n1"]), world)
    assert plan["refusals"] == [] and plan["order"] == ["n2", "n1", "n3", "n4"]
    assert (plan["members"]["n4"]["donors"], plan["members"]["n4"]["only_donors"]) == (["n3", "n2"], True)


@pytest.mark.parametrize("seqno, donors", [(-1, ["n4", "n2"]), (90, ["n4"])])
def test_all_data_come_from_who_is_near_then_from_afar_and_last_from_the_primary(seqno, donors):
    """What is only lacking Galera would take from any of those named, so nobody far is named beside one who is near."""
    four = b.declared(4, b.hosts(4, n2={"segment": 2}), different_datacenters=True)
    n3 = b.down("n3", settings=b.settings_as(four, "n3"), **({"seqno": seqno} if seqno > 0 else {"uuid": b.NO_UUID, "seqno": -1, "schemas": []}))
    assert make_plan(four, b.living(four, n3=n3))["members"]["n3"]["donors"] == donors


@pytest.mark.parametrize("primary, serving, distrusted, named", [
    ("n2", ["n1", "n2", "n10"], ["n10"], (["n2"], True)), ("n2", ["n1", "n10"], ["n10"], ([], True)),
    ("n10", ["n1", "n10"], [], ([], False)), ("n2", ["n1", "n2", "n10"], [], (["n1", "n10"], False))])
def test_nobody_is_named_whose_name_is_the_beginning_of_one_who_must_not_give(primary, serving, distrusted, named):
    """Galera takes n1 for n10 too, seen on real hosts: ``Member 2 requested state transfer from 'vault'. Selected vault2 as donor``."""
    four = b.declared(4, {name: dict(b.hosts()["n1"], address=b.address(name)) for name in ("n1", "n2", "n3", "n10")}, primary=primary)
    found = donors(four, serving, "n3", distrusted)
    assert (found["donors"], found["only_donors"]) == named
    refusals = nobody_to_name({"members": {"n3": found}})
    assert bool(refusals) == (named == ([], True))


def test_who_is_alone_in_its_segment_is_given_its_data_by_another_than_the_primary():
    apart = b.declared(3, b.hosts(3, n3={"segment": 2}), different_datacenters=True)
    assert make_plan(apart, b.living(apart, n3=b.fresh("n3")))["members"]["n3"]["donors"] == ["n2"]


def test_a_data_directory_that_is_to_be_set_aside_must_be_one_that_can_be_renamed():
    world = recorded(THREE, {"n1": 105, "n2": 103, "n3": 103}, {"n2": ["n1"], "n3": ["n1"]})
    world["n1"]["observed"]["data"]["fixed"] = "/var/lib/mysql"
    assert refused(b.declared(overwrite_members=["n1"]), world) == [
        "n1: its data directory /var/lib/mysql is a mount point, so it cannot be set aside by renaming it; stop MariaDB there, move everything "
        "in it into another folder by hand, leave it empty, and run again"]


def test_who_was_left_behind_and_holds_no_more_than_that_comes_back():
    plan = make_plan(THREE, recorded(THREE, {"n1": 100, "n2": 103, "n3": 103}, {"n2": ["n1"]}))
    assert plan["refusals"] == [] and plan["order"] == ["n2", "n1", "n3"]
    assert plan["members"]["n1"]["left_behind"] == ["n2"] and not plan["members"]["n1"]["set_aside"]


NOBODY_WENT_ON = {"n1": 105, "n2": 100, "n3": 98}


def test_a_record_counts_for_nothing_while_it_is_proven_that_nobody_went_on():
    """The run was killed between the record and the bootstrap, and who was lost is there again, with the newest rows."""
    plan = make_plan(THREE, recorded(THREE, NOBODY_WENT_ON, {"n2": ["n1"], "n3": ["n1"]}))
    assert plan["refusals"] == [] and plan["order"] == ["n1", "n2", "n3"]
    assert [plan["members"][name]["left_behind"] for name in b.names_of(3)] == [["n2", "n3"], [], []]
    assert plan["members"]["n1"]["reason"].endswith("; n2 and n3 recorded to go on without it, and did not")
    assert not any(made["set_aside"] or made["backup"] for made in plan["members"].values())


@pytest.mark.parametrize("seqnos, records", [
    (dict(NOBODY_WENT_ON, n3=101), {"n2": ["n1"], "n3": ["n1"]}), (dict(NOBODY_WENT_ON, n2=-1), {"n2": ["n1"], "n3": ["n1"]}),
    (dict(NOBODY_WENT_ON, n3=101), {"n2": ["n1"]}), (dict(NOBODY_WENT_ON, n3=101), {"n2": ["n1"], "n3": ["n1", "n2"]})])
def test_a_record_counts_as_soon_as_anybody_may_have_gone_on(seqnos, records):
    """Also where that one did not record it itself, or is unknown, or went on without who recorded it too."""
    world = recorded(THREE, seqnos, records)
    assert evidence.unfounded(THREE, world) == {} and "n1" in evidence.left_behind(THREE, world)
    plan = make_plan(THREE, world)
    assert plan["refusals"] and plan["order"] == []


@pytest.mark.parametrize("changed", [
    {"n3": b.unreachable()}, {"n3": b.moving("n3")}, {"n3": b.serving("n3", ["n3"])}, {"n3": b.separated("n3")}, {"n3": b.absent("n3")},
    {"n3": b.down("n3", seqno=100, aborted=True)}, {"n3": b.down("n3", seqno=100, uuid=b.OTHER_UUID)},
    {"n3": b.down("n3", seqno=-1, uuid=b.NO_UUID, aborted=True)}])
def test_a_record_counts_where_somebody_is_not_proven_to_be_stopped_at_that_history(changed):
    assert evidence.unfounded(THREE, dict(recorded(THREE, NOBODY_WENT_ON, {"n2": ["n1"]}), **changed)) == {}


def test_a_record_counts_where_who_was_left_behind_has_one_too_or_somebody_else_is_lost():
    assert evidence.unfounded(THREE, recorded(THREE, NOBODY_WENT_ON, {"n2": ["n1"], "n1": ["n3"]})) == {}
    lost = dict(b.declared(2), removed=[b.address("n3")])
    world = recorded(b.declared(2), {"n1": 105, "n2": 100}, {"n2": ["n1"]})
    assert evidence.unfounded(lost, world) == {} and evidence.unfounded(b.declared(2), world) == {"n1": ["n2"]}
    world["n2"]["observed"]["saved"]["left_behind"][b.address("n3")] = {"uuid": b.UUID, "seqno": 100}
    assert evidence.unfounded(lost, world) == {"n1": ["n2"]}, "who was left behind as well has not gone on"


def test_each_made_primary_without_the_other():
    world = recorded(THREE, {"n1": 105, "n2": 103, "n3": 103}, {"n1": ["n2", "n3"], "n2": ["n1"], "n3": ["n1"]})
    assert refused(THREE, world) == [
        "nobody holds data with which the others went on when members were left behind (n2 by n1 at position 100; n3 by n1 at position 100; "
        "n1 by n2 and n3 at position 100); decide whose data count, and name those whose data shall go in senhasegura_overwrite_members"]
    plan = make_plan(b.declared(overwrite_members=["n1"]), world)
    assert plan["refusals"] == [] and plan["order"][0] == "n2" and plan["members"]["n1"]["set_aside"]


def test_the_record_of_who_was_left_behind_itself_does_not_count():
    """n1 left n2 behind, once; n2 was let in again, and later n1 was left behind."""
    plan = make_plan(b.declared(overwrite_members=["n1"]),
                     recorded(THREE, {"n1": 101, "n2": 103, "n3": 103}, {"n1": ["n2"], "n3": ["n1"]}))
    assert (plan["refusals"], plan["order"][0], plan["members"]["n2"]["set_aside"]) == ([], "n3", False), "of equals the one that is known"


@pytest.mark.parametrize("item, change", [("vault-4", {}), ("10.0.0.14", {"cluster_name": "another"})])
def test_nobody_is_bootstrapped_beside_somebody_who_is_only_on_a_written_list(item, change):
    """A host name, another cluster's name: whoever is on the list may serve all the same."""
    declared = b.declared(**change)
    world = recorded(THREE, {"n1": 103, "n2": 100, "n3": 100}, {})
    world["n1"]["observed"]["settings"]["members"]["members"].append(item)
    assert refused(declared, world) == [
        "n1: its list of members names %s, which is no declared address, and whoever that is may serve; put it into the inventory, or take it "
        "off that list if it is gone for good" % item]


def two_components(safe=("n1", "n3")):
    """n3 was bootstrapped by hand beside the others, then all were stopped."""
    world = recorded(THREE, {"n1": 100, "n2": 99, "n3": 105}, {})
    for name in safe:
        world[name]["observed"]["saved"]["safe_to_bootstrap"] = True
    return world


@pytest.mark.parametrize("safe, words", [
    (("n1", "n3"), "n1 was the last member of a component at position 100 and n3 was the last member of a component at position 105"),
    (("n1",), "n1 was the last member of a component at position 100")])
def test_two_components_of_one_history_are_never_united(safe, words):
    """One that stopped last has everything: another one that is ahead of it, or stopped last as well, was in a component of its own."""
    assert refused(THREE, two_components(safe)) == [
        words + " when it stopped (safe_to_bootstrap: 1), and others hold the same history without having been started from it, so two "
        "components have gone on by themselves and either may hold transactions that the other never had; decide whose data count, and "
        "name the others in senhasegura_overwrite_members"]


def test_a_person_decides_between_two_components():
    plan = make_plan(b.declared(overwrite_members=["n1", "n2"]), two_components())
    assert plan["refusals"] == [] and plan["order"] == ["n3", "n1", "n2"] and plan["members"]["n3"]["action"] == "bootstrap"
    assert [plan["members"][name]["set_aside"] for name in ("n1", "n2", "n3")] == [True, True, False]


def test_the_newest_is_not_given_up_for_a_name_that_may_stand_there_since_long():
    for seqno, words in ((103, "position 103"), (-1, "an unknown position")):
        world = recorded(THREE, {"n1": 100, "n2": 100, "n3": seqno}, {})
        assert refused(b.declared(overwrite_members=["n3"]), world) == [
            "n3: senhasegura_overwrite_members names it, and it holds %s of the cluster's history, n1 only 100; take it out of there if its "
            "data count, or move its data directory aside by hand" % words]


def test_who_may_be_overwritten_is_never_the_first():
    """n1 holds the data of the vault that becomes a cluster, n3 an old history, which a person has given up."""
    old = b.down("n3", seqno=7, uuid=b.OTHER_UUID, settings=b.settings_as(THREE, "n3"))
    world = {"n1": b.fresh("n1", b.SHOP), "n2": b.fresh("n2"), "n3": old}
    plan = make_plan(b.declared(overwrite_members=["n3"]), world)
    assert plan["refusals"] == [] and plan["order"] == ["n1", "n2", "n3"]
    assert (plan["members"]["n1"]["action"], plan["members"]["n3"]["set_aside"]) == ("bootstrap", True)


def test_the_only_data_are_never_given_up():
    world = {"n1": b.fresh("n1"), "n2": b.fresh("n2"), "n3": b.down("n3", seqno=7, settings=b.settings_as(THREE, "n3"))}
    assert refused(b.declared(overwrite_members=["n3"]), world) == [
        "nobody but n3 holds a cluster's history or data of its own, and senhasegura_overwrite_members names it, so all data would be lost; take "
        "the one whose data count out of it, or move its data directory aside by hand"]


def test_full_outage_of_which_one_did_not_stop_cleanly():
    observations = {"n1": b.down("n1", seqno=500), "n2": b.down("n2", seqno=-1), "n3": b.down("n3", seqno=-1)}
    assert refused(THREE, observations) == [
        "n2 and n3 did not stop cleanly, so which of n1, n2, n3 holds the newest data is unknown; start the members as they "
        "are, and they restore the cluster by themselves where all saved their view"]


def test_a_position_beside_a_saved_view_is_where_it_was_paused_and_not_how_far_its_data_are():
    """A donor writes one while it copies; it lost power before it could take the view away, as a clean stop does."""
    observations = b.living(THREE, n1=b.down("n1", seqno=9), n2=b.down("n2", seqno=9), n3=b.down("n3", seqno=9))
    assert make_plan(THREE, observations)["refusals"] == []
    observations["n1"]["observed"]["saved"]["saved_view"] = True
    assert make_plan(THREE, observations)["refusals"] == [
        "n1 did not stop cleanly, so which of n1, n2, n3 holds the newest data is unknown; start the members as they are, and they "
        "restore the cluster by themselves where all saved their view"]


def test_the_only_one_with_a_history_bootstraps_even_after_a_crash():
    plan = make_plan(THREE, {"n1": b.fresh("n1"), "n2": b.down("n2", seqno=-1), "n3": b.absent("n3")})
    assert [row[:2] for row in rows(plan)] == [("n2", "bootstrap"), ("n1", "join"), ("n3", "join")]


def test_histories_of_different_clusters():
    observations = {"n1": b.down("n1"), "n2": b.down("n2", b.OTHER_UUID), "n3": b.fresh("n3")}
    assert refused(THREE, observations) == [
        "the members hold histories of different clusters (n1: %s, n2: %s); decide whose data count, and move the data "
        "directories of the others aside" % (b.UUID, b.OTHER_UUID)]


def test_a_member_that_ran_standalone_after_the_outage():
    alone = b.fresh("n1", b.SHOP, history=b.saved(b.UUID, 500))
    assert refused(THREE, {"n1": alone, "n2": b.down("n2"), "n3": b.fresh("n3")}) == [
        "n1 ran standalone after the cluster's last transaction, so which data count is unknown; decide, and move the other "
        "data directories aside"]


def test_nobody_serves_but_somebody_starts_or_is_separated():
    observations = {"n1": b.fresh("n1"), "n2": b.moving("n2"), "n3": b.separated("n3")}
    assert refused(THREE, observations) == [
        "n2: its database is just being started or stopped (activating), so what it will be is unknown; run again when that "
        "has ended",
        "n3: Galera runs there in no primary component, and no member serves; repair the links between the members, or, where "
        "others are dead, let a person decide (assume_primary, with senhasegura_dead_members)"]


def test_who_was_only_waited_for_may_arrive_while_a_person_reads_the_plan():
    def world(second):
        return {"n1": b.serving("n1", ["n1"] if second else ["n1", "n2"], b.settings_as(THREE, "n1")), "n3": b.fresh("n3"),
                "n2": second or b.serving("n2", ["n1", "n2"], b.settings_as(THREE, "n2"))}
    shown = make_plan(THREE, world(b.moving("n2", settings=b.settings_as(THREE, "n2"))))
    assert shown["members"]["n2"]["wait_first"] and is_approved(make_plan(THREE, world(None)), shown)
    assert not is_approved(make_plan(THREE, world(b.down("n2"))), shown)


SEGMENT_RUNS = "gmcast.segment runs as 0, written 2"


def test_a_restart_that_nobody_saw_needs_a_yes_also_of_who_is_waited_for_first():
    """A donor is only waited for; should it have to restart behind that, a person must have seen it."""
    shown = make_plan(THREE, b.living(THREE, n3=b.fresh("n3")))
    observations = b.living(THREE, n3=b.fresh("n3"))
    observations["n2"]["observed"]["status"].update(local_state=2, local_state_comment="Donor/Desynced", current=False)
    assert is_approved(make_plan(THREE, observations, shown["order"]), shown)
    observations["n2"]["observed"]["restart_reasons"] = [SEGMENT_RUNS]
    plan = make_plan(THREE, observations, shown["order"])
    assert [row[:2] for row in rows(plan)] == [("n3", "join"), ("n2", "restart")] and plan["members"]["n2"]["wait_first"]
    assert not is_approved(plan, shown)


def test_nobody_restarts_before_somebody_is_back_who_has_left_since_the_yes():
    before = b.living(THREE)
    before["n2"]["observed"]["restart_reasons"] = [SEGMENT_RUNS]
    shown = make_plan(THREE, before)
    assert shown["order"] == ["n2"]
    for returning in (b.moving("n3", settings=b.settings_as(THREE, "n3"), history=b.saved(b.UUID)), b.down("n3", settings=b.settings_as(THREE, "n3"))):
        after = b.living(THREE, n3=returning)
        after["n2"]["observed"]["restart_reasons"] = [SEGMENT_RUNS]
        assert make_plan(THREE, after, shown["order"])["refusals"] == [
            "n2 must restart (%s), but n3 has left the cluster since the plan was shown; run again, and it is brought back first" % SEGMENT_RUNS]
        assert make_plan(THREE, after)["order"] == ["n3", "n2"]


def test_who_is_only_waited_for_does_not_restart_behind_that():
    """It would undrained, perhaps as the primary before everybody else, and the plan says that it is only waited for."""
    segments = b.declared(3, b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 1}))
    starting = b.moving("n2", settings=b.settings_as(THREE, "n2"), history=b.saved(b.UUID))
    assert make_plan(segments, b.living(THREE, n2=starting))["refusals"] == [
        "n2: its database is just being started, and would have to restart once more behind that (segment changes from 0 to 1); run again when "
        "it has started"]
    assert make_plan(THREE, b.living(THREE, n2=starting))["refusals"] == []
    unset = make_plan(THREE, b.living(THREE, n2=b.moving("n2")))["refusals"]
    assert len(unset) == 1 and unset[0].startswith("n2: its database is just being started, and would have to restart once more behind that (")


def test_less_than_what_was_said_yes_to_needs_no_other_yes_but_where_data_were_to_be_kept():
    """After a power cut, who was to be started may have come by itself, or be on its way."""
    down = {name: b.down(name, settings=b.settings_as(THREE, name)) for name in ("n2", "n3")}
    starting = {name: b.moving(name, settings=b.settings_as(THREE, name), history=b.saved(b.UUID)) for name in ("n2", "n3")}
    shown = make_plan(THREE, b.living(THREE, **down))
    assert shown["order"] == ["n2", "n3"]
    for those in ({"n2": starting["n2"], "n3": down["n3"]}, {"n3": starting["n3"], "n2": down["n2"]}, {"n3": down["n3"]}, {}, starting):
        assert is_approved(make_plan(THREE, b.living(THREE, **those), shown["order"]), shown)
    for those in (down, {"n2": b.fresh("n2"), "n3": starting["n3"]}):
        assert not is_approved(make_plan(THREE, b.living(THREE, **those)), make_plan(THREE, b.living(THREE, n3=down["n3"])))


@pytest.mark.parametrize("came", [
    lambda: b.moving("n3", settings=b.settings_as(THREE, "n3"), history=b.saved(b.UUID)),
    lambda: None], ids=["starting", "serving"])
def test_who_came_by_itself_with_data_that_were_to_be_set_aside_is_none_that_was_said_yes_to(came):
    named = b.declared(overwrite_members=["n3"])
    shown = make_plan(named, b.living(THREE, n3=b.down("n3", seqno=900, settings=b.settings_as(THREE, "n3"))))
    assert shown["members"]["n3"]["set_aside"] is True
    now = make_plan(named, b.living(THREE, n3=came()), shown["order"])  # None: it serves
    assert now["refusals"] == [] and not is_approved(now, shown)


def test_a_bootstrap_from_another_position_than_was_shown_needs_another_yes():
    def plan(seqno):
        return make_plan(THREE, {name: b.down(name, seqno=seqno, safe=name == "n1", settings=b.settings_as(THREE, name)) for name in b.names_of(3)})
    assert plan(500)["refusals"] == [] and plan(500)["members"]["n1"]["action"] == "bootstrap"
    assert is_approved(plan(500), plan(500)) and not is_approved(plan(900), plan(500))


def test_a_bootstrap_does_not_turn_into_less():
    shown = make_plan(THREE, {name: b.fresh(name) for name in b.names_of(3)})
    now = make_plan(THREE, b.living(THREE, n2=b.fresh("n2"), n3=b.fresh("n3")))
    assert shown["order"] == ["n1", "n2", "n3"] and now["order"] == ["n2", "n3"] and not is_approved(now, shown)


# -- changes of a living cluster ------------------------------------------------------------------------------------------


def test_the_primary_moves_on_line_and_the_new_one_comes_first():
    plan = make_plan(b.declared(primary="n3"), b.living(THREE))
    words = "primary changes from %s to %s" % (N1, N3)
    assert rows(plan) == [(name, "configure", words, ["primary"], [N1, N2, N3]) for name in ("n3", "n1", "n2")]
    assert plan["confirm"] is False


def test_of_two_the_new_primary_gets_its_second_vote_before_the_old_one_loses_it():
    plan = make_plan(b.declared(2, primary="n2"), b.living(b.declared(2)))
    words = "primary changes from %s to %s; weight changes from " % (N1, N2)
    assert rows(plan) == [("n2", "configure", words + "1 to 2", ["primary"], [N1, N2]),
                          ("n1", "configure", words + "2 to 1", ["primary"], [N1, N2])]


@pytest.mark.parametrize("count, final", [(1, 1), (2, 2), (3, 1), (4, 2), (5, 1)])
def test_while_others_join_the_first_member_has_a_second_vote(count, final):
    """Killing a joiner in the middle of its state transfer must not stop the only member that has the data, which may name an old primary."""
    declaration = b.declared(count)
    members = make_plan(declaration, {name: b.fresh(name) for name in b.names_of(count)})["members"]
    first = members["n1"]["settings"]["primary"]["weight"]
    assert first == (2 if count > 1 else 1)
    timers = [{"cluster_network": {"settle": True}}]
    assert members["n1"]["settle"] == timers + [
        {"cluster_primary": {"primary": N1, "address": N1, "weight": final, "application_active": True}}]
    assert [made["settle"] for name, made in members.items() if name != "n1"] == [timers] * (count - 1)


def test_who_does_not_restart_has_nothing_to_settle():
    plan = make_plan(THREE, dict(b.living(b.declared(2)), n3=b.fresh("n3")))
    assert [name for name, made in plan["members"].items() if made["settle"]] == ["n3"]


def test_a_third_member_takes_the_primary_s_second_vote_after_it_has_joined():
    two = b.living(b.declared(2))
    plan = make_plan(THREE, dict(two, n3=b.fresh("n3")))
    assert [row[:2] for row in rows(plan)] == [("n3", "join"), ("n1", "configure"), ("n2", "configure")]
    assert plan["members"]["n1"]["changes"]["primary"] == {"weight": [2, 1]}


def test_a_former_primary_that_came_back_is_told_and_the_row_of_all_members_stays():
    living = b.living(b.declared(2, primary="n2"))
    living["n1"]["observed"]["settings"]["primary"] = {"primary": N1, "weight": 2, "published": False}
    plan = make_plan(b.declared(2, primary="n2"), living)
    assert rows(plan) == [("n1", "configure", "primary changes from %s to %s; weight changes from 2 to 1; published changes from off to on"
                           % (N1, N2), ["primary"], [N1, N2])]


def test_a_row_that_names_somebody_else_is_written_on_line():
    living = b.living(THREE)
    for one in living.values():
        one["observed"]["settings"]["primary"]["published"] = False
    plan = make_plan(THREE, living)
    assert {row[1:3] for row in rows(plan)} == {("configure", "published changes from off to on")} and not plan["confirm"]


def test_a_new_primary_that_must_restart_still_comes_before_the_old_one():
    moved = b.declared(3, b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 1}), primary="n3")
    plan = make_plan(moved, b.living(THREE))
    assert [row[:2] for row in rows(plan)] == [("n3", "restart"), ("n1", "restart"), ("n2", "restart")]


def test_another_segment_restarts_one_by_one_and_the_primary_last():
    changed = b.declared(3, b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 1}))
    plan = make_plan(changed, b.living(THREE))
    words, all_three = "segment changes from 0 to 1", [N1, N2, N3]
    assert rows(plan) == [("n2", "restart", words, ["network"], all_three), ("n3", "restart", words, ["network"], all_three),
                          ("n1", "restart", words, ["network"], all_three)]
    assert plan["confirm"] is True


def test_who_is_missing_joins_before_anybody_restarts():
    changed = b.declared(3, b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 1}), recovery_message="Hi")
    plan = make_plan(changed, b.living(THREE, n3=b.absent("n3")))
    assert [row[:2] for row in rows(plan)] == [("n3", "join"), ("n2", "restart"), ("n1", "restart")]


def test_a_message_needs_no_restart():
    plan = make_plan(b.declared(recovery_message="Call us.\n"), b.living(THREE))
    assert {row[1:4] for row in ((*row[:3], tuple(row[3])) for row in rows(plan))} == {
        ("configure", "recovery_message changes from nothing to Call us.", ("message",))}
    assert plan["confirm"] is False


def test_a_donor_is_waited_for_and_keeps_others_from_restarting():
    observations = b.living(THREE)
    observations["n2"]["observed"]["status"].update(local_state=2, local_state_comment="Donor/Desynced", current=False)
    plan = make_plan(THREE, observations)
    assert rows(plan) == [("n2", "configure", "its state is Donor/Desynced: it is only waited for", [], [N1, N2, N3])]
    assert plan["members"]["n2"]["wait_first"] is True and plan["confirm"] is False
    changed = b.declared(3, b.hosts(3, n3={"segment": 2}), different_datacenters=True, latency="low")
    assert refused(changed, observations) == [
        "n3 must restart (segment changes from 0 to 2), but n2 is not in state Synced, or about to leave it: the cluster would serve on fewer "
        "members than it should; run again when it is"]


def test_a_donor_may_restart_itself_when_it_is_done():
    observations = b.living(THREE)
    observations["n2"]["observed"]["status"].update(local_state=2, local_state_comment="Donor/Desynced", current=False)
    observations["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 2"]
    plan = make_plan(THREE, observations)
    assert [row[:2] for row in rows(plan)] == [("n2", "restart")] and plan["members"]["n2"]["wait_first"] is True


def test_who_is_being_restored_is_waited_for_before_others_restart():
    observations = b.living(THREE, n3=b.moving("n3", settings=b.settings_as(THREE, "n3"), history=b.saved(b.UUID)))
    observations["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 2"]
    plan = make_plan(THREE, observations)
    assert [row[:2] for row in rows(plan)] == [("n3", "join"), ("n2", "restart")]


def test_a_lone_member_restarts_as_the_first_one_and_the_guard_lets_it():
    """It serves in a component of its own, so it can only come back by a bootstrap; the guard on the member must agree."""
    alone = b.declared(1)
    plan = make_plan(b.declared(1, b.hosts(1, n1={"segment": 1})), b.living(alone))
    assert rows(plan) == [("n1", "bootstrap", "segment changes from 0 to 1", ["network"], [N1])]

    class Member:
        def status(self, patience=None):
            return b.synced(["n1"])

        def ports(self, peers):
            return {}
    refuse_bootstrap(Member(), [N1], N1, plan["proven_outside"])


# -- what preflight finds -------------------------------------------------------------------------------------------------


def test_problems_of_the_hosts_refuse_work_but_only_warn_without():
    observations = {name: b.fresh(name) for name in b.names_of(3)}
    observations["n3"]["observed"]["host"]["hostname"] = "hostn1"
    words = "n1 and n3 have the same hostname hostn1; every member needs its own"
    assert refused(THREE, observations) == [words]
    observations = b.living(THREE)
    observations["n3"]["observed"]["host"]["hostname"] = "hostn1"
    plan = make_plan(THREE, observations)
    assert (plan["refusals"], plan["warnings"], plan["order"]) == ([], [words], [])


@pytest.mark.parametrize("method, size, chosen", [
    ("auto", 1024**3, "rsync"), ("auto", 1024**3 + 1, "mariabackup"), ("rsync", 1024**4, "rsync"),
    ("mariabackup", 1, "mariabackup")])
def test_how_a_joiner_gets_its_data(method, size, chosen):
    declaration = b.declared(sst_method=method)
    observations = b.living(declaration, n3=b.observation("n3", status=dict(b.silent(), answers=True), free_bytes=2 * size))
    for name in ("n1", "n2"):
        observations[name]["observed"]["data"]["bytes"] = size
        observations[name]["observed"]["settings"]["mode"]["sst_method"] = chosen
    observations["n3"]["observed"]["data"]["bytes"] = 1024**5
    observations["n3"]["observed"]["host"]["free_bytes"] = 4 * size + 1024**3
    plan = make_plan(declaration, observations)
    assert plan["order"] == ["n3"] and plan["members"]["n3"]["settings"]["mode"]["sst_method"] == chosen


def test_of_who_could_not_be_asked_since_the_yes_nothing_is_known():
    approved = make_plan(THREE, b.living(THREE))
    later = {name: dict(one, asked_at=1002.0) for name, one in b.living(THREE).items()}
    assert since({}, b.living(THREE)) == b.living(THREE) and since(approved, later) == later
    assert make_plan(THREE, since(approved, dict(later, n2=b.living(THREE)["n2"])))["refusals"] == [
        "n2: it could not be reached since the plan was made; whether it is in a primary component is unknown, so nothing was changed. "
        "Every declared member must be observed"]


def test_whoever_is_named_is_never_kept_though_nothing_tells_its_history_from_the_cluster_s():
    """After a split that was made by hand only a person knows that the rows behind its position are others."""
    for names in ([], ["n3"]):
        declared = b.declared(3, overwrite_members=names)
        plan = make_plan(declared, b.living(declared, n3=b.down("n3", settings=b.settings_as(declared, "n3"))))
        assert plan["refusals"] == [] and plan["members"]["n3"]["action"] == "join"
        assert (plan["members"]["n3"]["set_aside"], plan["members"]["n3"]["backup"]) == (bool(names), bool(names))


def test_a_host_whose_packages_were_removed_may_have_written_alone_before():
    """Without them nobody reads its settings, which so are those of a member that stands alone."""
    absent = b.absent("n3")
    absent["observed"]["saved"].update(uuid=b.UUID, seqno=77)
    plan = make_plan(b.declared(3), b.living(b.declared(3), n3=absent))
    assert plan["order"] == [] and "n3: it was a member of this cluster and is standalone since, so its data may differ unseen; " in "".join(plan["refusals"])
