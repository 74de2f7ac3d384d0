# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of the health service: who is changed and why, in whole sentences."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._health import health_lines, health_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b

THREE = b.declared(3)
NAMES = [member["name"] for member in THREE["members"]]
INSTALL, LISTEN = {"what": "install it", "why": "nothing of it is there"}, {"what": "listen anew", "why": "its unit was written since it listens"}


def compared(*work, port=9200, allow=()):
    return {"work": list(work), "port": port, "allow": list(allow) if isinstance(allow, tuple) else allow}


def plan(*comparisons):
    return health_plan(THREE, dict(zip(NAMES, comparisons)))


def test_nothing_to_do():
    made = plan(compared(), compared(), compared())
    assert (made["order"], made["refusals"], made["confirm"]) == ([], [], False)
    assert health_lines(THREE, made) == ["Nothing to do: all 3 members tell how they are, as declared."]


def test_each_member_with_what_and_why_in_the_declared_order():
    made = plan(compared(INSTALL), compared(), compared(INSTALL, LISTEN))
    first, second, third = NAMES
    assert made["order"] == [first, third] and made["members"] == {}
    assert [line.split() for line in health_lines(THREE, made)] == [line.split() for line in (
        "   member    what                     why",
        "1  %s  install it               nothing of it is there" % first,
        "-  %s  nothing to do            as declared" % second,
        "2  %s  install it; listen anew  nothing of it is there; its unit was written since it listens" % third,
        "Expected downtime: none; no database restarts.")]


@pytest.mark.parametrize("comparison, problem", [
    (None, "it was not observed (--limit must not leave a member out)"),
    (compared(port=0), "senhasegura_health_port must be a number from 1 to 65535, not 0"),
    (compared(port="65536"), "senhasegura_health_port must be a number from 1 to 65535, not '65536'"),
    (compared(port="http"), "senhasegura_health_port must be a number from 1 to 65535, not 'http'"),
    (compared(allow="10.0.0.5"), "senhasegura_health_allow must be a list of addresses and networks, such as 10.0.0.5 or 10.0.0.0/24, not "
                                 "'10.0.0.5'"),
    (compared(allow=["10.0.0.0/8", "balancer"]), "senhasegura_health_allow must be a list of addresses and networks, such as 10.0.0.5 or "
                                                 "10.0.0.0/24, not ['10.0.0.0/8', 'balancer']")])
def test_what_cannot_be_is_refused_before_anything_changes(comparison, problem):
    made = plan(compared(INSTALL, port="1", allow=["10.0.0.5", "10.0.0.9/8", "fd00::/8"]), comparison, compared(port=65535))
    assert made["refusals"] == ["%s: %s" % (NAMES[1], problem)]
