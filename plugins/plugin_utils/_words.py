# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the report as a person reads them. Pure."""

from __future__ import annotations

from ._plan import BOOTSTRAP, CONFIGURE, JOIN, NONE, RESTART

_MEANS = {
    NONE: "nothing to do",
    CONFIGURE: "change on-line, no restart",
    RESTART: "change and restart",
    BOOTSTRAP: "restart as the first member of the cluster",
    JOIN: "restart and receive the cluster's data",
}


def table(headings, rows):
    """Columns as wide as they need to be."""
    widths = [max(len(str(row[column])) for row in [headings] + rows) for column in range(len(headings))]
    return ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in [headings] + rows]


def size(count):
    """Bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return "%.0f %s" % (count, unit) if unit in ("B", "KB", "MB") else "%.1f GB" % count
        count /= 1024.0
    return ""


def plan_lines(declared, plan):
    """The plan: who, what, why, in the order of work, then who is left alone."""
    notes = ["Note: %s." % warning for warning in plan["warnings"]]
    notes += ["By hand, on %s: %s" % (", ".join(step["members"]), manual_text(step)) for step in plan["manual"]]
    if not plan["order"]:
        return ["Nothing to do: all %d members are as declared." % len(declared["members"])] + notes
    idle = [member["name"] for member in declared["members"] if member["name"] not in plan["order"]]
    rows = [[position, name, _MEANS[plan["members"][name]["action"]], plan["members"][name]["reason"]]
            for position, name in enumerate(plan["order"], 1)]
    rows += [["-", name, _MEANS[NONE], plan["members"][name]["reason"]] for name in idle]
    lines = table(["", "member", "what", "why"], rows) + notes
    if any(plan["members"][name]["action"] == JOIN for name in plan["order"]):
        lines.append("Every joining member's database is replaced by the cluster's.")
    return lines


def manual_text(step):
    """A step that only a person can do: how, and the name by which it is said to be done."""
    return "%s. Then name %s in senhasegura_manual_steps_done." % (step["how"], step["id"])


def report_lines(declared, observations, seconds):
    """The cluster as it is: one line a member.

    :param seconds: dict of member name to the seconds that its change took.
    """
    rows = []
    for member in declared["members"]:
        observed = observations[member["name"]]["observed"]
        status, settings = observed["status"], observed["settings"]
        rows.append([member["name"], member["address"], settings["network"]["segment"] or "-",
                     "yes" if member["name"] == declared["primary"] else "-",
                     "%s, %s" % (status["cluster_status"], status["local_state_comment"]),
                     settings["primary"]["weight"], "%.1f s" % seconds[member["name"]] if member["name"] in seconds else "-"])
    first = observations[declared["members"][0]["name"]]["observed"]["status"]
    return table(["member", "address", "segment", "primary", "state", "votes", "took"], rows) + [
        "One component, proven on every member: %d voters, configuration %s, state UUID %s."
        % (first["size"], first["conf_id"], first["state_uuid"])]


def problem_text(title, problems):
    """All problems at once, under one title."""
    return "\n".join([title] + ["- %s" % problem for problem in problems])
