# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declared + observed → plan, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail, AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, variables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import manual_text, plan_lines, problem_text

_PROMPT = "Type yes to carry this plan out, anything else to stop: "


class ActionModule(ActionBase):
    """Validates what is declared; with observations, plans; with work that restarts a database, wants a Yes."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "options": {"type": "dict", "required": True},
            "declare_only": {"type": "bool", "default": False},
            "ask": {"type": "bool", "default": True},
            "confirm": {"type": "bool", "default": False},
            "approved": {"type": "str", "default": ""},
        })
        declared, problems = declare(variables_of(task_vars), args["options"])
        if problems:
            raise AnsibleActionFail(problem_text("The declared cluster cannot be built; nothing was changed.", problems))
        if args["declare_only"]:
            return dict(result, changed=False, declared=declared)
        observations = observations_of(declared, task_vars["hostvars"])
        plan = make_plan(declared, observations)
        if plan["refusals"]:
            raise AnsibleActionFail(problem_text("The plan is refused; nothing was changed.", plan["refusals"]))
        if args["ask"]:
            self._approve(declared, plan, args)
        return dict(result, changed=False, declared=declared, plan=plan)

    def _approve(self, declared, plan, args):
        """Show the plan and get the Yes; a plan that was approved already must still be the same."""
        if args["approved"]:
            if plan["digest"] != args["approved"]:
                raise AnsibleActionFail("The cluster changed after the plan was shown, so the plan is another one now; no "
                                        "database was restarted. Run the playbook again to see it.")
            return
        for line in plan_lines(declared, plan):
            self._display.display(line)
        if plan["manual"] and not self._task.check_mode:
            raise AnsibleActionFail(problem_text(
                "Nothing was changed: the plan has steps that only a person can do.",
                ["%s: %s" % (", ".join(step["members"]), manual_text(step)) for step in plan["manual"]]))
        if plan["confirm"] and not args["confirm"] and not self._task.check_mode:
            self._ask()

    def _ask(self):
        refused = "Nothing was changed: the plan restarts databases and needs a Yes. "
        try:
            answer = self._display.prompt_until(_PROMPT, private=False)
        except AnsiblePromptNoninteractive:
            raise AnsibleActionFail(refused + "There is no terminal to ask on: set senhasegura_confirm=true.")
        except AnsiblePromptInterrupt:
            raise AnsibleActionFail(refused + "It was interrupted.")
        if answer.decode("utf-8", "replace").strip().lower() != "yes":
            raise AnsibleActionFail(refused + "The answer was not yes.")
