# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of the health service, shown to a person. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.action.cluster_plan import ActionModule as PlanModule
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._health import health_lines, health_plan

_COMPARISON = "senhasegura_health_comparison"
"""The variable in which role ``health`` keeps how what it saw differs from what is declared, on every member."""


class ActionModule(PlanModule):
    """Plans from what role ``health`` compared on every member; nothing of it restarts a database, so it wants no Yes."""

    _spec = {
        "options": {"type": "dict", "required": True},
        "held": {"type": "list", "elements": "str", "default": []},
    }

    def _make(self, declared, hostvars, args):
        return health_plan(declared, {member["name"]: hostvars[member["name"]].get(_COMPARISON) for member in declared["members"]})

    def _approve(self, declared, plan, args):
        for line in health_lines(declared, plan):
            self._display.display(line)
