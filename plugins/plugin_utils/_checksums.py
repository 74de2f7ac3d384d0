# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checksums of tables prove that several members read. Pure."""

from __future__ import annotations


def compare(readings, known):
    """What readings of checksums prove.

    A table is settled when all read it at the same position, which did not move while their snapshots began.

    :param readings: dict of member name to what ``cluster_checksum`` read there: dict of table to dict of ``before``, ``after``
        (positions), ``checksum``.
    :param known: what earlier readings settled: dict of table to dict of member name to checksum.
    :returns: dict as ``known``, with what is settled now. A table that only some list is not yet: asked for by name, the others
        tell the checksum NULL.
    """
    found = dict(known)
    for table in tables_of(readings):
        read = {name: tables.get(table) for name, tables in readings.items()}
        if all(read.values()) and len({one[moment] for one in read.values() for moment in ("before", "after")}) == 1:
            found[table] = {name: one["checksum"] for name, one in read.items()}
    return found


DIFFER = 3
"""So often a table must differ. A transaction can be seen a moment before it is counted into the position, and a table whose definition
was just changed has no checksum in an older snapshot."""


def confirmed(found, known, doubts):
    """Leave out what has not differed often enough, so that it is read again.

    :param found: of :func:`compare`.
    :param known: what was settled before.
    :param doubts: dict of table to how often it has differed.
    :returns: tuple of what is settled, and the doubts.
    """
    differ = [table for table, read in found.items() if table not in known and len(set(read.values())) > 1]
    counted = dict(doubts, **{table: doubts.get(table, 0) + 1 for table in differ})
    return {table: read for table, read in found.items() if table not in differ or counted[table] >= DIFFER}, counted


LEAD_SECONDS = 2.0
"""As long before they are to begin members are told at which position."""


def meeting(readings, before, moment):
    """At which position all should begin their next snapshots.

    :param before: dict of ``newest`` (position) and ``moment`` of the last call, or empty.
    :returns: dict of ``newest``, ``moment``, and ``position``; 0 where none can be told.
    """
    newest = max([one["now"] for tables in readings.values() for one in tables.values()] or [0])
    seconds = moment - before["moment"] if before else 0
    pace = (newest - before["newest"]) / seconds if seconds > 0 else 0
    return {"newest": newest, "moment": moment, "position": newest + 1 + int(pace * LEAD_SECONDS) if pace > 0 else 0}


def tables_of(readings):
    """Every table that somebody listed, sorted."""
    return sorted({table for tables in readings.values() for table in tables})


def differences(settled):
    """The tables that differ: list of sentences."""
    return ["%s: checksum %s" % (table, ", ".join("%s on %s" % (checksum, name) for name, checksum in read.items()))
            for table, read in sorted(settled.items()) if len(set(read.values())) > 1]
