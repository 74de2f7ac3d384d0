# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the report, as a person reads them."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import (on_disk, plan_lines, problem_text, report_lines,
                                                                                 size)
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TWO = b.declared(2)
ADVICE = ("Note: two members without an arbitrator: if the primary fails, the other stops serving until a person assumes it as "
          "primary.")
SHUT_OUT = ("Note: the database of n1, n2 answers clients on its own host only (bind_address). Where clients or a load balancer reach it over "
            "the network, set senhasegura_bind_address.")


def test_a_plan_with_work_names_everybody():
    lines = plan_lines(TWO, make_plan(TWO, b.living(TWO, n2=b.fresh("n2"))))
    assert lines == [
        "   member  what                                    why",
        "1  n2      restart and receive the cluster's data  it joins the cluster that serves; it holds no data of its own",
        "-  n1      nothing to do                           it is as declared",
        ADVICE, SHUT_OUT, "Every joining member's database is replaced by the cluster's.",
        "Transfer: n2 receives all data, about 100 MB by rsync (SST).",
        "Expected downtime: none of the cluster, which serves on; n2 serves once the cluster's data are there; the donor takes no writes while "
        "rsync copies.",
        "Votes when all are in: 3 (n1 2, n2 1).", "Then the cluster serves on without n2 (2 of 3 votes).",
        "But without n1 (1 of 3 votes) nobody serves until a person decides."]


@pytest.mark.parametrize("present, wanted, shut_out", [
    ("127.0.0.1", "", ["n1"]), ("localhost", "", ["n1"]), ("127.0.0.1,::1", "", ["n1"]), ("::1", "", ["n1"]),
    ("", "", []), ("*", "", []), ("0.0.0.0", "", []), ("127.0.0.1, 10.0.0.11", "", []), ("db.example", "", []),
    ("127.0.0.1", "*", []), ("0.0.0.0", "127.0.0.1", ["n1"])])
def test_a_database_that_answers_on_its_own_host_only_is_told(present, wanted, shut_out):
    declared = b.declared(1, bind_address=wanted)
    observations = b.living(declared)
    observations["n1"]["observed"]["settings"]["members"]["bind_address"] = present
    assert make_plan(declared, observations)["shut_out"] == shut_out


def test_who_receives_all_data_and_who_catches_up():
    three = b.declared(3)
    fresh = plan_lines(three, make_plan(three, b.living(three, n3=b.fresh("n3"))))
    assert fresh[-4] == "Transfer: n3 receives all data, about 100 MB by rsync (SST), from n2."
    stopped = plan_lines(three, make_plan(three, b.living(three, n3=b.down("n3", seqno=90))))
    assert stopped[-4] == ("Transfer: n3 catches up 410 transactions (IST); if no donor's cache holds them any more, it receives all data, about "
                           "100 MB by rsync (SST), from n2.")


def test_what_has_arrived_of_all_data():
    assert [on_disk(40 * 2**20, 125 * 2**20), on_disk(40 * 2**20)] == ["40 MB on disk of about 125 MB", "40 MB on disk"]


def forecast(declared, observations):
    """The lines of a plan about downtime and votes."""
    lines = plan_lines(declared, make_plan(declared, observations))
    return lines[next(number for number, line in enumerate(lines) if line.startswith("Expected downtime: ")):]


def test_a_new_cluster_serves_with_its_first_member():
    three = b.declared(3)
    assert forecast(three, {name: b.fresh(name) for name in b.names_of(3)})[0] == (
        "Expected downtime: the database of n1 is away for seconds while it restarts as the first member; the cluster serves from then on; "
        "n2 and n3 serve once the cluster's data are there; the donor takes no writes while rsync copies.")


def test_restarts_tell_whom_the_cluster_must_not_lose_meanwhile():
    segments = b.declared(3, b.hosts(3, n2={"segment": 2}), arbitrator="10.0.0.9", different_datacenters=True, latency="low")
    assert forecast(segments, b.living(b.declared(3, arbitrator="10.0.0.9"))) == [
        "Expected downtime: none of the cluster, which serves on the others, one member away at a time, each for seconds while it stops, starts "
        "and catches up; its connections end, so clients must connect to another member.",
        "While n2 is away: 4 of 5; it must not lose the arbitrator too.",
        "Votes when all are in: 5 (n1 1, n2 1, n3 1, the arbitrator 2).",
        "Then the cluster serves on without n1 (4 of 5 votes), without n2 (4 of 5 votes), without n3 (4 of 5 votes), without the arbitrator "
        "(3 of 5 votes)."]


def test_an_arbitrator_that_does_not_vote_is_not_counted_upon():
    two = b.declared(2, b.hosts(2, n2={"segment": 2}), arbitrator="10.0.0.9")
    assert forecast(two, b.living(b.declared(2, arbitrator="10.0.0.9"), garbd=False))[1:] == [
        "While n2 is away: 2 of 3; it must not lose n1 too.", "Votes when all members are in: 3 (n1 2, n2 1); the arbitrator 10.0.0.9 does not "
        "vote now.", "Then the cluster serves on without n2 (2 of 3 votes).", "But without n1 (1 of 3 votes) nobody serves until a person decides."]
    assert forecast(two, {name: b.fresh(name) for name in ("n1", "n2")})[1] == "Votes when all are in: 5 (n1 2, n2 1, the arbitrator 2)."


def test_what_changes_on_line_interrupts_nobody():
    assert forecast(b.declared(3, primary="n2"), b.living(b.declared(3)))[0] == "Expected downtime: none."


def test_a_plan_in_the_order_of_work():
    plan = make_plan(b.declared(2, primary="n2"), {"n1": b.fresh("n1"), "n2": b.fresh("n2")})
    assert [line.split()[:3] for line in plan_lines(TWO, plan)[1:3]] == [["1", "n2", "restart"], ["2", "n1", "restart"]]


def test_a_plan_without_work():
    assert plan_lines(TWO, make_plan(TWO, b.living(TWO))) == ["Nothing to do: all 2 members are as declared.", ADVICE, SHUT_OUT]


def test_the_report():
    declaration = b.declared(2, b.hosts(2, n2={"segment": 2}), arbitrator="10.0.0.9")
    observations = {name: b.serving(name, ["n1", "n2", ""], b.settings_as(declaration, name)) for name in ("n1", "n2")}
    assert report_lines(declaration, observations, {"n2": 12.34}) == [
        "member  address    segment  primary  state            votes  took",
        "n1      10.0.0.11  -        yes      Primary, Synced  2      -",
        "n2      10.0.0.12  2        -        Primary, Synced  1      12.3 s",
        "One component, proven on every member: 3 voters, configuration 7, state UUID %s." % b.UUID]


@pytest.mark.parametrize("count, text", [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (100 * b.MB, "100 MB"),
                                         (1024 * b.MB, "1.0 GB"), (1024**4, "1024.0 GB")])
def test_bytes(count, text):
    assert size(count) == text


def test_all_problems_are_told_at_once():
    assert problem_text("Refused.", ["one", "two"]) == "Refused.\n- one\n- two"
