# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform ``galera``: plain Debian with MariaDB and Galera. Puts the pieces together."""

from __future__ import annotations

import time

from .. import _provider_options as provider_options
from .._ports import reach
from .._files import read_text
from .._values import GALERA_DEFAULTS, LATENCY_ONLINE_OPTIONS, LATENCY_START_OPTIONS
from ._galera_database import Database, status_of
from ._galera_settings import Settings
from ._galera_state import State
from ._galera_sync import FileSynchronizers
from ._galera_unit import Unit
from .interface import Platform

_CAUSAL_READ_SECONDS = 2.0
"""What a causal read gets at the least: 0.05 s are enough on a healthy member."""

_PACE_SECONDS = 0.2
"""Between two attempts of a causal read that failed at once."""

_NOTICING_MARGIN = 5.0
"""Seconds that the others need, after a dead member's time is up, to agree on a configuration without it."""

_ONLINE = LATENCY_ONLINE_OPTIONS + ("pc.weight",)
"""Provider options that Galera takes at run time; the others count from the next start."""


class GaleraPlatform(Platform):
    """Debian with MariaDB and Galera: what the appliance's screens do, done to files, systemd and SQL.

    :param run: the :class:`_runner.Runner`.
    """

    name = "galera"

    def __init__(self, run):
        self._database = Database(run)
        self._unit = Unit(run)
        self._settings = Settings(run)
        self._state = State(run, self._settings, self._unit, self._database)
        self._sync = FileSynchronizers(run)
        self._asked = False
        self._readings = None

    # -- settings ---------------------------------------------------------------------------------------------------

    def read(self, step):
        return self._sync.read() if step == "sync" else self._settings.read(step)

    def write(self, step, settings):
        if step == "sync":
            self._sync.write(settings)
            return
        self._settings.write(step, settings)
        if step in ("network", "primary"):
            self._apply_online()

    def prepare_sync(self):
        return self._sync.ensure_key()

    def _running(self):
        """What the database says, asked once per module run."""
        if not self._asked:
            self._readings, self._asked = self._database.readings(), True
        return self._readings

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

    def service(self):
        return self._unit.show()

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
            self._allow_bootstrap()
            self._unit.bootstrap()
        self._asked = False

    def _allow_bootstrap(self):
        """Galera bootstraps only from a history marked safe; the plan has proven which one is the newest."""
        path = self._state.datadir() + "/grastate.dat"
        text = read_text(path)
        if "safe_to_bootstrap: 0" in text:
            # The data directory's files belong to MariaDB's own account: keep owner and mode, change one digit.
            with open(path, "r+", encoding="utf-8") as handle:
                handle.write(text.replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"))

    # -- observation ------------------------------------------------------------------------------------------------

    def status(self, patience=None):
        """As documented; current only when the readings before and after a causal read are of one configuration.

        While members come and go the configuration changes between the two, and while a dead member is being noticed the
        causal read hangs or fails; so it is asked again until the cluster holds still.
        """
        readings = self._database.readings()
        status = status_of(readings, current=False)
        deadline = time.monotonic() + (_noticing_seconds(readings) if patience is None else patience)
        while status["ready"] and status["cluster_status"] == "Primary" and time.monotonic() < deadline:
            after = self._database.readings_after_causal_read(max(_CAUSAL_READ_SECONDS, deadline - time.monotonic()))
            if after is None:
                time.sleep(_PACE_SECONDS)
                status = status_of(self._database.readings(), current=False)
                continue
            before, status = status, status_of(after, current=True)
            if status["conf_id"] == before["conf_id"]:
                return status
        return dict(status, current=False)

    def progress(self, status):
        return self._state.progress(status)

    def saved(self):
        return self._state.saved()

    def data(self):
        return self._state.data()

    def host(self):
        return self._state.host()

    def sync_state(self):
        return {"running": self._sync.running(), "public_key": self._sync.public_key() or "",
                "host_key": self._sync.host_key() or "", "last_success": self._sync.last_success()}

    def ports(self, peers):
        return reach(peers)

    def set_aside(self):
        return self._state.set_aside()

    def backup(self, directory):
        return self._state.backup(directory)


def _noticing_seconds(readings):
    """How long this cluster may take to notice a dead member: its ``evs.inactive_timeout`` (15 s, high latency 60 s)."""
    options = provider_options.parse((readings or {}).get("wsrep_provider_options", ""))
    name = "evs.inactive_timeout"
    return provider_options.seconds(options.get(name, GALERA_DEFAULTS[name])) + _NOTICING_MARGIN


def _mode_reasons(running, runs_cluster, settings):
    if (settings["mode"] == "cluster") != runs_cluster:
        return ["runs %s, written %s" % ("cluster" if runs_cluster else "standalone", settings["mode"])]
    name = running.get("wsrep_cluster_name", "")
    if runs_cluster and name != settings["cluster_name"]:
        return ["runs in cluster %s, written %s" % (name, settings["cluster_name"])]
    return []


def _member_reasons(running, settings):
    wanted = {"wsrep_node_address": settings["address"], "wsrep_node_name": settings["name"]}
    if settings["bind_address"]:
        wanted["bind_address"] = settings["bind_address"]
    return ["%s runs as %s, written %s" % (name, running.get(name, "").strip("[]"), value)
            for name, value in wanted.items() if value and running.get(name, "").strip("[]") != value]
