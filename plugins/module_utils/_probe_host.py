# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of itself that ``cluster_info`` does not read: time service, address, memory, tools, security modules."""

from __future__ import annotations

import json
import os
import shutil

from ._files import read_text
from ._probe_dns import servers_of

_TIME_SERVICES = ("chronyd", "systemd-timesyncd", "ntpd", "ntpsec", "openntpd")
"""As systemd knows them; Debian's chrony is chronyd as well."""

_TOOLS = ("rsync", "socat", "mariadb-backup")

_APPARMOR_ON = "/sys/module/apparmor/parameters/enabled"
_APPARMOR_PROFILES = "/sys/kernel/security/apparmor/profiles"

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def host(run):
    """All of it.

    :param run: the :class:`_runner.Runner`.
    :returns: dict of ``addresses`` (list of dict ``address``, ``dynamic``), ``dns`` (servers), ``time``, ``memory_bytes``,
        ``tools`` (dict name to path or ""), ``apparmor`` (enforced profiles of the database; None: it is
        on, and they cannot be read), ``selinux`` (``enforcing``,
        ``permissive`` or "").
    """
    return {"addresses": addresses(run.must(["ip", "-json", "address", "show"])), "dns": servers_of(read_text("/etc/resolv.conf")),
            "time": _time(run), "memory_bytes": _memory(), "tools": {name: shutil.which(name) or "" for name in _TOOLS},
            "apparmor": _apparmor(),
            "selinux": {"1": "enforcing", "0": "permissive"}.get(_readable("/sys/fs/selinux/enforce").strip(), "")}


def addresses(text):
    """The addresses of ``ip -json address``: a dynamic one has a lease, and may be another tomorrow.

    :returns: list of dict ``address``, ``dynamic`` (bool), ``interface``.
    """
    return [{"address": entry["local"], "dynamic": bool(entry.get("dynamic")), "interface": link["ifname"]}
            for link in json.loads(text or "[]") for entry in link.get("addr_info", []) if "local" in entry]


def _apparmor():
    """A container, or a host without securityfs, does not show which profiles its kernel enforces: None."""
    if not _readable(_APPARMOR_PROFILES) and _readable(_APPARMOR_ON).strip() == "Y":
        return None
    return enforced_profiles(_readable(_APPARMOR_PROFILES))


def enforced_profiles(text):
    """The AppArmor profiles of the database that are enforced, from the kernel's list (``NAME (MODE)`` a line)."""
    rows = [row.rsplit(" (", 1) for row in text.splitlines() if row.endswith("(enforce)")]
    return sorted(row[0] for row in rows if "mariadbd" in row[0] or "mysqld" in row[0])


def _time(run):
    """Who keeps the clock: ``services`` (active ones), ``synchronized`` (bool, or None: nobody can say), ``tool``, ``container``."""
    active = run(["systemctl", "is-active"] + list(_TIME_SERVICES)).out.split()
    found = {"services": [name for name, word in zip(_TIME_SERVICES, active) if word == "active"],
             "container": run(["systemd-detect-virt", "--container", "--quiet"]).rc == 0, "synchronized": None, "tool": ""}
    tracking = run(["chronyc", "-n", "-c", "tracking"])
    if tracking.rc == 0:
        return dict(found, tool="chronyc", synchronized=chrony_is_synchronized(tracking.out))
    shown = run(["timedatectl", "show"])
    if shown.rc == 0:
        return dict(found, tool="timedatectl", synchronized="NTPSynchronized=yes" in shown.out.split())
    return found


_LOCAL_CLOCK = "7F7F01"
"""How the reference id of chronyd begins where it is ``local``: it is its own source (127.127.1.x), and nothing sets it right."""


def chrony_is_synchronized(text):
    """Whether ``chronyc -c tracking`` tells of a source; its first field is the reference, its last the leap status."""
    fields = text.strip().split(",")
    return fields[-1] != "Not synchronised" and not fields[0].startswith(_LOCAL_CLOCK)


def _memory():
    """The bytes of memory that the database can have: the host's, or less where a control group bounds it."""
    rows = dict(row.split(":", 1) for row in read_text("/proc/meminfo").splitlines() if ":" in row)
    total = int(rows["MemTotal"].split()[0]) * 1024
    limits = [int(text) for text in (_readable(path).strip() for path in _CGROUP_LIMITS) if text.isdigit()]
    return min([total] + limits)


def _readable(path):
    """The text of a file of the kernel; "" where this kernel has none."""
    return read_text(path) if os.path.exists(path) and os.access(path, os.R_OK) else ""
