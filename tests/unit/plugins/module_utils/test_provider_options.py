# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galera's option line: more of test_texts.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils import _provider_options as options


@pytest.mark.parametrize("text, found", [
    (None, {}), ("", {}), (";;", {}), ("word; a=1", {"a": "1"}), ("a=1;a=2", {"a": "2"}), ("a=;=b", {"a": ""}),
    ("socket.ssl_cipher = x=y", {"socket.ssl_cipher": "x=y"}),
    ("gmcast.listen_addr=tcp://[::]:4567", {"gmcast.listen_addr": "tcp://[::]:4567"})])
def test_lines(text, found):
    assert options.parse(text) == found


@pytest.mark.parametrize("one, other, equal", [
    ("PT1H", "PT3600S", True), ("PT1H30M", "PT90M", True), ("pt15s", "PT15S", True), ("P", "p", True), ("PT", "0", False),
    ("", "0", False), ("tcp://A", "tcp://a", True), (4, "4", True)])
def test_what_means_the_same(one, other, equal):
    assert options.same(one, other) is equal
