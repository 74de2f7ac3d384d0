"""Packages of a cluster that is being written to: the newer ones of a small repository on each host, which are the installed ones
built anew with a higher version."""

from __future__ import annotations

import functools
import json
import re

import lab
import ledger
import pytest
from faults import another_controller, assert_held, cut, heal, held_start, power_off, power_on
from packages import offer

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()
UPDATE = "senhasegura.cluster.update_members"
VERSION = "dpkg-query -W -f '${Version}' "


update = functools.partial(lab.play, playbook=UPDATE)


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create("-e", "senhasegura_sync_enabled=false")
    offer(MEMBERS)
    ledger.make("member-a")


@pytest.fixture(name="writer")
def _writer(capsys):
    """It writes on those who are updated last, and afterwards nothing is lost anywhere."""
    made = ledger.Writer(["member-b", "member-c", "member-a"], ledger.next_number("member-b"))
    made.start()
    yield made
    heal("member-a")
    ledger.say(capsys, ledger.assert_nothing_lost(made, MEMBERS))
    lab.assert_one_component()
    lab.assert_written_timers()


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


def test_what_is_missing_is_not_installed_where_that_would_restart_who_serves():
    """A package of the database stops and starts it, and create_cluster installs on all members at once."""
    offer(MEMBERS, "galera-4", new="lab-tool")
    run = functools.partial(lab.play, *lab.YES, "-e", "senhasegura_sync_timeout=25", "-e", json.dumps({
        "senhasegura_sync_enabled": False, "senhasegura_packages": ["galera-4", "mariadb-server", "lab-tool"]}))
    before, old = lab.processes(), versions("galera-4")
    refused = run()
    assert refused.rc != 0 and refused.changed() == []
    for name in MEMBERS:
        assert ("%s: it lacks lab-tool, and to install that would also replace galera-4, of which a member of a cluster consists. No package was "
                "installed, and no database restarted. Run update_members first, which updates one member at a time, and wants a whole cluster: where "
                "a member is stopped, and the others did not go on without it, start it as it is (systemctl start mariadb), and leave who is no member "
                "yet out of the inventory meanwhile; then run the playbook again" % name) in refused.output
    assert (lab.processes(), versions("galera-4")) == (before, old)
    assert update(*lab.YES).rc == 0 and versions("galera-4") == {name: version + "+lab" for name, version in old.items()}
    checked = run("--check")
    assert checked.rc == 0 and [name for name in MEMBERS if "%s: would install lab-tool" % name in checked.output] == MEMBERS


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


@pytest.mark.usefixtures("writer")
def test_one_member_at_a_time_and_the_primary_first():
    """galera-4 leaves the restart to us, the server's package stops and starts it; each member restarts once."""
    lab.shell("member-b", "apt-mark hold rsync")
    offer(["member-a", "member-b"], "galera-4", "rsync")
    offer(["member-c"], "galera-4", "rsync", "mariadb-server")
    old, starts = {package: versions(package) for package in ("galera-4", "rsync")}, {name: started(name) for name in MEMBERS}
    run = update(*lab.YES)
    assert run.rc == 0
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


def back(name):
    """Wait until a member has come back: by itself, or started once more where it had given up finding the others (after 30 s)."""
    lab.wait_for(lambda: lab.shell(name, "systemctl is-failed --quiet mariadb && systemctl start --no-block mariadb; "
                                         "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False)[-6:] == "Synced", 180)


def unfinished(name):
    """The packages that dpkg has begun with there, and not ended."""
    return lab.shell(name, "dpkg-query -W -f '${db:Status-Abbrev}${Package}\\n' | grep -v ^ii | grep -v ^hi || true")


@pytest.mark.usefixtures("writer")
def test_the_controller_is_killed_while_dpkg_works_and_one_more_run_ends_well():
    """dpkg ends its work without it, and the next run waits for that."""
    offer(["member-a"], "mariadb-server")
    offer(["member-b"], "galera-4")
    offer(["member-c"])
    old = {name: started(name) for name in MEMBERS}
    lab.play_until("TASK [senhasegura.cluster.rolling : Update the packages", once=lambda: unfinished("member-a"), playbook=UPDATE)
    run = update(*lab.YES)
    assert run.rc == 0, run.output
    assert [unfinished(name) for name in MEMBERS] == [""] * 3
    assert {name: started(name) - old[name] for name in MEMBERS} == {"member-a": 1, "member-b": 1, "member-c": 0}
    assert update(*lab.YES).changed() == []


@pytest.mark.usefixtures("writer")
def test_the_network_of_the_one_that_is_updated_is_cut_and_nobody_else_is_touched():
    two = ["member-a", "member-b"]
    offer(two, "galera-4")
    offer(["member-c"])
    old, before = versions("galera-4"), lab.processes(MEMBERS[1:])
    with held_start("member-a") as let_go:   # the cut comes before it has found anybody
        def cut_off():
            cut("member-a", B, C)
            let_go()
        run = lab.play_through("member-a: activating", cut_off, "-e", "senhasegura_stall_timeout=15", playbook=UPDATE)
    assert run.rc != 0
    assert re.search(r"member-a is not restored: nothing has moved for 15 s \([^\n]*\)\. The next member was not touched\.\n", run.output)
    assert (lab.processes(MEMBERS[1:]), versions("galera-4")["member-b"]) == (before, old["member-b"])
    lab.wait_for(lambda: lab.shell("member-a", "systemctl is-active mariadb", check=False) == "failed")   # it has found nobody for 30 s
    before = lab.state()
    lab.assert_refused(update(*lab.YES), lab.REFUSED, [
        "member-a: the cluster is degraded: its database is stopped; create_cluster starts it and waits until it is restored"])
    assert (lab.state(), versions("galera-4")["member-b"]) == (before, old["member-b"])
    other = lab.play(*lab.YES, "-e", "senhasegura_sync_enabled=false")
    assert other.rc != 0 and other.changed() == [] and (
        "; install the same everywhere; where an update was interrupted, start MariaDB as it is on member-a (systemctl start mariadb), and run "
        "update_members again, which updates the others\n") in other.output
    heal("member-a")
    lab.shell("member-a", "systemctl start --no-block mariadb")   # it is waited for
    run = update(*lab.YES)
    assert run.rc == 0, run.output
    assert versions("galera-4", two) == {name: old[name] + "+lab" for name in two}


@pytest.mark.usefixtures("writer")
def test_a_host_that_dies_while_dpkg_works_is_told_of_until_its_packages_are_repaired():
    """Nobody ends what dpkg had begun: by its version the package may be the new one, and is not whole. Nobody else is touched meanwhile."""
    offer(["member-a"], "mariadb-server")
    offer(["member-b"], "galera-4")
    before = lab.processes(MEMBERS[1:])
    run = lab.play_through("TASK [senhasegura.cluster.rolling : Update the packages", lambda: lab.wait_for(lambda: unfinished("member-a"))
                           and power_off("member-a"), playbook=UPDATE)
    assert run.rc != 0 and run.recap("unreachable")["member-a"] == 1
    lab.wait_for(lambda: lab.status("member-b", "wsrep_cluster_size") == "2")
    lab.assert_refused(update(*lab.YES), lab.REFUSED, [re.compile(
        r"member-a: it cannot be reached: ssh: connect to host \S+ port 22: (No route to host|Connection timed out); whether it serves is "
        r"unknown\. Every declared member must be observed before one of them restarts")])
    power_on("member-a")
    back("member-a")
    lab.assert_refused(update(*lab.YES), lab.REFUSED, [
        "member-a: dpkg has begun with mariadb-server there and has not ended. If it is not working on that just now, repair it there "
        "(dpkg --configure -a, then apt-get -f install); then run the playbook again"])
    assert lab.processes(MEMBERS[1:]) == before
    lab.shell("member-a", "export DEBIAN_FRONTEND=noninteractive; dpkg --configure -a && apt-get -f install -q -y")
    back("member-a")
    run = update(*lab.YES)
    assert run.rc == 0, run.output
    assert [unfinished(name) for name in MEMBERS] == [""] * 3 and update(*lab.YES).changed() == []
