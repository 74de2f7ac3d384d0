# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The written settings of an appliance: ``orbit cluster config`` writes them into galera.cnf; what neither tells again is
remembered in a record of ours.
"""

from __future__ import annotations

import hashlib
import json

from .. import _orbit_text as orbit_text
from .. import _provider_options as provider_options
from .._cnf import OptionFile
from .._errors import ClusterError
from .._files import read_text, write_text
from .._values import SYNC_TIMEOUT_DEFAULT, unbracketed

GALERA_CNF = "/etc/mysql/conf.d/galera.cnf"
RECORD = "/etc/senhasegura-cluster/orbit.json"

_MENU = "Orbit Config Manager > Replication > Settings"
"""The screen of the vendor's guide ("How to create a cluster", release 3.32)."""

MANUAL = {
    "mode.standalone": _MENU + " > Operation Mode: choose Standalone, then Save and Yes",
    "sync.enabled": _MENU + " > File Synchronizers: {}, then Save",
    "sync.timeout": _MENU + " > Sync Timeout: {} seconds, then Save",
    "message.recovery_message": _MENU + " > Recovery Screen Display Message: {}, then Save",
    "primary.primary": _MENU + " > Assume as Primary",
}

_SYNC_OPTIONS = {"--enable", "--disable", "--timeout", "--show"}
_MESSAGE_OPTION = "--recovery-message"
_CONFIG = ("cluster", "config")

_COMPARED = ("wsrep_on", "wsrep_cluster_address", "wsrep_node_address", "wsrep_provider_options")
"""What orbit writes of our steps: another option file must not override it."""


class OrbitSettings(object):
    """Reads and writes the settings of the steps 2 to 9.

    :param orbit: the :class:`_orbit_command.Orbit`.
    :param settings: the :class:`_galera_settings.Settings`, for what MariaDB reads of its option files.
    """

    record = RECORD

    def __init__(self, orbit, settings):
        self._orbit = orbit
        self._settings = settings

    # -- our record -------------------------------------------------------------------------------------------------

    @staticmethod
    def _record():
        text = read_text(RECORD)
        try:
            return json.loads(text) if text else {}
        except ValueError:
            raise ClusterError("%s cannot be read" % RECORD, remedy="Take it away; it is written anew")

    def recorded(self, name, default):
        """What was remembered last of a setting that the appliance does not tell."""
        return self._record().get(name, default)

    def remember(self, values):
        """Keep settings that the appliance does not tell, for the next run."""
        write_text(RECORD, json.dumps(dict(self._record(), **values), indent=2, sort_keys=True) + "\n", mode=0o600)

    @staticmethod
    def _lines():
        """galera.cnf as name to digest: values may hold a password, and only need to be compared."""
        lines = [line.strip() for line in read_text(GALERA_CNF).splitlines()]
        pairs = [line.partition("=") for line in lines if line and line[0] not in "#;["]
        return {name.strip().replace("-", "_"): hashlib.sha256(value.strip().encode()).hexdigest()
                for name, _equals, value in pairs}

    def changed_by_others(self):
        """The options of galera.cnf that differ from what was there after our last ``orbit cluster config``."""
        ours, present = self.recorded("galera_cnf", None), self._lines()
        if ours is None:
            return []
        return sorted(name for name in set(ours) | set(present) if ours.get(name) != present.get(name))

    def overridden(self):
        """Options that MariaDB reads from another file than galera.cnf: list of sentences."""
        own = OptionFile(read_text(GALERA_CNF))
        found = []
        for name in _COMPARED:
            written, effective = own.get("mysqld", name), self._settings.effective().get(name)
            if written is not None and written.strip("\"'") != (effective or "").strip("\"'"):
                found.append("%s is %s in %s, but MariaDB reads %s from another option file"
                             % (name, written, GALERA_CNF, effective or "nothing"))
        return found

    # -- what a person must do --------------------------------------------------------------------------------------

    def _sync_by_command(self):
        return _SYNC_OPTIONS <= orbit_text.options(self._orbit.help("sync"))

    def manual(self):
        """Settings that this release's command line does not have: dict of setting to its menu path."""
        names = [] if self._sync_by_command() else ["sync.enabled", "sync.timeout"]
        names += [] if self._orbit.takes(_CONFIG, _MESSAGE_OPTION) else ["message.recovery_message"]
        return {name: MANUAL[name] for name in names}

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(self, step):
        """The settings of a step, as :class:`_platforms.interface.Platform` documents them."""
        return getattr(self, "_read_" + step)()

    def own_address(self):
        """This member's own address as configured, or as it will be."""
        return unbracketed(self._settings.effective().get("wsrep_node_address", ""))

    def _read_mode(self):
        configured = bool(self._read_members()["members"]) or self.recorded("mode", "") == "cluster"
        effective = self._settings.effective()
        return {"mode": "cluster" if configured else "standalone", "cluster_name": effective.get("wsrep_cluster_name", ""),
                "sst_method": effective.get("wsrep_sst_method", "")}

    def _read_members(self):
        arbitrator = ""
        if self._orbit.help("cluster", "arbiter"):
            arbitrator = orbit_text.arbiter_status(self._orbit.ask("cluster", "arbiter", "status"))
        effective = self._settings.effective()
        url = effective.get("wsrep_cluster_address", "")
        listed = url.split("://", 1)[1].split("?", 1)[0] if "://" in url else ""
        listed = [unbracketed(item) for item in listed.split(",") if item.strip()]
        return {"members": [item for item in listed if item != arbitrator], "arbitrator": arbitrator,
                "address": self.own_address(), "name": effective.get("wsrep_node_name", ""),
                "bind_address": effective.get("bind_address", "")}

    def _read_network(self):
        """The segment as Galera has it; the latency profile only we remember, since no command tells it."""
        options = provider_options.parse(self._settings.effective().get("wsrep_provider_options", ""))
        return {"different_datacenters": self.recorded("different_datacenters", False),
                "latency": self.recorded("latency", ""), "segment": int(options.get("gmcast.segment", "0") or 0),
                "intact": True}

    def _read_sync(self):
        settings = {"enabled": False, "timeout": SYNC_TIMEOUT_DEFAULT, "paths": [], "peers": [], "intact": True}
        if self._sync_by_command():
            seen = orbit_text.fields(self._orbit.ask("sync", "--show"))
            settings["enabled"] = seen.get("synchronizers", "").lower() in ("active", "enabled", "yes", "on")
            digits = "".join(char for char in seen.get("sync timeout", "") if char.isdigit())
            settings["timeout"] = int(digits or SYNC_TIMEOUT_DEFAULT)
        return settings

    def _read_message(self):
        return {"recovery_message": self.recorded("recovery_message", "")}

    # -- writing ----------------------------------------------------------------------------------------------------

    def write(self, step, settings):
        """Write the settings of a step; the others are passed on as they are.

        :raises ClusterError: for what no command can do.
        """
        getattr(self, "_write_" + step)(settings)

    def _write_mode(self, settings):
        """``orbit cluster config`` activates with the members' addresses: the next step runs it."""
        if settings["mode"] != "cluster":
            raise ClusterError("no command of this member sets the mode to standalone", remedy=MANUAL["mode.standalone"])
        self.remember({"mode": "cluster"})

    def _write_members(self, settings):
        self._configure(settings, self._read_network())

    def _write_network(self, settings):
        members = self._read_members()
        if not members["members"]:
            raise ClusterError("orbit cluster config needs the members", remedy="Apply cluster_members before cluster_network")
        self._configure(members, settings)

    def _configure(self, members, network, *more):
        options = ["--nodes=" + ",".join(members["members"]), "--ip=" + members["address"]]
        options += ["--arbiter=" + members["arbitrator"]] if members["arbitrator"] else []
        options += ['--latency=%s' % network["latency"]] if network["latency"] else []
        self._orbit.change(_CONFIG, *(options + ["--segment=%d" % network["segment"]] + list(more)))
        self._settings.forget()
        self.remember({"latency": network["latency"], "different_datacenters": network["different_datacenters"],
                       "galera_cnf": self._lines()})

    def _write_sync(self, settings):
        self._orbit.change(("sync",), "--enable" if settings["enabled"] else "--disable", "--timeout=%d" % settings["timeout"])

    def _write_message(self, settings):
        self._configure(self._read_members(), self._read_network(), "%s=%s" % (_MESSAGE_OPTION, settings["recovery_message"]))
        self.remember({"recovery_message": settings["recovery_message"]})
