# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a member, asked over its local socket."""

from __future__ import annotations

import binascii

from .._errors import ClusterError, CommandError, CommandTimeout
from .._provider_options import seconds
from .._values import unbracketed

_CLIENT = ("mariadb", "--batch", "--skip-column-names", "--raw", "--connect-timeout=5")

_VARIABLES = ("bind_address", "datadir", "log_error", "version", "wsrep_cluster_name", "wsrep_node_address",
              "wsrep_node_name", "wsrep_on", "wsrep_provider_options")

_STATUS = ("wsrep_cluster_conf_id", "wsrep_cluster_size", "wsrep_cluster_state_uuid", "wsrep_cluster_status",
           "wsrep_cluster_weight", "wsrep_connected", "wsrep_incoming_addresses", "wsrep_last_committed",
           "wsrep_local_recv_queue", "wsrep_local_state", "wsrep_local_state_comment", "wsrep_provider_version",
           "wsrep_ready")

_FLOW = {"recv_queue": "wsrep_local_recv_queue", "send_queue": "wsrep_local_send_queue",
         "paused_ns": "wsrep_flow_control_paused_ns", "pauses_sent": "wsrep_flow_control_sent"}

_ASK = "SHOW GLOBAL VARIABLES WHERE Variable_name IN (%s); SHOW GLOBAL STATUS WHERE Variable_name IN (%s);" % (
    ",".join("'%s'" % name for name in _VARIABLES), ",".join("'%s'" % name for name in _STATUS))

_NOT_THERE = ("ERROR 2002", "ERROR 2003", "ERROR 2006", "ERROR 2013", "ERROR 1927", "not found")
_NO_ENTRY = ("ERROR 1045", "ERROR 1698")

SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")

OUR_SCHEMA = "senhasegura_cluster"
"""What the role ``health`` makes, for all members at once: its table has the one row that says who is the primary. Nobody's data."""

NO_DATA = SYSTEM_SCHEMAS + (OUR_SCHEMA,)

_SCHEMAS = ("SELECT s.schema_name, COUNT(t.table_name), COALESCE(SUM(t.table_rows), 0),"
            " COALESCE(SUM(t.data_length + t.index_length), 0), COALESCE(MAX(t.update_time), '')"
            " FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name"
            " WHERE s.schema_name NOT IN (%s) GROUP BY s.schema_name ORDER BY s.schema_name"
            % ",".join("'%s'" % name for name in NO_DATA))


_POSITION = "SELECT variable_value FROM information_schema.global_status WHERE variable_name='wsrep_last_committed'; "

_LOOKS = 3000
"""How often it is looked whether a position is reached that is waited for: some seconds, where nobody writes any more."""

_SNAPSHOT = ("SET SESSION wsrep_sync_wait=1; " + _POSITION + "SET SESSION wsrep_sync_wait=0;\ndelimiter //\n"
             "BEGIN NOT ATOMIC DECLARE looks INT DEFAULT 0; WHILE looks < %(looks)d AND (SELECT variable_value + 0 FROM "
             "information_schema.global_status WHERE variable_name='wsrep_last_committed') < %(position)d DO SET looks = looks + 1; "
             "DO SLEEP(0.001); END WHILE; END//\ndelimiter ;\n"
             + _POSITION + "START TRANSACTION WITH CONSISTENT SNAPSHOT; " + _POSITION)
"""A causal read; then, as soon as a position is reached, a snapshot between two looks at the position. CHECKSUM TABLE reads InnoDB's tables
as the snapshot has them (seen with MariaDB 10.11 and 11.8).
"""

_TABLES = ("SELECT CONCAT('`', REPLACE(table_schema, '`', '``'), '`.`', REPLACE(table_name, '`', '``'), '`')"
           " FROM information_schema.tables WHERE table_type='BASE TABLE' AND engine='InnoDB' AND table_schema NOT IN (%s)"
           " ORDER BY table_schema, table_name" % ",".join("'%s'" % name for name in SYSTEM_SCHEMAS))

_CANARY = "senhasegura_canary.canary"
# All members create and write at once: a row that another one's CREATE overtakes is written again.
_CANARY_TABLE = ("SET SESSION wsrep_retry_autocommit=1000; CREATE DATABASE IF NOT EXISTS senhasegura_canary; CREATE TABLE"
                 " IF NOT EXISTS %s (member VARCHAR(255) CHARACTER SET utf8mb4 PRIMARY KEY, token VARCHAR(64) NOT NULL) ENGINE=InnoDB; " % _CANARY)

_CANARY_EXISTS = "SELECT 1 FROM information_schema.tables WHERE table_schema='senhasegura_canary' AND table_name='canary'"

PRIMARY_TABLE = OUR_SCHEMA + ".primary_member"
# Where it names the same primary already nothing is written, and nothing replicated. Two members may write at once: it is tried again.
_NAME_PRIMARY = ("SET SESSION wsrep_retry_autocommit=1000; INSERT INTO %s (id, address) VALUES (1, X'%s')"
                 " ON DUPLICATE KEY UPDATE address = VALUES(address)")
_NO_TABLE = ("ERROR 1049", "ERROR 1146")
_NOT_PREPARED = "ERROR 1047"

_TELLING_SECONDS = 30.0
"""A change of an option takes a moment; one of the votes takes as long as a message to all members."""

HANGS = ("MariaDB hangs for ever when somebody connects to its port 4567 in the moment in which Galera is told an option. If it answers "
         "nobody any more (mariadb -e 'SELECT 1' hangs on that member), end it there and start it again: systemctl kill --signal=KILL "
         "mariadb, then systemctl start mariadb. Then run the playbook again")
"""Seen with MariaDB 10.11.19 and Galera 26.4: SET holds LOCK_global_system_variables and waits for Galera's thread, which asks the
allow list whether it may accept the connection, in a new THD, which needs that lock. The others declare the member dead, and are
without quorum where the votes were just changing.
"""

_CHECKSUM_SECONDS = 6 * 3600.0
"""CHECKSUM TABLE reads every row."""


def quoted(name):
    """``schema.table`` as SQL takes it, whatever is in the two names; what is quoted already stays.

    :raises ClusterError: for a name without a schema.
    """
    if name.startswith("`"):
        return name
    schema, dot, table = name.partition(".")
    if not (schema and dot and table):
        raise ClusterError("a table is named with its schema, as schema.table, not %r" % name)
    return ".".join("`%s`" % part.replace("`", "``") for part in (schema, table))


def _hex(text):
    return binascii.hexlify(text.encode("utf-8")).decode("ascii")


def _text(hexadecimal):
    return binascii.unhexlify(hexadecimal).decode("utf-8")


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

    def flow(self):
        """How replication flows, as ``Platform.flow`` tells it.

        :raises ClusterError: when no database answers, or it is not replicating.
        """
        rows = self.query("SHOW GLOBAL STATUS WHERE Variable_name IN (%s)" % ",".join("'%s'" % name for name in _FLOW.values()))
        found = {row[0].lower(): row[1] if len(row) > 1 else "" for row in rows or []}
        missing = [name for name in _FLOW.values() if name not in found]
        if missing:
            raise ClusterError("the database does not tell %s" % ", ".join(missing) if rows is not None
                               else "the database does not answer", remedy="Run the playbook again: it observes every member anew")
        return {key: _number(found[name], 0) for key, name in _FLOW.items()}

    def make_primary(self):
        """Make this member's component primary.

        :raises ClusterError: when Galera does not take it.
        """
        self._tell_galera("SET GLOBAL wsrep_provider_pc_bootstrap=ON" if self._has_provider_plugin()
                          else "SET GLOBAL wsrep_provider_options='pc.bootstrap=YES'")

    def _has_provider_plugin(self):
        return bool(self.query("SELECT 1 FROM information_schema.plugins WHERE plugin_name='wsrep_provider' AND plugin_status='ACTIVE'"))

    def set_provider_option(self, name, value):
        """Change one option of the running Galera; the others stay as they run.

        MariaDB 11.8 (Debian 13) loads the plugin ``wsrep_provider``, which makes a variable of every option and refuses the one
        line that older releases take.

        :param value: a whole number or a duration (``PT0.5S``) as text, as all options are that are ours and change at run time.
        :raises ClusterError: when MariaDB hangs over it, as :data:`HANGS` tells.
        """
        sql = "SET GLOBAL wsrep_provider_options='%s=%s'" % (name, value)
        if self._has_provider_plugin():
            sql = "SET GLOBAL wsrep_provider_%s=%s" % (name.replace(".", "_"), value if value.isdigit() else seconds(value))
        self._tell_galera(sql)

    def _tell_galera(self, sql):
        try:
            self.query(sql, timeout=_TELLING_SECONDS)
        except CommandTimeout as error:
            raise ClusterError("MariaDB has not answered %r for %.0f s" % (sql, _TELLING_SECONDS), command=error.command, remedy=HANGS)

    def checksums(self, tables, position=0):
        """As ``Platform.checksums``. All tables are read in one snapshot, which stands still however much is written meanwhile; whose
        snapshot begins when a position is reached has the same one as others who do so.
        """
        tables = self.tables() if "all" in tables else [quoted(name) for name in tables]
        asked = "".join("CHECKSUM TABLE %s; " % name for name in tables)
        rows = self.query(_SNAPSHOT % {"position": position, "looks": _LOOKS} + asked + _POSITION, timeout=_CHECKSUM_SECONDS)
        if rows is None:
            raise ClusterError("the database does not answer, so there are no checksums")
        values = [row[-1] for row in rows]
        read = {"before": int(values[1]), "after": int(values[2]), "now": int(values[-1])}
        return {name: dict(read, checksum=values[3 + number]) for number, name in enumerate(tables)}

    def write_canary(self, member, token):
        """Write a row that every other member must show.

        :raises ClusterError: when it was not acknowledged.
        """
        if self.query(_CANARY_TABLE + "REPLACE INTO %s VALUES (X'%s', X'%s')" % (_CANARY, _hex(member), _hex(token))) is None:
            raise ClusterError("the row that all members must show was not acknowledged",
                               remedy="Look at the member's error log: it does not take writes")

    def canaries(self):
        """The rows of :meth:`write_canary`: dict of member name to token.

        :raises ClusterError: when no database answers.
        """
        there = self.query("SET SESSION wsrep_sync_wait=1; " + _CANARY_EXISTS)
        if there is None:
            raise ClusterError("the database does not answer")
        rows = self.query("SET SESSION wsrep_sync_wait=1; SELECT HEX(member), HEX(token) FROM " + _CANARY) if there else []
        return {_text(row[0]): _text(row[1]) for row in rows}

    def remove_canaries(self):
        """Take them away, on the whole cluster."""
        self.query("DROP DATABASE IF EXISTS senhasegura_canary")

    def named_primary(self):
        """The address of the primary as the one row has it that all members share; "" where there is no row.

        :returns: None where there is no such table, and where no database answers or serves.
        """
        result = self._run(_CLIENT + ("--execute", "SELECT address FROM %s WHERE id = 1" % PRIMARY_TABLE))
        if result.rc == 0:
            return result.out.strip()
        if any(text in result.err for text in _NO_TABLE + _NOT_THERE + (_NOT_PREPARED,)):
            return None
        raise CommandError("MariaDB does not tell who is the primary (%s)" % PRIMARY_TABLE, command=_CLIENT, rc=result.rc, output=result.err,
                           remedy="DROP DATABASE %s there, run the playbook again, then serve_health, which makes it anew" % OUR_SCHEMA)

    def name_primary(self, address):
        """Write that row, for all members at once.

        :raises ClusterError: when it was not acknowledged.
        """
        if self.query(_NAME_PRIMARY % (PRIMARY_TABLE, _hex(address))) is None:
            raise ClusterError("the row that tells all members the primary (%s) was not acknowledged" % PRIMARY_TABLE,
                               remedy="Look at the member's error log: it does not take writes")

    def tables(self):
        """The tables that Galera replicates and that are not MariaDB's own, quoted: list of ``schema.table``."""
        return [row[0] for row in self.query(_TABLES) or []]

    def schemas(self):
        """The schemas that are neither MariaDB's own nor ours; ``None`` where no database answers.

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
