# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run lock of real processes: a run and its workers, living and killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from ansible.errors import AnsibleLookupError
from ansible_collections.senhasegura.cluster.plugins.lookup import run_lock

FORK = multiprocessing.get_context("fork")


def work(go, said):
    """What a worker does: it says that it is there, and when it is told to go on it makes the lock, and says it."""
    said.send("here")
    go.recv()
    try:
        said.send(run_lock._run_lock({}, False)[0]["token"])
    except AnsibleLookupError as error:
        said.send(error.message)


@pytest.fixture(name="run")
def _run():
    """A run with one worker that waits: its process, and the ends of two pipes to the worker."""
    (waits, go), (hears, says) = FORK.Pipe(False), FORK.Pipe(False)

    def run():
        FORK.Process(target=work, args=(waits, says)).start()

    process = FORK.Process(target=run)
    process.start()
    assert hears.poll(60) and hears.recv() == "here"  # a run that is killed before it has a worker leaves none
    yield process, go, hears
    go.send(None)  # it never waits for ever, and holds nobody's output open
    process.kill()
    process.join()


def test_a_worker_has_the_lock_of_its_run(run):
    process, go, hears = run
    started = run_lock._started(process.pid)
    go.send(None)
    assert hears.poll(10) and hears.recv() == "%s:%d:%d" % (run_lock._where(), process.pid, started)


@pytest.mark.parametrize("reaped", [True, False])
def test_a_worker_of_a_killed_run_does_nothing_more(run, reaped):
    process, go, hears = run
    os.kill(process.pid, signal.SIGKILL)
    if reaped:
        process.join()
    while run_lock._started(process.pid) is not None:
        time.sleep(0.01)
    go.send(None)
    assert hears.poll(10)
    assert hears.recv() == ("This run's ansible-playbook (process %d) was killed; nothing more is done for it. Run it again."
                            % process.pid)


def test_a_killed_run_is_dead_even_if_nobody_has_reaped_it(run):
    process = run[0]
    token = "%s:%d:%d" % (run_lock._where(), process.pid, run_lock._started(process.pid))
    seen = {"n1": {"observed": {"lock": {"token": token, "holder": "me", "since": 0, "seconds": 100.0}}}}
    assert run_lock._run_lock(seen, False)[1] != []
    os.kill(process.pid, signal.SIGKILL)
    while run_lock._started(process.pid) is not None:
        time.sleep(0.01)
    lock, sentences = run_lock._run_lock(seen, False)
    assert lock["replaces"] == [token] and sentences == []
