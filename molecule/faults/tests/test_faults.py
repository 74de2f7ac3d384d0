"""A member, a donor or the network fails in the middle of each playbook, while an application writes.

The run that it happens to ends well or says what is true; what serves goes on; and one more run ends as if nothing had been.
"""

from __future__ import annotations

import lab
import ledger
import pytest
from faults import cut, heal, kill_database, power_off, power_on, slow

MEMBERS = ["member-a", "member-b", "member-c"]
A, B, C = lab.addresses().values()
RECOVER, REMOVE, RESEED, RESTART = ("senhasegura.cluster." + name for name in
                                    ("recover_cluster", "remove_member", "reseed_member", "restart_cluster"))


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create("-e", "senhasegura_sync_enabled=false")
    ledger.make("member-a")


@pytest.fixture(name="writer")
def _writer(capsys):
    """It writes on the two that nothing happens to, and afterwards nothing is lost anywhere."""
    made = ledger.Writer(["member-a", "member-b"])
    made.start()
    yield made
    said = ledger.assert_nothing_lost(made, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    lab.assert_one_component()
    lab.assert_written_timers()


def of_two(name="member-a"):
    """Whether a member serves in a component of two."""
    return (lab.status(name, "wsrep_cluster_status"), lab.status(name, "wsrep_cluster_size")) == ("Primary", "2")


def back(*names):
    """Wait until members have come back by themselves."""
    for name in names:
        lab.wait_for(lambda one=name: lab.shell(one, "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False)[-6:]
                     == "Synced", 60)


def again(*arguments, playbook=lab.PLAYBOOK):
    run = lab.play(*lab.YES, *arguments, playbook=playbook)
    assert run.rc == 0, run.output
    return run


# -- restart_cluster ----------------------------------------------------------------------------------------------------------

ONLY_C = ("-e", "senhasegura_restart_members=member-c", "-e", "senhasegura_stall_timeout=15")


def test_the_host_that_restarts_dies(writer):
    run = lab.play_through("member-c: ", lambda: power_off("member-c"), *ONLY_C, playbook=RESTART)
    assert run.rc != 0
    lab.wait_for(of_two)
    refused = lab.play(*lab.YES, playbook=RESTART)
    assert refused.rc != 0
    power_on("member-c")
    back("member-c")
    again(*ONLY_C, playbook=RESTART)


def test_the_network_of_the_one_that_restarts_is_cut(writer):
    run = lab.play_through("member-c: ", lambda: cut("member-c", A, B), *ONLY_C, playbook=RESTART)
    assert run.rc != 0
    heal("member-c")
    back("member-c")
    again(*ONLY_C, playbook=RESTART)


# -- reseed_member ------------------------------------------------------------------------------------------------------------

SEED_C = ("-e", "senhasegura_reseed=member-c")


def test_the_donor_dies_in_the_middle_of_the_transfer(writer):
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: kill_database("member-b"), *SEED_C, playbook=RESEED)
    heal("member-c")
    print("RC", run.rc)
    back("member-b")
    again(*SEED_C, playbook=RESEED)


def test_the_network_of_the_joiner_is_cut_in_the_middle_of_the_transfer(writer):
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: cut("member-c", A, B), *SEED_C, playbook=RESEED)
    heal("member-c")
    print("RC", run.rc)
    again(*SEED_C, playbook=RESEED)


# -- create_cluster -----------------------------------------------------------------------------------------------------------


def test_the_donor_dies_while_a_newcomer_joins(writer):
    lab.rebuild("member-c")
    slow("member-c")
    run = lab.play_through("MB on disk", lambda: kill_database("member-b"))
    heal("member-c")
    print("RC", run.rc)
    back("member-b")
    again()


# -- remove_member ------------------------------------------------------------------------------------------------------------


def test_the_host_that_is_removed_dies(writer):
    run = lab.play_through("PLAY [5/9", lambda: power_off("member-c"), "-e", "senhasegura_remove=member-c", playbook=REMOVE)
    print("RC", run.rc)
    lab.wait_for(of_two)
    refused = lab.play(*lab.YES, "-e", "senhasegura_remove=member-c", playbook=REMOVE)
    print("RC", refused.rc)
    power_on("member-c")
    again("-e", "senhasegura_remove=member-c", playbook=REMOVE)
    again("-e", '{"senhasegura_overwrite_members": ["member-c"]}')


# -- recover_cluster ----------------------------------------------------------------------------------------------------------


def test_the_one_that_was_bootstrapped_dies_before_the_others_are_in():
    for name in reversed(MEMBERS):
        lab.shell(name, "systemctl stop mariadb")
    run = lab.play_through("member-a: restored", lambda: kill_database("member-a"), playbook=RECOVER)
    print("RC", run.rc)
    again(playbook=RECOVER)
    lab.assert_one_component()
    assert len({tuple(ledger.rows(name)) for name in MEMBERS}) == 1
