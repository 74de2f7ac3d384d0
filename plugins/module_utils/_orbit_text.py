# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the appliance's command ``orbit`` prints, read: pure. The shapes are those of the vendor's public documentation
(docs/orbit.md tells which page); what a release words differently is left out of the answer, never guessed.
"""

from __future__ import annotations

import re

NOT_ROOT = "This program must be run with root permissions!"
PROCEED = "Are you sure you want to proceed"
ENDINGS = ("Done!", "No errors reported")

_OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")
_FIELD = re.compile(r"^\s*([A-Za-z][A-Za-z ()]*?)\s*:\s*(.*?)\s*$")
_TROUBLE = re.compile(r"^\W*(?:fatal|error|failed|failure|exception)\b.*$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w.:])")
_PATH = re.compile(r"(?<!\S)/[\w.+@/-]*\w")
_MEMBER = re.compile(r"Cluster member:\s*ID \[(\d+)\]")
_CLUSTER_UUID = re.compile(r"Cluster UUID:\s*([0-9a-fA-F-]{36})")
_SYNC_STATUS = re.compile(r"details:\s*status=(\w+)")
_VERSION = re.compile(r"(orbini-fwk|senhasegura-pam)\W+(\d[\w.+~-]*)")


def options(text):
    """The options that a help text names: set of text such as ``--force``."""
    return set(_OPTION.findall(text))


def words(text):
    """The words that start a line of a help text: the commands that it lists."""
    return {line.split()[0] for line in text.splitlines() if line.split() and line[:1].isspace()}


def fields(text):
    """``Name: value`` lines, names in lower case; of a name that is there twice the first counts."""
    found = {}
    for line in text.splitlines():
        match = _FIELD.match(line)
        if match:
            found.setdefault(match.group(1).lower(), match.group(2))
    return found


def application_status(text):
    """``orbit application status``, older form (the instance is Primary or not) and newer (a cluster, with Primary, Main).

    :returns: dict of ``application``, ``replication`` (bool or None where it is not told), ``main`` (bool or None: whether
        this member is the primary), ``primary`` (the primary's hostname, or "").
    """
    seen = fields(text)
    main = {"yes": True, "no": False}.get(seen.get("main", "").lower())
    instance = seen.get("instance", "").lower()
    if main is None and instance and instance != "cluster":
        main = instance in ("primary", "master")
    return {"application": _active(seen.get("application")), "replication": _active(seen.get("replication")), "main": main,
            "primary": seen.get("primary", "")}


def _active(text):
    return {"active": True, "inactive": False}.get((text or "").lower())


def cluster_status(text):
    """The end of ``orbit cluster status``.

    :returns: dict of ``members`` (how many it lists, or None), ``uuid`` ("" where it tells none), ``synced`` (bool or None).
    """
    uuid, state = _CLUSTER_UUID.search(text), _SYNC_STATUS.search(text)
    return {"members": len(_MEMBER.findall(text)) or None, "uuid": uuid.group(1).lower() if uuid else "",
            "synced": state.group(1).lower() == "synced" if state else None}


def arbiter_status(text):
    """``orbit cluster arbiter status``: the arbitrator's address, or "" while it is not enabled."""
    seen = fields(text)
    return seen.get("arbiter ip address", "") if seen.get("status", "").upper() == "ENABLED" else ""


def versions(text):
    """``orbit version``: dict of package to version."""
    return dict(_VERSION.findall(text))


def listed(text, word):
    """The list behind the first ``Name: a, b`` whose name holds a word, such as ``server``; None where there is none."""
    found = [value for name, value in fields(text).items() if word in name]
    return [one for one in re.split(r"[,;\s]+", found[0]) if one] if found else None


def addresses(text):
    """Every IP address in a text, in its order."""
    return _ADDRESS.findall(text)


def paths(text):
    """Every absolute path in a text, in its order."""
    return _PATH.findall(text)


def trouble(text):
    """The first line that reports an error, or "": an exit status of 0 alone is no proof."""
    found = _TROUBLE.search(text)
    return found.group(0).strip() if found else ""


def last_words(text):
    """The last thing that a command said: its answered prompt stands before the next words, on the same line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"^%s\W*" % re.escape(PROCEED), "", lines[-1]) if lines else ""


def question(text):
    """The last line while it is not ended: what a program that waits for an answer has printed; "" for none."""
    last = text.rsplit("\n", 1)[-1].strip()
    return last if last[-1:] in ("?", ":", "]", ")", ">") or last.startswith(PROCEED) else ""
