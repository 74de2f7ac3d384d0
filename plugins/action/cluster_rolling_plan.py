# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rolling restart or update, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their
I/O.
"""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._ask import ask
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of, variables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._rolling import (restart_plan, rolling_lines, strange_steps,
                                                                                   update_plan)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import problem_text

_UPDATES = "senhasegura_updates"
"""The variable in which role ``rolling`` registers what ``cluster_packages`` read, on every member."""


def _plan(declared, args, hostvars):
    observations = observations_of(declared, hostvars)
    if args["verb"] == "restart":
        return restart_plan(declared, observations, args["members"])
    return update_plan(declared, observations, {member["name"]: (hostvars[member["name"]].get(_UPDATES) or {}).get("updates")
                                                for member in declared["members"]}, args["arbitrator_host"])


class ActionModule(ActionBase):
    """Plans from what every member was last observed to be; with work, wants a Yes, or that it is what was said Yes to."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "options": {"type": "dict", "required": True},
            "verb": {"type": "str", "choices": ["restart", "update"], "required": True},
            "members": {"type": "list", "elements": "str", "default": []},
            "arbitrator_host": {"type": "str", "default": ""},
            "confirm": {"type": "bool", "default": False},
            "approved": {"type": "list", "elements": "str"},
            "held": {"type": "list", "elements": "str", "default": []},
        })
        declared, problems = declare(variables_of(task_vars), args["options"])
        if problems:
            raise ClusterActionFail(problem_text("The declared cluster cannot be built; nothing was changed.", problems))
        plan = _plan(declared, args, task_vars["hostvars"])
        plan["refusals"] += args["held"] if plan["order"] and not self._task.check_mode else []
        if plan["refusals"]:
            raise ClusterActionFail(problem_text("The plan is refused; nothing was changed.", plan["refusals"]))
        if args["approved"] is None:
            self._show(declared, plan, args["confirm"])
        else:
            self._compare(plan, args["approved"])
        return dict(result, changed=False, declared=declared, plan=plan)

    def _show(self, declared, plan, confirmed):
        for line in rolling_lines(declared, plan):
            self._display.display(line)
        if plan["confirm"] and not confirmed and not self._task.check_mode:
            ask(self._display, "the plan restarts databases and needs a Yes")

    def _compare(self, plan, approved):
        """Behind the waiting: everybody must be back, and nothing may be done that nobody said Yes to."""
        if plan["returning"]:
            raise ClusterActionFail("%s left the cluster again after the plan was shown; no database was restarted. Run the "
                                    "playbook again." % " and ".join(plan["returning"]))
        strange = strange_steps(approved, plan)
        if strange:
            raise ClusterActionFail(problem_text("The cluster changed after the plan was shown, so these steps are new; no database "
                                                 "was restarted. Run the playbook again to see them.", strange))
