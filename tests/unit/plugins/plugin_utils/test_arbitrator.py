# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arbitrator: how it is told, when it may come or go, and what the votes bear."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _arbitrator as rules
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._proof import prove
from ansible_collections.senhasegura.cluster.tests.unit import members as b

ADDRESS = "10.0.0.9"
TWO = b.declared(2, arbitrator=ADDRESS)
COMMAND = "/usr/bin/garbd -a gcomm://10.0.0.11,10.0.0.12 -g vault -o pc.weight=2 -w /var/lib/senhasegura-arbitrator"


def world(*view, weight=5, **instead):
    """Two members that see this component."""
    return {name: instead.get(name) or b.serving(name, view, b.settings_as(TWO, name), weight=weight) for name in ("n1", "n2")}


WITH, WITHOUT = world("n1", "n2", ""), world("n1", "n2", weight=3)


def host(running="", enabled=False, written=False, addresses=(ADDRESS,), mode="standalone"):
    settings = b.blank_settings()
    settings["mode"].update(mode=mode, cluster_name="vault" if mode == "cluster" else "")
    return {"name": "arbiter", "segment": 0, "running": running, "enabled": enabled, "written": written,
            "observed": {"host": {"addresses": list(addresses)}, "settings": settings}}


def decide(observations, state="present", declared=None, **more):
    return rules.plan_arbitrator(declared or TWO, observations, host(**more), state)


# -- how it is told -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count, options, segment, told", [
    (2, {}, 0, "pc.weight=2"),
    (3, {}, 0, "pc.weight=2"),
    (2, {}, 3, "gmcast.segment=3;pc.weight=2"),
    (2, {"latency": "medium"}, 0, "evs.inactive_timeout=PT30S;evs.install_timeout=PT15S;evs.suspect_timeout=PT10S;pc.weight=2"),
    (2, {"different_datacenters": True}, 0, "evs.inactive_timeout=PT60S;evs.install_timeout=PT60S;evs.keepalive_period=PT3S;"
                                            "evs.suspect_timeout=PT30S;pc.weight=2")])
def test_the_timers_are_everybodys(count, options, segment, told):
    assert rules.garbd(b.declared(count, arbitrator=ADDRESS, **options), segment)["options"] == told


def test_what_it_shows_when_it_runs():
    assert rules.garbd(TWO, 0)["command"] == COMMAND


def test_ipv6():
    declared = dict(TWO, arbitrator="fd00::9", members=[dict(TWO["members"][0], address="fd00::1")])
    told = rules.garbd(declared, 0)
    assert (told["nodes"], told["options"]) == ("[fd00::1]", "gmcast.listen_addr=tcp://[::]:4567;pc.weight=2")


# -- what the votes bear --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("members", range(2, 7))
def test_any_one_voter_may_fail_and_no_split_is_even(members):
    declared = b.declared(members, arbitrator=ADDRESS)
    votes = {name: b.settings_as(declared, name)["primary"]["weight"] for name in b.names_of(members)}
    votes["arbitrator"] = rules.weight(declared)
    assert rules.stopping_losses(votes) == []
    assert sum(votes.values()) % 2 == 1


def test_with_one_vote_the_arbitrator_would_not_help_two_members():
    assert rules.stopping_losses({"n1": 2, "n2": 1, "arbitrator": 1}) == ["n1"]
    assert rules.stopping_losses({"n1": 2, "n2": 1}) == ["n1"]


# -- what is done ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("observations, state, more, action, confirm", [
    (WITHOUT, "present", {}, "start", False),
    (WITH, "present", {"running": COMMAND, "enabled": True, "written": True}, "none", False),
    (WITH, "present", {"running": COMMAND, "enabled": False, "written": True}, "write", False),
    (WITH, "present", {"running": COMMAND, "enabled": True, "written": False}, "write", False),
    (WITH, "present", {"running": "/usr/bin/garbd -a gcomm://10.0.0.11", "enabled": True, "written": True}, "restart", True),
    (WITH, "absent", {"running": COMMAND, "enabled": True}, "stop", True),
    (WITHOUT, "absent", {"enabled": True}, "stop", True),
    (WITHOUT, "absent", {}, "none", False)])
def test_what_is_done(observations, state, more, action, confirm):
    plan = decide(observations, state, **more)
    assert (plan["action"], plan["confirm"], plan["refusals"]) == (action, confirm, [])


def test_the_forecast():
    assert decide(WITHOUT)["forecast"] == ["Votes afterwards: n1 2, n2 1, the arbitrator 2.",
                                           "Any one of them may fail, and the others serve on."]
    assert decide(WITH, "absent", running=COMMAND)["forecast"] == [
        "Votes afterwards: n1 2, n2 1.", "If n1 fails abruptly, the others stop serving; all serve on while nobody fails."]


# -- after the Yes ---------------------------------------------------------------------------------------------------------


RUNS = {"running": COMMAND, "enabled": True, "written": True}


@pytest.mark.parametrize("shown, now", [
    (decide(WITH, "absent", **RUNS), decide(WITH, "absent", **RUNS)),
    (decide(WITH, "absent", **RUNS), decide(WITHOUT, "absent")),
    (decide(WITHOUT), decide(WITH, **RUNS))])
def test_what_was_shown_is_still_right_or_has_become_needless(shown, now):
    assert rules.strange(shown, now) == []


def test_what_nobody_saw_is_strange():
    assert rules.strange(decide(WITHOUT), decide(WITH, running="/usr/bin/garbd -a gcomm://10.0.0.11")) == [
        "restart garbd, whose votes are away for seconds (garbd runs as '/usr/bin/garbd -a gcomm://10.0.0.11', wanted '%s'); shown was: "
        "start garbd, which votes from then on" % COMMAND]
    assert rules.strange(decide(WITHOUT, "absent"), decide(WITH, "absent", **RUNS)) == [
        "stop garbd, and keep it from starting (garbd runs there); shown was: nothing to do"]


def test_other_votes_afterwards_are_strange():
    moved = world("n1", "n2", "")
    for name, votes in (("n1", 1), ("n2", 2)):
        moved[name]["observed"]["settings"]["primary"]["weight"] = votes
    assert rules.strange(decide(WITH, "absent", **RUNS), decide(moved, "absent", **RUNS)) == [
        "Votes afterwards: n1 1, n2 2.", "If n2 fails abruptly, the others stop serving; all serve on while nobody fails."]


# -- what is refused ------------------------------------------------------------------------------------------------------


def test_a_member_is_no_arbitrator():
    assert decide(WITHOUT, addresses=["10.0.0.12"])["refusals"] == [
        "arbiter has the address 10.0.0.12 of the member n2: the arbitrator must be another host than the members"]
    assert decide(WITHOUT, mode="cluster")["refusals"] == [
        "arbiter is a member of the cluster vault by its MariaDB's settings (wsrep_on): take another host, or turn it to "
        "standalone first"]


def test_another_host_than_the_declared():
    assert decide(WITHOUT, addresses=["10.0.0.50"])["refusals"] == [
        "the arbitrator is declared as 10.0.0.9, but arbiter has 10.0.0.50: correct senhasegura_arbitrator or ansible_host"]


def test_a_second_arbitrator():
    assert decide(WITH)["refusals"] == [
        "n1 sees an arbitrator already, but garbd does not run on arbiter: there may be only one, so stop the other; if it was "
        "arbiter that has just stopped, run again in a minute"]


@pytest.mark.parametrize("state, more", [("present", {}), ("absent", {"running": COMMAND})])
def test_a_degraded_cluster_is_not_touched(state, more):
    for observations, missing in (
            (world("n1", "", n2=b.unreachable()), ["n1: its component lacks 10.0.0.12", "n2: it cannot be reached: no route to host"]),
            (world("n1", "n2", n2=b.serving("n2", ["n1", "n2"], b.settings_as(TWO, "n2"), local_state=2,
                                            local_state_comment="Donor/Desynced")), ["n2: its state is Donor/Desynced"])):
        plan = decide(observations, state, **more)
        assert plan["refusals"] == ["the cluster is degraded, bring the members back first: " + one for one in missing]


def test_a_degraded_cluster_is_told_even_where_nothing_is_to_be_done():
    refusals = decide(world("n1", "", n2=b.unreachable()), running=COMMAND, enabled=True, written=True)["refusals"]
    assert refusals[0] == "the cluster is degraded, bring the members back first: n1: its component lacks 10.0.0.12"


def test_another_cluster_and_another_platform():
    observations = world("n1", "n2", weight=3)
    observed = observations["n1"]["observed"]
    observed.update(platform="orbit", capabilities=dict(observed["capabilities"], garbd=False))
    observations["n2"]["observed"]["settings"]["mode"]["cluster_name"] = "shop"
    assert decide(observations)["refusals"] == [
        "n1 is of the platform orbit, whose arbitrator is not garbd on a host of its own: use the appliance's own command",
        "n2 is in the cluster shop, declared is vault: correct senhasegura_cluster_name"]


def test_it_may_not_take_the_quorum_with_it():
    assert decide(world("n1", "n2", "", weight=6), "absent", running=COMMAND)["refusals"] == [
        "without the arbitrator 3 of 6 votes would remain, so the members could stop serving: give the members their votes first "
        "(create_cluster)"]


# -- the proof ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("observations, vote, missing", [
    (WITH, "allowed", None), (WITHOUT, "allowed", None), (WITH, "required", None), (WITHOUT, "none", None),
    (WITHOUT, "required", "its component lacks the arbitrator 10.0.0.9"),
    (WITH, "none", "its component still holds the arbitrator 10.0.0.9"),
    (world("n1", "n2", "", ""), "required", "its component holds 2 voters without an address")])
def test_the_proof(observations, vote, missing):
    assert prove(TWO, observations, vote) == (["%s: %s" % (name, missing) for name in ("n1", "n2")] if missing else [])
