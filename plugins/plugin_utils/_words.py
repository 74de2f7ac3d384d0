# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan and the report as a person reads them. Pure."""

from __future__ import annotations

from . import _quorum as quorum
from ._actions import BOOTSTRAP, CONFIGURE, JOIN, NONE, REFUSE, RESTART

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


def on_disk(count, forecast=0):
    """How much of its data a member has.

    :param forecast: the bytes that it will have when it has received all; 0 where that is not known.
    """
    return "%s on disk%s" % (size(count), " of about %s" % size(forecast) if forecast else "")


def downtime(cluster, members=""):
    """What is interrupted: the one sentence of every plan.

    :param cluster: what the cluster's clients notice.
    :param members: what those of single members notice, or "".
    """
    return "Expected downtime: %s%s." % (cluster, "; " + members if members else "")


ONE_AT_A_TIME = ("none of the cluster, which serves on the others, one member away at a time, each for seconds while it stops, starts and "
                 "catches up", "its connections end, so clients must connect to another member")
"""Of a rolling restart."""


def plan_lines(declared, plan):
    """The plan: who, what, why, in the order of work, then who is left alone."""
    notes = ["Note: %s." % warning for warning in plan["warnings"]] + _shut_out(plan)
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
    return lines + [_plan_downtime(plan)] + _plan_votes(declared, plan)


def _shut_out(plan):
    """Nothing else would tell why a load balancer finds the ports closed of a cluster that is as declared."""
    return ["Note: the database of %s answers clients on its own host only (bind_address). Where clients or a load balancer reach it over the "
            "network, set senhasegura_bind_address." % ", ".join(plan["shut_out"])] if plan["shut_out"] else []


def _plan_downtime(plan):
    first, joining, restarting = [[name for name in plan["order"] if plan["members"][name]["action"] == action]
                                  for action in (BOOTSTRAP, JOIN, RESTART)]
    cluster = ONE_AT_A_TIME[0] if restarting else "none of the cluster, which serves on" if joining else "none"
    if first:
        cluster = ("the database of %s is away for seconds while it restarts as the first member; the cluster serves from then on"
                   % first[0])
    members = [_serve_later(joining)] if joining else []
    return downtime(cluster, "; ".join(members + _copying(plan) + ([ONE_AT_A_TIME[1]] if restarting else [])))


def _serve_later(names):
    return "%s serve%s once the cluster's data are there" % (" and ".join(names), "s" if len(names) == 1 else "")


def _copying(plan):
    """A donor that uses rsync blocks writes until the copy is made."""
    transfers = [plan["members"][name]["transfer"] for name in plan["order"]]
    return ["the donor takes no writes while rsync copies"] if any(
        made and made["method"] == "rsync" and made["behind"] is None for made in transfers) else []


def _plan_votes(declared, plan):
    """The quorum while a member restarts, and what a later single failure would mean."""
    return [away(name, quorum.forecast(plan["votes"], name)) for name in plan["order"] if plan["members"][name]["action"] == RESTART
            ] + votes_then(plan["votes"], "" if quorum.ARBITRATOR in plan["votes"] else declared["arbitrator"])


def away(name, seen):
    """The votes while one member is away, of :func:`_quorum.forecast`."""
    return "While %s is away: %s." % (name, quorum.away_in_words(seen))


def votes_then(cast, silent=""):
    """The votes when all is done, and what a later single failure would mean.

    :param cast: dict of voter to votes.
    :param silent: the address of a declared arbitrator that is not among them, or "".
    """
    said = quorum.in_words(cast)
    return ["Votes when all members are in: %s; the arbitrator %s does not vote now." % (said, silent) if silent
            else "Votes when all are in: %s." % said] + quorum.single_failures(cast)


def _transfers(plan):
    """What the joiners receive: all data, or what they lack."""
    lines = []
    for name in plan["order"]:
        transfer = plan["members"][name]["transfer"]
        if not transfer:
            continue
        full = "about %s%s" % (size(transfer["bytes"]), " by %s" % transfer["method"] if transfer["method"] else "")
        donors = plan["members"][name]["donors"]
        only = " and from nobody else" if plan["members"][name]["only_donors"] else ""
        source = ", from " + " or ".join(donors) + only if donors else ""
        lines.append("Transfer: %s receives all data, %s (SST)%s." % (name, full, source) if transfer["behind"] is None else
                     "Transfer: %s catches up %d transactions (IST); if no donor's cache holds them any more, it receives all data, %s (SST)%s."
                     % (name, transfer["behind"], full, source))
    return lines


def recovery_lines(plan):
    """The decision table of a recovery: what every member holds, what happens with it, and why."""
    open_yet = plan["ask"] and not plan["order"] and not plan["refusals"]
    rows = [row[:5] + [row[5] if row[5] == "-" else size(row[5]), "not decided yet" if open_yet else _MEANS[row[6]], row[7]]
            for row in plan["rows"]]
    lines = table(["member", "position (UUID:seqno)", "safe", "view", "aborted", "data", "what", "why"], rows)
    if plan["nothing"]:
        return lines + [plan["nothing"]]
    if open_yet:
        lines.append("Check mode asks InnoDB nothing, since its recovery writes, as before every start of MariaDB. A run asks it on %s after a "
                     "Yes of its own and with the control files copied aside; the member with the newest position is then restarted as the "
                     "first member of the cluster." % " and ".join(plan["ask"]))
    lines += ["Waiver: %s is %s." % (name, plan["members"][name]["reason"]) for name in plan["left_out"]]
    lines += ["Waiver: the arbitrator %s is taken for dead too: senhasegura_lost_members names it, and it could not be asked. If it lives, %s may "
              "serve with its vote: then there would be two primaries with different data." % (name, " or ".join(plan["left_out"]))
              for name in plan["lost_arbitrator"]]
    lines += _transfers(plan)
    return lines + ([_recovery_downtime(plan)] + votes_then(plan["votes"]) if plan["order"] or open_yet else [])


def _recovery_downtime(plan):
    """The outage ends with one member; the others add what the cluster bears."""
    made = plan["members"]
    first = [name for name in plan["order"] if made[name]["action"] == BOOTSTRAP]
    serving = [name for name in made if made[name]["action"] == NONE and name not in plan["left_out"]] if plan["order"] else []
    later = [name for name in plan["order"] if name not in first]
    if not plan["order"]:
        return downtime("the outage ends when the first member is restored")
    if not first and not serving:
        return downtime("the outage ends when they have found each other", "no database is restarted")
    return downtime("the outage ends when %s is restored" % first[0] if first else "the outage is over where %s serves" % " and ".join(serving),
                    _serve_later(later) if later else "")


def reseed_lines(plan):
    """What happens with the one member, and what its neighbours do."""
    rows = [[name, _MEANS[made["action"]], made["reason"]] for name, made in plan["members"].items()]
    if not plan["order"]:
        return table(["member", "what", "why"], rows) + [
            "The tables of %s are compared with those of %s by checksum; no database stops. Once they are compared, another run seeds it "
            "anew." % (plan["member"], " and ".join(plan["compared"]))]
    return table(["member", "what", "why"], rows) + [
        "The data directory of %s is renamed, not deleted; afterwards its tables are compared with those of %s by checksum."
        % (plan["member"], " and ".join(plan["compared"]))] + _transfers(plan) + [
            downtime("none of the cluster, which serves on the others", "; ".join([
                "%s is away until it has received all data, so its clients must connect to another member" % plan["member"]]
                + _copying(plan)))] + ([away(plan["member"], plan["votes"])] if plan["votes"]["now"] else [])


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
