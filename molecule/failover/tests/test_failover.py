"""The vendor's fail-over tables, row by row, on real members; and the decisions that they leave to a person."""

from __future__ import annotations

import functools
import json
import re

import lab
import ledger
import pytest
from balancer import Balancer
from faults import cut, heal, power_off, power_on

MEMBERS = ["member-a", "member-b", "member-c"]
TWO = MEMBERS[:2]
A, B, C = lab.addresses().values()
ASSUME, REMOVE = "senhasegura.cluster.assume_primary", "senhasegura.cluster.remove_member"
PRIMARY_B, PRIMARY_C = (("-e", "senhasegura_primary=" + name) for name in ("member-b", "member-c"))
DEAD_A = ("-e", '{"senhasegura_dead_members": ["member-a"]}')
REFUSED = "[ERROR]: Task failed: Assuming as primary is refused; nothing was changed.\n- %s\nOrigin"

assume = functools.partial(lab.play, playbook=ASSUME)


@pytest.fixture(scope="module", name="two")
def _two(tmp_path_factory):
    """An inventory of two members."""
    return lab.write_inventory(tmp_path_factory.mktemp("inventory") / "hosts.yml", members=TWO)


@pytest.fixture(scope="module", autouse=True)
def _cluster(two):
    lab.create(hosts=two)
    lab.create(hosts=two, playbook="senhasegura.cluster.serve_health")
    ledger.make("member-a")
    lab.sql("member-a", "CREATE DATABASE probe; CREATE TABLE probe.rows (id INT AUTO_INCREMENT PRIMARY KEY)")


@pytest.fixture(name="writing")
def _writing(request, capsys):
    """An application writes through a row, on whichever member takes it; nothing is lost, and the longest wait is told."""
    names = TWO if "_of_two_" in request.node.name else MEMBERS
    made = ledger.Writer(names, ledger.next_number("member-a"))
    made.start()
    lab.wait_for(lambda: made.acknowledged)   # before anything happens to it
    yield made
    lab.wait_for(lambda: len(made.acknowledged) > 100)   # a row may be over before that many are written
    ledger.say(capsys, "%s: %s" % (request.node.name, ledger.assert_nothing_lost(made, names)))


def serves(name):
    """Whether a member takes a write now."""
    said = lab.shell(name, "timeout 5 mariadb -e 'INSERT INTO probe.rows () VALUES ()' && echo yes", check=False)
    return said.endswith("yes")


def component(name):
    return lab.status(name, "wsrep_cluster_status"), lab.status(name, "wsrep_cluster_size")


def sees(name, *expected):
    """Wait until a member is in such a component: detecting a dead peer takes Galera about 6 s."""
    lab.wait_for(lambda: component(name) == expected)


def synced(name):
    """Wait until a member that is just starting has everything."""
    lab.wait_for(lambda: lab.shell(name, "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'\"", check=False)[-6:] == "Synced")


def primaries(names):
    """Whom each member takes for the primary, with its votes as they run."""
    return {name: (lab.shell(name, "sed -n 's/^primary = //p' " + lab.SETTINGS),
                   lab.sql(name, "SELECT REGEXP_SUBSTR(@@wsrep_provider_options, 'pc.weight = [0-9]')")[-1]) for name in names}


def codes(names):
    """What members tell load balancers."""
    return [Balancer(names).ask(name) for name in names]


# -- two members ------------------------------------------------------------------------------------------------------------


def test_planned_the_votes_move_on_line_under_a_writer(two, capsys):
    """Load balancers are told of one primary at every moment, also when the controller is killed in the middle."""
    before, trees = lab.processes(TWO), {name: lab.tree(name) for name in TWO}
    assert REFUSED % ("nobody is named: set senhasegura_primary to the member that shall be the primary from now on (member-a, member-b)"
                      ) in assume(*lab.YES, hosts=two).output
    run = assume(*PRIMARY_B, hosts=two)
    assert run.rc != 0 and "the plan makes another member the primary and needs a Yes. There is no terminal to ask on" in run.output
    run = assume(*PRIMARY_B, "--check", "--diff", hosts=two)
    assert [line.split("  ")[1:3] for line in run.output.splitlines() if line[:2] in ("1 ", "2 ")] == [
        ["member-b", "change on-line, no restart"], ["member-a", "change on-line, no restart"]]
    assert "Votes: before 3 (member-a 2, member-b 1), after 3 (member-a 1, member-b 2).\n" in run.output
    assert {name: lab.tree(name) for name in TWO} == trees
    writer, balancer = ledger.Writer(["member-a", "member-b"]), Balancer(TWO)
    writer.start()
    balancer.start()
    lab.play_until("PLAY [6/7", *PRIMARY_B, after=0.7, hosts=two, playbook=ASSUME)
    assert assume(*lab.YES, *PRIMARY_B, hosts=two).rc == 0
    assert primaries(TWO) == {"member-a": (B, "1"), "member-b": (B, "2")}
    again = assume(*lab.YES, *PRIMARY_B, hosts=two)
    assert again.changed() == [] and "Nothing to do: member-b is the primary, as member-a, member-b know.\n" in again.output
    assert assume(*lab.YES, "-e", "senhasegura_primary=member-a", hosts=two).rc == 0
    lab.wait_for(lambda: balancer.told["member-a"][-1:] == [200])
    assert balancer.stop() == {"member-a": [200, 203, 200], "member-b": [203, 200, 203]}
    said = ledger.assert_nothing_lost(writer, TWO)
    with capsys.disabled():
        print("\n" + said)
    assert primaries(TWO) == {"member-a": (A, "2"), "member-b": (A, "1")} and lab.processes(TWO) == before


@pytest.mark.usefixtures("writing")
def test_of_two_the_link_fails_and_the_primary_stays(two):
    cut("member-b", A)
    sees("member-a", "Primary", "1")
    sees("member-b", "non-Primary", "1")
    assert serves("member-a") and not serves("member-b")
    before = {name: lab.tree(name) for name in TWO}
    assert REFUSED % ("member-b: Galera runs there in no primary component, while member-a serves in a primary component; bring it back "
                      "first, with create_cluster") in assume(*lab.YES, *PRIMARY_B, hosts=two).output
    assert REFUSED % ("member-a: it is named in senhasegura_dead_members, but its database runs; stop it there first, or do not name it"
                      ) in assume(*lab.YES, *PRIMARY_B, *DEAD_A, hosts=two).output
    assert {name: lab.tree(name) for name in TWO} == before
    heal("member-b")
    sees("member-b", "Primary", "2")
    for name in TWO:
        synced(name)
    lab.assert_one_component(TWO)


@pytest.mark.usefixtures("writing")
def test_of_two_the_second_fails_and_the_primary_stays(two):
    power_off("member-b")
    sees("member-a", "Primary", "1")
    assert serves("member-a")
    power_on("member-b")
    sees("member-a", "Primary", "2")
    synced("member-b")


@pytest.mark.usefixtures("writing")
def test_of_two_both_fail_and_are_recovered(two):
    for name in TWO:
        lab.shell(name, "systemctl kill --signal=KILL mariadb")
    for name in TWO:
        lab.shell(name, "systemctl stop mariadb")
    lab.create(hosts=two, playbook="senhasegura.cluster.recover_cluster")
    lab.assert_one_component(TWO)
    assert primaries(TWO) == {"member-a": (A, "2"), "member-b": (A, "1")}


def test_of_two_the_primary_fails_and_a_person_decides(two, capsys):
    """The worst case: it served on alone before it died, so it holds rows that the other never had, and comes back by itself. Those are what the
    person gives up, and nothing else.
    """
    writer = ledger.Writer(TWO, ledger.next_number("member-a"))
    writer.start()
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    shared = len(writer.acknowledged)
    cut("member-b", A)
    sees("member-a", "Primary", "1")
    sees("member-b", "non-Primary", "1")
    count = len(writer.acknowledged)
    lab.wait_for(lambda: len(writer.acknowledged) > count + 10)
    power_off("member-a")
    alone = len(writer.acknowledged) - shared
    assert not serves("member-b")
    heal("member-b")
    before = lab.tree("member-b")
    run = assume(*lab.YES, *PRIMARY_B, hosts=two)
    assert run.rc != 0 and "- member-a: it cannot be reached: " in run.output
    assert ("; what is unknown could be a living cluster, and two primaries would write different data. If it is dead, name it in "
            "senhasegura_dead_members; otherwise bring it back first\nOrigin") in run.output
    assert REFUSED % "senhasegura_primary is member-a, which is named as dead; name one that lives: member-b" in assume(
        *lab.YES, *DEAD_A, "-e", "senhasegura_primary=member-a", hosts=two).output
    assert "make the component of member-b primary" in assume(*PRIMARY_B, *DEAD_A, "--check", hosts=two).output
    assert lab.tree("member-b") == before and component("member-b") == ("non-Primary", "1")
    lab.play_until("PLAY [5/7", *PRIMARY_B, *DEAD_A, after=0.2, hosts=two, playbook=ASSUME)
    run = assume(*lab.YES, *PRIMARY_B, *DEAD_A, hosts=two)
    assert run.rc == 0, run.output
    assert component("member-b") == ("Primary", "1") and serves("member-b") and primaries(["member-b"]) == {"member-b": (B, "2")}
    count = len(writer.acknowledged)
    lab.wait_for(lambda: len(writer.acknowledged) > count + alone + 10)   # Galera does not let in who is ahead
    acknowledged, held = writer.stop(), set(ledger.rows("member-b"))
    given_up = [number for number in acknowledged if number not in held]
    assert writer.members == ["member-a", "member-b"] and len(given_up) > 10
    assert set(given_up) <= set(acknowledged[shared:count]), "what both had is there, and what was written since"
    ledger.say(capsys, "%d rows acknowledged, %d of them by member-a alone, which were given up; longest time without one: %.2f s" % (
        len(acknowledged), len(given_up), writer.longest_gap()))


def test_the_old_primary_that_comes_back_by_itself_is_told_and_seeded_anew(two):
    power_on("member-a")
    sees("member-b", "Primary", "2")
    synced("member-a")
    assert ledger.rows("member-a") != ledger.rows("member-b"), "Galera let it in with other data: this is what the record is for"
    run = lab.play(*lab.YES, *PRIMARY_B, hosts=two)
    assert run.rc != 0 and run.changed() == []
    told = ("- member-a: the others were made primary without it at position %s, and it has come back by itself: nobody can tell whether it "
            "holds the same data. Give it all data anew: assume_primary, which puts its votes right, then reseed_member with "
            "senhasegura_reseed=member-a. That is what member-b (serves, position %s) recorded. Only where the recorder is an older copy (a snapshot "
            "of its host, say) that was restored since, seed that one anew instead: name member-b in senhasegura_overwrite_members, and run "
            "reseed_member for member-b\n")
    position = lab.shell("member-b", "sed 's/.*seqno\": \\([0-9]*\\).*/\\1/' /var/lib/senhasegura-cluster/left_behind.json")
    assert told % (position, lab.status("member-b", "wsrep_last_committed")) in run.output
    run = lab.play(*lab.YES, "-e", "senhasegura_primary=member-a", "-e", "senhasegura_remove=member-b", hosts=two, playbook=REMOVE)
    assert run.rc != 0 and told % (position, lab.status("member-b", "wsrep_last_committed")) in run.output, "nobody else knows"
    run = assume(*lab.YES, "-e", "senhasegura_primary=member-a", hosts=two)
    assert run.rc != 0 and "- member-a: member-b (serves, position " in run.output and ", so it must not become the primary. Make member-b " in run.output
    assert "- plan.possible" in lab.play(*PRIMARY_B, hosts=two, playbook="senhasegura.cluster.check_cluster").output
    lab.create(*PRIMARY_B, hosts=two, playbook=ASSUME)
    lab.wait_for(lambda: codes(TWO) == [203, 200])
    lab.create(*PRIMARY_B, "-e", "senhasegura_reseed=member-a", hosts=two, playbook="senhasegura.cluster.reseed_member")
    assert ledger.rows("member-a") == ledger.rows("member-b")
    lab.create(*PRIMARY_B, hosts=two)
    lab.assert_one_component(TWO)
    assert primaries(TWO) == {"member-a": (B, "1"), "member-b": (B, "2")}
    assert lab.create(*PRIMARY_B, hosts=two).changed() == []


def test_one_that_is_found_stopped_is_let_in_only_when_its_position_is_known(two, capsys):
    """The primary dies while an application writes on it: what it acknowledged, the other one has. The controller is killed as soon as that one
    serves; what the others went on without is recorded by then.
    """
    lab.shell("member-b", "systemctl disable mariadb")
    writer = ledger.Writer(["member-b", "member-a"], ledger.next_number("member-b"))
    writer.start()
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    power_off("member-b")
    sees("member-a", "non-Primary", "1")
    count = len(writer.acknowledged)
    decided = ("-e", "senhasegura_primary=member-a", "-e", '{"senhasegura_dead_members": ["member-b"]}')
    lab.play_until("PLAY [5/7", *decided, once=lambda: component("member-a")[0] == "Primary", hosts=two, playbook=ASSUME)
    run = assume(*lab.YES, *decided, hosts=two)
    assert run.rc == 0 and serves("member-a") and primaries(["member-a"]) == {"member-a": (A, "2")}
    lab.wait_for(lambda: len(writer.acknowledged) > count)
    said = ledger.assert_nothing_lost(writer, ["member-a"])
    with capsys.disabled():
        print("\n" + said)
    power_on("member-b")
    run = lab.play(*lab.YES, hosts=two)
    assert run.rc != 0
    assert ", and it holds an unknown position, so it may hold transactions that they never had; to have its data directory set aside" in run.output
    lab.shell("member-b", "systemctl enable mariadb")
    # What it has recorded itself goes with its data, also where the other one had another address then: or the next run would accuse that one.
    lab.shell("member-b", "echo '%s' > /var/lib/senhasegura-cluster/left_behind.json" % json.dumps(
        {"10.77.0.99": {"uuid": lab.status("member-a", "wsrep_local_state_uuid"), "seqno": 1, "name": "member-a"}}))
    lab.create("-e", '{"senhasegura_overwrite_members": ["member-b"]}', hosts=two)
    lab.assert_one_component(TWO)
    assert ledger.rows("member-a") == ledger.rows("member-b")
    assert lab.create(hosts=two).changed() == []


# -- three members ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", name="three")
def _three(two):
    lab.create()


@pytest.mark.usefixtures("three", "writing")
@pytest.mark.parametrize("name", MEMBERS)
def test_of_three_one_fails_and_the_others_stay(name):
    others = [one for one in MEMBERS if one != name]
    power_off(name)
    for other in others:
        sees(other, "Primary", "2")
        assert serves(other)
    power_on(name)
    for other in others:
        sees(other, "Primary", "3")
    synced(name)


@pytest.mark.usefixtures("three", "writing")
@pytest.mark.parametrize("name", MEMBERS)
def test_of_three_one_is_cut_off_and_the_others_stay(name):
    others = [one for one in MEMBERS if one != name]
    cut(name, *[lab.addresses()[one] for one in others])
    sees(name, "non-Primary", "1")
    for other in others:
        sees(other, "Primary", "2")
        assert serves(other)
    assert not serves(name)
    heal(name)
    sees(name, "Primary", "3")
    synced(name)


@pytest.mark.usefixtures("three", "writing")
def test_of_three_all_are_cut_from_each_other_and_a_person_lets_the_first_go_on():
    cut("member-a", B, C)
    cut("member-b", A, C)
    cut("member-c", A, B)
    for name in MEMBERS:
        sees(name, "non-Primary", "1")
    run = assume(*lab.YES, "-e", "senhasegura_primary=member-a")
    assert run.rc != 0 and ("- member-a: it sees %s, and not exactly those who are left (%s, %s, %s); repair the links between them, and run "
                            "again\n" % (A, A, B, C)) in run.output
    for name in ("member-b", "member-c"):
        lab.shell(name, "systemctl stop mariadb")
    run = assume(*lab.YES, "-e", "senhasegura_primary=member-a", "-e", '{"senhasegura_dead_members": ["member-b", "member-c"]}')
    assert run.rc == 0 and serves("member-a"), run.output
    heal(*MEMBERS)
    lab.create()
    lab.assert_one_component()
    assert lab.create().changed() == []


@pytest.mark.usefixtures("three")
def test_of_three_the_newest_of_those_who_are_left_goes_on(capsys):
    """member-c is cut off, the others write on; then the primary dies, and the two that are left find each other, one of them behind. The newer
    one dies as soon as it serves, and holds what was acknowledged then: nobody goes on without it but by a person's word.
    """
    cut("member-c", A, B)
    sees("member-c", "non-Primary", "1")
    sees("member-a", "Primary", "2")
    lab.sql("member-a", "INSERT INTO ledger.t VALUES (8000001), (8000002)")
    held = ledger.rows("member-a")
    assert held == ledger.rows("member-b")
    power_off("member-a")
    sees("member-b", "non-Primary", "1")
    heal("member-c")
    for name in ("member-b", "member-c"):
        sees(name, "non-Primary", "2")
    position = {name: int(lab.status(name, "wsrep_last_committed")) for name in ("member-b", "member-c")}
    assert position["member-b"] > position["member-c"]
    _assert_refused_where_they_lose_each_other()
    told = functools.partial(lab.shell, "member-c", "sed -n 's/^primary = //p' " + lab.SETTINGS)
    writer, before = ledger.Writer(["member-b", "member-c"], max(held) + 1), told()
    writer.start()
    run = lab.play_through("TASK [senhasegura.cluster.member : Wait until the member serves]",
                           lambda: lab.wait_for(lambda: len(writer.acknowledged) > 10 and lab.status(
                               "member-c", "wsrep_local_state_comment") == "Synced") and power_off("member-b"),
                           *PRIMARY_C, *DEAD_A, "-e", "senhasegura_stall_timeout=15", playbook=ASSUME, hold=True)
    assert run.rc != 0
    # Where it served for the moment before, that is told, and only then of a new primary.
    assert "\nmember-c: restored, " in run.output or told() == before and re.search(
        r"member-c is not restored: nothing has moved for 15 s \([^\n]*its component is non-Primary[^\n]*\)\. The next member was not touched\.\n",
        run.output)
    assert "1  member-b  make the component of member-b and member-c primary  it is in no primary component, and the newest of those who are left " \
        "(position %d)\n" % position["member-b"] in run.output
    sees("member-c", "non-Primary", "1")
    lab.assert_refused(assume(*lab.YES, *PRIMARY_C, *DEAD_A), "Assuming as primary is refused; nothing was changed.", [re.compile(
        r"member-b: it cannot be reached: ssh: connect to host \S+ port 22: (No route to host|Connection timed out); what is unknown could be a "
        r"living cluster, and two primaries would write different data\. If it is dead, name it in senhasegura_dead_members; otherwise bring it "
        r"back first")])
    power_on("member-b")
    sees("member-c", "Primary", "2")
    synced("member-b")
    run = lab.play_through("PLAY [6/7", lose_each_other, *PRIMARY_C, *DEAD_A, playbook=ASSUME, hold=True)
    lab.assert_refused(run, "The members are not proven to be one component.", [
        "%s: %s" % (name, wrong) for name in ("member-b", "member-c")
        for wrong in ("it is not ready", "its component is non-Primary", "its state is Initialized")])
    heal("member-c")
    for name in ("member-b", "member-c"):
        sees(name, "Primary", "2")
    run = assume(*lab.YES, *PRIMARY_C, *DEAD_A)
    assert run.rc == 0, run.output
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    ledger.say(capsys, ledger.assert_nothing_lost(writer, ["member-b", "member-c"]))
    lab.assert_one_component(["member-b", "member-c"])
    assert set(ledger.rows("member-c")) >= set(held)
    assert primaries(["member-b", "member-c"]) == {"member-b": (C, "1"), "member-c": (C, "1")}


def lose_each_other():
    """The link between the two that are left is cut, and each has noticed it."""
    cut("member-c", B)
    for name in ("member-b", "member-c"):
        sees(name, "non-Primary", "1")


def _assert_refused_where_they_lose_each_other():
    """Between the second look and the act: whose component it would be is another than was said Yes to, and the member itself sees it."""
    recorded = functools.partial(lab.shell, "member-b", "cat /var/lib/senhasegura-cluster/left_behind.json 2>&1", check=False)
    before = recorded()
    run = lab.play_through("TASK [senhasegura.cluster.preflight : Plan again on what is true now", lose_each_other, *PRIMARY_C, *DEAD_A,
                           playbook=ASSUME, hold=True)
    lab.assert_refused(run, "Module failed: assuming refused: its component lacks %s. Run the playbook again: it observes every member anew." % C)
    assert run.changed() == [] and recorded() == before
    heal("member-c")
    for name in ("member-b", "member-c"):
        sees(name, "non-Primary", "2")
