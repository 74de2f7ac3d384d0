# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which members are given the health service, or another one, and why. Pure."""

from __future__ import annotations

import ipaddress

from ._words import downtime, table


def health_plan(declared, comparisons):
    """Who changes, in the declared order.

    :param comparisons: dict of member name to what role ``health`` compared: ``work`` (dicts of ``what`` and ``why``), ``port``, ``allow``;
                        None where it did not.
    :returns: dict of ``order``, ``work`` (per member), ``members`` (nobody: no step of a cluster is taken), ``refusals``, ``confirm`` (False).
    """
    names = [member["name"] for member in declared["members"]]
    refusals = [problem for name in names for problem in _problems(name, comparisons[name])]
    work = {name: (comparisons[name] or {}).get("work", []) for name in names}
    return {"order": [name for name in names if work[name]], "work": work, "members": {}, "refusals": refusals, "confirm": False}


def _problems(name, comparison):
    if comparison is None:
        return ["%s: it was not observed (--limit must not leave a member out)" % name]
    port, allow, problems = str(comparison["port"]), comparison["allow"], []
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        problems.append("%s: senhasegura_health_port must be a number from 1 to 65535, not %r" % (name, comparison["port"]))
    if not isinstance(allow, list) or not all(_is_network(item) for item in allow):
        problems.append("%s: senhasegura_health_allow must be a list of addresses and networks, such as 10.0.0.5 or 10.0.0.0/24, not %r"
                        % (name, allow))
    return problems


def _is_network(item):
    try:
        ipaddress.ip_network(str(item), strict=False)
    except ValueError:
        return False
    return True


def health_lines(declared, plan):
    """The plan as a person reads it."""
    names = [member["name"] for member in declared["members"]]
    if not plan["order"]:
        return ["Nothing to do: all %d members tell how they are, as declared." % len(names)]
    rows = [["", name, "; ".join(item["what"] for item in plan["work"][name]), "; ".join(item["why"] for item in plan["work"][name])]
            if plan["work"][name] else ["-", name, "nothing to do", "as declared"] for name in names]
    for position, name in enumerate(plan["order"], 1):
        rows[names.index(name)][0] = position
    return table(["", "member", "what", "why"], rows) + [downtime("none", "no database restarts")]
