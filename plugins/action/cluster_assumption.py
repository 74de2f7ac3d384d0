# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another member assumes as primary: planned, shown, said Yes to, proven. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._ask import ask
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._assumption import (
    assumption_lines, is_approved, make_assumption, parting_lines)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._elsewhere import told
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, variables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import since
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import problem_text

_REFUSED = "Assuming as primary is refused; nothing was changed."


class ActionModule(ActionBase):
    """Plans from what every member was last observed to be; with O(told), says what is left to do."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "options": {"type": "dict", "required": True},
            "dead": {"type": "list", "elements": "str", "default": []},
            "arbitrator": {"type": "dict", "default": {}},
            "confirm": {"type": "bool", "default": False},
            "approved": {"type": "dict", "default": {}},
            "told": {"type": "bool", "default": False},
            "held": {"type": "list", "elements": "str", "default": []},
        })
        declared, problems = declare(variables_of(task_vars), args["options"])
        if problems:
            raise ClusterActionFail(problem_text(_REFUSED, problems))
        if args["told"]:
            self._show(parting_lines(declared, args["approved"]))
            return dict(result, changed=False, declared=declared, plan=args["approved"])
        observations = since(args["approved"], observations_of(declared, task_vars["hostvars"]))
        plan = make_assumption(declared, observations, args["options"], args["dead"], told(declared, args["arbitrator"]))
        plan["refusals"] += args["held"] if plan["work"] and not self._task.check_mode else []
        if plan["refusals"]:
            raise ClusterActionFail(problem_text(_REFUSED, plan["refusals"]))
        self._approve(declared, plan, args)
        return dict(result, changed=False, declared=declared, plan=dict(plan, left_out=plan["dead"]))

    def _approve(self, declared, plan, args):
        if args["approved"]:
            if not is_approved(plan, args["approved"]):
                raise ClusterActionFail("The cluster changed after the plan was shown, so the plan is another one now; nothing was changed. "
                                        "Run the playbook again to see it.")
            return
        self._show(assumption_lines(declared, plan))
        if plan["confirm"] and not args["confirm"] and not self._task.check_mode:
            ask(self._display, "the plan makes another member the primary and needs a Yes")

    def _show(self, lines):
        for line in lines:
            self._display.display(line)
