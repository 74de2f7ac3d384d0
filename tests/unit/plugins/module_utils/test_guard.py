# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last guard on the member itself: more of test_steps.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import (
    assume, change_service, refuse_bootstrap, refuse_restart, refuse_unseen_data, set_aside)
from ansible_collections.senhasegura.cluster.tests.unit import members as b

N1, N2, N3 = (b.address(name) for name in b.names_of(3))


class Member:
    """A member whose database says this of the cluster, and which reaches nobody's port."""

    def __init__(self, status):
        self._status = status

    def status(self, patience=None):
        return self._status

    def read(self, step):
        return {"primary": N1, "weight": 2}

    def ports(self, peers):
        return {peer: {"4567": "closed"} for peer in peers}


@pytest.mark.parametrize("members, told", [
    ([N2, N3], "10.0.0.12, 10.0.0.13"), ([], "(none)"), (None, "(none)")])
def test_who_is_not_declared_does_not_bootstrap(members, told):
    with pytest.raises(ClusterError) as caught:
        refuse_bootstrap(Member(b.silent()), members, N1, [N1, N2, N3])
    assert caught.value.message == "bootstrap refused: this member's address 10.0.0.11 is not among the declared members " + told


@pytest.mark.parametrize("view", [["n1"], ["n1", ""]])
def test_a_lone_member_may_bootstrap_out_of_its_own_component(view):
    refuse_bootstrap(Member(b.synced(view)), [N1], N1, [])


@pytest.mark.parametrize("expected, status", [
    ([N1, N2], b.synced(["n1", "n2"], weight=3)), ([], b.synced(["n1"], weight=2)),
    ([N1, N2], b.silent()), ([N1, N2], dict(b.silent(), answers=True)), ([N1, N2], dict(b.synced(["n1"]), ready=False))])
def test_a_restart_that_the_cluster_can_bear_or_that_takes_nothing_from_it(expected, status):
    refuse_restart(Member(status), expected)


@pytest.mark.parametrize("status, message", [
    (b.synced(["n1", "n2"], weight=3), "restart refused, the cluster is degraded: its component lacks 10.0.0.13"),
    (dict(b.synced(["n1"]), cluster_status="non-Primary", ready=False),
     "restart refused, the cluster is degraded: Galera runs here in no primary component (non-Primary)"),
    (b.synced(["n1", "n2", "n3"], weight=2), "restart refused: 0 of 2 votes would remain, so nobody would serve")])
def test_a_restart_that_the_cluster_cannot_bear(status, message):
    with pytest.raises(ClusterError) as caught:
        refuse_restart(Member(status), [N1, N2, N3])
    assert caught.value.message == message


def test_a_member_is_not_stopped_either():
    with pytest.raises(ClusterError) as caught:
        refuse_restart(Member(b.synced(["n1", "n2"], weight=3)), [N1, N2, N3], what="stop")
    assert caught.value.message == "stop refused, the cluster is degraded: its component lacks 10.0.0.13"


@pytest.mark.parametrize("state", ["non-Primary", "Disconnected"])
def test_who_serves_in_no_primary_component_is_stopped_where_the_plan_proved_that(state):
    refuse_restart(Member(dict(b.synced(["n3"]), cluster_status=state, ready=False)), [N1, N2, N3], what="stop", outside=True)


def test_who_is_in_a_primary_component_after_all_is_not():
    with pytest.raises(ClusterError) as caught:
        refuse_restart(Member(b.synced(["n1", "n3"], weight=3)), [N1, N2, N3], what="stop", outside=True)
    assert caught.value.message == "stop refused, the cluster is degraded: its component lacks 10.0.0.12"


class Joiner(Member):
    """A member of no component, which holds schemas, and whose database does this."""

    def __init__(self, schemas, status=None, changing=False, mode="cluster"):
        super().__init__(status or dict(b.silent(), answers=True))
        self._schemas, self._changing, self._mode, self.changed = schemas, changing, mode, []

    def service(self):
        return {"active": True, "changing": self._changing, "dead": False, "state": "active"}

    def read(self, step):
        return {"mode": self._mode}

    def data(self):
        return {"schemas": [dict(b.SHOP, name=name) for name in self._schemas]}

    def change_service(self, state, donors=(), only_donors=False):
        self.changed.append(state)


def joining(member, replaces, state="restarted", check_mode=False, **more):
    options = {"seen": None, "state": state, "members": None, "address": None, "proven_outside": None, "expected": [N1, N2], "outside": False, "lost": [],
               "arriving": [], "arbitrator": "", "donors": [], "only_donors": False, "replaces": replaces}
    return change_service(member, dict(options, **more), check_mode)


@pytest.mark.parametrize("state", ["restarted", "started"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_data_that_the_plan_has_not_seen_are_not_replaced(state, check_mode):
    member = Joiner(["shop", "dump"])
    member.service = lambda: {"active": False, "changing": False, "dead": True, "state": "inactive"}
    with pytest.raises(ClusterError) as caught:
        joining(member, ["shop"], state, check_mode)
    assert member.changed == [] and caught.value.text() == (
        "joining refused: this member holds data of its own that were not there when the plan was made (dump), and joining would replace "
        "them. Name it in senhasegura_overwrite_members to have them backed up and replaced, or take it out of the inventory; then run the "
        "playbook again.")


@pytest.mark.parametrize("schemas, replaces", [([], []), (["shop"], ["shop"]), ([], ["shop"]), (["dump"], None)])
def test_data_that_the_plan_has_seen_or_that_are_kept_aside_are(schemas, replaces):
    member = Joiner(schemas)
    assert joining(member, replaces)["changed"] and member.changed == ["restarted"]


@pytest.mark.parametrize("member", [
    Joiner(["vault"], b.synced(["n1", "n2"])), Joiner(["vault"], b.silent(), changing=True)], ids=["restored", "being restored"])
def test_what_a_member_was_sent_is_no_data_of_its_own(member):
    refuse_unseen_data(member, [])


@pytest.mark.parametrize("member", [
    Joiner(["dump"], b.silent(), changing=True, mode="standalone"), Joiner(["dump"], b.silent()), Joiner(["dump"], changing=True),
    Joiner(["dump"], dict(b.synced(["n1"]), cluster_status="non-Primary"))],
    ids=["starting standalone", "silent", "about to restart", "cut off"])
def test_what_else_it_holds_is(member):
    with pytest.raises(ClusterError):
        refuse_unseen_data(member, [])


class Lonely(Member):
    """A member that hears this of a peer's port."""

    def __init__(self, heard):
        super().__init__(b.silent())
        self._heard = heard

    def ports(self, peers):
        return {peer: {"4567": self._heard} for peer in peers}


def test_of_who_is_lost_no_answer_is_asked_but_none_may_come():
    refuse_bootstrap(Lonely("filtered"), [N1, N2], N1, [N1], lost=[N2])
    with pytest.raises(ClusterError) as caught:
        refuse_bootstrap(Lonely("open"), [N1, N2], N1, [N1], lost=[N2])
    assert caught.value.message == "bootstrap refused: 10.0.0.12 listens on port 4567, so Galera runs there"


class Separated(Member):
    """A member in no primary component that sees itself and others, and hears this of an arbitrator's port."""

    def __init__(self, view, heard):
        super().__init__(dict(b.synced(view), cluster_status="non-Primary", ready=False))
        self.asked, self.made, self._heard = [], False, heard

    def ports(self, peers):
        self.asked += peers
        return {peer: {"4567": self._heard if peer == ARBITER else "closed"} for peer in peers}

    def make_primary(self):
        self.made = True


ARBITER = "10.0.0.9"


def assuming(member, arbitrator=ARBITER):
    return assume(member, {"stay": [N1], "dead": [N2], "state_uuid": b.UUID, "arbitrator": arbitrator}, False)


@pytest.mark.parametrize("view, arbitrator, asked", [(["n1"], ARBITER, [N2, ARBITER]), (["n1", ""], ARBITER, [N2]), (["n1"], "", [N2])])
def test_who_assumes_knocks_at_an_arbitrator_that_it_does_not_see(view, arbitrator, asked):
    member = Separated(view, "closed")
    assert assuming(member, arbitrator)["changed"] and member.made and member.asked == asked


def test_nobody_assumes_beside_an_arbitrator_that_listens():
    member = Separated(["n1"], "open")
    with pytest.raises(ClusterError) as caught:
        assuming(member)
    assert caught.value.message == "assuming refused: 10.0.0.9 listens on port 4567, so Galera runs there" and not member.made


SEEN = {"uuid": b.UUID, "seqno": 100, "invocation": "one"}
"""What a plan was made of."""

_STOOD = "%s refused: this member stood at " + b.UUID + ":100 when the plan was made, and stands at %s:%d now."
_STARTED = "%s refused: this member's database or its host was started since the plan was made, so what it holds now is unknown."
_AGAIN = " Run the playbook again: it observes every member anew."


class Stopped(Joiner):
    """A member that is stopped, at this position and behind this run of its database; or whose database runs in no component."""

    def __init__(self, uuid=b.UUID, seqno=100, invocation="one", dead=True, status=None):
        super().__init__([], status or dict(b.silent(), answers=not dead))
        self._saved, self._service = b.saved(uuid, seqno), {
            "active": not dead, "changing": False, "dead": dead, "state": "inactive" if dead else "active", "invocation": invocation}

    def service(self):
        return self._service

    def saved(self):
        return self._saved

    def set_aside(self):
        self.changed.append("set aside")


FIRST = {"members": [N1, N2], "address": N1, "proven_outside": [N1, N2]}


@pytest.mark.parametrize("state, what", [("bootstrapped", "bootstrap"), ("restarted", "joining"), ("started", "joining")])
@pytest.mark.parametrize("member, message", [
    (Stopped(seqno=5000, invocation="two"), (_STOOD, b.UUID, 5000)), (Stopped(seqno=-1), (_STOOD, b.UUID, -1)),
    (Stopped(uuid=b.OTHER_UUID), (_STOOD, b.OTHER_UUID, 100)), (Stopped(invocation="two"), (_STARTED,)), (Stopped(invocation=""), (_STARTED,))])
def test_who_is_not_what_the_plan_was_made_of_is_neither_bootstrapped_nor_let_in(state, what, member, message):
    """The bootstrap was said Yes to a day ago, and meanwhile the cluster lived on without this member, or with it."""
    with pytest.raises(ClusterError) as caught:
        joining(member, None, state, seen=SEEN, **FIRST)
    assert member.changed == [] and caught.value.text() == message[0] % ((what,) + message[1:]) + _AGAIN


@pytest.mark.parametrize("state", ["bootstrapped", "restarted", "started"])
def test_who_is_what_the_plan_was_made_of_is(state):
    member = Stopped()
    joining(member, None, state, seen=SEEN, **FIRST)
    assert member.changed == [state]


def test_the_position_of_a_database_that_runs_is_not_what_its_disk_tells():
    """Galera writes it there for as long as somebody holds a global read lock."""
    member = Stopped(seqno=-1, dead=False)
    joining(member, None, "bootstrapped", seen=SEEN, **FIRST)
    assert member.changed == ["bootstrapped"]


def test_who_has_come_back_by_itself_meanwhile_is_none_that_is_refused():
    member = Stopped(seqno=-1, invocation="two", dead=False, status=b.synced(["n1", "n2"], weight=3))
    joining(member, [], "restarted", seen=SEEN, expected=[])
    assert member.changed == ["restarted"]


def test_who_was_started_since_is_not_stopped_to_be_set_aside():
    """It was shown stopped, and serves in a whole cluster by now."""
    member = Stopped(invocation="two", dead=False, status=b.synced(["n1", "n2"], weight=3))
    with pytest.raises(ClusterError) as caught:
        joining(member, None, "stopped", seen={"uuid": None, "seqno": None, "invocation": "one"})
    assert member.changed == [] and caught.value.text() == _STARTED % "stop" + _AGAIN


@pytest.mark.parametrize("member, state", [
    (Stopped(invocation="two"), "inactive"), (Stopped(invocation="two", dead=False), "active"), (Stopped(dead=False), "active")])
def test_the_data_of_who_has_run_since_it_was_stopped_are_not_set_aside(member, state):
    with pytest.raises(ClusterError) as caught:
        set_aside(member, "one")
    assert member.changed == [] and caught.value.text() == (
        "setting the data directory aside refused: this member's database is %s, and was started since the plan was made." % state + _AGAIN)


@pytest.mark.parametrize("member, invocation", [
    (Stopped(), "one"), (Stopped(invocation=""), "one"), (Stopped(invocation=""), ""), (Stopped(invocation="two"), None)])
def test_those_of_who_has_not_are(member, invocation):
    set_aside(member, invocation)
    assert member.changed == ["set aside"]
