"""What may be declared, and the whole message for what may not."""

from __future__ import annotations

import builders as b
import pytest

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import advice, declare


def problems(hosts=None, **options):
    return declare(b.hosts() if hosts is None else hosts, dict(b.OPTIONS, **options))[1]


def with_host(name, **variables):
    hosts = b.hosts()
    hosts[name].update(variables)
    return hosts


SEGMENT = "member member-b: senhasegura_segment must be a number from 1 to 9, or blank, not %r"
TIMEOUT = "senhasegura_sync_timeout: sync timeout must be a whole number of seconds from 1 to 3600, not %r"


@pytest.mark.parametrize("hosts, message", [
    ({}, "there is no member: put at least one host into the inventory group senhasegura"),
    (with_host("member-b", address="10.0.0.300"),
     "member member-b: its address must be an IP address, not '10.0.0.300'; set senhasegura_address"),
    (with_host("member-b", address="10.0.0.11"),
     "address 10.0.0.11 is given to member-a and member-b; every member needs its own"),
    (with_host("member-b", address="fd00::12"), "IPv4 and IPv6 are mixed: member-a has 10.0.0.11, member-b has fd00::12, "
     "member-c has 10.0.0.13; give every member an address of one family"),
    (with_host("member-b", segment=0), SEGMENT % 0), (with_host("member-b", segment=10), SEGMENT % 10),
    (with_host("member-b", segment="a"), SEGMENT % "a"), (with_host("member-b", segment=12), SEGMENT % 12),
    (with_host("member-b", segment=True), SEGMENT % True),
])
def test_bad_hosts(hosts, message):
    assert problems(hosts) == [message]


@pytest.mark.parametrize("options, message", [
    ({"primary": "member-x"}, "senhasegura_primary is member-x, which is no member; the members are member-a, member-b, member-c"),
    ({"members": ["member-a", "member-a"]}, "member member-a is in senhasegura_members twice"),
    ({"members": ["member-a", "member-x"]}, "senhasegura_members names member-x, which is not a host of the inventory"),
    ({"arbitrator": "10.0.0.12"}, "the arbitrator 10.0.0.12 is also the member member-b; it must be another host"),
    ({"arbitrator": "garbd"}, "senhasegura_arbitrator must be an IP address, not 'garbd'"),
    ({"sync_timeout": 0}, TIMEOUT % 0), ({"sync_timeout": -1}, TIMEOUT % -1), ({"sync_timeout": "15s"}, TIMEOUT % "15s"),
    ({"sync_timeout": 3601}, TIMEOUT % 3601),
    ({"latency": "fast"}, "senhasegura_latency must be one of low, medium, high, not 'fast'"),
    ({"sst_method": "xtrabackup"}, "senhasegura_sst_method must be one of auto, rsync, mariabackup, not 'xtrabackup'"),
    ({"cluster_name": "a b"}, "senhasegura_cluster_name must be 1 to 32 letters, digits, dots, dashes or underscores, "
     "not 'a b'"),
    ({"sync_paths": ["srv"]}, "senhasegura_sync_paths: srv must be an absolute path"),
    ({"sync_enabled": True}, "senhasegura_sync_enabled is true but senhasegura_sync_paths is empty"),
    ({"different_datacenters": "perhaps"}, "senhasegura_different_datacenters must be true or false, not 'perhaps'"),
    ({"overwrite_members": ["member-x"]}, "senhasegura_overwrite_members names member-x, which is no member"),
])
def test_bad_options(options, message):
    assert problems(**options) == [message]


def test_all_problems_are_told_at_once():
    assert len(problems(with_host("member-b", segment=12), sync_timeout=0, primary="x")) == 3


def test_the_order_and_the_primary_are_the_inventory_s():
    found, none = declare(b.hosts(), b.OPTIONS)
    assert none == []
    assert [member["name"] for member in found["members"]] == list(b.NAMES) and found["primary"] == "member-a"


def test_text_from_the_command_line_is_a_truth_value():
    found, none = declare(b.hosts(), dict(b.OPTIONS, sync_enabled="false", different_datacenters="yes"))
    assert (none, found["sync"]["enabled"], found["different_datacenters"]) == ([], False, True)


def test_a_host_without_address_is_known_by_its_name_if_that_is_one():
    found, none = declare({"10.0.0.5": {"address": None, "segment": "", "port": 59022}}, b.OPTIONS)
    assert none == [] and found["members"] == [{"name": "10.0.0.5", "address": "10.0.0.5", "segment": 0, "port": 59022}]


def test_advice():
    assert advice(b.declared()) == []
    assert advice(b.declared(["member-a", "member-b"])) == [
        "two members without an arbitrator: if the primary fails, the other stops serving until a person assumes it as primary"]
    assert advice(b.declared(different_datacenters=True))[0].startswith("the members are in different data centers but share")
    assert declare(with_host("member-c", segment=2), b.OPTIONS)[1] == []
    apart = declare(with_host("member-c", segment=2), b.OPTIONS)[0]
    assert advice(apart)[0].startswith("members of one data center should share a segment")
