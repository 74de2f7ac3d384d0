# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run lock in words, and how long it counts. Pure."""

from __future__ import annotations

import datetime

LOCK_SECONDS = 120.0
"""How long a lock counts after its holder was last heard of: a wait looks at its member every ten seconds."""

RESUME_SECONDS = 3600.0
"""How long after its holder was last heard of what it had done is worth knowing: somebody who asks later asks for all of it."""

REMEDY = ("Wait until that run has ended; if it is dead, its lock counts no more %d s after it was last heard of; to take over from a run "
          "that still lives, which is then refused at its next step: senhasegura_take_over=true" % LOCK_SECONDS)


SUPERSEDED_REMEDY = "Run the playbook again: it observes every member anew"


def held_text(holder, since, seconds):
    """The sentence about a lock that somebody else holds.

    :param since: epoch seconds.
    :param seconds: how long it still counts.
    """
    return "another run is changing the cluster: %s, since %s; its lock counts for another %.0f s" % (holder, _moment(since), seconds)


def superseded_text(holder, since):
    """The sentence for a run that another one has followed.

    :param holder: of the newest run.
    :param since: epoch seconds.
    """
    return ("another run has worked here since this one last held its lock: %s, since %s; what this one's plan was made of may be true no more"
            % (holder, _moment(since)))


def _moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
