# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan may decide for a member. Pure."""

from __future__ import annotations

NONE, CONFIGURE, RESTART, BOOTSTRAP, JOIN, REFUSE = "none", "configure", "restart", "bootstrap", "join", "refuse"

RESTARTING = (RESTART, BOOTSTRAP, JOIN)
"""The actions that need a Yes."""


def settle_steps(observed):
    """The steps, as ``cluster_steps`` takes them, that take back what counts only while a member joins; its settings stay as they are."""
    return [{"cluster_" + step: {"settle": True}} for step in observed["capabilities"]["settle"]]


def decision(action, reason, **more):
    """The decision for one member, in plain values.

    :returns: dict of ``action``, ``reason``; ``wait_first`` (what is under way is waited for), ``backup`` and ``set_aside``
        (of the data that joining replaces); ``outside`` (it may be stopped where it serves in no primary component);
        ``settings`` (per step the options of its module), ``changes`` (per step what
        differs), ``admit`` (addresses to let in), ``before`` (steps to apply before it is started in a recovery), ``again`` (steps to
        apply once more when it is restored), ``settle`` (steps to apply when everybody is), ``manual`` (settings that only a person
        can change); ``expected`` (addresses that must form the component when it is done) and ``arriving`` (who may);
        ``transfer`` (of a joiner: ``bytes``, ``method``, ``behind``, the transactions that it lacks, or None where it receives all
        data); ``donors`` (names of members from whom it rather receives them) and ``only_donors`` (from nobody else); ``left_behind`` (who has
        recorded that it was left behind) and ``known_as`` (the addresses under which they have).
    """
    return dict({"action": action, "reason": reason, "wait_first": False, "backup": False, "set_aside": False, "outside": False,
                 "changes": {},
                 "settings": {}, "admit": [], "before": [], "again": [], "settle": [], "manual": {}, "expected": [], "arriving": [],
                 "left_behind": [], "known_as": [], "transfer": {}, "donors": [], "only_donors": False}, **more)
