# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the members hold the same data: rows that each one writes and all must show, and checksums of tables. Pure.

The plan, the proof and every status variable are blind to rows that were changed past the replication.
"""

from __future__ import annotations

from ._checks_base import CLUSTER, ansible, fail, listed, names, ok, skipped, unknown

FAILED = "senhasegura_data_failed"
"""The error that ended a member's part of the proof, left by role ``check``."""

_SAME = "the same data on every member"
_AGAIN = "look at its error log, then run check_cluster again"


def _reseed(facts):
    return "find out which member is right, then give the others all data anew: " + ansible(
        facts, "ansible-playbook senhasegura.cluster.reseed_member", "-e senhasegura_reseed=NAME")


def data_of(declared, hostvars, asked):
    """What role ``check`` registered on the members.

    :param asked: dict of ``canary`` (bool) and ``tables`` (names).
    :returns: dict of ``asked``, ``written`` and ``read`` (member name to token, to dict of member name to token), ``compared`` (of
        ``cluster_compare``, or empty), ``failed`` (member name to the error that ended its part).
    """
    registered = {member["name"]: hostvars[member["name"]] for member in declared["members"]}
    written = {name: (found.get("senhasegura_canary_written") or {}).get("token") for name, found in registered.items()}
    read = {name: (found.get("senhasegura_canaries") or {}).get("canaries") for name, found in registered.items()}
    compared = [found["senhasegura_compared"] for found in registered.values() if "settled" in (found.get("senhasegura_compared") or {})]
    return {"asked": asked, "written": {name: token for name, token in written.items() if token},
            "read": {name: rows for name, rows in read.items() if rows is not None}, "compared": compared[0] if compared else {},
            "failed": {name: found[FAILED] for name, found in registered.items() if found.get(FAILED)}}


def canary(facts):
    """``data.canary``: only where ``senhasegura_check_canary`` is set."""
    if not facts.data["asked"]["canary"]:
        return [skipped(name, "senhasegura_check_canary is not set") for name in names(facts)]
    return [_shown(facts, name) for name in names(facts)]


def _shown(facts, name):
    data = facts.data
    written, read = data["written"], data["read"].get(name)
    if read is None and name in data["failed"]:
        return fail(name, "it did not write its row or read those of the others: %s" % data["failed"][name], _SAME, _AGAIN)
    if not written or not read and name not in written:
        return unknown(name, "no row was written or read there: its database does not serve, or this is check mode")
    if read is None:
        return fail(name, "it could not be reached when it was to show the rows that the members wrote", _SAME, _AGAIN)
    lacking = [other for other, token in written.items() if read.get(other) != token]
    if lacking:
        return fail(name, "it does not show the row that %s wrote a moment before" % listed(lacking), _SAME, _reseed(facts))
    return ok(name, "it shows the rows that %s wrote a moment before" % listed(list(written)))


def equal(facts):
    """``data.equal``: only where ``senhasegura_check_tables`` names tables."""
    compared = facts.data["compared"]
    if not facts.data["asked"]["tables"]:
        return [skipped(CLUSTER, "senhasegura_check_tables names no table")]
    members = compared.get("members", [])
    left_out = _not_compared(facts, members)
    if len(members) < 2:
        return left_out + [unknown(CLUSTER, "fewer than two members could read their checksums")]
    absent = [table for table, read in sorted(compared["settled"].items()) if set(read.values()) == {"NULL"}]
    found = [fail(CLUSTER, sentence, _SAME, _reseed(facts)) for sentence in compared["differences"]]
    found += [fail(CLUSTER, "nobody has the table %s" % table, "tables that exist", "name others in senhasegura_check_tables")
              for table in absent]
    if compared["moving"]:
        found.append(unknown(CLUSTER, "%s: the cluster wrote whenever they were read; run it again when less is written"
                             % listed(compared["moving"])))
    return found + left_out or [ok(CLUSTER, "%d tables have the same checksums on %s, each read at one position"
                                   % (len(compared["settled"]), listed(members)))]


def _not_compared(facts, members):
    """Nothing is said of the data of somebody who told no checksums, and that is said."""
    lacking = [name for name in names(facts) if name not in members]
    broken = [name for name in lacking if name in facts.data["failed"]]
    silent = [name for name in lacking if name not in broken]
    return [fail(CLUSTER, "%s did not tell its checksums: %s" % (name, facts.data["failed"][name]), _SAME, _AGAIN) for name in broken] + [
        unknown(CLUSTER, "%s did not serve or could not be reached: not compared" % listed(silent)) for _any in silent[:1]]
