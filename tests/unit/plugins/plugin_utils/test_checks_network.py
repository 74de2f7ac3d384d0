# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks between members: clocks, ports, links."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import LET_IN
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_network import links_of, port_state, ports_of, profile_for
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._quorum import ARBITRATOR
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from ansible_collections.senhasegura.cluster.tests.unit import probes as p


def clock(difference, width=0.002):
    """A peer's clock that is ahead by some seconds, read over a link of this round trip."""
    return {"clock": 1000.0 + difference, "asked_at": 1000.0 - width / 2, "answered_at": 1000.0 + width / 2}


def ahead(name, seconds, width=0.002):
    """What the others measured of one whose clock is ahead."""
    declaration = b.declared(3)
    names = [member["name"] for member in declaration["members"]]
    return {other: {"links": {b.address(peer): p.link(clock=clock(seconds if peer == name else -seconds if other == name else 0, width))
                              for peer in names if peer != other}} for other in names}


# -- clocks ---------------------------------------------------------------------------------------------------------------


def test_the_one_that_differs_from_most_fails():
    facts = p.facts(**ahead("n2", 60.0))
    assert p.bad(facts) == {("clock.skew", "n2", "fail")}
    assert p.one(facts, "clock.skew", "n2").seen == "its clock differs by 60 s from n1's, 60 s from n3's"
    assert p.one(facts, "clock.skew", "n1").seen == "with most; n2 differs"


def test_of_two_nobody_knows_who():
    facts = p.facts(b.declared(2), n1={"links": {b.address("n2"): p.link(clock=clock(5.0))}})
    assert p.bad(facts) == {("clock.skew", "n1", "fail"), ("clock.skew", "n2", "fail"), }


def test_where_nothing_was_measured_the_controller_s_question_bounds_it():
    facts = p.facts(observations={"n2": b.fresh("n2", clock=1060.5)}, **{name: {"links": {
        b.address(peer): p.link(clock=None) for peer in ("n1", "n2", "n3") if peer != name}} for name in ("n1", "n2", "n3")})
    assert p.bad(facts) == {("clock.skew", "n2", "fail")}


@given(strategies.floats(0, 100), strategies.floats(0, 100))
def test_what_the_round_trip_explains_is_no_skew(seconds, width):
    failed = bool(p.bad(p.facts(**ahead("n2", seconds, width))))
    assert failed == (seconds - width / 2 > 2.0) or abs(seconds - width / 2 - 2.0) < 1e-6


# -- ports ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict, ours, listened, state", [
    ("open", True, True, "reachable"), ("open", False, True, "open"), ("closed", True, True, "rejected"), ("closed", False, True, "closed"),
    ("closed", True, False, "closed"), ("filtered", True, True, "filtered"), ("filtered", False, False, "filtered"),
    ("answered", True, True, "reachable"), ("refused", True, True, "rejected"), ("silent", True, True, "filtered"),
    ("silent", False, True, ""), ("silent", True, False, "")])
def test_the_state_of_a_port(verdict, ours, listened, state):
    assert port_state(verdict, ours, listened) == state


def reached(**changes):
    """n1 reaches n2 as given, everybody else everybody."""
    return {"n1": {"links": {b.address("n2"): p.link(**changes)}}}


OUR_TABLE = ("; or, where the table inet senhasegura_cluster of an earlier prepare_members drops it, and with the same "
             "senhasegura_firewall_database_clients: ansible-playbook senhasegura.cluster.prepare_members -i hosts.yml "
             "-e senhasegura_prepare_firewall=true")
"""Never the first that a person types: it closes the database's port to all that are not named."""


def test_filtered_is_told_of_the_member_that_does_not_let_in():
    facts = p.facts(**reached(tcp={"4444": "filtered", "4567": "open", "4568": "filtered"}))
    assert p.bad(facts) == {("port.reachable", "n2", "fail")}
    found = p.one(facts, "port.reachable", "n2")
    assert found.seen == "n1 (10.0.0.11) gets no answer on TCP 4444 (state transfer), 4568 (incremental state transfer)"
    assert found.fix == LET_IN.format("ip", "10.0.0.11", "tcp", "4444, 4568") + OUR_TABLE + (
        ". Where no rule there drops it, n1 does not let it out, or a firewall between them does not let it through")


def test_refused_where_our_listener_was_is_a_firewall():
    closed = {"4444": "closed", "4567": "open", "4568": "open"}
    assert p.bad(p.facts(**reached(tcp=closed))) == {("port.reachable", "n2", "fail")}
    nobody = {"listening": {"tcp": {}, "udp": {}}}
    assert p.bad(p.facts(n2=nobody, **reached(tcp=closed))) == set()


def test_both_at_once():
    facts = p.facts(**reached(tcp={"4444": "filtered", "4567": "closed", "4568": "open"}))
    assert p.one(facts, "port.reachable", "n2").seen == (
        "n1 (10.0.0.11) gets no answer on TCP 4444 (state transfer) and is refused, though a listener was there, on TCP 4567 "
        "(group communication)")


def test_silence_over_udp_proves_nothing_without_a_listener():
    silent = dict(udp={"4567": "silent"})
    assert p.bad(p.facts(**reached(**silent))) == {("port.udp", "n2", "warn")}
    facts = p.facts(n2={"listening": {"tcp": {}, "udp": {"4567": "in use"}}}, **reached(**silent))
    assert (p.bad(facts), p.one(facts, "port.udp", "n2").status) == (set(), "unknown")


@pytest.mark.parametrize("links, seen", [
    ({"n1": p.link(tcp={"4567": "open"}), "n3": p.link(tcp={"4567": "open"})},
     "TCP 4444, 4568 was not tried, since its database is being started or restored, or a playbook changes the cluster"),
    ({"n1": p.link(), "n3": {}}, "n3 could not try"),
    ({"n1": {}, "n3": {}}, "no other member could try")])
def test_what_nobody_tried_is_unknown(links, seen):
    facts = p.facts(**{name: {"links": {b.address("n2"): link}} for name, link in links.items()})
    found = p.one(facts, "port.reachable", "n2")
    assert (found.status, found.seen) == ("unknown", seen)
    assert found.fix == "run again when every member answers, none is being started or restored, and no other playbook runs"


def test_an_address_that_is_somebody_else_s_is_not_judged():
    facts = p.facts(observations={"n2": b.fresh("n2", addresses=["192.0.2.7"])}, **reached(tcp={"4444": "filtered"}, trips=[900.0]))
    assert p.bad(facts) == {("host.address", "n2", "fail")}


def test_the_arbitrator():
    declaration = b.declared(2, arbitrator="10.0.0.99")
    links = {name: {"links": {"10.0.0.99": {"tcp": {"4567": verdict}}}} for name, verdict in (("n1", "closed"), ("n2", "filtered"))}
    facts = p.facts(declaration, **links)
    assert p.bad(facts) == {("port.arbitrator", "n2", "fail")}
    assert p.one(facts, "port.arbitrator", "n1").seen == "closed but reachable: garbd does not listen there yet"
    assert p.one(facts, "port.arbitrator", "n2").fix == (
        "let n2 in on the arbitrator, a Debian host: " + LET_IN.format("ip", "10.0.0.12", "tcp", "4567"))


def arbitrated(met=None, link=None, listens=True):
    """Two members and an arbitrator; what it met of n2, and what n1 met of it."""
    facts = p.facts(b.declared(2, arbitrator="10.0.0.99"), **{name: {"links": {"10.0.0.99": {"tcp": {"4567": "open"}, "udp": {
        "4567": "answered"}}}} for name in ("n1", "n2")})
    reached = {"tcp": {"4567": "open"}, "udp": {"4567": "answered"}}
    facts.probes[ARBITRATOR] = {"links": {"10.0.0.11": reached, "10.0.0.12": met or reached}, "listened": listens,
                                "listening": {"tcp": {"4567": "ours"}, "udp": {"4567": "ours"}}}
    facts.probes["n1"]["links"]["10.0.0.99"] = link or reached
    return facts


def test_an_arbitrator_in_order():
    assert p.bad(arbitrated()) == set()
    assert p.one(arbitrated(), "port.from_arbitrator", "n2").seen == "reachable 4567"
    assert p.one(arbitrated(), "port.arbitrator", "n1").seen == "reachable"


@pytest.mark.parametrize("met, status, seen", [
    ({"tcp": {"4567": "filtered"}, "udp": {"4567": "answered"}}, "fail", "the arbitrator (10.0.0.99) gets no answer from it on TCP 4567"),
    ({"tcp": {"4567": "closed"}, "udp": {"4567": "answered"}}, "fail",
     "the arbitrator (10.0.0.99) is refused, though a listener was there, by it on TCP 4567"),
    ({"tcp": {"4567": "open"}, "udp": {"4567": "silent"}}, "warn", "the arbitrator (10.0.0.99) gets no answer from it on UDP 4567"),
    ({"tcp": {}, "udp": {"4567": "answered"}}, "unknown", "TCP 4567 was not tried, since a playbook changes the cluster")])
def test_a_member_that_does_not_let_the_arbitrator_in(met, status, seen):
    found = p.one(arbitrated(met), "port.from_arbitrator", "n2")
    assert (found.status, found.seen) == (status, seen)
    assert status == "unknown" or " nft insert rule $chain ip saddr 10.0.0.99 %s dport '{ 4567 }' accept" % seen[-8:-5].lower() in found.fix


def test_an_arbitrator_that_refuses_though_a_listener_was_there():
    refused = {"tcp": {"4567": "closed"}, "udp": {"4567": "answered"}}
    assert p.bad(arbitrated(link=refused)) == {("port.arbitrator", "n1", "fail")}
    assert p.one(arbitrated(link=refused), "port.arbitrator", "n1").seen == (
        "it is refused, though a listener was there, by the arbitrator 10.0.0.99 on TCP 4567")
    assert p.bad(arbitrated(link=refused, listens=False)) == set()


def test_an_arbitrator_that_could_not_try_is_unknown():
    facts = p.facts(b.declared(2, arbitrator="10.0.0.99"))
    assert p.one(facts, "port.from_arbitrator", "n1")[1:3] == ("unknown", "the inventory has no host for the arbitrator")
    facts.probes[ARBITRATOR] = {"unknown": "it could not be probed: no route", "listened": False}
    assert p.one(facts, "port.from_arbitrator", "n1")[1:3] == ("unknown", "it could not be probed: no route")


def matrix(facts):
    """(from, to, protocol, port) to state."""
    found = {(one["from"], one["to"], one["protocol"], one["port"]): one["state"] for one in ports_of(facts)}
    assert len(found) == len(ports_of(facts)), "every pair and port once"
    return found


def test_the_matrix_of_all_pairs():
    found = matrix(p.facts())
    assert {pair[:2] for pair in found} == {(one, other) for one in ("n1", "n2", "n3") for other in ("n1", "n2", "n3") if one != other}
    assert {pair[2:] for pair in found} == {("tcp", 4444), ("tcp", 4567), ("tcp", 4568), ("udp", 4567)}
    assert len(found) == 24 and set(found.values()) == {"reachable"}
    assert matrix(p.facts(b.declared(1))) == {}


def test_the_matrix_tells_who_does_not_let_whom_in():
    found = matrix(p.facts(n2={"listening": {"tcp": {"4444": "ours", "4567": "in use", "4568": "ours"}, "udp": {"4567": "in use"}}},
                           **reached(tcp={"4444": "filtered", "4567": "open", "4568": "closed"}, udp={"4567": "silent"})))
    assert {pair[2:]: state for pair, state in found.items() if pair[:2] == ("n1", "n2")} == {
        ("tcp", 4444): "filtered", ("tcp", 4567): "open", ("tcp", 4568): "rejected", ("udp", 4567): "unknown"}
    assert found["n3", "n2", "tcp", 4567] == "open" and found["n2", "n1", "tcp", 4567] == "reachable"


def test_what_nobody_tried_is_unknown_in_the_matrix():
    untried = {name: {"links": {b.address("n2"): {}}} for name in ("n1", "n3")}
    for facts in (p.facts(observations={"n2": b.unreachable()}, **untried), p.facts(observations={"n2": b.fresh("n2", addresses=["192.0.2.7"])})):
        found = matrix(facts)
        assert {state for pair, state in found.items() if pair[1] == "n2"} == {"unknown"} and len(found) == 24
        assert {state for pair, state in found.items() if set(pair[:2]) == {"n1", "n3"}} == {"reachable"}


def test_the_matrix_has_the_ports_of_an_appliance():
    appliance = b.fresh("n2")
    appliance["observed"]["capabilities"] = dict(appliance["observed"]["capabilities"], ports=[443])
    found = matrix(p.facts(observations={"n2": appliance}, **reached(tcp=dict(p.link()["tcp"], **{"443": "filtered"}))))
    assert {pair: state for pair, state in found.items() if pair[3] == 443} == {
        ("n1", "n2", "tcp", 443): "filtered", ("n3", "n2", "tcp", 443): "unknown"}


def test_the_arbitrator_is_in_the_matrix_in_both_directions():
    filtered = {"tcp": {"4567": "filtered"}, "udp": {"4567": "answered"}}
    found = matrix(arbitrated(met=filtered))
    assert len(found) == 16
    assert {pair[:3]: state for pair, state in found.items() if ARBITRATOR in pair and "n2" in pair} == {
        (ARBITRATOR, "n2", "tcp"): "filtered", (ARBITRATOR, "n2", "udp"): "reachable",
        ("n2", ARBITRATOR, "tcp"): "reachable", ("n2", ARBITRATOR, "udp"): "reachable"}
    nobody = matrix(p.facts(b.declared(2, arbitrator="10.0.0.99")))
    assert {state for pair, state in nobody.items() if ARBITRATOR in pair} == {"unknown"} and len(nobody) == 16


# -- links ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("milliseconds, profile", [(0.1, "low"), (10, "low"), (10.1, "medium"), (30, "medium"), (30.1, "high")])
def test_profiles(milliseconds, profile):
    assert profile_for(milliseconds) == profile


def slow(milliseconds, declaration=None):
    """n1 and n2 are this far from each other; n3 is near."""
    return p.facts(declaration or b.declared(3), n1={"links": {b.address("n2"): p.link(milliseconds)}},
                   n2={"links": {b.address("n1"): p.link(milliseconds)}})


def test_a_slower_link_than_is_declared():
    facts = slow(14.2, b.declared(3, latency="low"))
    assert p.bad(facts) == {(identity, name, "warn") for identity in ("link.latency", "link.segments") for name in ("n1", "n2")}
    assert p.one(facts, "link.latency", "n1")[2:5] == (
        "14.2 ms to n2", "at most 10 ms, since the latency profile low is declared", "declare senhasegura_latency: medium")
    assert p.one(facts, "link.segments", "n2")[2:5] == (
        "it shares segment (blank) with n1, more than 10 ms away", "one segment for each data center",
        "give the data center of n2 another senhasegura_segment (1 to 9) than that of n1, and set senhasegura_different_datacenters: true")


@pytest.mark.parametrize("latency, fix", [
    ("low", "shorten the way between the two; until then declare senhasegura_latency: high"),
    ("high", "shorten the way between the two")])
def test_above_the_vendor_s_limit(latency, fix):
    found = p.one(slow(31.0, b.declared(3, latency=latency)), "link.latency", "n1")
    assert found[1:5] == ("warn", "31.0 ms to n2", "the vendor's limit: below 30 ms between any two members", fix)


@pytest.mark.parametrize("latency, milliseconds, status, seen", [
    ("high", 1.0, "warn", "1.0 ms to n2 at the most: low would do for every link, and takes a member for dead after 5 s, not 30 s"),
    ("high", 20.0, "warn", "20.0 ms to n2 at the most: medium would do for every link, and takes a member for dead after 10 s, not 30 s"),
    ("medium", 1.0, "ok", "1.0 ms to n2 at the most: low would do for every link, and takes a member for dead after 5 s, not 10 s"),
    ("medium", 20.0, "ok", "20.0 ms to n2 at the most"), ("low", 1.0, "ok", "1.0 ms to n2 at the most")])
def test_a_profile_that_is_more_than_the_links_need(latency, milliseconds, status, seen):
    facts = slow(milliseconds, b.declared(3, latency=latency))
    found = p.one(facts, "link.latency", "n1")
    assert (found.status, found.seen) == (status, seen)
    assert status == "ok" or found.fix == "declare senhasegura_latency: %s" % ("low" if milliseconds < 10 else "medium")
    # The profile is everybody's: who is near everybody is told of the slowest link of all as well.
    assert p.one(facts, "link.latency", "n3").status == status


def test_nothing_is_too_much_while_a_link_is_unknown():
    facts = p.facts(b.declared(3, latency="high"), n1={"links": {b.address("n2"): {}}})
    assert p.one(facts, "link.latency", "n1").seen == "1.0 ms to n3 at the most"


def test_a_blank_segment_is_read_as_the_forecast_reads_it():
    """In different data centers, one of its own; Galera still takes all of those for one segment, which only costs where they are far."""
    near = p.facts(b.declared(3, different_datacenters=True, latency="low"))
    assert p.one(near, "link.segments", "n1")[1:3] == ("ok", "a data center of its own, without a segment")
    found = p.one(slow(20, b.declared(3, different_datacenters=True)), "link.segments", "n1")
    assert found[1:5] == ("warn", "it is a data center of its own, without a segment, as n2, more than 10 ms away",
                          "one segment for each data center", "give the data center of n1 another senhasegura_segment (1 to 9) than that of n2")
    assert p.one(p.facts(b.declared(3)), "link.segments", "n1").seen == "segment (blank)"


def test_segments_of_their_own():
    inventory = b.hosts(3, n2={"segment": 2}, n1={"segment": 1}, n3={"segment": 1})
    assert p.bad(slow(20, b.declared(3, inventory, different_datacenters=True, latency="medium"))) == set()


def test_loss_and_jitter():
    facts = p.facts(**reached(answered=15))
    assert p.bad(facts) == {("link.loss", "n1", "warn")}
    assert p.one(facts, "link.loss", "n1").seen == "5 of 20 lost to n2"
    assert p.one(facts, "link.loss", "n1").fix == "repair the link: on n1, mtr --udp --port 4567 10.0.0.12 shows where it drops"
    assert p.one(p.facts(**reached(answered=19)), "link.loss", "n1").status == "ok"
    jumpy = p.facts(**reached(trips=[1.0, 25.0] * 10))
    assert p.one(jumpy, "link.loss", "n1").seen == "jitter of 24.0 ms to n2"
    assert p.one(p.facts(**reached(trips=[90.0, 1.0, 1.0, 70.0] + [1.0] * 16)), "link.loss", "n1").status == "ok"


def test_links_are_told_for_every_pair():
    found = links_of(p.facts(**reached(trips=[3.0, 1.0, 2.0], sent=4, answered=3)))
    assert len(found) == 6
    assert found[0] == {"from": "n1", "to": "n2", "how": "udp", "round_trip_ms": 2.0, "jitter_ms": 1.5, "sent": 4, "lost": 1}


def test_a_single_member_has_no_links():
    assert p.bad(p.facts(b.declared(1))) == set()
