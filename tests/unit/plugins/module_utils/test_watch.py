# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a member: more of test_steps.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._watch import ANSWERING_SECONDS, LOOK_SECONDS, NEARLY_SECONDS, watch
from ansible_collections.senhasegura.cluster.tests.unit import members as b

EXPECTED = {"addresses": ["10.0.0.11", "10.0.0.12"], "arbitrator": "", "arriving": []}
GOOD = b.synced(["n1", "n2"])
LONE = b.synced(["n1"])
LOG = ["[ERROR] WSREP: handshake failed"]


class Member:
    """Says one status after another, the last one for ever; keeps the time by the pauses of its watcher."""

    def __init__(self, *statuses, **progress):
        self.statuses, self.progressed, self.now, self.looks = list(statuses), progress, 0.0, 0

    def status(self, patience=None):
        self.looks += 1
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def progress(self, status):
        return dict({"state": status["local_state_comment"], "changing": False, "failure": "", "restarts": 0}, **self.progressed)

    def telling(self):
        return LOG

    def watch(self, known="Synced", seconds=1.0):
        def pause(length):
            assert length == (ANSWERING_SECONDS if self.statuses[0]["answers"] else LOOK_SECONDS)
            self.now += length
        return watch(self, EXPECTED, known, seconds, clock=lambda: self.now, pause=pause)


def test_one_look_is_not_enough():
    member = Member(GOOD)
    assert member.watch()["restored"] is True and member.looks == 2


@pytest.mark.parametrize("status", [GOOD, LONE])
def test_the_first_look_is_never_proof_even_when_there_is_time_for_no_other(status):
    seen = Member(status).watch(seconds=0)
    assert seen["restored"] is False and seen["failure"] == ""


@pytest.mark.parametrize("change", [{"conf_id": "8"}, {"state_uuid": b.OTHER_UUID},
                                    {"incoming_addresses": ["10.0.0.12", "10.0.0.11"]}])
def test_looks_that_differ_prove_nothing(change):
    member = Member(GOOD, dict(GOOD, **change), GOOD, dict(GOOD, **change))
    assert member.watch()["restored"] is True and member.looks == 5


def test_the_component_of_another_half_is_no_failure_until_it_is_stable():
    assert Member(LONE, GOOD).watch()["restored"] is True
    seen = Member(LONE).watch()
    assert seen["failure"] == "it serves in a component that is not the cluster's: its component lacks 10.0.0.12"
    assert seen["log"] == LOG


def test_a_state_that_stays_is_watched_until_the_time_is_up():
    joining = dict(GOOD, ready=False, local_state=1, local_state_comment="Joining")
    member = Member(joining)
    seen = member.watch(known="Joining", seconds=1.0)
    assert 1.0 <= member.now < 1.0 + ANSWERING_SECONDS and seen["restored"] is False
    assert seen["missing"] == ["it is not ready", "its state is Joining"]
    assert seen["log"] == LOG, "whoever waits may find that nothing has moved for too long"


def test_the_log_is_read_only_where_the_wait_may_end():
    joining = dict(GOOD, ready=False, local_state=1, local_state_comment="Joining")
    assert Member(joining).watch(known="starting")["log"] == []
    assert Member(joining, restarts=1).watch(known="starting")["log"] == LOG
    assert Member(GOOD, restarts=1).watch()["log"] == []


def test_synchronized_is_no_news_for_a_moment_since_restored_follows():
    early = dict(GOOD, current=False)
    assert Member(early, early, GOOD).watch(known="Joined")["restored"] is True
    member = Member(early)
    assert member.watch(known="Joined", seconds=60.0)["restored"] is False
    assert NEARLY_SECONDS <= member.now < NEARLY_SECONDS + 2 * ANSWERING_SECONDS


def test_a_failure_ends_the_watch_at_once_and_is_not_restored():
    member = Member(GOOD, failure="mariadb.service is failed (exit-code)")
    seen = member.watch()
    assert seen["restored"] is False and member.looks == 1 and seen["log"] == LOG


def test_a_failure_after_a_good_look_is_not_restored_either():
    class Failing(Member):
        def progress(self, status):
            return dict(super().progress(status), failure="Galera is Inconsistent" if self.looks == 2 else "")
    seen = Failing(GOOD).watch()
    assert seen["restored"] is False and seen["failure"] == "Galera is Inconsistent"
