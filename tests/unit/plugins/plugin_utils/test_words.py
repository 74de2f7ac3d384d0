# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the report, as a person reads them."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import (plan_lines, problem_text, report_lines,
                                                                                 size)
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TWO = b.declared(2)
ADVICE = ("Note: two members without an arbitrator: if the primary fails, the other stops serving until a person assumes it as "
          "primary.")


def test_a_plan_with_work_names_everybody():
    lines = plan_lines(TWO, make_plan(TWO, b.living(TWO, n2=b.fresh("n2"))))
    assert lines == [
        "   member  what                                    why",
        "1  n2      restart and receive the cluster's data  it joins the cluster that serves; it holds no data of its own",
        "-  n1      nothing to do                           it is as declared",
        ADVICE, "Every joining member's database is replaced by the cluster's.",
        "Transfer: n2 receives all data, about 100 MB by rsync (SST)."]


def test_who_receives_all_data_and_who_catches_up():
    three = b.declared(3)
    fresh = plan_lines(three, make_plan(three, b.living(three, n3=b.fresh("n3"))))
    assert fresh[-1] == "Transfer: n3 receives all data, about 100 MB by rsync (SST), from n2."
    stopped = plan_lines(three, make_plan(three, b.living(three, n3=b.down("n3", seqno=90))))
    assert stopped[-1] == ("Transfer: n3 catches up 410 transactions (IST); if no donor's cache holds them any more, it receives all data, about "
                           "100 MB by rsync (SST).")


def test_a_plan_in_the_order_of_work():
    plan = make_plan(b.declared(2, primary="n2"), {"n1": b.fresh("n1"), "n2": b.fresh("n2")})
    assert [line.split()[:3] for line in plan_lines(TWO, plan)[1:3]] == [["1", "n2", "restart"], ["2", "n1", "restart"]]


def test_a_plan_without_work():
    assert plan_lines(TWO, make_plan(TWO, b.living(TWO))) == ["Nothing to do: all 2 members are as declared.", ADVICE]


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
