# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one-component proof over what all members were last observed to say, and the report."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._proof import ARBITRATOR_VOTES, not_as_written, prove
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import problem_text, report_lines


class ActionModule(ActionBase):
    """Fails with everything that is missing of the proof; shows the report otherwise."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "declared": {"type": "dict", "required": True},
            "as_written": {"type": "bool", "default": False},
            "without": {"type": "list", "elements": "str", "default": []},
            "arbitrator_vote": {"type": "str", "choices": list(ARBITRATOR_VOTES), "default": "allowed"},
        })
        declared, hostvars = args["declared"], task_vars["hostvars"]
        observations = observations_of(declared, hostvars)
        missing = prove(declared, observations, args["arbitrator_vote"], without=args["without"])
        missing += not_as_written(observations) if args["as_written"] else []
        if missing:
            raise ClusterActionFail(problem_text("The members are not proven to be one component.", missing))
        waits = {member["name"]: hostvars[member["name"]].get("senhasegura_restored") for member in declared["members"]}
        seconds = {name: wait["seconds"] for name, wait in waits.items() if wait and "seconds" in wait}
        lines = report_lines(declared, observations, seconds, args["without"])
        for line in lines:
            self._display.display(line)
        return dict(result, changed=False, report=lines)
