# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database service of a member: systemd's ``mariadb.service``."""

from __future__ import annotations

import re
import time

from .._errors import ClusterError
from .._files import remove

UNIT = "mariadb.service"
SOCKET = "mariadb.socket"

BOOTSTRAP_UNIT = "senhasegura-bootstrap.service"
"""In which galera_new_cluster runs, a child of systemd's and not of ours: nobody waits for it, and nobody's end is its end."""

PACKAGES_UNIT = "senhasegura-packages.service"
"""The transient unit in which packages are updated. It outlives a run that is killed, and may stop and start the database."""

_PROPERTIES = ("ActiveState", "SubState", "Result", "MainPID", "ExecMainStartTimestampMonotonic", "InvocationID", "Job",
               "StatusText", "LoadState", "NRestarts")

_ON_ITS_WAY = ("activating", "deactivating", "reloading")

_BOOTSTRAP_FLAG = "_WSREP_NEW_CLUSTER"
"""The variable in systemd's environment through which galera_new_cluster asks for a bootstrap. A killed
galera_new_cluster leaves it set, and then *any* later start of MariaDB would make a second cluster."""

_BOOTSTRAP_FILE = "/run/mariadb-wsrep-new-cluster"
"""Where the galera_new_cluster of newer releases writes that variable instead; a killed one leaves the file."""

_START_OPTIONS = "MYSQLD_OPTS"
"""The variable in systemd's environment that the unit puts on MariaDB's command line. It is gone after a reboot."""

_CHANGE_SECONDS = 900.0
"""To start or stop a database: crash recovery of a large one takes minutes."""

_BEGIN_SECONDS = 30.0
_BEGIN_PACE = 0.05
"""galera_new_cluster restarts MariaDB as the first thing that it does."""

LOG_LINES = 400


class Unit(object):
    """Asks and changes ``mariadb.service``.

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._run = run

    def show(self):
        """What systemd knows of the unit.

        :returns: dict of ``installed``, ``active``, ``changing`` (a job is queued or under way, it is activating or bootstrapping, or
            packages are being updated), ``dead`` (not running and nothing under way), ``state``, ``result``, ``pid``, ``started`` (epoch
            seconds or 0.0), ``started_monotonic`` (seconds since the host's boot), ``invocation``, ``status_text``, ``restarts`` (how
            often systemd has started it again by itself since somebody started it).
        """
        out = self._run.must(["systemctl", "show", UNIT, PACKAGES_UNIT, BOOTSTRAP_UNIT, "--property=" + ",".join(_PROPERTIES)])
        stanzas = [dict(line.split("=", 1) for line in stanza.splitlines() if "=" in line) for stanza in out.split("\n\n")]
        seen, state = stanzas[0], stanzas[0].get("ActiveState", "")
        changing = seen.get("Job", "0") not in ("", "0") or state in _ON_ITS_WAY or any(
            transient.get("ActiveState") in ("active",) + _ON_ITS_WAY for transient in stanzas[1:])
        started = int(seen.get("ExecMainStartTimestampMonotonic") or 0) / 1e6
        return {"installed": seen.get("LoadState") not in ("not-found", ""), "active": state == "active",
                "changing": changing, "dead": state in ("inactive", "failed") and not changing, "state": state,
                "result": seen.get("Result", ""), "pid": int(seen.get("MainPID") or 0),
                "started_monotonic": started,
                "started": round(time.time() - time.monotonic() + started, 1) if started else 0.0,
                "invocation": seen.get("InvocationID", ""), "status_text": seen.get("StatusText", ""),
                "restarts": int(seen.get("NRestarts") or 0)}

    def _make_way(self):
        """Take away what would make a start something else than was asked for.

        The bootstrap flag of an interrupted bootstrap, the options of an interrupted start, systemd's counter of failed starts,
        and Debian's ``mariadb.socket``: with it systemd holds port 3306, and Galera's recovery before each start fails on it.
        """
        self._run.must(["systemctl", "unset-environment", _BOOTSTRAP_FLAG, _START_OPTIONS])
        remove(_BOOTSTRAP_FILE)
        self._run(["systemctl", "reset-failed", UNIT])
        seen = self._run(["systemctl", "show", SOCKET, "--property=ActiveState,UnitFileState"]).out
        if "=active" in seen or "=enabled" in seen:
            self._run.must(["systemctl", "disable", "--now", SOCKET])

    def start(self, provider="", donors=(), only_donors=False):
        """Start it, without waiting for its state transfer.

        :param provider: the whole line of provider options for this start, until :meth:`clear_start_options`; "" for what is
            written.
        :param donors: names of members from whom to receive all data in this start, should that be needed; any other one after them.
        :param only_donors: whether nobody but them may give.
        """
        self._begin("start", provider, donors, only_donors)

    def serve(self):
        """Start it where there is no state transfer, and return when it serves."""
        self._make_way()
        self._run.must(["systemctl", "start", UNIT], timeout=_CHANGE_SECONDS)

    def restart(self, provider="", donors=(), only_donors=False):
        """Stop and start it, without waiting for its state transfer; the parameters are those of :meth:`start`."""
        self._begin("restart", provider, donors, only_donors)

    def _begin(self, verb, provider, donors, only_donors):
        self._make_way()
        options = ["--wsrep-provider-options=" + provider] if provider else []
        any_other = "" if only_donors else ","  # the comma at the end allows any other
        options += ["--wsrep-sst-donor=%s%s" % (",".join(donors), any_other)] if donors else []
        # The unit splits the variable at blanks: options of somebody's own that hold one start as they are written.
        options = [option for option in options if not re.search(r"\s", option)]
        if options:
            self._run.must(["systemctl", "set-environment", "%s=%s" % (_START_OPTIONS, " ".join(options))])
        self._run.must(["systemctl", verb, "--no-block", UNIT])

    def start_options(self):
        """What :meth:`start` was given and nobody has cleared yet: text."""
        rows = self._run.must(["systemctl", "show-environment"]).splitlines()
        return "".join(row.split("=", 1)[1] for row in rows if row.startswith(_START_OPTIONS + "="))

    def clear_start_options(self):
        """From the next start on, what is written counts again."""
        self._run.must(["systemctl", "unset-environment", _START_OPTIONS])

    def stop(self):
        """Stop it, and return when it is stopped."""
        self._run.must(["systemctl", "stop", UNIT], timeout=_CHANGE_SECONDS)

    def bootstrap(self):
        """Restart it as the first member of a new component, and return when that has begun.

        However galera_new_cluster ends (it is done, it fails, it is killed), and whatever becomes of us meanwhile, systemd then
        takes the flag away; galera_new_cluster itself does not when it is killed.

        :raises ClusterError: when galera_new_cluster ends without restarting MariaDB.
        """
        self._make_way()
        before = self.show()["invocation"]
        self._run.must(["systemd-run", "--quiet", "--collect", "--unit=" + BOOTSTRAP_UNIT,
                        "--property=ExecStopPost=/bin/systemctl unset-environment " + _BOOTSTRAP_FLAG,
                        "--property=ExecStopPost=/bin/rm -f " + _BOOTSTRAP_FILE, "galera_new_cluster"])
        self._refuse_no_begin(before)

    def _refuse_no_begin(self, invocation):
        """Return when MariaDB is being stopped or has been started anew since an invocation."""
        deadline = time.monotonic() + _BEGIN_SECONDS
        while time.monotonic() < deadline:
            seen = self.show()
            if seen["invocation"] != invocation or seen["state"] in ("deactivating", "activating"):
                return
            if not seen["changing"]:
                break
            time.sleep(_BEGIN_PACE)
        raise ClusterError("galera_new_cluster did not restart MariaDB", command=["galera_new_cluster"],
                           output=self.journal(unit=BOOTSTRAP_UNIT), remedy="Run the playbook again")

    def journal(self, invocation="", unit=UNIT):
        """A unit's log, of one invocation or of all, oldest line first."""
        chosen = ["_SYSTEMD_INVOCATION_ID=" + invocation] if invocation else ["-u", unit]
        return self._run(["journalctl", "--no-pager", "-o", "cat", "-n", str(LOG_LINES)] + chosen).out
