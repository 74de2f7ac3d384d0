"""Members come and go while somebody writes: no acknowledged row is lost, and nobody who stays is restarted."""

from __future__ import annotations

import re
import subprocess
import time

import lab
import ledger
import pytest
from balancer import Balancer
from faults import caught_up, power_off
from votes import Votes

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()
REMOVE = "senhasegura.cluster.remove_member"
REMOVE_C = ("-e", "senhasegura_remove=member-c")
REMOVE_A = ("-e", "senhasegura_remove=member-a")
PRIMARY_B = ("-e", "senhasegura_primary=member-b")
OVERWRITE_C = ("-e", "senhasegura_overwrite_members=member-c")
REFUSED = "[ERROR]: Task failed: The removal is refused; nothing was changed.\n- %s\nOrigin"
KEYS = "grep -c senhasegura-cluster /root/.ssh/authorized_keys || true"


def remove(*arguments, check=True):
    """Run remove_member with a Yes."""
    run = lab.play(*lab.YES, *arguments, playbook=REMOVE)
    assert run.rc == 0 or not check, run.output
    return run


def remove_until(text, *arguments, after=0.0):
    """Run remove_member and kill it as soon as it has printed a text. What it had begun on a member is ended there before the next run looks."""
    lab.play_until(text, *arguments, after=after, playbook=REMOVE)
    lab.wait_for(lambda: [lab.shell(name, "pgrep -fx '/usr/bin/python3[.0-9]*' || true") for name in MEMBERS] == [""] * 3)


def state():
    """All that a refused or checked run must not change."""
    return {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS}


def lists(names):
    """The list of members as it is written on each of them."""
    return {lab.shell(name, "sed -n 's/^wsrep_cluster_address = //p' " + lab.SETTINGS) for name in names}


def assert_standalone(name):
    """It serves alone, with its data, and neither joins nor makes a cluster when it is started again."""
    lab.shell(name, "systemctl restart mariadb")
    assert lab.sql(name, "SELECT @@wsrep_on, COUNT(*) > 0 FROM ledger.t") == "0\t1"
    assert lab.shell(name, "ss -Htln 'sport = 4567'") == ""
    assert lab.shell(name, KEYS) == "0"
    assert lab.shell(name, "systemctl is-active senhasegura-sync", check=False) in ("inactive", "failed")


@pytest.fixture(name="say")
def _say(capsys):
    """Print what a person who reads the log wants to know, whether the test fails or not."""
    def print_it(text):
        with capsys.disabled():
            print("\n" + text)
    return print_it


@pytest.fixture(scope="module", name="writer")
def _writer(tmp_path_factory):
    two = lab.write_inventory(tmp_path_factory.mktemp("inventory") / "hosts.yml", members=["member-a", "member-b"])
    lab.create(hosts=two)
    ledger.make("member-a")
    made = ledger.Writer(["member-a", "member-b", "member-c"])
    made.start()
    yield made
    made.stop()


# -- added by inventory -----------------------------------------------------------------------------------------------------


def test_a_host_added_to_the_inventory_joins_and_nobody_restarts(writer, say):
    before = lab.processes(["member-a", "member-b"])
    run = lab.create()
    assert [line.split("  ")[1:3] for line in run.output.splitlines() if line[:2] in ("1 ", "2 ", "3 ")] == [
        ["member-c", "restart and receive the cluster's data"], ["member-a", "change on-line, no restart"],
        ["member-b", "change on-line, no restart"]]
    assert lab.processes(["member-a", "member-b"]) == before
    assert lists(MEMBERS) == {"gcomm://%s,%s,%s" % (A, B, C)}
    lab.assert_one_component()
    assert "Transfer: member-c receives all data, about " in run.output and " by rsync (SST), from member-b.\n" in run.output
    said = lab.shell("member-c", "journalctl -u mariadb -o cat | grep -o 'Member .* requested state transfer from.*donor' | tail -1")
    say(said)
    assert "(member-b)" in said.split("Selected")[1], "the primary serves on, the other one gives"
    assert writer.is_alive()


def test_who_was_only_stopped_catches_up_with_what_it_lacks(writer):
    """It is told before how much that is, and does not receive all data."""
    before, received = lab.processes(["member-a", "member-b"]), len(caught_up("member-c"))
    bypassed = "journalctl -u mariadb -o cat | grep -c 'WSREP_SST: .*Bypassing state dump' || true"
    assert lab.shell("member-b", bypassed) == "0", "it has given all data until now"
    lab.shell("member-c", "systemctl stop mariadb")
    count = len(writer.acknowledged)
    lab.wait_for(lambda: len(writer.acknowledged) > count + 50)
    run = lab.create()
    told = re.search(r"^Transfer: member-c catches up (\d+) transactions \(IST\); if no donor's cache holds them any more, it receives all "
                     r"data, about \d+ MB by rsync \(SST\), from member-b\.$", run.output, re.MULTILINE)
    assert 50 <= int(told[1]) <= sum(caught_up("member-c")[received:]), "those that were written since are among them"
    assert lab.shell("member-b", bypassed) == "1"
    assert lab.processes(["member-a", "member-b"]) == before
    lab.assert_one_component()


# -- refused, or only looked at ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("writer")
def test_refusals_and_check_mode_write_nothing(tmp_path):
    before = state()
    assert REFUSED % ("nobody is named: set senhasegura_remove to the inventory name of the member to remove (member-a, member-b, "
                      "member-c)") in remove(check=False).output
    assert REFUSED % ("senhasegura_remove names member-x, which is no member; the members are member-a, member-b, member-c. Whoever was "
                      "removed already and taken out of the inventory needs nothing more; whoever only vanished from it must be put "
                      "back first") in remove("-e", "senhasegura_remove=member-x", check=False).output
    assert REFUSED % ("member-a is the primary; name the member that shall be it from now on in senhasegura_primary (member-b or "
                      "member-c). It gets the primary's votes on-line, in the same run, before member-a leaves"
                      ) in remove(*REMOVE_A, check=False).output
    unsaid = lab.play(*REMOVE_C, playbook=REMOVE)
    assert unsaid.rc != 0 and unsaid.changed() == []
    assert ("Nothing was changed: the plan removes a member and needs a Yes. There is no terminal to ask on: set "
            "senhasegura_confirm=true.") in unsaid.output
    run = remove(*REMOVE_C, "--check", "--diff")
    assert "Votes: before 3 (member-a 1, member-b 1, member-c 1), after 3 (member-a 2, member-b 1).\n" in run.output
    assert run.changed() == MEMBERS
    assert state() == before


@pytest.mark.usefixtures("writer")
def test_whoever_vanished_from_the_inventory_is_reported_and_not_removed(tmp_path):
    before = state()
    run = lab.play(*lab.YES, hosts=lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"]))
    sentence = ("- %%s: its database is in a cluster with %s, which is not declared; put it into the inventory (a member that shall go "
                "is then removed by remove_member), or take %%s out of that cluster first\n" % C)
    assert run.rc != 0
    assert sentence % ("member-a", "member-a") + sentence % ("member-b", "member-b") in run.output
    assert state() == before


# -- removed ----------------------------------------------------------------------------------------------------------------


def test_killed_in_the_middle_and_run_again(writer, say):
    lab.create(playbook="senhasegura.cluster.serve_health")
    balancer, votes = Balancer(MEMBERS), Votes(["member-a", "member-b"])
    balancer.start()
    votes.start()
    before, began = lab.processes(["member-a", "member-b"]), time.monotonic()
    remove_until("TASK [senhasegura.cluster.member : Write that the member is standalone]", *REMOVE_C)
    remove_until("TASK [senhasegura.cluster.member : Apply the steps]", *REMOVE_C, after=0.3)
    lab.wait_for_what_was_begun()
    run = remove(*REMOVE_C)
    assert votes.stop() == [3, 2, 3], "the member's go with it, the primary's second comes when it has left"
    assert balancer.stop() == {"member-a": [200], "member-b": [203], "member-c": [203, 403, 503]}, "drained, then no member any more"
    assert ("member-c is standalone and started; its data are kept where they were.\nTake member-c out of the inventory now.\n"
            ) in run.output
    assert lab.processes(["member-a", "member-b"]) == before
    assert lists(["member-a", "member-b"]) == {"gcomm://%s,%s" % (A, B)}
    assert [lab.shell(name, KEYS) for name in ("member-a", "member-b")] == ["1", "1"]
    assert lab.status("member-a", "wsrep_cluster_weight") == "3"
    say("longest time without an acknowledged row while member-c was removed: %.2f s" % writer.longest_gap(began))
    assert lab.shell("member-c", "ls /run/senhasegura-cluster/lock.json", check=False).endswith("No such file or directory")
    assert remove(*REMOVE_C).changed() == []


@pytest.mark.usefixtures("writer")
def test_a_removed_member_stays_alone(tmp_path):
    assert_standalone("member-c")
    lab.assert_one_component(["member-a", "member-b"])
    two = lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"])
    assert "Nothing to do: all 2 members are as declared.\n" in lab.create(hosts=two).output


@pytest.mark.usefixtures("writer")
def test_stopped_it_is_not_taken_back_unasked():
    run = remove(*REMOVE_C, "-e", "senhasegura_removed_state=stopped")
    assert "member-c is standalone and stopped; its data are kept where they were.\n" in run.output
    assert [lab.shell(name, "ls /run/senhasegura-cluster | grep -c lock.json || true") for name in MEMBERS] == ["0"] * 3
    run = lab.play(*lab.YES)
    assert run.rc != 0
    assert ("- member-c: it was a member of this cluster and is standalone since, so its data may differ unseen; to have its data "
            "directory set aside and the member seeded anew, name it in senhasegura_overwrite_members\n") in run.output


@pytest.mark.usefixtures("writer")
def test_undone_it_is_seeded_anew():
    before = lab.processes(["member-a", "member-b"])
    lab.create(*OVERWRITE_C)
    assert lab.processes(["member-a", "member-b"]) == before
    lab.assert_one_component()


# -- the primary, and a dead one --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("writer")
def test_votes_that_somebody_else_moves_while_the_plan_is_read_are_none_to_remove_the_primary_on():
    """With a second vote of the new primary beside that one, two members would stand at two votes each without the old primary."""
    votes = "sed -i 's/pc.weight=%%d/pc.weight=%%d/' %s; mariadb -e \"SET GLOBAL wsrep_provider_options='pc.weight=%%d'\"" % lab.SETTINGS
    run = lab.play_through("TASK [senhasegura.cluster.preflight : Plan the removal", lambda: lab.shell("member-c", votes % (1, 2, 2)),
                           *REMOVE_A, *PRIMARY_B, playbook=REMOVE, hold=True)
    lab.assert_refused(run, "The cluster changed after the plan was shown, so the plan is another one now; nothing was changed. Run the "
                            "playbook again to see it.")
    assert lab.status("member-b", "wsrep_cluster_weight") == "4" and run.changed() == []
    lab.shell("member-c", votes % (2, 1, 1))


def test_the_primary_gives_its_votes_away_and_leaves(writer, say):
    """Load balancers are told of one primary at every moment."""
    before, began = lab.processes(["member-b", "member-c"]), time.monotonic()
    balancer, votes = Balancer(MEMBERS), Votes(["member-b", "member-c"])
    balancer.start()
    votes.start()
    remove_until("TASK [senhasegura.cluster.member : Stop the database, if the others can bear it]", *REMOVE_A, *PRIMARY_B)
    run = remove(*REMOVE_A, *PRIMARY_B)
    assert votes.stop() == [3, 2, 3]
    assert balancer.stop() == {"member-a": [200, 203, 403, 503], "member-b": [203, 200], "member-c": [203]}
    assert "One component, proven on every member: 2 voters" in run.output
    assert lab.processes(["member-b", "member-c"]) == before
    assert lists(["member-b", "member-c"]) == {"gcomm://%s,%s" % (B, C)}
    assert lab.status("member-b", "wsrep_cluster_weight") == "3"
    say("longest time without an acknowledged row while the primary was removed: %.2f s" % writer.longest_gap(began))
    assert_standalone("member-a")


def test_a_dead_member_is_removed_only_when_named(writer, say, tmp_path):
    began = time.monotonic()
    # An inventory without the removed member-a, as a user has it by now.
    two = lab.write_inventory(tmp_path / "hosts.yml", members=["member-b", "member-c"])
    subprocess.run(["podman", "kill", "%s-member-c" % lab.SCENARIO], check=True, timeout=60, stdout=subprocess.DEVNULL)
    lab.wait_for(lambda: lab.status("member-b", "wsrep_cluster_size") == "1")
    before = (lab.tree("member-b"), lab.processes(["member-b"]))
    run = remove_with(two, *REMOVE_C)
    assert run.rc != 0 and "- member-c: it cannot be reached: " in run.output
    assert ("; what is unknown could be a living cluster. If it is dead for good, name it in senhasegura_dead_members; otherwise bring "
            "it back first\n") in run.output
    assert (lab.tree("member-b"), lab.processes(["member-b"])) == before
    run = remove_with(two, *REMOVE_C, "-e", "senhasegura_dead_members=member-c")
    assert run.rc == 0, run.output
    assert "member-c is off every list. It could not be told: erase it before it is ever started again.\n" in run.output
    assert lab.processes(["member-b"]) == before[1]
    assert lists(["member-b"]) == {"gcomm://%s" % B}
    say("longest time without an acknowledged row around a member's death and removal: %.2f s" % writer.longest_gap(began))
    assert remove_with(two, *REMOVE_C, "-e", "senhasegura_dead_members=member-c").changed() == []


@pytest.mark.usefixtures("writer")
def test_a_dead_one_that_comes_back_is_reported_and_removed_again(tmp_path):
    before = lab.processes(["member-b"])
    subprocess.run(["podman", "start", "%s-member-c" % lab.SCENARIO], check=True, timeout=60, stdout=subprocess.DEVNULL)
    lab.wait_for(lambda: lab.status("member-b", "wsrep_cluster_size") == "2")
    run = lab.play(*lab.YES, hosts=lab.write_inventory(tmp_path / "one.yml", members=["member-b"]))
    assert run.rc != 0
    assert ("- member-b: its database is in a cluster with %s, which is not declared; put it into the inventory (a member that shall go "
            "is then removed by remove_member), or take member-b out of that cluster first\n" % C) in run.output
    two = lab.write_inventory(tmp_path / "two.yml", members=["member-b", "member-c"])
    lab.wait_for(lambda: "Synced" in lab.shell("member-c", "mariadb -e \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False))
    run = remove_with(two, *REMOVE_C)
    assert run.rc == 0, run.output
    assert lab.processes(["member-b"]) == before
    assert_standalone("member-c")


def remove_with(hosts, *arguments):
    """Run remove_member with another inventory."""
    return lab.play(*lab.YES, *arguments, hosts=hosts, playbook=REMOVE)


def test_several_newcomers_join_one_after_another(writer, say):
    lab.rebuild("member-a")
    lab.rebuild("member-c")
    before = lab.processes(["member-b"])
    run = lab.create(*PRIMARY_B)
    assert run.output.index("1  member-a") < run.output.index("2  member-c") < run.output.index("3  member-b")
    assert run.output.index("member-a: restored") < run.output.index("member-c: restored")
    assert lab.processes(["member-b"]) == before
    assert lists(MEMBERS) == {"gcomm://%s,%s,%s" % (A, B, C)}
    lab.assert_one_component()
    say(ledger.assert_nothing_lost(writer, MEMBERS))


def test_a_dead_primary_is_removed_when_its_successor_is_named(say):
    lost, stay = ("-e", "senhasegura_remove=member-b", "-e", "senhasegura_dead_members=member-b"), ["member-a", "member-c"]
    writer, began = ledger.Writer(["member-b", *stay], ledger.next_number("member-b")), time.monotonic()
    writer.start()
    lab.wait_for(lambda: writer.acknowledged)   # before anything happens to it
    power_off("member-b")
    lab.wait_for(lambda: [lab.status(name, "wsrep_cluster_size") for name in stay] == ["2", "2"])
    before, votes = lab.state(stay), Votes(stay)
    lab.assert_refused(remove(*lost, check=False), "The removal is refused; nothing was changed.", [
        "member-b is the primary; name the member that shall be it from now on in senhasegura_primary (member-a or member-c). It gets the primary's "
        "votes on-line, in the same run, before member-b leaves"])
    assert lab.state(stay) == before
    votes.start()
    run = remove(*lost, "-e", "senhasegura_primary=member-a")
    assert votes.stop() == [2, 3]
    assert "member-b is off every list. It could not be told: erase it before it is ever started again.\n" in run.output
    assert lists(stay) == {"gcomm://%s,%s" % (A, C)}
    assert {name: lab.processes([name]) for name in stay} == {name: processes for name, (_tree, processes) in before.items()}
    assert [lab.shell(name, "sed -n 's/^primary = //p' " + lab.SETTINGS) for name in stay] == [A, A]
    lab.assert_one_component(stay)
    say("%s; around the death and removal of the primary: %.2f s" % (ledger.assert_nothing_lost(writer, stay), writer.longest_gap(began)))
