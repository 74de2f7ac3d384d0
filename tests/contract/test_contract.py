"""One contract for every platform: the same question gets the same answer, the same mistake the same error. The modules run on
real hosts with a real database; each platform has a host of its own, on which it makes a cluster of one."""

from __future__ import annotations

import lab
import pytest

HOSTS = {"galera": "member-a", "orbit": "member-b"}
"""Both kinds of host are the same here, since an appliance is a Debian host with orbit: ``platform`` tells who drives it."""

NOBODY = lab.addresses()["member-a"].rsplit(".", 1)[0] + ".254"


class Member:
    """A host, driven as one platform."""

    def __init__(self, platform):
        self.platform, self.host = platform, HOSTS[platform]
        self.address = lab.addresses()[self.host]

    def __call__(self, module, check=False, **options):
        """A module's result, failed or not."""
        return lab.module(self.host, module, dict(options, platform=self.platform), check=check)

    def observed(self, *gather):
        return self("cluster_info", gather=list(gather))["observed"]

    def settings(self, step):
        return self.observed("settings")["settings"][step]

    def steps(self, segment=2):
        """What the role would apply."""
        return [{"cluster_mode": {"mode": "cluster"}}, {"cluster_members": {"members": [self.address], "address": self.address}},
                {"cluster_network": {"segment": segment, "latency": "low"}},
                {"cluster_primary": {"primary": self.address, "address": self.address}}]


@pytest.fixture(name="member", params=sorted(HOSTS), scope="module")
def _member(request):
    return Member(request.param)


def test_a_fresh_member_is_standalone_and_everything_has_the_same_shape(member):
    observed = member.observed("settings", "service", "status", "saved", "data", "host", "sync")
    assert observed["platform"] == member.platform
    assert set(observed) == {"platform", "settings", "restart_reasons", "capabilities", "contradictions", "admitted", "service",
                             "status", "saved", "data", "host", "sync", "lock", "interrupted"}
    assert observed["lock"] is observed["interrupted"] is None
    assert set(observed["capabilities"]) == {"packages", "host_files", "garbd", "sync_keys", "restarts", "decides", "manual", "refused", "again",
                                             "settle", "assumes", "donors", "ports", "health", "remedies", "prepares"}
    assert observed["capabilities"]["health"] == {"galera": "", "orbit": "HTTPS, GET /flow/orbit/mntr"}[member.platform]
    assert observed["settings"]["mode"]["mode"] == "standalone"
    assert set(observed["settings"]["members"]) == {"members", "address", "name", "arbitrator", "bind_address"}
    assert observed["settings"]["members"]["members"] == [] and observed["settings"]["members"]["arbitrator"] == ""
    assert observed["settings"]["network"]["segment"] == 0 and observed["settings"]["network"]["different_datacenters"] is False
    assert observed["settings"]["primary"]["published"] and set(observed["settings"]["primary"]) - {"application_active"} == {
        "primary", "weight", "published"}
    assert observed["settings"]["primary"]["primary"] == "" and observed["settings"]["message"] == {"recovery_message": ""}
    assert observed["settings"]["sync"] == {"enabled": False, "timeout": 15, "paths": [], "peers": [], "intact": True}
    assert observed["contradictions"] == [] and observed["restart_reasons"] == []
    assert observed["status"]["answers"] and not observed["status"]["wsrep_on"]
    assert {"mariadb-server", "galera-4"} <= set(observed["host"]["packages"])


@pytest.mark.parametrize("module, options, message", [
    ("cluster_members", {"members": ["10.0.0.300"], "address": "10.0.0.300"},
     "a member must be an IP address, not '10.0.0.300'."),
    ("cluster_members", {"members": ["10.0.0.1", "10.0.0.1"], "address": "10.0.0.1"}, "member 10.0.0.1 is in the list twice."),
    ("cluster_members", {"members": ["10.0.0.1"], "address": "10.0.0.2"},
     "the member's own address 10.0.0.2 is not in the list of members 10.0.0.1."),
    ("cluster_members", {"members": ["10.0.0.1"], "address": "10.0.0.1", "arbitrator": "10.0.0.1"},
     "the arbitrator 10.0.0.1 is in the list of members."),
    ("cluster_network", {"segment": 12}, "value of segment must be one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, got: 12"),
    ("cluster_sync", {"timeout": 0}, "sync timeout must be a whole number of seconds from 1 to 3600, not 0."),
    ("cluster_primary", {"primary": "member-a", "address": "10.0.0.1"}, "the primary must be an IP address, not 'member-a'."),
    ("cluster_service", {"state": "bootstrapped", "members": ["10.0.0.1"], "address": "10.0.0.2"},
     "bootstrap refused: this member's address 10.0.0.2 is not among the declared members 10.0.0.1. Run the playbook again: it "
     "observes every member anew."),
    ("cluster_service", {"state": "bootstrapped", "members": ["10.0.0.1", "10.0.0.2"], "address": "10.0.0.2"},
     "bootstrap refused: not proven to be outside of a primary component: 10.0.0.1. Run the playbook again: it observes every "
     "member anew."),
    ("cluster_service", {"state": "bootstrapped", "members": [NOBODY, "10.0.0.2"], "address": "10.0.0.2",
                         "proven_outside": [NOBODY]},
     "bootstrap refused: %s does not answer on port 4567, so what runs there is unknown. Let the members reach each "
     "other, then run the playbook again." % NOBODY),
])
def test_the_same_mistake_gets_the_same_error_and_changes_nothing(member, module, options, message):
    before = lab.tree(member.host), lab.processes([member.host])
    result = member(module, **options)
    assert result["failed"] and result["msg"] == message
    assert (lab.tree(member.host), lab.processes([member.host])) == before


def test_check_mode_tells_and_writes_nothing(member):
    before = lab.tree(member.host), lab.processes([member.host])
    result = member("cluster_steps", check=True, steps=member.steps())
    assert result["changed"] and not result["failed"]
    assert [step["step"] for step in result["steps"] if step["changed"]] == ["mode", "members", "network", "primary"]
    assert (lab.tree(member.host), lab.processes([member.host])) == before


def test_steps_are_written_once_and_still_need_a_restart(member):
    process = lab.processes([member.host])
    first = member("cluster_steps", steps=member.steps())
    assert first["changed"] and first["restart_required"], first
    assert "runs standalone, written cluster" in first["restart_reasons"]
    second = member("cluster_steps", steps=member.steps())
    assert not second["changed"] and second["restart_required"]
    assert lab.processes([member.host]) == process
    assert member.settings("members")["members"] == [member.address]
    assert member.settings("network") == {"different_datacenters": False, "latency": "low", "segment": 2, "intact": True}
    assert member.settings("primary")["primary"] == member.address


def test_the_first_member_bootstraps_and_is_restored(member):
    result = member("cluster_service", state="bootstrapped", members=[member.address], address=member.address)
    assert result["changed"], result
    assert member("cluster_restored", addresses=[member.address])["restored"]
    status = member.observed("status")["status"]
    assert status["cluster_status"] == "Primary" and status["local_state"] == 4 and status["current"]
    assert status["incoming_addresses"] == [member.address]


def test_once_it_serves_the_primary_is_known_and_nothing_is_left_to_do(member):
    member("cluster_steps", steps=member.steps()[-1:])
    assert member.settings("primary")["primary"] == member.address
    result = member("cluster_steps", steps=member.steps())
    assert not result["changed"] and not result["restart_required"], result
    assert member.observed("settings")["contradictions"] == []


def test_the_row_from_which_load_balancers_are_told_is_brought_about_where_we_tell_them(member):
    """An appliance tells them itself. And it is nobody's data."""
    schemas = member.observed("data")["data"]["schemas"]
    lab.sql(member.host, "CREATE DATABASE senhasegura_cluster; CREATE TABLE senhasegura_cluster.primary_member (id INT PRIMARY KEY, address "
                         "VARCHAR(45)); INSERT INTO senhasegura_cluster.primary_member VALUES (1, '%s')" % NOBODY)
    ours = member.platform == "galera"
    assert member.settings("primary")["published"] is not ours and member.observed("data")["data"]["schemas"] == schemas
    before = lab.status(member.host, "wsrep_last_committed")
    assert member("cluster_steps", check=True, steps=member.steps()[-1:])["changed"] is ours
    assert lab.status(member.host, "wsrep_last_committed") == before
    assert member("cluster_steps", steps=member.steps()[-1:])["changed"] is ours
    assert lab.sql(member.host, "SELECT address FROM senhasegura_cluster.primary_member") == (member.address if ours else NOBODY)
    assert not member("cluster_steps", steps=member.steps())["changed"] and member.settings("primary")["published"]
    lab.sql(member.host, "DROP DATABASE senhasegura_cluster")
    assert member.settings("primary")["published"]


def test_another_segment_is_written_on_line_and_told_to_need_a_restart(member):
    process = lab.processes([member.host])
    result = member("cluster_network", segment=3, latency="low")
    assert result["changed"] and result["restart_reasons"] == ["gmcast.segment runs as 2, written 3"], result
    assert lab.processes([member.host]) == process
    assert member("cluster_network", segment=2, latency="low")["restart_required"] is False


def test_a_restart_is_refused_while_somebody_is_missing_and_what_was_written_before_is_told(member):
    process, service = lab.processes([member.host]), {"state": "restarted", "expected": [member.address, "10.0.0.99"]}
    refused = ("restart refused, the cluster is degraded: its component lacks 10.0.0.99. Bring the others back first, then run the playbook "
               "again.")
    result = member("cluster_service", **service)
    assert result["failed"] and result["msg"] == refused
    result = member("cluster_steps", steps=[{"cluster_network": {"segment": 3, "latency": "low"}}], service=service)
    assert result["failed"] and result["msg"] == refused + " Written before that, and kept: the settings of cluster_network."
    assert member.settings("network")["segment"] == 3 and lab.processes([member.host]) == process
    assert member("cluster_network", segment=2, latency="low")["restart_required"] is False


def test_stopped_is_proven_and_its_history_is_on_disk(member):
    uuid = member.observed("status")["status"]["state_uuid"]
    assert member("cluster_service", state="stopped")["changed"]
    assert not member("cluster_service", state="stopped")["changed"]
    observed = member.observed("service", "status", "saved")
    assert observed["service"]["dead"] and not observed["status"]["answers"]
    assert observed["saved"]["uuid"] == uuid and observed["saved"]["seqno"] > 0 and observed["saved"]["safe_to_bootstrap"]
