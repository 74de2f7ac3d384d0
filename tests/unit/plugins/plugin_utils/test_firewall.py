# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the firewall of prepare_members would shut out though it is at work."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._firewall import shut_out
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TWO, ARBITRATED = b.declared(2), b.declared(2, arbitrator="10.0.0.9")
LINK = "0      0      %s:4567   %s:43210"
NOT_DECLARED = ("%s: its database is in a cluster with 10.0.0.13, which is not declared; put it into the inventory (a member that shall go is "
                "then removed by remove_member)")
CONNECTED = ("n1: %s is connected to its port 4567, and is not declared; where it is the arbitrator, or a member's other address, correct "
             "senhasegura_arbitrator or senhasegura_address")


@pytest.mark.parametrize("declared, seen", [
    (TWO, b.living(TWO)), (ARBITRATED, b.living(ARBITRATED)), (TWO, {name: b.absent(name) for name in ("n1", "n2")}),
    (TWO, {"n1": b.unreachable(), "n2": b.down("n2")}), (TWO, {name: b.separated(name) for name in ("n1", "n2")})],
    ids=["serving", "with an arbitrator", "fresh hosts", "stopped and unknown", "cut off"])
def test_where_everybody_is_as_declared_nobody_is(declared, seen):
    links = {"n1": [LINK % ("10.0.0.11", peer) for peer in ("10.0.0.12", "10.0.0.11")] + [LINK % ("[::ffff:10.0.0.11]", "[::ffff:10.0.0.12]")]}
    assert shut_out(declared, seen, links) == []


def test_of_whom_only_the_host_was_observed_only_its_address_is_asked_for():
    """Where its own firewall is not asked for."""
    seen = b.living(TWO)
    seen["n2"] = dict(seen["n2"], observed={"host": dict(seen["n2"]["observed"]["host"], addresses=["10.0.0.22"])})
    assert shut_out(TWO, seen, {}) == [
        "n2: the address 10.0.0.12 is not on that host, which has 10.0.0.22; correct senhasegura_address or ansible_host"]


def test_a_member_that_is_missing_from_the_inventory():
    three = b.declared(3)
    seen = {name: one for name, one in b.living(three).items() if name != "n3"}
    assert shut_out(TWO, seen, {"n1": [LINK % ("10.0.0.11", "10.0.0.13")]}) == [
        NOT_DECLARED % "n1", NOT_DECLARED % "n2"]


def test_a_member_that_is_missing_from_the_inventory_and_stopped():
    written = b.settings_as(b.declared(3), "n1")
    assert shut_out(TWO, {"n1": b.serving("n1", ["n1", "n2"], written), "n2": b.serving("n2", ["n1", "n2"])}, {}) == [
        "n1: its list of members names 10.0.0.13, which is not declared; nobody is removed by vanishing from the inventory: put it back, then run "
        "remove_member for it"]


def test_an_arbitrator_that_is_not_declared():
    assert shut_out(TWO, {"n1": b.serving("n1", ["n1", "n2", ""])}, {}) == [
        "n1: an arbitrator that is not declared votes in its component; set senhasegura_arbitrator"]


def test_an_arbitrator_that_is_declared_with_another_address():
    assert shut_out(ARBITRATED, b.living(ARBITRATED), {"n1": [LINK % ("10.0.0.11", "10.0.0.9")], "n2": []}) == []
    assert shut_out(ARBITRATED, b.living(ARBITRATED), {"n1": [LINK % ("10.0.0.11", "10.0.0.99")], "n2": []}) == [CONNECTED % "10.0.0.99"]
