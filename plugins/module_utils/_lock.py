# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run lock on a member: who is changing the cluster now. Two controllers at once would undo each other's work.

It lives in /run, so a reboot takes it away, and counts for :data:`_lock_text.LOCK_SECONDS` after it was last renewed: every remote
execution that carries it renews it, and goes on renewing it while it works. Its token fences: once another run has held the lock, whoever
held it before is refused at its next word, also when that other run has ended: it was away (a suspended laptop, Ctrl-Z), or was taken over,
and its plan is of a cluster that is no more. What an interrupted run leaves of it tells the next one when that work began:
:func:`interrupted`.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from contextlib import contextmanager

from ._errors import ClusterError
from ._files import read_text, remove, write_text
from ._lock_text import LOCK_SECONDS, REMEDY, RESUME_SECONDS, SUPERSEDED_REMEDY, held_text, superseded_text

_RENEW_SECONDS = 30.0

_REMEMBERED = 100
"""Runs that are remembered on a member, so that those that others have followed are refused: more than come while one of them is away."""

FOLDER = "/run/senhasegura-cluster"

OPTIONS = {
    "token": {"type": "str", "required": True, "no_log": False},
    "holder": {"type": "str", "required": True},
    "replaces": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "release": {"type": "bool", "default": False},
    "work": {"type": "str", "default": ""},
    "resumes": {"type": "bool", "default": False},
}


def read(folder=FOLDER, clock=time.monotonic):
    """The lock that counts now.

    :returns: dict of ``token``, ``holder``, ``since`` (epoch seconds), ``seconds`` (how long it still counts); None for none.
    """
    found = _stored(folder)
    left = found["until"] - clock() if found else 0.0
    return {"token": found["token"], "holder": found["holder"], "since": found["since"], "seconds": round(left, 1)} if left > 0 else None


def interrupted(folder=FOLDER, clock=time.monotonic):
    """What a run has begun here and not ended: the one that works now, or one that was interrupted less than an hour ago and since the
    host booted.

    :returns: dict of ``work`` (what it does, see :data:`OPTIONS`; "" where nobody need know) and ``began`` (seconds since the host's
        boot); None for nothing.
    """
    found = _stored(folder)
    return {"work": found["work"], "began": found["began"]} if _is_recent(found, clock()) else None


def _is_recent(stored, now):
    """Whether what a lock tells of a work counts yet, which it does for longer than the lock itself."""
    return bool(stored and "began" in stored and now < stored["until"] - LOCK_SECONDS + RESUME_SECONDS)


def _stored(folder):
    text = read_text(folder + "/lock.json")
    return json.loads(text) if text else None


def _holders(folder):
    """Who has held the lock since the host booted, each once and in the order in which they began: list of dict ``token``, ``holder``,
    ``since`` (epoch seconds).
    """
    text, stored = read_text(folder + "/runs.json"), _stored(folder)
    found = json.loads(text) if text else []
    if stored and stored["token"] not in [one["token"] for one in found]:
        found.append({key: stored[key] for key in ("token", "holder", "since")})
    return found


def _refuse_superseded(lock, holders):
    """Refuse a run that another one has followed. Its own lapsed lock, which nobody has taken since, it takes up again."""
    if lock["token"] in [one["token"] for one in holders[:-1]]:
        raise ClusterError(superseded_text(holders[-1]["holder"], holders[-1]["since"]), remedy=SUPERSEDED_REMEDY)


def claim(lock, folder=FOLDER, clock=time.monotonic):
    """Take the lock, or renew it.

    :param lock: as :data:`OPTIONS`; ``replaces`` are tokens whose holders are known to be dead, or are to be taken over.
    :raises ClusterError: when somebody else holds it, or has held it since this run did.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(folder + "/lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        holders, present = _holders(folder), read(folder, clock)
        _refuse_superseded(lock, holders)
        if present and present["token"] != lock["token"] and present["token"] not in lock["replaces"]:
            raise ClusterError(held_text(present["holder"], present["since"], present["seconds"]), remedy=REMEDY)
        mine = present and present["token"] == lock["token"]
        if lock["token"] not in [one["token"] for one in holders]:
            holders.append({"token": lock["token"], "holder": lock["holder"], "since": time.time()})
            write_text(folder + "/runs.json", json.dumps(holders[-_REMEMBERED:]), mode=0o600)
        write_text(folder + "/lock.json", json.dumps(dict(
            _work(_stored(folder), lock, clock()), token=lock["token"], holder=lock["holder"],
            since=present["since"] if mine else time.time(), until=clock() + LOCK_SECONDS)), mode=0o600)


def _work(stored, lock, now):
    """The work of a lock and its beginning: this run's own, or that of the interrupted one that it finishes, where that counts yet: what was
    too old when the plan was made must not become younger by being finished.
    """
    mine = stored and "began" in stored and stored["token"] == lock["token"]
    goes_on = mine or _is_recent(stored, now) and lock["resumes"] and stored["work"] == lock["work"]
    return {"work": stored["work"] if goes_on else lock["work"], "began": stored["began"] if goes_on else now}


def release(lock, folder=FOLDER):
    """Give it back, where it is ours."""
    present = _stored(folder)
    if present and present["token"] == lock["token"]:
        remove(folder + "/lock.json")


@contextmanager
def holding(lock):
    """Claim a lock, renew it while the block works, and release it afterwards where that is asked for.

    :param lock: as :data:`OPTIONS`; None holds nothing.
    """
    if not lock:
        yield
        return
    claim(lock)
    done = threading.Event()
    renewer = threading.Thread(target=_renew, args=(lock, done), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        done.set()
        renewer.join()
    if lock["release"]:
        release(lock)


def _renew(lock, done):
    while not done.wait(_RENEW_SECONDS):
        try:
            claim(lock)
        except ClusterError:  # taken over: the next execution is refused, this one ends what it is doing
            return
