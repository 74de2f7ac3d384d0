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


def test_only_these_are_proven_to_be_outside():
    assert set(evidence.OUTSIDE) == {"separated", "standalone", "down", "absent"}


def test_views_that_name_one_membership_in_another_order_are_one_component():
    declaration = b.declared()
    observations = b.living(declaration)
    observations["n2"]["observed"]["status"]["incoming_addresses"].reverse()
    assert evidence.split(declaration, observations) == []


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
