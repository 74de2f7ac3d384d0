"""The checks before a cluster is made, and the proof after."""

from __future__ import annotations

import builders as b
from hypothesis import given, strategies as st

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._preflight import clock_difference, preflight
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._proof import prove


def checks(change=None):
    world = b.observations(*[b.fresh(name) for name in b.NAMES])
    if change:
        change(world["member-b"]["observed"], world["member-b"])
    decisions = {name: {"action": "bootstrap" if name == "member-a" else "join"} for name in b.NAMES}
    return preflight(b.declared(), world, decisions)


def test_good_hosts():
    assert checks() == []


def test_an_address_that_is_not_on_the_host():
    assert checks(lambda seen, _one: seen["host"].update(addresses=["10.0.0.50"])) == [
        "member-b: the address 10.0.0.12 is not on that host, which has 10.0.0.50; correct senhasegura_address or ansible_host"]


def test_one_hostname_twice():
    assert checks(lambda seen, _one: seen["host"].update(hostname="member-a")) == [
        "member-a and member-b have the same hostname member-a; every member needs its own"]


def test_clocks_60_seconds_apart():
    assert checks(lambda seen, _one: seen["host"].update(clock=1060.0)) == [
        "the clocks of member-a and member-b differ by 59.8 s; at most 2.0 s are allowed, so synchronize them (NTP) first",
        "the clocks of member-b and member-c differ by 59.8 s; at most 2.0 s are allowed, so synchronize them (NTP) first"]


def test_a_slow_link_is_not_called_skew():
    assert checks(lambda _seen, one: one.update(asked_at=980.0, answered_at=1030.0)) == []


@given(st.floats(0, 1e9), st.floats(0, 30), st.floats(0, 30), st.floats(-100, 100))
def test_the_difference_is_never_more_than_the_real_one(asked, before, after, skew):
    def read(skew, delay_before, delay_after):
        return {"asked_at": asked, "answered_at": asked + delay_before + delay_after,
                "observed": {"host": {"clock": asked + delay_before + skew}}}
    assert clock_difference(read(0, after, before), read(skew, before, after)) <= abs(skew) + 1e-3


def test_a_filtered_port():
    assert checks(lambda seen, _one: seen.update(ports={"10.0.0.13": {"4567": "filtered"}})) == [
        "member-b does not reach member-c (10.0.0.13) on TCP 4567 (group communication); let it through the firewalls between them"]


def test_versions():
    assert checks(lambda seen, _one: seen["host"]["packages"].update({"mariadb-server": "1:11.8.2"})) == [
        "the members have different versions of mariadb-server (1:10.11.18: member-a, member-c; 1:11.8.2: member-b); install the "
        "same everywhere"]


def test_room():
    assert checks(lambda seen, _one: seen["host"].update(free_bytes=0)) == [
        "member-b has room for 100 MB of data, but joining needs 366 MB; make room first"]


def proof(change=None):
    world = b.observations(*[b.serving(name) for name in b.NAMES])
    if change:
        change(world["member-c"]["observed"])
    return prove(b.declared(), world)


def test_one_component():
    assert proof() == []


def test_synced_proves_nothing():
    alone = b.serving("member-c", ["member-c"], conf_id="1")["observed"]["status"]
    assert proof(lambda seen: seen.update(status=alone)) == [
        "member-c: its component lacks 10.0.0.11, 10.0.0.12",
        "the members do not share one configuration: member-a has 3, member-b has 3, member-c has 1"]


def test_every_missing_piece_is_named():
    changes = {"answers": "the database does not answer", "wsrep_on": "it runs standalone", "ready": "it is not ready",
               "connected": "it is not connected to a component",
               "current": "no causal read has shown its view to be current"}
    for name, sentence in changes.items():
        assert proof(lambda seen, name=name: seen["status"].update({name: False})) == ["member-c: " + sentence]


def test_an_unknown_voter():
    assert proof(lambda seen: seen["status"].update(incoming_addresses=[b.address(n) for n in b.NAMES] + [""], size=4)) == [
        "member-c: its component holds 1 voters without an address"]


def test_everybody_knows_the_primary_and_the_order():
    assert proof(lambda seen: seen["settings"]["primary"].update(primary="10.0.0.12")) == [
        "member-c: it takes 10.0.0.12 for the primary, not member-a"]
    assert proof(lambda seen: seen["settings"]["members"]["members"].reverse()) == [
        "member-c: its list of members is 10.0.0.13, 10.0.0.12, 10.0.0.11, not 10.0.0.11, 10.0.0.12, 10.0.0.13"]
    assert proof(lambda seen: seen.update(restart_reasons=["gmcast.segment runs as 0, written 2"])) == [
        "member-c: gmcast.segment runs as 0, written 2"]
