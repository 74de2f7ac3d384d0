# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Galera's ``wsrep_provider_options``: one line that several steps share. Pure text."""

from __future__ import annotations

import re

_DURATION = re.compile(r"^P(?:T)?(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?$")


def parse(text):
    """The options of ``a = b; c = d`` in their order.

    :param text: the value of ``wsrep_provider_options``, as written or as MariaDB shows it.
    :returns: dict of text to text; of an option written twice the last one counts, as in Galera.
    """
    options = {}
    for part in (text or "").split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            options[name.strip()] = value.strip()
    return options


def render(options):
    """The one line for the options, in their order."""
    return ";".join("%s=%s" % item for item in options.items())


def merge(text, ours):
    """Set our options in a line and leave the others, and their order, untouched.

    :param text: the present line.
    :param ours: dict of option to value; ``None`` removes the option.
    :returns: the new line.
    """
    options = parse(text)
    for name, value in ours.items():
        if value is None:
            options.pop(name, None)
        else:
            options[name] = value
    return render(options)


def same(one, other):
    """Whether two values of an option mean the same: ``PT1M`` is ``PT60S``, ``7.50`` is ``7.5``."""
    return _meaning(one) == _meaning(other)


def seconds(value):
    """The seconds of a duration such as ``PT1M30S``; 0.0 for what is none."""
    duration = _DURATION.match(str(value).strip().upper())
    hours, minutes, rest = (float(part or 0) for part in duration.groups()) if duration else (0.0, 0.0, 0.0)
    return hours * 3600 + minutes * 60 + rest


def _meaning(value):
    text = str(value).strip()
    if seconds(text):
        return seconds(text)
    try:
        return float(text)
    except ValueError:
        return text.lower()
