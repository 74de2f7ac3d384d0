# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What orbit prints, as the vendor documents it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils import _orbit_text as text
from hypothesis import given, strategies

RECORDED = Path(__file__).resolve().parents[3] / "recorded" / "orbit"


def recorded(name):
    return (RECORDED / (name + ".txt")).read_text(encoding="utf-8")


def test_both_forms_of_the_application_s_status():
    assert text.application_status(recorded("application-status-older")) == {
        "application": True, "replication": False, "main": True, "primary": ""}
    assert text.application_status(recorded("application-status-newer")) == {
        "application": True, "replication": True, "main": False, "primary": "memberB"}
    assert text.application_status("Application: Inactive\nInstance: Secondary\n")["main"] is False


@pytest.mark.parametrize("said", ["", "Command not found", "Application: (unknown)\nInstance: Cluster"])
def test_what_is_not_told_is_none(said):
    assert text.application_status(said) == {"application": None, "replication": None, "main": None, "primary": ""}


def test_the_cluster_s_status():
    assert text.cluster_status("much\nmore\n" + recorded("cluster-status-end")) == {
        "members": 2, "uuid": "1d0d2f53-b8c1-11ea-8f2e-d3f0a5b7c9e1", "synced": True}
    assert text.cluster_status("Cluster is not active") == {"members": None, "uuid": "", "synced": None}


def test_the_arbiter_s_address_counts_only_while_it_is_enabled():
    said = recorded("cluster-arbiter-status")
    assert text.arbiter_status(said) == "10.66.33.13"
    assert text.arbiter_status(said.replace("ENABLED", "DISABLED")) == text.arbiter_status("") == ""


def test_versions_and_paths_and_options_are_found_wherever_they_stand():
    assert text.versions("| orbini-fwk | 3.33.2 |\nsenhasegura-pam: 3.33.10-1\n") == {
        "orbini-fwk": "3.33.2", "senhasegura-pam": "3.33.10-1"}
    assert text.paths("Backup: /var/backups/a.sql, and /srv/b (12%)") == ["/var/backups/a.sql", "/srv/b"]
    assert text.options("  --nodes=IP,IP  [--force]  x--y") == {"--nodes", "--force"}
    assert text.words("Usage: orbit x\n  start\n  primary  assume\n") == {"start", "primary"}


@pytest.mark.parametrize("said, found", [
    ("Error: no such node", "Error: no such node"), ("Done!\n[ERROR] x", "[ERROR] x"), ("  Failed to write", "Failed to write"),
    ("Done!\nNo errors reported", ""), ("0 errors", ""), ("Failover is off", ""), ("", "")])
def test_trouble_is_a_line_that_starts_with_it(said, found):
    assert text.trouble(said) == found


@pytest.mark.parametrize("said, asked", [
    ("Are you sure you want to proceed: ", "Are you sure you want to proceed:"), ("Erase? [y/N]: ", "Erase? [y/N]:"),
    ("Done!\n", ""), ("Restarting the database service", ""), ("", "")])
def test_a_question_is_a_last_line_that_is_not_ended(said, asked):
    assert text.question(said) == asked


def test_the_prompt_is_not_among_the_last_words():
    assert text.last_words("Are you sure you want to proceed: Restarting\n\n") == "Restarting"
    assert text.last_words("\n") == ""


@given(strategies.lists(strategies.ip_addresses().map(str), max_size=5))
def test_every_address_of_a_list_is_found_in_its_order(found):
    for separator in ("\n", ", ", " | "):
        assert text.addresses("Whitelist:%s%s" % (separator, separator.join(found))) == found


@given(strategies.text())
def test_no_text_breaks_a_reader(said):
    for reader in (text.application_status, text.cluster_status, text.arbiter_status, text.versions, text.paths, text.trouble,
                   text.question, text.last_words, text.addresses):
        reader(said)
