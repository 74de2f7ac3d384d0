# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages of a Debian host could be updated, whether its database runs what is installed, and the update itself.

Ansible's own ``apt`` needs python3-apt on the member: it installs that by itself, even where nothing is to be updated, and
fails in check mode where it is missing.
"""

from __future__ import annotations

from .. import _apt as apt
from .._errors import CommandError
from .._files import read_text
from ._galera_unit import PACKAGES_UNIT

_REFRESH_SECONDS = 600.0
_INSTALL_SECONDS = 2 * 3600.0
"""An update waits for the database that its package restarts: killing it would leave packages half configured."""

_LOG_LINES = 25

_REFRESH = ("apt-get", "update", "-q", "-o", "APT::Update::Error-Mode=any", "-o", "DPkg::Lock::Timeout=120")
"""A list that could not be fetched is an error: a plan of yesterday's lists would say that nothing is newer."""

_STATUS = ("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package}\\n")

_SIMULATE = ("apt-get", "install", "-q", "--simulate")

_INSTALL = ("apt-get", "install", "-q", "-y", "--only-upgrade", "--no-remove", "-o", "DPkg::Lock::Timeout=120",
            "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
"""Files of the configuration that were changed stay as they are; nothing is taken away, and nothing downgraded."""


class Packages(object):
    """Asks apt, dpkg and the kernel.

    :param run: the :class:`_runner.Runner`.
    :param unit: the member's :class:`_galera_unit.Unit`.
    """

    def __init__(self, run, unit):
        self._run = run
        self._unit = unit

    def updates(self, names):
        """As ``Platform.updates``."""
        policy = apt.parse_policy(self._run.must(["apt-cache", "policy", "--"] + list(names)))
        held = self._run.must(["apt-mark", "showhold"]).split()
        packages = {name: dict(versions, newer=self._is_newer(versions), held=name in held)
                    for name, versions in policy.items() if versions["installed"]}
        unfinished = apt.unfinished_packages(self._run.must(_STATUS))
        return {"packages": packages, "replaced": self._replaced(), "unfinished": unfinished}

    def beside(self, names):
        """As ``Platform.packages_beside``: mariadb-backup wants the client of its own version, which wants that server.

        What no list knows, such as in check mode on a host whose lists were never fetched, replaces nothing: installing it fails.
        """
        policy = apt.parse_policy(self._run.must(["apt-cache", "policy", "--"] + list(names)))
        known = tuple(name for name in names if policy.get(name, {}).get("candidate"))
        return apt.parse_simulation(self._run.must(_SIMULATE + ("--",) + known)) if known else {}

    def refresh(self):
        """As ``Platform.refresh_packages``."""
        self._run.must(_REFRESH, timeout=_REFRESH_SECONDS, remedy="Look at the package sources of this host (/etc/apt)")

    def install(self, versions):
        """As ``Platform.install_packages``.

        It runs as a transient unit, so that a dropped connection does not cut it in half; its output is in the journal.
        """
        unit = PACKAGES_UNIT
        command = _INSTALL + tuple("%s=%s" % item for item in sorted(versions.items()))
        result = self._run(("systemd-run", "--quiet", "--wait", "--collect", "--unit=" + unit,
                            "--setenv=DEBIAN_FRONTEND=noninteractive", "--setenv=LC_ALL=C") + command, timeout=_INSTALL_SECONDS)
        if result.rc != 0:
            log = self._run(["journalctl", "--no-pager", "-o", "cat", "-n", str(_LOG_LINES), "-u", unit]).out
            raise CommandError("apt-get install ended with exit status %d" % result.rc, command=command, rc=result.rc,
                               output=log or result.err,
                               remedy="Repair the packages of this member (dpkg --configure -a, apt-get -f install), then let "
                                      "create_cluster bring it back")

    def _is_newer(self, versions):
        """Whether the candidate is newer by dpkg's own comparison: a pinned older one is no update."""
        if not versions["candidate"]:
            return False
        return self._run(["dpkg", "--compare-versions", versions["candidate"], "gt", versions["installed"]]).rc == 0

    def _replaced(self):
        pid = self._unit.show()["pid"]
        return apt.replaced_files(read_text("/proc/%d/maps" % pid)) if pid else []
