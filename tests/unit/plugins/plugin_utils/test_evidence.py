# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a member stands, whether those who serve are one component, and who holds the newest history."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _evidence as evidence
from ansible_collections.senhasegura.cluster.tests.unit import members as b


def changing(one):
    one["observed"]["service"]["changing"] = True
    return one


@pytest.mark.parametrize("one, state", [
    (b.unreachable(), "unknown"),
    (b.serving("n1", ["n1", "n2"]), "serving"),
    (b.serving("n1", ["n1", "n2"], ready=False, local_state=1, local_state_comment="Joining"), "serving"),
    (changing(b.serving("n1", ["n1", "n2"])), "serving"),
    (b.separated("n1"), "separated"),
    (changing(b.separated("n1")), "moving"),
    (b.fresh("n1"), "standalone"),
    (changing(b.fresh("n1")), "moving"),
    (b.moving("n1"), "moving"),
    (b.observation("n1", "active"), "moving"),
    (b.down("n1"), "down"),
    (b.absent("n1"), "absent")])
def test_where_a_member_stands(one, state):
    assert evidence.classify(one) == state


def test_a_copy_of_a_member_is_another_voter_of_its_address():
    declared = b.declared(2)
    seen = b.living(declared)
    for one in seen.values():
        one["observed"]["status"] = b.synced(["n1", "n2", "n2"])
    assert evidence.split(declared, seen) == [
        "%s: its database is in a component that holds 10.0.0.12 more than once, so that another host, such as a copy of that member, runs with "
        "its settings; stop the database there" % name for name in ("n1", "n2")]


def test_only_these_are_proven_to_be_outside():
    assert set(evidence.OUTSIDE) == {"separated", "standalone", "down", "absent"}


def test_views_that_name_one_membership_in_another_order_are_one_component():
    declaration = b.declared()
    observations = b.living(declaration)
    observations["n2"]["observed"]["status"]["incoming_addresses"].reverse()
    assert evidence.split(declaration, observations) == []


def views(**members):
    """Observations of members that serve, from the names that each one sees and the configuration."""
    return {name: b.serving(name, seen, b.settings_as(b.declared(), name), conf_id=conf_id) for name, (seen, conf_id) in members.items()}


ALL = ["n1", "n2", "n3"]


def test_views_of_two_moments_are_no_second_component():
    """As two members were seen right after the third one was killed: the one still had it in its view."""
    seen = views(n1=(ALL, "9"), n2=(["n1", "n2"], "10"))
    assert evidence.unsettled(seen)
    assert evidence.split(b.declared(), dict(seen, n3=b.down("n3"))) == [
        "the members' views of the cluster are not of one moment, because a member comes or goes: n1 sees n1, n2, n3 (configuration 9); "
        "n2 sees n1, n2 (configuration 10). Run again when it has arrived or is gone"]


@pytest.mark.parametrize("seen, unsettled", [
    (views(n1=(ALL, "9"), n2=(ALL, "9"), n3=(ALL, "9")), False),
    (views(n1=(ALL, "9"), n2=(ALL, "9"), n3=(ALL, "8")), True),
    (views(n1=(ALL, "9"), n2=(["n2", "n3"], "10"), n3=(["n2", "n3"], "10")), True),
    (views(n1=(["n1"], "9"), n2=(["n2", "n3"], "9"), n3=(["n2", "n3"], "9")), False),
    (views(n1=(["n1", "n2"], "9"), n2=(["n1", "n2"], "9"), n3=(["n3"], "10")), False),
    ({"n1": b.down("n1"), "n2": b.unreachable()}, False)],
    ids=["one", "the last one is behind", "cut off and not yet aware", "two", "two, one of them of one member", "nobody serves"])
def test_what_is_worth_to_be_observed_again(seen, unsettled):
    assert evidence.unsettled(seen) is unsettled


@pytest.mark.parametrize("behind", [{"ready": False}, {"local_state": 2, "local_state_comment": "Donor/Desynced"}])
def test_a_causal_read_is_asked_only_of_who_can_answer_one(behind):
    declaration = b.declared()
    observations = b.living(declaration)
    observations["n2"]["observed"]["status"].update(behind, current=False)
    assert evidence.split(declaration, observations) == []


@pytest.mark.parametrize("candidates, names", [
    ({"n1": b.saved(b.UUID, -1)}, ["n1"]),
    ({"n1": b.saved(b.UUID, 5), "n2": b.saved(b.UUID, 6)}, ["n2"]),
    ({"n1": b.saved(b.UUID, 6), "n2": b.saved(b.UUID, 6), "n3": b.saved(b.UUID, 0)}, ["n1", "n2"]),
    ({"n1": b.saved(b.UUID, 6), "n2": b.saved(b.UUID, -1)}, [])])
def test_the_newest_history(candidates, names):
    found, problem = evidence.newest(candidates)
    assert found == names and bool(problem) is not bool(found)
