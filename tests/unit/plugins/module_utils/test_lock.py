# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run lock on a member, over a real folder, and what a controller makes of the locks that it sees."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.senhasegura.cluster.plugins.module_utils import _lock
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._lock_text import LOCK_SECONDS, REMEDY, RESUME_SECONDS
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._run_lock import dead_tokens, held, standing, token_of


def lock(token, replaces=(), work="", resumes=False):
    return {"token": token, "holder": token + "@controller", "replaces": list(replaces), "release": False, "work": work, "resumes": resumes}


def claim(folder, one, now=0.0):
    _lock.claim(one, folder=str(folder), clock=lambda: now)


def held_by(folder, now=0.0):
    found = _lock.read(str(folder), clock=lambda: now)
    return found and found["token"]


def test_a_second_run_is_refused_and_told_who_holds_it(tmp_path):
    claim(tmp_path, lock("one"))
    since = _lock.read(str(tmp_path), clock=lambda: 0.0)["since"]
    with pytest.raises(ClusterError) as caught:
        claim(tmp_path, lock("two"), now=20.0)
    assert caught.value.message == _lock.held_text("one@controller", since, 100.0)
    assert caught.value.message.startswith("another run is changing the cluster: one@controller, since 20")
    assert caught.value.remedy == REMEDY
    assert held_by(tmp_path) == "one"


def test_renewed_it_counts_on_and_keeps_its_beginning(tmp_path):
    claim(tmp_path, lock("one"))
    since = _lock.read(str(tmp_path), clock=lambda: 0.0)["since"]
    claim(tmp_path, lock("one"), now=LOCK_SECONDS - 1)
    assert held_by(tmp_path, LOCK_SECONDS + 10) == "one"
    assert _lock.read(str(tmp_path), clock=lambda: LOCK_SECONDS)["since"] == since


def test_who_was_not_heard_of_stands_in_nobody_s_way(tmp_path):
    claim(tmp_path, lock("one"))
    assert held_by(tmp_path, LOCK_SECONDS) is None
    claim(tmp_path, lock("two"), now=LOCK_SECONDS)
    assert_superseded(tmp_path, "one", "two", now=LOCK_SECONDS + 1)


def assert_superseded(folder, token, newest, now):
    """A run is refused, also when the one that followed it has ended, and changes nothing of the lock."""
    for ends in (False, True):
        if ends:
            _lock.release(lock(newest), str(folder))
        before = (folder / "runs.json").read_text(), held_by(folder, now)
        with pytest.raises(ClusterError) as caught:
            claim(folder, lock(token), now=now)
        assert re.fullmatch(
            r"another run has worked here since this one last held its lock: %s@controller, since 20\d\d-\S+Z; what "
            r"this one's plan was made of may be true no more\. Run the playbook again: it observes every member anew\." % newest,
            caught.value.text())
        assert ((folder / "runs.json").read_text(), held_by(folder, now)) == before


def test_who_was_taken_over_is_refused_for_ever(tmp_path):
    claim(tmp_path, lock("one"))
    claim(tmp_path, lock("two", replaces=["one"]), now=10.0)
    assert_superseded(tmp_path, "one", "two", now=20.0)
    claim(tmp_path, lock("three"), now=30.0)
    assert_superseded(tmp_path, "one", "three", now=31.0)
    assert_superseded(tmp_path, "two", "three", now=32.0)


def test_who_has_given_it_back_and_was_followed_is_refused_too(tmp_path):
    claim(tmp_path, lock("one"))
    _lock.release(lock("one"), str(tmp_path))
    claim(tmp_path, lock("two"), now=1.0)
    assert_superseded(tmp_path, "one", "two", now=2.0)


@pytest.mark.parametrize("ends", [False, True], ids=["lapsed", "given back"])
def test_one_s_own_that_nobody_has_taken_since_is_taken_up_again(tmp_path, ends):
    claim(tmp_path, lock("one"))
    if ends:
        _lock.release(lock("one"), str(tmp_path))
    claim(tmp_path, lock("one"), now=2 * LOCK_SECONDS)
    assert held_by(tmp_path, 2 * LOCK_SECONDS) == "one"


def test_who_is_remembered_is_bounded(tmp_path):
    for number in range(_lock._REMEMBERED + 5):
        claim(tmp_path, lock("run%d" % number), now=number * LOCK_SECONDS)
    assert len(json.loads((tmp_path / "runs.json").read_text())) == _lock._REMEMBERED


def begun(folder, now):
    found = _lock.interrupted(str(folder), clock=lambda: now)
    return found and (found["work"], found["began"])


def test_the_work_of_an_interrupted_run_is_told_for_an_hour_and_its_beginning_kept_by_who_finishes_it(tmp_path):
    assert begun(tmp_path, 0.0) is None
    claim(tmp_path, lock("one", work="restart_cluster"), now=5.0)
    claim(tmp_path, lock("one"), now=9.0)
    late = 9.0 + RESUME_SECONDS - 1.0
    assert held_by(tmp_path, late) is None and begun(tmp_path, late) == ("restart_cluster", 5.0)
    assert begun(tmp_path, late + 1.0) is None
    claim(tmp_path, lock("two", work="restart_cluster", resumes=True), now=late)
    assert begun(tmp_path, late + 9.0) == ("restart_cluster", 5.0)
    claim(tmp_path, lock("two"), now=late + 10.0)
    assert begun(tmp_path, late + 10.0) == ("restart_cluster", 5.0)
    _lock.release(lock("two"), str(tmp_path))
    assert begun(tmp_path, late + 10.0) is None


@pytest.mark.parametrize("other", [{"work": "restart_cluster"}, {"work": "something else", "resumes": True}, {}])
def test_who_does_not_finish_it_begins_anew(tmp_path, other):
    claim(tmp_path, lock("one", work="restart_cluster"), now=5.0)
    claim(tmp_path, lock("two", **other), now=LOCK_SECONDS + 6)
    assert begun(tmp_path, LOCK_SECONDS + 6) == (other.get("work", ""), LOCK_SECONDS + 6)


def test_what_is_too_old_to_be_finished_begins_anew(tmp_path):
    """Another member's record may be recent enough: that must not make this one's count again."""
    claim(tmp_path, lock("one", work="restart_cluster"), now=5.0)
    late = 5.0 + RESUME_SECONDS
    claim(tmp_path, lock("two", work="restart_cluster", resumes=True), now=late)
    assert begun(tmp_path, late) == ("restart_cluster", late)


def test_taken_over(tmp_path):
    claim(tmp_path, lock("one"))
    claim(tmp_path, lock("two", replaces=["one"]))
    assert held_by(tmp_path) == "two"


def test_only_one_s_own_is_given_back(tmp_path):
    claim(tmp_path, lock("one"))
    _lock.release(lock("two"), folder=str(tmp_path))
    assert held_by(tmp_path) == "one"
    _lock.release(lock("one"), folder=str(tmp_path))
    assert held_by(tmp_path) is None


OBSERVATIONS = {"n1": {"observed": {"lock": {"token": "boot:7:70", "holder": "a", "since": 0.0, "seconds": 30.0}}},
                "n2": {"observed": {"lock": {"token": "boot:7:70", "holder": "a", "since": 0.0, "seconds": 90.0}}},
                "n3": {"observed": {"lock": None}}, "n4": {"unknown": "it did not answer"}}


def test_the_locks_of_one_run_are_told_once():
    assert held(standing(OBSERVATIONS), {"boot:8:80"}) == [
        "n1, n2: another run is changing the cluster: a, since 1970-01-01T00:00:00Z; its lock counts for another 90 s. " + REMEDY]
    assert held(standing(OBSERVATIONS), {"boot:7:70"}) == []


@pytest.mark.parametrize("boot, alive, dead", [("boot", False, {"boot:7:70"}), ("boot", True, set()), ("another", False, set())])
def test_only_this_controller_knows_which_of_its_runs_are_dead(boot, alive, dead):
    assert dead_tokens(standing(OBSERVATIONS), boot, lambda pid, started: alive and (pid, started) == (7, 70)) == dead


def test_a_token_that_is_none_of_ours_is_nobody_s_death():
    assert dead_tokens({"n1": {"token": "x"}}, "x", lambda pid, started: False) == set()
    assert dead_tokens({"n1": {"token": token_of("x", 1, 2)}}, "x", lambda pid, started: False) == {"x:1:2"}
