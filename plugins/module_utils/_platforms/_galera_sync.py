# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file synchronizers of a Debian member: lsyncd pushes each path with rsync over SSH to every peer."""

from __future__ import annotations

import os

from .. import _lsyncd as lsyncd
from .._errors import ClusterError
from .._files import read_text, remove, write_text

AUTHORIZED_KEYS = "/root/.ssh/authorized_keys"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"


class FileSynchronizers(object):
    """Reads and writes the settings of the file synchronizers, and runs them.

    :param run: the :class:`_runner.Runner`.
    """

    def __init__(self, run):
        self._run = run

    def read(self):
        """The settings as written.

        :returns: dict of ``enabled``, ``timeout`` (s), ``paths``, ``peers``, and ``intact``: whether every file that
            follows from them is as it must be, and what has to run runs.
        """
        settings = lsyncd.parse(read_text(lsyncd.SETTINGS))
        return dict(settings, intact=self._intact(settings))

    def _intact(self, settings):
        for path, (content, _mode) in lsyncd.rendered(settings).items():
            if read_text(path) != content:
                return False
        present = read_text(AUTHORIZED_KEYS)
        if lsyncd.authorized_keys(present, settings) != present and self._has_our_lines(present, settings):
            return False
        return self.running() == self._must_run(settings)

    @staticmethod
    def _has_our_lines(present, settings):
        """Whether lines of ours are there or ought to be: a file of others alone that only lacks a line break is fine."""
        return bool(settings["enabled"] and settings["peers"]) or (" %s\n" % lsyncd.MARK) in present

    @staticmethod
    def _must_run(settings):
        return bool(settings["enabled"] and settings["peers"] and settings["paths"])

    def write(self, settings):
        """Bring the settings about: files, keys of the peers, and the service.
        """
        if settings["enabled"]:
            self.ensure_key()
            self._make_folders(settings["paths"])
        changed = self._write_files(settings)
        present = read_text(AUTHORIZED_KEYS)
        wanted = lsyncd.authorized_keys(present, settings)
        if wanted != present:
            write_text(AUTHORIZED_KEYS, wanted, mode=0o600, directory_mode=0o700)
        self._serve(settings, changed)
        write_text(lsyncd.SETTINGS, lsyncd.stored(settings), mode=0o600, directory_mode=0o700)

    @staticmethod
    def _make_folders(paths):
        os.makedirs(lsyncd.STATE, mode=0o700, exist_ok=True)
        for path in paths:
            os.makedirs(path, mode=0o755, exist_ok=True)

    @staticmethod
    def _write_files(settings):
        """Write what differs; returns the paths written."""
        files, written = lsyncd.rendered(settings), []
        for path, (content, mode) in files.items():
            if read_text(path) != content:
                write_text(path, content, mode=mode)
                written.append(path)
        if not files:
            for path in (lsyncd.LSYNCD, lsyncd.RSYNCD, lsyncd.KNOWN_HOSTS, lsyncd.PUSH):
                remove(path)
        return written

    def _serve(self, settings, changed):
        """Run it, run it anew where its own files changed, or stop it."""
        if not self._must_run(settings):
            if os.path.exists(lsyncd.UNIT):
                self._run.must(["systemctl", "disable", "--now", lsyncd.UNIT_NAME])
                if not settings["enabled"]:
                    remove(lsyncd.UNIT)
                    self._run.must(["systemctl", "daemon-reload"])
            return
        enabled = os.path.exists("/etc/systemd/system/multi-user.target.wants/" + lsyncd.UNIT_NAME)
        if not enabled:
            self._run.must(["systemctl", "enable", "--no-reload", lsyncd.UNIT_NAME])
        # A unit that systemd reads here for the first time needs no reload, which reads all units of the host anew.
        known = self._run(["systemctl", "show", lsyncd.UNIT_NAME, "--property=LoadState,NeedDaemonReload"]).out.split()
        if sorted(known) != ["LoadState=loaded", "NeedDaemonReload=no"]:
            self._run.must(["systemctl", "daemon-reload"])
        if lsyncd.RSYNCD in changed and len(changed) == 1 and self.running():
            return
        if changed or not self.running():
            self._run.must(["systemctl", "restart", lsyncd.UNIT_NAME])
            self._refuse_dead()

    def _refuse_dead(self):
        if not self.running():
            said = self._run(["journalctl", "--no-pager", "--output=cat", "--lines=20", "--unit=" + lsyncd.UNIT_NAME]).out
            errors = [line for line in said.splitlines() if line.startswith("Error")]
            raise ClusterError("the file synchronizers do not run", output=errors[-1] if errors else said,
                               remedy="journalctl --unit=%s tells more" % lsyncd.UNIT_NAME)

    def ensure_key(self):
        """Make the member's own key where there is none; returns the public key."""
        present = self.public_key()
        if present is None:
            os.makedirs(lsyncd.DIRECTORY, mode=0o700, exist_ok=True)
            self._run.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", lsyncd.MARK, "-f", lsyncd.KEY])
            present = self.public_key()
        return present

    def public_key(self):
        """The member's own public key, or None."""
        return " ".join(read_text(lsyncd.KEY + ".pub").split()[:2]) or None

    def host_key(self):
        """The public key of this member's SSH server, or None."""
        return " ".join(read_text(HOST_KEY).split()[:2]) or None

    def running(self):
        """Whether lsyncd runs for us."""
        return self._run(["systemctl", "is-active", "--quiet", lsyncd.UNIT_NAME]).rc == 0

    def last_success(self):
        """When each peer was last brought up to date: address to seconds since the epoch, None for never. Of several paths the one that
        is the longest behind counts: else one that arrives would hide that another one never does."""
        settings = lsyncd.parse(read_text(lsyncd.SETTINGS))
        found = {}
        for peer in settings["peers"]:
            texts = [read_text(lsyncd.state_file(path, peer["address"])).strip() for path in settings["paths"]]
            found[peer["address"]] = min(map(float, texts)) if texts and all(text.isdigit() for text in texts) else None
        return found
