# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations as the command line and YAML make them (``-e name=value`` is text, a number may be a number)."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b


def problems(hosts=None, **options):
    return declare(hosts or b.hosts(), dict(b.OPTIONS, **options))[1]


def test_whatever_is_left_out_has_its_default():
    found, none = declare(b.hosts(2), {"cluster_name": "vault", "sync_timeout": "15"})
    assert none == []
    assert found == {"members": [{"name": "n1", "address": "10.0.0.11", "segment": 0, "port": 22},
                                 {"name": "n2", "address": "10.0.0.12", "segment": 0, "port": 22}],
                     "cluster_name": "vault", "primary": "n1", "arbitrator": "", "arbitrator_segment": 0, "different_datacenters": False,
                     "latency": "", "sst_method": "auto", "message": "", "bind_address": "",
                     "sync": {"enabled": False, "timeout": 15, "paths": []}, "overwrite": [], "lost": [],
                     "lost_arbitrator": False, "arbitrator_host": "",
                     "application_active": [], "removed": [], "manual_steps_done": []}


@pytest.mark.parametrize("written", ["fd00::B", "fd00:0:0::b"])
def test_an_address_is_compared_in_one_form(written):
    assert problems({"n1": {"address": "fd00::b"}, "n2": {"address": written}}) == [
        "address fd00::b is given to n1 and n2; every member needs its own"]


@pytest.mark.parametrize("address", ["10.0.0.1/24", "10.0.0.1:3306", "010.0.0.1", "10.0.1", "db1", "fe80::1%eth0", " "])
def test_what_only_looks_like_an_address(address):
    assert problems({"n1": {"address": address}}) == [
        "member n1: its address must be an IP address, not %r; set senhasegura_address" % address.strip()]


@pytest.mark.parametrize("value, meant", [("false", False), ("no", False), ("0", False), ("", False), (None, False), ("True", True),
                                          ("on", True), (1, True)])
def test_truth_values(value, meant):
    found, none = declare(b.hosts(), dict(b.OPTIONS, sync_enabled=value, different_datacenters=value))
    assert (none, found["sync"]["enabled"], found["different_datacenters"]) == ([], meant, meant)


def test_a_name_with_a_line_break_is_none():
    """``cluster_name: |`` in YAML ends in one; the option file would be broken in two lines."""
    assert problems(cluster_name="vault\n") == [
        "senhasegura_cluster_name must be 1 to 32 letters, digits, dots, dashes or underscores, not 'vault\\n'"]


@pytest.mark.parametrize("name", ["", None, "-x", "a" * 33, "ünï", "a/b"])
def test_bad_names(name):
    assert problems(cluster_name=name) == [
        "senhasegura_cluster_name must be 1 to 32 letters, digits, dots, dashes or underscores, not %r" % (name or "")]


@pytest.mark.parametrize("value", ["15s", "-5", -5, 0, "0", "", True, 1.5, "\u0663"])
def test_a_stall_timeout_that_is_no_number_of_seconds(value):
    assert problems(stall_timeout=value) == ["senhasegura_stall_timeout must be a whole number of seconds, 1 or more, not %r" % (value,)]


@pytest.mark.parametrize("value", [1, "15", " 180 ", None])
def test_a_stall_timeout_in_seconds(value):
    assert problems(stall_timeout=value) == []


def test_a_list_as_text_is_not_a_list_of_letters():
    """``-e senhasegura_overwrite_members=ab`` must never name the hosts a and b, whose data would be replaced."""
    hosts = {"a": {"address": "10.0.0.1"}, "b": {"address": "10.0.0.2"}, "ab": {"address": "10.0.0.3"}}
    found, told = declare(hosts, dict(b.OPTIONS, overwrite_members="ab"))
    assert told or found["overwrite"] == ["ab"]


@pytest.mark.parametrize("option, text", [("members", "n1,n2"), ("overwrite_members", "n2"), ("sync_paths", "/srv/files")])
def test_a_list_as_text_is_understood_or_refused_as_a_whole(option, text):
    assert len(problems(**{option: text})) <= 1


@pytest.mark.parametrize("options", [{"members": 3}, {"recovery_message": 112}])
def test_a_number_where_there_should_be_none_is_understood_or_refused(options):
    found, told = declare(b.hosts(), dict(b.OPTIONS, **options))
    assert told or make_plan(found, {name: b.fresh(name) for name in b.names_of(3)})


def test_a_port_that_is_no_number_is_a_problem_of_its_member():
    told = problems(b.hosts(3, n2={"port": "ssh"}))
    assert len(told) == 1 and told[0].startswith("member n2: ")


def test_an_arbitrator_of_the_other_family():
    """Galera listens on one family (gmcast.listen_addr), so the members would never reach it."""
    told = problems(arbitrator="fd00::9")
    assert len(told) == 1 and "fd00::9" in told[0]
