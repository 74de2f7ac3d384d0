# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides what is done with the arbitrator, shows it, and wants a Yes where votes go away. The rules are in ``plugin_utils``."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._arbitrator import (MEANS, NONE, STATES, garbd, plan_arbitrator,
                                                                                      segment_of, strange)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._ask import ask
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import downtime, problem_text


class ActionModule(ActionBase):
    """Without ``observed`` it only tells how garbd is to be configured; with it, it decides, and with ``approved`` once more."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "declared": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "segment": {"type": "raw"},
            "observed": {"type": "dict"},
            "running": {"type": "str", "default": ""},
            "enabled": {"type": "bool", "default": False},
            "written": {"type": "bool", "default": False},
            "confirm": {"type": "bool", "default": False},
            "approved": {"type": "dict"},
            "held": {"type": "list", "elements": "str", "default": []},
        })
        name = task_vars["inventory_hostname"]
        segment, problem = segment_of(args["segment"])
        if problem:
            raise ClusterActionFail("%s: senhasegura_%s" % (name, problem))
        if not args["observed"]:
            return dict(result, changed=False, garbd=garbd(args["declared"], segment))
        host = dict({key: args[key] for key in ("observed", "running", "enabled", "written")}, name=name, segment=segment)
        observations = observations_of(args["declared"], task_vars["hostvars"])
        plan = plan_arbitrator(args["declared"], observations, host, args["state"])
        plan["refusals"] += args["held"] if plan["action"] != NONE and not self._task.check_mode else []
        if args["approved"] is not None:
            self._compare(name, plan, args["approved"])
        elif plan["refusals"]:
            raise ClusterActionFail(problem_text("The arbitrator %s is refused; nothing was changed." % name, plan["refusals"]))
        else:
            self._approve(name, plan, args["confirm"])
        return dict(result, changed=False, plan=plan)

    @staticmethod
    def _compare(name, plan, approved):
        """Behind the Yes, with the run lock held: a person may have read the plan for an hour."""
        problems = plan["refusals"] or strange(approved, plan)
        if problems:
            raise ClusterActionFail(problem_text("The cluster changed after the plan for the arbitrator %s was shown; garbd was neither "
                                                 "started nor stopped. Run the playbook again." % name, problems))

    def _approve(self, name, plan, confirm):
        lines = ["%s: %s (%s)" % (name, MEANS[plan["action"]], plan["reason"])] + plan["forecast"]
        for line in lines + [downtime("none", "" if plan["action"] == NONE else "no database restarts")]:
            self._display.display(line)
        if plan["confirm"] and not confirm and not self._task.check_mode:
            ask(self._display, "the plan takes the arbitrator's votes away and needs a Yes")
