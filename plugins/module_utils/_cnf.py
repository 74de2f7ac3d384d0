# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MariaDB's option files: read, change single options, leave every other line as it is. Pure text."""

from __future__ import annotations

import re

_SECTION = re.compile(r"^\s*\[([^\]]+)\]\s*(?:#.*)?$")
_OPTION = re.compile(r"^\s*([A-Za-z][\w.-]*)\s*(?:=\s*(.*?)\s*)?$")


def _name(text):
    """MariaDB reads dashes and underscores in names alike."""
    return text.strip().replace("-", "_")


_QUOTED = re.compile(r"""^(["'])(.*?)\1\s*(?:#.*)?$""")


def _unquoted(value):
    """As my_print_defaults reads it: a # outside of quotes begins a comment, wherever it stands."""
    quoted = _QUOTED.match(value)
    return quoted.group(2) if quoted else re.sub(r"\s*#.*$", "", value)


def _quoted(value):
    return '"%s"' % value if re.search(r"[\s#;]", value) else value


class OptionFile(object):
    """One option file, changed in place.

    :param text: its content; empty for a new one.
    """

    def __init__(self, text=""):
        self._lines = text.splitlines()

    def text(self):
        """The content, ending in a line break."""
        return "\n".join(self._lines) + "\n" if self._lines else ""

    def _options(self):
        """(index, section, name, value) of each option line."""
        section = None
        for index, line in enumerate(self._lines):
            header = _SECTION.match(line)
            if header:
                section = header.group(1).strip()
                continue
            option = _OPTION.match(line)
            if option and section:
                yield index, section, _name(option.group(1)), option.group(2)

    def get(self, section, name, default=None):
        """The value of an option; of one written twice the last, as MariaDB reads it."""
        found = default
        for _index, where, what, value in self._options():
            if where == section and what == _name(name):
                found = "" if value is None else _unquoted(value)
        return found

    def set(self, section, name, value):
        """Write an option once: in its place when it is there, at the end of its section when not."""
        line = "%s = %s" % (name, _quoted(str(value)))
        mine = [index for index, where, what, _value in self._options() if where == section and what == _name(name)]
        if mine:
            self._lines[mine[-1]] = line
            for index in reversed(mine[:-1]):
                del self._lines[index]
            return
        self._lines.insert(self._end_of(section), line)

    def remove(self, section, name):
        """Take an option away, wherever the section has it."""
        mine = [index for index, where, what, _value in self._options() if where == section and what == _name(name)]
        for index in reversed(mine):
            del self._lines[index]

    def _end_of(self, section):
        """Where the next line of the section belongs; makes the section when there is none."""
        inside, end = False, None
        for index, line in enumerate(self._lines):
            header = _SECTION.match(line)
            if header:
                inside = header.group(1).strip() == section
            if inside and line.strip():
                end = index + 1
        if end is None:
            self._lines += ([""] if self._lines else []) + ["[%s]" % section]
            end = len(self._lines)
        return end
