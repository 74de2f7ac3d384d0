"""A member, a donor or the network fails in the middle of each playbook, while an application writes.

The run that it happens to ends well or says what is true; what serves goes on; and one more run ends as if nothing had been.
"""

from __future__ import annotations

import re
from contextlib import contextmanager

import lab
import ledger
import pytest
from balancer import Balancer
from faults import cut, donors, heal, held_start, kill_database, power_off, power_on, slow
from votes import Votes

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()
ASSUME, RECOVER, REMOVE, RESEED, RESTART = ("senhasegura.cluster." + name for name in (
    "assume_primary", "recover_cluster", "remove_member", "reseed_member", "restart_cluster"))


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create("-e", "senhasegura_sync_enabled=false")
    ledger.make("member-a")


@pytest.fixture(name="writer")
def _writer(capsys):
    """It writes on the two that nothing happens to, and afterwards nothing is lost anywhere. What a test broke and, having failed, left broken, is
    healed before it is asked, and not the next one's trouble.
    """
    made = ledger.Writer(["member-a", "member-b"], ledger.next_number("member-a"))
    made.start()
    yield made
    for name in ("member-a", "member-c"):
        up(name)
    heal("member-c")
    said = ledger.assert_nothing_lost(made, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    lab.assert_one_component()
    lab.assert_written_timers()


def up(name):
    """Let a host boot, if it is off, until the others reach it."""
    power_on(name)
    reach = "timeout 1 bash -c '</dev/tcp/%s/22' && echo up" % lab.addresses()[name]
    for other in MEMBERS:
        lab.wait_for(lambda one=other: lab.shell(one, reach, check=False) == "up")


def of_two(name="member-a"):
    """Whether a member serves in a component of two."""
    return (lab.status(name, "wsrep_cluster_status"), lab.status(name, "wsrep_cluster_size")) == ("Primary", "2")


def back(*names):
    """Wait until members have come back: by themselves, or started once more where one had given up finding the others (after 30 s)."""
    for name in names:
        lab.wait_for(lambda one=name: lab.shell(one, "systemctl is-failed --quiet mariadb && systemctl start --no-block mariadb; "
                                                "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False)[-6:] == "Synced", 180)


def back_or_failed(name):
    """Wait until a member has come back by itself, or what it has half received keeps it from starting; whether it is back."""
    state = "systemctl is-failed mariadb; mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\""
    return lab.wait_for(lambda: re.search("^failed$|Synced$", lab.shell(name, state, check=False), re.MULTILINE), 180)[0] == "Synced"


def again(*arguments, playbook=lab.PLAYBOOK):
    """One more run, which ends well: where it says to run again when somebody has come or gone, that is what a person does."""
    def ended():
        run = lab.play(*lab.YES, *arguments, playbook=playbook)
        assert run.rc == 0 or run.changed() == [], run.output
        return None if run.rc != 0 and "un again when " in run.output else run
    run = lab.wait_for(ended, 180)
    assert run.rc == 0, run.output


def at_rest(name):
    """Wait until a database that is cut off runs without the others, or has given up finding them: it changes nothing by itself any more."""
    lab.wait_for(lambda: lab.shell(name, "systemctl is-active mariadb", check=False) in ("active", "failed"), 180)


def given_up(name):
    """Wait until a member has given up finding the others (after 30 s); nobody starts it again."""
    lab.wait_for(lambda: lab.shell(name, "systemctl is-active mariadb", check=False) == "failed")


@contextmanager
def unchanged():
    """What is asked meanwhile changes nothing anywhere."""
    before = lab.state()
    yield
    assert lab.state() == before


def set_aside(name):
    """The data directories that were renamed."""
    return lab.shell(name, "ls -d /var/lib/mysql.* 2>/dev/null || true").split()


def refused(*arguments, playbook):
    """One more run, which does not; what it printed."""
    run = lab.play(*lab.YES, *arguments, playbook=playbook)
    assert run.rc != 0
    return run.output


def kill_the_donor():
    """Kill the database that gives member-c its data, once it does, and wait until it is back, without which no component of all is proven; its
    name. Another one may not run yet.
    """
    state = "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\""
    name = lab.wait_for(lambda: lab.shell("member-c", "pgrep -f 'wsrep_sst_[a-z]* --role' || true") and next(
        (one for one in MEMBERS[:2] if "Donor/Desynced" in lab.shell(one, state, check=False)), ""))
    kill_database(name)
    back(name)
    return name


def received_after_all(run, *arguments, playbook=lab.PLAYBOOK):
    """MariaDB starts again by itself and receives all data from another one, unless what it has half received keeps it from starting:
    then the run tells, and one more sets that aside."""
    if run.rc != 0:
        assert "member-c is not restored: mariadb.service is failed (exit-code). The next member was not touched." in run.output, run.output
        assert " set aside" in lab.create(*arguments, playbook=playbook).output


# -- restart_cluster ----------------------------------------------------------------------------------------------------------

NOT_REACHED = r"member-c: it cannot be reached: ssh: connect to host \S+ port 22: (No route to host|Connection timed out)"
NOT_RESTORED = re.compile(r"member-c is not restored: nothing has moved for 15 s \((?P<why>[^\n]*)\)\. The next member was not touched\.")
STALLED_OR_GIVEN_UP = re.compile(r"member-c is not restored: (nothing has moved for 15 s \([^\n]*\)|mariadb\.service is failed \(exit-code\))\. "
                                 r"The next member was not touched\.")
"""Galera gives up finding the others after half a minute: on a slow machine the run sees that first."""
CUT_OFF = ["%s does not reach %s (%s) on TCP 4567 (group communication); let it through the firewalls between them" % way for way in (
    ("member-a", "member-c", C), ("member-b", "member-c", C), ("member-c", "member-a", A), ("member-c", "member-b", B))]
ONLY_C = ("-e", "senhasegura_restart_members=member-c", "-e", "senhasegura_stall_timeout=15")


def test_the_host_that_restarts_dies(writer):
    run = lab.play_through("member-c: ", lambda: power_off("member-c"), *ONLY_C, playbook=RESTART)
    assert run.rc != 0 and NOT_RESTORED.search(run.output)["why"].startswith("not reachable over SSH; ")
    lab.wait_for(of_two)
    assert re.search(NOT_REACHED + "; whether it serves is unknown. Every declared member must be observed before one of them "
                     "restarts", refused(playbook=RESTART))
    power_on("member-c")
    back("member-c")
    again(*ONLY_C, playbook=RESTART)


def test_the_network_of_the_one_that_restarts_is_cut(writer):
    """As long as it is, nobody else restarts; create_cluster starts it, as the refusal says."""
    with held_start("member-c") as let_go:   # the cut comes before it has found anybody
        def cut_off():
            cut("member-c", A, B)
            let_go()
        run = lab.play_through("member-c: activating", cut_off, *ONLY_C, playbook=RESTART)
    assert run.rc != 0 and STALLED_OR_GIVEN_UP.search(run.output)
    given_up("member-c")
    with unchanged():
        lab.assert_refused(lab.play(*lab.YES, playbook=RESTART), lab.REFUSED, [
            "member-c: the cluster is degraded: its database is stopped; create_cluster starts it and waits until it is restored"])
    heal("member-c")
    again()
    again(*ONLY_C, playbook=RESTART)


# -- reseed_member ------------------------------------------------------------------------------------------------------------

SEED_C = ("-e", "senhasegura_reseed=member-c")


def test_the_donor_dies_in_the_middle_of_the_transfer(writer):
    """The member ends with its donor; its next start gets all data anew, in the same run."""
    before, killed = len(donors("member-c")), []
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: killed.append(kill_the_donor()), *SEED_C, playbook=RESEED, hold=True)
    heal("member-c")
    assert re.search(r"^member-c: activating.*, \d+ MB on disk of about \d+ MB, \d+ s$", run.output, re.MULTILINE)
    received_after_all(run, *SEED_C, playbook=RESEED)
    assert donors("member-c")[before:][:1] == killed == ["member-b"] and len(donors("member-c")) == before + 2, "not from the primary"
    again(*SEED_C, playbook=RESEED)


def test_the_network_of_the_joiner_is_cut_in_the_middle_of_the_transfer(writer):
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: cut("member-c", A, B), *SEED_C, "-e", "senhasegura_stall_timeout=15", playbook=RESEED)
    assert run.rc != 0 and NOT_RESTORED.search(run.output)
    at_rest("member-c")   # the transfer itself is not cut, and it goes on with what it has received
    with unchanged():
        lab.assert_refused(lab.play(*lab.YES, *SEED_C, playbook=RESEED), "Seeding anew is refused; nothing was changed.", CUT_OFF)
    heal("member-c")
    again(*SEED_C, playbook=RESEED)


def test_the_host_that_is_seeded_anew_dies_in_the_middle_of_the_transfer(writer):
    """Its old data are kept, and set aside once; when it is back it starts anew by itself, and one more run compares the tables. Where it cannot
    start on what it has half received, that run sets this aside, too.
    """
    aside = len(set_aside("member-c"))
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: power_off("member-c"), *SEED_C, "-e", "senhasegura_stall_timeout=15", playbook=RESEED)
    assert run.rc != 0 and NOT_RESTORED.search(run.output)["why"].startswith("not reachable over SSH; ")
    lab.wait_for(of_two)
    power_on("member-c")
    is_back = back_or_failed("member-c")
    again(*SEED_C, playbook=RESEED)
    assert len(set_aside("member-c")) == aside + (1 if is_back else 2)


# -- create_cluster -----------------------------------------------------------------------------------------------------------


def test_the_donor_dies_while_a_newcomer_joins(writer):
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    killed = []
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: killed.append(kill_the_donor()), hold=True)
    heal("member-c")
    received_after_all(run)
    assert donors("member-c")[:1] == killed == ["member-b"] and len(donors("member-c")) == 2
    assert lab.create().changed() == []


def test_the_host_of_a_newcomer_dies_in_the_middle_of_the_transfer(writer):
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: power_off("member-c"), "-e", "senhasegura_stall_timeout=15")
    assert run.rc != 0 and NOT_RESTORED.search(run.output)["why"].startswith("not reachable over SSH; ")
    lab.wait_for(of_two)
    up("member-c")
    back_or_failed("member-c")   # as long as it is just starting, the run may be refused and says so
    again()
    assert lab.create().changed() == []


def test_the_network_of_a_newcomer_is_cut_while_it_joins(writer):
    lab.rebuild("member-c", noticed_by=MEMBERS[:2])
    run = lab.play_through("PLAY [9/10", lambda: cut("member-c", A, B), "-e", "senhasegura_stall_timeout=15", hold=True)
    assert run.rc != 0 and STALLED_OR_GIVEN_UP.search(run.output)
    lab.wait_for(of_two)
    given_up("member-c")
    with unchanged():
        lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, CUT_OFF)
    heal("member-c")
    again()
    assert lab.create().changed() == []


# -- remove_member ------------------------------------------------------------------------------------------------------------

REMOVE_C = ("-e", "senhasegura_remove=member-c")
LOOKED_AGAIN = "TASK [senhasegura.cluster.preflight : Check that what was said Yes to is still true"


def test_the_host_that_is_removed_dies(writer):
    run = lab.play_through("PLAY [5/9", lambda: power_off("member-c"), *REMOVE_C, playbook=REMOVE, hold=True)
    assert run.rc != 0
    assert re.search(r"The removal cannot go on; those who stay were not changed\. Run the playbook again\.\s*- member-c: it could not be "
                     r"reached since the plan was made.*, so it is not known whether it has left; run the playbook again when it answers, "
                     r"or, if it is dead for good, with its name in senhasegura_dead_members", run.output)
    lab.wait_for(of_two)
    assert re.search(NOT_REACHED + r"; what is unknown could be a living cluster\. If it is dead for good, name it in "
                     r"senhasegura_dead_members; otherwise bring it back first", refused(*REMOVE_C, playbook=REMOVE))
    power_on("member-c")
    back("member-c")
    again(*REMOVE_C, playbook=REMOVE)
    again("-e", '{"senhasegura_overwrite_members": ["member-c"]}')


def test_the_network_of_the_member_that_is_removed_is_cut(writer):
    """It is not stopped where it sees nobody, and so is still a member when the links are there again. The next plan tells what it is."""
    run = lab.play_through(LOOKED_AGAIN, lambda: cut("member-c", A, B), *REMOVE_C, playbook=REMOVE, hold=True)
    assert run.rc != 0 and ("stop refused, the cluster is degraded: Galera runs here in no primary component (non-Primary). Let the members reach "
                            "each other, then run the playbook again.") in run.output
    lab.wait_for(of_two)
    with unchanged():
        assert "Galera runs there in no primary component" in lab.create(*REMOVE_C, "--check", playbook=REMOVE).output
    heal("member-c")
    again(*REMOVE_C, playbook=REMOVE)
    again("-e", '{"senhasegura_overwrite_members": ["member-c"]}')


# -- assume_primary -----------------------------------------------------------------------------------------------------------

PRIMARY_C = ("-e", "senhasegura_primary=member-c")


@pytest.fixture(scope="module", name="balanced")
def _balanced():
    lab.create(playbook="senhasegura.cluster.serve_health")


@pytest.mark.usefixtures("balanced")
@pytest.mark.parametrize("fault, why", [
    (power_off, NOT_REACHED + "; what is unknown could be a living cluster, and two primaries would write different data"),
    (lambda name: cut(name, A, B), "member-c: Galera runs there in no primary component, while member-a and member-b serve in a primary "
                                   "component; bring it back first, with create_cluster")], ids=["host", "network"])
def test_the_new_primary_is_lost_while_the_votes_move(writer, fault, why):
    """Nobody is told of a primary that is gone."""
    run = lab.play_through("TASK [senhasegura.cluster.preflight : Plan again on what is true now", lambda: fault("member-c"), *PRIMARY_C,
                           playbook=ASSUME, hold=True)
    assert run.rc != 0
    assert fault is not power_off or (run.changed(), run.recap("unreachable")["member-c"]) == ([], 1)
    lab.wait_for(of_two)
    assert re.search(why, refused(*PRIMARY_C, playbook=ASSUME))
    up("member-c")
    heal("member-c")
    back("member-c")
    balancer, votes = Balancer(MEMBERS), Votes(MEMBERS)
    balancer.start()
    votes.start()
    again(*PRIMARY_C, playbook=ASSUME)
    again("-e", "senhasegura_primary=member-a", playbook=ASSUME)
    lab.wait_for(lambda: balancer.told["member-a"][-1:] == [200])   # an answer may be half a second old
    told = balancer.stop()
    assert (told["member-a"][-2:], told["member-b"], told["member-c"][-2:]) == ([203, 200], [203], [200, 203])
    assert votes.stop() == [3]


# -- recover_cluster ----------------------------------------------------------------------------------------------------------


def stop_all():
    """All databases stop, the primary's last, which is then the newest."""
    for name in reversed(MEMBERS):
        lab.shell(name, "systemctl stop mariadb")


STALL = ("-e", "senhasegura_stall_timeout=15")
NOT_RECOVERED = "The recovery is refused; nothing was changed."
UNKNOWN = ("; what it holds, and whether it serves, is unknown, so no database is started\\. Bring it up, or name it in "
           "senhasegura_lost_members to recover without it")


def test_the_host_of_the_one_that_is_bootstrapped_dies_before_and_after_it_serves(writer):
    """What it alone has acknowledged by then is not given up: nobody else is bootstrapped instead of it. Its database does not start with its
    host here, where it would look for the others in vain for half a minute.
    """
    stop_all()
    lab.shell("member-a", "systemctl disable mariadb")
    run = lab.play_through("member : Wait until the member is restored", lambda: power_off("member-a"), *STALL, playbook=RECOVER,
                           hold=True)
    assert run.rc != 0
    up("member-a")
    count = len(writer.acknowledged)
    run = lab.play_through("member-a: restored", lambda: lab.wait_for(lambda: len(writer.acknowledged) > count + 10)
                           and power_off("member-a"), *STALL, playbook=RECOVER)
    assert run.rc != 0
    lab.assert_refused(lab.play(*lab.YES, playbook=RECOVER), NOT_RECOVERED, [re.compile(NOT_REACHED.replace("member-c", "member-a") + UNKNOWN)])
    up("member-a")
    lab.shell("member-a", "systemctl enable mariadb")
    lab.shell("member-b", "systemctl stop mariadb")   # where it was just starting: a recovery is refused meanwhile, and says so
    again(playbook=RECOVER)


@pytest.mark.usefixtures("writer")
def test_the_donor_dies_in_a_recovery_in_which_a_member_receives_all_data():
    """The others serve by then, so one more run is create_cluster's, and there is nothing to recover."""
    stop_all()
    lab.shell("member-c", "find /var/lib/mysql -mindepth 1 -delete")
    before, killed = len(donors("member-c")), []
    slow("member-c")
    run = lab.play_through("member-c: activating", lambda: killed.append(kill_the_donor()), playbook=RECOVER, hold=True)
    heal("member-c")
    received_after_all(run)
    assert donors("member-c")[before:][:1] == killed == ["member-b"] and len(donors("member-c")) == before + 2, "not from the primary"
    again(playbook=RECOVER)


@pytest.mark.usefixtures("writer")
def test_the_host_of_a_joiner_dies_in_a_recovery():
    stop_all()
    run = lab.play_through("member-c: activating", lambda: power_off("member-c"), *STALL, playbook=RECOVER)
    assert run.rc != 0
    assert re.search(r"member-c is not restored: nothing has moved for 15 s \(not reachable over SSH; [^\n]*\)\. The next member was not touched\.",
                     run.output)
    up("member-c")
    back("member-c")   # as long as it is just starting, a recovery is refused and says so
    again(playbook=RECOVER)
