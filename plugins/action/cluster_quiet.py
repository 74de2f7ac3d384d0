# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits with progress until replication is quiet on a member, so that another one may leave the cluster for a moment."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail

_LOOK_SECONDS = 8
"""How long one remote look lasts at the most: with its way there and back a line appears every 10 s."""


class ActionModule(ActionBase):
    """Polls ``cluster_info`` (whose ``flow`` looks from beside the database) until a window was quiet, or nothing gets better."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "stall_timeout": {"type": "int", "default": 180},
            "platform": {"type": "str", "default": "auto"},
            "lock": {"type": "dict"},
        })
        self._name = self._task.delegate_to or task_vars["inventory_hostname"]
        self._began = self._better = time.monotonic()
        self._best = None
        while True:
            seen = self._look(args, task_vars)
            if not seen["noise"]:
                return dict(result, changed=False, flow=seen, seconds=round(time.monotonic() - self._began, 1))
            self._display.display("%s: not quiet yet: %s, %.0f s"
                                  % (self._name, "; ".join(seen["noise"]), time.monotonic() - self._began))
            self._refuse_stall(seen, args["stall_timeout"])

    def _look(self, args, task_vars):
        seconds = min(_LOOK_SECONDS, args["stall_timeout"])
        answer = self._execute_module("senhasegura.cluster.cluster_info", task_vars=task_vars,
                                      module_args={"gather": [], "flow": seconds, "platform": args["platform"], "lock": args["lock"]})
        if "flow" not in answer:
            self._fail("it cannot be observed: %s" % answer.get("msg", answer))
        return answer["flow"]

    def _refuse_stall(self, seen, seconds):
        """Progress is a shorter queue than ever before in this wait, or as short a one with less pausing."""
        mark = (max(seen["recv_queue"], seen["send_queue"]), round(seen["paused"], 1))
        if self._best is None or mark < self._best:
            self._best, self._better = mark, time.monotonic()
        elif time.monotonic() - self._better >= seconds:
            self._fail("nothing has got better for %d s (%s). Find what writes so much, or what keeps this member from applying "
                       "it (a lock, a slow disk), then run the playbook again" % (seconds, "; ".join(seen["noise"])))

    def _fail(self, reason):
        raise ClusterActionFail("%s: replication is not quiet there, so no member was restarted now: %s." % (self._name, reason))
