# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform ``orbit``: the senhasegura appliance, driven through its documented command line alone (docs/orbit.md).

Beneath it is MariaDB Galera, so state is read as on the other platform, and compared with what ``orbit`` says.
"""

from __future__ import annotations

import socket
import time

from .. import _orbit_text as orbit_text
from .. import _provider_options as provider_options
from .._errors import ClusterError, CommandTimeout
from .._files import read_whole
from .._values import GALERA_DEFAULTS, LATENCY_START_OPTIONS
from ._mariadb import MariaDbMember
from ._orbit_command import Orbit
from ._orbit_settings import GALERA_CNF, MANUAL, OrbitSettings

_ACCOUNT = "mt4adm"
"""The administrator with whom the appliance is delivered (the vendor's documentation, "Configurations and Management")."""

_PASSWORD_WORDS = {"P": "set", "L": "locked", "NP": "none"}
"""What ``passwd --status`` tells in its second field (passwd(1))."""

_PORTS = [22, 80, 443, 3306, 4248, 9300, 59022]
"""What the vendor lists between members beside Galera's (documentation of the cluster, and of the firewall: 80, 4248)."""

_NTP = "orbit ntp --show tells its servers, orbit ntp --servers=YOUR,SERVERS sets others"
_SUPPORT = "ask the vendor's support: the appliance brings its own packages and configuration of MariaDB"

_REMEDIES = {
    "hostname": "orbit hostname {}",
    "names": "entries in the DNS ({}): the appliance has no command for /etc/hosts",
    "address": "orbit network --interface={0} --address={1} --netmask=NETMASK --gateway=GATEWAY",
    "dns": "orbit dns --show tells its servers, orbit dns --servers=YOUR,SERVERS sets others",
    "ntp": _NTP, "ntp_chronyc": _NTP, "ntp_timedatectl": _NTP, "clock": _NTP + "; then wait until clock.ntp is ok",
    "firewall": "orbit wazuh whitelist add --ips={1}, and the appliance's own firewall must let {1} in on {2} {3} (orbit firewall --help)",
    "admit": "orbit wazuh whitelist add --ips={}",
    "packages": "bring all appliances to the same release (orbit version tells which; orbit upgrade --help): {}",
    "room": "grow the disk on which /var/lib/mysql is (orbit disk --help)",
    "buffer_pool": "give the appliance more memory; at most {} MB of buffer pool fit into what it has",
    "tools": _SUPPORT + " ({} is missing)", "apparmor": _SUPPORT + " ({})", "selinux": _SUPPORT,
    "database": "find out why its database does not run (orbit application status, orbit cluster status)",
}
"""What to do there, by the documented commands alone; of those that docs/orbit.md does not list, only that they exist is known."""
_PREPARES = dict(dict.fromkeys(["hostname", "dns", "ntp", "ntp_chronyc", "ntp_timedatectl"], ""), firewall="where only its allow list lacks it")

_HEALTH = "HTTPS, GET /flow/orbit/mntr"
"""What the vendor documents for load balancers. Who may ask is set on the appliance's screen (Settings > Recovery)."""

_NET_CHECK_SECONDS = 30.0

_FAILOVER = "app-primary-failover"
"""The appliance's service that chooses the primary by itself; while it is on, a person cannot."""


class OrbitPlatform(MariaDbMember):
    """A senhasegura appliance.

    :param run: the :class:`_runner.Runner`.
    """

    name = "orbit"

    def __init__(self, run):
        super(OrbitPlatform, self).__init__(run)
        self._exec = run
        self._orbit = Orbit(run)
        self._written = OrbitSettings(self._orbit, self._settings)
        self._application = None

    def capabilities(self):
        return {"packages": False, "host_files": False, "garbd": False, "sync_keys": False,
                "restarts": ["mode.mode", "members.members", "members.address", "members.arbitrator", "network.latency",
                             "network.segment"],
                "decides": ["mode.cluster_name", "mode.sst_method", "sync.paths", "sync.peers", "members.name",
                            "members.bind_address", "primary.weight"],
                "manual": self._written.manual(), "refused": self._refused(), "again": ["primary"], "settle": [], "assumes": False,
                "donors": False, "ports": _PORTS, "remedies": _REMEDIES, "health": _HEALTH, "prepares": _PREPARES}

    def _refused(self):
        refused = {}
        changed = self._written.changed_by_others()
        if changed:
            reason = ("%s was changed by something else than this collection (%s), and orbit cluster config writes it anew; put "
                      "the lines back, or take %s away to have it written" % (GALERA_CNF, ", ".join(changed), self._written.record))
            refused.update(dict.fromkeys(["mode.mode", "members.members", "members.address", "members.arbitrator",
                                          "network.latency", "network.segment"], reason))
        if self._exec(["systemctl", "is-active", "--quiet", _FAILOVER]).rc == 0:
            refused["primary.primary"] = ("App Primary Failover is on (%s.service), so the appliances choose the primary; choosing it "
                                          "by hand is not possible" % _FAILOVER)
        return refused

    # -- settings ---------------------------------------------------------------------------------------------------

    def read(self, step):
        if step == "primary":
            return self._read_primary()
        return self._written.read(step)

    def write(self, step, settings):
        if step == "primary":
            self._write_primary(settings)
        else:
            self._written.write(step, settings)
        self._application = None

    def _status_of_application(self):
        """``orbit application status``, asked once per change."""
        if self._application is None:
            self._application = orbit_text.application_status(self._orbit.ask("application", "status"))
        return self._application

    def _serves(self):
        running = self._running()
        return running is not None and running.get("wsrep_cluster_status") == "Primary"

    def _read_primary(self):
        """The primary as orbit tells it while this member serves; before, what was written last.

        The older form tells only whether it is this member, the newer one the primary's hostname.
        """
        status, own = self._status_of_application(), self._written.own_address()
        wanted = self._written.recorded("primary", "")
        primary = wanted
        if self._serves():
            if status["main"]:
                primary = own
            elif status["primary"]:
                primary = self._address_of(status["primary"]) or ("" if wanted == own else wanted)
            elif wanted == own:
                primary = ""
        return {"primary": primary, "weight": int(self._settings.provider().get("pc.weight", GALERA_DEFAULTS["pc.weight"])),
                "application_active": bool(status["application"]), "published": True}  # it tells load balancers by itself

    def _address_of(self, hostname):
        """The member of the list to which a hostname resolves; "" where it resolves to none of them."""
        found = self._exec(["getent", "ahosts", hostname]).out.split()
        return next((address for address in self._written.read("members")["members"] if address in found), "")

    def _write_primary(self, settings):
        before = self._read_primary()
        if settings["application_active"] != before["application_active"]:
            self._orbit.change(("application", "start" if settings["application_active"] else "stop"))
        self._written.remember({"primary": settings["primary"]})
        if settings["primary"] == self._written.own_address() and self._serves() and before["primary"] != settings["primary"]:
            self._orbit.change(("application", self._word_for_primary()))
        self._application = None

    def _word_for_primary(self):
        """``primary``; older releases call it ``master``."""
        known = orbit_text.words(self._orbit.help("application"))
        for word in ("primary", "master"):
            if word in known:
                return word
        raise ClusterError("orbit application --help lists neither primary nor master",
                           remedy="Assume as primary by hand: " + MANUAL["primary.primary"])

    def restart_required(self, step, settings):
        running = self._running()
        if running is None:
            unit = self.service()
            return ["mariadb.service is not running"] if step == "mode" and unit["dead"] else []
        runs_cluster = running.get("wsrep_on", "").upper() == "ON"
        if step == "mode" and (settings["mode"] == "cluster") != runs_cluster:
            return ["runs %s, written %s" % ("cluster" if runs_cluster else "standalone", settings["mode"])]
        if not runs_cluster:
            return []
        if step == "members":
            seen = running.get("wsrep_node_address", "").strip("[]")
            return ["wsrep_node_address runs as %s, written %s" % (seen, settings["address"])] if seen != settings["address"] else []
        return self._provider_reasons(running) if step == "network" else []

    def _provider_reasons(self, running):
        """What runs of latency and segment against what ``orbit cluster config`` wrote into galera.cnf."""
        written = self._settings.provider()
        seen = provider_options.parse(running.get("wsrep_provider_options", ""))
        pairs = [(name, seen.get(name, GALERA_DEFAULTS[name]), written.get(name, GALERA_DEFAULTS[name]))
                 for name in LATENCY_START_OPTIONS + ("gmcast.segment",)]
        return ["%s runs as %s, written %s" % pair for pair in pairs if not provider_options.same(pair[1], pair[2])]

    # -- service ----------------------------------------------------------------------------------------------------

    def service(self):
        """As documented; while ``orbit`` is starting or stopping the cluster, the service is changing whatever systemd says."""
        unit = self._unit.show()
        if self._orbit.under_way():
            return dict(unit, changing=True, dead=False)
        return unit

    def change_service(self, state, donors=(), only_donors=False):
        verb = {"started": "start", "stopped": "stop", "bootstrapped": "start"}.get(state)
        if verb is None:
            verb = "restart" if self.status(patience=0)["wsrep_on"] else "start"
        if state == "restarted" and verb == "start":
            self._refuse_lonely_start()
        if state == "bootstrapped":
            self._state.allow_bootstrap()
        self._orbit.change(("cluster", verb), wait=(state in ("stopped", "bootstrapped")))
        self._asked = False

    def _refuse_lonely_start(self):
        """``orbit cluster start`` chooses by itself between joining and a new cluster, so there must be somebody to join."""
        members = self._written.read("members")
        others = [address for address in members["members"] if address != members["address"]]
        if others and not any(ports["4567"] == "open" for ports in self.ports(others).values()):
            raise ClusterError("start refused: none of the other members (%s) listens on port 4567, so orbit would make a "
                               "second cluster instead of joining" % ", ".join(others),
                               remedy="Run the playbook again: it observes every member anew")

    def progress(self, status):
        seen = self._state.progress(status)
        running = self._orbit.under_way()
        if running:
            return dict(seen, changing=True, failure="", state="%s; %s" % (running, seen["state"]))
        failure = self._orbit.failure(self._unit.show()["started_monotonic"])
        return dict(seen, failure=seen["failure"] or failure)

    # -- observation ------------------------------------------------------------------------------------------------

    def host(self):
        seen = self._state.host()
        seen["packages"].update(orbit_text.versions(self._orbit.ask("version")))
        return seen

    def sync_state(self):
        return {"running": self._written.read("sync")["enabled"], "public_key": "", "host_key": "", "last_success": {}}

    def admitted(self):
        if not self._orbit.help("wazuh"):  # a release without an allow list
            return None
        return orbit_text.addresses(self._orbit.ask("wazuh", "whitelist", "status"))

    def make_primary(self):
        raise ClusterError("no documented command of the appliance makes a component primary that is not",
                           remedy="Use Assume as Primary on the recovery screen, or call the support")

    def admit(self, addresses):
        self._orbit.change(("wazuh", "whitelist", "add"), "--ips=" + ",".join(addresses))

    def host_settings(self, names):
        readers = {"hostname": socket.gethostname, "dns_servers": lambda: self._shown("dns", "server"),
                   "dns_search": lambda: self._shown("dns", "search"), "ntp_servers": lambda: self._shown("ntp", "server")}
        return {name: readers[name]() for name in names}

    def _shown(self, command, word):
        found = orbit_text.listed(self._orbit.ask(command, "--show"), word)
        if found is None:
            raise ClusterError("orbit %s --show tells of no %s in a form that is known" % (command, word),
                               remedy="Set it by hand (orbit %s --help), and turn senhasegura_prepare_%s off for this host"
                                      % (command, command))
        return found

    def set_host(self, wanted, names):
        """One command each; servers and search domains of the DNS in one, since nobody documented what one alone leaves."""
        if "hostname" in names:
            self._orbit.change(("hostname",), wanted["hostname"])
        if {"dns_servers", "dns_search"} & set(names):
            given = [("--servers=", "dns_servers"), ("--search=", "dns_search")]
            self._orbit.change(("dns",), *[option + ",".join(wanted[name]) for option, name in given if wanted.get(name)])
        if "ntp_servers" in names:
            self._orbit.change(("ntp",), "--servers=" + ",".join(wanted["ntp_servers"]))

    def prepare_sync(self):
        return ""

    def contradictions(self):
        """Asked twice where they differ: the cluster may have changed between the two readings."""
        return (self._disagreements() and self._disagreements()) + self._written.overridden()

    def _disagreements(self):
        status = self.status(patience=0)
        if not status["answers"] or self.service()["changing"]:
            return []
        self._application = None
        told = self._status_of_application()
        found = []
        if told["replication"] is not None and told["replication"] != status["wsrep_on"]:
            found.append("orbit application status says Replication: %s, but MariaDB runs %s replication"
                         % ("Active" if told["replication"] else "Inactive", "with" if status["wsrep_on"] else "without"))
        if status["wsrep_on"] and status["cluster_status"] == "Primary":
            found += _component_differs(orbit_text.cluster_status(self._orbit.ask("cluster", "status")), status)
        return found

    # -- before data are replaced -----------------------------------------------------------------------------------

    def backup(self, directory):
        """``orbit backup create`` chooses where; its answer names the file, which is read to its end.

        :raises ClusterError: when it names no file that is there, or one that cannot be read.
        """
        text = self._orbit.change(("backup", "create"))
        paths = orbit_text.paths(text)
        try:
            sizes = {path: read_whole(path) for path in paths}
        except OSError as error:
            raise ClusterError("the backup that orbit backup create made cannot be read: %s" % error, output=text,
                               remedy="Take a backup by hand, and check that it can be read")
        path = next((path for path in reversed(paths) if sizes[path]), "")
        if not path:
            raise ClusterError("orbit backup create named no backup that is there", output=text,
                               remedy="Take a backup by hand, and check that it can be read")
        self._written.remember({"backup": {"path": path, "taken": time.time()}})
        return {"path": path, "bytes": sizes[path]}

    def newest_backup(self, directory):
        """The one that this collection had made last, while it is still there."""
        last = self._written.recorded("backup", {})
        size = self._state.bytes_of(last["path"]) if last else 0
        return dict(last, bytes=size) if size else {}

    def default_account(self):
        """Linux tells when a password was set, not to what."""
        seen = self._exec(["passwd", "--status", _ACCOUNT])
        words = seen.out.split()
        known = seen.rc == 0 and len(words) > 2
        return {"name": _ACCOUNT, "password": _PASSWORD_WORDS.get(words[1], "") if known else "", "changed": words[2] if known else ""}

    def net_check(self):
        """Its output is not documented: its exit status and whether it reports an error are all that is read of it."""
        if "net-check" not in orbit_text.words(self._orbit.help("cluster")):
            return None
        argv = ["orbit", "cluster", "net-check"]
        try:
            done = self._exec(argv, timeout=_NET_CHECK_SECONDS)
        except CommandTimeout as error:
            return {"command": " ".join(argv), "passed": False, "text": error.message}
        text = (done.out + done.err).strip()
        return {"command": " ".join(argv), "passed": done.rc == 0 and not orbit_text.trouble(text), "text": text}


def _component_differs(told, status):
    """What ``orbit cluster status`` and MariaDB tell differently of the component: list of sentences."""
    found = []
    members = len([item for item in status["incoming_addresses"] if item])
    if told["uuid"] and told["uuid"] != status["state_uuid"]:
        found.append("orbit cluster status says Cluster UUID %s, MariaDB %s" % (told["uuid"], status["state_uuid"]))
    if told["members"] is not None and told["members"] != members:
        found.append("orbit cluster status lists %d members, MariaDB %d" % (told["members"], members))
    if told["synced"] is not None and told["synced"] != (status["local_state"] == 4):
        found.append("orbit cluster status says status=%s, MariaDB %s" % ("synced" if told["synced"] else "not synced",
                                                                          status["local_state_comment"] or "nothing"))
    return found
