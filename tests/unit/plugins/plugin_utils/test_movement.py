# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as movement while a member is waited for."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._movement import mark_of


def look(local_state, committed, queued=0):
    return {"state": "a state", "bytes": None, "percent": None,
            "status": {"local_state": local_state, "last_committed": committed, "recv_queue": queued}}


def test_who_catches_up_moves():
    assert mark_of(look(3, 10)) != mark_of(look(3, 11))
    assert mark_of(look(3, 10, 7)) != mark_of(look(3, 10, 6))


def test_writes_on_a_synchronized_member_are_no_movement():
    """An application that writes on would hold the wait for an arbitrator for ever."""
    assert mark_of(look(4, 10)) == mark_of(look(4, 11, 3))


def test_one_that_cannot_be_reached_does_not_move():
    assert mark_of({"state": "not reachable over SSH", "missing": []}) == ("not reachable over SSH", None, None, None, None)
