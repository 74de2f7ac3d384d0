# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on a Debian member: history, data, host, and how far a state transfer is."""

from __future__ import annotations

import calendar
import glob
import json
import os
import re
import shutil
import socket
import time

from .. import _error_log as error_log
from .. import _grastate as grastate
from .._errors import ClusterError
from .._files import read_text, tree_bytes, tree_sizes
from ._galera_database import NO_DATA

DATADIR = "/var/lib/mysql"

PACKAGES = ("galera-4", "lsyncd", "mariadb-backup", "mariadb-server", "rsync", "socat")
"""What a member needs; their versions are part of what is observed."""

_NOT_DATA = ("galera.cache", "gvwstate.dat", "grastate.dat")
_DRAINED = "/var/lib/senhasegura-health/drained"
"""The flag of role ``health``; its text is why."""

_BACKUP_SECONDS = 6 * 3600.0
_PARTIAL = ".partial"
STAMP = "%Y%m%dT%H%M%SZ"
STAMPED = re.compile(r"\d{8}T\d{6}Z")
"""The moment in the names of what is kept: they sort by it."""

_NOT_IN_A_NAME = re.compile("[^0-9A-Za-z_]")
"""What MariaDB writes as ``@`` and four hexadecimal digits in the name of a schema's directory (some letters have shorter names: those
are not found)."""


class State(object):
    """Reads a member's disk, host and log.

    :param run: the :class:`_runner.Runner`.
    :param settings: its :class:`_galera_settings.Settings`.
    :param unit: its :class:`_galera_unit.Unit`.
    :param database: its :class:`_galera_database.Database`.
    """

    def __init__(self, run, settings, unit, database):
        self._run = run
        self._settings = settings
        self._unit = unit
        self._database = database

    def datadir(self):
        """The data directory that MariaDB would start with."""
        return self._settings.effective().get("datadir", DATADIR).rstrip("/")

    def saved(self):
        """The history on disk (grastate.dat), and the traces of a transfer that never ended."""
        datadir = self.datadir()
        state = grastate.parse(read_text(os.path.join(datadir, "grastate.dat")))
        # What the two SST scripts leave behind on a joiner. A zeroed grastate.dat is no such mark: Galera zeroes it too when it
        # ends a member whose history is not the cluster's, and those data exist nowhere else. Nor is wsrep_sst.pid: both scripts
        # write it on the donor as well, whose data are whole.
        marks = ("sst_in_progress", ".sst", "rsync_sst.pid")
        traces = any(os.path.exists(os.path.join(datadir, name)) for name in marks)
        path = os.path.join(datadir, "gvwstate.dat")
        return dict(state, saved_view=os.path.exists(path), view=grastate.view(read_text(path)), transfer_aborted=traces)

    def data(self):
        """The member's own schemas: from the database where it answers, else from the directories on disk."""
        datadir = self.datadir()
        schemas = None
        if self._unit.show()["active"]:
            schemas = self._database.schemas()
        if schemas is None:
            schemas = _schemas_on_disk(datadir)
        return {"schemas": [_dated(one, datadir) for one in schemas], "bytes": tree_bytes(datadir, skip=_NOT_DATA), "fixed": self._fixed()}

    def _fixed(self):
        """The data directory where it is a mount point of its own with anything in it, so that it cannot be renamed; else ""."""
        datadir = os.path.realpath(self.datadir())
        return datadir if not _is_empty(datadir) and _is_mount(datadir) else ""

    def host(self):
        """Hostname, addresses, clock, room and packages of the host, and why load balancers are kept away."""
        clock = time.time()
        return {"hostname": socket.gethostname(), "addresses": self._addresses(), "clock": clock,
                "free_bytes": _free_bytes(self.datadir()), "packages": self._packages(),
                "drained": (read_text(_DRAINED) or "").strip()}

    def _addresses(self):
        found = []
        for link in json.loads(self._run.must(["ip", "-json", "address", "show"]) or "[]"):
            found += [entry["local"] for entry in link.get("addr_info", [])
                      if "local" in entry and entry.get("scope") != "host"]
        return found

    def _packages(self):
        out = self._run(["dpkg-query", "--show", "--showformat=${Package} ${Version} ${db:Status-Status}\n"]
                        + list(PACKAGES)).out
        rows = [line.split() for line in out.splitlines()]
        return {row[0]: row[1] for row in rows if len(row) == 3 and row[2] == "installed"}

    # -- a member that is being restored ----------------------------------------------------------------------------

    def progress(self, status):
        """How far the member is, in words and numbers, and whether it has failed for good.

        :param status: the platform's status.
        """
        unit = self._unit.show()
        seen = {"state": _state_in_words(unit, status), "bytes": None, "percent": None, "failure": "",
                "changing": unit["changing"], "restarts": unit["restarts"]}
        if unit["dead"]:
            seen["failure"] = "mariadb.service is %s (%s)" % (unit["state"], unit["result"])
        elif status["local_state_comment"] in ("Inconsistent", "Disconnected", "Destroyed", "Error"):
            seen["failure"] = "Galera is %s" % status["local_state_comment"]
        if not seen["failure"] and not (status["ready"] and status["local_state"] == 4):
            seen["bytes"], seen["percent"] = self._transferred(unit)
        return seen

    def telling(self):
        """The error log's last telling lines: of the present start, or of all where systemd has begun another one by itself."""
        unit = self._unit.show()
        return error_log.telling(self.log("" if unit["restarts"] and not unit["dead"] else unit["invocation"]))

    def _transferred(self, unit):
        datadir = self.datadir()
        landing = os.path.join(datadir, ".sst")
        if os.path.isdir(landing):
            return tree_bytes(landing), None
        return tree_bytes(datadir, skip=_NOT_DATA), error_log.ist_percent(self.log(unit["invocation"]))

    def log(self, invocation=""):
        """The error log: MariaDB's own file where one is set, else the unit's journal."""
        path = self._settings.effective().get("log_error", "")
        if path:
            full = path if path.startswith("/") else os.path.join(self.datadir(), path)
            return self._run(["tail", "--lines=400", full]).out
        return self._unit.journal(invocation)

    # -- before data is replaced ------------------------------------------------------------------------------------

    def set_aside(self):
        """Stop MariaDB and move its data directory aside; an empty one in its place makes the next start a full transfer.

        Removing grastate.dat alone would not: MariaDB's own recovery finds the old position and tries an incremental
        transfer over another history.
        """
        datadir = os.path.realpath(self.datadir())
        if self._fixed():
            raise ClusterError("%s is a mount point, so it cannot be renamed" % datadir,
                               remedy="Stop MariaDB, move its content aside by hand, and run again")
        target = "%s.%s" % (datadir, time.strftime(STAMP, time.gmtime()))
        self._unit.stop()
        if _is_empty(datadir):  # by hand, say; the empty folder is the sign for a later run that this has been done
            os.makedirs(target, 0o755, exist_ok=True)
            self.ensure_datadir()
            kept = self._newest_aside(datadir) or target  # SSH runs a module once more where its answer was lost
            return {"path": kept, "bytes": tree_bytes(kept)}
        # mv, not rename(2): in a container's layered file system a directory cannot always be renamed.
        self._run.must(["mv", "--no-target-directory", datadir, target], timeout=_BACKUP_SECONDS)
        self.ensure_datadir()
        return {"path": target, "bytes": tree_bytes(target)}

    @staticmethod
    def _newest_aside(datadir):
        """The data directory that was set aside last, and is not empty: path or ""."""
        aside = [path for path in glob.glob(glob.escape(datadir) + ".*") if STAMPED.fullmatch(path[len(datadir) + 1:]) and os.path.isdir(path)]
        return max([path for path in aside if not _is_empty(path)], default="")

    def ensure_datadir(self):
        """An empty data directory where there is none: what a run that was killed while setting it aside leaves."""
        datadir = os.path.realpath(self.datadir())
        if not os.path.exists(datadir):
            os.mkdir(datadir, 0o755)
            shutil.chown(datadir, "mysql", "mysql")

    @staticmethod
    def bytes_of(path):
        """The size of a file or directory tree; 0 where there is none."""
        return os.path.getsize(path) if os.path.isfile(path) else tree_bytes(path)

    def allow_bootstrap(self):
        """Galera bootstraps only from a history marked safe; the plan has proven which one is the newest."""
        path = self.datadir() + "/grastate.dat"
        text = read_text(path)
        if "safe_to_bootstrap: 0" in text:
            # The data directory's files belong to MariaDB's own account: keep owner and mode, change one digit.
            with open(path, "r+", encoding="utf-8") as handle:
                handle.write(text.replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"))

    def backup(self, directory):
        """Back up everything that a state transfer would replace.

        A running database by mariadb-backup, prepared and so ready to be copied back; a stopped one by copying its
        data directory. The name tells when, so that no backup ever replaces another.

        :raises ClusterError: when there is no room, or the backup does not complete.
        """
        size = tree_bytes(self.datadir(), skip=("galera.cache",))
        os.makedirs(directory, mode=0o700, exist_ok=True)
        free = _free_bytes(directory)
        if free < size * 1.2:
            raise ClusterError("the backup needs about %d MB in %s, where %d MB are free"
                               % (size * 1.2 // 2**20 + 1, directory, free // 2**20),
                               remedy="Make room, or name another directory in senhasegura_backup_directory")
        target = os.path.join(directory, "%s-%s" % (socket.gethostname(), time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())))
        partial = target + _PARTIAL
        if self._unit.show()["active"]:
            self._hot_backup(partial)
        else:
            self._cold_backup(partial)
        os.rename(partial, target)
        return {"path": target, "bytes": tree_bytes(target)}

    def _hot_backup(self, target):
        for action in (["--backup"], ["--prepare"]):
            argv = ["mariadb-backup"] + action + ["--target-dir=" + target]
            result = self._run(argv, timeout=_BACKUP_SECONDS)
            if result.rc != 0 or "completed OK!" not in result.err[-400:]:
                raise ClusterError("the backup to %s did not complete" % target, command=argv, rc=result.rc,
                                   output=result.err, remedy="Nothing was replaced")

    def _cold_backup(self, target):
        """A copy is whole when it has every file in its size; what was started meanwhile has changed some."""
        datadir = self.datadir()
        self._run.must(["cp", "--archive", "--reflink=auto", datadir, target], timeout=_BACKUP_SECONDS)
        before, after = tree_sizes(datadir), tree_sizes(target)
        differ = sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))
        if differ:
            raise ClusterError("the copy of the data directory %s in %s is not whole: %d of %d files differ, such as %s"
                               % (datadir, target, len(differ), len(before), differ[0]),
                               remedy="Nothing was replaced. Keep the database stopped, and run again")

    @staticmethod
    def newest_backup(directory):
        """The newest whole backup of this host: dict of ``path``, ``bytes``, ``taken`` (epoch seconds); empty for none.

        One that was interrupted keeps the ending of its making, and does not count.
        """
        ours = re.compile(re.escape(socket.gethostname()) + r"-\d{8}T\d{6}Z")
        names = [name for name in (os.listdir(directory) if os.path.isdir(directory) else []) if ours.fullmatch(name)]
        if not names:
            return {}
        name = max(names)
        path = os.path.join(directory, name)
        taken = calendar.timegm(time.strptime(name.rsplit("-", 1)[1], STAMP))
        return {"path": path, "bytes": tree_bytes(path), "taken": float(taken)}


def _is_empty(folder):
    """Whether there is nothing in it but what every file system has of its own."""
    return not os.path.isdir(folder) or not set(os.listdir(folder)) - {"lost+found"}


def _is_mount(folder):
    """Whether something is mounted there, be it another folder of the same file system, of which os.path.ismount knows nothing."""
    mounts = [line.split()[4] for line in (read_text("/proc/self/mountinfo") or "").splitlines()]
    return os.path.ismount(folder) or folder in mounts


def _schemas_on_disk(datadir):
    if not os.path.isdir(datadir):
        return []
    return [{"name": entry.name, "tables": len({name.rsplit(".", 1)[0] for name in os.listdir(entry.path)
                                                if name.endswith((".ibd", ".frm"))}),
             "rows": None, "bytes": tree_bytes(entry.path), "updated": _newest_file(entry.path)}
            for entry in sorted(os.scandir(datadir), key=lambda item: item.name)
            if entry.is_dir() and entry.name not in NO_DATA and not entry.name.startswith((".", "#"))
            and entry.name != "lost+found"]


def _dated(schema, datadir):
    """A schema with the time of its last write: since its start InnoDB forgets that of every table; the files do not."""
    if schema["updated"] not in ("", "NULL"):
        return schema
    folder = os.path.join(datadir, _NOT_IN_A_NAME.sub(lambda found: "@%04x" % ord(found.group()), schema["name"]))
    return dict(schema, updated=_newest_file(folder) if os.path.isdir(folder) else "")


def _newest_file(folder):
    """When a file of a schema was last written, in the words in which MariaDB tells the update of a table."""
    times = [entry.stat().st_mtime for entry in os.scandir(folder) if entry.is_file() and entry.name != "db.opt"]
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(max(times))) if times else ""


def _free_bytes(path):
    while not os.path.isdir(path):
        path = os.path.dirname(path) or "/"
    room = os.statvfs(path)
    return room.f_bavail * room.f_frsize


def _state_in_words(unit, status):
    if status["answers"] and status["local_state_comment"]:
        words = status["local_state_comment"]
        return words if status["ready"] else words + ", not ready"
    if unit["status_text"]:
        return unit["status_text"]
    return "%s (%s)" % (unit["state"], "database closed")
