# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the domain: raised anywhere below a module, caught once, at its bottom."""

from __future__ import annotations


class ClusterError(Exception):
    """Something is not as it must be; carries what a person at night needs.

    :param message: what was expected and what was seen.
    :param remedy: what to do about it.
    :param command: the command that failed, as argv, where one did.
    :param rc: its exit status.
    :param output: its output (never holds a secret: callers that pass one do not attach output).
    """

    def __init__(self, message, remedy="", command=None, rc=None, output=""):
        super(ClusterError, self).__init__(message)
        self.message = message
        self.remedy = remedy
        self.command = list(command) if command else None
        self.rc = rc
        self.output = output
        self.written = []
        """Modules whose settings were written before it, and stay."""

    def text(self):
        """The whole as one sentence or two: message, then remedy, then what has changed all the same."""
        parts = [self.message.rstrip(".") + "."]
        if self.output:
            parts.append("It said: " + " / ".join(self.output.strip().splitlines()[-4:]) + ".")
        if self.remedy:
            parts.append(self.remedy.rstrip(".") + ".")
        if self.written:
            parts.append("Written before that, and kept: the settings of %s." % ", ".join(self.written))
        return " ".join(parts)

    def facts(self):
        """What a module returns beside ``msg`` when it fails."""
        facts = {"remedy": self.remedy}
        if self.command:
            facts.update(command=self.command, rc=self.rc, output=self.output)
        return facts


class CommandError(ClusterError):
    """A command on the member ended with an exit status that it should not have."""


class CommandTimeout(ClusterError):
    """A command on the member did not end in its time, and was killed."""


class ValueRefused(ClusterError):
    """A value that was given cannot be used (wrong type, out of range, contradictory)."""
