# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both platforms share: beneath them is MariaDB Galera under systemd, so state is read in one way."""

from __future__ import annotations

import time

from .. import _provider_options as provider_options
from .._ports import PORTS, reach
from .._values import GALERA_DEFAULTS
from ._galera_database import Database, status_of
from ._galera_packages import Packages
from ._galera_recovery import RECOVERY, SEEDING, Recovery
from ._galera_settings import Settings
from ._galera_state import State
from ._galera_unit import Unit
from .interface import Platform

_CAUSAL_READ_SECONDS = 2.0
"""What a causal read gets at the least: 0.05 s are enough on a healthy member."""

_QUICK_SECONDS = 0.5
"""A causal read that took longer may have waited for something to happen in the cluster: one more tells."""

_PACE_SECONDS = 0.2
"""Between two attempts of a causal read that failed at once."""

_NOTICING_MARGIN = 5.0
"""Seconds that the others need, after a dead member's time is up, to agree on a configuration without it."""


class MariaDbMember(Platform):
    """Observation of a member: service, status, progress, history, data, host, ports.

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._database = Database(run)
        self._unit = Unit(run)
        self._settings = Settings(run)
        self._state = State(run, self._settings, self._unit, self._database)
        self._packages = Packages(run, self._unit)
        self._recovery = Recovery(run, self._state)
        self._asked = False
        self._readings = None

    def _running(self):
        """What the database says, asked once per module run."""
        if not self._asked:
            self._readings, self._asked = self._database.readings(), True
        return self._readings

    def service(self):
        return self._unit.show()

    def status(self, patience=None):
        """As documented; current only when a causal read that was quick, or the second one, shows the view unchanged.

        While members come and go the view changes between the two, and while a dead member is being noticed the causal read
        hangs or fails; when it returns at last, the variables behind it are still the old ones for a moment, one by one. So
        it is asked again until the cluster holds still.
        """
        readings = self._database.readings()
        status = status_of(readings, current=False)
        deadline = time.monotonic() + (_noticing_seconds(readings) if patience is None else patience)
        while status["ready"] and status["cluster_status"] == "Primary" and time.monotonic() < deadline:
            asked = time.monotonic()
            after = self._database.readings_after_causal_read(max(_CAUSAL_READ_SECONDS, deadline - asked))
            if after is None:
                time.sleep(_PACE_SECONDS)
                status = status_of(self._database.readings(), current=False)
                continue
            before, status = status, status_of(after, current=True)
            settled = before["current"] or time.monotonic() - asked < _QUICK_SECONDS
            if settled and _view(status) == _view(before):
                return status
        return dict(status, current=False)

    def flow(self):
        return self._database.flow()

    def progress(self, status):
        return self._state.progress(status)

    def telling(self):
        return self._state.telling()

    def saved(self):
        return dict(self._state.saved(), unfinished=self._recovery.unfinished(RECOVERY), seeding=self._recovery.unfinished(SEEDING),
                    left_behind=self._recovery.left_behind())

    def checksums(self, tables, position=0):
        return self._database.checksums(tables, position)

    def leave_behind(self, positions):
        self._recovery.leave_behind(positions)

    def take_back(self, addresses):
        self._recovery.take_back(addresses)

    def write_canary(self, member, token):
        self._database.write_canary(member, token)

    def canaries(self):
        return self._database.canaries()

    def remove_canaries(self):
        self._database.remove_canaries()

    def position(self):
        return self._recovery.position()

    def begin(self, work, chosen, anew=False):
        return self._recovery.begin(work, chosen, anew)

    def finish(self, work):
        self._recovery.finish(work)

    def data(self):
        return self._state.data()

    def host(self):
        return self._state.host()

    def updates(self, packages):
        return self._packages.updates(packages)

    def packages_beside(self, packages):
        return self._packages.beside(packages)

    def refresh_packages(self):
        self._packages.refresh()

    def install_packages(self, versions):
        self._packages.install(versions)

    def ports(self, peers):
        """As documented. While MariaDB lets a connection in to Galera's port it must not be told another option (it hangs for ever,
        :data:`_galera_database.HANGS`); so whoever is in this member's component, and may be told one just now, is not tried.
        """
        status = status_of(self._running(), current=False)
        near = status["incoming_addresses"] if status["cluster_status"] == "Primary" else []
        far = [peer for peer in peers if peer not in near]
        return dict({peer: {str(port): "open" for port in PORTS} for peer in peers if peer in near}, **reach(far))

    def set_aside(self):
        return self._state.set_aside()


def _view(status):
    return status["conf_id"], status["state_uuid"], status["size"], status["incoming_addresses"]


def _noticing_seconds(readings):
    """How long this cluster may take to notice a dead member: its ``evs.inactive_timeout`` (15 s, high latency 60 s)."""
    options = provider_options.parse((readings or {}).get("wsrep_provider_options", ""))
    name = "evs.inactive_timeout"
    return provider_options.seconds(options.get(name, GALERA_DEFAULTS[name])) + _NOTICING_MARGIN
