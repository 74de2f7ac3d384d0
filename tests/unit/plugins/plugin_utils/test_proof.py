# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one-component proof: more of test_preflight_and_proof.py."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._proof import not_as_written, prove
from ansible_collections.senhasegura.cluster.tests.unit import members as b

THREE = b.declared()


def test_who_does_not_answer_is_not_compared():
    world = b.living(THREE)
    world["n3"]["observed"]["status"] = b.silent()
    assert prove(THREE, world) == ["n3: the database does not answer"]


def test_a_member_that_was_not_observed_proves_nothing():
    world = b.living(THREE)
    del world["n2"]
    assert prove(THREE, dict(world, n3=b.unreachable())) == ["n2: it was not observed",
                                                             "n3: it cannot be reached: no route to host"]


def test_two_clusters_of_one_membership():
    world = b.living(THREE)
    world["n2"]["observed"]["status"]["state_uuid"] = b.OTHER_UUID
    assert prove(THREE, world) == ["the members do not share one state UUID: n1 has %s, n2 has %s, n3 has %s"
                                   % (b.UUID, b.OTHER_UUID, b.UUID)]


def test_the_arbitrator_that_is_declared_may_vote_and_only_that_one():
    declaration = b.declared(2, arbitrator="10.0.0.9")
    for voters, missing in ((["n1", "n2", ""], []),
                            (["n1", "n2", "", ""], ["%s: its component holds 2 voters without an address" % name
                                                    for name in ("n1", "n2")])):
        world = {name: b.serving(name, voters, b.settings_as(declaration, name)) for name in ("n1", "n2")}
        assert prove(declaration, world) == missing


def test_timers_that_run_otherwise_than_written():
    world = b.living(THREE)
    assert not_as_written(dict(world, n1=b.unreachable())) == []
    world["n2"]["observed"]["settings"]["network"]["intact"] = False
    assert not_as_written(world) == ["n2: it runs timers otherwise than they are written (latency profile); run create_cluster again"]
