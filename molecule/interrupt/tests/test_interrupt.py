"""Killed anywhere and run again, it ends as if it had not been; and what hosts with a past are treated like."""

from __future__ import annotations

import re
import subprocess

import lab
import pytest

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()

POINTS = [
    ("before anything is written", "PLAY [7/10", 0),
    ("between writing and restarting the first", "RUNNING HANDLER [senhasegura.cluster.member : Restart the member where that is needed", 0),
    ("while a member receives the data", "member-b: ", 0.5),
    ("between two members", "TASK [senhasegura.cluster.member : Prove that the member is restored]", 0.2),
]


@pytest.fixture(name="fresh_hosts")
def _fresh_hosts():
    lab.rebuild_all()


@pytest.mark.usefixtures("fresh_hosts")
@pytest.mark.parametrize("text, after", [point[1:] for point in POINTS], ids=[point[0] for point in POINTS])
def test_killed_and_run_once_more(text, after):
    lab.play_until(text, after=after)
    lab.create()
    lab.assert_one_component()
    lab.assert_written_timers()
    assert lab.create().changed() == []


@pytest.mark.parametrize("flag", [
    "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster",
    "echo _WSREP_NEW_CLUSTER=--wsrep-new-cluster > /run/mariadb-wsrep-new-cluster"])
def test_a_killed_bootstrap_leaves_no_flag_behind(flag):
    lab.shell("member-b", flag + "; systemctl stop mariadb")
    lab.create()
    lab.assert_one_component()
    assert "_WSREP_NEW_CLUSTER" not in lab.shell("member-b", "systemctl show-environment")
    assert lab.shell("member-b", "ls /run/mariadb-wsrep-new-cluster", check=False).endswith("No such file or directory")


def test_the_short_timers_of_a_killed_run_are_taken_back_on_line():
    lab.shell("member-c", "systemctl set-environment MYSQLD_OPTS=--wsrep-provider-options=evs.keepalive_period=PT0.1S")
    lab.sql("member-b", "SET GLOBAL wsrep_provider_options='evs.join_retrans_period=PT0.1S;evs.keepalive_period=PT0.1S'")
    before = lab.processes()
    assert lab.create().changed() == ["member-b", "member-c"]
    assert lab.processes() == before
    lab.assert_written_timers()


def test_a_member_that_needs_something_only_since_the_yes_gets_it_in_the_same_run():
    lab.shell("member-c", "systemctl stop mariadb")
    run = lab.play_through("PLAY [7/10", lambda: lab.sql("member-b", "SET GLOBAL wsrep_provider_options='evs.keepalive_period=PT0.1S'"))
    assert run.rc == 0 and run.changed() == ["member-b", "member-c"], run.output
    lab.assert_one_component()
    lab.assert_written_timers()


def test_a_joiner_killed_with_its_host_takes_a_full_transfer_again():
    lab.rebuild("member-c")
    lab.play_until("member-c: ", after=1.5)
    lab.shell("member-c", "systemctl kill --signal=KILL mariadb; pkill -KILL -f [w]srep_sst; true")
    lab.wait_for(lambda: lab.shell("member-c", "systemctl show mariadb -p ActiveState --value") in ("failed", "inactive", "active"))
    lab.create()
    lab.assert_one_component()


MESSAGE = ("-e", "senhasegura_recovery_message=Call-the-vault-team")


def test_a_second_controller_is_refused_and_the_first_one_ends_well():
    lab.rebuild("member-c")
    first = subprocess.Popen(lab.command(*lab.YES), env=lab.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    for line in first.stdout:
        if line.startswith("member-c: "):
            break
    second = lab.play(*lab.YES, *MESSAGE)
    said = first.communicate(timeout=120)[0]
    assert second.rc != 0 and second.changed() == []
    held = re.search(r"- member-c: another run is changing the cluster: (\S+) \(process (\d+)\), since 20\S+Z; its lock counts for another "
                     r"(\d+) s\. Wait until that run has ended; if it is dead, its lock counts no more 120 s after it was last heard of; to "
                     r"take over from a run that still lives, which is then refused at its next step: senhasegura_take_over=true\n",
                     second.output.replace("member-a, member-b, member-c: another", "member-c: another"))
    assert held and int(held.group(2)) == first.pid and int(held.group(3)) > 60, second.output
    assert first.returncode == 0, said
    lab.assert_one_component()
    assert lab.shell("member-a", "ls /run/senhasegura-cluster/lock.json", check=False).endswith("No such file or directory")


def test_the_lock_of_another_controller():
    """Nobody here can tell whether it still lives: it counts until its time is up, unless it is taken over."""
    lock = ("mkdir -p /run/senhasegura-cluster; python3 -c \"import json, time; print(json.dumps(dict(token='elsewhere:7:8', holder='ann@other', "
            "since=0, until=time.monotonic() + %d)))\" > /run/senhasegura-cluster/lock.json")
    lab.shell("member-b", lock % 600)
    try:
        unchanged, refused = lab.play(*lab.YES), lab.play(*lab.YES, *MESSAGE)
        checked, taken_over = lab.play(*MESSAGE, "--check"), lab.play(*lab.YES, *MESSAGE, "-e", "senhasegura_take_over=true")
        lab.shell("member-b", lock % -1)
        expired = lab.play(*lab.YES)
    finally:
        lab.shell("member-b", "rm -f /run/senhasegura-cluster/lock.json")
    assert unchanged.rc == 0 and unchanged.changed() == []
    assert refused.rc != 0 and refused.changed() == []
    assert ("- member-b: another run is changing the cluster: ann@other, since 1970-01-01T00:00:00Z; its lock counts for another "
            in refused.output)
    assert checked.rc == 0 and taken_over.changed() == expired.changed() == MEMBERS


def test_debian_s_socket_unit_is_in_nobody_s_way():
    lab.shell("member-b", "systemctl stop mariadb; systemctl enable --now mariadb.socket")
    lab.create()
    assert lab.shell("member-b", "systemctl is-enabled mariadb.socket", check=False) == "disabled"
    lab.assert_one_component()


def test_a_host_with_data_of_its_own_is_backed_up_when_named():
    lab.rebuild("member-c")
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
    before = lab.processes()
    run = lab.play(*lab.YES)
    assert run.rc != 0 and "- member-c: it holds data of its own (shop: 1 tables, about " in run.output
    assert lab.processes() == before
    run = lab.create("-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    assert "member-c: its data are kept in /var/backups/senhasegura-cluster/member-c-" in run.output
    assert lab.sql("member-c", "SHOW DATABASES LIKE 'shop'") == ""
    lab.assert_one_component()
    lab.assert_restorable("member-c", lab.shell("member-c", "ls -d /var/backups/senhasegura-cluster/*"))


def test_a_host_whose_database_belongs_to_another_cluster():
    lab.rebuild("member-c")
    lab.shell("member-c", "printf '[mysqld]\\nwsrep_on=ON\\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\\nbinlog_format=ROW\\n"
                          "wsrep_cluster_name=shop\\nwsrep_cluster_address=gcomm://%s\\nwsrep_node_address=%s\\n' "
                          "> /etc/mysql/mariadb.conf.d/70-shop.cnf; galera_new_cluster" % (C, C))
    lab.sql("member-c", "CREATE DATABASE shop")
    before = lab.processes()
    run = lab.play(*lab.YES)
    assert run.rc != 0
    assert ("- member-c: its database belongs to the cluster shop, not to senhasegura; set senhasegura_cluster_name if this is the one "
            "meant\n") in run.output
    assert lab.processes() == before


def test_another_history_is_set_aside_only_when_named():
    lab.shell("member-c", "systemctl stop mariadb; rm /etc/mysql/mariadb.conf.d/70-shop.cnf")
    before = lab.processes(["member-a", "member-b"])
    run = lab.play(*lab.YES)
    assert run.rc != 0 and "- member-c: its data belong to another cluster (state UUID " in run.output
    run = lab.create("-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    assert "member-c: its data are kept in /var/lib/mysql." in run.output
    assert "shop" in lab.shell("member-c", "ls -d /var/lib/mysql.*/*")
    assert lab.processes(["member-a", "member-b"]) == before
    lab.assert_one_component()


def test_a_member_that_does_not_come_back_stops_the_run_and_says_why():
    for name in ("member-c", "member-b"):
        lab.shell(name, "systemctl stop mariadb")
    lab.shell("member-b", "mv /usr/lib/libgalera_smm.so /usr/lib/libgalera_smm.so.away")
    try:
        run = lab.play(*lab.YES)
    finally:
        lab.shell("member-b", "mv /usr/lib/libgalera_smm.so.away /usr/lib/libgalera_smm.so")
    assert run.rc != 0
    assert "member-b is not restored: mariadb.service is failed (exit-code). The next member was not touched.\n" in run.output
    assert "The last telling lines of its error log:\n" in run.output
    assert lab.shell("member-c", "systemctl is-active mariadb", check=False) == "inactive"
    assert lab.create().changed() == ["member-b", "member-c"]
    lab.assert_one_component()
