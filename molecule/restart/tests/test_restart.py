"""A rolling restart while an application writes: nothing is lost, nobody restarts twice, and a cluster that is not whole is left
alone."""

from __future__ import annotations

import functools
import itertools
import re
import subprocess

import ledger
import lab
import pytest
from balancer import Balancer
from faults import held_start

MEMBERS = ["member-a", "member-b", "member-c"]
RESTART = "senhasegura.cluster.restart_cluster"
FLAG = "/var/lib/senhasegura-health/drained"
WORKS = "a playbook of senhasegura.cluster is working on it"
PRIMARY_LAST = ["member-b", "member-c", "member-a"]


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create("-e", "senhasegura_sync_enabled=false")
    lab.create(playbook="senhasegura.cluster.serve_health")


restart = functools.partial(lab.play, playbook=RESTART)


def starts(name):
    """How often this host's database was started since the host was made."""
    return int(lab.shell(name, "journalctl -u mariadb -o cat | grep -c '^Started mariadb.service'"))


def process(name):
    """The process of a member's database, 0 for none."""
    return lab.processes([name])[name].split()[0]


def drained():
    """Who is drained, and what is told of them."""
    told = {name: lab.shell(name, "cat %s 2>/dev/null || true" % FLAG) for name in MEMBERS}
    return {name: reason for name, reason in told.items() if reason}


def started_at(name):
    """When the database process was started, in seconds: the hosts share one clock."""
    return float(lab.shell(name, "p=$(systemctl show mariadb -p MainPID --value); cut -d' ' -f22 /proc/$p/stat"))


def test_check_mode_shows_the_plan_and_writes_nothing():
    before = {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS}
    run = restart("--check", "--diff")
    assert run.rc == 0
    assert [line for line in run.output.splitlines() if line[:2] in ("1 ", "2 ", "3 ")] == [
        "1  member-b  restart                asked for  2 of 3; it must not lose member-a or member-c too",
        "2  member-c  restart                asked for  2 of 3; it must not lose member-a or member-b too",
        "3  member-a  restart (the primary)  asked for  2 of 3; it must not lose member-b or member-c too"]
    assert "Expected downtime: none of the cluster" in run.output
    assert {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS} == before


def test_without_a_yes_nothing_restarts_not_even_those_named():
    before = lab.processes()
    run = restart("-e", "senhasegura_restart_members=member-a,member-c")
    assert run.rc != 0 and run.changed() == []
    assert [line.split()[:3] for line in run.output.splitlines() if line[:2] in ("1 ", "2 ", "- ")
            and line.split()[1] in MEMBERS] == [
        ["1", "member-c", "restart"], ["2", "member-a", "restart"], ["-", "member-b", "nothing"]]
    assert ("Nothing was changed: the plan restarts databases and needs a Yes. There is no terminal to ask on: set "
            "senhasegura_confirm=true.") in run.output
    assert lab.processes() == before


def test_killed_in_the_middle_and_run_again_while_an_application_writes(capsys):
    """Who was restarted, or was just restarting, is not restarted again; the run behind that begins anew. Load balancers are told of nobody who
    restarts, and never of two primaries.
    """
    ledger.make("member-a")
    writer, balancer = ledger.Writer(MEMBERS), Balancer(MEMBERS)
    writer.start()
    balancer.start()
    before = {name: starts(name) for name in MEMBERS}
    former = process("member-b")
    lab.play_until("TASK [senhasegura.cluster.rolling : Wait until the member is restored", playbook=RESTART)
    lab.wait_for(lambda: process("member-b") not in ("0", former))   # it is just being started
    assert {name: starts(name) for name in MEMBERS[::2]} == {name: before[name] for name in MEMBERS[::2]}
    assert drained() == {"member-b": WORKS}
    lab.shell("member-c", "echo 'a person looks at it' > " + FLAG)
    run = restart(*lab.YES)
    assert run.rc == 0
    lab.wait_for(lambda: balancer.told["member-a"][-1:] == [200])   # an answer may be half a second old
    # Who lets another one catch up tells 503 for that moment.
    told = {name: [code for code, _times in itertools.groupby(code for code in codes if code != 503)] for name, codes in balancer.stop().items()}
    assert told == {"member-a": [200, 403, 200], "member-b": [203, 403, 203], "member-c": [203, 403]}
    said = ledger.assert_nothing_lost(writer, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    lab.assert_one_component()
    lab.assert_written_timers()
    assert drained() == {"member-c": "a person looks at it"}
    lab.shell("member-c", "rm " + FLAG)
    assert {name: starts(name) - before[name] for name in MEMBERS} == {"member-a": 1, "member-b": 1, "member-c": 1}
    assert sorted(MEMBERS, key=started_at) == PRIMARY_LAST
    assert re.search(r"^-  member-b  nothing to do          restarted at \S+Z by a run that did not end  -$", run.output, re.MULTILINE)
    assert "member-b  restart " in restart("--check").output
    places = [run.output.rindex("%s: restored" % name) for name in PRIMARY_LAST]
    assert places == sorted(places)


def test_when_another_one_is_lost_meanwhile_nobody_else_is_touched():
    before = lab.processes(["member-a"])
    with held_start("member-b") as let_go:   # or it could be restored before the other one is lost
        def lose():
            lab.shell("member-c", "systemctl stop mariadb")
            let_go()
        run = lab.play_through("member-b: activating", lose, "-e", "senhasegura_restart_members=member-b,member-a", playbook=RESTART)
    assert run.rc != 0
    assert ("member-b is not restored: it serves in a component that is not the cluster's: its component lacks %s. The next member was not "
            "touched.\n" % lab.addresses()["member-c"]) in run.output
    assert lab.processes(["member-a"]) == before
    lab.shell("member-c", "systemctl start mariadb")
    lab.wait_for(lambda: [lab.status(name, "wsrep_cluster_size") for name in MEMBERS[:2]] == ["3", "3"])


def test_the_first_one_does_not_come_back_and_nobody_else_is_touched():
    """create_cluster brings it back, and puts it back into service. The run before had restarted member-b and ended there; member-c was none of
    its members, so that it restarts though a person has just started it.
    """
    lab.wait_for(lambda: lab.status("member-c", "wsrep_local_state_comment") == "Synced")
    before = lab.processes(["member-a", "member-b"])
    lab.shell("member-c", "mv /usr/lib/libgalera_smm.so /usr/lib/libgalera_smm.so.away")
    try:
        run = restart(*lab.YES)
    finally:
        lab.shell("member-c", "mv /usr/lib/libgalera_smm.so.away /usr/lib/libgalera_smm.so")
    assert run.rc != 0 and "1  member-c  restart " in run.output and "2  member-a  restart (the primary) " in run.output
    assert re.search(r"^-  member-b  nothing to do          restarted at \S+Z by a run that did not end  -$", run.output, re.MULTILINE)
    assert "member-c is not restored: mariadb.service is failed (exit-code). The next member was not touched.\n" in run.output
    assert lab.processes(["member-a", "member-b"]) == before and drained() == {"member-c": WORKS}
    lab.create("-e", "senhasegura_sync_enabled=false")
    assert lab.processes(["member-a", "member-b"]) == before and drained() == {}


def test_a_degraded_cluster_is_refused():
    """By every playbook that is not there to mend it."""
    c = lab.addresses()["member-c"]
    lab.shell("member-c", "systemctl stop mariadb")
    before = lab.state()
    runs = [lab.play(*lab.YES, *arguments, playbook="senhasegura.cluster." + playbook) for playbook, *arguments in (
        ("restart_cluster",), ("reseed_member", "-e", "senhasegura_reseed=member-b"), ("remove_member", "-e", "senhasegura_remove=member-b"),
        ("serve_health", "-e", "senhasegura_health_port=9300"))]
    after = lab.state()
    lab.shell("member-c", "systemctl start mariadb")
    assert after == before
    lab.assert_refused(runs[0], lab.REFUSED, [
        "member-c: the cluster is degraded: its database is stopped; create_cluster starts it and waits until it is restored"])
    lab.assert_refused(runs[1], "Seeding anew is refused; nothing was changed.", [
        "the others are not proven to be one primary component: " + wrong for wrong in (
            "member-a: its component lacks " + c, "member-c: the database does not answer", "member-c: mariadb.service is not running")])
    lab.assert_refused(runs[2], "The removal is refused; nothing was changed.", [
        "member-c: its database does not run; a member is removed only while all who stay serve. Bring it back first, with create_cluster"])
    lab.assert_refused(runs[3], "The members are not proven to be one component.", [
        "member-a: its component lacks " + c, "member-b: its component lacks " + c, "member-c: the database does not answer",
        "member-c: mariadb.service is not running"])


def test_a_member_that_does_not_follow_is_not_quiet():
    """A lock stops the applier: write sets queue up, and nothing gets better. Whoever is next is not restarted then."""
    before = lab.processes()
    with subprocess.Popen(lab.inside("member-c", "mariadb"), stdin=subprocess.PIPE, text=True) as locker:
        def queue_up():
            locker.stdin.write("FLUSH TABLES WITH READ LOCK;\n")
            locker.stdin.flush()
            lab.wait_for(lambda: lab.status("member-c", "wsrep_local_state_comment") == "Donor/Desynced")
            lab.sql("member-a", "; ".join("INSERT INTO ledger.t VALUES (%d)" % (10**6 + number) for number in range(40)))
        run = lab.play_through("PLAY [6/7", queue_up, "-e", "senhasegura_stall_timeout=2", playbook=RESTART, hold=True)
    lab.assert_refused(run, re.compile(
        r"member-c: replication is not quiet there, so no member was restarted now: nothing has got better for 2 s \([^\n]*write sets wait "
        r"there to be applied \(at most 10 are quiet\)\)\. Find what writes so much, or what keeps this member from applying it \(a lock, a slow "
        r"disk\), then run the playbook again\."))
    assert lab.processes() == before and drained() == {}
    assert lab.module("member-c", "cluster_quiet", {"platform": "auto"})["flow"]["noise"] == []
    lab.wait_for(lambda: lab.status("member-c", "wsrep_local_state_comment") == "Synced")
    lab.assert_one_component()
