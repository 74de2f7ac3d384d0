"""Killed anywhere and run again, it ends as if it had not been; and what hosts with a past are treated like."""

from __future__ import annotations

import re
import signal
import subprocess

import lab
import ledger
import pytest
from faults import another_controller, assert_held, donors, heal, held_start, slow

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()


def written():
    """The members on which the settings are."""
    return [name for name in MEMBERS if lab.shell(name, "ls %s || true" % lab.SETTINGS) == lab.SETTINGS]


def restarted(before):
    """The members whose database is not the process that it was."""
    return [name for name in MEMBERS if lab.processes([name])[name] != before[name]]


def nothing_is_written(before):
    assert (written(), restarted(before)) == ([], [])


def a_transfer_is_under_way(before):
    assert donors("member-b") == ["member-a"] and lab.shell("member-b", "pgrep -f '[w]srep_sst_rsync --role joiner' | head -1")
    assert lab.status("member-a", "wsrep_local_state_comment") == "Donor/Desynced" and restarted(before) == ["member-a", "member-b"]
    heal("member-b")


def only_the_first_serves(before):
    assert lab.status("member-a", "wsrep_cluster_size") == "1" and restarted(before) == ["member-a"]


def assert_one_more_run_ends_well():
    lab.create()
    lab.assert_one_component()
    lab.assert_written_timers()
    assert [lab.sql(name, "SELECT i FROM shop.t") for name in MEMBERS] == ["42"] * 3
    assert lab.create().changed() == []


def receives():
    return (donors("member-b") == ["member-a"] and lab.shell("member-b", "pgrep -f '[w]srep_sst_rsync --role joiner' || true")
            and lab.status("member-a", "wsrep_local_state_comment") == "Donor/Desynced")


POINTS = [
    ("before anything is written", "PLAY [7/10", None, nothing_is_written),
    ("while a member receives the data", "member-b: activating", receives, a_transfer_is_under_way),
    ("between two members", "TASK [senhasegura.cluster.member : Prove that the member is restored]", None, only_the_first_serves),
]


@pytest.fixture(name="fresh_hosts")
def _fresh_hosts():
    lab.rebuild_all()
    slow("member-b")
    lab.sql("member-a", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
    yield
    heal("member-b")


@pytest.mark.usefixtures("fresh_hosts")
@pytest.mark.parametrize("text, once, there", [point[1:] for point in POINTS], ids=[point[0] for point in POINTS])
def test_killed_and_run_once_more(text, once, there):
    """What the killed run had begun on a member is ended there first: where that ends between two looks of the next run, the plan is another
    one, and the run says so.
    """
    before = lab.processes()
    lab.play_until(text, once=once)
    there(before)
    heal("member-b")
    lab.wait_for_what_was_begun()
    assert_one_more_run_ends_well()


@pytest.mark.usefixtures("fresh_hosts")
def test_killed_between_writing_and_restarting():
    """One remote execution does both, so it is the one that is killed, as soon as anything of it is written."""
    before = lab.processes()
    lab.shell("member-a", "setsid bash -c 'until [ -e %s ]; do :; done; pkill -KILL -x -f /usr/bin/python3' >/dev/null 2>&1 </dev/null &"
              % lab.SETTINGS)
    run = lab.play(*lab.YES)
    assert run.rc != 0 and "TASK [senhasegura.cluster.member : Apply the steps]" in run.output
    assert (written(), restarted(before)) == (["member-a"], []) and lab.sql("member-a", "SELECT @@wsrep_on") == "0"
    heal("member-b")
    assert_data_that_come_behind_the_second_look_are_not_replaced()
    assert_one_more_run_ends_well()


def assert_data_that_come_behind_the_second_look_are_not_replaced():
    """Somebody restores a dump on an empty host while the others join: nothing is written there, and it stays."""
    before = lab.processes(["member-c"])
    run = lab.play_through("RUNNING HANDLER", lambda: lab.sql("member-c", "CREATE DATABASE dump; CREATE TABLE dump.t (i INT PRIMARY KEY)"))
    lab.assert_refused(run, "Module failed: joining refused: this member holds data of its own that were not there when the plan was made "
                            "(dump), and joining would replace them. Name it in senhasegura_overwrite_members to have them backed up and "
                            "replaced, or take it out of the inventory; then run the playbook again.")
    assert (lab.sql("member-c", "SHOW TABLES FROM dump"), lab.processes(["member-c"]), written()) == ("t", before, ["member-a", "member-b"])
    lab.assert_one_component(["member-a", "member-b"])
    lab.sql("member-c", "DROP DATABASE dump")


def test_a_slow_bootstrap_is_watched_and_one_that_is_killed_takes_its_flag_along():
    """galera_new_cluster is killed with its unit and cleans nothing up, nor does the run that began it, which is dead."""
    lab.rebuild_all()
    lab.shell("member-a", "mkdir -p /run/systemd/system/mariadb.service.d; printf '[Service]\\nExecStartPre=/bin/sleep 30\\n' "
                          "> /run/systemd/system/mariadb.service.d/slow.conf; systemctl daemon-reload")
    lab.play_until("member-a: activating (database closed)")
    flag = "cat /run/mariadb-wsrep-new-cluster; systemctl show-environment | grep _WSREP_NEW_CLUSTER"
    assert lab.shell("member-a", flag, check=False).endswith("_WSREP_NEW_CLUSTER=--wsrep-new-cluster")
    lab.shell("member-a", "systemctl kill --signal=KILL senhasegura-bootstrap")
    lab.wait_for(lambda: lab.shell("member-a", flag, check=False).endswith("No such file or directory"))
    lab.shell("member-a", "systemctl stop mariadb")
    run = lab.create()
    assert run.output.count("member-a: activating (database closed)") >= 2, "a line at least every 10 s"
    lab.assert_one_component()
    lab.shell("member-a", "rm -r /run/systemd/system/mariadb.service.d; systemctl daemon-reload")


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
    run = lab.play_through("PLAY [7/10", lambda: lab.sql("member-b", "SET GLOBAL wsrep_provider_options='evs.keepalive_period=PT0.1S'"),
                           hold=True)
    assert run.rc == 0 and run.changed() == ["member-b", "member-c"], run.output
    lab.assert_one_component()
    lab.assert_written_timers()


LEFT = ("python3 -c 'import json, time; print(json.load(open(\"/run/senhasegura-cluster/lock.json\"))[\"until\"] - time.monotonic())'")


def test_a_joiner_killed_with_its_host_takes_a_full_transfer_again(capsys):
    """Also where MariaDB does not start any more on what it has half received: the unit's own recovery fails on it before every start. The
    others are written to all the time.
    """
    ledger.make("member-a")
    writer = ledger.Writer(MEMBERS[:2], ledger.next_number("member-a"))
    writer.start()
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    slow("member-c")
    lab.play_until("member-c: activating")
    assert 60 < float(lab.shell("member-a", LEFT)) <= 120, "as long as is documented, and no longer"
    lab.wait_for(lambda: donors("member-c"))
    lab.shell("member-c", "systemctl kill --signal=KILL mariadb; systemctl stop mariadb; pkill -KILL -f [w]srep_sst; "
                          "head -c 4M /dev/urandom | dd of=/var/lib/mysql/ibdata1 conv=notrunc status=none")
    heal("member-c")
    run = lab.create()
    assert "joins the cluster that serves; a state transfer to it was interrupted, and what that left is set aside" in run.output
    assert re.search(r"member-c: its data are kept in /var/lib/mysql\.\d{8}T\d{6}Z\n", run.output.replace('"', "\n"))
    assert len(donors("member-c")) > 1, "all data were asked for once more"
    ledger.say(capsys, ledger.assert_nothing_lost(writer, MEMBERS))
    lab.assert_one_component()


MESSAGE = ("-e", "senhasegura_recovery_message=Call-the-vault-team")
OVER = ("-e", "senhasegura_take_over=true")


def test_a_second_controller_is_refused_and_the_first_one_ends_well():
    """The first one stands still meanwhile, or it could be over before the second one looks."""
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    first = subprocess.Popen(lab.command(*lab.YES), env=lab.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
    for line in first.stdout:
        if line.startswith("member-c: "):
            break
    first.send_signal(signal.SIGSTOP)
    try:
        second = lab.play(*lab.YES, *MESSAGE)
    finally:
        first.send_signal(signal.SIGCONT)
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


FOLLOWED = re.compile(
    r"(Module failed: )?another run has worked here since this one last held its lock: \S+ \(process \d+\), since 20\S+Z; "
    r"what this one's plan was made of may be true no more\. Run the playbook again: it observes every member anew\.")


def test_who_is_taken_over_from_while_it_works_is_refused_at_its_next_step():
    """The member that both wait for comes no further until the first one has ended."""
    lab.shell("member-c", "systemctl stop mariadb")
    refused = []
    with held_start("member-c") as let_go, lab.under_way("member-c: activating") as (_process, ended):
        def outlive_the_first():
            refused.append(ended())
            let_go()
        second = lab.play_through("member-c: activating", outlive_the_first, *OVER)
    lab.assert_refused(refused[0], FOLLOWED)
    assert second.rc == 0 and "One component, proven on every member: 3 voters" in second.output, second.output


SERVE, PREPARE = "senhasegura.cluster.serve_health", "senhasegura.cluster.prepare_members"


def planned(run):
    """The rows of the plan that change somebody."""
    return [line for line in run.output.splitlines() if re.match(r"\d  member-", line)]


def test_the_health_service_is_installed_by_the_run_after_a_killed_one():
    """The first one is killed when its units are written and hardly anybody listens yet: what a member had begun it may still end."""
    before = lab.state()
    checked = lab.create("--check", playbook=SERVE)
    assert checked.changed() == MEMBERS and lab.state() == before
    lab.play_until("TASK [senhasegura.cluster.health : Listen, now and after every start of the host]", playbook=SERVE)
    ended, again = lab.create(playbook=SERVE), lab.create(playbook=SERVE)
    assert "Expected downtime: none; no database restarts.\n" in checked.output
    assert planned(checked) == ["%d  %s  install it; tell the database of its user and of the primary, once for all members  nothing of it is "
                                "there; they are not there" % row for row in enumerate(MEMBERS, 1)]
    assert {line.split("  ", 1)[1] for line in planned(ended)} <= {
        name + "  listen, now and after every start of the host  it does not" for name in MEMBERS}
    for run in (ended, again):
        assert "One component, proven on every member: 3 voters" in run.output
        told = sorted(re.findall(r'"msg": "(member-.: \d+, \w+)"', run.output))
        assert told == ["member-a: 200, active", "member-b: 203, active", "member-c: 203, active"]
    assert "Nothing to do: all 3 members tell how they are, as declared.\n" in again.output and again.changed() == []
    assert {name: lab.processes([name]) for name in MEMBERS} == {name: processes for name, (_tree, processes) in before.items()}
    assert lab.shell("member-a", "ls /run/senhasegura-cluster/lock.json", check=False).endswith("No such file or directory")


CHANGES = {
    "create_cluster": (lab.REFUSED, *MESSAGE),
    "restart_cluster": (lab.REFUSED,),
    "serve_health": (lab.REFUSED, "-e", "senhasegura_health_port=9300"),
    "prepare_members": (lab.REFUSED, "-e", '{"senhasegura_prepare_hosts": true}'),
    "remove_member": ("The removal is refused; nothing was changed.", "-e", "senhasegura_remove=member-c"),
    "assume_primary": ("Assuming as primary is refused; nothing was changed.", "-e", "senhasegura_primary=member-b"),
    "reseed_member": ("Seeding anew is refused; nothing was changed.", "-e", "senhasegura_reseed=member-c"),
}
"""Playbook to how it tells that it is refused, and what makes it change something. Elsewhere: the arbitrator's, update_members (there must be
something newer), recover_cluster (nobody may serve).
"""


def test_the_lock_of_another_controller():
    """It counts until its time is up, unless it is taken over; who changes nothing needs none, and leaves whom the other one has drained. Who
    takes it over is suspended and taken over itself, by a run that ends before it goes on.
    """
    flag = "/var/lib/senhasegura-health/drained"
    with another_controller("member-b"):
        lab.shell("member-c", "echo 'a playbook of senhasegura.cluster is working on it' > " + flag)
        before = lab.state()
        for playbook, (title, *arguments) in CHANGES.items():
            assert_held(lab.play(*lab.YES, *arguments, playbook="senhasegura.cluster." + playbook), "member-b", title)
        unchanged = [lab.create(playbook=playbook) for playbook in (lab.PLAYBOOK, SERVE, PREPARE)]
        checked = lab.play(*MESSAGE, "--check")
        looked = lab.play(playbook="senhasegura.cluster.check_cluster")
        assert lab.state() == before
        ended = []
        suspended = lab.play_through("TASK [senhasegura.cluster.preflight : Plan again on what is true now",
                                     lambda: ended.append(lab.create(*MESSAGE, *OVER)), *OVER, "-e", "senhasegura_recovery_message=Wait", hold=True)
    with another_controller("member-b", -1):
        expired = lab.play(*lab.YES)
    assert [run.changed() for run in unchanged] == [[]] * 3
    assert (looked.rc, looked.changed()) == (0, [])
    lab.assert_refused(suspended, FOLLOWED)
    assert checked.rc == 0 and suspended.changed() == [] and ended[0].changed() == expired.changed() == MEMBERS
    assert lab.shell("member-c", "test -e %s || echo back" % flag) == "back"


def test_debian_s_socket_unit_is_in_nobody_s_way():
    lab.shell("member-b", "systemctl stop mariadb; systemctl enable --now mariadb.socket")
    lab.create()
    assert lab.shell("member-b", "systemctl is-enabled mariadb.socket", check=False) == "disabled"
    lab.assert_one_component()


def test_a_host_with_data_of_its_own_is_backed_up_when_named():
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    lab.sql("member-c", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY); INSERT INTO shop.t VALUES (42)")
    before = lab.state()
    lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, [re.compile(
        r"member-c: it holds data of its own \(shop: 1 tables, about [01] rows\), which joining would replace; name it in "
        r"senhasegura_overwrite_members to have them backed up and replaced, or take it out of the inventory")])
    assert lab.state() == before
    run = lab.create("-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    assert "member-c: its data are kept in /var/backups/senhasegura-cluster/member-c-" in run.output
    assert lab.sql("member-c", "SHOW DATABASES LIKE 'shop'") == ""
    lab.assert_one_component()
    lab.assert_restorable("member-c", lab.shell("member-c", "ls -d /var/backups/senhasegura-cluster/*"))


def test_a_host_whose_database_belongs_to_another_cluster():
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    lab.shell("member-c", "printf '[mysqld]\\nwsrep_on=ON\\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\\nbinlog_format=ROW\\n"
                          "wsrep_cluster_name=shop\\nwsrep_cluster_address=gcomm://%s\\nwsrep_node_address=%s\\n' "
                          "> /etc/mysql/mariadb.conf.d/70-shop.cnf; galera_new_cluster" % (C, C))
    lab.sql("member-c", "CREATE DATABASE shop")
    before, both = lab.state(), r"(member-a, member-b|member-b, member-a) \(configuration \d+\)"
    lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, [
        "member-c: its database is in a cluster with AUTO, which is not declared; put it into the inventory (a member that shall go is then "
        "removed by remove_member), or take member-c out of that cluster first",
        "member-c: its database belongs to the cluster shop, not to senhasegura; set senhasegura_cluster_name if this is the one meant",
        re.compile(r"there is more than one primary component: member-a sees %s; member-b sees %s; member-c sees AUTO \(configuration \d+\)\. "
                   r"Their data differ from now on; decide which one counts before anything else, and do not restart any of them"
                   % (both, both))])
    assert lab.state() == before


def test_another_history_is_set_aside_only_when_named():
    lab.shell("member-c", "systemctl stop mariadb; rm /etc/mysql/mariadb.conf.d/70-shop.cnf")
    before = lab.processes(["member-a", "member-b"])
    lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, [re.compile(
        r"member-c: its data belong to another cluster \(state UUID [0-9a-f-]{36}, not [0-9a-f-]{36}\); to have its data "
        r"directory set aside and the member seeded anew, name it in senhasegura_overwrite_members, or take it out of the inventory")])
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
