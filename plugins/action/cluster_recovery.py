# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan after a full outage, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.action.cluster_plan import ActionModule as PlanModule
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, positions_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._recovery import make_recovery
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import recovery_lines


class ActionModule(PlanModule):
    """As ``cluster_plan``; the decision table is shown with refusals too, since a person needs it then most."""

    _spec = dict(PlanModule._spec, told={"type": "bool", "default": True})
    _refused = "The recovery is refused; nothing was changed."

    def _make(self, declared, hostvars, args):
        return make_recovery(declared, observations_of(declared, hostvars), positions_of(declared, hostvars), args["told"],
                             args["approved"].get("order", ()))

    def _show_refused(self, plan):
        for line in recovery_lines(plan):
            self._display.display(line)

    def _lines(self, declared, plan):
        return recovery_lines(plan)
