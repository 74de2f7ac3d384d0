# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a step's options to settings: more of test_steps.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused
from ansible_collections.senhasegura.cluster.plugins.module_utils._wanted import wanted_settings

PEER = {"address": "10.0.0.12", "port": 22, "public_key": "ssh-ed25519 A", "host_key": "ssh-ed25519 B"}


def test_what_an_option_does_not_say_stays_as_it_is():
    options = {"mode": "cluster", "cluster_name": None, "sst_method": "rsync", "platform": "auto"}
    assert wanted_settings("mode", options) == {"mode": "cluster", "sst_method": "rsync"}


def test_synchronizers_are_wanted_intact_with_peers_as_they_are_kept():
    options = {"enabled": True, "timeout": "15", "paths": None, "peers": [dict(PEER, name="n2")]}
    assert wanted_settings("sync", options) == {"enabled": True, "timeout": 15, "peers": [PEER], "intact": True}
    with pytest.raises(ValueRefused):
        wanted_settings("sync", {"enabled": False, "timeout": 0})


def test_members_are_compared_in_the_shortest_form():
    options = {"members": ["FD00::1", "fd00:0::2"], "address": "fd00::0:1", "arbitrator": "FD00::9"}
    assert wanted_settings("members", options) == {"members": ["fd00::1", "fd00::2"], "address": "fd00::1",
                                                   "arbitrator": "fd00::9"}


@pytest.mark.parametrize("options, latency", [
    ({"different_datacenters": True}, "high"), ({"different_datacenters": False}, "low"),
    ({"different_datacenters": True, "latency": "medium"}, "medium")])
def test_the_latency_follows_the_data_centers_unless_it_is_said(options, latency):
    assert wanted_settings("network", dict(options, segment=0))["latency"] == latency


@pytest.mark.parametrize("options, message", [
    ({"primary": "n1", "address": "10.0.0.11"}, "the primary must be an IP address, not 'n1'"),
    ({"primary": "10.0.0.11", "address": "n1"}, "address must be an IP address, not 'n1'")])
def test_the_primary_is_an_address(options, message):
    with pytest.raises(ValueRefused) as caught:
        wanted_settings("primary", options)
    assert caught.value.message == message


def test_the_options_are_not_changed():
    options = {"primary": "10.0.0.11", "address": "10.0.0.12"}
    assert wanted_settings("primary", options) == {"primary": "10.0.0.11", "published": True}
    assert wanted_settings("primary", dict(options, publish=False)) == {"primary": "10.0.0.11"}
    assert options == {"primary": "10.0.0.11", "address": "10.0.0.12"}
