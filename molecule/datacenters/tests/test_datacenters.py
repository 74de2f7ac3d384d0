"""Medium latency at first, growing by one member; then different data centers: segments 1, 1, 2 and high latency, on a living cluster."""

from __future__ import annotations

import lab
import pytest
from balancer import Balancer
from faults import donors

SEGMENTS = {"member-a": 1, "member-b": 1, "member-c": 2}
MEDIUM = ("-e", "senhasegura_latency=medium")


@pytest.fixture(scope="module", name="hosts")
def _hosts(tmp_path_factory):
    return lab.write_inventory(tmp_path_factory.mktemp("inventory") / "hosts.yml",
                               variables={"senhasegura_different_datacenters": True},
                               per_host={name: {"senhasegura_segment": segment} for name, segment in SEGMENTS.items()})


def options(name):
    """The provider options that run."""
    parts = [part.partition("=") for part in lab.sql(name, "SELECT @@wsrep_provider_options").split(";")]
    return {option.strip(): value.strip() for option, _equals, value in parts}


def test_two_members_first(tmp_path):
    run = lab.create(*MEDIUM, hosts=lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"]))
    assert "Note: two members without an arbitrator: " in run.output
    lab.assert_one_component(["member-a", "member-b"])


def votes(*names):
    return [options(name)["pc.weight"] for name in names]


def test_of_two_the_primary_s_vote_breaks_the_tie_and_moves_with_it(tmp_path):
    hosts = lab.write_inventory(tmp_path / "hosts.yml", members=["member-a", "member-b"])
    assert votes("member-a", "member-b") == ["2", "1"]
    before = lab.processes(["member-a", "member-b"])
    lab.create(*MEDIUM, "-e", "senhasegura_primary=member-b", hosts=hosts)
    assert votes("member-a", "member-b") == ["1", "2"]
    lab.create(*MEDIUM, hosts=hosts)
    assert votes("member-a", "member-b") == ["2", "1"]
    assert lab.processes(["member-a", "member-b"]) == before


def test_a_newcomer_joins_and_the_others_only_change_their_list():
    before = lab.processes(["member-a", "member-b"])
    run = lab.create(*MEDIUM)
    assert [line.split("  ")[1:3] for line in run.output.splitlines() if line[:2] in ("1 ", "2 ", "3 ")] == [
        ["member-c", "restart and receive the cluster's data"], ["member-a", "change on-line, no restart"],
        ["member-b", "change on-line, no restart"]]
    assert lab.processes(["member-a", "member-b"]) == before
    lab.assert_one_component()
    assert votes(*SEGMENTS) == ["1", "1", "1"]
    for name in SEGMENTS:
        seen = options(name)
        assert [seen["evs." + option] for option in ("keepalive_period", "suspect_timeout", "inactive_timeout", "install_timeout", "send_window")
                ] == ["PT1S", "PT10S", "PT30S", "PT15S", "4"]
        assert "gcomm://" + ",".join(lab.addresses().values()) in lab.shell(name, "cat " + lab.SETTINGS)


def test_nobody_restarts_while_a_member_is_out_of_step(hosts):
    before = lab.state()
    lab.sql("member-b", "SET GLOBAL wsrep_desync=ON")
    try:
        refused = lab.play(*lab.YES, hosts=hosts)
    finally:
        lab.sql("member-b", "SET GLOBAL wsrep_desync=OFF")
    lab.wait_for(lambda: lab.status("member-b", "wsrep_local_state_comment") == "Synced")
    lab.assert_refused(refused, lab.REFUSED, [
        "%s must restart (segment changes from 0 to %d; latency changes from medium to high), but member-b is not in state Synced, or about to "
        "leave it: the cluster would serve on fewer members than it should; run again when it is" % (name, SEGMENTS[name])
        for name in ("member-a", "member-c")])
    assert lab.state() == before


def test_segments_and_latency_restart_one_at_a_time_and_the_primary_last(hosts):
    lab.create(playbook="senhasegura.cluster.serve_health")
    balancer = Balancer(SEGMENTS)
    balancer.start()
    run = lab.create(hosts=hosts)
    # An answer may be half a second old, and a round takes as long as its slowest member.
    lab.wait_for(lambda: [codes[-1:] for codes in balancer.told.values()] == [[200], [203], [203]])
    for name, codes in balancer.stop().items():  # who gives a returning one what it lacks is unavailable for a moment, at other times
        serves, after = codes[0], codes[codes.index(403) + 1:]
        assert (codes.count(403), serves, after[0], after[-1]) == (1, 200 if name == "member-a" else 203, serves, serves), (name, codes)
    assert run.output.count("While member-") == 3 and "While member-a is away: 2 of 3; it must not lose member-b or member-c too.\n" in run.output
    places = [run.output.index("%s: restored" % name) for name in ("member-b", "member-c", "member-a")]
    assert places == sorted(places)
    lab.assert_one_component()
    for name, segment in SEGMENTS.items():
        seen = options(name)
        assert seen["gmcast.segment"] == str(segment)
        assert (seen["evs.suspect_timeout"], seen["evs.inactive_timeout"], seen["evs.keepalive_period"]) == ("PT30S", "PT1M", "PT3S")
        assert seen["evs.send_window"] == "256"
    assert lab.create(hosts=hosts).changed() == []


def test_check_mode_on_a_living_cluster_tells_the_restarts_and_makes_none(tmp_path):
    before = {name: (lab.tree(name), lab.processes([name])) for name in SEGMENTS}
    run = lab.play("--check", "--diff", hosts=lab.write_inventory(tmp_path / "hosts.yml", per_host={"member-b": {"senhasegura_segment": 2}}))
    assert run.rc == 0
    assert run.output.count("change and restart") == 3
    assert ("Note: members of one data center should share a segment: set senhasegura_different_datacenters, or give all members the same "
            "senhasegura_segment.\n") in run.output
    assert '-latency: "high"' in run.output and '+latency: "low"' in run.output
    assert {name: (lab.tree(name), lab.processes([name])) for name in SEGMENTS} == before


def test_a_segment_edited_by_hand_is_repaired(hosts):
    lab.shell("member-b", "sed -i 's/gmcast.segment=1/gmcast.segment=7/' " + lab.SETTINGS)
    assert lab.create(hosts=hosts).changed() == ["member-b"]
    assert "gmcast.segment=1" in lab.shell("member-b", "cat " + lab.SETTINGS)


def test_a_rebuilt_member_is_seeded_by_mariabackup_while_the_donor_serves(hosts):
    """As asked for, and by itself where the data are large."""
    lab.rebuild("member-c")
    for name in ("member-a", "member-b"):
        lab.shell(name, "truncate --size=1100M /var/lib/mysql/large")
    large = lab.play("--check", hosts=hosts)
    for name in ("member-a", "member-b"):
        lab.shell(name, "rm /var/lib/mysql/large")
    assert large.rc == 0 and " by mariabackup (SST)" in large.output
    run = lab.create("-e", "senhasegura_sst_method=mariabackup", hosts=hosts)
    assert "wsrep_sst_method = mariabackup" in lab.shell("member-c", "cat " + lab.SETTINGS)
    assert "mariabackup" in lab.shell("member-c", "journalctl -u mariadb -o cat | grep 'wsrep_sst_mariabackup' | head -1")
    assert "member-c: restored" in run.output
    lab.assert_one_component()


def test_synchronizers_off_means_that_nothing_of_them_runs(hosts):
    lab.create("-e", "senhasegura_sync_enabled=false", hosts=hosts)
    for name in SEGMENTS:
        assert lab.shell(name, "pgrep -c lsyncd", check=False) == "0"
        assert "senhasegura-cluster" not in lab.shell(name, "cat /root/.ssh/authorized_keys")
    assert lab.create("-e", "senhasegura_sync_enabled=false", hosts=hosts).changed() == []


def test_the_key_of_a_peer_opens_nothing_but_the_paths(hosts):
    lab.create(hosts=hosts)
    key = ("-i /etc/senhasegura-cluster/sync/id_ed25519 -o BatchMode=yes "
           "-o UserKnownHostsFile=/etc/senhasegura-cluster/sync/known_hosts")
    peer = "root@" + lab.addresses()["member-b"]
    lab.shell("member-b", "echo secret > /srv/senhasegura/secret")
    assert "secret" not in lab.shell("member-a", "echo | timeout 5 ssh %s %s cat /srv/senhasegura/secret" % (key, peer), check=False)
    for attempt in ("rsync -e 'ssh %s' %s::path0/secret /tmp/", "rsync -e 'ssh %s' /etc/hostname %s:/tmp/stolen",
                    "rsync -r --delete -e 'ssh %s' /var/empty/ %s::path0/"):
        assert lab.shell("member-a", "mkdir -p /var/empty; timeout 10 " + attempt % (key, peer) + " && echo DONE; true")[-4:] != "DONE"
    assert lab.shell("member-b", "cat /srv/senhasegura/secret") == "secret"
    assert "No such file" in lab.shell("member-b", "ls /tmp/stolen", check=False)


def test_who_is_alone_in_its_data_center_gets_all_data_from_another_one_than_the_primary(hosts):
    run = lab.create("-e", "senhasegura_reseed=member-c", hosts=hosts, playbook="senhasegura.cluster.reseed_member")
    assert " (SST), from member-b.\n" in run.output and donors("member-c")[-1:] == ["member-b"]
    lab.assert_one_component()
