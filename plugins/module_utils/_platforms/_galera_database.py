# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a member, asked over its local socket."""

from __future__ import annotations

from .._errors import ClusterError, CommandError, CommandTimeout
from .._values import unbracketed

_CLIENT = ("mariadb", "--batch", "--skip-column-names", "--raw", "--connect-timeout=5")

_VARIABLES = ("bind_address", "datadir", "log_error", "version", "wsrep_cluster_name", "wsrep_node_address",
              "wsrep_node_name", "wsrep_on", "wsrep_provider_options")

_STATUS = ("wsrep_cluster_conf_id", "wsrep_cluster_size", "wsrep_cluster_state_uuid", "wsrep_cluster_status",
           "wsrep_cluster_weight", "wsrep_connected", "wsrep_incoming_addresses", "wsrep_last_committed",
           "wsrep_local_recv_queue", "wsrep_local_state", "wsrep_local_state_comment", "wsrep_provider_version",
           "wsrep_ready")

_ASK = "SHOW GLOBAL VARIABLES WHERE Variable_name IN (%s); SHOW GLOBAL STATUS WHERE Variable_name IN (%s);" % (
    ",".join("'%s'" % name for name in _VARIABLES), ",".join("'%s'" % name for name in _STATUS))

_NOT_THERE = ("ERROR 2002", "ERROR 2003", "ERROR 2006", "ERROR 2013", "ERROR 1927", "not found")
_NO_ENTRY = ("ERROR 1045", "ERROR 1698")

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")

_SCHEMAS = ("SELECT s.schema_name, COUNT(t.table_name), COALESCE(SUM(t.table_rows), 0),"
            " COALESCE(SUM(t.data_length + t.index_length), 0), COALESCE(MAX(t.update_time), '')"
            " FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name"
            " WHERE s.schema_name NOT IN (%s) GROUP BY s.schema_name ORDER BY s.schema_name"
            % ",".join("'%s'" % name for name in SYSTEM_SCHEMAS))


class Database(object):
    """Asks and tells the running MariaDB.

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._run = run

    def query(self, sql, timeout=30.0):
        """The rows of one or several statements.

        :returns: list of rows, each a list of text; ``None`` where no database answers.
        :raises ClusterError: when the database answers with an error, or refuses the local root account.
        """
        result = self._run(_CLIENT + ("--execute", sql), timeout=timeout)
        if result.rc == 0:
            return [line.split("\t") for line in result.out.splitlines()]
        if any(text in result.err for text in _NOT_THERE):
            return None
        if any(text in result.err for text in _NO_ENTRY):
            raise ClusterError("MariaDB does not let root in over its local socket", output=result.err,
                               remedy="Let root@localhost log in with unix_socket, as MariaDB installs it")
        raise CommandError("MariaDB refused: %s" % sql.split(";")[0][:80], command=_CLIENT, rc=result.rc,
                           output=result.err)

    def readings(self):
        """Variables and wsrep status in one go.

        :returns: dict of lower-case name to text; ``None`` where no database answers.
        """
        rows = self.query(_ASK)
        return None if rows is None else {row[0].lower(): row[1] if len(row) > 1 else "" for row in rows}

    def readings_after_causal_read(self, seconds):
        """The readings behind a causal read: what they tell is current, not the view before a cut.

        :param seconds: how long it may take: 0.05 s on a healthy member; it hangs while a cut is being detected.
        :returns: as :meth:`readings`; ``None`` when the causal read failed or hung.
        """
        sql = "SET SESSION wsrep_sync_wait=1; SELECT 'causal', 'read'; " + _ASK
        try:
            result = self._run(_CLIENT + ("--execute", sql), timeout=seconds)
        except CommandTimeout:
            return None
        if result.rc != 0:
            return None
        rows = [line.split("\t") for line in result.out.splitlines()]
        return {row[0].lower(): row[1] if len(row) > 1 else "" for row in rows}

    def set_provider_option(self, name, value):
        """Change one option of the running Galera; the others stay as they run.

        MariaDB 11.8 (Debian 13) loads the plugin ``wsrep_provider``, which makes a variable of every option and refuses the one
        line that older releases take.

        :param value: a whole number as text, which is what all options are that can be changed at run time and are ours.
        """
        plugin = self.query("SELECT 1 FROM information_schema.plugins WHERE plugin_name='wsrep_provider'"
                            " AND plugin_status='ACTIVE'")
        if plugin:
            self.query("SET GLOBAL wsrep_provider_%s=%d" % (name.replace(".", "_"), int(value)))
        else:
            self.query("SET GLOBAL wsrep_provider_options='%s=%s'" % (name, value))

    def schemas(self):
        """The schemas that are not MariaDB's own; ``None`` where no database answers.

        :returns: list of dict ``name``, ``tables``, ``rows`` (approximate), ``bytes``, ``updated`` (text).
        """
        rows = self.query(_SCHEMAS)
        if rows is None:
            return None
        return [{"name": row[0], "tables": int(row[1]), "rows": int(float(row[2])), "bytes": int(float(row[3])),
                 "updated": row[4]} for row in rows]


def status_of(readings, current):
    """The platform's ``status`` from readings.

    :param readings: of :meth:`Database.readings`, or None.
    :param current: whether a causal read stands behind them.
    """
    if readings is None:
        return {"answers": False, "wsrep_on": False, "ready": False, "connected": False, "cluster_status": "",
                "local_state": 0, "local_state_comment": "", "conf_id": "", "state_uuid": "", "size": 0,
                "incoming_addresses": [], "last_committed": -1, "recv_queue": 0, "weight": 0, "current": False}
    return {
        "answers": True,
        "wsrep_on": readings.get("wsrep_on", "").upper() == "ON",
        "ready": readings.get("wsrep_ready", "").upper() == "ON",
        "connected": readings.get("wsrep_connected", "").upper() == "ON",
        "cluster_status": readings.get("wsrep_cluster_status", ""),
        "local_state": _number(readings.get("wsrep_local_state"), 0),
        "local_state_comment": readings.get("wsrep_local_state_comment", ""),
        "conf_id": readings.get("wsrep_cluster_conf_id", ""),
        "state_uuid": readings.get("wsrep_cluster_state_uuid", "").lower(),
        "size": _number(readings.get("wsrep_cluster_size"), 0),
        "incoming_addresses": _addresses(readings.get("wsrep_incoming_addresses", "")),
        "last_committed": _number(readings.get("wsrep_last_committed"), -1),
        "recv_queue": _number(readings.get("wsrep_local_recv_queue"), 0),
        "weight": _number(readings.get("wsrep_cluster_weight"), 0),
        "current": bool(current),
    }


def _addresses(text):
    """The addresses of ``wsrep_incoming_addresses``; an arbitrator (garbd) is an empty item, kept as ""."""
    return [unbracketed(item) for item in text.split(",")] if text else []


def _number(text, otherwise):
    try:
        return int(text)
    except (TypeError, ValueError):
        return otherwise
