# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether replication is quiet, by readings of real members, and what apt and the kernel say of packages."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._apt import parse_policy, parse_simulation, replaced_files, unfinished_packages
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, CommandError
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_database import Database
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_packages import Packages
from ansible_collections.senhasegura.cluster.plugins.module_utils._quiet import WINDOW_SECONDS, watch_quiet, window
from ansible_collections.senhasegura.cluster.plugins.module_utils._runner import Result


def flow(recv=0, send=0, paused_ns=0, sent=0):
    return {"recv_queue": recv, "send_queue": send, "paused_ns": paused_ns, "pauses_sent": sent}


@pytest.mark.parametrize("after, noise", [
    (flow(), []),
    (flow(recv=10, send=10, paused_ns=25000000), []),
    (flow(recv=11), ["11 write sets wait there to be applied (at most 10 are quiet)"]),
    (flow(send=40), ["40 write sets wait there to be sent (at most 10 are quiet)"]),
    (flow(paused_ns=250000000), ["flow control paused it for 50 % of the last 0.5 s (at most 5 % are quiet)"]),
    (flow(paused_ns=250000000, sent=3),
     ["flow control paused it for 50 % of the last 0.5 s (at most 5 % are quiet), as it asked for itself"])])
def test_a_window(after, noise):
    assert window(flow(), after, 0.5)["noise"] == noise


def test_counters_that_began_anew_and_a_clock_that_stood():
    assert window(flow(paused_ns=10**12, sent=9), flow(), 0.5) == {"noise": [], "recv_queue": 0, "send_queue": 0, "paused": 0.0,
                                                                   "asked": 0}
    assert window(flow(), flow(paused_ns=10**9), 0.0)["paused"] == 0.0


class Member:
    """Tells one flow after another, the last one for ever; keeps the time by the pauses of its watcher."""

    def __init__(self, *flows):
        self.flows, self.now = list(flows), 0.0

    def flow(self):
        return self.flows.pop(0) if len(self.flows) > 1 else self.flows[0]

    def watch(self, seconds):
        def pause(length):
            assert length == WINDOW_SECONDS
            self.now += length
        return watch_quiet(self, seconds, clock=lambda: self.now, pause=pause)


def test_one_quiet_window_is_enough_and_always_looked_at():
    member = Member(flow(recv=50), flow(recv=0))
    assert member.watch(0)["noise"] == [] and member.now == WINDOW_SECONDS


def test_it_waits_for_the_queue():
    member = Member(flow(recv=50), flow(recv=40), flow(recv=20), flow(recv=2))
    assert member.watch(8)["recv_queue"] == 2 and member.now == 3 * WINDOW_SECONDS


def test_it_ends_when_the_time_is_up():
    member = Member(flow(recv=50))
    assert member.watch(2)["recv_queue"] == 50 and member.now == 2.0


def database(rc=0, out="", err=""):
    return Database(lambda argv, timeout=None: Result(rc, out, err))


def test_the_flow_of_a_database():
    out = ("wsrep_local_recv_queue\t3\nwsrep_local_send_queue\t1\nwsrep_flow_control_paused_ns\t77\nwsrep_flow_control_sent\t2\n")
    assert database(out=out).flow() == flow(3, 1, 77, 2)


def test_no_flow_is_an_error():
    with pytest.raises(ClusterError) as caught:
        database(rc=1, err="ERROR 2002 (HY000): Can't connect").flow()
    assert caught.value.message == "the database does not answer"
    with pytest.raises(ClusterError) as caught:
        database(out="wsrep_local_recv_queue\t3\nwsrep_local_send_queue\t1\nwsrep_flow_control_sent\t2\n").flow()
    assert caught.value.message == "the database does not tell wsrep_flow_control_paused_ns"


# -- packages -------------------------------------------------------------------------------------------------------------

POLICY = """galera-4:
  Installed: 26.4.23-0+deb12u1
  Candidate: 26.4.23-0+deb12u1+lab1
  Version table:
     26.4.23-0+deb12u1+lab1 500
        500 file:/srv/apt ./ Packages
 *** 26.4.23-0+deb12u1 100
        100 /var/lib/dpkg/status
socat:
  Installed: (none)
  Candidate: 1.7.4.4-2
  Version table:
     1.7.4.4-2 500
rsync:
  Installed: 3.5.0+ds1-0+deb12u1
  Candidate: (none)
"""
MAPS = """55e1c0000000-55e1c0400000 r--p 00000000 00:2d 1011                       /usr/sbin/mariadbd
7f0e10000000-7f0e10021000 rw-p 00000000 00:00 0
7f0e3c000000-7f0e3c040000 r--p 00000000 00:2d 2022                       /usr/lib/galera/libgalera_smm.so (deleted)
7f0e3c040000-7f0e3c100000 r-xp 00040000 00:2d 2022                       /usr/lib/galera/libgalera_smm.so (deleted)
7f0e40000000-7f0e40001000 rw-s 00000000 00:0e 3033                       /[aio] (deleted)
7f0e40001000-7f0e40002000 rw-s 00000000 00:0e 3034                       /tmp/ibXYZ (deleted)
"""


def test_the_policy():
    assert parse_policy(POLICY) == {
        "galera-4": {"installed": "26.4.23-0+deb12u1", "candidate": "26.4.23-0+deb12u1+lab1"},
        "socat": {"installed": "", "candidate": "1.7.4.4-2"}, "rsync": {"installed": "3.5.0+ds1-0+deb12u1", "candidate": ""}}
    assert parse_policy("") == {}


SIMULATION = """Reading package lists...
The following NEW packages will be installed:
  mariadb-backup
The following packages will be upgraded:
  mariadb-client-core mariadb-server
Inst mariadb-server [1:10.11.18-0+deb12u1] (1:10.11.19-0+deb12u1 Debian-Security:12/oldstable-security [amd64]) []
Inst mariadb-client-core [1:10.11.18-0+deb12u1] (1:10.11.19-0+deb12u1 Debian-Security:12/oldstable-security [amd64])
Remv galera-3 [25.3.37-1]
Inst mariadb-backup (1:10.11.19-0+deb12u1 Debian-Security:12/oldstable-security [amd64])
Conf mariadb-server (1:10.11.19-0+deb12u1 Debian-Security:12/oldstable-security [amd64])
"""


def test_what_installing_would_replace():
    newer = {"installed": "1:10.11.18-0+deb12u1", "candidate": "1:10.11.19-0+deb12u1"}
    assert parse_simulation(SIMULATION) == {"mariadb-server": newer, "mariadb-client-core": newer,
                                            "galera-3": {"installed": "25.3.37-1", "candidate": ""}}
    assert parse_simulation("Inst lsyncd (2.2.3-1+b1 Debian:12 [amd64])\nConf lsyncd (2.2.3-1+b1 Debian:12 [amd64])\n") == {}


def test_files_that_were_replaced():
    assert replaced_files(MAPS) == ["/usr/lib/galera/libgalera_smm.so"]
    assert replaced_files("") == []


def test_what_dpkg_has_begun_and_not_ended():
    assert unfinished_packages("ii  rsync\nhi  held\niHR mariadb-server\niU  galera-4\niF  socat\nrc  gone\nit  libc-bin\niiR broken\n") == [
        "broken", "galera-4", "mariadb-server", "socat"]
    assert unfinished_packages("") == []


class Host:
    """Answers apt, and compares versions as dpkg would: newer is what is longer."""

    def __call__(self, argv):
        assert argv[:2] == ["dpkg", "--compare-versions"] and argv[3] == "gt"
        return Result(0 if len(argv[2]) > len(argv[4]) else 1, "", "")

    def must(self, argv):
        return {"apt-cache": POLICY, "apt-mark": "galera-4\n", "dpkg-query": "ii  rsync\niF  galera-4\n"}[argv[0]]


class Unit:
    def show(self):
        return {"pid": 0}


def test_updates_of_a_host():
    assert Packages(Host(), Unit()).updates(["galera-4", "rsync", "socat"]) == {"replaced": [], "unfinished": ["galera-4"], "packages": {
        "galera-4": {"installed": "26.4.23-0+deb12u1", "candidate": "26.4.23-0+deb12u1+lab1", "newer": True, "held": True},
        "rsync": {"installed": "3.5.0+ds1-0+deb12u1", "candidate": "", "newer": False, "held": False}}}


def test_what_no_list_knows_replaces_nothing_and_is_not_asked_for():
    asked = []

    def must(argv):
        asked.append(list(argv))
        return POLICY if argv[0] == "apt-cache" else SIMULATION
    run = Host()
    run.must = must
    assert sorted(Packages(run, Unit()).beside(["socat", "rsync", "never-fetched"])) == ["galera-3", "mariadb-client-core", "mariadb-server"]
    assert asked[1:] == [["apt-get", "install", "-q", "--simulate", "--", "socat"]]
    assert Packages(run, Unit()).beside(["rsync", "never-fetched"]) == {}


class Apt:
    """Runs an update that ends with an exit status, and notes what was run."""

    def __init__(self, rc):
        self.rc, self.ran = rc, []

    def __call__(self, argv, timeout=None):
        self.ran.append(list(argv))
        return Result(self.rc if argv[0] == "systemd-run" else 0, "E: Held packages were changed", "")


def test_an_update_is_a_unit_of_its_own_and_installs_exactly_these_versions():
    run = Apt(0)
    Packages(run, Unit()).install({"rsync": "3.3", "galera-4": "26.4.23"})
    assert len(run.ran) == 1 and run.ran[0][:4] == ["systemd-run", "--quiet", "--wait", "--collect"]
    assert run.ran[0][-2:] == ["galera-4=26.4.23", "rsync=3.3"]
    assert "--only-upgrade" in run.ran[0] and "--no-remove" in run.ran[0]


def test_an_update_that_fails_says_what_apt_said():
    with pytest.raises(CommandError) as caught:
        Packages(Apt(100), Unit()).install({"rsync": "3.3"})
    assert caught.value.message == "apt-get install ended with exit status 100"
    assert "E: Held packages were changed" in caught.value.text()
    assert "dpkg --configure -a" in caught.value.text()
