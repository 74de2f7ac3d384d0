# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checksums of tables prove that several members read. Pure."""

from __future__ import annotations


def compare(readings, known):
    """What readings of checksums prove.

    A table is settled when all read it at the same position, which did not move meanwhile.

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


def tables_of(readings):
    """Every table that somebody listed, sorted."""
    return sorted({table for tables in readings.values() for table in tables})


def differences(settled):
    """The tables that differ: list of sentences."""
    return ["%s: checksum %s" % (table, ", ".join("%s on %s" % (checksum, name) for name, checksum in read.items()))
            for table, read in sorted(settled.items()) if len(set(read.values())) > 1]
