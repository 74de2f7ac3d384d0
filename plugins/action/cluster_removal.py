# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The removal of members: checked, planned, said Yes to, checked again, proven. The rules are in ``plugin_utils``."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._ask import ask
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, variables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal import (
    declare_removal, is_approved, make_removal, prove_alone, still_inside, vanished)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._removal_words import farewell_lines, removal_lines
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import problem_text

_REFUSED = "The removal is refused; nothing was changed."
_NOT_ON = "The removal cannot go on; those who stay were not changed. Run the playbook again."


class ActionModule(ActionBase):
    """One phase of the removal a call; see the options of the module."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "options": {"type": "dict", "required": True},
            "remove": {"type": "list", "elements": "str", "default": []},
            "dead": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "phase": {"type": "str", "choices": ["declare", "plan", "again", "left", "proof"], "default": "plan"},
            "approved": {"type": "dict", "default": {}},
            "confirm": {"type": "bool", "default": False},
            "held": {"type": "list", "elements": "str", "default": []},
        })
        removal, problems = declare_removal(variables_of(task_vars), args["options"], args)
        if problems:
            raise ClusterActionFail(problem_text(_REFUSED, problems))
        if args["phase"] == "declare":
            return dict(result, changed=False)
        observations = observations_of(removal["full"], task_vars["hostvars"])
        phase = {"plan": self._plan, "again": self._again, "left": self._left, "proof": self._proof}[args["phase"]]
        return dict(result, changed=False, declared=removal["after"], plan=phase(removal, observations, args))

    def _plan(self, removal, observations, args):
        """Show the plan, and get the Yes."""
        plan = make_removal(removal, observations)
        plan["refusals"] += args["held"] if plan["work"] and not self._task.check_mode else []
        if plan["refusals"]:
            raise ClusterActionFail(problem_text(_REFUSED, plan["refusals"]))
        self._show(removal_lines(removal, plan))
        if plan["confirm"] and not args["confirm"] and not self._task.check_mode:
            ask(self._display, "the plan removes a member and needs a Yes")
        return plan

    @staticmethod
    def _again(removal, observations, args):
        """Behind the Yes, under the run lock: nobody was touched yet, and the plan is still what was said Yes to."""
        plan = make_removal(removal, observations)
        if plan["refusals"]:
            raise ClusterActionFail(problem_text(_REFUSED, plan["refusals"]))
        if not is_approved(plan, args["approved"]):
            raise ClusterActionFail("The cluster changed after the plan was shown, so the plan is another one now; nothing was changed. "
                                    "Run the playbook again to see it.")
        return plan

    @staticmethod
    def _left(removal, observations, args):
        """The member has left: those who stay are one component without it, and the plan is what was said Yes to."""
        if vanished(args["approved"], observations):
            raise ClusterActionFail(problem_text(_NOT_ON, [vanished(args["approved"], observations)]))
        plan = make_removal(removal, observations)
        problems = plan["refusals"] + ([still_inside(plan)] if still_inside(plan) else [])
        if not problems and plan["digest"] != args["approved"]["digest"]:
            problems = ["the cluster is another one than the plan that was shown was made for"]
        if problems:
            raise ClusterActionFail(problem_text(_NOT_ON, problems))
        return plan

    def _proof(self, removal, observations, args):
        """The removed ones are out; what is left for a person to do."""
        missing = prove_alone(removal, observations)
        if missing:
            raise ClusterActionFail(problem_text("The members are not proven to be removed.", missing))
        self._show(farewell_lines(removal, args["approved"]))
        return args["approved"]

    def _show(self, lines):
        for line in lines:
            self._display.display(line)
