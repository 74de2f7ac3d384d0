"""Every requirement broken on real hosts, one at a time: exactly that check fails, with its whole message, on the right member.

Every run is also a run that writes nothing on any host, leaves no listener, and writes a report that fits its schema.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from xml.etree import ElementTree

import jsonschema
import lab
import pytest
import yaml
from faults import distant, held_start

A, B, C = lab.addresses().values()
NAMES = list(lab.addresses())
SCHEMA = json.loads((lab.ROOT / "docs/check-report.schema.json").read_text(encoding="utf-8"))


class Check:
    """A finished run of check_cluster: exit status, output, report.

    :param before: what :func:`trees` must tell when it has ended; by default what it told when it began.
    """

    def __init__(self, folder, *arguments, hosts=lab.INVENTORY, before=None):
        before = before or trees()
        run = lab.play("-e", "senhasegura_report_dir=%s" % folder, *arguments, hosts=hosts, timeout=240,
                       playbook="senhasegura.cluster.check_cluster")
        self.rc, self.output = run.rc, run.output
        lab.wait_for(lambda: not any(lab.shell(name, "ss -Hlx | grep senhasegura-check", check=False) for name in NAMES))
        assert trees() == before
        assert run.changed() == []
        self.report = json.loads((folder / "check-report.json").read_text(encoding="utf-8"))
        jsonschema.validate(self.report, SCHEMA)
        self._compare_junit(ElementTree.parse(folder / "check-report.xml").getroot())
        assert (self.rc == 0) == self.report["passed"] == (self.report["summary"]["fail"] == 0)

    def _compare_junit(self, root):
        cases = [(case.get("classname"), case.get("name"), "fail" if case.find("failure") is not None else
                  "skipped" if case.find("skipped") is not None else "") for case in root.iter("testcase")]
        assert cases == [(identity, member or "cluster", {"fail": "fail", "unknown": "skipped", "skipped": "skipped"}.get(status, ""))
                         for identity, member, status in self.findings()]

    def findings(self):
        """(id, member, status) of every finding."""
        return [(check["id"], finding["member"], finding["status"]) for check in self.report["checks"] for finding in check["findings"]]

    def bad(self):
        """Those that fail or warn."""
        return {one for one in self.findings() if one[2] in ("fail", "warn")}

    def of(self, status):
        """The ids of checks of which a finding has a status."""
        return {one[0] for one in self.findings() if one[2] == status}

    def seen(self, identity, member):
        """What a check saw of a member."""
        return [finding["seen"] for check in self.report["checks"] if check["id"] == identity for finding in check["findings"]
                if finding["member"] == member]

    def ports(self, *states):
        """Those of the matrix of all pairs that are in one of these states: (from, to, protocol, port)."""
        return {(one["from"], one["to"], one["protocol"], one["port"]) for one in self.report["ports"] if one["state"] in states}


def trees():
    """The files of every host, what listens there, and what its database holds."""
    with ThreadPoolExecutor(len(NAMES)) as pool:
        return dict(zip(NAMES, pool.map(_tree, NAMES)))


def _tree(name):
    lab.shell(name, "mariadb --execute 'SET SESSION wsrep_sync_wait=15; SHOW DATABASES'", check=False)  # what another one wrote has arrived
    return lab.tree(name), lab.shell(name, "ss -Hlntu | grep -E ':(4444|4567|4568) '; ss -Hlx | grep senhasegura-check; " + TABLES, check=False)


TABLES = """mariadb --batch --skip-column-names --execute "
SHOW DATABASES; SELECT * FROM mysql.global_priv ORDER BY Host, User; SELECT @@wsrep_provider_options;
SET @names = (SELECT GROUP_CONCAT(CONCAT(CHAR(96), table_schema, CHAR(96, 46, 96), table_name, CHAR(96)) ORDER BY 1)
  FROM information_schema.tables WHERE table_type = 'BASE TABLE'
  AND table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys'));
SET @query = IF(@names IS NULL, 'SELECT 0', CONCAT('CHECKSUM TABLE ', @names));
PREPARE checksums FROM @query; EXECUTE checksums" 2>&1"""
"""What a database holds: schemas, accounts, the options that Galera runs with, the checksums of all tables."""


def told(status, identity, member, seen, expected, fix=None):
    """A finding as the terminal shows it.

    :param fix: None where another test looks at it.
    """
    return "\n%s %s %s\n  seen: %s\n  expected: %s\n" % (
        status.upper(), identity, "on " + member if member else "of the cluster", seen, expected) + ("" if fix is None else "  fix: %s\n" % fix)


@pytest.fixture(autouse=True, scope="module")
def _names():
    """Every host knows every other one by name, in a file of its own: one that podman mounts cannot be replaced, as a playbook does."""
    for name in NAMES:
        lab.shell(name, "if mountpoint -q /etc/hosts; then cp /etc/hosts /run/hosts && umount /etc/hosts && cp /run/hosts /etc/hosts; fi")
        lab.shell(name, "printf '%s\\n' " + " ".join("'%s %s'" % item[::-1] for item in lab.addresses().items()) + " >> /etc/hosts")


def test_nothing_is_broken(tmp_path):
    run = Check(tmp_path)
    assert (run.rc, run.bad()) == (0, set())
    unreadable = lab.shell("member-a", "test -s /sys/kernel/security/apparmor/profiles || grep -s Y /sys/module/apparmor/parameters/enabled",
                           check=False)
    assert run.of("unknown") == {"clock.ntp", "snapshot.taken"} | ({"security.modules"} if unreadable else set())
    assert run.of("skipped") == {"port.appliance", "port.admitted", "port.arbitrator", "port.from_arbitrator", "link.net_check",
                                 "account.default", "backup.recent", "cluster.component", "data.canary", "data.equal", "cluster.drift"}
    assert "\nSkipped, as not asked for or not applying: port.appliance, port.admitted, " in run.output
    assert ("\nUNKNOWN snapshot.taken on member-a, member-b, member-c\n"
            "  seen: no snapshot is looked for, since no senhasegura_snapshot_max_age is declared\n"
            "  fix: set senhasegura_snapshot_max_age to the hours that it may be old, or senhasegura_snapshot_tasks to a file of tasks that "
            "take one; or answer for doing without: senhasegura_waivers: [snapshot.taken]\n") in run.output
    waived = Check(tmp_path, "-e", '{"senhasegura_waivers": ["snapshot.taken"]}')
    assert "UNKNOWN snapshot.taken" not in waived.output and "\nWaived: snapshot.taken.\n" in waived.output
    assert run.seen("port.reachable", "member-b") == ["reachable 4444, reachable 4567, reachable 4568"]
    assert run.seen("port.udp", "member-b") == ["reachable 4567"]
    assert run.seen("quorum.now", "") == ["no cluster serves; declared are 3 votes: member-a 1, member-b 1, member-c 1; next, member-a is the "
                                          "first: 1 of 3 votes"]
    assert "\ncheck                  member-a  member-b  member-c  cluster\nmember.reachable       ok        ok        ok        -\n" in run.output


NFT = "nft add table inet story; nft add chain inet story in '{ type filter hook input priority 0; }'; nft add rule inet story in "
NO_NFT = "nft delete table inet story"


def rule(*where):
    """What mends a firewall, as it is printed."""
    return lab.let_in_or_prepared(*where) + (
        ". Where no rule there drops it, member-b does not let it out, or a firewall between them does not let it through")


HOSTNAME = lab.prepared("--limit member-c -e senhasegura_prepare_hostname=true", "hostnamectl set-hostname member-c")
LETS_IN = "every member lets every other one in"
DNS = lab.prepared("--limit member-c -e '{\"senhasegura_prepare_dns\": true, \"senhasegura_dns_servers\": [\"ADDRESS\"]}'",
                   "correct the nameserver lines of /etc/resolv.conf (resolvectl dns where systemd-resolved writes it)")
BUFFER_POOL = ("at most 75 % of the memory: {most}",
               "set innodb_buffer_pool_size = {most_mb}M in a file of /etc/mysql/mariadb.conf.d (my_print_defaults --mysqld shows what counts)")

BREAKS = {
    "hostname of an installer": (
        "hostname localhost", "hostname member-c", "fail", "host.name_set", "its hostname is localhost",
        "a name of its own, not an installer's", HOSTNAME),
    "name not resolved": (
        "cp /etc/hosts /run/hosts; grep -v 'member-b$' /run/hosts > /etc/hosts", "cat /run/hosts > /etc/hosts", "warn", "host.name_resolves",
        "member-b is unknown", "every other member's hostname resolves to its address",
        lab.prepared("--limit member-c -e senhasegura_prepare_hosts=true",
                     "printf '%%s\\n' '%s member-b' >> /etc/hosts, or entries in the DNS" % B)),
    "address with a lease": (
        "ip address change %s/24 dev eth0 valid_lft 3600 preferred_lft 3600" % C,
        "ip address change %s/24 dev eth0 valid_lft forever preferred_lft forever" % C, "fail", "host.address_static",
        "its address %s on eth0 has a lease (dynamic), so it may be another one tomorrow" % C, "a static address",
        "write it into the network configuration of eth0 (iface eth0 inet static), or, if the lease is reserved for good, set "
        "senhasegura_checks_as_warnings: [host.address_static]"),
    "name server that does not answer": (
        "cp /etc/resolv.conf /run/resolv.conf; echo nameserver %s > /etc/resolv.conf" % C, "cat /run/resolv.conf > /etc/resolv.conf",
        "fail", "host.dns", "asked for member-c, %s: connection refused" % C, "an answer from every DNS server", DNS),
    "one of the name servers that does not answer": (
        "cp /etc/resolv.conf /run/resolv.conf; echo nameserver %s >> /etc/resolv.conf" % C, "cat /run/resolv.conf > /etc/resolv.conf",
        "warn", "host.dns", "asked for member-c, %s: connection refused" % C, "an answer from every DNS server", DNS),
    "TCP filtered": (
        NFT + "ip saddr %s tcp dport { 4444, 4567, 4568 } drop" % B, NO_NFT, "fail", "port.reachable",
        "member-b (%s) gets no answer on TCP 4444 (state transfer), 4567 (group communication), 4568 (incremental state transfer)" % B,
        LETS_IN, rule(B, "tcp", "4444, 4567, 4568")),
    "TCP rejected": (
        NFT + "ip saddr %s tcp dport { 4444, 4568 } reject with tcp reset" % B, NO_NFT, "fail", "port.reachable",
        "member-b (%s) is refused, though a listener was there, on TCP 4444 (state transfer), 4568 (incremental state transfer)" % B,
        LETS_IN, rule(B, "tcp", "4444, 4568")),
    "UDP filtered": (
        NFT + "ip saddr %s udp dport 4567 drop" % B, NO_NFT, "warn", "port.udp",
        "member-b (%s) gets no answer on UDP 4567 (group communication)" % B, LETS_IN, rule(B, "udp", "4567")),
    "another version": (
        "cp /var/lib/dpkg/status /run/status; sed -i '/^Package: galera-4$/,/^$/s/^Version: .*/Version: 26.4.1/' /var/lib/dpkg/status",
        "cp /run/status /var/lib/dpkg/status", "fail", "version.same", "galera-4 26.4.1 (member-a: {galera}, member-b: {galera})",
        "the same version of galera-4 on every member", "apt-get update && apt-get install --allow-downgrades galera-4={galera}"),
    "no room": (
        "mount -t tmpfs -o size=100m tmpfs /var/lib/mysql", "umount /var/lib/mysql", "fail", "disk.room",
        "room for 100 MB of data where MariaDB keeps them",
        "{needed}: the largest data of any donor, a tenth, and 256 MB for galera.cache and logs",
        "make room, or grow the file system: df -h /var/lib/mysql"),
    "a buffer pool larger than the memory": (
        "printf '[mysqld]\\ninnodb_buffer_pool_size = 900G\\n' > /etc/mysql/mariadb.conf.d/99-story.cnf",
        "rm /etc/mysql/mariadb.conf.d/99-story.cnf", "fail", "memory.buffer_pool",
        "innodb_buffer_pool_size is 900.0 GB, the memory {memory}", *BUFFER_POOL),
    "a buffer pool of nearly all the memory": (
        "printf '[mysqld]\\ninnodb_buffer_pool_size = %s\\n' $(($(awk '/^MemTotal/ {print $2}' /proc/meminfo) * 900)) "
        "> /etc/mysql/mariadb.conf.d/99-story.cnf", "rm /etc/mysql/mariadb.conf.d/99-story.cnf", "warn", "memory.buffer_pool",
        "innodb_buffer_pool_size is {pool}, the memory {memory}", *BUFFER_POOL),
    "no socat": (
        "chmod -x /usr/bin/socat", "chmod +x /usr/bin/socat", "warn", "tool.sst", "it has no socat that can be run",
        "what a state transfer (SST) needs: rsync, mariadb-backup, socat", "apt-get install --reinstall socat"),
    "an enforced AppArmor profile": (
        "mount -t tmpfs tmpfs /sys/kernel/security; mkdir /sys/kernel/security/apparmor; "
        "printf '/usr/sbin/mariadbd (enforce)\\nman_groff (enforce)\\n' > /sys/kernel/security/apparmor/profiles",
        "umount /sys/kernel/security", "warn", "security.modules", "AppArmor enforces /usr/sbin/mariadbd",
        "nothing that may deny Galera its ports or its SST scripts",
        "aa-complain /usr/sbin/mariadbd (journalctl -k -g DENIED shows what was denied)"),
    "root without a password": (
        "mariadb -e \"CREATE USER root@'%'\"", "mariadb -e \"DROP USER root@'%'\"", "fail", "account.root_password",
        "root needs no password: 'root'@'%'", "root does not log in without a password",
        "mariadb -e \"ALTER USER 'root'@'%' IDENTIFIED BY 'A PASSWORD OF YOURS'\""),
    "an anonymous user": (
        "mariadb -e \"CREATE USER ''@'localhost'\"", "mariadb -e \"DROP USER ''@'localhost'\"", "fail", "account.anonymous",
        "anonymous users: ''@'localhost'", "no anonymous users", "mariadb -e \"DROP USER ''@'localhost'\""),
}


@lru_cache
def facts_of_the_hosts():
    """What differs from machine to machine in the messages."""
    memory = int(lab.shell("member-c", "awk '/^MemTotal/ {print $2}' /proc/meminfo")) * 1024
    data = int(lab.shell("member-a", "find /var/lib/mysql -type f ! -name galera.cache ! -name gvwstate.dat ! -name grastate.dat "
                                     "-printf '%s\\n' | awk '{s += $1} END {print s}'"))
    return {"{memory}": "%.1f GB" % (memory / 2**30), "{pool}": "%.1f GB" % (memory // 1024 * 900 / 2**30),
            "{most}": "%.1f GB" % (memory * 0.75 / 2**30), "{most_mb}": str(int(memory * 0.75) // 2**20),
            "{needed}": "%.0f MB" % (int(data * 1.1 + 256 * 2**20) / 2**20),
            "{galera}": lab.shell("member-a", "dpkg-query -W -f '${Version}' galera-4")}


MENDED_BY = {"hostname of an installer": ("playbook", "hand"), "name not resolved": ("playbook", "hand"), "TCP filtered": ("hand",)}
"""Which ways of a printed fix are gone here: our own table is none where another one drops."""


def assert_the_fix_mends_it(name, run, identity, folder):
    """What is printed, typed as it is, is all that must be done."""
    spoil, mend = BREAKS[name][:2]
    fix = next(line for line in run.output.split(" %s on member-c\n" % identity, 1)[1].splitlines() if line.startswith("  fix: "))[7:]
    playbook, _between, by_hand = fix.rpartition("; or by hand there: ")
    by_hand = re.split(r" \(before every|, or entries", by_hand)[0]
    for way in MENDED_BY[name]:
        lab.shell("member-c", spoil)
        try:
            if way == "playbook":
                subprocess.run(["bash", "-c", playbook], env=lab.environment(), check=True, timeout=300)
            else:
                lab.shell("member-c", by_hand)
            mended = Check(folder)
        finally:
            lab.shell("member-c", mend)
        assert (identity, "member-c", "ok") in mended.findings() and mended.bad() == set(), way


@pytest.mark.parametrize("name", BREAKS)
def test_broken_on_member_c(tmp_path, name):
    spoil, mend, status, identity, *words = BREAKS[name]
    lab.shell("member-c", spoil)
    try:
        run = Check(tmp_path)
    finally:
        lab.shell("member-c", mend)
    for mark, value in facts_of_the_hosts().items() if any("{" in one for one in words) else ():
        words = [one.replace(mark, value) for one in words]
    assert run.bad() == {(identity, "member-c", status)}
    assert told(status, identity, "member-c", *words) in run.output
    assert (run.rc == 0) == (status == "warn")
    if name == "TCP filtered":
        assert run.ports("filtered") == {("member-b", "member-c", "tcp", port) for port in (4444, 4567, 4568)}
    if name in MENDED_BY:
        assert_the_fix_mends_it(name, run, identity, tmp_path)
    if status == "fail":
        assert ("[ERROR]: Task failed: Checks failed; nothing was changed. What was seen and how to fix it is above.\n- %s (member-c)\n"
                % identity) in run.output


def test_a_hostname_twice(tmp_path):
    lab.shell("member-c", "hostname member-b")
    try:
        run = Check(tmp_path)
    finally:
        lab.shell("member-c", "hostname member-c")
    assert run.bad() == {("host.name_unique", "member-b", "fail"), ("host.name_unique", "member-c", "fail")}
    assert told("fail", "host.name_unique", "member-c", "its hostname member-b is also that of member-b",
                "a hostname that no other member has", HOSTNAME) in run.output


def test_an_address_that_is_not_on_the_host(tmp_path):
    run = Check(tmp_path, hosts=lab.write_inventory(tmp_path / "hosts.yml", per_host={"member-c": {"senhasegura_address": "127.0.0.9"}}))
    assert run.bad() == {("host.address", "member-c", "fail")}
    has = lab.shell("member-c", "ip -json address | python3 -c 'import json, sys; print(\", \".join(a[\"local\"] for l in json.load(sys.stdin) "
                                "for a in l[\"addr_info\"] if a[\"scope\"] != \"host\"))'")
    assert told("fail", "host.address", "member-c", "the declared address 127.0.0.9 is not on that host, which has " + has,
                "the declared address on one of its interfaces", "correct senhasegura_address or ansible_host of member-c") in run.output


def test_a_clock_60_seconds_ahead(tmp_path):
    library = lab.shell("member-c", "find /usr/lib -name libfaketime.so.1 | head -1")
    lab.shell("member-c", "printf '#!/bin/sh\\nexport LD_PRELOAD=%s FAKETIME=+60s\\nexec /usr/bin/python3 \"$@\"\\n' > /tmp/python-ahead; "
                          "chmod 755 /tmp/python-ahead" % library)
    run = Check(tmp_path, hosts=lab.write_inventory(tmp_path / "hosts.yml", per_host={
        "member-c": {"ansible_python_interpreter": "/tmp/python-ahead"}}))
    assert run.bad() == {("clock.skew", "member-c", "fail")}
    assert told("fail", "clock.skew", "member-c", "its clock differs by 60 s from member-a's, 60 s from member-b's",
                "at most 2.0 s between any two members", "apt-get install chrony, and name your NTP servers in /etc/chrony/chrony.conf, until clock.ntp is ok; "
                "then chronyc makestep") in run.output


def test_a_time_service_without_a_server(tmp_path):
    """chronyd -x: it never touches the clock of the machine that these hosts share."""
    lab.shell("member-c", "export DEBIAN_FRONTEND=noninteractive; apt-get -o Acquire::Retries=3 update -qq && "
                          "apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends chrony && "
                          "systemctl stop chronyd && printf 'server %s\\n' > /etc/chrony/chrony.conf && "
                          "sed -i 's/^DAEMON_OPTS=.*/DAEMON_OPTS=\"-x -F 1\"/' /etc/default/chrony && systemctl start chrony" % A)
    try:
        run = Check(tmp_path)
    finally:
        lab.shell("member-c", "DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq chrony")
    assert run.bad() == {("clock.ntp", "member-c", "fail")}
    assert told("fail", "clock.ntp", "member-c", "chronyd runs, and chronyc says that the clock is not synchronized",
                "a clock that is synchronized by NTP",
                lab.prepared("-e '{\"senhasegura_prepare_ntp\": true, \"senhasegura_ntp_servers\": [\"SERVER\"]}'",
                             "chronyc -n sources shows why; name servers that answer in /etc/chrony/chrony.conf")) in run.output


def test_a_link_that_loses_every_fourth_datagram(tmp_path):
    lab.shell("member-c", NFT + "ip saddr %s udp dport 4567 numgen inc mod 4 0 drop" % B)
    try:
        run = Check(tmp_path)
    finally:
        lab.shell("member-c", NO_NFT)
    assert run.bad() == {("link.loss", "member-b", "warn")}
    assert told("warn", "link.loss", "member-b", "5 of 20 lost to member-c", "at most 5 % lost and 10 ms of jitter",
                "repair the link: on member-b, mtr --udp --port 4567 %s shows where it drops" % C) in run.output


NOT_LOW = ("at most 10 ms, since the latency profile low is declared", "declare senhasegura_latency: medium")
UNSUPPORTED = ("the vendor's limit: below 30 ms between any two members",
               "shorten the way between the two; until then declare senhasegura_latency: high")


@pytest.mark.parametrize("seconds, bounds, words", [(0.013, (13, 30), NOT_LOW), (0.045, (45, 1000), UNSUPPORTED)], ids=["not low", "unsupported"])
def test_two_members_far_from_each_other(tmp_path, seconds, bounds, words):
    """A slow link is not called skew, nor loss."""
    with distant("member-c", B, seconds):
        run = Check(tmp_path)
    assert run.bad() == {(identity, name, "warn") for identity in ("link.latency", "link.segments") for name in ("member-b", "member-c")}
    assert {("clock.skew", name, "ok") for name in NAMES} <= set(run.findings()) and run.rc == 0
    for name, other in (("member-b", "member-c"), ("member-c", "member-b")):
        seen = run.seen("link.latency", name)[0]
        took = re.fullmatch(r"(\d+\.\d) ms to " + other, seen)
        assert took and bounds[0] <= float(took[1]) < bounds[1], seen
        assert told("warn", "link.latency", name, seen, *words) in run.output
        assert told("warn", "link.segments", name, "it shares segment (blank) with %s, more than 10 ms away" % other,
                    "one segment for each data center", "give the data center of %s another senhasegura_segment (1 to 9) than that of %s, and "
                    "set senhasegura_different_datacenters: true" % (name, other)) in run.output


def test_a_profile_that_no_link_needs(tmp_path):
    run = Check(tmp_path, "-e", "senhasegura_latency=high")
    assert (run.rc, run.bad()) == (0, {("link.latency", name, "warn") for name in NAMES})
    for name in NAMES:
        seen = run.seen("link.latency", name)[0]
        assert re.fullmatch(r"\d\.\d ms to member-. at the most: low would do for every link, and takes a member for dead after 5 s, not 30 s", seen)
        assert "\n  seen: %s\n  expected: the profile that the slowest link needs\n  fix: declare senhasegura_latency: low\n" % seen in run.output


def test_an_arbitrator_that_one_member_does_not_reach(tmp_path):
    hosts = lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"], variables={"senhasegura_arbitrator": C})
    lab.shell("member-c", NFT + "ip saddr %s tcp dport 4567 drop" % B)
    try:
        run = Check(tmp_path, hosts=hosts)
    finally:
        lab.shell("member-c", NO_NFT)
    assert run.bad() == {("port.arbitrator", "member-b", "fail")}
    assert run.seen("port.arbitrator", "member-a") == ["closed but reachable: garbd does not listen there yet"]
    assert told("fail", "port.arbitrator", "member-b", "it gets no answer from the arbitrator %s on TCP 4567" % C,
                "every member reaches the arbitrator",
                "let member-b in on the arbitrator, a Debian host: " + lab.let_in(B, "tcp", "4567")) in run.output
    assert run.seen("port.from_arbitrator", "member-a") == ["the inventory has no host for the arbitrator"]


def arbitrated(folder):
    """An inventory in which member-c is the arbitrator's host."""
    hosts = folder / "hosts.yml"
    data = yaml.safe_load(lab.write_inventory(hosts, members=["member-a", "member-b"]).read_text(encoding="utf-8"))
    data["senhasegura_arbitrator"] = {"hosts": {"arbiter": {"ansible_host": C}}, "vars": data["senhasegura"]["vars"]}
    hosts.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return hosts


def test_create_cluster_tries_the_arbitrator_before_its_first_change(tmp_path):
    before = trees()
    lab.shell("member-b", NFT + "ip saddr %s tcp dport 4567 drop" % C)
    try:
        run = lab.play(*lab.YES, hosts=arbitrated(tmp_path))
    finally:
        lab.shell("member-b", NO_NFT)
    assert "and how to fix it is above.\n- port.from_arbitrator (member-b)\n" in run.output and run.rc != 0
    assert "FAIL port.from_arbitrator on member-b\n" in run.output and "port.from_arbitrator on member-a" not in run.output
    # The brief form tells what is unknown, and what to do about it.
    assert "\nUNKNOWN snapshot.taken on member-a, member-b\n  seen: no snapshot is looked for" in run.output
    assert "\ncheck   " not in run.output and trees() == before


def test_a_member_that_does_not_let_the_arbitrator_in(tmp_path):
    """Its host is in the inventory, so that it tries the members; on member-b its TCP is dropped, on member-a its UDP."""
    hosts = arbitrated(tmp_path)
    lab.shell("member-a", NFT + "ip saddr %s udp dport 4567 drop" % C)
    lab.shell("member-b", NFT + "ip saddr %s tcp dport 4567 drop" % C)
    try:
        run = Check(tmp_path, hosts=hosts)
    finally:
        for name in ("member-a", "member-b"):
            lab.shell(name, NO_NFT)
    assert run.bad() == {("port.from_arbitrator", "member-a", "warn"), ("port.from_arbitrator", "member-b", "fail")}
    assert run.seen("port.arbitrator", "member-a") == ["reachable"]
    assert told("warn", "port.from_arbitrator", "member-a", "the arbitrator (%s) gets no answer from it on UDP 4567" % C,
                "every member lets the arbitrator in") in run.output
    assert told("fail", "port.from_arbitrator", "member-b", "the arbitrator (%s) gets no answer from it on TCP 4567" % C,
                "every member lets the arbitrator in", lab.let_in_or_prepared(C, "tcp", "4567", hosts)) in run.output


def test_a_member_that_cannot_be_reached(tmp_path):
    nobody = A.rsplit(".", 1)[0] + ".99"
    run = Check(tmp_path, hosts=lab.write_inventory(tmp_path / "hosts.yml", members=NAMES + ["member-x"], per_host={
        "member-x": {"ansible_host": nobody}}))
    assert run.bad() == {("member.reachable", "member-x", "fail")}
    assert told("fail", "member.reachable", "member-x", "it cannot be reached: ssh: connect to host %s port 22: No route to host" % nobody,
                "an answer over SSH, as root or with become",
                "ansible member-x -i %s -m ansible.builtin.ping -b, and repair what it says" % (tmp_path / "hosts.yml")) in run.output


def test_a_joiner_with_data(tmp_path):
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (1); ANALYZE TABLE shop.t")
    when = lab.sql("member-c", "SELECT update_time FROM information_schema.tables WHERE table_schema='shop'")
    try:
        run = Check(tmp_path)
    finally:
        lab.sql("member-c", "DROP DATABASE shop")
    assert run.bad() == {("data.loss", "member-c", "fail")}
    assert run.seen("data.loss", "member-c") == ["shop: 1 tables, about 1 rows, 16 KB, last written " + when]
    assert told("fail", "data.loss", "member-c", run.seen("data.loss", "member-c")[0], "no data of its own, or a Yes to losing them",
                "name it: senhasegura_overwrite_members: [member-c] (they are kept first), or move them away; member-c holds data (shop: 1 "
                "tables, about 1 rows) but the primary member-a, whose data all members get, holds none; make it senhasegura_primary, or name "
                "it in senhasegura_overwrite_members") in run.output


def test_the_last_write_is_told_after_a_restart_as_well(tmp_path):
    """InnoDB has forgotten it then."""
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")
    lab.shell("member-c", "systemctl restart mariadb")
    try:
        assert lab.sql("member-c", "SELECT update_time FROM information_schema.tables WHERE table_schema='shop'") == "NULL"
        newest = lab.shell("member-c", "date -d @$(stat -c %Y /var/lib/mysql/shop/t.* | sort -n | tail -1) '+%Y-%m-%d %H:%M:%S'")
        run = Check(tmp_path, "-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    finally:
        lab.sql("member-c", "DROP DATABASE shop")
    assert run.bad() == {("data.loss", "member-c", "warn")}
    seen = run.seen("data.loss", "member-c")[0]
    assert re.fullmatch(r"shop: 1 tables, about \d+ rows, 16 KB, last written " + newest, seen)
    assert told("warn", "data.loss", "member-c", seen, "a Yes to losing them, which senhasegura_overwrite_members is",
                "nothing, if that is meant: they are kept before they are replaced") in run.output


def test_a_database_that_is_just_being_started(tmp_path):
    try:
        with held_start("member-c"):
            lab.shell("member-c", "systemctl restart --no-block mariadb")
            lab.wait_for(lambda: lab.shell("member-c", "systemctl is-active mariadb", check=False) == "activating")
            run = Check(tmp_path)
    finally:
        lab.shell("member-c", "systemctl start mariadb")
    assert run.bad() == {("plan.possible", "", "fail")}
    seen = ("member-c: its database is just being started or stopped (activating), so what it will be is unknown; run again when that has "
            "ended")
    assert told("fail", "plan.possible", "", seen, "a plan that is not refused") in run.output


def ago(hours):
    """ISO 8601 of so many hours ago."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - hours * 3600))


def test_snapshots_that_do_not_count(tmp_path):
    old, future = ago(30), ago(-5)
    run = Check(tmp_path, hosts=lab.write_inventory(tmp_path / "hosts.yml", variables={"senhasegura_snapshot_max_age": 24}, per_host={
        "member-b": {"senhasegura_snapshot_taken": old}, "member-c": {"senhasegura_snapshot_taken": future}}))
    assert run.bad() == {("snapshot.taken", name, "fail") for name in NAMES}
    for name, seen in (("member-a", "no senhasegura_snapshot_taken is set for it"), ("member-b", "its snapshot of %s is 30.0 h old" % old),
                       ("member-c", "senhasegura_snapshot_taken is %s, 5.0 h in the future" % future)):
        assert told("fail", "snapshot.taken", name, seen, "a snapshot not older than 24 h", "take a snapshot of %s, and set "
                    "senhasegura_snapshot_taken to its time, such as 2026-01-31T22:00:00Z" % name) in run.output


def test_a_waiver_is_named_and_two_members_are_warned_what_fails_when(tmp_path):
    hosts = lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"], per_host={
        "member-a": {"senhasegura_snapshot_taken": ago(1)}}, variables={"senhasegura_snapshot_max_age": 24,
                                                                        "senhasegura_waivers": ["snapshot.taken"]})
    run = Check(tmp_path, hosts=hosts)
    assert (run.rc, run.bad()) == (0, {("snapshot.taken", "member-b", "warn"), ("quorum.forecast", "", "warn")})
    assert run.seen("snapshot.taken", "member-a")[0].endswith(", 1.0 h ago, is acknowledged")
    assert "  a warning because of: senhasegura_waivers\n" in run.output and "\nWaived: snapshot.taken.\n" in run.output
    assert run.report["waivers"] == ["snapshot.taken"]
    words = "if member-a fails, member-b stops serving until a person assumes primary"
    assert told("warn", "quorum.forecast", "", "votes: member-a 2, member-b 1; %s (1 of 3 votes)" % words, "no single failure stops the others",
                "declare senhasegura_arbitrator: the address of another host, on which garbd votes; until then, know who is to assume "
                "primary") in run.output
    assert "\nForecast: %s (1 of 3 votes).\n" % words in run.output


def test_a_waiver_of_no_check_is_refused(tmp_path):
    run = lab.play("-e", '{"senhasegura_waivers": ["snapshot.took"]}', "-e", "senhasegura_report_dir=%s" % tmp_path,
                   playbook="senhasegura.cluster.check_cluster")
    assert run.rc != 0 and list(tmp_path.iterdir()) == []
    assert ("[ERROR]: Task failed: The declared cluster cannot be checked.\n- senhasegura_waivers: snapshot.took is no check; the checks are "
            "member.reachable, host.name_set, ") in run.output


def test_a_backup_that_is_missing_and_one_that_can_be_restored(tmp_path):
    folder = "/var/backups/my vault"
    fix = ("ansible member-c -i %s -m senhasegura.cluster.cluster_backup -a '{\"directory\": \"%s\"}', or run create_cluster with "
           "senhasegura_backup_before: true" % (lab.INVENTORY, folder))
    asked = ("-e", json.dumps({"senhasegura_backup_max_age": 24, "senhasegura_backup_directory": folder,
                               "senhasegura_overwrite_members": ["member-c"]}))
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
    try:
        run = Check(tmp_path, *asked)
        assert ("backup.recent", "member-c", "fail") in run.bad() and run.rc != 0
        assert told("fail", "backup.recent", "member-c", "there is no whole backup of it", "a backup not older than 24 h",
                    fix) in run.output
        assert ("backup.recent", "member-c", "warn") in Check(tmp_path, *asked, "-e", "senhasegura_backup_before=true").bad()
        subprocess.run(["bash", "-c", fix.split(", or run")[0]], env=lab.environment(), check=True, timeout=120)
        run = Check(tmp_path, *asked)
        assert run.bad() == {("data.loss", "member-c", "warn")} and run.rc == 0
        path = run.seen("backup.recent", "member-c")[0].partition(" (")[0]
        assert path.startswith(folder + "/member-c-")
        lab.assert_restorable("member-c", "'%s'" % path)
        lab.shell("member-c", "mv '%s' '%s/member-c-20200101T000000Z'" % (path, folder))
        run = Check(tmp_path, *asked)
        seen = run.seen("backup.recent", "member-c")[0]
        assert re.fullmatch(r"its backup %s/member-c-20200101T000000Z is \d+\.\d h old" % folder, seen)
        assert told("fail", "backup.recent", "member-c", seen, "a backup not older than 24 h", fix) in run.output
    finally:
        lab.sql("member-c", "DROP DATABASE shop")
        lab.shell("member-c", "rm -rf '%s' /tmp/again" % folder)


FILES = "find %s -type f -printf '%%P %%s\n' | sort"


def test_a_stopped_database_is_copied_whole_and_its_rows_are_unknown(tmp_path):
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
    lab.shell("member-c", "systemctl stop mariadb")
    try:
        newest = lab.shell("member-c", "date -d @$(stat -c %Y /var/lib/mysql/shop/t.* | sort -n | tail -1) '+%Y-%m-%d %H:%M:%S'")
        run = Check(tmp_path, "-e", '{"senhasegura_overwrite_members": ["member-c"]}')
        assert run.bad() == {("data.loss", "member-c", "warn")}
        assert re.fullmatch(r"shop: 1 tables, rows unknown, \d+ KB, last written " + newest, run.seen("data.loss", "member-c")[0])
        backup = lab.module("member-c", "cluster_backup", {"set_aside": False})["backup"]
        assert lab.shell("member-c", FILES % backup["path"]) == lab.shell("member-c", FILES % "/var/lib/mysql")
        lab.assert_restorable("member-c", backup["path"], cold=True)
    finally:
        lab.shell("member-c", "systemctl start mariadb; rm -rf /var/backups/senhasegura-cluster /tmp/again")
        lab.sql("member-c", "DROP DATABASE shop")


SNAPSHOT = """
- name: See that nothing has restarted
  ansible.builtin.command: systemctl show mariadb --property=MainPID --value
  register: story_pid
  changed_when: false
- name: Take a snapshot
  ansible.builtin.shell: echo {{ inventory_hostname }} {{ story_pid.stdout }} >> %s
  delegate_to: localhost
  changed_when: true
"""


RESEED = ("find out which member is right, then give the others all data anew: ansible-playbook senhasegura.cluster.reseed_member -i %s -e "
          "senhasegura_reseed=NAME" % lab.INVENTORY)
CANARY = ("CREATE DATABASE senhasegura_canary; CREATE TABLE senhasegura_canary.canary (member VARCHAR(255) CHARACTER SET utf8mb4 PRIMARY KEY, "
          "token VARCHAR(64) NOT NULL) ENGINE=InnoDB")


class TestLiving:
    """On a cluster that serves."""

    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def _cluster(created):
        assert created["run"].rc == 0

    @pytest.fixture(scope="class", name="created")
    @staticmethod
    def _created(tmp_path_factory):
        """Created by an inventory that asks for backups and snapshots: nothing of that is said on the command line."""
        folder = tmp_path_factory.mktemp("created")
        (folder / "snapshot.yml").write_text(SNAPSHOT % (folder / "taken"), encoding="utf-8")
        hosts = lab.write_inventory(folder / "hosts.yml", variables={
            "senhasegura_backup_before": True, "senhasegura_backup_max_age": 24, "senhasegura_snapshot_max_age": 24,
            "senhasegura_snapshot_tasks": str(folder / "snapshot.yml")})
        lab.sql("member-a", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
        before = lab.processes()
        run = lab.create(hosts=hosts)
        lab.sql("member-a", "DROP DATABASE shop")
        return {"run": run, "before": before, "taken": (folder / "taken").read_text(encoding="utf-8").splitlines()}

    def test_what_an_inventory_asks_for_is_kept_before_anything_restarts_the_primary_last(self, created):
        output = created["run"].output
        assert created["taken"] == ["%s %s" % (name, created["before"][name].split()[0]) for name in reversed(NAMES)]
        # A missing one only warns, as it is taken: the check before the restart is one of the playbook's plays.
        assert told("warn", "backup.recent", "member-a", "there is no whole backup of it", "a backup not older than 24 h",
                    "nothing: senhasegura_backup_before takes one before anything changes") in output
        assert told("warn", "snapshot.taken", ", ".join(NAMES), "no senhasegura_snapshot_taken is set for it", "a snapshot not older than 24 h",
                    "nothing: senhasegura_snapshot_tasks takes one before anything changes") in output
        path, size = re.search(r"member-a: backed up into (\S+) \((\d+) bytes\)", output).groups()
        assert output.count(": backed up into ") == 1
        assert lab.shell("member-a", "find %s -type f -printf '%%s\n' | awk '{s += $1} END {print s}'" % path) == size
        lab.assert_restorable("member-a", path)
        lab.shell("member-a", "rm -rf /var/backups/senhasegura-cluster /tmp/again")

    @pytest.fixture(scope="class", name="healthy")
    @staticmethod
    def _healthy(tmp_path_factory, _cluster):
        return Check(tmp_path_factory.mktemp("healthy"))

    def test_nothing_is_broken(self, healthy):
        run = healthy
        assert (run.rc, run.bad()) == (0, set())
        assert run.seen("port.reachable", "member-b") == ["reachable 4444, open 4567, reachable 4568"]
        assert run.ports("open", "reachable") == {(one, other, *port) for one in NAMES for other in NAMES if one != other for port in (
            ("tcp", 4444), ("tcp", 4567), ("tcp", 4568), ("udp", 4567))}
        assert run.seen("quorum.now", "") == ["3 of 3 votes: member-a, member-b, member-c serve"]
        assert run.seen("cluster.component", "") == ["one component of member-a, member-b, member-c, proven on every member"]

    def test_check_mode_finds_the_same_and_writes_no_report(self, healthy, tmp_path):
        before = trees()
        run = lab.play("--check", "-e", "senhasegura_report_dir=%s" % (tmp_path / "report"), playbook="senhasegura.cluster.check_cluster")
        assert trees() == before
        assert (run.rc, run.changed(), list(tmp_path.iterdir())) == (0, [], [])

        def shown(output):
            return output.split("\ncheck  ", 1)[1].split("\nPLAY RECAP", 1)[0].split("[", 1)[0]
        assert shown(run.output) == shown(healthy.output)

    def test_what_no_status_tells_the_checksums_and_a_row_of_each_member_do(self, tmp_path):
        lab.sql("member-a", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")
        asked = ("-e", "senhasegura_check_canary=true", "-e", '{"senhasegura_check_tables": ["all"]}')
        try:
            same = Check(tmp_path, *asked)
            lab.sql("member-c", "SET SESSION wsrep_on=OFF; INSERT INTO shop.t VALUES (2)")
            blind, differs = Check(tmp_path), Check(tmp_path, *asked, "-e", '{"senhasegura_check_tables": ["shop.t", "shop.none"]}')
        finally:
            lab.sql("member-a", "DROP DATABASE shop")
        assert (same.rc, same.bad()) == (blind.rc, blind.bad()) == (0, set())
        assert same.seen("data.canary", "member-b") == ["it shows the rows that member-a, member-b, member-c wrote a moment before"]
        assert same.seen("data.equal", "")[0].endswith(" tables have the same checksums on member-a, member-b, member-c, each read at one "
                                                       "position")
        assert differs.rc != 0 and differs.bad() == {("data.equal", "", "fail")}
        said = differs.seen("data.equal", "")
        assert re.fullmatch(r"`shop`\.`t`: checksum (\d+) on member-a, \1 on member-b, (?!\1)\d+ on member-c", said[0]), said
        assert told("fail", "data.equal", "", said[0], "the same data on every member", RESEED) in differs.output
        assert told("fail", "data.equal", "", "nobody has the table `shop`.`none`", "tables that exist",
                    "name others in senhasegura_check_tables") in differs.output
        assert lab.sql("member-a", "SHOW DATABASES LIKE 'senhasegura_canary'") == ""

    def test_a_member_on_which_a_row_becomes_another_one(self, tmp_path):
        """By a trigger that it alone has: what it writes itself is changed, for all of them, and what others write is not."""
        before = trees()
        lab.sql("member-a", CANARY)
        try:
            lab.sql("member-c", "SET SESSION wsrep_sync_wait=15; SELECT COUNT(*) FROM senhasegura_canary.canary; SET SESSION wsrep_on=OFF; "
                                "CREATE TRIGGER senhasegura_canary.another BEFORE INSERT ON senhasegura_canary.canary FOR EACH ROW "
                                "SET NEW.token='another'")
            run = Check(tmp_path, "-e", "senhasegura_check_canary=true", before=before)
        finally:
            lab.sql("member-a", "DROP DATABASE IF EXISTS senhasegura_canary")
        assert run.bad() == {("data.canary", name, "fail") for name in NAMES} and run.rc != 0
        assert told("fail", "data.canary", ", ".join(NAMES), "it does not show the row that member-c wrote a moment before",
                    "the same data on every member", RESEED) in run.output

    def test_a_setting_changed_by_hand(self, tmp_path):
        lab.shell("member-c", "cp -p %s /run/settings; sed -i 's/pc.weight=1/pc.weight=1;gmcast.segment=4/' %s" % (lab.SETTINGS, lab.SETTINGS))
        try:
            run = Check(tmp_path)
        finally:
            lab.shell("member-c", "cp -p /run/settings " + lab.SETTINGS)
        assert run.bad() == {("cluster.drift", "member-c", "fail")}
        assert told("fail", "cluster.drift", "member-c", "written is segment 4, declared 0; gmcast.segment runs as 0, written 4",
                    "declared, written and running are the same", "ansible-playbook senhasegura.cluster.create_cluster -i %s --check "
                    "--diff shows what it would change; without --check it does" % lab.INVENTORY) in run.output

    def test_a_member_that_is_down(self, tmp_path):
        lab.shell("member-c", "systemctl stop mariadb")
        try:
            run = Check(tmp_path)
            again = Check(tmp_path, "-e", '{"senhasegura_checks_as_warnings": ["cluster.component"]}')
            lab.shell("member-c", "cp -p %s /run/settings; sed -i 's/pc.weight=1/pc.weight=1;gmcast.segment=4/' %s"
                      % (lab.SETTINGS, lab.SETTINGS))
            drifted = Check(tmp_path)
        finally:
            lab.shell("member-c", "test ! -e /run/settings || cp -p /run/settings %s; systemctl start mariadb" % lab.SETTINGS)
        assert run.bad() == {("cluster.component", "", "fail"), ("quorum.now", "", "warn"), ("quorum.forecast", "", "warn")}
        assert run.seen("cluster.drift", "member-c") == ["declared and written are the same; it does not serve, so how it will run is unknown"]
        assert (drifted.bad() - run.bad(), drifted.seen("cluster.drift", "member-c")) == (
            {("cluster.drift", "member-c", "fail")}, ["written is segment 4, declared 0"])
        assert told("warn", "quorum.now", "", "2 of 3 votes: member-a, member-b serve; next, member-c joins: 3 of 3 votes", "all 3 votes",
                    "see cluster.component: what is missing is no reserve when the next one fails") in run.output
        now = ["if %s fails, %s stops serving until a person assumes primary (1 of 2 votes)" % pair
               for pair in (("member-a", "member-b"), ("member-b", "member-a"))]
        assert told("warn", "quorum.forecast", "", "as it is now: votes: member-a 1, member-b 1; %s; %s; when all are in: votes: member-a 1, "
                    "member-b 1, member-c 1; no single failure of a member or the arbitrator stops the others" % tuple(now),
                    "no single failure stops the others", "see cluster.component; until then, know who is to assume primary") in run.output
        whole = ["if %s fails, %s and %s go on serving (2 of 3 votes)" % (name, *(other for other in NAMES if other != name)) for name in NAMES]
        assert [(case["now"], case["serves"], case["text"]) for case in run.report["forecast"]] == [
            (True, False, "as it is now: " + text) for text in now] + [(False, True, "when all are in: " + text) for text in whole]
        assert told("fail", "cluster.component", "", "member-a: its component lacks %s; member-b: its component lacks %s; member-c: the "
                    "database does not answer" % (C, C), "one component of member-a, member-b, member-c",
                    "ansible-playbook senhasegura.cluster.create_cluster -i %s repairs it" % lab.INVENTORY) in run.output
        assert (again.rc, again.bad()) == (0, {("cluster.component", "", "warn"), ("quorum.now", "", "warn"), ("quorum.forecast", "", "warn")})
        assert "  a warning because of: senhasegura_checks_as_warnings\n" in again.output
        assert again.report["as_warnings"] == ["cluster.component"]

    def test_the_forecast_comes_true(self, healthy):
        """What the report says of the primary's sudden end is what Galera does."""
        assert [case["serves"] for case in healthy.report["forecast"]] == [True, True, True]
        lab.wait_for(lambda: all(lab.status(name, "wsrep_cluster_size") == "3" for name in NAMES))
        lab.shell("member-a", NFT + "tcp dport 4567 drop; nft add rule inet story in tcp sport 4567 drop")
        try:
            lab.wait_for(lambda: all(lab.status(name, "wsrep_cluster_size") == "2" for name in NAMES[1:]), 40)
            assert {lab.status(name, "wsrep_cluster_status") for name in NAMES[1:]} == {"Primary"}
            lab.wait_for(lambda: lab.status("member-a", "wsrep_cluster_status") == "non-Primary", 40)   # it tells it a moment after the others
        finally:
            lab.shell("member-a", NO_NFT)
