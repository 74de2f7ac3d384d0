# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Votes and their forecast, what the plan refuses, the component, drift."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_cluster import forecast
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._quorum import ARBITRATOR, keeps_quorum, votes
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from ansible_collections.senhasegura.cluster.tests.unit import probes as p


def texts(declaration, observations=None):
    return [case["text"] for case in forecast(declaration, observations or {})]


def test_two_members():
    facts = p.facts(b.declared(2))
    assert texts(facts.declared) == ["if n1 fails, n2 stops serving until a person assumes primary (1 of 3 votes)",
                                     "if n2 fails, n1 goes on serving (2 of 3 votes)"]
    found = p.one(facts, "quorum.forecast", "")
    assert found.status == "warn"
    assert found.fix == (
        "declare senhasegura_arbitrator: the address of another host, on which garbd votes; until then, know who is to assume primary")


def test_two_members_and_an_arbitrator():
    declaration = b.declared(2, arbitrator="10.0.0.99")
    assert texts(declaration) == ["if n1 fails, n2 goes on serving (3 of 5 votes)",
                                  "if n2 fails, n1 goes on serving (4 of 5 votes)",
                                  "if the arbitrator fails, n1 and n2 go on serving (3 of 5 votes)"]
    assert p.one(p.facts(declaration), "quorum.forecast", "").status == "ok"


def test_three_members():
    """With a second vote for the primary the others would stop when it dies: 2 of 4 is not more than half."""
    assert p.one(p.facts(), "quorum.forecast", "").status == "ok"
    assert texts(b.declared(3)) == ["if n1 fails, n2 and n3 go on serving (2 of 3 votes)",
                                    "if n2 fails, n1 and n3 go on serving (2 of 3 votes)",
                                    "if n3 fails, n1 and n2 go on serving (2 of 3 votes)"]


@given(strategies.integers(2, 9), strategies.booleans())
def test_only_the_primary_of_just_two_stops_the_others_when_it_dies(count, arbitrator):
    cast = votes(b.declared(count, arbitrator="10.0.0.99" if arbitrator else ""))
    assert sum(cast.values()) % 2 == 1
    assert [name for name in cast if not keeps_quorum(cast, [name])] == (["n1"] if cast == {"n1": 2, "n2": 1} else [])


def test_three_members_and_an_arbitrator():
    facts = p.facts(b.declared(3, arbitrator="10.0.0.99"))
    assert p.one(facts, "quorum.forecast", "").seen == (
        "votes: n1 1, n2 1, n3 1, the arbitrator 2; no single failure of a member or the arbitrator stops the others")


def test_data_centers():
    inventory = b.hosts(4, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 2}, n4={"segment": 2})
    assert texts(b.declared(4, inventory, different_datacenters=True))[4:] == [
        "if the data center of segment 1 (n1, n2) fails, n3 and n4 stop serving until a person assumes primary (2 of 5 votes)",
        "if the data center of segment 2 (n3, n4) fails, n1 and n2 go on serving (3 of 5 votes)"]


def test_a_data_center_takes_the_arbitrator_along_that_stands_in_it():
    inventory = b.hosts(4, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 2}, n4={"segment": 2})
    options = {"different_datacenters": True, "arbitrator": "10.0.0.99"}
    assert texts(b.declared(4, inventory, arbitrator_segment=1, **options))[4:6] == [
        "if the data center of segment 1 (n1, n2, the arbitrator) fails, n3 and n4 stop serving until a person assumes primary (2 of 7 votes)",
        "if the data center of segment 2 (n3, n4) fails, n1 and n2 go on serving (5 of 7 votes)"]
    assert texts(b.declared(4, inventory, **options))[4] == (
        "if the data center of segment 1 (n1, n2) fails, n3 and n4 go on serving (4 of 7 votes)")


@pytest.mark.parametrize("different, kinds", [(True, ["member"] * 4), (False, ["member"] * 4 + ["datacenter"])])
def test_in_different_data_centers_a_blank_segment_is_one_of_its_own(different, kinds):
    """Without different data centers the blank ones are together, apart from segment 1."""
    declaration = b.declared(4, b.hosts(4, n1={"segment": 1}), different_datacenters=different)
    assert [case["kind"] for case in forecast(declaration, {})] == kinds


def test_one_member():
    assert texts(b.declared(1)) == ["if n1 fails, nobody serves"]
    assert p.one(p.facts(b.declared(1)), "quorum.forecast", "").status == "ok"


@given(strategies.integers(1, 9), strategies.booleans())
def test_never_do_two_halves_serve(count, arbitrator):
    cast = votes(b.declared(count, arbitrator="10.0.0.99" if arbitrator else ""))
    for name in cast:
        rest = [other for other in cast if other != name]
        assert not (keeps_quorum(cast, [name]) and keeps_quorum(cast, rest))
        assert not keeps_quorum(cast, [other for other in cast if other != ARBITRATOR])


# -- living ---------------------------------------------------------------------------------------------------------------


def living(**instead):
    declaration = b.declared(3)
    return p.facts(declaration, b.living(declaration, **instead))


def test_a_living_cluster():
    facts = living()
    for name in ("n1", "n2", "n3"):
        facts.observations[name]["observed"]["status"]["weight"] = 3
    assert p.bad(facts) == set()
    assert p.one(facts, "quorum.now", "").seen == "3 of 3 votes: n1, n2, n3 serve"
    assert p.one(facts, "cluster.component", "").seen == "one component of n1, n2, n3, proven on every member"


def test_a_member_is_down():
    facts = living(n3=b.down("n3", settings=b.settings_as(b.declared(3), "n3")))
    found = p.one(facts, "cluster.component", "")
    assert p.one(facts, "cluster.drift", "n3")[1:3] == (
        "unknown", "declared and written are the same; it does not serve, so how it will run is unknown")
    assert p.bad(facts) == {("cluster.component", "", "fail"), ("quorum.now", "", "warn")}
    assert "n3: " in found.seen and "n1: " in found.seen
    assert found.fix == "ansible-playbook senhasegura.cluster.create_cluster -i hosts.yml repairs it"


def able(one, **capabilities):
    one["observed"]["capabilities"] = dict(one["observed"]["capabilities"], **capabilities)


WHOLE = ("if n1 fails, n2 and n3 go on serving (2 of 3 votes)", "if n2 fails, n1 and n3 go on serving (2 of 3 votes)",
         "if n3 fails, n1 and n2 go on serving (2 of 3 votes)")


def test_the_forecast_of_a_cluster_that_lacks_a_member():
    facts = living(n3=b.down("n3"))
    now = "if n1 fails, n2 stops serving until a person assumes primary (1 of 2 votes)", (
        "if n2 fails, n1 stops serving until a person assumes primary (1 of 2 votes)")
    assert texts(facts.declared, facts.observations) == ["as it is now: " + text for text in now] + ["when all are in: " + text for text in WHOLE]
    assert [(case["now"], case["serves"]) for case in forecast(facts.declared, facts.observations)] == [(True, False)] * 2 + [(False, True)] * 3
    assert p.one(facts, "quorum.forecast", "")[1:5] == (
        "warn", "as it is now: votes: n1 1, n2 1; %s; %s; when all are in: votes: n1 1, n2 1, n3 1; no single failure of a member or the "
        "arbitrator stops the others" % now, "no single failure stops the others", "see cluster.component; until then, know who is to assume primary")


def test_whoever_is_in_the_view_votes_and_serves_only_when_it_has_the_data():
    """A joiner's vote counts; of who cannot be reached from here nothing else is known than that the others see it."""
    declaration = b.declared(3)
    observations = dict(b.living(declaration), n3=b.moving("n3"))
    assert texts(declaration, observations)[:2] == ["if n1 fails, n2 goes on serving (2 of 3 votes)", "if n2 fails, n1 goes on serving (2 of 3 votes)"]
    observations["n3"] = b.unreachable()
    assert texts(declaration, observations) == list(WHOLE)
    arbitrated = b.declared(2, arbitrator="10.0.0.99")
    found = forecast(arbitrated, dict(b.living(arbitrated), n2=b.moving("n2")))
    assert (found[0]["text"], found[0]["serves"]) == ("if n1 fails, nobody serves", False)


def test_the_votes_that_run_count_not_those_that_will():
    """A cluster of two grows: the primary's second vote is still there, and the third member is not."""
    grown, two = b.declared(3), b.declared(2)
    facts = p.facts(grown, dict(b.living(two), n3=b.fresh("n3")))
    assert texts(grown, facts.observations)[:2] == ["as it is now: if n1 fails, n2 stops serving until a person assumes primary (1 of 3 votes)",
                                                    "as it is now: if n2 fails, n1 goes on serving (2 of 3 votes)"]
    assert p.one(facts, "quorum.now", "")[1:3] == ("warn", "3 of 3 votes: n1, n2 serve; next, n3 joins: 3 of 3 votes")
    changed = b.living(two)
    changed["n1"]["observed"]["settings"]["primary"]["weight"] = 1
    found = p.one(p.facts(two, changed), "quorum.forecast", "")
    assert found.seen.startswith("as it is now: votes: n1 1, n2 1; ") and "; when all is as declared: votes: n1 2, n2 1; " in found.seen
    assert found.fix.startswith("see cluster.drift; declare senhasegura_arbitrator: ")
    able(changed["n1"], decides=["primary.weight"])
    assert p.one(p.facts(two, changed), "quorum.forecast", "").seen.startswith("votes: n1 2, n2 1; ")


ARBITRATED = b.declared(2, arbitrator="10.0.0.99")


def test_a_living_cluster_with_its_arbitrator():
    facts = p.facts(ARBITRATED, b.living(ARBITRATED))
    assert p.one(facts, "quorum.now", "")[1:3] == ("ok", "5 of 5 votes: n1, n2 serve")
    assert p.one(facts, "quorum.forecast", "")[1:3] == (
        "ok", "votes: n1 2, n2 1, the arbitrator 2; no single failure of a member or the arbitrator stops the others")
    assert texts(facts.declared, facts.observations) == texts(facts.declared) and all(
        case["now"] for case in forecast(facts.declared, facts.observations))


def test_an_arbitrator_that_is_declared_and_does_not_vote():
    facts = p.facts(ARBITRATED, b.living(ARBITRATED, garbd=False))
    add = "ansible-playbook senhasegura.cluster.add_arbitrator -i hosts.yml puts the arbitrator back"
    assert p.one(facts, "quorum.now", "")[1:5] == (
        "warn", "3 of 5 votes: n1, n2 serve; the arbitrator does not vote", "all 5 votes",
        add + ": what is missing is no reserve when the next one fails")
    stops = "if n1 fails, n2 stops serving until a person assumes primary (1 of 3 votes)"
    assert texts(facts.declared, facts.observations) == [
        "as it is now: " + stops, "as it is now: if n2 fails, n1 goes on serving (2 of 3 votes)"] + [
        "when all are in: " + text for text in texts(facts.declared)]
    assert p.one(facts, "quorum.forecast", "")[1:5] == (
        "warn", "as it is now: votes: n1 2, n2 1; %s; when all are in: votes: n1 2, n2 1, the arbitrator 2; no single failure of a member or "
        "the arbitrator stops the others" % stops, "no single failure stops the others", add + "; until then, know who is to assume primary")
    for one in facts.observations.values():
        able(one, garbd=False)
    assert p.one(facts, "quorum.now", "").fix.startswith("bring the arbitrator back by the appliance's own command: ")


def test_a_data_center_of_which_one_is_away():
    """What is left of it is a single member, and the arbitrator's is told with it while it votes."""
    inventory = b.hosts(3, n1={"segment": 1}, n2={"segment": 1}, n3={"segment": 2})
    declaration = b.declared(3, inventory, different_datacenters=True, arbitrator="10.0.0.99", arbitrator_segment=2)
    found = forecast(declaration, b.living(declaration, n2=b.down("n2")))
    assert [case["text"] for case in found if case["kind"] == "datacenter"] == [
        "as it is now: if the data center of segment 2 (n3, the arbitrator) fails, n1 stops serving until a person assumes primary (1 of 4 votes)",
        "when all are in: if the data center of segment 1 (n1, n2) fails, n3 goes on serving (3 of 5 votes)",
        "when all are in: if the data center of segment 2 (n3, the arbitrator) fails, n1 and n2 stop serving until a person assumes primary "
        "(2 of 5 votes)"]


def test_the_next_step_counts_the_arbitrator():
    facts = p.facts(ARBITRATED, b.living(ARBITRATED, n2=b.fresh("n2")))
    assert p.one(facts, "quorum.now", "").seen == "4 of 5 votes: n1 serve; next, n2 joins: 5 of 5 votes"
    changed = b.living(ARBITRATED)
    changed["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 4"]
    assert p.one(p.facts(ARBITRATED, changed), "quorum.now", "").seen == (
        "5 of 5 votes: n1, n2 serve; next, n2 restarts: meanwhile 4 of 4 votes")


def test_the_next_step():
    assert p.one(p.facts(), "quorum.now", "").seen == (
        "no cluster serves; declared are 3 votes: n1 1, n2 1, n3 1; next, n1 is the first: 1 of 3 votes")
    facts = living(n3=b.fresh("n3"))
    assert p.one(facts, "quorum.now", "").seen == "2 of 3 votes: n1, n2 serve; next, n3 joins: 3 of 3 votes"
    changed = b.living(facts.declared)
    changed["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 4"]
    assert p.one(p.facts(facts.declared, changed), "quorum.now", "").seen == (
        "3 of 3 votes: n1, n2, n3 serve; next, n2 restarts: meanwhile 2 of 2 votes")


def test_drift():
    facts = living()
    changed = b.living(facts.declared)
    changed["n2"]["observed"]["settings"]["network"]["segment"] = 4
    changed["n2"]["observed"]["restart_reasons"] = ["gmcast.segment runs as 0, written 4"]
    changed["n2"]["observed"]["settings"]["primary"]["primary"] = ""
    facts = p.facts(facts.declared, changed)
    assert p.bad(facts) - {("quorum.now", "", "warn")} == {("cluster.drift", "n2", "fail")}
    assert p.one(facts, "cluster.drift", "n2").seen == (
        "written is segment 4, declared 0; written is primary nothing, declared 10.0.0.11; gmcast.segment runs as 0, written 4")


def test_drift_of_a_peer_s_key_is_seen_though_the_addresses_are_the_same():
    """As after a member was rebuilt: the others still hold the key that it had."""
    declaration = b.declared(3, sync={"enabled": True, "timeout": 15, "paths": ["/srv"]})
    facts = p.facts(declaration, b.living(declaration))
    facts.observations["n3"]["observed"]["settings"]["sync"]["peers"][0]["public_key"] = "old"
    assert p.one(facts, "cluster.drift", "n3").seen == (
        "written is peers 10.0.0.11 (with another key than it has now), 10.0.0.12, declared 10.0.0.11, 10.0.0.12")


@pytest.mark.parametrize("state", [b.down, b.separated])
def test_drift_of_a_member_that_is_out(state):
    """Also where the plan is refused."""
    written = b.settings_as(b.declared(3), "n3")
    written["network"] = dict(written["network"], segment=4)
    facts = living(n3=state("n3", settings=written))
    assert ("cluster.drift", "n3", "fail") in p.bad(facts)
    assert p.one(facts, "cluster.drift", "n3").seen == "written is segment 4, declared 0"
    facts.plan["members"]["n3"]["changes"] = {}
    assert p.one(facts, "cluster.drift", "n3").seen == "written is segment 4, declared 0"


def test_no_drift_is_told_of_who_never_was_in_the_cluster_or_while_a_member_is_unknown():
    assert p.one(living(n3=b.fresh("n3")), "cluster.drift", "n3")[1:3] == ("skipped", "not in the cluster")
    assert p.one(living(n3=b.down("n3", b.OTHER_UUID)), "cluster.drift", "n3").status == "skipped"
    assert p.one(living(n3=b.unreachable()), "cluster.drift", "n1")[1:3] == ("unknown", "see member.reachable")


def test_a_cluster_that_nobody_serves():
    facts = p.facts(observations={name: b.separated(name) for name in ("n1", "n2", "n3")})
    assert {("cluster.component", "", "fail"), ("plan.possible", "", "fail"), ("quorum.now", "", "warn")} == p.bad(facts)
    assert p.one(facts, "cluster.component", "").fix == "first what plan.possible and the other checks say"


def test_what_the_plan_alone_refuses():
    facts = p.facts(observations={"n1": b.down("n1"), "n2": b.down("n2", b.OTHER_UUID)})
    found = [(finding.seen, finding.fix) for finding in p.findings(facts, "plan.possible")]
    assert len(found) == 1 and found[0][0].startswith("the members hold histories of different clusters")
    assert found[0][1] == ("what it says; then ansible-playbook senhasegura.cluster.create_cluster -i hosts.yml --check shows whether the plan "
                           "is refused still")


def test_what_another_check_tells_is_not_told_twice():
    facts = p.facts(observations={"n2": b.fresh("n2", free_bytes=0, hostname="hostn1", packages={"galera-4": "25"}), "n3": b.unreachable()})
    assert [finding.status for finding in p.findings(facts, "plan.possible")] == ["unknown"]


# -- never silent ---------------------------------------------------------------------------------------------------------


def _other_release(name):
    one = b.fresh(name)
    one["observed"]["host"]["packages"].update({"orbini-fwk": "3.32", "senhasegura-pam": "3.33"})
    return one


def _states(name):
    """A member in every state, and out of order in every way that a plan refuses."""
    return [b.fresh(name), b.fresh(name, b.SHOP), b.absent(name), b.down(name), b.down(name, b.OTHER_UUID), b.down(name, seqno=-1),
            b.down(name, aborted=True), b.moving(name), b.separated(name), b.unreachable(), b.serving(name, ["n1", "n2", "n3"]),
            b.serving(name, [name], uuid=b.OTHER_UUID), b.fresh(name, free_bytes=0), b.fresh(name, clock=1060.0),
            b.fresh(name, hostname="hostn1"), b.fresh(name, addresses=["192.0.2.7"]), b.fresh(name, packages={"galera-4": "25"}),
            _other_release(name)]


@given(strategies.tuples(*[strategies.sampled_from(range(len(_states("n1"))))] * 3))
def test_what_create_cluster_refuses_fails_somewhere(chosen):
    names = ["n1", "n2", "n3"]
    facts = p.facts(observations={name: _states(name)[number] for name, number in zip(names, chosen)})
    failed = [one for one in p.bad(facts) if one[2] == "fail"]
    assert failed or not facts.plan["refusals"]


def test_another_release_of_the_appliance():
    both = {"orbini-fwk": "3.33", "senhasegura-pam": "3.33"}
    others = {name: b.fresh(name) for name in ("n1", "n3")}
    for one in others.values():
        one["observed"]["host"]["packages"].update(both)
    facts = p.facts(observations=dict(others, n2=_other_release("n2")))
    assert facts.plan["refusals"] != []
    assert p.bad(facts) == {("version.same", "n2", "fail")}
    assert p.one(facts, "version.same", "n2").seen == "orbini-fwk 3.32 (n1: 3.33, n3: 3.33)"


def test_what_a_refusal_says_of_a_name_for_somebody_else_is_told_under_plan_possible():
    """Whoever has come back by itself is not asked to be named: nobody joins."""
    world = b.living(b.declared())
    world["n2"]["observed"]["saved"]["left_behind"] = {b.address("n1"): {"uuid": b.UUID, "seqno": 100}}
    facts = p.facts(b.declared(), observations=world)
    found = p.findings(facts, "plan.possible")
    assert [(finding.status, finding.seen) for finding in found] == [("fail", sentence) for sentence in facts.plan["refusals"]]
    assert "name n2 in senhasegura_overwrite_members" in found[0].seen and p.one(facts, "data.loss", "n1").status == "ok"


def test_a_waiver_does_not_make_the_plan_possible_and_that_is_said():
    facts = p.facts(observations={"n2": b.fresh("n2", packages={"mariadb-server": "11.8", "galera-4": "25"})})
    assert p.bad(facts, waivers=["version.same"]) == {("version.same", "n2", "warn"), ("plan.possible", "", "warn")}
    # The waiver of what has nothing to do with it changes nothing.
    assert ("version.same", "n2", "fail") in p.bad(facts, waivers=["host.dns"])
    assert p.bad(facts, waivers=["version.same", "plan.possible"]) == p.bad(facts, waivers=["version.same"])
