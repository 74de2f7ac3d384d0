# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The row from which all members' health services tell the primary. What MariaDB says are its own words (10.11)."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, CommandError
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_database import Database
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms.galera import GaleraPlatform
from ansible_collections.senhasegura.cluster.plugins.module_utils._runner import Result

OLD, NEW = "10.0.0.11", "10.0.0.12"
NO_TABLE = "ERROR 1146 (42S02) at line 1: Table 'senhasegura_cluster.primary_member' doesn't exist\n"
NOT_PREPARED = "ERROR 1047 (08S01) at line 1: WSREP has not yet prepared node for application use\n"
GONE = "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)\n"


class Client:
    """In the place of the mariadb client: one answer, and what it was told."""

    def __init__(self, rc=0, out="", err=""):
        self.answer, self.told = (rc, out, err), []

    def __call__(self, argv, **_more):
        self.told.append(argv[-1])
        return Result(*self.answer)


@pytest.mark.parametrize("answer, named", [
    ((0, OLD + "\n", ""), OLD), ((0, "", ""), ""), ((1, "", NO_TABLE), None), ((1, "", NOT_PREPARED), None), ((1, "", GONE), None)])
def test_whom_the_row_names(answer, named):
    assert Database(Client(*answer)).named_primary() == named


def test_what_else_mariadb_says_is_an_error():
    with pytest.raises(CommandError) as caught:
        Database(Client(1, "", "ERROR 1932 (42S02) at line 1: Table 'primary_member' doesn't exist in engine\n")).named_primary()
    assert caught.value.message == "MariaDB does not tell who is the primary (senhasegura_cluster.primary_member)"


def test_a_row_that_was_not_acknowledged_is_an_error():
    with pytest.raises(ClusterError) as caught:
        Database(Client(1, "", GONE)).name_primary(NEW)
    assert caught.value.message == "the row that tells all members the primary (senhasegura_cluster.primary_member) was not acknowledged"


class Shared:
    """The database of a member; ``named`` is the row."""

    def __init__(self, named, **status):
        self.named, self.written = named, []
        self.status = dict({"wsrep_on": "ON", "wsrep_cluster_status": "Primary", "wsrep_ready": "ON"}, **status)

    def readings(self):
        return self.status

    def named_primary(self):
        return self.named

    def name_primary(self, address):
        self.named = address
        self.written.append(address)


class Written:
    """The settings file."""

    def __init__(self):
        self.settings = {"primary": OLD, "weight": 1}

    def read(self, step):
        return dict(self.settings)

    def write(self, step, settings):
        self.settings = {name: settings[name] for name in self.settings}

    def provider(self):
        return {}


class Unit:
    def clear_start_options(self):
        """Nothing was left."""


def member(named, **status):
    platform = GaleraPlatform(None)
    platform._database, platform._settings, platform._unit = Shared(named, **status), Written(), Unit()
    return platform


@pytest.mark.parametrize("named, status, published", [
    (OLD, {}, True), (NEW, {}, False), ("", {}, False), (None, {}, True),
    (NEW, {"wsrep_cluster_status": "non-Primary"}, True), (NEW, {"wsrep_ready": "OFF"}, True),
    (NEW, {"wsrep_on": "OFF", "wsrep_cluster_status": "Disconnected"}, True)])
def test_whether_the_row_says_what_is_written(named, status, published):
    assert member(named, **status).read("primary") == {"primary": OLD, "weight": 1, "published": published}


@pytest.mark.parametrize("named, status, written", [
    (OLD, {}, [NEW]), ("", {}, [NEW]), (NEW, {}, []), (None, {}, []), (OLD, {"wsrep_cluster_status": "non-Primary"}, [])])
def test_the_row_is_written_where_it_differs_and_only_by_who_serves(named, status, written):
    platform = member(named, **status)
    platform.write("primary", {"primary": NEW, "weight": 1, "published": True})
    assert platform._database.written == written
    assert platform.read("primary") == {"primary": NEW, "weight": 1, "published": True}


def test_who_has_another_one_written_and_is_not_to_tell_it_leaves_the_row():
    platform = member(NEW)
    platform.write("primary", {"primary": OLD, "weight": 2, "published": False})
    assert platform._database.written == []
