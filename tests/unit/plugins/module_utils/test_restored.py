# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one member alone can tell of being restored."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import (
    UNSPECIFIED, in_another_component, missing_evidence, named, repeated)
from ansible_collections.senhasegura.cluster.tests.unit import members as b

BOTH = ["10.0.0.11", "10.0.0.12"]


@pytest.mark.parametrize("changes, missing", [
    ({}, []),
    ({"answers": False}, ["the database does not answer"]),
    ({"wsrep_on": False}, ["it runs standalone"]),
    ({"ready": False}, ["it is not ready"]),
    ({"connected": False}, ["it is not connected to a component"]),
    ({"cluster_status": "non-Primary"}, ["its component is non-Primary"]),
    ({"cluster_status": ""}, ["its component is unknown"]),
    ({"local_state": 2, "local_state_comment": "Donor/Desynced"}, ["its state is Donor/Desynced"]),
    ({"local_state": 0, "local_state_comment": ""}, ["its state is unknown"]),
    ({"current": False}, ["no causal read has shown its view to be current"]),
    ({"size": 3}, ["it counts 3 voters but lists 2"])])
def test_each_piece_of_evidence(changes, missing):
    assert missing_evidence(b.synced(["n1", "n2"], **changes), BOTH) == missing


@pytest.mark.parametrize("view, arbitrator, arriving, missing", [
    (["n2", "n1"], "", [], []),
    (["n1"], "", [], ["its component lacks 10.0.0.12"]),
    (["n1", "n2", "n3"], "", [], ["its component also holds 10.0.0.13"]),
    (["n1", "n2", "n3"], "", ["10.0.0.13"], []),
    (["n1", "n2"], "", ["10.0.0.13"], []),
    (["n1", "n3"], "", [], ["its component lacks 10.0.0.12", "its component also holds 10.0.0.13"]),
    (["n1", "n2", ""], "", [], ["its component holds 1 voters without an address"]),
    (["n1", "n2", ""], "10.0.0.9", [], []),
    (["n1", "n2", "", ""], "10.0.0.9", [], ["its component holds 2 voters without an address"]),
    (["n1", "n2", "n2"], "", [], ["its component holds 10.0.0.12 more than once, so that another host runs as that member"]),
    (["n1", "n2", "n3", "n3"], "", ["10.0.0.13"], ["its component holds 10.0.0.13 more than once, so that another host runs as that member"])])
def test_the_membership(view, arbitrator, arriving, missing):
    assert missing_evidence(b.synced(view), BOTH, arbitrator, arriving) == missing


@pytest.mark.parametrize("view, changes, proven", [
    (["n1"], {}, True), (["n1", "n2"], {}, False), (["n1"], {"current": False}, False), (["n1"], {"ready": False}, False),
    (["n1"], {"answers": False}, False), (["n1"], {"cluster_status": "non-Primary"}, False),
    (["n1"], {"local_state": 3, "local_state_comment": "Joined"}, False)])
def test_only_a_settled_view_proves_that_it_is_another_component(view, changes, proven):
    assert in_another_component(b.synced(view, **changes), BOTH) is proven


@pytest.mark.parametrize("vote, view, missing, elsewhere", [
    ("allowed", ["n1", "n2"], [], False), ("allowed", ["n1", "n2", ""], [], False),
    ("required", ["n1", "n2", ""], [], False), ("none", ["n1", "n2"], [], False),
    ("required", ["n1", "n2"], ["its component lacks the arbitrator 10.0.0.9"], False),
    ("none", ["n1", "n2", ""], ["its component still holds the arbitrator 10.0.0.9"], False),
    ("required", ["n1", "n2", "", ""], ["its component holds 2 voters without an address"], True)])
def test_an_arbitrator_that_comes_or_goes_is_waited_for(vote, view, missing, elsewhere):
    assert missing_evidence(b.synced(view), BOTH, "10.0.0.9", arbitrator_vote=vote) == missing
    assert in_another_component(b.synced(view), BOTH, "10.0.0.9") is elsewhere


@pytest.mark.parametrize("view, seen", [
    (["a", "unspecified"], ["a", "b"]), (["unspecified", "b"], ["b", "a"]), (["a", "b"], ["a", "b"]),
    (["a", "unspecified", "unspecified"], ["a", "unspecified", "unspecified"]), (["a"], ["a"]), (["a", "b", "unspecified"], ["a", "b", "unspecified"])])
def test_those_without_an_address_are_the_missing_ones_where_they_are_as_many(view, seen):
    assert named(view, ["a", "b"]) == seen


def test_who_has_no_address_in_a_view_is_nobody_s_copy():
    assert repeated(["10.0.0.11", "", "", UNSPECIFIED, UNSPECIFIED]) == []
