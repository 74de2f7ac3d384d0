# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declared + observed → plan, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._ask import ask
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import keeping_of, kept_order, observations_of, snapshot_problems, variables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import is_approved, make_plan, since
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import manual_text, plan_lines, problem_text


class ActionModule(ActionBase):
    """Validates what is declared; with observations, plans; with work that restarts a database, wants a Yes."""

    _supports_check_mode = True
    _display = Display()
    _refused = "The plan is refused; nothing was changed."
    _unchanged = "Nothing was changed"
    _why = "the plan restarts databases and needs a Yes"
    _spec = {
        "options": {"type": "dict", "required": True},
        "declare_only": {"type": "bool", "default": False},
        "keeps": {"type": "bool", "default": False},
        "ask": {"type": "bool", "default": True},
        "confirm": {"type": "bool", "default": False},
        "approved": {"type": "dict", "default": {}},
        "held": {"type": "list", "elements": "str", "default": []},
    }

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec(self._spec)
        declared, problems = declare(variables_of(task_vars), args["options"])
        if args.get("keeps"):
            problems += snapshot_problems(declared, task_vars["hostvars"], self._loader.is_file)
        if problems:
            raise ClusterActionFail(problem_text("The declared cluster cannot be built; nothing was changed.", problems))
        if args.get("declare_only"):
            if args["held"] and not self._task.check_mode:
                raise ClusterActionFail(problem_text(self._refused, args["held"]))
            return dict(result, changed=False, declared=declared)
        plan = self._make(declared, task_vars["hostvars"], args)
        plan["refusals"] += args["held"] if (plan["order"] or plan["confirm"]) and not self._task.check_mode else []
        if plan["refusals"]:
            self._show_refused(plan)
            raise ClusterActionFail(problem_text(self._refused, plan["refusals"]))
        if args.get("ask", True):
            self._approve(declared, plan, args)
        return dict(result, changed=False, declared=declared, plan=plan)

    def _make(self, declared, hostvars, args):
        observations = since(args["approved"], observations_of(declared, hostvars))
        plan = make_plan(declared, observations, args["approved"].get("order", ()))
        return dict(plan, kept=kept_order(declared, keeping_of(declared, hostvars)) if plan["order"] else [])

    def _show_refused(self, plan):
        """What a person sees before the refusals."""

    def _lines(self, declared, plan):
        return plan_lines(declared, plan)

    def _approve(self, declared, plan, args):
        """Show the plan and get the Yes; a plan that was approved already must still be the same."""
        if args["approved"]:
            if not is_approved(plan, args["approved"]):
                raise ClusterActionFail("The cluster changed after the plan was shown, so the plan is another one now; no "
                                        "database was restarted. Run the playbook again to see it.")
            return
        for line in self._lines(declared, plan):
            self._display.display(line)
        if plan["manual"] and not self._task.check_mode:
            raise ClusterActionFail(problem_text(
                "Nothing was changed: the plan has steps that only a person can do.",
                ["%s: %s" % (", ".join(step["members"]), manual_text(step)) for step in plan["manual"]]))
        if plan["confirm"] and not args["confirm"] and not self._task.check_mode:
            ask(self._display, self._why, self._unchanged)
