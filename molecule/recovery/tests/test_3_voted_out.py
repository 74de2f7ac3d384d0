"""Members that the others have voted out, or went on without: they come back with the cluster's data, or go; nobody else restarts."""

from __future__ import annotations

import lab
import ledger
import pytest
from faults import donors

MEMBERS = ["member-a", "member-b", "member-c"]
OTHERS = ["member-a", "member-b"]
A, B, C = lab.addresses().values()
RESEED, REMOVE = "senhasegura.cluster.reseed_member", "senhasegura.cluster.remove_member"
SEED_C = ("-e", "senhasegura_reseed=member-c")


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create()
    ledger.make("member-a")


def test_a_mount_point_is_refused_before_anything_stops_and_an_empty_one_is_not():
    before, others = lab.processes(MEMBERS), lab.processes(OTHERS)
    lab.shell("member-c", "mount --bind /var/lib/mysql /var/lib/mysql")
    lab.assert_refused(lab.play(*lab.YES, *SEED_C, playbook=RESEED), "Seeding anew is refused; nothing was changed.", [
        "member-c: its data directory /var/lib/mysql is a mount point, so it cannot be set aside by renaming it; stop MariaDB there, move "
        "everything in it into another folder by hand, leave it empty, and run again"])
    assert lab.processes(MEMBERS) == before
    lab.shell("member-c", "systemctl stop mariadb; mkdir /srv/old; find /var/lib/mysql -mindepth 1 -maxdepth 1 -exec mv -t /srv/old {} +")
    lab.create(*SEED_C, playbook=RESEED)
    assert lab.processes(OTHERS) == others and ledger.rows("member-c") == ledger.rows("member-a")
    lab.shell("member-c", "systemctl stop mariadb; umount /var/lib/mysql; systemctl start mariadb")
    lab.wait_for(lambda: lab.status("member-c", "wsrep_local_state_comment") == "Synced")
    lab.assert_one_component()


def test_tables_are_compared_while_they_are_written(capsys):
    """All members, and one table that changes all the time: each reads it in a snapshot that begins at the same position."""
    writer = ledger.Writer(OTHERS, ledger.next_number("member-a"))
    writer.start()
    lab.wait_for(lambda: writer.acknowledged)
    run = lab.play("-e", '{"senhasegura_check_tables": ["all"]}', playbook="senhasegura.cluster.check_cluster")
    assert " tables compared on member-a, member-b, member-c, 0 to be read again" in run.output, run.output
    assert "the cluster wrote whenever they were read" not in run.output and "differ" not in run.output.split("data.equal")[-1]
    ledger.say(capsys, "%d comparisons; %s" % (run.output.count(" tables compared on "), ledger.assert_nothing_lost(writer, MEMBERS)))


def vote_out(name, number):
    """A row that it alone has, and then the same row for all: it cannot apply what the others could."""
    lab.sql(name, "SET SESSION wsrep_on=OFF; INSERT INTO ledger.t VALUES (%d)" % number)
    lab.sql("member-a", "INSERT INTO ledger.t VALUES (%d)" % number)
    lab.wait_for(lambda: lab.status(name, "wsrep_local_state_comment") == "Inconsistent")
    lab.wait_for(lambda: lab.status("member-a", "wsrep_cluster_size") == "2")


def test_who_was_voted_out_is_not_waited_for():
    vote_out("member-c", 3 * 10**6)
    lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, [
        "member-c: Galera runs there (Inconsistent) but not in the primary component that serves: it was voted out, because its data differ, and "
        "does not return by itself. Give it all data anew: reseed_member with senhasegura_reseed=member-c"])
    told = lab.module("member-c", "cluster_restored", {"addresses": [A, B, C], "platform": "auto"})
    assert told["failed"] and told["msg"].splitlines()[0] == (
        "member-c is not restored: Galera is Inconsistent. The next member was not touched.")
    assert "\nThe last telling lines of its error log:\n  " in told["msg"] and "Inconsist" in told["msg"].split("error log:\n")[1]


def test_who_was_voted_out_is_seeded_anew():
    before = lab.processes(OTHERS)
    run = lab.create(*SEED_C, playbook=RESEED)
    assert " tables compared on member-c, member-b, member-a, 0 to be read again" in run.output
    assert ledger.rows("member-c") == ledger.rows("member-a") and lab.processes(OTHERS) == before
    lab.assert_one_component()


def test_two_that_were_left_behind_are_not_seeded_from_each_other():
    """They hold the same row, which the primary has not: compared with each other they would be equal."""
    for name in ("member-b", "member-c"):
        lab.sql(name, "SET SESSION wsrep_on=OFF; INSERT INTO ledger.t VALUES (4000000)")
    lab.module("member-a", "cluster_history", {"state": "left_behind", "addresses": [B, C], "platform": "auto", "position": {
        "uuid": lab.status("member-a", "wsrep_cluster_state_uuid"), "seqno": 1}})
    run = lab.create("-e", "senhasegura_reseed=member-b", playbook=RESEED)
    assert "(SST), from member-a and from nobody else.\n" in run.output and donors("member-b")[-1:] == ["member-a"]
    assert " tables compared on member-b, member-a, 0 to be read again" in run.output
    assert 4000000 not in ledger.rows("member-b") and 4000000 in ledger.rows("member-c")
    lab.create(*SEED_C, playbook=RESEED)
    assert donors("member-c")[-1:] == ["member-b"] and ledger.rows("member-c") == ledger.rows("member-a")
    lab.assert_one_component()
    assert lab.create().changed() == []


def test_who_was_voted_out_is_removed():
    """It leaves a cluster in which it is no more; its data stay with it."""
    vote_out("member-c", 5 * 10**6)
    before = lab.processes(OTHERS)
    run = lab.create("-e", "senhasegura_remove=member-c", playbook=REMOVE)
    assert "Galera runs there in no primary component" in run.output
    assert lab.processes(OTHERS) == before
    lab.assert_one_component(OTHERS)
    assert lab.sql("member-c", "SELECT @@wsrep_on") == "0" and lab.sql("member-c", "SELECT COUNT(*) FROM ledger.t WHERE n = 5000000") == "1"
