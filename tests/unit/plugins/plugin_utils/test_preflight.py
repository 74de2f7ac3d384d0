# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks before a cluster is made: more of test_preflight_and_proof.py."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._assumption import make_assumption
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._preflight import preflight, wrong_hosts
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal import declare_removal, make_removal
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._rolling import restart_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TWO = b.declared(2)
JOINS = {"n1": {"action": "none"}, "n2": {"action": "join"}}


def world(**second):
    return {"n1": b.fresh("n1"), "n2": b.fresh("n2", **second)}


def test_another_galera():
    assert preflight(TWO, world(packages={"mariadb-server": "11.8", "galera-4": "25"}), JOINS) == [
        "the members have different versions of galera-4 (25: n2; 26.4: n1); install the same everywhere"]


def test_an_update_that_was_interrupted_is_ended_by_itself():
    """update_members wants a whole cluster, so whoever it sends here is told of its way back."""
    def said(second, made):
        observations = {"n1": b.serving("n1", ["n1"]), "n2": second}
        observations["n2"]["observed"]["host"]["packages"] = {"galera-4": "26.5"}
        return preflight(TWO, observations, {"n1": {"action": "none"}, "n2": made})[0].partition("everywhere")[2]
    joins = {"action": "join", "set_aside": False}
    assert said(b.down("n2"), joins) == (
        "; where an update was interrupted, start MariaDB as it is on n2 (systemctl start mariadb), and run update_members again, which updates the "
        "others")
    assert said(b.down("n2"), dict(joins, left_behind=["n1"])) == "", "started by hand it would have come back by itself"
    assert [said(b.down("n2"), dict(joins, set_aside=True)), said(b.fresh("n2"), joins), said(b.serving("n2", ["n1", "n2"]), {"action": "none"})] == [""] * 3


def test_a_host_without_packages_yet_has_no_other_version():
    assert preflight(TWO, world(packages={}), JOINS) == []


def test_the_joiner_s_own_data_make_room_and_need_none():
    one = world(free_bytes=267 * b.MB)
    one["n2"]["observed"]["data"]["bytes"] = 5000 * b.MB
    assert preflight(TWO, one, JOINS) == []


def test_who_does_not_join_needs_no_room():
    assert preflight(TWO, world(free_bytes=0), {"n1": {"action": "none"}, "n2": {"action": "restart"}}) == []


def test_what_is_closed_is_reached():
    one = world()
    one["n2"]["observed"]["ports"] = {"10.0.0.11": {"4444": "closed", "4567": "open", "4568": "closed"}}
    assert preflight(TWO, one, JOINS) == []


def test_data_that_are_set_aside_make_no_room():
    """They are renamed, not replaced: they stay on the same file system."""
    one = world(free_bytes=300 * b.MB)
    one["n2"]["observed"]["data"]["bytes"] = 5000 * b.MB
    one["n1"]["observed"]["data"]["bytes"] = 4000 * b.MB
    aside = dict(JOINS, n2={"action": "join", "backup": True, "set_aside": True})
    assert preflight(TWO, one, aside) == ["n2 has room for 300 MB of data beside those that are set aside, but joining needs 4656 MB; make room first"]


def test_nothing_is_done_where_a_member_s_name_leads_to_another_one_s_host():
    """ansible_host of n2 is that of n3: whatever is done to n2 would be done to n3."""
    three = b.declared(3)
    seen = b.living(three)
    seen["n2"] = dict(seen["n3"])
    wrong = ["n2: the address 10.0.0.12 is not on that host, which has 10.0.0.13, fe80::3; correct senhasegura_address or ansible_host"]
    removal = declare_removal(b.hosts(3), dict(b.OPTIONS), {"remove": ["n2"], "dead": [], "state": "started"})[0]
    assume = make_assumption(b.declared(3, primary="n2"), seen, dict(b.OPTIONS, primary="n2"), [], {"unknown": "it was not asked"})
    assert [plan["refusals"] for plan in (make_removal(removal, seen), restart_plan(three, seen), assume)] == [wrong] * 3
    assert wrong_hosts(three, dict(seen, n2=b.unreachable())) == []


def test_one_hostname_for_all_holds_up_nobody_in_an_outage():
    """Members that were cloned, and serve with it since; who is made a member needs its own."""
    three = b.declared(3, primary="n2")
    seen = {name: b.separated(name, settings=b.settings_as(three, name)) for name in b.names_of(3)}
    seen["n1"] = b.down("n1", settings=b.settings_as(three, "n1"))
    for name, one in seen.items():
        one["observed"]["host"]["hostname"] = "vault"
        one["observed"]["status"]["incoming_addresses"] = ["10.0.0.12", "10.0.0.13"] if name != "n1" else []
    plan = make_assumption(three, seen, dict(b.OPTIONS, primary="n2"), ["n1"], {"unknown": "it was not asked"})
    assert (plan["refusals"], plan["chosen"]) == ([], "n2")
    assert "n1 and n2 and n3 have the same hostname vault; every member needs its own" in preflight(
        three, seen, dict.fromkeys(seen, {"action": "none"}))
