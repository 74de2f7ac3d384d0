# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The removal as a person reads it: its plan before, what is left to do by hand after. Pure."""

from __future__ import annotations

from . import _quorum as quorum
from ._words import downtime, table

_STOPPED = "its database stays stopped"
_STARTED = "its database starts again standalone"


def removal_lines(removal, plan):
    """The plan: who does what and why, in the order of work; votes and downtime."""
    notes = ["Note: %s." % warning for warning in plan["warnings"]]
    names = " and ".join(removal["removed"])
    if not plan["work"]:
        return ["Nothing to do: %s is removed, and the %d members who stay are as declared." % (names, len(plan["stay"]))] + notes
    rows = [[name, what, why] for name, what, why in _moved(removal, plan) + _leaves(removal, plan) + _stays(plan)]
    lines = table(["", "member", "what", "why"], [[position] + row for position, row in enumerate(rows, 1)])
    return lines + _votes(plan) + _downtime(plan) + notes


def _moved(removal, plan):
    primary = removal["after"]["primary"]
    return [(move["name"], "change on-line, no restart", "it becomes the primary" if move["name"] == primary
             else "%s becomes the primary" % primary) for move in plan["moves"]]


def _leaves(removal, plan):
    rows = [(name, "only taken off the lists", "it cannot be reached, is named as dead, and is not in the component")
            for name in plan["gone"]]
    leaving = plan["leaving"]
    if leaving and leaving["work"]:
        end = _STARTED if leaving["state"] == "started" else _STOPPED
        what = "leave, become standalone" if leaving["stop"] else "become standalone"
        rows.append((leaving["name"], what, "%s; its data are kept, %s" % (leaving["reason"], end)))
    return rows


def _stays(plan):
    return [(name, "change on-line, no restart", plan["members"][name]["reason"]) for name in plan["order"]]


def _votes(plan):
    before, after = plan["votes"]["before"], plan["votes"]["after"]
    return ["Votes: before %s, after %s." % (quorum.in_words(before), quorum.in_words(after))] + quorum.single_failures(after)


def _downtime(plan):
    if plan["leaving"] and plan["leaving"]["stop"]:
        return [downtime("none on those who stay (writes pause for about a second)",
                         "clients of %s lose their connections" % plan["leaving"]["name"])]
    return [downtime("none")]


def farewell_lines(removal, plan):
    """What is true of the removed ones now, and what only a person can do."""
    lines = []
    for name in removal["removed"]:
        if name in plan["gone"]:
            lines.append("%s is off every list. It could not be told: erase it before it is ever started again." % name)
        elif plan["leaving"]["installed"]:
            lines.append("%s is standalone and %s; its data are kept where they were." % (name, plan["leaving"]["state"]))
        else:
            lines.append("%s is off every list; it has no database." % name)
    return lines + ["Take %s out of the inventory now." % " and ".join(removal["removed"])]
