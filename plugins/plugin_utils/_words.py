# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the report as a person reads them. Pure."""

from __future__ import annotations

from ._plan import BOOTSTRAP, CONFIGURE, JOIN, NONE, REFUSE, RESTART

_MEANS = {
    NONE: "nothing to do",
    CONFIGURE: "change on-line, no restart",
    RESTART: "change and restart",
    BOOTSTRAP: "restart as the first member of the cluster",
    JOIN: "restart and receive the cluster's data",
    REFUSE: "refused",
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
        lines += ["Every joining member's database is replaced by the cluster's."] + _transfers(plan)
    return lines


def _transfers(plan):
    """What the joiners receive: all data, or what they lack."""
    lines = []
    for name in plan["order"]:
        transfer = plan["members"][name]["transfer"]
        if not transfer:
            continue
        full = "about %s%s" % (size(transfer["bytes"]), " by %s" % transfer["method"] if transfer["method"] else "")
        donors = plan["members"][name]["donors"]
        source = ", from " + " or ".join(donors) if donors else ""
        lines.append("Transfer: %s receives all data, %s (SST)%s." % (name, full, source) if transfer["behind"] is None else
                     "Transfer: %s catches up %d transactions (IST); if no donor's cache holds them any more, it receives all data, %s (SST)."
                     % (name, transfer["behind"], full))
    return lines


def recovery_lines(plan):
    """The decision table of a recovery: what every member holds, what happens with it, and why."""
    open_yet = plan["ask"] and not plan["order"] and not plan["refusals"]
    rows = [row[:6] + [row[6] if row[6] == "-" else size(row[6]), "not decided yet" if open_yet else _MEANS[row[7]], row[8]]
            for row in plan["rows"]]
    lines = table(["member", "state UUID", "position", "safe", "view", "aborted", "data", "what", "why"], rows)
    if plan["nothing"]:
        return lines + [plan["nothing"]]
    if open_yet:
        lines.append("Check mode asks InnoDB nothing, since its recovery writes: of those whose position is undefined it is asked in the run, "
                     "and the member with the newest position is then restarted as the first member of the cluster.")
    return lines + ["Waiver: %s is %s." % (name, plan["members"][name]["reason"]) for name in plan["left_out"]]


def reseed_lines(plan):
    """What happens with the one member, and what its neighbours do."""
    rows = [[name, _MEANS[made["action"]], made["reason"]] for name, made in plan["members"].items()]
    return table(["member", "what", "why"], rows) + [
        "The data directory of %s is renamed, not deleted; afterwards its tables are compared with those of %s by checksum."
        % (plan["member"], plan["donor"])]


def manual_text(step):
    """A step that only a person can do: how, and the name by which it is said to be done."""
    return "%s. Then name %s in senhasegura_manual_steps_done." % (step["how"], step["id"])


def report_lines(declared, observations, seconds, without=()):
    """The cluster as it is: one line a member.

    :param seconds: dict of member name to the seconds that its change took.
    :param without: names of members that are known to be out of the component.
    """
    rows = []
    members = [member for member in declared["members"] if member["name"] not in without]
    for member in members:
        observed = observations[member["name"]]["observed"]
        status, settings = observed["status"], observed["settings"]
        rows.append([member["name"], member["address"], settings["network"]["segment"] or "-",
                     "yes" if member["name"] == declared["primary"] else "-",
                     "%s, %s" % (status["cluster_status"], status["local_state_comment"]),
                     settings["primary"]["weight"], "%.1f s" % seconds[member["name"]] if member["name"] in seconds else "-"])
    first = observations[members[0]["name"]]["observed"]["status"]
    return table(["member", "address", "segment", "primary", "state", "votes", "took"], rows) + [
        "One component, proven on every member: %d voters, configuration %s, state UUID %s."
        % (first["size"], first["conf_id"], first["state_uuid"])]


def problem_text(title, problems):
    """All problems at once, under one title."""
    return "\n".join([title] + ["- %s" % problem for problem in problems])
