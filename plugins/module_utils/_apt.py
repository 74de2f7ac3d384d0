# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apt and the kernel say of packages, as text. Pure."""

from __future__ import annotations

import re

_NONE = "(none)"
_PACKAGE = re.compile(r"^(\S+):$")
_VERSION = re.compile(r"^  (Installed|Candidate): (\S+)$")
_ABBREVIATION = 3
"""Letters of dpkg's status: what is wanted, what is, and whether it must be installed anew."""

_UNFINISHED, _REINSTALL = ("H", "U", "F"), "R"
"""Half installed, unpacked, half configured."""

_REPLACED = re.compile(r"^(?:Inst|Remv) (\S+) \[([^]\s]+)\](?: \((\S+) )?")
"""A line of a simulation: the installed version in brackets, and the one that takes its place in parentheses."""

_DELETED = " (deleted)"
_PROGRAMS = ("/usr/", "/lib", "/opt/")
"""Where packages put programs and libraries. The kernel calls anonymous memory and temporary files deleted too."""


def parse_policy(text):
    """The output of ``apt-cache policy NAME ...`` in the C locale.

    :returns: dict of package to dict of ``installed`` and ``candidate`` (versions; "" for none).
    """
    found, name = {}, ""
    for line in text.splitlines():
        package, version = _PACKAGE.match(line), _VERSION.match(line)
        if package:
            name = package.group(1)
            found[name] = {"installed": "", "candidate": ""}
        elif version and name:
            found[name][version.group(1).lower()] = "" if version.group(2) == _NONE else version.group(2)
    return found


def parse_simulation(text):
    """What ``apt-get --simulate`` would put in the place of installed packages, or take away, in the C locale.

    :returns: dict of package to dict of ``installed`` and ``candidate`` (versions; "" for what is taken away). New packages are not in it.
    """
    found = [match.groups() for match in map(_REPLACED.match, text.splitlines()) if match]
    return {name: {"installed": installed, "candidate": candidate or ""} for name, installed, candidate in found}


def unfinished_packages(text):
    """The packages that dpkg has begun to unpack or configure and has not ended with, sorted: it works on them now, or it died.

    :param text: the output of ``dpkg-query --show`` with a line of ``${db:Status-Abbrev} ${Package}`` each.
    """
    lines = [(line[:_ABBREVIATION], line[_ABBREVIATION:].strip()) for line in text.splitlines()]
    return sorted(name for (status, name) in lines if status[1:2] in _UNFINISHED or status[2:3] == _REINSTALL)


def replaced_files(maps):
    """The files of ``/proc/PID/maps`` that a process runs though another file took their place since, sorted."""
    paths = {line.split(None, 5)[5][:-len(_DELETED)] for line in maps.splitlines()
             if line.endswith(_DELETED) and len(line.split(None, 5)) == 6}
    return sorted(path for path in paths if path.startswith(_PROGRAMS))
