# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After an outage, on a Debian member: the position that InnoDB holds, copies of Galera's control files, and the record of a
work that a killed run leaves unfinished.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import time

from .. import _grastate as grastate
from .._error_log import telling
from .._files import read_text, remove, write_text
from ._galera_state import STAMP, STAMPED

FOLDER = "/var/lib/senhasegura-cluster"

RECOVERY, SEEDING = "recovery", "reseed"
"""Works of which each has a record of its own; ``comparison`` is what is left of a seeding."""

_SOCKET = "/run/mysqld/recover.sock"
_CONTROL_FILES = ("grastate.dat", "gvwstate.dat")
_RECOVER_SECONDS = 3600.0
"""InnoDB replays its whole log for the answer: minutes on a large database."""


class Recovery(object):
    """Asks InnoDB, copies control files, and remembers.

    :param run: the :class:`_runner.Runner`.
    :param state: the member's :class:`_galera_state.State`.
    :param folder: where copies and the record are.
    """

    def __init__(self, run, state, folder=FOLDER):
        self._run = run
        self._state = state
        self._copies = os.path.join(folder, "control-files")
        self._folder = folder
        self._behind = os.path.join(folder, "left_behind.json")

    def position(self):
        """What InnoDB holds, as MariaDB's own recovery before each start finds it; the database must be stopped.

        It writes to InnoDB's files what every start writes to them, so what Galera left there is copied aside before.

        :returns: dict of ``uuid``, ``seqno``, ``gtid`` (MariaDB's own, or ""), ``problem`` (why they are unknown, or "") and ``copies``
            (the folder of the copies).
        """
        copies = self._copy()
        result = self._run(["mariadbd", "--user=mysql", "--wsrep-recover", "--disable-log-error", "--skip-networking",
                            "--socket=" + _SOCKET, "--pid-file=/run/mysqld/recover.pid"], timeout=_RECOVER_SECONDS)
        remove(_SOCKET)
        found = grastate.recovered(result.err + result.out)
        problem = ""
        if result.rc != 0 or not found:
            problem = "mariadbd --wsrep-recover ended with exit status %d (%s)" % (
                result.rc, " / ".join(telling(result.err + result.out, most=2)) or "it said nothing")
        return dict(found or dict(grastate.parse(""), gtid=""), problem=problem, copies=copies)

    def _copy(self):
        """Copy the control files aside, each time into a folder of its own; returns it."""
        target = os.path.join(self._copies, time.strftime(STAMP, time.gmtime()))
        os.makedirs(target, mode=0o700, exist_ok=True)
        for name in _CONTROL_FILES:
            path = os.path.join(self._state.datadir(), name)
            if os.path.exists(path):
                shutil.copy2(path, os.path.join(target, name))
        return target

    def begin(self, work, chosen, anew=False):
        """As ``Platform.begin``."""
        target, path = self._copy(), self._record(work)
        before = self._read(path)
        same = not anew and before.get("work") == work and before.get("chosen") == chosen
        since = before["since"] if same else os.path.basename(target)
        write_text(path, json.dumps({"work": work, "chosen": chosen, "since": since}) + "\n", mode=0o600)
        return target

    def finish(self, work):
        """As ``Platform.finish``."""
        remove(self._record(work))

    def unfinished(self, work):
        """What has begun of a work and not ended.

        :returns: empty, or dict of ``work``, ``chosen``, ``since``, and ``aside``: the data directory that was set aside since.
        """
        record = self._read(self._record(work))
        return dict(record, aside=self._aside(record["since"])) if record else {}

    def _record(self, work):
        """A recovery must not make forgotten that a member was being seeded anew: its data are not proven by that."""
        return os.path.join(self._folder, "unfinished.json" if work == RECOVERY else "seeding.json")

    def left_behind(self):
        """Members without which this one's component was made primary: dict of address to dict of ``uuid`` and ``seqno``, the
        position at which those who were left went on, and ``name``, which records of earlier versions have not.
        """
        return self._read(self._behind)

    def leave_behind(self, positions):
        """As ``Platform.leave_behind``; who is recorded already keeps the older position."""
        record = dict(positions, **self.left_behind())
        write_text(self._behind, json.dumps(record, sort_keys=True) + "\n", mode=0o600)

    def take_back(self, addresses):
        """As ``Platform.take_back``."""
        record = {address: position for address, position in self.left_behind().items() if address not in addresses}
        if record:
            write_text(self._behind, json.dumps(record, sort_keys=True) + "\n", mode=0o600)
        else:
            remove(self._behind)

    @staticmethod
    def _read(path):
        text = read_text(path)
        return json.loads(text) if text else {}

    def _aside(self, since):
        datadir = os.path.realpath(self._state.datadir())
        aside = {path: path[len(datadir) + 1:] for path in glob.glob(datadir + ".*") if os.path.isdir(path)}
        found = [path for path, stamp in aside.items() if STAMPED.fullmatch(stamp) and stamp >= since]  # nobody else's copies
        return min(found) if found else ""
