# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the databases: versions, accounts, and whose data die. Pure."""

from __future__ import annotations

from ._checks_base import each_observed, each_probed, fail, listed, names, observed, ok, remedy, skipped, unknown, warn
from ._actions import JOIN
from ._evidence import schema_in_words
from ._preflight import SAME_VERSION
from ._words import size

_ASK_ACCOUNTS = (" and run again, or look yourself: mariadb -e \"SELECT User, Host, Priv FROM mysql.global_priv "
                 "WHERE User IN ('root', '')\"")


def versions(facts):
    """``version.same``: who has another version than most; without a majority, all of them."""
    found = {name: [] for name in names(facts)}
    for package in SAME_VERSION:
        has = {name: observed(facts, name)["host"]["packages"].get(package) for name in names(facts) if observed(facts, name)}
        counts = {version: list(has.values()).count(version) for version in has.values() if version}
        usual = [version for version in counts if counts[version] > sum(counts.values()) / 2.0]
        for name, version in has.items():
            if version and len(counts) > 1 and version not in usual:
                others = ["%s: %s" % (other, has[other]) for other in has if has[other] and has[other] != version]
                found[name].append((package, version, others, usual))

    def judge(name, one):
        mine = ["%s %s" % (package, one["host"]["packages"][package]) for package in SAME_VERSION if package in one["host"]["packages"]]
        if not found[name]:
            return ok(name, listed(mine)) if mine else skipped(name, "none of them is installed yet")
        return fail(name, "; ".join("%s %s (%s)" % (package, version, ", ".join(others))
                                    for package, version, others, _usual in found[name]),
                    "the same version of %s on every member" % listed([package for package, _one, _two, _three in found[name]]),
                    remedy(facts, name, "packages", " ".join(
                        package + ("=" + usual[0] if usual else "") for package, _version, _others, usual in found[name])))
    return each_observed(facts, judge)


def _accounts(facts, pick, seen, expected, fix):
    """Accounts that must not be there.

    :param pick: called with an account; whether it is one of them.
    :param fix: called with one of them: the SQL.
    """
    def judge(name, database):
        one = observed(facts, name)
        if not one["service"]["installed"]:
            return skipped(name, "no database yet")
        if database["problem"]:
            return unknown(name, database["problem"], remedy(facts, name, "database") + _ASK_ACCOUNTS)
        bad = [account for account in database["accounts"] if pick(account)]
        if not bad:
            return ok(name, expected)
        return fail(name, "%s: %s" % (seen, listed(["'%s'@'%s'" % (account["user"], account["host"]) for account in bad])), expected,
                    "mariadb -e \"%s\"" % "; ".join(fix(account) for account in bad))
    return each_probed(facts, "database", judge)


def root_password(facts):
    """``account.root_password``: over TCP. ``root@localhost`` counts as well when it needs no password: so do its clients."""
    return _accounts(facts, lambda account: account["user"] == "root" and account["open"],
                     "root needs no password", "root does not log in without a password",
                     lambda account: "ALTER USER 'root'@'%s' IDENTIFIED BY 'A PASSWORD OF YOURS'" % account["host"])


def anonymous(facts):
    """``account.anonymous``."""
    return _accounts(facts, lambda account: account["user"] == "", "anonymous users", "no anonymous users",
                     lambda account: "DROP USER ''@'%s'" % account["host"])


def data_loss(facts):
    """``data.loss``: who joins loses its own data. The plan decides; this tells what there is to lose."""
    told = {name: [line for line in facts.plan["refusals"] if tells_loss(name, line)] for name in names(facts)}

    def judge(name, one):
        mine, decision = _possessions(one), facts.plan["members"][name]
        if told[name]:
            return fail(name, mine or "a history of its own", "no data of its own, or a Yes to losing them",
                        "name it: senhasegura_overwrite_members: [%s] (they are kept first), or move them away; %s"
                        % (name, told[name][0]))
        if decision["action"] == JOIN and (decision["backup"] or decision["set_aside"]):
            return warn(name, mine or "a history of its own", "a Yes to losing them, which senhasegura_overwrite_members is",
                        "nothing, if that is meant: they are kept before they are replaced")
        return ok(name, mine and "keeps " + mine or "no data of its own")
    return each_observed(facts, judge)


def tells_loss(name, line):
    """Whether a refusal of the plan is that a member's own data would go, unless that is said of this one by name."""
    return "name it in senhasegura_overwrite_members" in line and line.startswith((name + ":", name + " holds"))


def _possessions(one):
    """A member's schemas: tables, rows, size, newest update."""
    return "; ".join("%s, %s%s" % (schema_in_words(schema), size(schema["bytes"]), _last_write(schema)) for schema in one["data"]["schemas"])


def _last_write(schema):
    if not schema["tables"]:
        return ""
    return ", last written " + schema["updated"] if schema["updated"] not in ("", "NULL") else ", last write unknown"
