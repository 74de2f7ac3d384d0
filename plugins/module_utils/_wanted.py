# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of a step's module to the settings that they ask for: pure, used on the member and by the plan."""

from __future__ import annotations

from . import _values
from ._errors import ValueRefused
from ._specs import STEP_OPTIONS


def wanted_settings(step, options, decides=()):
    """The settings that a step's options ask for; what an option does not say stays as it is.

    :param step: one of :data:`_values.STEPS`.
    :param options: the options of the step's module, as Ansible validated them.
    :param decides: settings (``step.setting``) that the platform chooses itself.
    :returns: dict of setting to value.
    :raises ValueRefused: for values that Ansible's own types cannot tell from good ones.
    """
    wanted = {name: value for name, value in options.items() if name in STEP_OPTIONS[step] and value is not None}
    check = _CHECKS.get(step)
    checked = check(wanted) if check else wanted
    return {name: value for name, value in checked.items() if "%s.%s" % (step, name) not in decides}


def _check_sync(wanted):
    wanted.pop("prepare", None)
    wanted["timeout"] = _values.sync_timeout(wanted["timeout"])
    wanted["intact"] = True
    problems = _values.sync_path_problems(wanted.get("paths", []))
    if problems:
        raise ValueRefused("; ".join(problems))
    if "peers" in wanted:
        wanted["peers"] = [{name: peer[name] for name in ("address", "port", "public_key", "host_key")}
                           for peer in wanted["peers"]]
    return wanted


def _check_members(wanted):
    wanted["members"] = [_values.address(item, "a member") for item in wanted["members"]]
    wanted["address"] = _values.address(wanted["address"])
    if wanted.get("arbitrator"):
        wanted["arbitrator"] = _values.address(wanted["arbitrator"], "the arbitrator")
    for item in wanted["members"]:
        if wanted["members"].count(item) > 1:
            raise ValueRefused("member %s is in the list twice" % item)
    if wanted["address"] not in wanted["members"]:
        raise ValueRefused("the member's own address %s is not in the list of members %s"
                           % (wanted["address"], ", ".join(wanted["members"])))
    if wanted.get("arbitrator") in wanted["members"]:
        raise ValueRefused("the arbitrator %s is in the list of members" % wanted["arbitrator"])
    return wanted


def _check_network(wanted):
    if wanted.pop("settle", False):
        return {"intact": True}
    if "latency" not in wanted:
        wanted["latency"] = "high" if wanted["different_datacenters"] else "low"
    return dict(wanted, intact=True)


def _check_primary(wanted):
    primary = _values.address(wanted["primary"], "the primary")
    _values.address(wanted.pop("address"))
    published = {"published": True} if wanted.pop("publish", True) else {}
    return dict(wanted, primary=primary, **published)


_CHECKS = {"sync": _check_sync, "members": _check_members, "network": _check_network, "primary": _check_primary}
