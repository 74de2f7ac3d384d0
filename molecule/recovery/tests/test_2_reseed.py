"""One member receives all data anew: nothing of the old directory is deleted, nobody else restarts, and checksums prove the result."""

from __future__ import annotations

import re

import lab
import ledger
import pytest
from balancer import Balancer
from faults import donors, heal, little_room, slow

MEMBERS = ["member-a", "member-b", "member-c"]
OTHERS = ["member-a", "member-b"]
RESEED = "senhasegura.cluster.reseed_member"
C = ("-e", "senhasegura_reseed=member-c")
REFUSED = "[ERROR]: Task failed: Seeding anew is refused; nothing was changed.\n- %s\nOrigin"


@pytest.fixture(scope="module", autouse=True)
def _cluster():
    lab.create()
    lab.create(playbook="senhasegura.cluster.serve_health")
    ledger.make("member-a")


def reseed(*arguments):
    return lab.play(*lab.YES, *arguments, playbook=RESEED)


def set_aside(name):
    """The data directories that were renamed."""
    return lab.shell(name, "ls -d /var/lib/mysql.* 2>/dev/null || true").split()


def diverge(number):
    """A row that member-c alone has, as local statements leave it: every status variable stays well."""
    lab.sql("member-c", "SET SESSION wsrep_on=OFF; INSERT INTO ledger.t VALUES (%d)" % number)


def test_refusals_and_check_mode_write_nothing():
    before = {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS}
    assert REFUSED % ("senhasegura_reseed names no member; say -e senhasegura_reseed=NAME, one of member-a, member-b, member-c"
                      ) in reseed().output
    assert REFUSED % ("member-a: it is the primary, whose data all members get; make another member the primary first "
                      "(assume_primary)") in reseed("-e", "senhasegura_reseed=member-a").output
    with little_room("member-c"):
        lab.assert_refused(reseed(*C), "Seeding anew is refused; nothing was changed.", [re.compile(
            r"member-c has room for \d\d MB of data beside those that are set aside, but joining needs [3-9]\d\d MB; make room first")])
    unsaid = lab.play(*C, playbook=RESEED)
    assert unsaid.rc != 0 and ("Nothing was changed: the plan restarts databases and needs a Yes. There is no terminal to ask on: set "
                               "senhasegura_confirm=true.") in unsaid.output
    run = lab.play(*C, "--check", "--diff", playbook=RESEED)
    assert run.rc == 0, run.output
    assert ("The data directory of member-c is renamed, not deleted; afterwards its tables are compared with those of member-b and member-a by "
            "checksum.\nTransfer: member-c receives all data, about ") in run.output
    assert (" by rsync (SST), from member-b.\nExpected downtime: none of the cluster, which serves on the others; member-c is away until it has "
            "received all data, so its clients must connect to another member; the donor takes no writes while rsync copies.\n"
            "While member-c is away: 2 of 3; it must not lose member-a or member-b too.\n") in run.output
    assert {name: (lab.tree(name), lab.processes([name])) for name in MEMBERS} == before


def test_silent_divergence_is_gone_while_an_application_writes(capsys):
    diverge(10**6)
    assert ledger.rows("member-c")[-1] == 10**6 and lab.status("member-c", "wsrep_local_state_comment") == "Synced"
    read = [lab.module(name, "cluster_checksum", {"platform": "auto"})["tables"]["`ledger`.`t`"] for name in ("member-b", "member-c")]
    assert read[0]["after"] == read[1]["before"] and read[0]["checksum"] != read[1]["checksum"]
    before, writer, balancer = lab.processes(OTHERS), ledger.Writer(["member-a", "member-b"], ledger.next_number("member-a")), Balancer(MEMBERS)
    aside = set_aside("member-c")
    writer.start()
    balancer.start()
    run = reseed(*C)
    assert run.rc == 0, run.output
    lab.wait_for(lambda: balancer.told["member-c"][-1:] == [203])   # an answer may be half a second old
    assert balancer.stop()["member-c"] == [203, 403, 203]
    assert donors("member-c")[-1:] == ["member-b"], "the primary serves on, the other one gives"
    said = ledger.assert_nothing_lost(writer, MEMBERS)
    with capsys.disabled():
        print("\n" + said)
    assert 10**6 not in ledger.rows("member-c")
    assert lab.processes(OTHERS) == before
    assert len(set_aside("member-c")) == len(aside) + 1 and set_aside("member-a") == []
    assert " tables compared on member-c, member-b, member-a, 0 to be read again" in run.output
    lab.assert_one_component()
    lab.assert_written_timers()


def receives():
    """Whether all data are on their way to member-c."""
    return lab.shell("member-c", "pgrep -f '[w]srep_sst_[a-z]* --role joiner' || true")


@pytest.mark.parametrize("text, once", [
    ("TASK [senhasegura.cluster.member : Start it, and wait until restored]", None), ("member-c: activating", receives), ("PLAY [6/7", None)],
    ids=["its data set aside, nothing started, then it is brought back", "while it receives everything", "before it is settled"])
def test_killed_and_run_once_more(text, once, capsys):
    aside, before = len(set_aside("member-c")), lab.processes(OTHERS)
    diverge(2 * 10**6)
    writer = ledger.Writer(OTHERS, ledger.next_number("member-a"))
    writer.start()
    if once:
        slow("member-c")
    lab.play_until(text, *C, once=once, playbook=RESEED)
    heal("member-c")
    if text.startswith("TASK"):   # by create_cluster, which does not compare
        assert ("Note: member-c: reseed_member has begun to give it all data anew, and has not ended, so its tables are not compared with the "
                "primary's; run reseed_member with senhasegura_reseed=member-c.") in lab.create().output
    run = reseed(*C)
    assert run.rc == 0, run.output
    assert ("it was seeded anew, and only the comparison of its tables is missing" in run.output) == (once is None)
    ledger.say(capsys, ledger.assert_nothing_lost(writer, MEMBERS))
    assert len(set_aside("member-c")) == aside + 1
    assert 2 * 10**6 not in ledger.rows("member-c") and lab.processes(OTHERS) == before
    assert lab.shell("member-c", "ls /var/lib/senhasegura-cluster | grep -c seeding || true") == "0", "it is compared"
    lab.assert_one_component()
    lab.assert_written_timers()
