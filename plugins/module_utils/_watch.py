# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching one member until it is restored, from beside it: no round trip is lost between looks."""

from __future__ import annotations

import time

from ._restored import SYNCED, in_another_component, missing_evidence

LOOK_SECONDS = 0.15
"""Between two looks: a look costs two runs of the client and one of systemctl, about 0.05 s."""

ANSWERING_SECONDS = 0.03
"""The same while the database answers: what is missing now comes at once or after a transfer."""

NEARLY_SECONDS = 1.0
"""A member that is synchronized is restored in a moment: so long its new state is no news to return with."""

PATIENCE_SECONDS = 2.0
"""A look does not wait for the cluster to hold still: the next look sees it."""


def watch(platform, expected, known, seconds, clock=time.monotonic, pause=time.sleep):
    """Look until the member is restored, has failed, has changed its state, or the time is up.

    :param platform: the :class:`_platforms.interface.Platform`.
    :param expected: dict of ``addresses`` (who must form the component), ``arbitrator``, ``arriving`` (who may), and
        ``arbitrator_vote`` (of :data:`_restored.ARBITRATOR_VOTES`).
    :param known: the state in words that the caller already knows; another one ends the watch.
    :param seconds: how long to look at the most.
    :returns: dict of ``restored`` (bool), ``missing`` (sentences), ``status``, what ``progress`` tells, and ``log``: the error log's
        last telling lines wherever the wait may end on what was seen. Restored and in another component are told only when two
        looks in a row agree on the same view.
    """
    seen = _looked(platform, expected, known, seconds, clock, pause)
    # Where nothing changes for as long as a look lasts, the caller may find a stall; who was started again may be so for ever.
    may_end = seen["failure"] or seen["restarts"] or seen["state"] == known
    return dict(seen, log=platform.telling() if may_end and not seen["restored"] else [])


def _looked(platform, expected, known, seconds, clock, pause):
    """What :func:`watch` returns, but for the log."""
    deadline = clock() + seconds
    before = synced_at = None
    while True:
        seen = look(platform, expected)
        stable = before is not None and _view(before) == _view(seen)
        if seen["failure"] or clock() >= deadline:
            return dict(seen, restored=seen["restored"] and stable)
        if (seen["restored"] or seen["elsewhere"]) and stable:
            return seen if seen["restored"] else dict(seen, failure=_elsewhere(seen))
        synced_at = synced_at or (clock() if seen["status"]["local_state"] == SYNCED else None)
        nearly = synced_at is not None and clock() - synced_at < NEARLY_SECONDS
        if not (seen["restored"] or seen["elsewhere"] or nearly) and seen["state"] != known:
            return seen
        before = seen
        pause(ANSWERING_SECONDS if seen["status"]["answers"] else LOOK_SECONDS)


def look(platform, expected):
    """One look: what :func:`watch` returns, of this moment."""
    status = platform.status(patience=PATIENCE_SECONDS)
    component = (expected["addresses"], expected["arbitrator"], expected["arriving"])
    missing = missing_evidence(status, *component, arbitrator_vote=expected.get("arbitrator_vote", "allowed"))
    seen = dict(platform.progress(status), status=status, missing=missing)
    settled = not seen["changing"] and not seen["failure"]
    seen["restored"] = settled and not missing
    seen["elsewhere"] = settled and in_another_component(status, *component)
    return seen


def _view(seen):
    status = seen["status"]
    return seen["restored"], seen["elsewhere"], status["conf_id"], status["state_uuid"], status["incoming_addresses"]


def _elsewhere(seen):
    return "it serves in a component that is not the cluster's: " + "; ".join(seen["missing"])
