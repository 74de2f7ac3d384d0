# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The written settings of a Debian member: MariaDB's option files, and the recovery message."""

from __future__ import annotations

import os
import shutil

from .._cnf import OptionFile
from .._errors import ClusterError
from .._files import read_text, remove, write_text
from .. import _provider_options as provider_options
from .._values import (GALERA_DEFAULTS, LATENCIES, LATENCY_ONLINE_OPTIONS, LATENCY_START_OPTIONS, bracketed,
                       latency_profile, unbracketed)

SETTINGS_FILE = "/etc/mysql/mariadb.conf.d/99-senhasegura-cluster.cnf"
MESSAGE_FILE = "/etc/senhasegura-cluster/recovery_message"
MOTD_FILE = "/etc/update-motd.d/95-senhasegura-cluster"

_SERVER = "mysqld"
_OURS = "senhasegura-cluster"

_HEADER = "# Written by the Ansible collection senhasegura.cluster; lines that are not its own stay as they are.\n"

_BASE = {"wsrep_on": "ON", "wsrep_provider": "/usr/lib/galera/libgalera_smm.so", "binlog_format": "ROW",
         "default_storage_engine": "InnoDB", "innodb_autoinc_lock_mode": "2"}
"""What MariaDB needs to replicate (MariaDB Galera: "Mandatory Options")."""

_MOTD = """#!/bin/sh
# Written by the Ansible collection senhasegura.cluster: shows the recovery message while this member is not in a
# primary component. Asking is bounded, so that a hanging database never keeps anybody from logging in.
status=$(timeout 3 mariadb --batch --skip-column-names --execute "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'" \\
    2>/dev/null | cut -f 2)
[ "$status" = Primary ] && exit 0
my_print_defaults --mysqld | grep -qix -e '--wsrep[-_]on=\\(ON\\|1\\)' || exit 0
cat MESSAGE_FILE
"""


class Settings(object):
    """Reads and writes the settings of the steps (all but the file synchronizers).

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._run = run
        self._cached = None

    def effective(self):
        """What MariaDB would start with, of all its option files; of an option given twice the last counts.

        :returns: dict of name (with underscores) to text.
        """
        if self._cached is None:
            found = {}
            for line in self._run(["my_print_defaults", "--mysqld"]).out.splitlines():
                name, _equals, value = line.strip().lstrip("-").partition("=")
                found[name.replace("-", "_")] = value
            self._cached = found
        return self._cached

    def forget(self):
        """Read the option files anew: somebody else wrote them."""
        self._cached = None

    def _own(self):
        return OptionFile(read_text(SETTINGS_FILE))

    def provider(self):
        """The provider options that MariaDB would start with: dict of text."""
        return provider_options.parse(self.effective().get("wsrep_provider_options", ""))

    def _option(self, name, default=""):
        return self.effective().get(name, default)

    # -- reading, one method a step ---------------------------------------------------------------------------------

    def read(self, step):
        """The settings of a step, as :class:`_platforms.interface.Platform` documents them."""
        return getattr(self, "_read_" + step)()

    def _read_mode(self):
        on = self._option("wsrep_on").upper() in ("ON", "1", "TRUE")
        return {"mode": "cluster" if on else "standalone", "cluster_name": self._option("wsrep_cluster_name"),
                "sst_method": self._option("wsrep_sst_method")}

    def _read_members(self):
        arbitrator = self._own().get(_OURS, "arbitrator", "")
        url = self._option("wsrep_cluster_address")
        listed = url.split("://", 1)[1].split("?", 1)[0] if "://" in url else ""
        listed = [unbracketed(item) for item in listed.split(",") if item.strip()]
        return {"members": [item for item in listed if item != arbitrator], "arbitrator": arbitrator,
                "address": unbracketed(self._option("wsrep_node_address")), "name": self._option("wsrep_node_name"),
                "bind_address": self._option("bind_address")}

    def _read_network(self):
        options = self.provider()
        return {"different_datacenters": self._own().get(_OURS, "different_datacenters") == "yes",
                "latency": latency_of(options), "segment": int(options.get("gmcast.segment", "0") or 0)}

    def _read_primary(self):
        return {"primary": self._own().get(_OURS, "primary", ""),
                "weight": int(self.provider().get("pc.weight", GALERA_DEFAULTS["pc.weight"]))}

    @staticmethod
    def _read_message():
        return {"recovery_message": read_text(MESSAGE_FILE).rstrip("\n")}

    # -- writing, one method a step ---------------------------------------------------------------------------------

    def write(self, step, settings):
        """Write the settings of a step.

        :raises ClusterError: when there is no MariaDB, and when another option file overrides what was written.
        """
        if not shutil.which("my_print_defaults"):
            raise ClusterError("MariaDB is not installed here: there is no my_print_defaults",
                               remedy="Install mariadb-server and galera-4, as the role galera_host does")
        if step == "message":
            self._write_message(settings["recovery_message"])
            return
        own = self._own()
        if not own.text():
            own = OptionFile(_HEADER)
        lines = getattr(self, "_lines_" + step)(settings)
        for name, value in lines.items():
            own.set(_SERVER, name, value)
        for name, value in _records(step, settings).items():
            own.set(_OURS, name, value)
        write_text(SETTINGS_FILE, own.text())
        self._cached = None
        self._refuse_overridden(lines)

    def _refuse_overridden(self, lines):
        for name, value in lines.items():
            seen = self._option(name)
            if seen != value:
                raise ClusterError("%s was written as %s, but MariaDB reads %s from another option file"
                                   % (name, value, seen or "nothing"),
                                   remedy="Take %s out of the files that are read after %s (my_print_defaults --mysqld"
                                          " shows what counts)" % (name, SETTINGS_FILE))

    @staticmethod
    def _lines_mode(settings):
        if settings["mode"] == "standalone":
            return {"wsrep_on": "OFF"}
        lines = dict(_BASE)
        if settings["cluster_name"]:  # Galera does not start with an empty one; without any it takes MariaDB's default
            lines["wsrep_cluster_name"] = settings["cluster_name"]
        if settings["sst_method"]:
            lines["wsrep_sst_method"] = settings["sst_method"]
        return lines

    def _lines_members(self, settings):
        known = settings["members"] + ([settings["arbitrator"]] if settings["arbitrator"] else [])
        own = bracketed(settings["address"])
        lines = {"wsrep_cluster_address": "gcomm://" + ",".join(bracketed(item) for item in known),
                 "wsrep_node_address": own, "wsrep_node_incoming_address": own + ":3306"}
        if settings["name"]:
            lines["wsrep_node_name"] = settings["name"]
        if settings["bind_address"] != self._option("bind_address"):
            lines["bind_address"] = settings["bind_address"]
        if ":" in settings["address"]:
            # Galera listens on IPv4 only unless told otherwise (Galera's documentation, gmcast.listen_addr).
            lines["wsrep_provider_options"] = self._provider_line({"gmcast.listen_addr": "tcp://[::]:4567"})
        return lines

    def _lines_network(self, settings):
        profile = latency_profile(settings["latency"])
        ours = {name: None for name in LATENCY_START_OPTIONS + LATENCY_ONLINE_OPTIONS}
        ours.update(profile.start)
        ours.update(profile.online)
        ours["gmcast.segment"] = str(settings["segment"]) if settings["segment"] else None
        return {"wsrep_provider_options": self._provider_line(ours)}

    @staticmethod
    def start_options(settings):
        """What the running Galera must show for the network step: every start-only option, defaults included."""
        profile = latency_profile(settings["latency"]) if settings["latency"] else latency_profile("low")
        options = {name: profile.start.get(name, GALERA_DEFAULTS[name]) for name in LATENCY_START_OPTIONS}
        options["gmcast.segment"] = str(settings["segment"])
        return options

    def _lines_primary(self, settings):
        return {"wsrep_provider_options": self._provider_line({"pc.weight": str(settings["weight"])})}

    def _provider_line(self, ours):
        """Our options merged into the line that counts now, wherever it is written: nobody else's get lost."""
        return provider_options.merge(self._option("wsrep_provider_options"), ours)

    @staticmethod
    def _write_message(message):
        if not message:
            remove(MESSAGE_FILE)
            remove(MOTD_FILE)
            return
        write_text(MESSAGE_FILE, message.rstrip("\n") + "\n")
        write_text(MOTD_FILE, _MOTD.replace("MESSAGE_FILE", MESSAGE_FILE), mode=0o755)

    def message_shown(self):
        """Whether the message is shown at logins as it is written (the script is there and executable)."""
        return os.access(MOTD_FILE, os.X_OK) or not os.path.exists(MESSAGE_FILE)


def _records(step, settings):
    """What MariaDB has no variable for: kept in a group that it ignores."""
    if step == "members":
        return {"arbitrator": settings["arbitrator"]}
    if step == "network":
        return {"different_datacenters": "yes" if settings["different_datacenters"] else "no"}
    if step == "primary":
        return {"primary": settings["primary"]}
    return {}


def latency_of(options):
    """The latency profile that provider options amount to; "" when they fit none (edited by hand)."""
    for name in LATENCIES:
        profile = latency_profile(name)
        expected = dict(profile.start, **profile.online)
        if all(provider_options.same(options.get(option, GALERA_DEFAULTS[option]),
                                     expected.get(option, GALERA_DEFAULTS[option]))
               for option in LATENCY_START_OPTIONS + LATENCY_ONLINE_OPTIONS):
            return name
    return ""
