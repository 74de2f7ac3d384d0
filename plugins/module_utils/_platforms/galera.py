# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform ``galera``: plain Debian with MariaDB and Galera. Puts the pieces together."""

from __future__ import annotations

from .. import _provider_options as provider_options
from .._errors import ClusterError
from .._values import GALERA_DEFAULTS, LATENCY_ONLINE_OPTIONS, LATENCY_START_OPTIONS
from ._galera_settings import Settings
from ._galera_sync import FileSynchronizers
from ._mariadb import MariaDbMember

_ONLINE = LATENCY_ONLINE_OPTIONS + ("pc.weight",)
"""Provider options that Galera takes at run time; the others count from the next start."""


_CAPABILITIES = {
    "packages": True, "sync_keys": True,
    "restarts": ["mode.mode", "mode.cluster_name", "members.address", "members.name", "members.bind_address",
                 "network.latency", "network.segment"],
    "decides": ["primary.application_active"], "manual": {}, "refused": {}, "again": [],
}
"""A Debian host does all that is asked; it has no application of its own."""


class GaleraPlatform(MariaDbMember):
    """Debian with MariaDB and Galera: what the appliance's screens do, done to files, systemd and SQL.

    :param run: the :class:`_runner.Runner`.
    """

    name = "galera"

    def __init__(self, run):
        super(GaleraPlatform, self).__init__(run)
        self._sync = FileSynchronizers(run)

    def capabilities(self):
        return _CAPABILITIES

    def contradictions(self):
        return []

    # -- settings ---------------------------------------------------------------------------------------------------

    def read(self, step):
        if step == "sync":
            return self._sync.read()
        settings = self._settings.read(step)
        return dict(settings, weight=self._running_weight(settings["weight"])) if step == "primary" else settings

    def _running_weight(self, written):
        """The votes that count: a run killed between writing and telling the running Galera leaves another number there."""
        running = self._running()
        if running is None or running.get("wsrep_cluster_status") != "Primary":
            return written
        return int(provider_options.parse(running.get("wsrep_provider_options", "")).get("pc.weight", written))

    def write(self, step, settings):
        if step == "sync":
            self._sync.write(settings)
            return
        self._settings.write(step, settings)
        if step in ("network", "primary"):
            self._apply_online()

    def prepare_sync(self):
        return self._sync.ensure_key()

    def admitted(self):
        return None

    def admit(self, addresses):
        raise ClusterError("there is no list to admit %s to: the firewall of a Debian host is left alone" % ", ".join(addresses))

    def _apply_online(self):
        """Bring the running Galera to what is written, as far as it takes that without a restart.

        In a component that is not primary it refuses a change of weight; the file counts from the next start.
        """
        running = self._running()
        if running is None or running.get("wsrep_cluster_status") != "Primary":
            return
        written = self._settings.provider()
        seen = provider_options.parse(running.get("wsrep_provider_options", ""))
        for name in _ONLINE:
            value = written.get(name, GALERA_DEFAULTS[name])
            if not provider_options.same(seen.get(name, GALERA_DEFAULTS[name]), value):
                self._database.set_provider_option(name, value)
        self._asked = False

    def restart_required(self, step, settings):
        running = self._running()
        if running is None:
            return self._reasons_when_silent(step)
        runs_cluster = running.get("wsrep_on", "").upper() == "ON"
        if step == "mode":
            return _mode_reasons(running, runs_cluster, settings)
        if not runs_cluster:
            return []
        if step == "members":
            return _member_reasons(running, settings)
        if step == "network":
            return self._network_reasons(running, settings)
        return []

    def _reasons_when_silent(self, step):
        """No database answers: one that is just being restored needs no restart, one that is dead needs a start."""
        if step == "mode" and not self._unit.show()["changing"] and self._unit.show()["dead"]:
            return ["mariadb.service is not running"]
        return []

    @staticmethod
    def _network_reasons(running, settings):
        from_file = Settings.start_options(settings)
        seen = provider_options.parse(running.get("wsrep_provider_options", ""))
        return ["%s runs as %s, written %s" % (name, seen.get(name), from_file[name])
                for name in LATENCY_START_OPTIONS + ("gmcast.segment",)
                if name in seen and not provider_options.same(seen[name], from_file[name])]

    # -- service ----------------------------------------------------------------------------------------------------

    def change_service(self, state):
        if state != "stopped":
            self._state.ensure_datadir()
        if state == "started":
            self._unit.start()
        elif state == "stopped":
            self._unit.stop()
        elif state == "restarted":
            self._unit.restart()
        else:
            self._state.allow_bootstrap()
            self._unit.bootstrap()
        self._asked = False

    # -- observation ------------------------------------------------------------------------------------------------

    def sync_state(self):
        return {"running": self._sync.running(), "public_key": self._sync.public_key() or "",
                "host_key": self._sync.host_key() or "", "last_success": self._sync.last_success()}

    def backup(self, directory):
        return self._state.backup(directory)

    def newest_backup(self, directory):
        return self._state.newest_backup(directory)


def _mode_reasons(running, runs_cluster, settings):
    if (settings["mode"] == "cluster") != runs_cluster:
        return ["runs %s, written %s" % ("cluster" if runs_cluster else "standalone", settings["mode"])]
    name = running.get("wsrep_cluster_name", "")
    if runs_cluster and settings["cluster_name"] and name != settings["cluster_name"]:
        return ["runs in cluster %s, written %s" % (name, settings["cluster_name"])]
    return []


def _member_reasons(running, settings):
    wanted = {"wsrep_node_address": settings["address"], "wsrep_node_name": settings["name"]}
    if settings["bind_address"]:
        wanted["bind_address"] = settings["bind_address"]
    return ["%s runs as %s, written %s" % (name, running.get(name, "").strip("[]"), value)
            for name, value in wanted.items() if value and running.get(name, "").strip("[]") != value]
