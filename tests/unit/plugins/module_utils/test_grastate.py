# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galera's saved state: more of test_texts.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._grastate import parse, recovered

UUID = "11111111-2222-3333-4444-55555555555a"
NONE = {"uuid": "00000000-0000-0000-0000-000000000000", "seqno": -1, "safe_to_bootstrap": False}


@pytest.mark.parametrize("text", [None, "", "# GALERA saved state\n", "uuid\nseqno\n"])
def test_a_file_without_history(text):
    assert parse(text) == NONE


@pytest.mark.parametrize("line, seqno", [("seqno: 0", 0), ("seqno:   -1", -1), ("seqno: x", -1), ("seqno:", -1), ("", -1),
                                         ("seqno: 9223372036854775807", 2**63 - 1), ("seqno: -7", -7)])
def test_sequence_numbers(line, seqno):
    assert parse("uuid:    %s\n%s\nsafe_to_bootstrap: 1\n" % (UUID.upper(), line)) == {
        "uuid": UUID, "seqno": seqno, "safe_to_bootstrap": True}


@pytest.mark.parametrize("flag, safe", [("1", True), ("0", False), ("yes", False), ("", False)])
def test_only_1_is_safe(flag, safe):
    assert parse("uuid: %s\nsafe_to_bootstrap: %s\n" % (UUID, flag))["safe_to_bootstrap"] is safe


def test_a_history_that_is_no_uuid_is_not_taken_for_none():
    """What cannot be read must not look like "no history", which a join replaces without asking."""
    assert parse("uuid: 1111\nseqno: 5\n")["uuid"] == "1111"


@pytest.mark.parametrize("line, found", [
    ("WSREP: Recovered position: %s:42" % UUID.upper(), {"uuid": UUID, "seqno": 42, "gtid": ""}),
    ("WSREP: Recovered position: %s:42,0-1-99" % UUID, {"uuid": UUID, "seqno": 42, "gtid": "0-1-99"}),
    ("WSREP: Recovered position: 00000000-0000-0000-0000-000000000000:-1", {"uuid": NONE["uuid"], "seqno": -1, "gtid": ""}),
    ("WSREP: Recovered position: %s" % UUID, {}), ("", {}), (None, {})])
def test_what_innodb_recovered(line, found):
    assert recovered(line and "2026-11-23 19:36:14 0 [Note] %s\n" % line) == found


def test_the_last_recovery_counts():
    text = "".join("x [Note] WSREP: Recovered position: %s:%d\n" % (UUID, seqno) for seqno in (7, 9, 8))
    assert recovered(text)["seqno"] == 8
