# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each requirement broken by itself: exactly its check tells, with its whole message."""

from __future__ import annotations

import pytest

from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms import galera, orbit
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks import CHECKS, IDS, run_checks, unknown_ids, worst
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_snapshot import moment
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from ansible_collections.senhasegura.cluster.tests.unit import probes as p


def mended(options, by_hand):
    """A remedy of which our playbook is the first."""
    return "ansible-playbook senhasegura.cluster.prepare_members -i hosts.yml %s; or by hand there: %s" % (options, by_hand)


HOSTS = "--limit n2 -e senhasegura_prepare_hosts=true"
DNS = mended("--limit n2 -e '{\"senhasegura_prepare_dns\": true, \"senhasegura_dns_servers\": [\"ADDRESS\"]}'",
             "correct the nameserver lines of /etc/resolv.conf (resolvectl dns where systemd-resolved writes it)")
NTP = "-e '{\"senhasegura_prepare_ntp\": true, \"senhasegura_ntp_servers\": [\"SERVER\"]}'"


def world(**n2):
    """Three members, the second one's host as given."""
    return {"n2": b.fresh("n2", **n2)}


def test_in_order():
    assert p.bad(p.facts()) == set()
    assert [check["id"] for check in run_checks(p.facts())] == list(IDS)
    found = {(check["id"], finding.status) for check in run_checks(p.facts()) for finding in check["findings"]}
    assert {status for _identity, status in found} == {"ok", "skipped", "unknown"}
    assert {identity for identity, status in found if status == "unknown"} == {"snapshot.taken"}


def test_ids_are_unique():
    assert len(set(IDS)) == len(CHECKS)


BROKEN = [
    (dict(observations=world(hostname="Debian")), "fail", "host.name_set", "its hostname is Debian", "a name of its own, not an installer's",
     mended("--limit n2 -e senhasegura_prepare_hostname=true", "hostnamectl set-hostname n2")),
    (dict(n2={"names": {"hostn1": ["10.0.0.11"], "hostn3": []}}), "warn", "host.name_resolves", "hostn3 is unknown",
     "every other member's hostname resolves to its address",
     mended(HOSTS, "printf '%s\\n' '10.0.0.13 hostn3' >> /etc/hosts, or entries in the DNS")),
    (dict(n2={"names": {"hostn1": None, "hostn3": ["127.0.1.1"]}}), "warn", "host.name_resolves",
     "hostn1 is not answered in time; hostn3 is 127.0.1.1", "every other member's hostname resolves to its address",
     mended(HOSTS, "printf '%s\\n' '10.0.0.11 hostn1' '10.0.0.13 hostn3' >> /etc/hosts, or entries in the DNS")),
    (dict(observations=world(addresses=["192.0.2.7"])), "fail", "host.address",
     "the declared address 10.0.0.12 is not on that host, which has 192.0.2.7", "the declared address on one of its interfaces",
     "correct senhasegura_address or ansible_host of n2"),
    (dict(n2={"dns": {}}), "fail", "host.dns", "/etc/resolv.conf names no server", "a DNS server that answers", DNS),
    (dict(n2={"dns": {"10.0.0.1": "answers", "10.0.0.2": "no answer"}}), "warn", "host.dns", "asked for n2, 10.0.0.2: no answer",
     "an answer from every DNS server", DNS),
    (dict(n2={"host": p.host("n2", time={"services": ["systemd-timesyncd"], "container": False, "synchronized": False,
                                         "tool": "timedatectl"})}), "fail", "clock.ntp",
     "systemd-timesyncd runs, and timedatectl says that the clock is not synchronized", "a clock that is synchronized by NTP",
     mended(NTP, "timedatectl show-timesync --all shows why")),
    (dict(n2={"host": p.host("n2", time={"services": [], "container": False, "synchronized": False, "tool": "timedatectl"})}), "fail",
     "clock.ntp", "no time service runs", "a clock that is synchronized by NTP",
     mended(NTP, "apt-get install chrony, and name your NTP servers in /etc/chrony/chrony.conf")),
    (dict(observations=world(packages={"mariadb-server": "11.4", "galera-4": "26.4"})), "fail", "version.same",
     "mariadb-server 11.4 (n1: 11.8, n3: 11.8)", "the same version of mariadb-server on every member",
     "apt-get update && apt-get install --allow-downgrades mariadb-server=11.8"),
    (dict(observations=world(free_bytes=200 * b.MB)), "fail", "disk.room", "room for 300 MB of data where MariaDB keeps them",
     "366 MB: the largest data of any donor, a tenth, and 256 MB for galera.cache and logs",
     "make room, or grow the file system: df -h /var/lib/mysql"),
    (dict(n2={"database": {"problem": "", "accounts": [], "buffer_pool": 7 * p.GB}}), "warn", "memory.buffer_pool",
     "innodb_buffer_pool_size is 7.0 GB, the memory 8.0 GB", "at most 75 % of the memory: 6.0 GB",
     "set innodb_buffer_pool_size = 6144M in a file of /etc/mysql/mariadb.conf.d (my_print_defaults --mysqld shows what counts)"),
    (dict(n2={"host": p.host("n2", apparmor=["/usr/sbin/mariadbd"], selinux="enforcing")}), "warn", "security.modules",
     "AppArmor enforces /usr/sbin/mariadbd and SELinux is enforcing", "nothing that may deny Galera its ports or its SST scripts",
     "aa-complain /usr/sbin/mariadbd; semanage permissive -a mysqld_t (journalctl -k -g DENIED shows what was denied)"),
    (dict(n2={"database": {"problem": "", "buffer_pool": 1, "accounts": [
        {"user": "", "host": "%", "open": True}, {"user": "root", "host": "localhost", "open": False}]}}), "fail", "account.anonymous",
     "anonymous users: ''@'%'", "no anonymous users", "mariadb -e \"DROP USER ''@'%'\""),
    (dict(observations={"n2": b.unreachable()}), "fail", "member.reachable", "it cannot be reached: no route to host",
     "an answer over SSH, as root or with become", "ansible n2 -i hosts.yml -m ansible.builtin.ping -b, and repair what it says"),
    (dict(gate={"taken": {"n1": "2023-11-14T22:00:00Z", "n3": "2023-11-14 23:10+01:00", "n2": "2023-11-13T22:00:00Z"},
                "max_age_hours": 24}), "fail", "snapshot.taken", "its snapshot of 2023-11-13T22:00:00Z is 24.2 h old",
     "a snapshot not older than 24 h", "take a snapshot of n2, and set senhasegura_snapshot_taken to its time, such as 2026-01-31T22:00:00Z"),
]


@pytest.mark.parametrize("given, status, identity, seen, expected, fix", BROKEN, ids=["%s-%d" % (one[2], n) for n, one in enumerate(BROKEN)])
def test_broken(given, status, identity, seen, expected, fix):
    facts = p.facts(**given)
    assert p.bad(facts) == {(identity, "n2", status)}
    assert p.one(facts, identity, "n2")[1:] == (status, seen, expected, fix, "")


def test_every_failure_has_its_remedy():
    for given, *_rest in BROKEN:
        for check in run_checks(p.facts(**given)):
            for finding in check["findings"]:
                assert finding.seen
                assert finding.status in ("ok", "unknown", "skipped") or (finding.expected and finding.fix)


@pytest.mark.parametrize("hostname, declared, written", [
    ("n1", "vault-1", True), ("vault-1", "vault-1", True), ("db1", "vault-1", False), ("db1", "n1", False)])
def test_a_name_that_prepare_members_does_not_write_is_mended_by_hand(hostname, declared, written):
    """It writes what is declared into /etc/hosts, and the names of the inventory, and not what a host calls itself."""
    hand = "printf '%%s\\n' '10.0.0.11 %s' '10.0.0.13 hostn3' >> /etc/hosts, or entries in the DNS" % hostname
    facts = p.facts(observations={"n1": b.fresh("n1", hostname=hostname)}, hostnames={"n1": declared, "n2": "n2", "n3": "hostn3"},
                    n2={"names": {hostname: [], "hostn3": []}})
    assert p.one(facts, "host.name_resolves", "n2").fix == (mended(HOSTS, hand) if written else hand)


def test_a_hostname_twice():
    facts = p.facts(observations=world(hostname="hostn1"))
    assert p.bad(facts) == {("host.name_unique", "n1", "fail"), ("host.name_unique", "n2", "fail")}
    assert p.one(facts, "host.name_unique", "n2").seen == "its hostname hostn1 is also that of n1"


def test_all_versions_are_different():
    facts = p.facts(b.declared(2), observations={"n2": b.fresh("n2", packages={"galera-4": "25"})})
    assert p.bad(facts) == {("version.same", "n1", "fail"), ("version.same", "n2", "fail")}
    assert p.one(facts, "version.same", "n2").fix == "apt-get update && apt-get install --allow-downgrades galera-4"


def test_a_lease():
    host = p.host("n2", addresses=[{"address": "10.0.0.12", "dynamic": True, "interface": "ens3"}])
    assert p.bad(p.facts(n2={"host": host})) == {("host.address_static", "n2", "fail")}


def test_a_container_has_its_host_s_clock():
    time = {"services": [], "container": True, "synchronized": False, "tool": "timedatectl"}
    assert p.one(p.facts(n2={"host": p.host("n2", time=time)}), "clock.ntp", "n2").status == "unknown"
    time = dict(time, synchronized=None, tool="")
    assert p.one(p.facts(n2={"host": p.host("n2", time=time)}), "clock.ntp", "n2").seen == "neither chronyc nor timedatectl answers"


def test_a_buffer_pool_larger_than_the_memory():
    facts = p.facts(n2={"database": {"problem": "", "accounts": [], "buffer_pool": 9 * p.GB}})
    assert p.bad(facts) == {("memory.buffer_pool", "n2", "fail")}


def test_tools_are_missing():
    host = p.host("n2", tools={"rsync": "", "socat": "", "mariadb-backup": "/usr/bin/mariadb-backup"})
    assert p.one(p.facts(n2={"host": host}), "tool.sst", "n2").seen == "it has no rsync, socat that can be run"
    only = p.facts(b.declared(3, sst_method="rsync"), n2={"host": p.host("n2", tools={"rsync": "/usr/bin/rsync"})})
    assert p.one(only, "tool.sst", "n2").status == "ok"


def test_a_bare_host_is_in_order():
    facts = p.facts(observations={"n2": b.absent("n2")}, n2={"host": p.host("n2", tools={}), "database": {
        "problem": "", "accounts": [], "buffer_pool": 0}})
    assert p.bad(facts) == set()


def test_a_database_that_does_not_answer():
    facts = p.facts(n2={"database": {"problem": "the database does not answer", "accounts": [], "buffer_pool": 1}})
    assert p.bad(facts) == set()
    assert p.one(facts, "account.root_password", "n2").status == "unknown"


def test_a_probe_that_failed():
    facts = p.facts()
    facts.probes["n2"].clear()
    facts.probes["n2"]["unknown"] = "it could not be probed: no python"
    assert p.bad(facts) == {("member.reachable", "n2", "fail")}


# -- data -----------------------------------------------------------------------------------------------------------------


def test_a_joiner_with_data():
    facts = p.facts(observations={"n2": b.fresh("n2", dict(b.SHOP, updated="2026-01-01 10:00:00"))})
    found = p.one(facts, "data.loss", "n2")
    assert p.bad(facts) == {("data.loss", "n2", "fail")}
    assert found.seen == "shop: 3 tables, about 120 rows, 4 MB, last written 2026-01-01 10:00:00"
    assert "senhasegura_overwrite_members: [n2]" in found.fix


def test_a_joiner_with_data_that_is_named():
    facts = p.facts(b.declared(3, overwrite_members=["n2"]), observations={"n2": b.fresh("n2", b.SHOP)})
    assert p.bad(facts) == {("data.loss", "n2", "warn")}


def test_a_joiner_with_data_beside_a_living_cluster():
    declaration = b.declared(3)
    facts = p.facts(declaration, b.living(declaration, n2=b.fresh("n2", b.SHOP)))
    assert ("data.loss", "n2", "fail") in p.bad(facts)


def test_the_primary_s_data_are_nobody_s_loss():
    facts = p.facts(observations={"n1": b.fresh("n1", b.SHOP)})
    assert p.bad(facts) == set()
    assert p.one(facts, "data.loss", "n1").seen == "keeps shop: 3 tables, about 120 rows, 4 MB, last write unknown"


# -- snapshots, waivers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken, seen", [
    (None, "no senhasegura_snapshot_taken is set for it"), ("", "no senhasegura_snapshot_taken is set for it"),
    ("yesterday", "senhasegura_snapshot_taken is 'yesterday', which is no ISO 8601 time"),
    ("2023-11-15T00:13:20Z", "senhasegura_snapshot_taken is 2023-11-15T00:13:20Z, 2.0 h in the future")])
def test_snapshots_that_do_not_count(taken, seen):
    facts = p.facts(b.declared(1), gate={"taken": {"n1": taken}, "max_age_hours": 1})
    assert p.one(facts, "snapshot.taken", "n1").seen == seen


@pytest.mark.parametrize("text, seconds", [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01 01:00:00+01:00", 0), ("1970-01-01T00:00-0130", 5400), ("2024-02-29T00:00", 1709164800),
    ("2023-02-29T00:00", None), ("2023-13-01T00:00", None), ("2023-01-01", None), ("", None), ("2023-11-14 22:13:20.5", 1700000000)])
def test_moments(text, seconds):
    assert moment(text) == seconds


def test_a_failure_as_a_warning():
    facts = p.facts(n2={"dns": {}})
    for how, why in (({"as_warnings": ["host.dns"]}, "senhasegura_checks_as_warnings"), ({"waivers": ["host.dns"]}, "senhasegura_waivers")):
        assert p.bad(facts, **how) == {("host.dns", "n2", "warn")}
        found = next(check for check in run_checks(facts, **how) if check["id"] == "host.dns")
        assert {finding.lowered for finding in found["findings"]} == {"", why}


def test_what_create_cluster_repairs_may_warn():
    declaration = b.declared(3)
    facts = p.facts(declaration, b.living(declaration, n2=b.down("n2", settings=b.settings_as(declaration, "n2"))))
    assert ("cluster.component", "", "fail") in p.bad(facts)
    assert p.bad(facts, repairable="warn") == {("cluster.component", "", "warn"), ("quorum.now", "", "warn")}


def test_an_id_that_is_none():
    assert unknown_ids(["host.dns"]) == []
    assert unknown_ids(["host.dsn"]) == ["host.dsn is no check; the checks are %s" % ", ".join(IDS)]


def test_the_worst_counts():
    assert worst([]) == "skipped"
    assert worst(p.findings(p.facts(n2={"dns": {}}), "host.dns")) == "fail"


ACCOUNT = {"name": "mt4adm", "password": "set", "changed": "11/01/2026"}


@pytest.mark.parametrize("account, status, seen", [
    (None, "skipped", "no appliance"),
    (ACCOUNT, "unknown", "mt4adm has a password, set on 11/01/2026; whether it is the one of the delivery cannot be known without "
                         "trying it"),
    (dict(ACCOUNT, password="none"), "fail", "mt4adm needs no password"),
    (dict(ACCOUNT, password="locked"), "ok", "mt4adm cannot log in with a password"),
    (dict(ACCOUNT, password=""), "ok", "there is no account mt4adm")])
def test_the_account_of_the_delivery(account, status, seen):
    found = p.one(p.facts(n2={"default_account": account}), "account.default", "n2")
    assert (found.status, found.seen) == (status, seen)


@pytest.mark.parametrize("checked, status, seen", [
    (None, "skipped", "it has no such command"),
    ({"command": "orbit cluster net-check", "passed": True, "text": ""}, "ok", "orbit cluster net-check reports no error"),
    ({"command": "orbit cluster net-check", "passed": False, "text": "Error:\n no route"}, "fail",
     "orbit cluster net-check: Error: no route")])
def test_the_appliance_s_own_test_of_the_network(checked, status, seen):
    found = p.one(p.facts(n2={"net_check": checked}), "link.net_check", "n2")
    assert (found.status, found.seen) == (status, seen)


@pytest.mark.parametrize("backup, before, status, seen", [
    (None, False, "fail", "there is no whole backup of it"),
    (None, True, "warn", "there is no whole backup of it"),
    ({"path": "/b/1", "bytes": 1024**2, "taken": p.NOW - 25 * 3600}, False, "fail", "its backup /b/1 is 25.0 h old"),
    ({"path": "/b/1", "bytes": 1024**2, "taken": p.NOW - 2 * 3600}, False, "ok", "/b/1 (1 MB), 2.0 h old")])
def test_backups_of_those_who_have_data(backup, before, status, seen):
    data = b.fresh("n2")
    data["observed"]["data"]["schemas"] = [{"name": "shop", "tables": 1, "rows": 1, "bytes": 1, "updated": ""}]
    given = p.facts(observations={"n2": data}, gate={"backup_hours": 24, "keeping": keeping(backup=before)}, n2={"backup": backup})
    found = p.one(given, "backup.recent", "n2")
    assert (found.status, found.seen) == (status, seen)
    assert before == (found.fix == "nothing: senhasegura_backup_before takes one before anything changes")
    assert p.one(given, "backup.recent", "n1").seen == "it has no data"


@pytest.mark.parametrize("directory, options", [
    ("", ""), ("/mnt/backups", " -a '{\"directory\": \"/mnt/backups\"}'"), ("/mnt/a b", " -a '{\"directory\": \"/mnt/a b\"}'")])
def test_a_backup_is_made_where_it_is_looked_for(directory, options):
    given = p.facts(observations={"n2": b.fresh("n2", b.SHOP)}, gate={"backup_hours": 24, "directories": {"n1": "/n1", "n2": directory}})
    assert p.one(given, "backup.recent", "n2").fix == ("ansible n2 -i hosts.yml -m senhasegura.cluster.cluster_backup%s, or run "
                                                       "create_cluster with senhasegura_backup_before: true" % options)


def keeping(**n2):
    """What is kept before anything changes: nothing, but for n2."""
    return {name: dict({"backup": False, "snapshot": False}, **(n2 if name == "n2" else {})) for name in ("n1", "n2", "n3")}


def test_a_snapshot_that_a_task_file_takes_first_only_warns():
    given = p.facts(gate={"max_age_hours": 24, "keeping": keeping(snapshot=True)})
    assert p.bad(given) == {("snapshot.taken", "n1", "fail"), ("snapshot.taken", "n2", "warn"), ("snapshot.taken", "n3", "fail")}
    assert p.one(given, "snapshot.taken", "n2")[2:5] == (
        "no senhasegura_snapshot_taken is set for it", "a snapshot not older than 24 h",
        "nothing: senhasegura_snapshot_tasks takes one before anything changes")


def test_without_an_age_it_is_said_that_nothing_is_looked_for():
    assert p.one(p.facts(), "snapshot.taken", "n1")[1:3] == (
        "unknown", "no snapshot is looked for, since no senhasegura_snapshot_max_age is declared")
    given = {"observations": {"n2": b.fresh("n2", b.SHOP)}}
    assert p.one(p.facts(**given), "backup.recent", "n1")[1:3] == ("skipped", "it has no data")
    found = p.one(p.facts(**given), "backup.recent", "n2")
    assert (found.status, found.seen, found.fix) == (
        "unknown", "no backup is looked for, since no senhasegura_backup_max_age is declared",
        "set senhasegura_backup_max_age to the hours that it may be old, or senhasegura_backup_before to true; or answer for doing without: "
        "senhasegura_waivers: [backup.recent]")
    for identity, kept in (("snapshot.taken", keeping(snapshot=True)), ("backup.recent", keeping(backup=True))):
        assert p.one(p.facts(gate={"keeping": kept}, **given), identity, "n2").status == "skipped"


def test_a_member_alone_has_nobody_to_compare_with():
    alone = p.facts(b.declared(1))
    assert {p.one(alone, identity, "n1").status for identity in ("clock.skew", "port.reachable", "port.udp", "link.latency", "link.loss",
                                                                 "link.segments")} == {"skipped"}


@pytest.mark.parametrize("admitted, serves, status, seen", [
    (None, False, "skipped", "it has no allow list"),
    (["10.0.0.11", "10.0.0.13"], False, "ok", "its allow list names every other one"),
    (["10.0.0.13"], False, "warn", "its allow list lacks 10.0.0.11"),
    (["10.0.0.11", "10.0.0.7", "10.0.0.13", "10.0.0.12"], False, "ok",
     "its allow list names every other one; it also names 10.0.0.7, neither a member nor the arbitrator"),
    (["10.0.0.99", "10.0.0.7", "10.0.0.8"], True, "fail", "its allow list lacks 10.0.0.11, 10.0.0.13; it also names 10.0.0.99, 10.0.0.7, "
     "10.0.0.8, neither a member nor the arbitrator"),
    ([], True, "fail", "its allow list lacks 10.0.0.11, 10.0.0.13")])
def test_the_allow_list(admitted, serves, status, seen):
    one = b.serving("n2", ["n1", "n2", "n3"]) if serves else b.fresh("n2")
    one["observed"]["admitted"] = admitted
    found = p.one(p.facts(observations={"n2": one}), "port.admitted", "n2")
    assert (found.status, found.seen) == (status, seen)


def test_the_arbitrator_is_no_stranger_on_the_allow_list():
    one = b.fresh("n2")
    one["observed"]["admitted"] = ["10.0.0.11", "10.0.0.99"]
    facts = p.facts(b.declared(2, arbitrator="10.0.0.99"), observations={"n2": one})
    assert p.one(facts, "port.admitted", "n2").seen == "its allow list names every other one"


def test_commands_are_for_this_run_s_inventory():
    facts = p.facts(observations={"n2": b.unreachable()}, inventory=["/srv/my hosts.yml", "more.yml"])
    assert p.one(facts, "member.reachable", "n2").fix == (
        "ansible n2 -i '/srv/my hosts.yml' -i more.yml -m ansible.builtin.ping -b, and repair what it says")


def test_every_platform_has_a_remedy_for_everything():
    assert set(galera._REMEDIES) == set(orbit._REMEDIES)
    assert set(galera._CAPABILITIES["prepares"]) <= set(galera._REMEDIES) and set(orbit._PREPARES) <= set(galera._REMEDIES)
    for what, text in galera._REMEDIES.items():
        assert text.format("1", "2", "3", "4") and orbit._REMEDIES[what].format("1", "2", "3", "4")


def test_an_appliance_s_remedies_are_its_own_commands():
    appliance = b.fresh("n2", hostname="senhasegura", packages={"mariadb-server": "11.4", "galera-4": "26.4"})
    appliance["observed"]["capabilities"] = dict(appliance["observed"]["capabilities"], remedies=orbit._REMEDIES, prepares=orbit._PREPARES)
    host = p.host("n2", addresses=[{"address": "10.0.0.12", "dynamic": True, "interface": "ens3"}])
    filtered = {"links": {b.address("n2"): p.link(tcp={"4567": "filtered"})}}
    facts = p.facts(observations={"n2": appliance}, n1=filtered, n2={"dns": {}, "host": host})
    assert p.findings(facts, "port.reachable")[1].fix.split(". Where")[0] == (
        "orbit wazuh whitelist add --ips=10.0.0.11, and the appliance's own firewall must let 10.0.0.11 in on tcp 4567 (orbit firewall "
        "--help); or, where only its allow list lacks it: ansible-playbook senhasegura.cluster.prepare_members -i hosts.yml "
        "-e senhasegura_prepare_firewall=true")
    assert p.one(facts, "host.address_static", "n2").fix == (
        "orbit network --interface=ens3 --address=10.0.0.12 --netmask=NETMASK --gateway=GATEWAY, or, if the lease is reserved for good, set "
        "senhasegura_checks_as_warnings: [host.address_static]")
    assert p.one(facts, "host.name_set", "n2").fix == mended("--limit n2 -e senhasegura_prepare_hostname=true", "orbit hostname n2")
    assert p.one(facts, "host.dns", "n2").fix == DNS.split("correct")[0] + (
        "orbit dns --show tells its servers, orbit dns --servers=YOUR,SERVERS sets others")
    assert p.one(facts, "version.same", "n2").fix == (
        "bring all appliances to the same release (orbit version tells which; orbit upgrade --help): mariadb-server=11.8")


def test_profiles_that_cannot_be_read():
    found = p.one(p.facts(n2={"host": p.host("n2", apparmor=None)}), "security.modules", "n2")
    assert (found.status, found.seen) == ("unknown", "AppArmor is on, and its list of profiles cannot be read from there")
    found = p.one(p.facts(n2={"host": p.host("n2", apparmor=None, selinux="enforcing")}), "security.modules", "n2")
    assert (found.status, found.seen) == ("warn", "SELinux is enforcing")


def test_a_stopped_database_tells_no_rows():
    stopped = dict(b.SHOP, rows=None, updated="2026-01-01 10:00:00")
    facts = p.facts(observations={"n2": b.fresh("n2", stopped)})
    assert p.one(facts, "data.loss", "n2").seen == "shop: 3 tables, rows unknown, 4 MB, last written 2026-01-01 10:00:00"
    assert "shop: 3 tables, rows unknown" in facts.plan["refusals"][0]


def test_the_ports_of_appliances():
    appliance = b.fresh("n2")
    appliance["observed"]["capabilities"] = dict(appliance["observed"]["capabilities"], ports=[443, 9300])
    tcp = dict(p.link()["tcp"], **{"443": "open", "9300": "filtered"})
    given = p.facts(observations={"n2": appliance}, n1={"links": {b.address("n2"): p.link(tcp=tcp)}})
    assert p.one(given, "port.appliance", "n1").seen == "no appliance"
    found = p.one(given, "port.appliance", "n2")
    assert (found.status, found.seen) == ("fail", "n1 (%s) gets no answer on TCP 9300 (logs)" % b.address("n1"))
    assert p.one(given, "port.reachable", "n2").status == "ok"
