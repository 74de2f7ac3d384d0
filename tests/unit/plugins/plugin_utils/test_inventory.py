# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From Ansible's variables to the arguments of the rules."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import (backup_directories_of, hostnames_of, keeping_of,
                                                                                     kept_order, observations_of, peers_of,
                                                                                     snapshot_problems, variables_of)
from ansible_collections.senhasegura.cluster.tests.unit import members as b

TASK = {"groups": {"senhasegura": ["n2", "n1", "10.0.0.13"], "all": ["n2", "n1", "10.0.0.13", "other"]},
        "inventory_hostname": "n1",
        "hostvars": {"n1": {"ansible_host": "192.0.2.1", "senhasegura_address": "10.0.0.11", "senhasegura_segment": 3,
                            "ansible_port": 2222},
                     "n2": {"ansible_host": "10.0.0.12"}, "10.0.0.13": {}, "other": {}}}


def test_the_members_are_the_group_in_its_order_whatever_the_play_is_limited_to():
    assert list(variables_of(dict(TASK, ansible_play_hosts=["n1"]))) == ["n2", "n1", "10.0.0.13"]


def test_the_address_is_the_one_of_the_cluster_then_the_connection_s_then_the_name():
    assert variables_of(TASK) == {"n2": {"address": "10.0.0.12", "segment": None, "port": None},
                                  "n1": {"address": "10.0.0.11", "segment": 3, "port": 2222},
                                  "10.0.0.13": {"address": "10.0.0.13", "segment": None, "port": None}}


def test_an_inventory_without_the_group_has_no_members():
    assert variables_of(dict(TASK, groups={})) == {}


def test_the_peers_are_the_others_that_have_an_address():
    task = dict(TASK, hostvars=dict(TASK["hostvars"], n2={"ansible_host": "a-name"}))
    assert peers_of(TASK) == ["10.0.0.12", "10.0.0.13"] and peers_of(task) == ["10.0.0.13"]


def keeping(primary="", **variables):
    """What is kept first of three members with these variables, in its order."""
    declaration = b.declared(3, primary=primary)
    return kept_order(declaration, keeping_of(declaration, {name: variables.get(name, {}) for name in ("n1", "n2", "n3")}))


def test_what_is_kept_first_is_asked_for_by_the_inventory_from_the_last_member_to_the_primary():
    backup, snapshot = {"senhasegura_backup_before": "yes"}, {"senhasegura_snapshot_tasks": "/tasks.yml"}
    assert keeping() == keeping(n1={"senhasegura_backup_before": "false"}, n2={"senhasegura_snapshot_tasks": ""}) == []
    assert keeping(n1=backup, n2=backup, n3=backup) == ["n3", "n2", "n1"]
    assert keeping("n2", n1=backup, n2=snapshot, n3=backup) == ["n3", "n1", "n2"]
    assert keeping(n2=snapshot) == ["n2"]


@pytest.mark.parametrize("path, named", [("", False), (None, False), ("/srv/there.yml", False), ("~/there.yml", False),
                                         ("there.yml", True), ("./there.yml", True), ("/srv/gone.yml", True)])
def test_a_task_file_that_is_not_there_is_told_before_anything_else(path, named):
    variables = {"n1": {"senhasegura_snapshot_tasks": path}, "n2": {"senhasegura_snapshot_tasks": path}, "n3": {}}
    assert snapshot_problems(b.declared(3), variables, lambda one: "there" in one) == [
        "senhasegura_snapshot_tasks of n1, n2 must be the absolute path of a file that is on the controller, not %s" % path] * named
    assert snapshot_problems({}, variables, bool) == []


def test_what_is_declared_of_single_members_and_what_is_not():
    variables = {"n1": {"senhasegura_backup_directory": "/mnt/b", "senhasegura_hostname": "vault-1"}, "n2": {}}
    assert backup_directories_of(b.declared(2), variables) == {"n1": "/mnt/b", "n2": ""}
    assert hostnames_of(b.declared(2), variables) == {"n1": "vault-1", "n2": "n2"}


@pytest.mark.parametrize("registered, reason", [
    (None, "it was not observed (--limit must not leave a member out)"),
    ({"unreachable": True, "msg": "Failed to connect:\n  no route"}, "it cannot be reached: Failed to connect: no route"),
    ({"unreachable": True}, "it cannot be reached: no reason"),
    ({"unreachable": True, "msg": 'Task failed: Data could not be sent to remote host "10.0.0.9". Make sure this host can be reached '
                                  "over ssh: ssh: connect to host 10.0.0.9 port 22: No route to host\n"},
     "it cannot be reached: ssh: connect to host 10.0.0.9 port 22: No route to host"),
    ({"unreachable": True, "msg": "Failed to connect to the host via ssh: ssh: connect to host 10.0.0.9 port 22: No route to host"},
     "it cannot be reached: ssh: connect to host 10.0.0.9 port 22: No route to host"),
    ({"unreachable": True, "msg": 'Task failed: Data could not be sent to remote host "10.0.0.9". Make sure this host can be reached '
                                  "over ssh: mux_client_request_session: read from master failed: Broken pipe\r\nssh: connect to host "
                                  "10.0.0.9 port 22: Connection refused"},
     "it cannot be reached: ssh: connect to host 10.0.0.9 port 22: Connection refused"),
    ({"failed": True, "msg": "MariaDB refused."}, "it did not answer: MariaDB refused"),
    ({"failed": True, "msg": "The module interpreter '/usr/bin/python3' was not found.", "rc": 127},
     "it did not answer: The module interpreter '/usr/bin/python3' was not found; there is no Python there: install python3, or "
     "name where it is in ansible_python_interpreter"),
    ({"skipped": True}, "it did not answer: no reason")])
def test_a_member_of_which_nothing_is_known_says_why(registered, reason):
    variables = {"n1": {} if registered is None else {"senhasegura_observation": registered}}
    assert observations_of(b.declared(1), variables) == {"n1": dict({"unknown": reason}, **({"unasked": True} if registered is None else {}))}


def test_an_observation_is_passed_on():
    registered = dict(b.fresh("n1"), changed=False)
    assert observations_of(b.declared(1), {"n1": {"senhasegura_observation": registered}}) == {"n1": b.fresh("n1")}
