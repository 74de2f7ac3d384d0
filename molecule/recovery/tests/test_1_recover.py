"""After a full outage the newest member is bootstrapped, and no row is lost; what is uncertain is refused."""

from __future__ import annotations

import json
import re

import lab
import ledger
import pytest
from faults import another_controller, assert_held, cut, donors, heal, power_off, power_on, slow

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()
RECOVER = "senhasegura.cluster.recover_cluster"
REFUSED = "The recovery is refused; nothing was changed."
UNSAID = "Nothing was changed: %s. There is no terminal to ask on: set senhasegura_confirm=true."
ZERO = "00000000-0000-0000-0000-000000000000"
JOINS, FIRST = "restart and receive the cluster's data", "restart as the first member of the cluster"
NEWEST = "it holds the newest data (%s), and all members are proven to be in no primary component"
GTID = "/etc/mysql/mariadb.conf.d/98-gtid.cnf"
SSH_CLOSED = ("nft add table inet story; nft add chain inet story in '{ type filter hook input priority 0; }'; "
              "nft add rule inet story in tcp dport 22 reject with tcp reset; nft add rule inet story in tcp dport 4567 drop")

RUNS_AGAIN = ("run=$(systemctl show mariadb -p InvocationID); systemctl start --no-block mariadb; until [ $(systemctl show mariadb -p InvocationID) "
              "!= $run ]; do :; done; systemctl kill --signal=KILL mariadb; systemctl stop mariadb")
"""By hand, while the table is read: what InnoDB has told of this member need not be its position any more."""


def recover(*arguments, hosts=lab.INVENTORY):
    run = lab.play(*lab.YES, *arguments, hosts=hosts, playbook=RECOVER)
    assert run.rc == 0, run.output
    return run


def refused(problems, *arguments, hosts=lab.INVENTORY):
    run = lab.play(*lab.YES, *arguments, hosts=hosts, playbook=RECOVER)
    assert run.rc != 0
    assert "\n".join(["[ERROR]: Task failed: " + REFUSED] + ["- " + problem for problem in problems] + ["Origin: "]) in run.output
    return run


def unsaid(why):
    """A run without a Yes tells why it needs one."""
    run = lab.play(playbook=RECOVER)
    assert run.rc != 0 and run.changed() == [] and UNSAID % why in run.output
    return run


def table(run):
    """The decision table as it was shown last, without its heading; the data's sizes differ from run to run, and are looked at here."""
    lines = run.output[run.output.rindex("position (UUID:seqno)"):].splitlines()[1:]
    cells = [re.split(" {2,}", line.strip()) for line in lines[:len(MEMBERS)]]
    assert all(re.fullmatch(r"\d+ [KM]?B", row[5]) for row in cells), cells
    return [row[:5] + row[6:] for row in cells]


def whole(name):
    """Every byte of what a member holds and of what could be written there."""
    return lab.tree(name), lab.shell(name, "find /var/lib/mysql /var/lib/senhasegura-cluster -type f -print0 | sort -z | xargs -0 sha256sum")


def stop(*names):
    for name in names:
        lab.shell(name, "systemctl stop mariadb")


def kill():
    """kill -9 of all at once; none starts again by itself."""
    for name in MEMBERS:
        lab.shell(name, "systemctl kill --signal=KILL mariadb; systemctl stop --no-block mariadb")
    stop(*MEMBERS)


def write(name, row):
    lab.sql(name, "INSERT INTO shop.t VALUES (%d)" % row)


def rows(name):
    return [int(row) for row in lab.sql(name, "SELECT i FROM shop.t ORDER BY i").split()]


def history(name):
    return lab.shell(name, "awk '/^uuid/{u=$2} /^seqno/{s=$2} END{print u\":\"s}' /var/lib/mysql/grastate.dat").split(":")


@pytest.fixture(scope="module", autouse=True, name="cluster")
def _cluster():
    lab.create()
    lab.sql("member-a", "CREATE DATABASE shop; CREATE TABLE shop.t (i INT PRIMARY KEY)")


@pytest.fixture(name="writing")
def _writing(request, capsys):
    """An application writes through an outage and the recovery, on whichever member takes it; nothing is lost."""
    made = ledger.Writer(MEMBERS, ledger.next_number("member-a"))
    made.start()
    lab.wait_for(lambda: made.acknowledged)   # before anything happens to it
    yield made
    lab.wait_for(lambda: len(made.acknowledged) > 100)
    ledger.say(capsys, "%s: %s" % (request.node.name, ledger.assert_nothing_lost(made, MEMBERS)))


def assert_recovered(expected):
    lab.assert_one_component()
    assert [rows(name) for name in MEMBERS] == [expected] * 3
    assert {lab.sql(name, "SELECT @@wsrep_provider_options").count("pc.weight = 1") for name in MEMBERS} == {1}
    lab.assert_written_timers()
    run = recover()
    assert "Nothing to recover: member-a and member-b and member-c serve in one primary component.\n" in run.output
    assert run.changed() == []


def test_a_cluster_that_serves_is_the_work_of_create_cluster():
    stop("member-c")
    before = lab.processes(["member-a", "member-b"])
    refused(["member-a and member-b serve in a primary component, so this is no full outage. Run create_cluster: it brings member-c back"])
    assert lab.processes(["member-a", "member-b"]) == before
    lab.create()


def test_stopped_one_after_the_other_the_last_one_is_bootstrapped():
    for number, name in enumerate(["member-a", "member-c", "member-b"], 1):
        write(name, number)
        stop(name)
    before = {name: whole(name) for name in MEMBERS}
    assert recover("--check", "--diff").rc == 0
    with another_controller("member-c"):
        assert_held(lab.play(*lab.YES, playbook=RECOVER), "member-c", REFUSED)
    run = unsaid("the plan restarts databases and needs a Yes")
    assert {name: whole(name) for name in MEMBERS} == before
    assert re.search(r"^member-b +%s:%s +yes " % tuple(history("member-b")), run.output, re.MULTILINE)
    assert ("Expected downtime: the outage ends when member-b is restored; member-a and member-c serve once the cluster's data are there.\n"
            "Votes when all are in: 3 (member-a 1, member-b 1, member-c 1).\n"
            "Then the cluster serves on without member-a (2 of 3 votes), without member-b (2 of 3 votes), without member-c (2 of 3 votes).\n"
            ) in run.output
    assert_nobody_is_first_whose_plan_is_not_true_any_more()
    grastate = lab.shell("member-b", "cat /var/lib/mysql/grastate.dat")
    run = recover()
    assert "member-b: restored" in run.output.split("member-a: restored")[0].split("member-c: restored")[0]
    kept = lab.shell("member-b", "ls -d /var/lib/senhasegura-cluster/control-files/*").splitlines()[-1]
    assert "member-b: its control files are copied to " + kept in run.output
    assert lab.shell("member-b", "cat %s/grastate.dat" % kept) == grastate
    assert_recovered([1, 2, 3])


def assert_nobody_is_first_whose_plan_is_not_true_any_more():
    """While the run is suspended behind its last look, member-c gets ahead of who is to be bootstrapped, in a cluster that is down again."""
    file, (uuid, seqno) = "/var/lib/mysql/grastate.dat", history("member-c")
    run = lab.play_through("TASK [senhasegura.cluster.preflight : Plan again on what is true now",
                           lambda: lab.shell("member-c", "cp -p %s /root; sed -i 's/^seqno:.*/seqno: 900000/' %s" % (file, file)),
                           playbook=RECOVER, hold=True)
    lab.shell("member-c", "mv /root/grastate.dat " + file)
    lab.assert_refused(run, "Module failed: bootstrap refused: this member stood at %s:%s when the plan was made, and stands at %s:900000 now. Run "
                            "the playbook again: it observes every member anew." % (uuid, seqno, uuid))
    assert "active" not in lab.shell("member-b", "systemctl is-active mariadb", check=False).split()


def test_killed_at_once_innodb_tells_who_is_newest_and_no_acknowledged_row_is_lost(capsys):
    """MariaDB's own GTIDs are told too, where they are turned on. What InnoDB told holds until the database has run again."""
    write("member-a", 4)
    ledger.make("member-a")
    writer = ledger.Writer(MEMBERS)
    writer.start()
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    for name in MEMBERS:
        lab.shell(name, "printf '[mysqld]\nwsrep_gtid_mode=ON\n' > " + GTID)
    kill()
    assert [history(name)[1] for name in MEMBERS] == ["-1"] * 3
    before = {name: whole(name) for name in MEMBERS}
    run = recover("--check")
    assert "Check mode asks InnoDB nothing, since its recovery writes" in run.output
    unsaid("InnoDB must tell the positions of member-a and member-b and member-c, which writes to their data directories, and needs a Yes")
    assert {name: whole(name) for name in MEMBERS} == before
    run = lab.play_through("PLAY [4/9", lambda: lab.shell("member-b", RUNS_AGAIN), playbook=RECOVER, hold=True)
    lab.assert_refused(run, "The cluster changed after the plan was shown, so the plan is another one now; no database was restarted. Run the "
                            "playbook again to see it.")
    grastate, count = lab.shell("member-c", "cat /var/lib/mysql/grastate.dat"), len(writer.acknowledged)
    run = recover()
    for name in MEMBERS:
        assert re.search(r"^%s +%s:\d+ \(InnoDB, GTID 0-\d+-\d+\) +no +yes +no " % (name, history("member-a")[0]), run.output, re.MULTILINE)
    kept = re.search("member-c: its control files are copied to ([^\"\n]+)", run.output)[1]
    before_the_plan, found, _rest = run.output.partition("PLAY [4/9")
    assert found and kept in before_the_plan and lab.shell("member-c", "cat %s/grastate.dat" % kept) == grastate
    lab.wait_for(lambda: len(writer.acknowledged) > count)
    said = ledger.assert_nothing_lost(writer, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    for name in MEMBERS:
        lab.shell(name, "rm " + GTID)
    assert_recovered([1, 2, 3, 4])


def test_who_comes_back_by_itself_is_left_alone():
    """They find each other when the links are up again, which they are while the playbook waits for them."""
    cut = SSH_CLOSED.replace("tcp dport 22 reject with tcp reset; nft add rule inet story in ", "")
    for name in MEMBERS:
        lab.shell(name, cut)
        lab.shell(name, "systemctl kill --signal=KILL mariadb")
    run = lab.play_through("PLAY [7/9", lambda: [lab.shell(name, "nft delete table inet story") for name in MEMBERS], playbook=RECOVER, hold=True)
    assert run.rc == 0, run.output
    assert run.output.count("it comes back by itself from its saved view: it is only waited for") == 3
    assert_recovered([1, 2, 3, 4])


def test_mixed_histories():
    stop(*MEMBERS)
    uuid, other = history("member-a")[0], "99999999-8888-7777-6666-555555555555"
    lab.shell("member-c", "sed -i.mine 's/%s/%s/' /var/lib/mysql/grastate.dat" % (uuid, other))
    before = {name: whole(name) for name in MEMBERS}
    refused(["the members hold histories of different clusters (member-a: %s, member-b: %s, member-c: %s); decide whose data count, and "
             "move the data directories of the others aside" % (uuid, uuid, other)])
    assert {name: whole(name) for name in MEMBERS} == before
    lab.shell("member-c", "cd /var/lib/mysql; cat grastate.dat.mine > grastate.dat; rm grastate.dat.mine")


HISTORY_BACK = """set -e
kept=$(grep -lE '^uuid: +[0-9a-f-]*[1-9a-f]' /var/lib/senhasegura-cluster/control-files/*/grastate.dat | tail -1)
install -o mysql -g mysql -m 660 $kept /var/lib/mysql/grastate.dat
sed -i 's/^seqno:.*/seqno:   -1/' /var/lib/mysql/grastate.dat"""
"""As docs/operations.md has it."""


def test_zero_uuids():
    """Where nobody holds a history it is brought back by hand, and InnoDB tells the position. Who still holds none holds data of its own."""
    uuid, positions = history("member-a")[0], [history(name)[1] for name in ("member-a", "member-c")]
    for name in MEMBERS:
        lab.shell(name, "sed -i 's/^uuid:.*/uuid:    %s/; s/^seqno:.*/seqno:   -1/' /var/lib/mysql/grastate.dat" % ZERO)
    refused(["no member holds a history (state UUID %s everywhere), so there is nothing to recover. If they had one, bring it back from the copies "
             "of their control files (docs/operations.md, recover_cluster, Undo); create_cluster makes a new cluster" % ZERO])
    for name in ("member-a", "member-c"):
        lab.shell(name, HISTORY_BACK)
    run = lab.play(*lab.YES, playbook=RECOVER)
    lab.assert_refused(run, "The recovery is refused; no database was started.", [
        "member-b: it holds data of its own (ledger: 1 tables, rows unknown, shop: 1 tables, rows unknown), which joining would replace; name it in "
        "senhasegura_overwrite_members to have them backed up and replaced, or take it out of the inventory"])
    assert table(run)[1] == ["member-b", ZERO + ":-1 (undefined)", "no", "no", "no", "refused", "it holds data of its own"]
    run = recover("-e", '{"senhasegura_overwrite_members": ["member-b"]}')
    told = ["%s:%s (InnoDB)" % (uuid, seqno) for seqno in positions]
    assert table(run) == [
        ["member-a", told[0], "no", "no", "no", JOINS, "it is stopped and holds the cluster's history"],
        ["member-b", ZERO + ":-1 (undefined)", "no", "no", "no", JOINS,
         "it joins member-c; its data directory (ledger: 1 tables, rows unknown, shop: 1 tables, rows unknown) is set aside: nothing tells whether it "
         "had received all"],
        ["member-c", told[1], "no", "no", "no", FIRST, NEWEST % told[1].split()[0]]]
    assert donors("member-b")[-1:] == ["member-c"], "not the primary, which serves by then"
    lab.assert_one_component()
    assert [rows(name) for name in MEMBERS] == [[1, 2, 3, 4]] * 3


UNDONE = ("mkdir /srv/undone; find /var/lib/mysql -mindepth 1 -maxdepth 1 -exec mv -t /srv/undone {} +\n"
          "rm -f /var/lib/senhasegura-cluster/left_behind.json")
PUT_BACK = "kept=$(ls -d /var/lib/mysql.* | tail -1); find ${kept:?} -mindepth 1 -maxdepth 1 -exec mv -t /var/lib/mysql {} +"
"""As docs/operations.md has them; behind the last one comes the member's history."""


def test_whose_data_were_set_aside_gets_them_back_and_all_others_too():
    """The undo by hand, of member-b: what was set aside is from before the last row."""
    write("member-a", 5)
    stop(*MEMBERS)
    for name in MEMBERS:
        lab.shell(name, UNDONE)
    lab.shell("member-b", PUT_BACK + "\n" + HISTORY_BACK)
    run = recover()
    assert [row[-2] for row in table(run)] == [JOINS, FIRST, JOINS]
    for name in MEMBERS:
        lab.shell(name, "rm -r /srv/undone")
    assert_recovered([1, 2, 3, 4])


def test_everything_dies_in_the_middle_of_a_transfer(capsys):
    """Donor and joiner carry traces of it: the one's data count, at the position that InnoDB tells, the other's do not."""
    writer = ledger.Writer(["member-a"], ledger.next_number("member-a"))
    writer.start()
    for name in MEMBERS:  # or the hosts would start it, and those who are whole find each other
        lab.shell(name, "systemctl disable mariadb")
    slow("member-c")
    lab.shell("member-c", "systemctl stop mariadb; find /var/lib/mysql -mindepth 1 -delete; "
                          "systemctl set-environment MYSQLD_OPTS=--wsrep-sst-donor=member-b; systemctl start --no-block mariadb")
    lab.wait_for(lambda: lab.shell("member-c", "ss -Htn state established sport = :4444"))
    assert lab.status("member-b", "wsrep_local_state_comment") == "Donor/Desynced"
    for name in MEMBERS:   # without its donor, the joiner would ask another one that still lives
        power_off(name)
    for name in MEMBERS:
        power_on(name)
    for name in MEMBERS:
        lab.wait_for(lambda one=name: lab.shell(one, "systemctl is-active ssh", check=False) == "active")
    uuid = history("member-a")[0]
    assert [history(name)[1] == "-1" for name in MEMBERS[:2]] == [True, False], "the donor's is the one at which it was paused"
    refused(["member-c: a state transfer to it was interrupted, so its data are incomplete and it cannot be the first member, and nobody else "
             "holds a history; restore a backup"], "-e", '{"senhasegura_lost_members": ["member-a", "member-b"]}')
    run = recover()
    told = [re.fullmatch(r"(%s:\d+) \(InnoDB\)" % uuid, row[1])[1] for row in table(run)[:2]]
    assert table(run) == [
        ["member-a", told[0] + " (InnoDB)", "no", "yes", "no", FIRST, NEWEST % told[0]],
        ["member-b", told[1] + " (InnoDB)", "no", "yes", "no", JOINS, "it is stopped and holds the cluster's history"],
        ["member-c", ZERO + ":-1 (undefined)", "no", "yes", "yes", JOINS,
         "it joins member-a; a state transfer to it was interrupted, and what that left is set aside"]]
    assert donors("member-c") == ["member-b"], "not the primary, which serves by then"
    with capsys.disabled():
        print("\n" + ledger.assert_nothing_lost(writer, MEMBERS))
    for name in MEMBERS:
        lab.shell(name, "systemctl enable mariadb")
    assert_recovered([1, 2, 3, 4])


def test_who_cannot_be_reached_is_refused_and_waived_by_name(capsys):
    """What is lost stays lost: the others have gone on from the position before, and the one that comes back would hide that. What they have
    acknowledged themselves is not.
    """
    writer = ledger.Writer(MEMBERS[:2], ledger.next_number("member-a"))
    writer.start()
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    stop("member-a", "member-b")
    count = len(writer.acknowledged)
    write("member-c", 5)
    stop("member-c")
    lab.shell("member-c", SSH_CLOSED)
    before = whole("member-c")
    reason = "it cannot be reached: ssh: connect to host %s port 22: Connection refused" % C
    try:
        refused(["member-c: %s; what it holds, and whether it serves, is unknown, so no database is started. Bring it up, or name it in "
                 "senhasegura_lost_members to recover without it" % reason])
        run = recover("-e", '{"senhasegura_lost_members": ["member-c"]}')
    finally:
        lab.shell("member-c", "nft delete table inet story")
    assert "Waiver: member-c is left out by senhasegura_lost_members (%s): transactions after position " % reason in run.output
    lab.assert_one_component(["member-a", "member-b"])
    lab.wait_for(lambda: len(writer.acknowledged) > count)
    ledger.say(capsys, ledger.assert_nothing_lost(writer, MEMBERS[:2]))
    assert rows("member-a") == [1, 2, 3, 4] and whole("member-c") == before


def test_who_was_lost_and_comes_back_with_more_is_seeded_anew():
    """Neither while the others serve, nor as one of all in the next outage: it is no candidate for the first member either."""
    for row in (6, 7, 8, 9):  # the cluster is ahead of it by now, so that its position alone tells nothing
        write("member-a", row)
    seqno = json.loads(lab.shell("member-a", "cat /var/lib/senhasegura-cluster/left_behind.json"))[C]["seqno"]
    behind = ("member-c: the others were made primary without it at position %d, and it holds position %s, so it may hold transactions that "
              "they never had; to have its data directory set aside and the member seeded anew, name it in senhasegura_overwrite_members. That is "
              "what %%s recorded. Only where the recorder is an older copy (a snapshot of its host, say) that was restored since, name member-a and "
              "member-b instead, with MariaDB stopped there" % (seqno, history("member-c")[1]))
    run = lab.play(*lab.YES)
    serve = " and ".join("%s (serves, position %s)" % (name, lab.status(name, "wsrep_last_committed")) for name in MEMBERS[:2])
    assert run.rc != 0 and "The plan is refused; nothing was changed.\n- %s\nOrigin: " % (behind % serve) in run.output
    stop("member-a", "member-b")
    refused([behind % " and ".join("%s (position %s)" % (name, history(name)[1]) for name in MEMBERS[:2])])
    recover("-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    assert donors("member-c")[-1:] == ["member-b"], "not the primary, which serves by then"
    assert [lab.shell(name, "ls /var/lib/senhasegura-cluster | grep -c left_behind || true") for name in MEMBERS] == ["0"] * 3
    assert_recovered([1, 2, 3, 4, 6, 7, 8, 9])


BACK = "find $(ls -d /var/lib/mysql.* | tail -1) -mindepth 1 -maxdepth 1 -exec mv -t /var/lib/mysql {} +"
"""As docs/operations.md has it."""


def test_whose_data_went_by_mistake_gets_them_back_and_all_others_too():
    """The undo by hand. What was written since is in the directories that were moved aside, and nowhere else."""
    stop(*MEMBERS)
    for name in MEMBERS:
        lab.shell(name, UNDONE)
    lab.shell("member-c", BACK)
    run = recover()
    assert [row[-2] for row in table(run)] == [JOINS, JOINS, FIRST]
    assert donors("member-b")[-1:] == ["member-c"], "not the primary, which serves by then"
    assert_recovered([1, 2, 3, 4, 5])


def starts(name):
    """Whether a member is just starting, or has started by now."""
    return lab.shell(name, "systemctl is-active mariadb", check=False) in ("activating", "active")


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("text, once", [
    ("PLAY [7/9", None), ("TASK [senhasegura.cluster.member : Wait until the member is restored]", lambda: starts("member-a")),
    ("member-b: activating", None), ("PLAY [8/9", None)],
    ids=["before anything is started", "while the first one is bootstrapped", "while another one joins", "before it is settled"])
def test_killed_and_run_once_more(text, once):
    for name in ["member-c", "member-b", "member-a"]:
        stop(name)
    lab.play_until(text, once=once, playbook=RECOVER)
    recover()
    assert_recovered([1, 2, 3, 4, 5])


def test_killed_before_anybody_went_on_who_was_called_lost_is_the_newest():
    """It holds a row that was acknowledged, and nobody has gone on without it, though that was recorded: it is not seeded anew."""
    held = rows("member-c")
    stop("member-a", "member-b")
    write("member-c", 10)
    stop("member-c")
    lab.shell("member-c", SSH_CLOSED)
    try:
        lab.play_until("PLAY [7/9", "-e", '{"senhasegura_lost_members": ["member-c"]}', playbook=RECOVER)
    finally:
        lab.shell("member-c", "nft delete table inet story")
    assert [list(json.loads(lab.shell(name, "cat /var/lib/senhasegura-cluster/left_behind.json"))) for name in MEMBERS[:2]] == [[C], [C]]
    assert "; member-a and member-b recorded to go on without it, and did not" in recover().output
    assert [lab.shell(name, "ls /var/lib/senhasegura-cluster | grep -c left_behind || true") for name in MEMBERS] == ["0"] * 3
    assert_recovered(held + [10])


@pytest.mark.usefixtures("writing")
def test_a_joiner_that_is_cut_off_ends_the_run_and_nothing_is_thrown_away():
    """A time-out in the middle: what was there before is still there, and one more run ends well."""
    held = rows("member-a")
    stop("member-c", "member-b", "member-a")
    grastate = lab.shell("member-c", "cat /var/lib/mysql/grastate.dat")
    files = lab.shell("member-c", "cd /var/lib/mysql; ls -d shop/* ibdata1")
    run = lab.play_through("member-b: restored", lambda: cut("member-c", A, B), "-e", "senhasegura_stall_timeout=15", playbook=RECOVER)
    assert run.rc != 0
    assert re.search(r"member-c is not restored: (nothing has moved for 15 s \(.*\)|mariadb\.service is failed \(exit-code\))\. The next member was not "
                     r"touched\.", run.output), "Galera gives up finding the others after half a minute"
    kept = lab.shell("member-c", "ls -d /var/lib/senhasegura-cluster/control-files/*").splitlines()[-1]
    assert lab.shell("member-c", "cat %s/grastate.dat" % kept) == grastate
    assert lab.shell("member-c", "cd /var/lib/mysql; ls -d shop/* ibdata1") == files
    for name in MEMBERS:
        record = json.loads(lab.shell(name, "cat /var/lib/senhasegura-cluster/unfinished.json"))
        assert (record["work"], record["chosen"]) == ("recovery", "member-a")
    lab.assert_one_component(["member-a", "member-b"])
    heal("member-c")
    # It is in by itself then. Galera may have given up meanwhile and zeroed its history: as long as it is just starting, that is refused.
    # It ends where it has found nobody for 30 s, and is not started again by systemd then.
    lab.wait_for(lambda: lab.shell("member-c", "systemctl is-failed --quiet mariadb && systemctl start --no-block mariadb; "
                                   "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False).endswith("Synced"), 180)
    recover()
    assert_recovered(held)
