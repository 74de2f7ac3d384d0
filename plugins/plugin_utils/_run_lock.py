# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose run lock stands on the members, by what was observed of them: held, dead, or ours. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._lock_text import REMEDY, held_text


def token_of(where, pid, started):
    """A run's token: in one namespace of processes of one boot a process is told apart by its number and its start."""
    return "%s:%d:%d" % (where, pid, started)


def standing(observations):
    """The locks that count: dict of member name to lock."""
    found = {name: observation.get("observed", {}).get("lock") for name, observation in observations.items()}
    return {name: lock for name, lock in found.items() if lock}


def dead_tokens(locks, here, alive):
    """Tokens of runs on this very controller that are no more.

    :param here: the controller's boot and namespace of processes, which must be the same: elsewhere a number is another process.
    :param alive: called with pid and start; whether that process still runs.
    """
    dead = set()
    for lock in locks.values():
        where, pid, started = (lock["token"].rsplit(":", 2) + ["", ""])[:3]
        if where == here and pid.isdigit() and started.isdigit() and not alive(int(pid), int(started)):
            dead.add(lock["token"])
    return dead


def held(locks, free):
    """Sentences about the locks of others.

    :param locks: of :func:`standing`.
    :param free: tokens that stand in nobody's way: our own, dead ones, those that are taken over.
    """
    by_token = {}
    for name, lock in locks.items():
        if lock["token"] not in free:
            by_token.setdefault(lock["token"], []).append((name, lock))
    return ["%s: %s. %s" % (", ".join(name for name, _lock in found),
                            held_text(found[0][1]["holder"], found[0][1]["since"], max(lock["seconds"] for _name, lock in found)), REMEDY)
            for found in by_token.values()]
