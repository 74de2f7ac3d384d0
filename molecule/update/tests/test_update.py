"""Packages of a cluster that is being written to: the newer ones of a small repository on each host, which are the installed ones
built anew with a higher version."""

from __future__ import annotations

import functools

import lab
import ledger
import pytest
from faults import another_controller, assert_held, power_off, power_on
from packages import offer

MEMBERS = ["member-a", "member-b", "member-c"]
UPDATE = "senhasegura.cluster.update_members"
VERSION = "dpkg-query -W -f '${Version}' "


update = functools.partial(lab.play, playbook=UPDATE)


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create("-e", "senhasegura_sync_enabled=false")
    offer(MEMBERS)


def versions(package, names=tuple(MEMBERS)):
    """The installed version on hosts."""
    return {name: lab.shell(name, VERSION + package) for name in names}


def started(name):
    """How often this host's database was started since the host was made."""
    return int(lab.shell(name, "journalctl -u mariadb -o cat | grep -c '^Started mariadb.service'"))


def test_nothing_is_newer_and_nobody_restarts():
    before = lab.processes()
    run = update(*lab.YES)
    assert run.rc == 0 and run.changed() == []
    assert "Nothing to do: no member needs a restart or an update." in run.output
    assert lab.processes() == before


def test_check_mode_and_who_is_refused_write_nothing():
    offer(["member-a"], "galera-4")
    before = {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS}
    run = update()
    assert run.rc != 0 and run.changed() == []
    assert ("Nothing was changed: the plan restarts databases and needs a Yes. There is no terminal to ask on: set "
            "senhasegura_confirm=true.") in run.output
    run = update("--check", "--diff")
    assert run.rc == 0
    old = versions("galera-4")["member-a"]
    assert ("1  member-a  update, and restart if its database runs any of it (the primary)  galera-4 from %s to %s+lab  2 of 3; it "
            "must not lose member-b or member-c too" % (old, old)) in run.output
    assert ("Note: the members will have different versions of galera-4 (%s: member-b, member-c; %s+lab: member-a): give them the "
            "same package source before you say Yes." % (old, old)) in run.output
    with another_controller("member-c"):
        assert_held(update(*lab.YES), "member-c")
    assert {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS} == before


def test_one_member_at_a_time_and_the_primary_first(capsys):
    """galera-4 leaves the restart to us, the server's package stops and starts it; each member restarts once."""
    lab.shell("member-b", "apt-mark hold rsync")
    offer(["member-a", "member-b"], "galera-4", "rsync")
    offer(["member-c"], "galera-4", "rsync", "mariadb-server")
    old, starts = {package: versions(package) for package in ("galera-4", "rsync")}, {name: started(name) for name in MEMBERS}
    ledger.make("member-a")
    writer = ledger.Writer(["member-b", "member-c", "member-a"])
    writer.start()
    run = update(*lab.YES)
    assert run.rc == 0
    said = ledger.assert_nothing_lost(writer, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    lab.assert_one_component()
    lab.assert_written_timers()
    assert versions("galera-4") == {name: version + "+lab" for name, version in old["galera-4"].items()}
    assert versions("rsync") == {name: version + ("" if name == "member-b" else "+lab") for name, version in old["rsync"].items()}
    assert ("Note: member-b: rsync is held (apt-mark) at %s and stays there; %s+lab is newer."
            % ((old["rsync"]["member-b"],) * 2)) in run.output
    assert {name: started(name) - starts[name] for name in MEMBERS} == dict.fromkeys(MEMBERS, 1)
    after = lab.processes()
    assert sorted(MEMBERS, key=lambda name: int(after[name].split()[1])) == MEMBERS


def test_only_a_database_that_runs_what_was_replaced_restarts():
    """One member gets a package of no database; on another the file that its database runs was replaced, as an interrupted run leaves
    it."""
    offer(["member-a"], "socat")
    offer(["member-b", "member-c"])
    library = lab.shell("member-b", "readlink -f /usr/lib/galera/libgalera_smm.so")
    lab.shell("member-b", "cp -p {0} {0}.new && mv {0}.new {0}".format(library))
    before = lab.processes()
    run = update(*lab.YES)
    assert run.rc == 0
    assert "its database still runs what an update has replaced: " + library in run.output
    after = lab.processes()
    assert [name for name in MEMBERS if after[name] != before[name]] == ["member-b"]
    assert versions("socat")["member-a"].endswith("+lab")
    lab.assert_one_component()


def test_the_first_host_dies_while_it_is_updated_and_one_more_run_ends_well():
    """It stops there, and nobody else is touched though all have updates; when the host is back, the rest is done."""
    offer(MEMBERS, "galera-4")
    others, old = MEMBERS[1:], versions("galera-4")
    before = lab.processes(others), versions("galera-4", others)
    run = lab.play_through("member-a: ", lambda: power_off("member-a"), "-e", "senhasegura_stall_timeout=15", playbook=UPDATE)
    assert run.rc != 0
    assert "member-a is not restored: nothing has moved for 15 s (not reachable over SSH; " in run.output
    assert (lab.processes(others), versions("galera-4", others)) == before
    run = update(*lab.YES)
    assert run.rc != 0 and "- member-a: it cannot be reached: " in run.output
    power_on("member-a")
    lab.wait_for(lambda: lab.shell("member-a", "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False)[-6:] == "Synced", 60)
    run = update(*lab.YES)
    assert run.rc == 0, run.output
    assert update(*lab.YES).changed() == [] and versions("galera-4") == {name: old[name] + "+lab" for name in MEMBERS}
    lab.assert_one_component()
