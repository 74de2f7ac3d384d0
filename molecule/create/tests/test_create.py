"""The main story: check mode writes nothing, creating makes one cluster, creating again changes nothing."""

from __future__ import annotations

import json
import re
import subprocess
import time

import lab
import pytest
from faults import heal, slow

MEMBERS = ["member-a", "member-b", "member-c"]
MESSAGE = ("-e", "senhasegura_recovery_message=Call-the-vault-team")


@pytest.fixture(scope="module", name="rulesets")
def _rulesets():
    """Somebody's firewall, as it is before anything is done."""
    for name in MEMBERS:
        lab.shell(name, "nft 'add table inet theirs; add chain inet theirs input { type filter hook input priority 0; policy accept; }; "
                        "add rule inet theirs input tcp dport 23 drop'")
    return {name: lab.shell(name, "nft list ruleset") for name in MEMBERS}


@pytest.fixture(scope="module", name="checked")
def _checked(rulesets):
    before = lab.state()
    run = lab.play("--check", "--diff", *MESSAGE)
    return run, before, lab.state()


@pytest.fixture(scope="module", name="created")
def _created(checked):
    run = lab.play_typed("yes", "--diff", *MESSAGE)
    assert run.rc == 0
    return run


def test_check_mode_writes_nothing_on_untouched_hosts(checked):
    run, before, after = checked
    assert run.rc == 0, run.output
    assert before == after


def test_check_mode_tells_exactly_what_the_real_run_does(checked, created):
    def plan(run):
        return [line for line in run.output.splitlines() if line.startswith(("1  ", "2  ", "3  "))]
    assert len(plan(checked[0])) == 3
    assert plan(checked[0]) == plan(created)
    for number in ("8/10", "9/10"):
        assert told(checked[0], number) == told(created, number) and list(told(created, number)) == sorted(MEMBERS)


def told(run, number):
    """What the plays of a number say of each member's changes; keys that do not exist before the real run are blank."""
    found, lines = {}, []
    for play in re.split(r"^PLAY \[", run.output, flags=re.MULTILINE):
        for line in play.splitlines() if play.startswith(number) else []:
            done = re.fullmatch(r"changed: \[(\S+)\]", line)
            if done:
                found.setdefault(done[1], []).extend(lines)
                lines = []
            elif re.match("[-+@]", line):
                lines.append(re.sub(r'"public_key": "[^"]*"', '"public_key": ""', line))
    return dict(sorted(found.items()))


def test_what_was_told_is_what_was_done(created):
    """But for the votes: the first member's tell the next ones in, and are settled when all are."""
    for name, lines in told(created, "9/10").items():
        settings = lab.module(name, "cluster_info", {"gather": ["settings"]})["observed"]["settings"]
        are = {key: value for step in settings.values() for key, value in step.items()}
        becomes = dict(line[1:].split(": ", 1) for line in lines if re.match(r"\+\w+: ", line))
        assert {"mode", "cluster_name", "enabled", "paths", "members", "address", "recovery_message", "primary"} <= set(becomes)
        for key in set(becomes) - {"weight", "peers"}:
            assert json.loads(becomes[key]) == are[key], (name, key)
        assert [peer["address"] for peer in are["peers"]] == [address for other, address in lab.addresses().items() if other != name]


def test_the_firewall_is_left_alone(created, rulesets):
    assert {name: lab.shell(name, "nft list ruleset") for name in MEMBERS} == rulesets


def test_the_plan_tells_the_downtime_and_what_the_votes_bear(checked):
    assert ("Expected downtime: the database of member-a is away for seconds while it restarts as the first member; the cluster serves from then "
            "on; member-b and member-c serve once the cluster's data are there; the donor takes no writes while rsync copies.\n"
            "Votes when all are in: 3 (member-a 1, member-b 1, member-c 1).\n"
            "Then the cluster serves on without member-a (2 of 3 votes), without member-b (2 of 3 votes), without member-c (2 of 3 votes).\n"
            ) in checked[0].output
    assert ("\nNote: the database of member-a, member-b, member-c answers clients on its own host only (bind_address). Where clients or a load "
            "balancer reach it over the network, set senhasegura_bind_address.\n") in checked[0].output


def test_the_timers_for_joining_are_taken_back(created):
    lab.assert_written_timers()


def test_every_member_is_in_one_component(created):
    assert "One component, proven on every member: 3 voters" in created.output
    lab.assert_one_component()


def test_a_row_written_on_each_member_is_read_on_all(created):
    lab.sql("member-a", "CREATE DATABASE story; CREATE TABLE story.t (who VARCHAR(20) PRIMARY KEY)")
    for name in MEMBERS:
        lab.sql(name, "SET SESSION wsrep_sync_wait=15; INSERT INTO story.t VALUES ('%s')" % name)
    for name in MEMBERS:
        rows = lab.sql(name, "SET SESSION wsrep_sync_wait=15; SELECT who FROM story.t ORDER BY who").split()
        assert rows == MEMBERS


def test_the_settings_are_the_same_on_every_member(created):
    for name, address in lab.addresses().items():
        text = lab.shell(name, "cat " + lab.SETTINGS)
        assert "wsrep_cluster_address = gcomm://" + ",".join(lab.addresses().values()) in text
        assert "wsrep_node_address = " + address in text
        assert "primary = " + lab.addresses()["member-a"] in text
        assert "pc.weight = 1;" in lab.sql(name, "SELECT @@wsrep_provider_options")


def test_a_file_put_on_each_member_arrives_on_all(created):
    for name in MEMBERS:
        lab.shell(name, "echo from %s > '/srv/senhasegura/a file of %s'" % (name, name))
    for name in MEMBERS:
        for other in MEMBERS:
            lab.wait_for(lambda name=name, other=other: lab.shell(
                name, "cat '/srv/senhasegura/a file of %s'" % other, check=False) == "from " + other)


def pushed():
    """When member-a last brought each peer up to date, as it tells: address to seconds, 0 for never."""
    told_times = lab.module("member-a", "cluster_info", {"gather": ["sync"]})["observed"]["sync"]["last_success"]
    return {address: seconds or 0 for address, seconds in told_times.items()}


def test_what_is_deleted_on_one_member_stays_on_the_others_and_successes_are_told(created):
    began = int(time.time())
    lab.shell("member-a", "rm '/srv/senhasegura/a file of member-a'; echo later > /srv/senhasegura/later")
    for name in MEMBERS[1:]:
        lab.wait_for(lambda name=name: lab.shell(name, "cat /srv/senhasegura/later", check=False) == "later")
        lab.shell(name, "ls '/srv/senhasegura/a file of member-a'")

    def successes():
        times = pushed()
        return sorted(times) == sorted(lab.addresses()[name] for name in MEMBERS[1:]) and min(times.values()) >= began
    lab.wait_for(successes)


def test_the_key_of_the_file_synchronizers_is_root_s_alone(created):
    for name in MEMBERS:
        assert lab.shell(name, "stat -c '%a %U' /etc/senhasegura-cluster/sync /etc/senhasegura-cluster/sync/id_ed25519").splitlines() == [
            "700 root", "600 root"]


def login(name):
    """What a person sees who logs in over SSH, on a terminal."""
    key = lab.INVENTORY.parent / "key"
    done = subprocess.run(["ssh", "-tt", "-i", str(key), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                           "UserKnownHostsFile=/dev/null", "root@" + lab.addresses()[name]], input="exit\n", text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    return done.stdout


def test_the_message_is_shown_only_outside_of_a_primary_component(created):
    assert "Call-the-vault-team" not in login("member-c")
    lab.shell("member-c", "systemctl stop mariadb")
    assert "Call-the-vault-team" in login("member-c")
    settings = lab.module("member-c", "cluster_info", {"gather": ["settings"]})["observed"]["settings"]
    assert settings["message"] == {"recovery_message": "Call-the-vault-team"}


def test_a_stopped_member_joins_again_and_nobody_else_is_touched(created):
    before = lab.processes(["member-a", "member-b"])
    run = lab.create(*MESSAGE)
    assert run.changed() == ["member-c"]
    assert lab.processes(["member-a", "member-b"]) == before
    lab.assert_one_component()


def test_the_second_run_changes_nothing(created):
    before = lab.state()
    run = lab.create(*MESSAGE)
    assert run.changed() == []
    assert "Nothing to do: all 3 members are as declared." in run.output
    assert lab.state() == before


def test_a_file_that_takes_its_time_arrives_whole_and_alone_in_another_path(created):
    """While it arrives, no part of it is taken for a file and pushed on. What is not among the paths any more stays where it is."""
    lab.create(*MESSAGE, "-e", '{"senhasegura_sync_paths": ["/srv/other files"]}')
    for name in MEMBERS[1:]:
        slow(name, port=22)
    lab.shell("member-a", "echo stays > /srv/senhasegura/stays; head -c 15000000 /dev/urandom > '/srv/other files/big'")
    content = lab.shell("member-a", "sha256sum '/srv/other files/big'")
    try:
        for name in MEMBERS[1:]:
            lab.wait_for(lambda name=name: lab.shell(name, "sha256sum '/srv/other files/big'", check=False) == content)
    finally:
        heal(*MEMBERS[1:])
    for name in MEMBERS[1:]:
        lab.shell(name, "echo done > '/srv/other files/%s'" % name)
    for name in MEMBERS:
        lab.wait_for(lambda name=name: lab.shell(name, "cd '/srv/other files'; echo $(find . -type f | sort)")
                     == "./big ./member-b ./member-c")
    for name in MEMBERS[1:]:
        assert lab.shell(name, "ls /srv/senhasegura/stays", check=False).endswith("No such file or directory")


def test_what_takes_longer_than_the_sync_timeout_is_cut_and_neither_hidden_nor_in_the_way(created):
    """A file that is too large for one peer's link: each attempt ends, its other path and the other peer are served, and it is told."""
    began = int(time.time())
    lab.create(*MESSAGE, "-e", '{"senhasegura_sync_timeout": 6, "senhasegura_sync_paths": ["/srv/senhasegura", "/srv/other files"]}')
    b, c = (lab.addresses()[name] for name in MEMBERS[1:])
    lab.wait_for(lambda: min(pushed().values()) >= began)
    first = pushed()
    slow("member-b", port=22, each=1)
    try:
        lab.shell("member-a", "head -c 20000000 /dev/urandom > '/srv/other files/larger'; echo small > /srv/senhasegura/small")
        attempts = set()
        lab.wait_for(lambda: attempts.update(lab.shell("member-a", "pgrep -f '^timeout 6 rsync .*@%s::path1/'" % b, check=False).split())
                     or len(attempts) > 2)
        # Behind an attempt that was cut: one that had begun before the link was slow may have ended well since.
        stuck = pushed()[b]
        for name, path in (("member-b", "senhasegura/small"), ("member-c", "senhasegura/small"), ("member-c", "other files/larger")):
            lab.wait_for(lambda name=name, path=path: lab.shell(name, "test -e '/srv/%s' && echo there" % path, check=False))
        lab.wait_for(lambda: pushed()[c] > first[c])
        assert pushed()[b] == stuck and "No such file" in lab.shell("member-b", "ls '/srv/other files/larger'", check=False)
    finally:
        heal("member-b")
    lab.wait_for(lambda: pushed()[b] > stuck)
    assert lab.shell("member-b", "stat -c %s '/srv/other files/larger'") == "20000000"


def test_moving_the_primary_is_a_change_on_line(created):
    """Nobody knocks at Galera's port meanwhile: a connection in the moment in which it is told its votes hangs MariaDB for ever."""
    before = lab.processes()
    for name in MEMBERS:
        lab.shell(name, "nft 'add table inet knocks; add chain inet knocks input { type filter hook input priority 0; }; "
                        "add rule inet knocks input tcp dport 4567 tcp flags syn / syn,ack counter'")
    run = lab.create("-e", "senhasegura_primary=member-b")
    assert [lab.shell(name, "nft list table inet knocks | grep -c 'counter packets 0 '; nft delete table inet knocks")
            for name in MEMBERS] == ["1"] * 3
    assert lab.processes() == before
    assert run.output.index("1  member-b") < run.output.index("2  member-a")
    for name in MEMBERS:
        assert "primary = " + lab.addresses()["member-b"] in lab.shell(name, "cat " + lab.SETTINGS)
    assert lab.create("-e", "senhasegura_primary=member-b").changed() == []


def test_options_that_are_not_ours_survive(created):
    lab.shell("member-c", "sed -i 's/^wsrep_provider_options.*/wsrep_provider_options = \"gcache.size=256M;pc.weight=2\"/' "
              + lab.SETTINGS)
    lab.create("-e", "senhasegura_primary=member-c")
    assert 'gcache.size=256M;pc.weight=1' in lab.shell("member-c", "cat " + lab.SETTINGS)


def test_a_rebuilt_first_member_joins_and_never_bootstraps(created):
    """The vendor's fail-over table for three members: any one fails, here the primary; the other two stay available."""
    lab.create()
    before = lab.processes(["member-b", "member-c"])
    uuid = lab.status("member-b", "wsrep_cluster_state_uuid")
    lab.rebuild("member-a", noticed_by=MEMBERS[1:])
    assert [lab.status(name, "wsrep_cluster_status") for name in MEMBERS[1:]] == ["Primary", "Primary"]
    run = lab.create("-vvv")
    assert "1  member-a  restart and receive the cluster's data" in run.output
    key = lab.shell("member-a", "grep -v -e '-----' /etc/senhasegura-cluster/sync/id_ed25519").splitlines()
    assert len(key) > 3 and not [line for line in key if line in run.output], "a private key that was made in this run is printed"
    assert lab.processes(["member-b", "member-c"]) == before
    assert lab.status("member-a", "wsrep_cluster_state_uuid") == uuid
    assert lab.sql("member-a", "SELECT who FROM story.t ORDER BY who").split() == MEMBERS
    lab.assert_one_component()
    lab.wait_for(lambda: len({lab.shell(name, "sha256sum /srv/senhasegura/*", check=False) for name in MEMBERS}) == 1)


def test_a_second_bootstrap_made_by_hand_is_refused_though_all_say_synced(created):
    lab.shell("member-c", "systemctl stop mariadb && "
              "sed -i 's/safe_to_bootstrap: 0/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat && galera_new_cluster")
    lab.wait_for(lambda: [lab.status(name, "wsrep_local_state_comment") for name in MEMBERS] == ["Synced"] * 3)
    before, both = lab.state(), r"(member-a, member-b|member-b, member-a) \(configuration \d+\)"
    lab.assert_refused(lab.play(*lab.YES), lab.REFUSED, [re.compile(
        r"there is more than one primary component: member-a sees %s; member-b sees %s; member-c sees member-c \(configuration \d+\)\. Their "
        r"data differ from now on; decide which one counts before anything else, and do not restart any of them" % (both, both))])
    assert lab.state() == before


def test_what_that_second_bootstrap_leaves_does_not_come_back_by_itself(created):
    """The other component's rows are less than the cluster's by now, and others: an incremental transfer would hide that for ever."""
    lab.sql("member-c", "INSERT INTO story.t VALUES ('only member-c')")
    lab.shell("member-c", "systemctl stop mariadb")
    for number in range(5):
        lab.sql("member-a", "INSERT INTO story.t VALUES ('row %d')" % number)
    before = lab.processes()
    run = lab.play(*lab.YES)
    assert run.rc != 0
    assert ("The plan is refused; nothing was changed.\n- member-c: it was the last member of a component when it stopped (safe_to_bootstrap: "
            "1), and the others serve without having been started from it, so it may hold transactions that they never had; to have its data "
            "directory set aside and the member seeded anew, name it in senhasegura_overwrite_members\nOrigin: ") in run.output
    assert lab.processes() == before
    lab.create("-e", '{"senhasegura_overwrite_members": ["member-c"]}')
    lab.assert_one_component()
    assert "only member-c" not in lab.sql("member-c", "SELECT who FROM story.t")
