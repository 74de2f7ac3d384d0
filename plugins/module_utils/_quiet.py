# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether replication is quiet on a member, so that one member may leave without making the others wait."""

from __future__ import annotations

import time

QUEUE_LIMIT = 10
"""Write sets that may wait to be applied. Galera begins to pause the whole cluster at ``gcs.fc_limit`` (default 16, times the
square root of the members); a queue below that is normal under load."""

PAUSED_LIMIT = 0.05
"""The share of a window for which flow control may have paused replication."""

WINDOW_SECONDS = 0.5


def watch_quiet(platform, seconds, clock=time.monotonic, pause=time.sleep):
    """Look at window after window until one was quiet, or the time is up.

    :param platform: the :class:`_platforms.interface.Platform`.
    :param seconds: how long to look at the most; one window is always looked at.
    :returns: what :func:`window` returns of the last window.
    :raises ClusterError: when no database answers.
    """
    deadline = clock() + seconds
    before, began = platform.flow(), clock()
    while True:
        pause(WINDOW_SECONDS)
        after, ended = platform.flow(), clock()
        seen = window(before, after, ended - began)
        if not seen["noise"] or ended >= deadline:
            return seen
        before, began = after, ended


def window(before, after, seconds):
    """What happened between two readings.

    :param before: of ``Platform.flow``.
    :param after: the same, later.
    :param seconds: between them.
    :returns: dict of ``noise`` (list of sentences; empty when it was quiet), ``recv_queue``, ``send_queue`` (write sets),
        ``paused`` (share of the time, 0 to 1), ``asked`` (pauses that this member asked the others for).
    """
    share = min(1.0, max(0, after["paused_ns"] - before["paused_ns"]) / (seconds * 1e9)) if seconds > 0 else 0.0
    asked = max(0, after["pauses_sent"] - before["pauses_sent"])
    noise = []
    if after["recv_queue"] > QUEUE_LIMIT:
        noise.append("%d write sets wait there to be applied (at most %d are quiet)" % (after["recv_queue"], QUEUE_LIMIT))
    if after["send_queue"] > QUEUE_LIMIT:
        noise.append("%d write sets wait there to be sent (at most %d are quiet)" % (after["send_queue"], QUEUE_LIMIT))
    if share > PAUSED_LIMIT:
        noise.append("flow control paused it for %.0f %% of the last %.1f s (at most %.0f %% are quiet)%s"
                     % (share * 100, seconds, PAUSED_LIMIT * 100, ", as it asked for itself" if asked else ""))
    return {"noise": noise, "recv_queue": after["recv_queue"], "send_queue": after["send_queue"], "paused": round(share, 3),
            "asked": asked}
