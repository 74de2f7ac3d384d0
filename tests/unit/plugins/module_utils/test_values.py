# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values and their bounds: more of test_texts.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, ValueRefused


@pytest.mark.parametrize("value, seconds", [(1, 1), (3600, 3600), (" 15 ", 15), ("7", 7)])
def test_sync_timeouts(value, seconds):
    assert _values.sync_timeout(value) == seconds


@pytest.mark.parametrize("value", [0, 3601, -1, 1.5, "15s", "", None, True, "²"])
def test_sync_timeouts_that_are_none(value):
    with pytest.raises(ValueRefused) as caught:
        _values.sync_timeout(value)
    assert caught.value.message == "sync timeout must be a whole number of seconds from 1 to 3600, not %r" % (value,)


def test_an_address_in_its_shortest_form():
    assert [_values.address(text) for text in (" 10.0.0.1 ", "FD00:0::1")] == ["10.0.0.1", "fd00::1"]
    with pytest.raises(ValueRefused) as caught:
        _values.address("10.0.0.0/24", "the arbitrator")
    assert caught.value.message == "the arbitrator must be an IP address, not '10.0.0.0/24'"


@pytest.mark.parametrize("address, url", [("10.0.0.1", "10.0.0.1"), ("fd00::1", "[fd00::1]")])
def test_an_address_in_a_url_and_back(address, url):
    assert _values.bracketed(address) == url
    assert _values.unbracketed(url + ":4567") == _values.unbracketed(" %s " % url) == address


SYSTEM = "%s must not be synchronized: it belongs to the system or the database"
KEYS = "%s must not be synchronized: it holds keys that let people log in"


@pytest.mark.parametrize("path", [
    "/", "/var", "/var/lib", "/home", "/bin", "/etc", "/etc/ssl", "/lib", "/lib64/security", "/root", "/root/.ssh", "/run/x", "/sbin/x", "/usr",
    "/usr/local/bin", "/srv/../usr/lib", "//etc", "/etc/", "/var/backups/senhasegura-cluster", "/var/lib/dpkg", "/var/lib/dpkg/info",
    "/var/lib/mysql", "/var/lib/mysql/mysql", "/var/lib/mysql.20261126T000000Z", "/var/lib/senhasegura-cluster", "/var/lib/senhasegura-health/x",
    "/var/log", "/var/run/x"])
def test_what_belongs_to_the_system_is_not_synchronized(path):
    assert _values.sync_path_problems([path])[:1] == [SYSTEM % path]


@pytest.mark.parametrize("path", ["/home/ann", "/home/ann/", "/home/ann/.ssh", "/srv/backup/.ssh/old"])
def test_what_lets_people_log_in_is_not_synchronized(path):
    assert _values.sync_path_problems([path]) == [KEYS % path]


@pytest.mark.parametrize("path", ["/srv", "/srv/senhasegura", "/home/ann/files", "/opt/vault", "/var/www", "/var/lib/senhasegura", "/library", "/etcetera",
                                  "/srv/x.ssh"])
def test_directories_of_one_s_own_are_synchronized(path):
    assert _values.sync_path_problems([path]) == []


def test_latency_profiles():
    assert _values.latency_profile("low") == ({}, {})
    high = _values.latency_profile("high")
    assert high.start["evs.suspect_timeout"] == "PT30S"
    assert high.online == {"evs.send_window": "256", "evs.user_send_window": "128"}
    with pytest.raises(ValueRefused) as caught:
        _values.latency_profile("slow")
    assert caught.value.message == "latency must be one of low, medium, high, not 'slow'"


def test_galera_allows_at_most_half_of_the_send_window_for_users():
    """Galera's documentation: evs.user_send_window is at most evs.send_window, half of it is recommended."""
    for name in _values.LATENCIES:
        online = dict(_values.GALERA_DEFAULTS, **_values.latency_profile(name).online)
        assert int(online["evs.user_send_window"]) * 2 <= int(online["evs.send_window"])


def test_an_error_is_told_in_one_or_two_sentences_with_the_end_of_its_output():
    error = ClusterError("it failed", remedy="Do this", command=("a", "b"), rc=1, output="1\n2\n3\n4\n5\n")
    assert error.text() == "it failed. It said: 2 / 3 / 4 / 5. Do this."
    assert error.facts() == {"remedy": "Do this", "command": ["a", "b"], "rc": 1, "output": "1\n2\n3\n4\n5\n"}
    assert ClusterError("it failed.").text() == "it failed." and ClusterError("x").facts() == {"remedy": ""}
