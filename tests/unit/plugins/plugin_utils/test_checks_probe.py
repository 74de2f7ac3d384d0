# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From Ansible's variables to what a probe is asked, and back."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_probe import (
    all_met,
    at_once,
    left_listening,
    probe_arguments,
    probes_of,
)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._quorum import ARBITRATOR
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from ansible_collections.senhasegura.cluster.tests.unit import probes as p

NAMES = ["n1", "n2", "n3"]


def variables(**hosts):
    """task_vars of a run in which everybody was observed and probed, but for what is given per host."""
    hostvars = {}
    for name in NAMES:
        registered = {"senhasegura_observation": b.fresh(name), "senhasegura_listening": {"probed": {}}, "senhasegura_measured": {"probed": {}}}
        probe = p.probe(name, NAMES)
        for part, value in probe.items():
            phase = "senhasegura_listening" if part in ("host", "database", "listening") else "senhasegura_measured"
            registered[phase]["probed"][part] = value
        hostvars[name] = dict({"ansible_host": b.address(name)}, **dict(registered, **hosts.get(name, {})))
    return {"hostvars": hostvars, "groups": {"senhasegura": NAMES}, "inventory_hostname": "n1"}


def test_a_member_is_asked_about_every_other_one():
    asked = probe_arguments("n1", variables())
    assert (asked["name"], asked["address"]) == ("n1", "10.0.0.11")
    assert asked["peers"] == [{"name": name, "address": b.address(name), "hostname": "host" + name, "ports": [4567, 4444, 4568]}
                              for name in ("n2", "n3")]


def test_who_was_not_observed_is_not_waited_for():
    task_vars = variables(n2={"senhasegura_observation": {"unreachable": True, "msg": "no"}, "senhasegura_measured": None})
    assert [peer["name"] for peer in probe_arguments("n1", task_vars)["peers"]] == ["n3"]
    assert not left_listening("n1", task_vars)


def test_the_token_is_the_run_s():
    tokens = {probe_arguments(name, variables())["token"] for name in NAMES}
    later = variables(n2={"senhasegura_observation": dict(b.fresh("n2"), asked_at=2000.0)})
    assert len(tokens) == 1 and probe_arguments("n1", later)["token"] not in tokens


def test_a_state_transfer_is_not_disturbed():
    """Neither listened on where one may arrive, nor knocked at: its receiver takes the first connection for the donor's."""
    joining = b.serving("n2", NAMES, local_state=1, local_state_comment="Joining")
    for moving in (b.moving("n2"), joining):
        task_vars = variables(n2={"senhasegura_observation": moving})
        assert probe_arguments("n2", task_vars)["address"] == ""
        assert [peer["ports"] for peer in probe_arguments("n1", task_vars)["peers"]] == [[4567], [4567, 4444, 4568]]


def test_nobody_knocks_at_galera_where_a_playbook_may_tell_it_its_votes():
    """MariaDB hangs for ever when a connection comes in that moment."""
    changing = b.serving("n2", NAMES)
    changing["observed"]["lock"] = {"token": "t", "holder": "root@controller", "since": 1.0, "seconds": 60.0}
    assert [peer["ports"] for peer in probe_arguments("n1", variables(n2={"senhasegura_observation": changing}))["peers"]] == [
        [4444, 4568], [4567, 4444, 4568]]


def test_an_address_that_is_none_is_left_to_the_declaration():
    assert [peer["name"] for peer in probe_arguments("n1", variables(n2={"ansible_host": "not-an-address"}))["peers"]] == ["n3"]


def test_a_listener_that_everybody_said_goodbye_to_has_ended():
    assert not left_listening("n1", variables())


def test_a_listener_that_somebody_could_not_reach_is_stopped():
    unheard = p.probe("n2", NAMES, {b.address("n1"): p.link(told=False)})
    assert left_listening("n1", variables(n2={"senhasegura_measured": {"probed": {"links": unheard["links"]}}}))
    assert left_listening("n1", variables(n2={"senhasegura_measured": None}))
    assert not left_listening("n1", variables(n1={"senhasegura_listening": {"probed": {"listening": {"tcp": {"4567": "in use"}, "udp": {}}}}},
                                              n2={"senhasegura_measured": None}))


def together(**hosts):
    """task_vars of a run in which all was done in one execution, but for what is given per host."""
    met = {name: {"senhasegura_together": {"probed": dict(p.probe(name, NAMES), met=True)}, "senhasegura_listening": None,
                  "senhasegura_measured": None} for name in NAMES}
    return variables(**{name: dict(met[name], **hosts.get(name, {})) for name in NAMES})


def test_what_was_found_in_one_execution_counts_where_all_met():
    task_vars = together()
    assert all_met(task_vars)
    assert probes_of(b.declared(3), task_vars)["n2"]["links"] == p.probe("n2", NAMES)["links"]


def test_who_was_not_observed_need_not_meet_anybody():
    assert all_met(together(n3={"senhasegura_observation": {"unreachable": True, "msg": "no"}, "senhasegura_together": None}))


def test_where_one_was_not_met_nothing_of_it_counts():
    for missing in ({"probed": {"met": False}}, {"failed": True, "msg": "killed"}, {"skipped": True}, None):
        task_vars = together(n2={"senhasegura_together": missing})
        assert not all_met(task_vars)
        assert probes_of(b.declared(3), task_vars)["n1"] == {}


def test_who_is_asked_at_once():
    task_vars = dict(variables(), ansible_play_hosts=NAMES)
    assert at_once(task_vars, 3) and not at_once(task_vars, 2)
    assert not at_once(dict(task_vars, ansible_play_hosts=[*NAMES, "arb"]), 5)


def test_what_failed_is_told():
    declaration = b.declared(3)
    task_vars = variables(n2={"senhasegura_listening": {"failed": True, "msg": "no\npython"}, "senhasegura_measured": {"skipped": True}},
                          n3={"senhasegura_listening": {"skipped": True}, "senhasegura_measured": None})
    found = probes_of(declaration, task_vars)
    assert found["n1"]["listened"] is True and "unknown" not in found["n1"]
    assert found["n2"] == {"unknown": "it could not be probed: no python"}
    assert found["n3"] == {}


# -- the arbitrator -------------------------------------------------------------------------------------------------------

LISTENS = {"listening": {"tcp": {"4567": "ours"}, "udp": {"4567": "ours"}}}


def with_arbitrator(**registered):
    """task_vars of a run whose inventory has a host for the arbitrator, 10.0.0.99."""
    task_vars = variables()
    task_vars["groups"]["senhasegura_arbitrator"] = ["arb"]
    task_vars["hostvars"]["arb"] = dict({"ansible_host": "10.0.0.99"}, **registered)
    return task_vars


def test_the_arbitrator_is_asked_about_group_communication_alone_and_is_nobody_s_peer():
    asked = probe_arguments("arb", with_arbitrator())
    assert (asked["name"], asked["address"]) == ("arb", "10.0.0.99")
    assert [(peer["name"], peer["ports"]) for peer in asked["peers"]] == [(name, [4567]) for name in NAMES]
    assert asked["token"] == probe_arguments("n1", with_arbitrator())["token"]
    assert [peer["name"] for peer in probe_arguments("n1", with_arbitrator())["peers"]] == ["n2", "n3"]


def test_where_a_listener_is_on_the_arbitrator_silence_proves_something():
    assert not probe_arguments("n1", with_arbitrator())["arbitrator_listens"]
    assert probe_arguments("n1", with_arbitrator(senhasegura_listening={"probed": LISTENS}))["arbitrator_listens"]


def test_the_arbitrator_s_listener_waits_for_being_told():
    assert left_listening("arb", with_arbitrator(senhasegura_listening={"probed": LISTENS}))
    assert not left_listening("arb", with_arbitrator(senhasegura_listening={"unreachable": True, "msg": "no route"}))


def test_what_the_arbitrator_met():
    registered = {"senhasegura_listening": {"probed": LISTENS}, "senhasegura_knocked": {"probed": {"links": {"10.0.0.11": {}}}},
                  "senhasegura_stopped": {"probed": {"stopped": True}}}
    found = probes_of(b.declared(3, arbitrator="10.0.0.99"), with_arbitrator(**registered))
    assert found[ARBITRATOR] == dict(LISTENS, links={"10.0.0.11": {}}, stopped=True, listened=True)
    assert ARBITRATOR not in probes_of(b.declared(3, arbitrator="10.0.0.98"), with_arbitrator(**registered))
    silent = with_arbitrator(senhasegura_listening={"unreachable": True, "msg": "no route"})
    assert probes_of(b.declared(3, arbitrator="10.0.0.99"), silent)[ARBITRATOR] == {
        "unknown": "it could not be probed: no route", "listened": False}
