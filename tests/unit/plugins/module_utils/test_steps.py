"""The shared path of every step, the guard before a bootstrap, and the watch, over a platform in memory."""

from __future__ import annotations

import copy

import builders as b
import pytest

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import refuse_bootstrap, refuse_restart
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, ValueRefused
from ansible_collections.senhasegura.cluster.plugins.module_utils._observe import observe
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import apply_step
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings
from ansible_collections.senhasegura.cluster.plugins.module_utils._watch import watch

MEMBERS = {"members": ["10.0.0.11", "10.0.0.12"], "address": "10.0.0.11", "name": None, "arbitrator": None,
           "bind_address": None}


class Platform:
    """Keeps settings in memory; ``looks`` are what the database and the service say, one after another."""

    def __init__(self, settings=None, looks=(), ports=None, lossy=False):
        self.settings = copy.deepcopy(settings or b.settings("member-a", written=False))
        self.looks, self.written, self.lossy, self._ports = list(looks), [], lossy, ports or {}

    def capabilities(self):
        return b.GALERA

    def read(self, step):
        return copy.deepcopy(self.settings[step])

    def write(self, step, settings):
        self.written.append(step)
        if not self.lossy:
            self.settings[step] = copy.deepcopy(settings)

    def restart_required(self, step, settings):
        return ["segment"] if step == "network" and settings["segment"] else []

    def status(self, patience=None):
        return self.looks[0][0]

    def progress(self, status):
        seen = self.looks[0][1]
        if len(self.looks) > 1:
            self.looks.pop(0)
        return dict({"state": status["local_state_comment"], "changing": False, "bytes": None, "percent": None, "failure": "",
                     "restarts": 0}, **seen)

    def telling(self):
        return ["[ERROR] it fell"]

    def ports(self, peers):
        return {peer: self._ports[peer] for peer in peers}


def test_a_step_writes_once_and_then_nothing():
    platform = Platform()
    first = apply_step(platform, "members", MEMBERS, check_mode=False)
    assert first["changed"] and platform.written == ["members"]
    assert first["diff"]["after"] == 'members: ["10.0.0.11", "10.0.0.12"]\naddress: "10.0.0.11"\n'
    assert not apply_step(platform, "members", MEMBERS, check_mode=False)["changed"]


def test_check_mode_writes_nothing_and_tells_the_same():
    platform = Platform()
    check = apply_step(platform, "network", {"different_datacenters": True, "latency": None, "segment": 2}, check_mode=True)
    assert platform.written == [] and check["changed"] and check["restart_required"]
    assert check["diff"]["after"] == 'different_datacenters: true\nlatency: "high"\nsegment: 2\n'


def test_what_does_not_read_back_is_an_error():
    with pytest.raises(ClusterError) as caught:
        apply_step(Platform(lossy=True), "message", {"recovery_message": "call"}, check_mode=False)
    assert caught.value.message == ('step message was written but reads back differently: wanted {"recovery_message": "call"}, '
                                    'read {"recovery_message": ""}')


class Published(Platform):
    """The row of all members names somebody else from now on."""

    def write(self, step, settings):
        super().write(step, dict(settings, published=False))


def test_what_only_follows_from_a_setting_is_read_back_where_it_was_asked_for():
    options = {"primary": "10.0.0.12", "address": "10.0.0.11", "publish": False}
    assert apply_step(Published(), "primary", options, check_mode=False)["changed"]
    with pytest.raises(ClusterError):
        apply_step(Published(), "primary", dict(options, publish=True), check_mode=False)


@pytest.mark.parametrize("change, message", [
    ({"members": ["10.0.0.11", "10.0.0.11"]}, "member 10.0.0.11 is in the list twice"),
    ({"members": ["10.0.0.300"]}, "a member must be an IP address, not '10.0.0.300'"),
    ({"address": "10.0.0.99"}, "the member's own address 10.0.0.99 is not in the list of members 10.0.0.11, 10.0.0.12"),
    ({"arbitrator": "10.0.0.12"}, "the arbitrator 10.0.0.12 is in the list of members")])
def test_members_that_are_refused(change, message):
    with pytest.raises(ValueRefused) as caught:
        wanted_settings("members", dict(MEMBERS, **change))
    assert caught.value.message == message


def test_votes_are_as_they_were_unless_they_are_given():
    assert wanted_settings("primary", {"primary": "10.0.0.11", "address": "10.0.0.11"}) == {"primary": "10.0.0.11", "published": True}
    assert wanted_settings("primary", {"primary": "10.0.0.11", "address": "10.0.0.11", "weight": 2})["weight"] == 2


TWO = ["10.0.0.11", "10.0.0.12"]
QUIET = {"4444": "closed", "4567": "closed", "4568": "closed"}


def guard(proven=tuple(TWO), status=None, ports=None):
    refuse_bootstrap(Platform(looks=[(status or b.SILENT, {})], ports={"10.0.0.12": dict(QUIET, **(ports or {}))}), TWO, "10.0.0.11", list(proven))


def test_a_bootstrap_with_all_evidence_is_let_through():
    guard()


@pytest.mark.parametrize("evidence, message", [
    ({"proven": ["10.0.0.11"]}, "bootstrap refused: not proven to be outside of a primary component: 10.0.0.12"),
    ({"status": b.serving("member-a", ["member-a", "member-b"])["observed"]["status"]},
     "bootstrap refused: this member is in a primary component with 10.0.0.12"),
    ({"ports": {"4567": "open"}}, "bootstrap refused: 10.0.0.12 listens on port 4567, so Galera runs there"),
    ({"ports": {"4567": "filtered"}},
     "bootstrap refused: 10.0.0.12 does not answer on port 4567, so what runs there is unknown")])
def test_a_bootstrap_without_evidence_is_refused(evidence, message):
    with pytest.raises(ClusterError) as caught:
        guard(**evidence)
    assert caught.value.message == message


def restart(together=b.NAMES, **status):
    seen = b.serving("member-a", together, **status)["observed"]["status"]
    refuse_restart(Platform(b.settings("member-a"), looks=[(seen, {})]), [b.address(name) for name in b.NAMES])


def test_a_restart_in_a_whole_cluster_is_let_through():
    restart()


@pytest.mark.parametrize("seen, message", [
    ({"together": ["member-a", "member-b"]}, "restart refused, the cluster is degraded: its component lacks 10.0.0.13"),
    ({"weight": 1}, "restart refused: 0 of 1 votes would remain, so nobody would serve")])
def test_a_restart_that_the_cluster_could_not_bear_is_refused(seen, message):
    with pytest.raises(ClusterError) as caught:
        restart(**seen)
    assert caught.value.message == message


def test_a_member_that_does_not_run_galera_may_restart():
    restart(wsrep_on=False, cluster_status="", ready=False)


EXPECTED = {"addresses": [b.address(name) for name in b.NAMES], "arbitrator": "", "arriving": []}
RESTORED = b.serving("member-c")["observed"]["status"]


def look(looks, known=""):
    ticks = iter(range(1000))
    return watch(Platform(looks=looks), EXPECTED, known, 50, clock=lambda: next(ticks), pause=lambda _seconds: None)


def test_restored_twice_in_a_row():
    other = dict(RESTORED, conf_id="4")
    seen = look([(RESTORED, {}), (other, {}), (other, {})])
    assert seen["restored"] and seen["status"]["conf_id"] == "4"


def test_a_service_that_is_still_starting_is_not_restored():
    assert not look([(RESTORED, {"changing": True})], known="Synced")["restored"]


def test_a_change_of_state_ends_the_watch():
    joining = dict(RESTORED, local_state=1, local_state_comment="Joining", ready=False)
    assert look([(joining, {})], known="starting")["state"] == "Joining"


def test_another_component_is_proof_of_failure():
    alone = b.serving("member-c", ["member-c"])["observed"]["status"]
    seen = look([(alone, {})], known="Synced")
    assert seen["failure"] == ("it serves in a component that is not the cluster's: its component lacks 10.0.0.11, 10.0.0.12")
    assert not seen["restored"] and seen["log"] == ["[ERROR] it fell"]


def test_a_dead_service_is_proof_of_failure():
    seen = look([(dict(b.SILENT), {"state": "failed", "failure": "mariadb.service is failed (exit-code)"})])
    assert seen["failure"] == "mariadb.service is failed (exit-code)" and seen["log"] == ["[ERROR] it fell"]


class Arriving(Platform):
    """It comes to serve while it is observed, with timers that only joining needed."""

    name, serves = "galera", False
    service = saved = data = host = sync_state = None

    def status(self, patience=None):
        self.serves = True
        return {"cluster_status": "Primary"}

    def read(self, step):
        return dict(self.settings[step], intact=not self.serves) if step == "network" else super().read(step)

    def contradictions(self):
        return []

    def admitted(self):
        return None


def test_what_runs_on_a_member_that_serves_is_not_older_than_its_serving():
    seen = observe(Arriving(), ["settings", "status"])
    assert seen["status"]["cluster_status"] == "Primary" and not seen["settings"]["network"]["intact"]
