# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database says of its accounts and memory; no password is tried, and none is read."""

from __future__ import annotations

from ._errors import ClusterError
from ._platforms._galera_database import Database

_POOL_DEFAULT = 128 * 1024**2
"""``innodb_buffer_pool_size`` where nothing is written (MariaDB's documentation, "InnoDB System Variables")."""

_UNITS = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}

_ACCOUNTS = ("SELECT User, Host, COALESCE(JSON_VALUE(Priv, '$.plugin'), ''),"
             " COALESCE(JSON_VALUE(Priv, '$.authentication_string'), '') = '',"
             " COALESCE(JSON_VALUE(Priv, '$.account_locked'), 'false')"
             " FROM mysql.global_priv WHERE User IN ('root', '') AND COALESCE(JSON_VALUE(Priv, '$.is_role'), 'false') = 'false'"
             " ORDER BY User, Host")

_ASK = "SET SESSION wsrep_dirty_reads=1; SELECT @@global.innodb_buffer_pool_size; " + _ACCOUNTS
"""Also of a member in no primary component, which answers nothing else."""

_WITH_PASSWORD = ("", "mysql_native_password", "mysql_old_password")
"""Plugins for which an empty authentication string means that no password is asked."""


def database(run):
    """All of it.

    :param run: the :class:`_runner.Runner`.
    :returns: dict of ``problem`` (why the database told nothing, or ""), ``accounts`` (list of dict ``user``, ``host``, ``open``:
        whether it lets in without a password), ``buffer_pool`` (bytes: the larger of what is written and what runs).
    """
    written = written_buffer_pool(run(["my_print_defaults", "--mysqld"]).out)
    try:
        rows = Database(run).query(_ASK)
    except ClusterError as error:  # that it refuses is a finding about it, and none about the rest of the host
        return {"problem": error.message, "accounts": [], "buffer_pool": written}
    if rows is None:
        return {"problem": "the database does not answer", "accounts": [], "buffer_pool": written}
    return {"problem": "", "buffer_pool": max(written, int(rows[0][0])),
            "accounts": [{"user": user, "host": host, "open": lets_in(plugin, empty, locked)}
                         for user, host, plugin, empty, locked in rows[1:]]}


def lets_in(plugin, empty, locked):
    """Whether an account needs no password, by its row: plugin, whether its authentication string is empty, locked."""
    return plugin in _WITH_PASSWORD and empty == "1" and locked not in ("1", "true")


def written_buffer_pool(text):
    """The buffer pool in bytes that MariaDB would start with.

    :param text: what ``my_print_defaults`` prints; the last one counts, as it does for MariaDB.
    """
    found = _POOL_DEFAULT
    for row in text.splitlines():
        name, _equal, value = row.partition("=")
        if name.strip("-").replace("-", "_") == "innodb_buffer_pool_size" and value:
            found = _bytes(value.strip())
    return found


def _bytes(text):
    unit = _UNITS.get(text[-1:].lower())
    number = text[:-1] if unit else text
    return int(number) * (unit or 1) if number.isdigit() else _POOL_DEFAULT
