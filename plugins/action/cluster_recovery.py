# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan after a full outage, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.action.cluster_plan import ActionModule as PlanModule
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._elsewhere import told
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, positions_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._recovery import make_recovery
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import recovery_lines


class ActionModule(PlanModule):
    """As ``cluster_plan``; the decision table is shown with refusals too, since a person needs it then most."""

    _spec = dict(PlanModule._spec, told={"type": "bool", "default": True}, arbitrator={"type": "dict", "default": {}})
    _refused = "The recovery is refused; nothing was changed."

    def _make(self, declared, hostvars, args):
        positions = positions_of(declared, hostvars)
        if positions or args["approved"]:  # InnoDB's recovery, or the copies and the record of a beginning, are a change
            self._unchanged = "No database was started"
            self._refused = "The recovery is refused; no database was started."
        return make_recovery(declared, observations_of(declared, hostvars), positions, args["told"], told(declared, args["arbitrator"]),
                             args["approved"].get("order", ()))

    def _approve(self, declared, plan, args):
        """InnoDB's recovery writes: before it is asked that alone is said Yes to. What is under way is waited for first."""
        if not args["told"] and not self._task.check_mode:
            if not plan["ask"] or plan["wait_for"]:
                return
            self._why = "InnoDB must tell the positions of %s, which writes to their data directories, and needs a Yes" % (
                " and ".join(plan["ask"]))
        super()._approve(declared, plan, args)

    def _show_refused(self, plan):
        for line in recovery_lines(plan):
            self._display.display(line)

    def _lines(self, declared, plan):
        return recovery_lines(plan)
