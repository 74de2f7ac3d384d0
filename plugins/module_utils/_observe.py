# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a member: what ``cluster_info`` tells, and ``cluster_steps`` behind its steps. Never writes."""

from __future__ import annotations

from ._lock import interrupted, read as read_lock
from ._values import STEPS

PARTS = ("settings", "service", "status", "saved", "data", "host", "sync", "ports")


def observe(platform, gather, peers=()):
    """What was asked for.

    :param platform: the :class:`_platforms.interface.Platform`.
    :param gather: some of :data:`PARTS`.
    :param peers: addresses of the other members, for ``ports``.
    :returns: dict of every part, ``platform``, and ``lock`` (who is changing the cluster now, or None) and ``interrupted`` (see
        :func:`_lock.interrupted`); ``settings`` come with ``restart_reasons``, ``contradictions`` and ``admitted``, and with
        ``capabilities``, as ``host`` does.
    """
    readers = {"service": platform.service, "status": platform.status, "saved": platform.saved,
               "data": platform.data, "host": platform.host, "sync": platform.sync_state}
    observed = {"platform": platform.name}
    if "settings" in gather:  # first: without root the platform itself tells best what is missing
        observed.update(admitted=platform.admitted(), contradictions=platform.contradictions())
    observed.update({part: read() for part, read in readers.items() if part in gather})
    if "settings" in gather:  # behind the status: what runs on a member that serves is never older than its serving
        observed.update(_settings(platform))
    if "settings" in gather or "host" in gather:
        observed["capabilities"] = platform.capabilities()
    if "ports" in gather:
        observed["ports"] = platform.ports(list(peers))
    return dict(observed, lock=read_lock(), interrupted=interrupted())  # last, for the same reason


def _settings(platform):
    """The settings of every step, and why the member would have to restart for them."""
    settings = {step: platform.read(step) for step in STEPS}
    reasons = [reason for step in STEPS for reason in platform.restart_required(step, settings[step])]
    return {"settings": settings, "restart_reasons": reasons}
