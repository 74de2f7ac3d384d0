# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galera's ``grastate.dat``, and what InnoDB recovers: the history that a stopped member holds; ``gvwstate.dat``, with whom it was. Pure text."""

from __future__ import annotations

import re

from ._values import UNDEFINED_SEQNO, ZERO_UUID

_LINE = re.compile(r"^(uuid|seqno|safe_to_bootstrap)\s*:\s*(\S+)\s*$", re.MULTILINE)
_RECOVERED = re.compile(r"WSREP: Recovered position:?\s+([0-9a-fA-F-]{36}):(-?\d+)(?:,(\d+-\d+-\d+))?\s*$", re.MULTILINE)
"""With ``wsrep_gtid_mode`` MariaDB's own GTID (domain-server-sequence) stands behind it."""

_OWN = re.compile(r"^my_uuid:\s*(\S+)\s*$", re.MULTILINE)
_VIEW = re.compile(r"^view_id:\s*\d+\s+\S+\s+(\d+)\s*$", re.MULTILINE)
_VOTER = re.compile(r"^member:\s*([0-9a-fA-F-]{36})\s+\d+\s*$", re.MULTILINE)


def parse(text):
    """The saved state.

    :param text: the file's content; empty or None when there is no file.
    :returns: dict of ``uuid`` (text), ``seqno`` (int, -1 undefined), ``safe_to_bootstrap`` (bool). A file that is
        empty or broken holds no history, as in Galera.
    """
    found = dict(_LINE.findall(text or ""))
    seqno = found.get("seqno", "")
    return {
        "uuid": found.get("uuid", ZERO_UUID).lower(),
        "seqno": int(seqno) if re.match(r"^-?\d+$", seqno) else UNDEFINED_SEQNO,
        "safe_to_bootstrap": found.get("safe_to_bootstrap") == "1",
    }


def recovered(text):
    """The position that ``mariadbd --wsrep-recover`` tells last.

    :returns: dict of ``uuid``, ``seqno`` and ``gtid`` (MariaDB's own, or ""); empty where it tells none.
    """
    found = _RECOVERED.findall(text or "")
    return {"uuid": found[-1][0].lower(), "seqno": int(found[-1][1]), "gtid": found[-1][2]} if found else {}


def view(text):
    """The saved view: the last primary component in which a voter was, and as whom.

    :param text: the content of ``gvwstate.dat``; empty or None when there is no file.
    :returns: dict of ``own`` (who the voter is), ``number`` (int, views of one component are counted) and ``members`` (all voters of the view,
        the arbitrator too); empty where the file is not whole.
    """
    own, number, members = [found.findall(text or "") for found in (_OWN, _VIEW, _VOTER)]
    if len(own) != 1 or len(number) != 1 or not members:
        return {}
    return {"own": _voter(own[0]), "number": int(number[0]), "members": [_voter(one) for one in members]}


def _voter(uuid):
    """A voter's UUID without its fourth group, in which Galera counts how often it has come back from a saved view."""
    parts = uuid.lower().split("-")
    return "-".join(parts[:3] + parts[4:])
