# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be kept before anything changes: a snapshot that somebody acknowledges, and a backup of ours. Pure."""

from __future__ import annotations

import calendar
import json
import re
import shlex

from ._checks_base import FAIL, WARN, ansible, each_probed, fail, names, observed, ok, probe, skipped, unknown
from ._words import size

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)? ?(?:(Z)|([+-])(\d{2}):?(\d{2}))?")

_FUTURE_SECONDS = 120.0
"""The clock of whoever took the snapshot may be ahead by this much."""

_EXPECTED = "a snapshot not older than %g h"

_NO_AGE = "no %s is looked for, since no %s is declared"
_SET_AGE = ("set %s to the hours that it may be old, or %s; or answer for doing without: senhasegura_waivers: [%s]")
_TAKEN = "%s takes one before anything changes"
"""The vendor's guide asks for both before anything else: that nobody looks is said until somebody answers for it."""


def moment(text):
    """Seconds since the epoch of an ISO 8601 time; without an offset it is UTC.

    :param text: also what YAML made of it (a datetime prints itself so).
    :returns: float, or None when it is no such time.
    """
    found = _ISO.fullmatch(str(text).strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(found.group(number) or 0) for number in range(1, 7))
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1] and hour < 24 and minute < 60 and second < 60):
        return None
    offset = (int(found.group(9)) * 60 + int(found.group(10))) * 60 if found.group(8) else 0
    return calendar.timegm((year, month, day, hour, minute, second)) - (offset if found.group(8) == "+" else -offset)


def snapshot_taken(facts):
    """``snapshot.taken``: judged where a maximal age is declared; unknown where nobody said how old one may be, or does without."""
    limit = facts.gate["max_age_hours"]
    if not limit:
        return [_not_asked(name, "snapshot", facts.gate["keeping"][name]["snapshot"]) for name in names(facts)]
    found = [_judge(name, facts.gate["taken"].get(name), facts.gate["now"], limit) for name in names(facts)]
    return [_taken_first(finding, "senhasegura_snapshot_tasks") if facts.gate["keeping"][finding.member]["snapshot"] else finding
            for finding in found]


_ASKED = {"snapshot": ("senhasegura_snapshot_max_age", "senhasegura_snapshot_tasks", "to a file of tasks that take one", "snapshot.taken"),
          "backup": ("senhasegura_backup_max_age", "senhasegura_backup_before", "to true", "backup.recent")}


def _not_asked(name, what, kept):
    """What is said without a maximal age.

    :param kept: whether ``create_cluster`` is told to take one itself.
    """
    age, before, value, identity = _ASKED[what]
    if kept:
        return skipped(name, _TAKEN % before)
    return unknown(name, _NO_AGE % (what, age), _SET_AGE % (age, "%s %s" % (before, value), identity))


def _taken_first(finding, variable):
    """What lacks now is taken by ``create_cluster`` before it changes anything: it only warns."""
    if finding.status != FAIL:
        return finding
    return finding._replace(status=WARN, fix="nothing: " + _TAKEN % variable)


def _judge(name, taken, now, limit):
    fix = "take a snapshot of %s, and set senhasegura_snapshot_taken to its time, such as 2026-01-31T22:00:00Z" % name
    if taken in (None, ""):
        return fail(name, "no senhasegura_snapshot_taken is set for it", _EXPECTED % limit, fix)
    when = moment(taken)
    if when is None:
        return fail(name, "senhasegura_snapshot_taken is %r, which is no ISO 8601 time" % str(taken), _EXPECTED % limit, fix)
    hours = (now - when) / 3600.0
    if now - when < -_FUTURE_SECONDS:
        return fail(name, "senhasegura_snapshot_taken is %s, %.1f h in the future" % (taken, -hours), _EXPECTED % limit, fix)
    if hours > limit:
        return fail(name, "its snapshot of %s is %.1f h old" % (taken, hours), _EXPECTED % limit, fix)
    return ok(name, "a snapshot of %s, %.1f h ago, is acknowledged" % (taken, max(0.0, hours)))


def backup_recent(facts):
    """``backup.recent``: a whole backup of ours of every member that has data, where a maximal age is declared."""
    limit = facts.gate["backup_hours"]

    def judge(name, _host):
        if not (observed(facts, name) or {}).get("data", {}).get("schemas"):
            return skipped(name, "it has no data")
        if not limit:
            return _not_asked(name, "backup", facts.gate["keeping"][name]["backup"])
        finding = _judge_backup(facts, name, limit)
        return _taken_first(finding, "senhasegura_backup_before") if facts.gate["keeping"][name]["backup"] else finding
    return each_probed(facts, "host", judge)


def _judge_backup(facts, name, limit):
    backup, now = probe(facts, name, "backup"), facts.gate["now"]
    hours = (now - backup["taken"]) / 3600.0 if backup else None
    if hours is not None and hours <= limit:
        return ok(name, "%s (%s), %.1f h old" % (backup["path"], size(backup["bytes"]), max(0.0, hours)))
    seen = "its backup %s is %.1f h old" % (backup["path"], hours) if backup else "there is no whole backup of it"
    return fail(name, seen, "a backup not older than %g h" % limit,
                ansible(facts, "ansible " + name, "-m senhasegura.cluster.cluster_backup", *_into(facts.gate["directories"][name]))
                + ", or run create_cluster with senhasegura_backup_before: true")


def _into(directory):
    """The options that name a directory; none for the module's own, which is where this check looks as well.

    As JSON: in a path may be what an option of the form ``name=value`` cannot hold.
    """
    return ["-a " + shlex.quote(json.dumps({"directory": directory}))] if directory else []
