# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The appliance's command ``orbit``: asked, told, its prompts answered. The one place that runs it."""

from __future__ import annotations

import os
import time

from .. import _orbit_text as orbit_text
from .._errors import ClusterError, CommandError, CommandTimeout
from .._files import read_text, remove

UNIT = "senhasegura-orbit.service"
"""Changing commands run as this transient unit of systemd: one at a time, whole though the connection drops, and killed with
all that they started when their time is up."""

_FOLDER = "/run/senhasegura-cluster"
_OUTPUT = _FOLDER + "/orbit.out"
_ANSWERS = _FOLDER + "/orbit.in"

_ASK_SECONDS = 30.0
_CHANGE_SECONDS = 300.0
"""A change that restarts nothing ends within seconds; with its health checks it may take minutes."""

_LONG_SECONDS = 24 * 3600.0
"""A start ends with its state transfer, which takes as long as the data are large."""

_MARGIN_SECONDS = 10.0
"""systemd ends what we did not live to end."""

_PACE_SECONDS = 0.1

_PROPERTIES = "ActiveState,SubState,Result,ExecMainStatus,ExecMainPID,ExecMainExitTimestampMonotonic,ExecStart"
_READ_CALLS = ("0", "3", "63")
"""The number of the system call read(2) on the machines that Debian's MariaDB exists for (amd64, i386, arm64)."""

_REMEDY = "Run the command by hand on the member to see it, or ask the vendor's support"


class Orbit(object):
    """Runs ``orbit``.

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._run = run
        self._helps = {}

    # -- asking -----------------------------------------------------------------------------------------------------

    def ask(self, *words):
        """What a command that changes nothing prints.

        :raises ClusterError: without root, or when it ends with another exit status than 0.
        :raises CommandTimeout: when it did not end within 30 s.
        """
        argv = ("orbit",) + words
        result = self._run(argv, timeout=_ASK_SECONDS)
        self._refuse_unprivileged(result.out + result.err, argv)
        if result.rc != 0:
            raise CommandError("%s ended with exit status %d" % (" ".join(argv), result.rc), command=argv, rc=result.rc,
                               output=result.err or result.out, remedy=_REMEDY)
        return result.out

    @staticmethod
    def _refuse_unprivileged(text, argv):
        if orbit_text.NOT_ROOT in text:
            raise ClusterError("orbit must be run as root", command=argv, rc=1, output=text,
                               remedy="Set ansible_become to true for the appliances (mt4adm may use sudo)")

    def help(self, *words):
        """The help text of a command; "" where this release does not have it."""
        if words not in self._helps:
            argv = ("orbit",) + words + ("--help",)
            result = self._run(argv, timeout=_ASK_SECONDS)
            self._refuse_unprivileged(result.out + result.err, argv)
            self._helps[words] = result.out if result.rc == 0 else ""
        return self._helps[words]

    def takes(self, words, option):
        """Whether a command's help names an option: capabilities are asked of the installed command, never of a version."""
        return option in orbit_text.options(self.help(*words))

    # -- changing ---------------------------------------------------------------------------------------------------

    def change(self, command, *options, **more):
        """Run a command that changes something, and answer its prompt.

        :param command: its words, such as ``("cluster", "config")``.
        :param options: what follows them.
        :param wait: False to leave it running once it needs no answer any more: :meth:`under_way` and :meth:`failure` tell.
        :returns: what it printed.
        :raises ClusterError: when another orbit run is in progress, it asks something unexpected, or reports an error.
        :raises CommandTimeout: when it hangs; it is killed.
        """
        wait = more.get("wait", True)
        argv = ["orbit"] + list(command) + list(options)
        forced = self.takes(command, "--force")
        if forced:
            argv.append("--force")
        self._refuse_another_run()
        answers = self._begin(argv, _CHANGE_SECONDS if wait else _LONG_SECONDS)
        try:
            return self._converse(argv, answers, forced, wait)
        finally:
            os.close(answers)

    def _refuse_another_run(self):
        running = self.under_way()
        if not running:
            others = [line for line in self._run.must(["ps", "-eo", "pid=,args="]).splitlines() if _is_orbit(line)]
            running = others[0].strip() if others else ""
        if running:
            raise ClusterError("another orbit run is in progress: %s" % running, remedy="Wait until it has ended, and run again")

    def _begin(self, argv, seconds):
        """Start the unit; returns the open end into which answers are written."""
        os.makedirs(_FOLDER, mode=0o700, exist_ok=True)
        self._run(["systemctl", "stop", UNIT])
        self._run(["systemctl", "reset-failed", UNIT])
        remove(_OUTPUT)
        remove(_ANSWERS)
        os.mkfifo(_ANSWERS, 0o600)
        answers = os.open(_ANSWERS, os.O_RDWR | os.O_NONBLOCK)
        self._run.must(["systemd-run", "--quiet", "--unit=" + UNIT, "--property=RemainAfterExit=yes",
                        "--property=RuntimeMaxSec=%d" % (seconds + _MARGIN_SECONDS), "--property=StandardInput=file:" + _ANSWERS,
                        "--property=StandardOutput=file:" + _OUTPUT, "--property=StandardError=file:" + _OUTPUT,
                        "--setenv=LC_ALL=C", "--"] + argv)
        return answers

    def _converse(self, argv, answers, forced, wait):
        """Answer what is expected, refuse what is not, and end when the command has, or is on its way."""
        deadline = time.monotonic() + _CHANGE_SECONDS
        answered = forced
        while True:
            unit, text = self._show(), read_text(_OUTPUT)
            self._refuse_unprivileged(text, argv)
            if unit["SubState"] != "running":
                problem = self._problem(unit, text)
                if problem:
                    raise ClusterError("%s failed: %s" % (" ".join(argv[:3]), problem), command=argv, output=text,
                                       rc=int(unit["ExecMainStatus"] or 0), remedy=_REMEDY)
                return text
            if answered and not wait:
                return text
            asked = orbit_text.question(text)
            if asked.startswith(orbit_text.PROCEED) and not answered:
                os.write(answers, b"y\n")
                answered = True
            elif asked and not asked.startswith(orbit_text.PROCEED) and _reads_input(unit["ExecMainPID"]):
                self._stop(argv, "asked something unexpected: %s" % asked)
            elif time.monotonic() > deadline:
                self._stop(argv, "did not end within %d s and was killed; its last words were: %s"
                           % (_CHANGE_SECONDS, orbit_text.last_words(text) or "(none)"), CommandTimeout)
            time.sleep(_PACE_SECONDS)

    def _stop(self, argv, reason, kind=ClusterError):
        self._run(["systemctl", "stop", UNIT])
        raise kind("%s %s" % (" ".join(argv[:3]), reason), command=argv, remedy=_REMEDY)

    # -- what runs --------------------------------------------------------------------------------------------------

    def _show(self):
        out = self._run.must(["systemctl", "show", UNIT, "--property=" + _PROPERTIES])
        return dict(line.split("=", 1) for line in out.splitlines() if "=" in line)

    def under_way(self):
        """The changing command that is running now, with the last line that it printed; "" for none."""
        unit = self._show()
        if unit["ActiveState"] not in ("active", "activating") or unit["SubState"] != "running":
            return ""
        return "%s (%s)" % (_command_of(unit), orbit_text.last_words(read_text(_OUTPUT)) or "nothing said yet")

    def failure(self, since):
        """How the last changing command failed, if nothing has started since it ended; "" where it did not.

        :param since: when the database was last started (seconds of the monotonic clock).
        """
        unit = self._show()
        ended = int(unit.get("ExecMainExitTimestampMonotonic") or 0) / 1e6
        if not ended or unit["SubState"] == "running" or since > ended:
            return ""
        problem = self._problem(unit, read_text(_OUTPUT))
        return "%s failed: %s" % (_command_of(unit), problem) if problem else ""

    @staticmethod
    def _problem(unit, text):
        """Why a command that has ended did not end well; "" when it did. Exit status 0 is not enough: its words count."""
        if unit["Result"] == "timeout":
            return "it did not end in time and was killed"
        said = orbit_text.trouble(text) or orbit_text.last_words(text) or "nothing"
        if unit["Result"] not in ("", "success") or unit["ExecMainStatus"] not in ("", "0"):
            return "exit status %s: %s" % (unit["ExecMainStatus"], said)
        if orbit_text.trouble(text) or not any(ending in text for ending in orbit_text.ENDINGS):
            return "exit status 0, but it said: %s" % said
        return ""


def _command_of(unit):
    """The command of the unit's ExecStart: ``{ path=… ; argv[]=orbit cluster start ; …}``."""
    words = unit.get("ExecStart", "").partition("argv[]=")[2].partition(" ;")[0].split()[:3]
    return " ".join(["orbit"] + words[1:])


def _is_orbit(line):
    """Whether a line of ps is somebody's orbit: the program itself, or its interpreter and it."""
    return any(os.path.basename(word) == "orbit" for word in line.split()[1:3])


def _reads_input(pid):
    """Whether a process, or one that it started, is waiting in a read of its standard input."""
    try:
        call = read_text("/proc/%s/syscall" % pid).split()
        children = read_text("/proc/%s/task/%s/children" % (pid, pid)).split()
    except (OSError, ClusterError):  # it has ended meanwhile
        return False
    return call[:1] and call[0] in _READ_CALLS and call[1:2] == ["0x0"] or any(_reads_input(child) for child in children)
