# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checksums and canaries prove of the data that members hold."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checksums import compare, confirmed, differences, meeting
from ansible_collections.senhasegura.cluster.tests.unit import probes
from hypothesis import given, settings
from hypothesis import strategies as st

RULE = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def read(checksum, before, after=None):
    return {"before": before, "after": before if after is None else after, "checksum": checksum}


def facts(canary=False, tables=(), **found):
    given_ = probes.facts()
    return given_._replace(data=dict(given_.data, asked={"canary": canary, "tables": list(tables)}, **found))


def test_tables_are_compared_at_one_position_only():
    mine = {"a": read("1", 5), "b": read("1", 5), "c": read("1", 5, 6), "d": read("7", 6)}
    theirs = {"a": read("1", 5), "b": read("2", 5), "c": read("1", 5, 6), "d": read("8", 7)}
    settled = compare({"n3": mine, "n2": theirs}, {})
    assert settled == {"a": {"n3": "1", "n2": "1"}, "b": {"n3": "1", "n2": "2"}}
    assert differences(settled) == ["b: checksum 1 on n3, 2 on n2"]
    assert set(compare({"n3": {"d": read("8", 9)}, "n2": {"d": read("8", 9)}}, settled)) == {"a", "b", "d"}


def test_a_table_that_one_side_lacks_is_asked_for_by_name():
    assert compare({"n3": {"a": read("1", 5)}, "n2": {}}, {}) == {}
    assert differences(compare({"n3": {"a": read("1", 5)}, "n2": {"a": read("NULL", 5)}}, {})) == ["a: checksum 1 on n3, NULL on n2"]


def test_what_differs_is_read_again_before_it_is_said():
    found, doubts = {"a": {"n3": "1", "n2": "1"}, "b": {"n3": "1", "n2": "2"}}, {}
    for times in (1, 2):
        settled, doubts = confirmed(found, {}, doubts)
        assert (settled, doubts) == ({"a": {"n3": "1", "n2": "1"}}, {"b": times})
    assert confirmed(found, {}, doubts) == (found, {"b": 3})
    assert confirmed(found, found, {}) == (found, {}), "what is settled stays so"
    assert confirmed({"b": {"n3": "2", "n2": "2"}}, {}, {"b": 2})[0] == {"b": {"n3": "2", "n2": "2"}}


def test_all_begin_their_next_snapshots_at_a_position_that_is_yet_to_come():
    first = meeting({"n3": {"a": dict(read("1", 5), now=10)}, "n2": {"a": dict(read("1", 6), now=12)}}, {}, 100.0)
    assert first == {"newest": 12, "moment": 100.0, "position": 0}
    assert meeting({"n3": {"a": dict(read("1", 5), now=412)}}, first, 110.0)["position"] == 412 + 1 + 80
    assert meeting({"n3": {"a": dict(read("1", 5), now=12)}}, first, 110.0)["position"] == 0, "nobody writes"
    assert meeting({}, {}, 1.0)["position"] == 0


READING = st.dictionaries(st.sampled_from("abc"), st.builds(read, st.sampled_from("12"), st.integers(1, 3), st.integers(1, 3)))


@RULE
@given(st.fixed_dictionaries({"n1": READING, "n2": READING, "n3": READING}))
def test_equal_is_only_said_of_what_all_read_at_one_position(readings):
    settled = compare(readings, {})
    for table, checksums in settled.items():
        positions = {readings[name][table][moment] for name in readings for moment in ("before", "after")}
        assert len(positions) == 1 and checksums == {name: readings[name][table]["checksum"] for name in readings}


def test_a_member_that_lacks_a_row_fails():
    seen = facts(True, written={"n1": "x", "n2": "y"}, read={"n1": {"n1": "x", "n2": "y"}, "n2": {"n1": "old", "n2": "y"}})
    assert [(one.member, one.status, one.seen) for one in probes.findings(seen, "data.canary")] == [
        ("n1", "ok", "it shows the rows that n1, n2 wrote a moment before"),
        ("n2", "fail", "it does not show the row that n1 wrote a moment before"),
        ("n3", "unknown", "no row was written or read there: its database does not serve, or this is check mode")]
    assert {one.status for one in probes.findings(facts(), "data.canary")} == {"skipped"}


def test_a_member_whose_part_failed_or_that_vanished_is_not_passed_over():
    seen = facts(True, ["all"], written={"n1": "x", "n3": "z"}, read={"n1": {"n1": "x", "n3": "z"}}, failed={"n2": "MariaDB refused"},
                 compared={"members": ["n1"], "settled": {}, "moving": [], "differences": []})
    assert [(one.member, one.status, one.seen) for one in probes.findings(seen, "data.canary")] == [
        ("n1", "ok", "it shows the rows that n1, n3 wrote a moment before"),
        ("n2", "fail", "it did not write its row or read those of the others: MariaDB refused"),
        ("n3", "fail", "it could not be reached when it was to show the rows that the members wrote")]
    assert [(one.status, one.seen) for one in probes.findings(seen, "data.equal")] == [
        ("fail", "n2 did not tell its checksums: MariaDB refused"), ("unknown", "n3 did not serve or could not be reached: not compared"),
        ("unknown", "fewer than two members could read their checksums")]


def test_tables_that_differ_are_absent_or_always_written_to():
    compared = {"members": ["n1", "n2", "n3"], "settled": {"a": {"n1": "1", "n2": "2"}, "b": {"n1": "NULL", "n2": "NULL"}},
                "moving": ["c"], "differences": ["a: checksum 1 on n1, 2 on n2"]}
    assert [(one.status, one.seen) for one in probes.findings(facts(tables=["all"], compared=compared), "data.equal")] == [
        ("fail", "a: checksum 1 on n1, 2 on n2"), ("fail", "nobody has the table b"),
        ("unknown", "c: the cluster wrote whenever they were read; run it again when less is written")]
    whole = {"members": ["n1", "n2", "n3"], "settled": {"a": {"n1": "1", "n2": "1", "n3": "1"}}, "moving": [], "differences": []}
    assert [(one.status, one.seen) for one in probes.findings(facts(tables=["all"], compared=whole), "data.equal")] == [
        ("ok", "1 tables have the same checksums on n1, n2, n3, each read at one position")]
    assert [one.status for one in probes.findings(facts(tables=["all"]), "data.equal")] == ["unknown", "unknown"]
