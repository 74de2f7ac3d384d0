"""Two members and an arbitrator: three voters, proven; any one may die, and what load balancers are told meanwhile."""

from __future__ import annotations

import json
import re
import time

import lab
import ledger
import pytest
import yaml
from balancer import Balancer
from faults import another_controller, assert_held, cut, heal, power_off, power_on
from packages import offer

ADD, REMOVE, SERVE, UPDATE, CHECK, RESTART, RESEED, RECOVER = ("senhasegura.cluster." + name for name in (
    "add_arbitrator", "remove_arbitrator", "serve_health", "update_members", "check_cluster", "restart_cluster", "reseed_member",
    "recover_cluster"))
MEMBERS, ARBITER = ["member-a", "member-b"], "arbiter"
HEALTH = "http://%s:9200/flow/orbit/mntr"
MESSAGE = "Vault is being <restored>."

PROXY = """
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  default-server check port 9200 inter 500ms fastinter 500ms fall 1 rise 1 on-marked-down shutdown-sessions
listen writing
  bind 127.0.0.1:3307
  option httpchk GET /flow/orbit/mntr
  http-check expect status 200
  server member-a %s:3306
  server member-b %s:3306
listen reading
  bind 127.0.0.1:3308
  option httpchk GET /flow/orbit/mntr
  http-check expect rstatus ^20[03]$
  server member-a %s:3306 backup
  server member-b %s:3306
"""


@pytest.fixture(scope="session", name="hosts", autouse=True)
def _hosts(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory") / "hosts.yml")


def write_inventory(path, arbitrator=None, **variables):
    """The lab's hosts as a user groups them: the arbitrator is no member."""
    data = lab.inventory()["senhasegura"]
    common = dict(data["vars"], senhasegura_bind_address="*", senhasegura_recovery_message=MESSAGE, **variables)
    groups = {"senhasegura": {name: data["hosts"][name] for name in MEMBERS},
              "senhasegura_arbitrator": arbitrator or {ARBITER: data["hosts"][ARBITER]}}
    path.write_text(yaml.safe_dump(dict({name: {"hosts": those} for name, those in groups.items()}, all={"vars": common}),
                                   sort_keys=False), encoding="utf-8")
    return path


def apart(path):
    """The same hosts in two data centers, the arbitrator in the primary's."""
    data = yaml.safe_load(write_inventory(path, senhasegura_different_datacenters=True).read_text(encoding="utf-8"))
    hosts = dict(data["senhasegura"]["hosts"], **data["senhasegura_arbitrator"]["hosts"])
    for name, segment in ((MEMBERS[0], 1), (MEMBERS[1], 2), (ARBITER, 1)):
        hosts[name]["senhasegura_segment"] = segment
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def checked_votes(folder, hosts):
    """What check_cluster says of the votes now, and of who may fail: its whole findings, and the report's forecast."""
    lab.play("-e", "senhasegura_report_dir=%s" % folder, hosts=hosts, playbook=CHECK)
    report = json.loads((folder / "check-report.json").read_text(encoding="utf-8"))
    said = {check["id"]: [tuple(finding[part] for part in ("status", "seen", "expected", "fix")) for finding in check["findings"]]
            for check in report["checks"]}
    return said["quorum.now"], said["quorum.forecast"], [case["text"] for case in report["forecast"]]


def view(name="member-b"):
    """Status, size, votes, and how many voters have no address, as a member sees them."""
    rows = dict(row.split("\t") for row in lab.sql(name, "SHOW GLOBAL STATUS LIKE 'wsrep_%'").splitlines() if "\t" in row)
    return (rows["wsrep_cluster_status"], int(rows["wsrep_cluster_size"]), int(rows["wsrep_cluster_weight"]),
            rows["wsrep_incoming_addresses"].split(",").count(""))


def serves(name):
    """Whether a member takes a write now."""
    return lab.shell(name, "timeout 5 mariadb -e 'INSERT INTO probe.rows () VALUES ()' && echo yes", check=False)[-3:] == "yes"


def code(name, *more):
    """The health code of a member, asked by curl from the arbitrator's host."""
    return lab.shell(ARBITER, "curl -s -m 5 -o /tmp/answer -w '%%{http_code}' %s %s"
                     % (" ".join(more), HEALTH % lab.addresses()[name]), check=False)


def routed(port):
    """Which member HAProxy leads a client to; blank for none."""
    return lab.shell(ARBITER, "timeout 3 mariadb -h 127.0.0.1 -P %d -u balanced -BNe 'SELECT @@wsrep_node_name' 2>/dev/null"
                     % port, check=False)


def unlocked():
    """Whether no run holds its lock on any member."""
    return not any(lab.shell(name, "ls /run/senhasegura-cluster/lock.json 2>/dev/null", check=False) for name in MEMBERS)


def assert_held_up(hosts, playbook):
    """While another controller works, it is refused with a Yes, too."""
    with another_controller("member-b"):
        run = lab.play(*lab.YES, hosts=hosts, playbook=playbook)
    assert_held(run, "member-b", "The arbitrator arbiter is refused; nothing was changed.")


def whole(witness="member-b"):
    """Wait until both members serve, and all three vote."""
    lab.wait_for(lambda: view(witness) == ("Primary", 3, 5, 1))
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))


# -- made, and proven -----------------------------------------------------------------------------------------------------


def test_two_members(hosts):
    lab.create(hosts=hosts)
    assert view() == ("Primary", 2, 3, 0)
    lab.sql("member-a", "CREATE DATABASE probe; CREATE TABLE probe.rows (id INT AUTO_INCREMENT PRIMARY KEY); "
                        "CREATE USER balanced")
    ledger.make("member-a")
    lab.sql("member-a", "GRANT INSERT ON ledger.* TO balanced")


def test_a_member_is_refused_as_the_arbitrator(tmp_path):
    member = dict(lab.inventory()["senhasegura"]["hosts"]["member-b"])
    run = lab.play(*lab.YES, hosts=write_inventory(tmp_path / "hosts.yml", {"other-name": member}), playbook=ADD)
    assert run.rc != 0 and "the arbitrator %s is also the member member-b; it must be another host" % member["ansible_host"] in run.output
    both = {ARBITER: {}, "second": {"ansible_host": "10.0.0.1"}}
    run = lab.play(*lab.YES, hosts=write_inventory(tmp_path / "both.yml", both), playbook=ADD)
    assert run.rc != 0 and "must hold exactly one host, and holds arbiter, second." in run.output
    assert view() == ("Primary", 2, 3, 0)


def test_check_mode_and_what_is_refused_write_nothing(hosts):
    before = {name: lab.tree(name) for name in MEMBERS + [ARBITER]}
    run = lab.play("--check", "--diff", hosts=hosts, playbook=ADD)
    assert run.rc == 0, run.output
    assert "arbiter: start garbd, which votes from then on (garbd does not run there)" in run.output
    assert "+GALERA_NODES=" in run.output and "would install galera-arbitrator-4" in run.output
    assert_held_up(hosts, ADD)
    assert {name: lab.tree(name) for name in MEMBERS + [ARBITER]} == before
    assert view() == ("Primary", 2, 3, 0)


@pytest.mark.usefixtures("writing")
def test_the_arbitrator_votes_and_every_member_counts_it(hosts):
    """Also when the controller was killed just before garbd starts."""
    before = lab.processes(MEMBERS)
    lab.play_until("Run it, now and after every start of its host", hosts=hosts, playbook=ADD)
    lab.wait_for_what_was_begun()
    run = lab.create(hosts=hosts, playbook=ADD)
    assert ("Votes afterwards: member-a 2, member-b 1, the arbitrator 2.\nAny one of them may fail, and the others serve on.\n"
            "Expected downtime: none") in run.output
    assert "One component, proven on every member: 3 voters" in run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 3, 5, 1)] * 2
    assert lab.processes(MEMBERS) == before and unlocked()


def test_the_second_run_changes_nothing(hosts):
    run = lab.create(hosts=hosts, playbook=ADD)
    assert run.changed() == [] and "arbiter: nothing to do (garbd runs there as declared)" in run.output


def test_an_update_with_a_limit_is_refused(hosts):
    """The members would be in one batch, and nobody of the controller's own beside them."""
    lab.assert_refused(lab.play(*lab.YES, "--limit", "senhasegura:senhasegura_arbitrator", hosts=hosts, playbook=UPDATE),
                       "Action failed: Nothing was changed: --limit leaves out the hosts of the controller's own that put the arbitrator back if a "
                       "member is lost. Run without it")


# -- what load balancers are told -----------------------------------------------------------------------------------------


def test_health(hosts):
    lab.create(hosts=hosts, playbook=SERVE)
    lab.shell(ARBITER, "DEBIAN_FRONTEND=noninteractive apt-get install -qq -o Acquire::Retries=3 --no-install-recommends haproxy curl")
    assert (code("member-a"), code("member-b")) == ("200", "203")
    answer = json.loads(lab.shell(ARBITER, "cat /tmp/answer"))
    addresses = lab.addresses()
    assert answer == {"code": 203, "status": "active", "member": "member-b", "address": addresses["member-b"],
                      "primary": addresses["member-a"], "reason": "", "message": ""}
    assert code("member-a", "-H", "'Accept: text/html'") == "200"
    assert "<h1>member-a: active</h1>" in lab.shell(ARBITER, "cat /tmp/answer")
    assert lab.shell("member-a", "ps -o user= -C python3 | sort -u") == "senhasegura-health"
    grants = lab.sql("member-b", "SHOW GRANTS FOR 'senhasegura-health'@'localhost'").splitlines()
    assert [line.split(" TO ")[0] for line in grants] == ["GRANT USAGE ON *.*", "GRANT SELECT ON `senhasegura_cluster`.`primary_member`"]
    assert lab.create(hosts=hosts, playbook=SERVE).changed() == []


def test_without_the_row_that_all_members_share_what_is_written_counts_and_it_is_made_again(hosts):
    lab.sql("member-b", "DROP DATABASE senhasegura_cluster")
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))
    before = {name: lab.tree(name) for name in MEMBERS}
    lab.create("--check", hosts=hosts, playbook=SERVE)
    assert {name: lab.tree(name) for name in MEMBERS} == before
    assert lab.create(hosts=hosts, playbook=SERVE).changed() == ["member-a"]
    lab.sql("member-b", "UPDATE senhasegura_cluster.primary_member SET address = '%s'" % lab.addresses()["member-b"])
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("203", "200"))
    run = lab.create("--check", hosts=hosts)
    assert "published changes from off to on" in run.output and code("member-a") == "203"
    lab.create(hosts=hosts)
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))
    assert lab.create(hosts=hosts).changed() == []


def test_haproxy_leads_to_the_primary():
    addresses = lab.addresses()
    lab.shell(ARBITER, "cat > /etc/haproxy/haproxy.cfg <<'END'\n%sEND\nsystemctl restart haproxy"
              % (PROXY % ((addresses["member-a"], addresses["member-b"]) * 2)))
    lab.wait_for(lambda: (routed(3307), routed(3308)) == ("member-a", "member-b"))


def test_a_drained_member_is_told_of_and_comes_back(hosts, tmp_path):
    playbook = tmp_path / "drain.yml"
    playbook.write_text("""
- hosts: member-b
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: senhasegura.cluster.health
        tasks_from: "{{ way }}"
""", encoding="utf-8")
    assert lab.create("-e", "way=drain", hosts=hosts, playbook=str(playbook)).changed() == ["member-b"]
    assert code("member-b") == "403"
    assert json.loads(lab.shell(ARBITER, "cat /tmp/answer"))["reason"] == "taken out by an administrator"
    lab.wait_for(lambda: routed(3308) == "member-a")
    assert lab.create("-e", "way=undrain", hosts=hosts, playbook=str(playbook)).changed() == ["member-b"]
    lab.wait_for(lambda: code("member-b") == "203")


# -- any one may die ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", name="balanced")
def _balanced():
    """An application that knows HAProxy alone, and writes through it on whoever is told to be the primary."""
    made = ledger.Writer([ARBITER], ledger.next_number("member-b"), way=["-h127.0.0.1", "-P3307", "-ubalanced"])
    made.start()
    lab.wait_for(lambda: len(made.acknowledged) > 100)
    yield made
    made.stop()


def test_the_primary_dies_and_the_other_serves_on(balanced, capsys):
    power_off("member-a")
    last, longest, until = time.monotonic(), 0.0, time.monotonic() + 60
    while view()[1] == 3 and time.monotonic() < until:
        if serves("member-b"):
            last, longest = time.monotonic(), max(longest, time.monotonic() - last)
    lab.wait_for(lambda: serves("member-b"))
    ledger.say(capsys, "member-a dies: longest time without a write on member-b: %.1f s" % max(longest, time.monotonic() - last))
    lab.wait_for(lambda: (view(), code("member-b")) == (("Primary", 2, 3, 1), "203"))
    lab.wait_for(lambda: (routed(3307), routed(3308)) == ("", "member-b"))
    assert set(balanced.members) == {"member-a"} and not set(balanced.acknowledged) - set(ledger.rows("member-b"))


def test_without_it_there_would_be_no_quorum_so_it_is_not_taken_out(hosts):
    run = lab.play(*lab.YES, hosts=hosts, playbook=REMOVE)
    assert run.rc != 0
    assert "the cluster is degraded, bring the members back first: member-b: its component lacks %s" % lab.addresses()["member-a"] in run.output
    assert view() == ("Primary", 2, 3, 1)


def test_the_arbitrator_fails_too_and_comes_back_with_its_host():
    lab.shell(ARBITER, "pkill -STOP -x garbd")
    lab.wait_for(lambda: view()[0] == "non-Primary")
    lab.wait_for(lambda: code("member-b") == "503")   # an answer may be half a second old
    assert not serves("member-b")
    answer = json.loads(lab.shell(ARBITER, "cat /tmp/answer"))
    assert (answer["reason"], answer["message"]) == ("it is not in a primary component", MESSAGE)
    assert code("member-b", "-H", "'Accept: text/html'") == "503"
    assert "<pre>Vault is being &lt;restored&gt;.</pre>" in lab.shell(ARBITER, "cat /tmp/answer")
    power_off(ARBITER)
    power_on(ARBITER)
    lab.wait_for(lambda: view() == ("Primary", 2, 3, 1))


def test_the_primary_returns_and_is_led_to_again(balanced, capsys):
    count = len(balanced.acknowledged)
    power_on("member-a")
    lab.wait_for(lambda: view() == ("Primary", 3, 5, 1))
    lab.wait_for(lambda: code("member-a") == "200")
    lab.wait_for(lambda: (routed(3307), routed(3308)) == ("member-a", "member-b"))
    lab.wait_for(lambda: len(balanced.acknowledged) > count + 10)
    ledger.say(capsys, "through HAProxy: " + ledger.assert_nothing_lost(balanced, MEMBERS))
    assert set(balanced.members) == {"member-a"}, "never led to one that is not the primary"


# -- the vendor's table of two members and an arbitrator, row by row; each heals by itself ---------------------------------


@pytest.fixture(name="writing")
def _writing(request, capsys):
    """An application writes through a row, on whichever member takes it; nothing is lost, and the longest wait is told."""
    made = ledger.Writer(MEMBERS, max(ledger.rows("member-b"), default=-1) + 1)
    made.start()
    yield made
    lab.wait_for(lambda: len(made.acknowledged) > 100)   # a row may be over before that many are written
    ledger.say(capsys, "%s: %s" % (request.node.name, ledger.assert_nothing_lost(made, MEMBERS)))


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("name, seen, others", [
    ("member-a", "non-Primary", {"member-b": ("Primary", 2, 3, 1)}),
    ("member-b", "non-Primary", {"member-a": ("Primary", 2, 4, 1)}),
    (ARBITER, None, dict.fromkeys(MEMBERS, ("Primary", 2, 3, 0)))])
def test_one_is_cut_off_and_the_others_stay(name, seen, others):
    cut(name, *(address for one, address in lab.addresses().items() if one != name))
    for other, expected in others.items():
        lab.wait_for(lambda one=other, component=expected: view(one) == component)
        assert serves(other)
    if seen:
        lab.wait_for(lambda: (view(name)[0], code(name)) == (seen, "503"))
        assert not serves(name)
    heal(name)
    whole()


@pytest.mark.usefixtures("writing")
def test_the_link_between_the_members_is_cut_and_both_stay():
    """The arbitrator, which each of them still reaches, hands on what they write."""
    address, before = lab.addresses()["member-b"], lab.processes(MEMBERS)
    cut("member-a", address)
    links = "ss -Htn state established dst %s | grep -c :4567" % address
    lab.wait_for(lambda: lab.shell("member-a", links, check=False) == "0")
    for name in MEMBERS:
        lab.wait_for(lambda one=name: view(one) == ("Primary", 3, 5, 1) and serves(one))
    heal("member-a")
    lab.wait_for(lambda: lab.shell("member-a", links, check=False) != "0")
    assert lab.processes(MEMBERS) == before
    whole()


@pytest.mark.usefixtures("writing")
def test_the_arbitrator_dies_and_both_members_stay():
    power_off(ARBITER)
    for name in MEMBERS:
        lab.wait_for(lambda one=name: view(one) == ("Primary", 2, 3, 0))
        assert serves(name)
    power_on(ARBITER)
    lab.wait_for(lambda: view() == ("Primary", 3, 5, 1))


@pytest.mark.usefixtures("writing")
def test_the_second_dies_while_a_person_reads_the_plan_and_the_votes_stay(hosts):
    """The primary serves on with the arbitrator, which is not taken from it: the plan that was said Yes to is of another cluster."""
    run = lab.play_through("PLAY [3/8", lambda: power_off("member-b"), hosts=hosts, playbook=REMOVE, hold=True)
    assert run.rc != 0 and "Votes afterwards: member-a 2, member-b 1." in run.output
    assert ("The cluster changed after the plan for the arbitrator arbiter was shown; garbd was neither started nor stopped. Run the "
            "playbook again.\n- the cluster is degraded, bring the members back first: member-") in run.output
    assert "bring the members back first: member-b: it cannot be reached: " in run.output
    assert view("member-a") == ("Primary", 2, 4, 1) and serves("member-a")
    power_on("member-b")
    whole("member-a")


@pytest.mark.usefixtures("writing")
def test_the_second_and_the_arbitrator_die_and_nobody_serves_until_they_return(hosts):
    """A person could decide for the primary, which is left."""
    power_off("member-b")
    power_off(ARBITER)
    lab.wait_for(lambda: view("member-a")[0] == "non-Primary")
    assert not serves("member-a")
    run = lab.play("-e", "senhasegura_primary=member-a", *dead("member-b", ARBITER), "--check", hosts=hosts, playbook=ASSUME)
    assert run.rc == 0 and "make the component of member-a primary" in run.output
    power_on(ARBITER)
    power_on("member-b")
    whole("member-a")


# -- out, and back --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("writing")
def test_it_is_taken_out_with_a_yes_and_put_back(hosts, tmp_path):
    """Without a Yes and in check mode nothing is written; also killed in the middle it ends well, and then changes nothing more. While it is
    out, and when it is back, what is said of the votes is true.
    """
    before = {name: lab.tree(name) for name in MEMBERS + [ARBITER]}
    run = lab.play(hosts=hosts, playbook=REMOVE)
    assert run.rc != 0 and ("Nothing was changed: the plan takes the arbitrator's votes away and needs a Yes. There is no terminal to ask "
                            "on: set senhasegura_confirm=true.\n") in run.output
    run = lab.play("--check", "--diff", hosts=hosts, playbook=REMOVE)
    assert run.rc == 0 and "arbiter: stop garbd, and keep it from starting (garbd runs there)" in run.output
    assert_held_up(hosts, REMOVE)
    assert {name: lab.tree(name) for name in MEMBERS + [ARBITER]} == before
    assert view() == ("Primary", 3, 5, 1)
    lab.play_until("Stop garbd, which leaves the cluster gracefully", hosts=hosts, playbook=REMOVE)
    lab.wait_for_what_was_begun()
    run = lab.create(hosts=hosts, playbook=REMOVE)
    assert "If member-a fails abruptly, the others stop serving" in run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2
    assert lab.shell(ARBITER, "systemctl is-enabled garb", check=False) == "disabled" and unlocked()
    assert lab.create(hosts=hosts, playbook=REMOVE).changed() == []
    _assert_not_counted_upon(hosts, tmp_path)
    assert lab.create(hosts=hosts, playbook=ADD).changed() == [ARBITER]
    assert [view(name) for name in MEMBERS] == [("Primary", 3, 5, 1)] * 2
    assert checked_votes(tmp_path, apart(tmp_path / "apart.yml")) == (
        [("ok", "5 of 5 votes: member-a, member-b serve; next, member-b restarts: meanwhile 4 of 4 votes", "", "")],
        [("ok", "votes: member-a 2, member-b 1, the arbitrator 2; no single failure of a member or the arbitrator stops the others", "", "")],
        WITH_IT[:2] + ["if the data center of segment 1 (member-a, the arbitrator) fails, member-b stops serving until a person assumes "
                       "primary (1 of 5 votes)"] + WITH_IT[2:])


WITH_IT = ["if member-a fails, member-b goes on serving (3 of 5 votes)", "if member-b fails, member-a goes on serving (4 of 5 votes)",
           "if the arbitrator fails, member-a and member-b go on serving (3 of 5 votes)"]


def _assert_not_counted_upon(hosts, folder):
    """While it is out, neither the check nor the plan of a restart promises what only its votes could keep."""
    back = "ansible-playbook senhasegura.cluster.add_arbitrator -i %s puts the arbitrator back" % hosts
    stops = "if member-a fails, member-b stops serving until a person assumes primary (1 of 3 votes)"
    assert checked_votes(folder, hosts) == (
        [("warn", "3 of 5 votes: member-a, member-b serve; the arbitrator does not vote", "all 5 votes",
          back + ": what is missing is no reserve when the next one fails")],
        [("warn", "as it is now: votes: member-a 2, member-b 1; %s; when all are in: votes: member-a 2, member-b 1, the arbitrator 2; no single "
          "failure of a member or the arbitrator stops the others" % stops, "no single failure stops the others",
          back + "; until then, know who is to assume primary")],
        ["as it is now: " + text for text in (stops, "if member-b fails, member-a goes on serving (2 of 3 votes)")]
        + ["when all are in: " + text for text in WITH_IT])
    run = lab.play("--check", hosts=apart(folder / "apart.yml"))
    assert run.rc == 0 and (
        "While member-b is away: 2 of 3; it must not lose member-a too.\nWhile member-a is away: 1 of 3; it must not lose member-b too.\n"
        "Votes when all members are in: 3 (member-a 2, member-b 1); the arbitrator %s does not vote now.\nThen the cluster serves on without "
        "member-b (2 of 3 votes).\nBut without member-a (1 of 3 votes) nobody serves until a person decides." % lab.addresses()[ARBITER]
        in run.output), run.output


@pytest.mark.usefixtures("writing")
def test_links_are_cut_while_it_is_taken_out(hosts):
    """First its own, so that it cannot say that it leaves: the members notice, and the run ends well. Then those of the second member: the primary
    serves on alone, the run tells why it is not proven, and one more ends well when the links are there again.
    """
    addresses = lab.addresses()
    run = lab.play_through("PLAY [5/8", lambda: cut(ARBITER, *(addresses[name] for name in MEMBERS)), hosts=hosts, playbook=REMOVE, hold=True)
    assert run.rc == 0 and "One component, proven on every member: 2 voters" in run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2
    heal(ARBITER)
    lab.create(hosts=hosts, playbook=ADD)
    run = lab.play_through("PLAY [5/8", lambda: cut("member-b", addresses["member-a"], addresses[ARBITER]) or lab.wait_for(
        lambda: view("member-a") == ("Primary", 2, 4, 1)), "-e", "senhasegura_arbitrator_timeout=5", hosts=hosts, playbook=REMOVE, hold=True)
    assert run.rc != 0 and "member-a is not restored: it serves in a component that is not the cluster's: its component lacks %s. " % addresses[
        "member-b"] in run.output
    assert ("garbd on arbiter is stopped, and votes no more. What is missing is a member: bring it back, and run the playbook again, which then "
            "proves one component.\n") in run.output and "The last words of garbd" not in run.output
    assert view("member-a") == ("Primary", 1, 2, 0) and serves("member-a") and not serves("member-b")
    heal("member-b")
    lab.wait_for(lambda: view() == ("Primary", 2, 3, 0))
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))
    assert lab.create(hosts=hosts, playbook=REMOVE).changed() == []
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("playbook, alone, both", [(ADD, ("Primary", 2, 4, 1), ("Primary", 3, 5, 1)),
                                                   (REMOVE, ("Primary", 1, 2, 0), ("Primary", 2, 3, 0))])
def test_a_member_dies_behind_what_was_done_to_it(hosts, playbook, alone, both):
    """The primary serves on, the run tells who is missing, and one more ends well when it is there again."""
    run = lab.play_through("PLAY [6/8", lambda: power_off("member-b"), hosts=hosts, playbook=playbook, hold=True)
    assert run.rc != 0 and "member-b" in run.recap("unreachable"), run.output
    lab.wait_for(lambda: view("member-a") == alone)
    assert serves("member-a")
    power_on("member-b")
    lab.wait_for(lambda: view("member-a") == both)
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))
    lab.create("-e", "senhasegura_take_over=true", hosts=hosts, playbook=playbook)
    assert [view(name) for name in MEMBERS] == [both] * 2 and unlocked()


@pytest.mark.usefixtures("writing")
def test_its_host_is_cut_off_while_it_is_put_back(hosts):
    """The members serve on without it, the run tells why, and one more ends well when the links are there again."""
    addresses = lab.addresses()
    run = lab.play_through("PLAY [5/8", lambda: cut(ARBITER, *(addresses[name] for name in MEMBERS)), "-e", "senhasegura_arbitrator_timeout=15",
                           hosts=hosts, playbook=ADD, hold=True)
    assert run.rc != 0 and "its component lacks the arbitrator " + addresses[ARBITER] in run.output
    assert "It must reach every member on TCP 4567, and be reached on it. The last words of garbd on arbiter:" in run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2 and serves("member-a")
    heal(ARBITER)
    lab.create(hosts=hosts, playbook=ADD)
    assert [view(name) for name in MEMBERS] == [("Primary", 3, 5, 1)] * 2


@pytest.mark.usefixtures("writing")
def test_updates_take_it_out_and_put_it_back_whatever_happens(hosts):
    """First the controller is killed in the middle, then a member does not come back, then all is well."""
    offer(MEMBERS, "galera-4")
    offer([ARBITER], "galera-arbitrator-4")
    lab.play_until("member-a: restored", *lab.YES, hosts=hosts, playbook=UPDATE)
    lab.wait_for_what_was_begun()
    assert (view("member-a")[3], lab.shell(ARBITER, "systemctl is-enabled garb")) == (0, "enabled")
    lab.shell("member-b", "printf '[mysqld]\nno-such-option=1\n' > /etc/mysql/mariadb.conf.d/zz-broken.cnf")
    run = lab.play(*lab.YES, "-e", "senhasegura_take_over=true", hosts=hosts, playbook=UPDATE)
    assert run.rc != 0 and "Note: the arbitrator %s does not vote now; it is put back at the end" % lab.addresses()[ARBITER] in run.output
    assert re.search(r"member-b is not restored: its database has ended and was started again \d+ times meanwhile\. Stop it there \(systemctl stop "
                     r"mariadb\), so that no donor sends it all data again, and repair what its log tells\. The next member was not touched\.\n"
                     r"The last telling lines of its error log:", run.output)
    assert "unknown variable 'no-such-option=1'" in run.output
    lab.shell("member-b", "systemctl stop mariadb")
    lab.wait_for(lambda: view("member-a") == ("Primary", 2, 4, 1))
    lab.shell("member-b", "rm /etc/mysql/mariadb.conf.d/zz-broken.cnf")
    run = lab.play(*lab.YES, hosts=hosts)
    assert run.rc != 0 and ("- member-b: it holds data of its own (ledger: 1 tables, rows unknown, probe: 1 tables, rows unknown), which joining "
                            "would replace") in run.output
    lab.create("-e", '{"senhasegura_overwrite_members": ["member-b"]}', hosts=hosts)
    _assert_put_back_whoever_is_lost(hosts)
    offer(MEMBERS, "rsync")
    balancer = Balancer(MEMBERS)
    balancer.start()
    run = lab.create(hosts=hosts, playbook=UPDATE)
    told = balancer.stop()
    assert [(codes.count(403), codes[-1]) for codes in told.values()] == [(1, 200), (1, 203)], told
    assert "First: the arbitrator (arbiter) is taken out, and its own packages are updated. Last: it is put back." in run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 3, 5, 1)] * 2
    assert "+lab" in lab.shell(ARBITER, "dpkg-query -W -f '${Version}' galera-arbitrator-4")
    assert lab.create(hosts=hosts, playbook=UPDATE).changed() == []


def _assert_put_back_whoever_is_lost(hosts):
    """A member's host is lost in its turn: the arbitrator is put back. Then its own is lost while it is out: the run tells it, and it comes back
    with its host.
    """
    offer(MEMBERS, "socat")
    run = lab.play_through("tasks/drain.yml for member-b", lambda: power_off("member-b"), hosts=hosts, playbook=UPDATE)
    assert run.rc != 0 and ("member-b failed, or cannot be reached any more; it is told above. Nobody behind it was touched, and the arbitrator was "
                            "put back. Run the playbook again when member-b is there") in run.output
    lab.wait_for(lambda: view("member-a") == ("Primary", 2, 4, 1))
    power_on("member-b")
    whole("member-a")
    run = lab.play_through("PLAY [7/9", lambda: power_off(ARBITER), hosts=hosts, playbook=UPDATE)
    assert run.rc != 0 and run.recap("unreachable")[ARBITER], run.output
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2
    power_on(ARBITER)
    whole()


ASSUME = "senhasegura.cluster.assume_primary"
PRIMARY_B = ("-e", "senhasegura_primary=member-b")
REFUSED = "Assuming as primary is refused; nothing was changed."


def dead(*names):
    return "-e", json.dumps({"senhasegura_dead_members": names})


def unreached(path, *names):
    """The inventory of a controller that does not reach some of the hosts."""
    data = yaml.safe_load(write_inventory(path).read_text(encoding="utf-8"))
    for group in ("senhasegura", "senhasegura_arbitrator"):
        for name, host in data[group]["hosts"].items():
            host.update({"ansible_port": 9} if name in names else {})
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def assert_refused(run, problem):
    """It says this, whole, and nothing else but which hosts Ansible could not reach."""
    assert run.rc != 0 and re.search(r"\[ERROR\]: Task failed: %s\n- %s\nOrigin" % (re.escape(REFUSED), problem), run.output), run.output


def not_reached(name, port):
    return r"it cannot be reached: ssh: connect to host %s port %d: (No route to host|Connection refused|Connection timed out)" % (
        re.escape(lab.addresses()[name]), port)


def to_name(port):
    """The arbitrator that nobody sees or can ask."""
    return (r"the arbitrator arbiter \(%s\): %s, and none of those who are left sees it; with member-a it could be a living cluster\. If it is "
            r"dead too, name it like a member: -e '\{\"senhasegura_dead_members\": \[\"member-a\", \"arbiter\"\]\}'; otherwise bring it "
            r"back first" % (re.escape(lab.addresses()[ARBITER]), not_reached(ARBITER, port)))


def test_who_is_said_to_be_dead_serves_with_the_arbitrator(tmp_path):
    """member-b is cut off from both, which serve on; the controller reaches it and the arbitrator, but not member-a."""
    cut("member-b", lab.addresses()["member-a"], lab.addresses()[ARBITER])
    lab.wait_for(lambda: (view("member-a"), view("member-b")[0]) == (("Primary", 2, 4, 1), "non-Primary"))
    before = lab.tree("member-b")
    run = lab.play(*lab.YES, *PRIMARY_B, *dead("member-a"), hosts=unreached(tmp_path / "one.yml", "member-a"), playbook=ASSUME)
    assert_refused(run, re.escape("member-a: it is named in senhasegura_dead_members, but the arbitrator, garbd on arbiter, is connected to it: "
                                  "it lives, and may serve with that vote. Make it reachable from the controller, and run again"))
    run = lab.play(*lab.YES, *PRIMARY_B, *dead("member-a"), hosts=unreached(tmp_path / "two.yml", "member-a", ARBITER), playbook=ASSUME)
    assert_refused(run, to_name(9))
    assert (lab.tree("member-b"), view("member-b")[0]) == (before, "non-Primary") and serves("member-a")
    heal("member-b")
    for name in MEMBERS:
        whole(name)


def test_the_arbitrator_runs_alone_and_is_neither_seen_nor_taken_for_dead(hosts):
    """What it will vote for is unknown until it is stopped, or seen again. Stopped, it is another voter when it starts again: Galera then
    waits for the one that it was, and a person must decide, as the next test does.
    """
    cut(ARBITER, *(lab.addresses()[name] for name in MEMBERS))
    power_off("member-a")
    lab.wait_for(lambda: view()[0] == "non-Primary" and view()[1] == 1)
    told = ("the arbitrator arbiter (%s): garbd runs there (connected to nobody), and none of those who are left sees it in their component, so for "
            "whom it votes is unknown. Repair the links between it and them (TCP 4567), or stop it there (systemctl stop garb), and run again; "
            "add_arbitrator puts it back" % lab.addresses()[ARBITER])
    for names in (["member-a"], ["member-a", ARBITER]):
        assert_refused(lab.play(*lab.YES, *PRIMARY_B, *dead(*names), hosts=hosts, playbook=ASSUME), re.escape(told))
    lab.shell(ARBITER, "systemctl stop garb")
    run = lab.play(*PRIMARY_B, *dead("member-a"), "--check", hosts=hosts, playbook=ASSUME)
    assert run.rc == 0 and "make the component of member-b primary" in run.output


def test_with_the_primary_and_the_arbitrator_dead_a_person_decides(hosts):
    """The table's last row: manual. Where nobody decides, the one that is left waits. The primary is dead since the test before."""
    power_off(ARBITER)
    lab.wait_for(lambda: view()[0] == "non-Primary")
    assert not serves("member-b")
    assert_refused(lab.play(*lab.YES, *PRIMARY_B, *dead("member-a"), hosts=hosts, playbook=ASSUME), to_name(22))
    assert view()[0] == "non-Primary"
    run = lab.play(*lab.YES, *PRIMARY_B, *dead("member-a", ARBITER), hosts=hosts, playbook=ASSUME)
    assert run.rc == 0 and serves("member-b"), run.output
    assert view() == ("Primary", 1, 2, 0)


def test_the_former_primary_comes_back_by_itself_and_says_so_before_any_run():
    """Its settings still name itself; the row that all members share came to it with what it had missed."""
    balancer = Balancer(MEMBERS)
    balancer.start()
    power_on("member-a")
    lab.wait_for(lambda: (balancer.told["member-a"][-1:], balancer.told["member-b"][-1:]) == ([203], [200]))
    assert lab.shell("member-a", "sed -n 's/^primary = //p' " + lab.SETTINGS) == lab.addresses()["member-a"]
    told = balancer.stop()
    assert 200 not in told["member-a"]


# -- the other playbooks, on a cluster with an arbitrator -----------------------------------------------------------------


@pytest.mark.usefixtures("writing")
def test_who_was_left_behind_is_seeded_anew_while_the_arbitrator_votes(hosts):
    """It came back by itself: its votes are put right, and it receives all data. Then the primary is the one of before."""
    power_on(ARBITER)
    lab.wait_for(lambda: view()[0] == "Primary" and view()[3] == 1)
    lab.create(*PRIMARY_B, hosts=hosts, playbook=ASSUME)
    run = lab.create(*PRIMARY_B, "-e", "senhasegura_reseed=member-a", hosts=hosts, playbook=RESEED)
    assert "One component, proven on every member: 3 voters" in run.output
    lab.create("-e", "senhasegura_primary=member-a", hosts=hosts, playbook=ASSUME)
    whole()


@pytest.mark.usefixtures("writing")
def test_after_a_power_cut_of_all_they_come_back_by_themselves_and_are_restarted(hosts):
    for name in MEMBERS + [ARBITER]:
        power_off(name)
    for name in MEMBERS + [ARBITER]:
        power_on(name)
    lab.wait_for(lambda: (code("member-a"), code("member-b")) == ("200", "203"))
    whole()
    before = lab.processes(MEMBERS)
    run = lab.create(hosts=hosts, playbook=RESTART)
    assert "One component, proven on every member: 3 voters" in run.output
    assert not set(before.values()) & set(lab.processes(MEMBERS).values())


WAITS = "journalctl -u mariadb -b -o cat | grep -q 'Non-primary view' && test $(systemctl is-active mariadb) = activating && echo waits"
END = "systemctl kill --signal=KILL mariadb; systemctl stop mariadb"


def refused_to_wait(hosts, why):
    """Recovery tells why the members do not come back by themselves; what it says then must be true."""
    for name in MEMBERS:
        lab.wait_for(lambda one=name: lab.shell(one, WAITS, check=False) == "waits")
    lab.assert_refused(lab.play(*lab.YES, hosts=hosts, playbook=RECOVER), "The recovery is refused; nothing was changed.", [why])


@pytest.mark.usefixtures("writing")
def test_after_a_power_cut_the_arbitrator_of_the_saved_view_stays_away(hosts):
    """Galera waits for exactly those of the newest view: not only where one is missing, also where one with an older view waits with them."""
    power_off("member-b")
    lab.wait_for(lambda: view("member-a") == ("Primary", 2, 4, 1))
    power_off("member-a")
    power_off(ARBITER)
    for name in MEMBERS:
        power_on(name)
    refused_to_wait(hosts, re.compile(
        re.escape("member-a and member-b: Galera waits there for all 2 voters of the newest saved view, and 1 of them is not there (the arbitrator "
                  "arbiter (%s), " % lab.addresses()[ARBITER]) + not_reached(ARBITER, 22)
        + re.escape("). With it they come back by themselves; without, end MariaDB on member-a and member-b (%s), then run again" % END)))
    power_on(ARBITER)
    lab.wait_for(lambda: lab.shell(ARBITER, "ss -Htn state established dport = :4567 | wc -l", check=False) not in ("", "0"))
    refused_to_wait(hosts, "member-b: its saved view is older than that of member-a, whom Galera does not make primary while somebody else waits with "
                           "them; end MariaDB on member-b (%s). They then come back by themselves, and create_cluster brings member-b back" % END)
    power_off(ARBITER)
    for name in MEMBERS:
        lab.shell(name, END)
    lab.create(hosts=hosts, playbook=RECOVER)
    assert [view(name) for name in MEMBERS] == [("Primary", 2, 3, 0)] * 2
    power_on(ARBITER)
    whole()
