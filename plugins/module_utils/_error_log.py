# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB's error log: the lines that say why, and how far a transfer is. Pure text."""

from __future__ import annotations

import re

_TELLING = re.compile(r"\[ERROR\]|\bERROR\b|Aborting|[Ff]ailed|failure|Inconsistent|not allowed to bootstrap"
                      r"|handshake|Reversing history|No space left|Permission denied|Address already in use")
_NOISE = re.compile(r"Plugin 'FEEDBACK'|io_uring|--verbose --help|MYSQL_HISTFILE|Info\]|\[Note\].*(?:Failed to read|failed to "
                    r"establish)")
_CONSEQUENCE = re.compile(r"\[ERROR\] Aborting|sst_received failed|Application received wrong state|Application state transfer failed"
                          r"|Failed with result|Failed to start|Parent mysqld process|Removing \S+/\.sst|Exiting with")
"""What follows when anything fails: these lines tell that it did, not why."""

_WHEN = re.compile(r"^[-0-9: .T]{8,}\d+ (?=\[)|^\S+ \d+ [0-9:]{8} \S+ ")
"""MariaDB's and the journal's time before a line."""

_IST = re.compile(r"(?:Receiving|IST|Installing) .*?(\d+(?:\.\d+)?)% ?\(?\s*(\d+)?/?(\d+)?")


def telling(text, most=6):
    """The last lines that tell why something failed.

    A line that came again and again, as with a member that is started again and again, counts once. Reasons go before what follows
    from any of them.

    :param text: log text, oldest line first.
    :param most: how many lines at the most.
    :returns: list of lines; where no line tells a reason, the last lines as they are.
    """
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    chosen = [line for line in lines if _TELLING.search(line) and not _NOISE.search(line)]
    if not chosen:
        return lines[-most:]
    last = list({_WHEN.sub("", line): (at, line) for at, line in enumerate(chosen)}.values())
    kept = sorted(last, key=lambda entry: (not _CONSEQUENCE.search(entry[1]), entry[0]))[-most:]
    return [line for unused, line in sorted(kept)]


def ist_percent(text):
    """How far the last incremental state transfer (IST) in the log is, in percent; None without one."""
    found = None
    for match in _IST.finditer(text or ""):
        found = float(match.group(1))
    return found
