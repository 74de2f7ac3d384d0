"""Killed anywhere and run again, it ends as if it had not been; and what hosts with a past are treated like."""

from __future__ import annotations

import lab
import pytest

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()

POINTS = [
    ("before anything is written", "PLAY [7/11", 0),
    ("between writing and restarting the first", "RUNNING HANDLER [senhasegura.cluster.member : Restart the member]", 0),
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
    assert lab.create().changed() == []


def test_a_killed_bootstrap_leaves_no_flag_behind():
    lab.shell("member-b", "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster; systemctl stop mariadb")
    lab.create()
    assert "_WSREP_NEW_CLUSTER" not in lab.shell("member-b", "systemctl show-environment")
    lab.assert_one_component()


def test_a_joiner_killed_with_its_host_takes_a_full_transfer_again():
    lab.rebuild("member-c")
    lab.play_until("member-c: ", after=1.5)
    lab.shell("member-c", "systemctl kill --signal=KILL mariadb; pkill -KILL -f [w]srep_sst; true")
    lab.wait_for(lambda: lab.shell("member-c", "systemctl show mariadb -p ActiveState --value") in ("failed", "inactive", "active"))
    lab.create()
    lab.assert_one_component()


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
    assert_restorable("member-c")


def assert_restorable(name):
    """The backup, copied into a fresh directory and started beside the member, holds the row."""
    lab.shell(name, "set -e; d=$(ls -d /var/backups/senhasegura-cluster/*); rm -rf /tmp/again; mkdir /tmp/again; "
                    "mariadb-backup --copy-back --target-dir=$d --datadir=/tmp/again >/dev/null 2>&1; chown -R mysql /tmp/again")
    lab.shell(name, "setsid mariadbd --no-defaults --user=mysql --datadir=/tmp/again --socket=/tmp/again/s --skip-networking "
                    "--pid-file=/tmp/again/p > /tmp/again.log 2>&1 < /dev/null & disown")
    lab.wait_for(lambda: lab.shell(name, "mariadb -S /tmp/again/s -N -e 'SELECT i FROM shop.t'", check=False) == "42")
    lab.shell(name, "kill $(cat /tmp/again/p)")


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
