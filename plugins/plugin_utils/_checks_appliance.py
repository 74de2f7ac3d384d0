# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that only make sense on the vendor's appliance. Pure."""

from __future__ import annotations

from ._checks_base import each_observed, each_probed, fail, listed, names, ok, probe, remedy, skipped, unknown, warn
from ._settings import strangers, to_admit

_CHANGE = "passwd %s, and in the web interface the password of the user with whom it was installed"


def default_account(facts):
    """``account.default``: no password is tried, so most of it is for a person to look at."""
    return [_judge_account(name, probe(facts, name, "default_account")) if probe(facts, name, "host")
            else unknown(name, "see member.reachable") for name in names(facts)]


def _judge_account(name, account):
    if account is None:
        return skipped(name, "no appliance")
    if account["password"] == "none":
        return fail(name, "%s needs no password" % account["name"], "a password of your own", "passwd %s" % account["name"])
    if account["password"] == "locked":
        return ok(name, "%s cannot log in with a password" % account["name"])
    if not account["password"]:
        return ok(name, "there is no account %s" % account["name"])
    return unknown(name, "%s has a password, set on %s; whether it is the one of the delivery cannot be known without trying it"
                   % (account["name"], account["changed"]),
                   "try the documented default passwords yourself; where one lets you in: " + _CHANGE % account["name"])


def admitted(facts):
    """``port.admitted``: the list beside the firewall; ``create_cluster`` puts them on it before they connect."""
    members = {member["name"]: member for member in facts.declared["members"]}

    def judge(name, one):
        if one["admitted"] is None:
            return skipped(name, "it has no allow list")
        missing, others = to_admit(facts.declared, members[name], one), strangers(facts.declared, members[name], one)
        also = "; it also names %s, neither a member nor the arbitrator" % listed(others) if others else ""
        if not missing:
            return ok(name, "its allow list names every other one" + also)
        judged = fail if one["status"]["cluster_status"] == "Primary" else warn
        return judged(name, "its allow list lacks %s" % listed(missing) + also, "every other member, and the arbitrator, on its allow list",
                      remedy(facts, name, "admit", ",".join(missing)))
    return each_observed(facts, judge)


def net_check(facts):
    """``link.net_check``: the appliance's own words about its network."""
    return each_probed(facts, "links", lambda name, _links: _judge_net_check(name, probe(facts, name, "net_check")))


def _judge_net_check(name, checked):
    if checked is None:
        return skipped(name, "it has no such command")
    if checked["passed"]:
        return ok(name, "%s reports no error" % checked["command"])
    return fail(name, "%s: %s" % (checked["command"], " ".join(checked["text"].split())[-400:] or "no word"), "no error",
                "sudo %s on %s" % (checked["command"], name))
