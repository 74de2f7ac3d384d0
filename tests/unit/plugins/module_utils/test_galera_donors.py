# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From whom a start of MariaDB receives all data."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_unit import Unit


class Host:
    """In the place of the runner: remembers what is run, and answers nothing."""

    def __init__(self):
        self.ran = []
        self.out = ""

    def __call__(self, argv, timeout=None):
        self.ran.append(argv)
        return self

    must = __call__


@pytest.mark.parametrize("donors, only, option", [
    (["b", "c"], False, "--wsrep-sst-donor=b,c,"), (["b", "a"], True, "--wsrep-sst-donor=b,a"), ([], False, None)])
@pytest.mark.parametrize("verb", ["start", "restart"])
def test_the_comma_at_the_end_lets_any_other_one_give(tmp_path, monkeypatch, verb, donors, only, option):
    monkeypatch.setattr("ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_unit._BOOTSTRAP_FILE",
                        str(tmp_path / "none"))
    host = Host()
    getattr(Unit(host), verb)("", donors, only)
    told = [argv[2] for argv in host.ran if argv[:2] == ["systemctl", "set-environment"]]
    assert told == (["MYSQLD_OPTS=" + option] if option else [])
    assert host.ran[-1] == ["systemctl", verb, "--no-block", "mariadb.service"]
