# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as movement while a member is waited for. Pure."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED


def mark_of(seen):
    """What moves while a member comes nearer to being restored.

    A synchronized one has all data: what applications go on to write there is no way nearer to what it still lacks.

    :param seen: one look (``_watch.look``), or what stands for it while the member cannot be reached.
    """
    status = seen.get("status") or {}
    follows = (None, None) if status.get("local_state") == SYNCED else (status.get("last_committed"), status.get("recv_queue"))
    return (seen["state"], seen.get("bytes"), seen.get("percent")) + follows
