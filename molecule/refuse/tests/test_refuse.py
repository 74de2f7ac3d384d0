"""Every refusal on real hosts: the whole message, an exit code that is not zero, and nothing changed."""

from __future__ import annotations

import re

import lab
import pytest

MEMBERS = ["member-a", "member-b", "member-c"]
DECLARED = "The declared cluster cannot be built; nothing was changed."
CHECKED = "Checks failed; nothing was changed. What was seen and how to fix it is above."
UNKNOWN = "; whether it is in a primary component is unknown, so nothing was changed. Every declared member must be observed"


@pytest.fixture(autouse=True, name="untouched")
def _untouched():
    """Nothing of what is refused leaves a trace on any host."""
    before = lab.state()
    yield
    assert lab.state() == before


def refused(title, problems, *arguments, hosts=lab.INVENTORY):
    """Run with a Yes; the message must be exactly the title and these problems."""
    run = lab.play(*lab.YES, *arguments, hosts=hosts)
    lab.assert_refused(run, title, problems)
    return run


A, B, C = lab.addresses().values()
SEGMENT = "member member-b: senhasegura_segment must be a number from 1 to 9, or blank, not %s"
SNAPSHOT = ("senhasegura_snapshot_tasks of member-a, member-b, member-c must be the absolute path of a file that is on the controller, "
            "not %s")
TIMEOUT = "senhasegura_sync_timeout: sync timeout must be a whole number of seconds from 1 to 3600, not %s"


@pytest.mark.parametrize("per_host, message", [
    ({"member-b": {"ansible_host": "10.0.0.300"}},
     "member member-b: its address must be an IP address, not '10.0.0.300'; set senhasegura_address"),
    ({"member-b": {"senhasegura_address": A}}, "address %s is given to member-a and member-b; every member needs its own" % A),
    ({"member-b": {"senhasegura_address": "fd00::12"}}, "IPv4 and IPv6 are mixed: member-a has %s, member-b has fd00::12, "
     "member-c has %s; give every member an address of one family" % (A, C)),
    ({"member-b": {"senhasegura_segment": 0}}, SEGMENT % 0), ({"member-b": {"senhasegura_segment": 10}}, SEGMENT % 10),
    ({"member-b": {"senhasegura_segment": "a"}}, SEGMENT % "'a'"),
])
def test_bad_hosts(tmp_path, per_host, message):
    refused(DECLARED, [message], hosts=lab.write_inventory(tmp_path / "hosts.yml", per_host=per_host))


@pytest.mark.parametrize("option, message", [
    ("senhasegura_sync_timeout=0", TIMEOUT % "'0'"), ("senhasegura_sync_timeout=-1", TIMEOUT % "'-1'"),
    ("senhasegura_sync_timeout=15s", TIMEOUT % "'15s'"),
    ("senhasegura_stall_timeout=15s", "senhasegura_stall_timeout must be a whole number of seconds, 1 or more, not '15s'"),
    ("senhasegura_primary=member-x", "senhasegura_primary is member-x, which is no member; the members are member-a, member-b, "
     "member-c"),
    ("senhasegura_snapshot_tasks=snapshot.yml", SNAPSHOT % "snapshot.yml"), ("senhasegura_snapshot_tasks=/srv/gone.yml", SNAPSHOT % "/srv/gone.yml"),
    ("senhasegura_arbitrator=" + B, "the arbitrator %s is also the member member-b; it must be another host" % B),
])
def test_bad_options(option, message):
    refused(DECLARED, [message], "-e", option)


def test_the_same_host_twice():
    refused(DECLARED, ["member member-a is in senhasegura_members twice"],
            "-e", '{"senhasegura_members": ["member-a", "member-b", "member-a"]}')


def test_an_empty_group(tmp_path):
    refused(DECLARED, ["there is no member: put at least one host into the inventory group senhasegura"],
            hosts=lab.write_inventory(tmp_path / "hosts.yml", members=[]))


def test_an_address_that_is_not_on_the_host(tmp_path):
    hosts = lab.write_inventory(tmp_path / "hosts.yml", per_host={"member-b": {"senhasegura_address": "127.0.0.9"}})
    refused(lab.REFUSED, ["member-b: the address 127.0.0.9 is not on that host, which has %s; correct senhasegura_address or "
                          "ansible_host" % ", ".join(lab.host("member-b").check_output(
                              "ip -o address show scope global | awk '{print $4}' | cut -d/ -f1; "
                              "ip -o address show scope link | awk '{print $4}' | cut -d/ -f1").split())], hosts=hosts)


def test_a_member_that_cannot_be_reached(tmp_path):
    nobody = A.rsplit(".", 1)[0] + ".99"
    hosts = lab.write_inventory(tmp_path / "hosts.yml", members=MEMBERS + ["member-x"], per_host={
        "member-x": {"ansible_host": nobody}})
    refused(lab.REFUSED, ["member-x: it cannot be reached: ssh: connect to host %s port 22: No route to host%s" % (nobody, UNKNOWN)],
            hosts=hosts)


def test_limit_to_one_host():
    refused(lab.REFUSED, ["%s: it was not observed (--limit must not leave a member out)%s" % (name, UNKNOWN) for name in MEMBERS[1:]],
            "--limit", "member-a")


NO_YES = "Nothing was changed: the plan restarts databases and needs a Yes. "


def test_no_yes_and_no_terminal():
    lab.assert_refused(lab.play(), NO_YES + "There is no terminal to ask on: set senhasegura_confirm=true.")


def test_another_answer_than_yes():
    lab.assert_refused(lab.play_typed("no"), NO_YES + "The answer was not yes.")


def test_two_clocks_60_seconds_apart(tmp_path):
    library = lab.shell("member-b", "find /usr/lib -name libfaketime.so.1 | head -1")
    lab.shell("member-b", "printf '#!/bin/sh\\nexport LD_PRELOAD=%s FAKETIME=+60s\\nexec /usr/bin/python3 \"$@\"\\n' "
                          "> /tmp/python-ahead; chmod 755 /tmp/python-ahead" % library)
    hosts = lab.write_inventory(tmp_path / "hosts.yml", per_host={
        "member-b": {"ansible_python_interpreter": "/tmp/python-ahead"}})
    refused(lab.REFUSED, [re.compile(r"the clocks of %s differ by ([45][0-9]|60)\.\d s; at most 2\.0 s are allowed, so synchronize them "
                                     r"\(NTP\) first" % pair) for pair in ("member-a and member-b", "member-b and member-c")], hosts=hosts)


DROP = ("nft add table inet story; nft add chain inet story in '{ type filter hook input priority 0; }'; "
        "nft add rule inet story in ip saddr %s tcp dport %d drop")


def test_a_filtered_port():
    lab.shell("member-c", DROP % (B, 4567))
    try:
        refused(lab.REFUSED, ["member-b does not reach member-c (%s) on TCP 4567 (group communication); let it through the firewalls "
                              "between them" % C])
    finally:
        lab.shell("member-c", "nft delete table inet story")


def test_the_port_of_state_transfers_is_filtered():
    """Nothing in the plan tells of it: what is measured before a database restarts does."""
    lab.shell("member-c", DROP % (B, 4444))
    try:
        run = refused(CHECKED, ["port.reachable (member-c)"])
    finally:
        lab.shell("member-c", "nft delete table inet story")
    assert ("FAIL port.reachable on member-c\n  seen: member-b (%s) gets no answer on TCP 4444 (state transfer)\n"
            "  expected: every member lets every other one in\n"
            "  fix: %s. Where no rule there drops it, member-b does not let it out, or a firewall between them does not let it through\n"
            % (B, lab.let_in_or_prepared(B, "tcp", "4444"))) in run.output


def test_all_that_is_in_the_way_of_joining_is_told_at_once():
    """One hostname for two, another version of Galera, and no room for the data: none of it would show before a database has restarted."""
    galera = lab.shell("member-a", "dpkg-query -W -f '${Version}' galera-4")
    lab.shell("member-c", "hostname member-b; mount -t tmpfs -o size=100m tmpfs /var/lib/mysql; "
                          "sed '/^Package: galera-4$/,/^$/ s/^Version: .*/Version: 26.4.1/' /var/lib/dpkg/status > /run/status; "
                          "mount --bind /run/status /var/lib/dpkg/status")
    try:
        refused(lab.REFUSED, [
            "member-b and member-c have the same hostname member-b; every member needs its own",
            "the members have different versions of galera-4 (%s); install the same everywhere"
            % "; ".join(sorted(["26.4.1: member-c", galera + ": member-a, member-b"])),
            re.compile(r"member-c has room for 1\d\d MB of data, but joining needs \d+ MB; make room first")])
    finally:
        lab.shell("member-c", "umount /var/lib/mysql /var/lib/dpkg/status; hostname member-c")


def test_a_host_with_data_of_its_own():
    lab.sql("member-b", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")
    before = lab.state()
    refused(lab.REFUSED, [re.compile(r"member-b holds data \(shop: 1 tables, about [01] rows\) but the primary member-a, whose data all "
                                     r"members get, holds none; make it senhasegura_primary, or name it in senhasegura_overwrite_members")])
    assert lab.state() == before
    lab.sql("member-b", "DROP DATABASE shop")
