# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform ``galera``: plain Debian with MariaDB and Galera. Puts the pieces together."""

from __future__ import annotations

from .. import _provider_options as provider_options
from .._errors import ClusterError
from .._values import GALERA_DEFAULTS, JOINING_OPTIONS, LATENCY_ONLINE_OPTIONS, LATENCY_START_OPTIONS, LET_IN
from ._galera_settings import Settings
from ._galera_sync import FileSynchronizers
from ._mariadb import MariaDbMember

_CAUSAL, _KEEPALIVE = "evs.causal_keepalive_period", "evs.keepalive_period"

_ONLINE = LATENCY_ONLINE_OPTIONS + tuple(JOINING_OPTIONS) + (_CAUSAL,)
"""Provider options of the network step that Galera takes at run time; the others count from the next start."""

_REMEDIES = {
    "hostname": "hostnamectl set-hostname {}",
    "names": "printf '%s\\n' {} >> /etc/hosts, or entries in the DNS",
    "address": "write it into the network configuration of {0} (iface {0} inet static)",
    "dns": "correct the nameserver lines of /etc/resolv.conf (resolvectl dns where systemd-resolved writes it)",
    "ntp": "apt-get install chrony, and name your NTP servers in /etc/chrony/chrony.conf",
    "ntp_chronyc": "chronyc -n sources shows why; name servers that answer in /etc/chrony/chrony.conf",
    "ntp_timedatectl": "timedatectl show-timesync --all shows why",
    "clock": "apt-get install chrony, and name your NTP servers in /etc/chrony/chrony.conf, until clock.ntp is ok; then chronyc makestep",
    "firewall": LET_IN,
    "admit": "let {} in",
    "packages": "apt-get update && apt-get install --allow-downgrades {}",
    "room": "make room, or grow the file system: df -h /var/lib/mysql",
    "buffer_pool": "set innodb_buffer_pool_size = {}M in a file of /etc/mysql/mariadb.conf.d (my_print_defaults --mysqld shows what counts)",
    "tools": "apt-get install --reinstall {}",
    "apparmor": "aa-complain {}",
    "selinux": "semanage permissive -a mysqld_t",
    "database": "systemctl start mariadb",
}

_OWN_TABLE = ("where the table inet senhasegura_cluster of an earlier prepare_members drops it, and with the same "
              "senhasegura_firewall_database_clients")
"""What another table drops stays dropped. Where there is none of ours yet, setting it up closes the database's port to all that are not
named, which nobody wants who only repairs the way between two members."""

_CAPABILITIES = {
    "packages": True, "host_files": True, "garbd": True, "sync_keys": True,
    "restarts": ["mode.mode", "mode.cluster_name", "members.address", "members.name", "members.bind_address",
                 "network.latency", "network.segment"],
    "decides": ["primary.application_active"], "manual": {}, "refused": {}, "again": [], "settle": ["network"], "ports": [],
    "assumes": True, "donors": True, "remedies": _REMEDIES, "health": "",
    "prepares": dict(dict.fromkeys(["hostname", "names", "dns", "ntp", "ntp_chronyc", "ntp_timedatectl"], ""), firewall=_OWN_TABLE),
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
        if step == "primary":
            return dict(settings, weight=self._running_weight(settings["weight"]),
                        published=self._named_primary() in (None, settings["primary"]))
        if step == "network":
            return dict(settings, intact=not self._left_from_joining() and not self._differing(_ONLINE))
        return settings

    def _left_from_joining(self):
        """Whether a run that was killed while the member joined has left the options of that one start."""
        return bool(self._unit.start_options()) and not self._unit.show()["changing"]

    def _running_weight(self, written):
        """The votes that count: a run killed between writing and telling the running Galera leaves another number there."""
        return int(self._running_provider().get("pc.weight", written))

    def _named_primary(self):
        """The primary as all members share it (role ``health``); None where there is no such row to write.

        A member that does not serve may hold an old one, and gets the present one when it joins.
        """
        running = self._running()
        serves = running is not None and running.get("wsrep_cluster_status") == "Primary" and running.get("wsrep_ready", "").upper() == "ON"
        return self._database.named_primary() if serves else None

    def _running_provider(self):
        """The provider options of a running Galera that takes changes: dict, empty where none does.

        In a component that is not primary it refuses a change of weight; the file counts from the next start.
        """
        running = self._running()
        serves = running is not None and running.get("wsrep_cluster_status") == "Primary"
        return provider_options.parse(running.get("wsrep_provider_options", "")) if serves else {}

    def _differing(self, names):
        """Those of the on-line options that run otherwise than they are written: dict of name to the written value."""
        seen, written = self._running_provider(), dict(GALERA_DEFAULTS, **self._settings.provider())
        written[_CAUSAL] = written[_KEEPALIVE]  # at its start Galera takes the one for the other, whatever is written
        wanted = {name: written[name] for name in names if name in seen}
        return {name: value for name, value in wanted.items() if not provider_options.same(seen[name], value)}

    def write(self, step, settings):
        if step == "sync":
            self._sync.write(settings)
            return
        written = self._settings.read(step)
        if any(settings[name] != written[name] for name in written):  # else only what runs differs, which may fit no profile of ours
            self._settings.write(step, settings)
        if step in ("network", "primary"):
            self._apply_online()
        if step == "primary" and settings["published"] and self._named_primary() not in (None, settings["primary"]):
            self._database.name_primary(settings["primary"])

    def prepare_sync(self):
        return self._sync.ensure_key()

    def admitted(self):
        return None

    def admit(self, addresses):
        raise ClusterError("there is no list to admit %s to: the firewall of a Debian host is left alone" % ", ".join(addresses))

    def _apply_online(self):
        """Bring the running Galera to what is written, as far as it takes that without a restart."""
        self._unit.clear_start_options()
        for name, value in self._differing(_ONLINE + ("pc.weight",)).items():
            self._database.set_provider_option(name, value)
        self._asked = False

    def _joining_options(self):
        """The whole line of provider options with which a member joins its near cluster sooner; "" for none."""
        if self._settings.read("mode")["mode"] != "cluster" or self._settings.read("network")["latency"] != "low":
            return ""
        return provider_options.render(dict(self._settings.provider(), **JOINING_OPTIONS))

    def make_primary(self):
        self._database.make_primary()
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
                if name in seen and name not in _ONLINE and not provider_options.same(seen[name], from_file[name])]

    # -- service ----------------------------------------------------------------------------------------------------

    def change_service(self, state, donors=(), only_donors=False):
        if state != "stopped":
            self._state.ensure_datadir()
        if state == "started" and self._settings.read("mode")["mode"] == "standalone":
            self._unit.serve()
        elif state == "started":
            self._unit.start(self._joining_options(), donors, only_donors)
        elif state == "stopped":
            self._unit.stop()
        elif state == "restarted":
            self._unit.restart(self._joining_options(), donors, only_donors)
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

    def default_account(self):
        return None

    def net_check(self):
        return None

    def host_settings(self, names):
        raise ClusterError("a Debian host has no commands of a vendor for %s" % ", ".join(names),
                           remedy="Role senhasegura.cluster.prepare sets them")

    def set_host(self, wanted, names):
        self.host_settings(names)


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
