# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform's differences are declared, and the plan obeys them: members with the capabilities of an appliance."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import plan_lines
from ansible_collections.senhasegura.cluster.tests.unit import members as b

APPLIANCE = {"packages": False, "sync_keys": False,
             "restarts": ["mode.mode", "members.members", "members.address", "members.arbitrator", "network.latency",
                          "network.segment"],
             "decides": ["mode.cluster_name", "mode.sst_method", "sync.paths", "sync.peers", "members.name", "members.bind_address",
                         "primary.weight"],
             "manual": {"sync.enabled": "Menu > Synchronizers: {}", "message.recovery_message": "Menu > Message: {}"},
             "refused": {}, "again": ["primary"], "settle": []}


def living(declaration, newcomer=None, **capabilities):
    """Appliances in one component, as declared but for what they choose themselves; the last one may be a newcomer."""
    instead = {declaration["members"][-1]["name"]: newcomer} if newcomer else {}
    observations = b.living(declaration, **instead)
    for member in [one for one in declaration["members"] if one["name"] not in instead]:
        observed = observations[member["name"]]["observed"]
        observed.update(capabilities=dict(copy.deepcopy(APPLIANCE), **capabilities), platform="orbit",
                        admitted=[one["address"] for one in declaration["members"]])
        observed["settings"]["mode"].update(cluster_name="senhasegura_cluster", sst_method="mariabackup")
        observed["settings"]["sync"].update(paths=[], peers=[])
        observed["settings"]["members"]["name"] = "host-" + member["name"]
        observed["settings"]["primary"].update(weight=1, application_active=member["name"] == declaration["primary"])
    return observations


OFF = b.declared(3, sync_enabled=False)


def test_what_the_platform_decides_is_never_a_change():
    plan = make_plan(OFF, living(OFF))
    assert plan["refusals"] == [] and plan["order"] == [] and plan["manual"] == []


def test_what_only_a_person_can_do_is_told_once_for_all_and_left_out_of_the_steps():
    declaration = b.declared(3, sync_enabled=True, recovery_message="Call us")
    observations = living(declaration)
    for observation in observations.values():
        observation["observed"]["settings"]["sync"]["enabled"] = False
        observation["observed"]["settings"]["message"]["recovery_message"] = ""
    plan = make_plan(declaration, observations)
    assert plan["manual"] == [
        {"id": "sync.enabled", "how": "Menu > Synchronizers: on", "members": ["n1", "n2", "n3"]},
        {"id": "message.recovery_message", "how": "Menu > Message: Call us", "members": ["n1", "n2", "n3"]}]
    assert plan["order"] == []
    assert plan["members"]["n1"]["settings"]["sync"]["enabled"] is False
    assert plan["members"]["n1"]["settings"]["message"] == {"recovery_message": ""}
    assert plan_lines(declaration, plan)[1:] == [
        "Note: " + warning + "." for warning in plan["warnings"]] + [
        "By hand, on n1, n2, n3: Menu > Synchronizers: on. Then name sync.enabled in senhasegura_manual_steps_done.",
        "By hand, on n1, n2, n3: Menu > Message: Call us. Then name message.recovery_message in senhasegura_manual_steps_done."]


def test_what_a_person_has_done_is_not_asked_again():
    declaration = b.declared(3, sync_enabled=True, manual_steps_done=["sync.enabled"])
    observations = living(declaration)
    for observation in observations.values():
        observation["observed"]["settings"]["sync"]["enabled"] = False
    assert make_plan(declaration, observations)["manual"] == []


def test_a_change_of_which_nobody_says_that_it_is_on_line_is_a_restart_with_a_yes():
    observations = living(OFF)
    for observation in observations.values():
        observation["observed"]["settings"]["members"]["members"] = [b.address("n1"), b.address("n2")]
    plan = make_plan(OFF, observations)
    assert plan["order"] == ["n2", "n3", "n1"] and plan["confirm"]
    assert {made["action"] for made in plan["members"].values()} == {"restart"}
    assert plan["members"]["n2"]["again"] == [{"cluster_primary": plan["members"]["n2"]["settings"]["primary"]}]


@pytest.mark.parametrize("setting, change", [
    ("network.segment", {"n2": {"segment": 2}}), ("members.arbitrator", {})])
def test_what_must_not_be_changed_now_is_refused_only_when_it_would_be(setting, change):
    options = {"arbitrator": "10.0.0.9"} if setting == "members.arbitrator" else {}
    declaration = b.declared(3, b.hosts(3, **change), sync_enabled=False, **options)
    reason = {"refused": {setting: "somebody edits the file"}}
    assert make_plan(OFF, living(OFF, **reason))["refusals"] == []
    refusals = make_plan(declaration, living(OFF, **reason))["refusals"]
    names = ["n2"] if change else ["n1", "n2", "n3"]
    assert refusals == ["%s: %s cannot be changed: somebody edits the file" % (name, setting) for name in names]


def test_a_member_that_contradicts_itself_is_refused():
    observations = living(OFF)
    observations["n3"]["observed"]["contradictions"] = ["orbit says A, MariaDB B"]
    plan = make_plan(OFF, observations)
    assert plan["refusals"] == ["n3: orbit says A, MariaDB B"]
    assert {made["action"] for made in plan["members"].values()} == {"refuse"}


def test_who_is_not_let_in_is_let_in_without_a_restart():
    observations = living(OFF)
    observations["n1"]["observed"]["admitted"] = [b.address("n2")]
    plan = make_plan(OFF, observations)
    assert plan["order"] == ["n1"] and not plan["confirm"]
    assert plan["members"]["n1"]["admit"] == [b.address("n3")]
    assert plan["members"]["n1"]["reason"] == "it lets in " + b.address("n3")


def test_the_arbitrator_is_let_in_too():
    declaration = b.declared(3, sync_enabled=False, arbitrator="10.0.0.9")
    assert make_plan(declaration, living(declaration))["members"]["n2"]["admit"] == ["10.0.0.9"]


@pytest.mark.parametrize("named, wanted", [([], {"n1": True, "n2": None, "n3": False}), (["n3"], {"n1": True, "n2": None, "n3": True})])
def test_the_application_is_stopped_only_where_the_database_is_about_to_be_replaced(named, wanted):
    declaration = b.declared(3, sync_enabled=False, application_active=named, overwrite_members=["n3"])
    newcomer = b.fresh("n3", b.SHOP)
    newcomer["observed"].update(capabilities=copy.deepcopy(APPLIANCE), admitted=[])
    newcomer["observed"]["settings"]["primary"]["application_active"] = True
    plan = make_plan(declaration, living(declaration, newcomer))
    assert plan["refusals"] == [] and plan["members"]["n3"]["action"] == "join" and plan["members"]["n3"]["backup"]
    assert {name: made["settings"]["primary"].get("application_active") for name, made in plan["members"].items()} == wanted


def test_different_versions_of_the_appliance_are_refused():
    observations = living(OFF)
    for name, observation in observations.items():
        observation["observed"]["host"]["packages"]["senhasegura-pam"] = "3.32" if name == "n2" else "3.33"
        observation["observed"]["settings"]["network"]["segment"] = 5
    assert ("the members have different versions of senhasegura-pam (3.32: n2; 3.33: n1, n3); install the same everywhere"
            in make_plan(OFF, observations)["refusals"])
