# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits with progress until a member is restored, however its connection fares meanwhile."""

from __future__ import annotations

import time

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import size

_LOOK_SECONDS = 8
"""How long one remote look lasts at the most: with its way there and back a line appears every 10 s."""

_RECONNECT_SECONDS = 1.0
"""A refused connection answers at once; this is the pace at which a rebooting member is asked again."""


class ActionModule(ActionBase):
    """Polls ``cluster_info`` (whose ``watch`` looks from beside the database) until proof of either outcome."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "addresses": {"type": "list", "elements": "str", "required": True},
            "arbitrator": {"type": "str", "default": ""},
            "arriving": {"type": "list", "elements": "str", "default": []},
            "stall_timeout": {"type": "int", "default": 180},
            "platform": {"type": "str", "default": "auto"},
        })
        if self._task.check_mode:
            return dict(result, changed=False, msg="check mode: nothing restarted, so there is nothing to wait for")
        self._name = task_vars["inventory_hostname"]
        self._began = self._moved = time.monotonic()
        self._mark = None
        seen = self._wait(args, task_vars)
        return dict(result, changed=False, restored=True, seconds=round(time.monotonic() - self._began, 1),
                    status=seen["status"])

    def _wait(self, args, task_vars):
        known = ""
        while True:
            seen = self._look(args, known, task_vars)
            if seen.get("restored"):
                self._tell("restored", seen)
                return seen
            if seen.get("failure"):
                self._fail(seen["failure"], seen.get("log"))
            known = seen["state"]
            self._tell(known, seen)
            self._refuse_stall(seen, args["stall_timeout"])

    def _look(self, args, known, task_vars):
        """One remote look; a member that cannot be reached is a state like any other."""
        watch = dict({name: args[name] for name in ("addresses", "arbitrator", "arriving")}, known=known,
                     seconds=_LOOK_SECONDS)
        try:
            answer = self._execute_module("senhasegura.cluster.cluster_info", task_vars=task_vars,
                                          module_args={"gather": [], "watch": watch, "platform": args["platform"]})
        except AnsibleConnectionFailure as error:
            self._connection.reset()
            time.sleep(_RECONNECT_SECONDS)
            return {"state": "not reachable over SSH", "missing": [str(error)]}
        if "watched" not in answer:
            self._fail("it cannot be observed: %s" % answer.get("msg", answer), None)
        return answer["watched"]

    def _tell(self, state, seen):
        parts = [state]
        if seen.get("percent") is not None:
            parts.append("%.0f %%" % seen["percent"])
        elif seen.get("bytes"):
            parts.append("%s on disk" % size(seen["bytes"]))
        parts.append("%.0f s" % (time.monotonic() - self._began))
        self._display.display("%s: %s" % (self._name, ", ".join(parts)))

    def _refuse_stall(self, seen, seconds):
        status = seen.get("status") or {}
        mark = (seen["state"], seen.get("bytes"), seen.get("percent"), status.get("last_committed"),
                status.get("recv_queue"))
        if mark != self._mark:
            self._mark, self._moved = mark, time.monotonic()
        elif time.monotonic() - self._moved > seconds:
            self._fail("nothing has moved for %d s (%s; %s)" % (seconds, seen["state"], "; ".join(seen["missing"])),
                       seen.get("log"))

    def _fail(self, reason, log):
        text = "%s is not restored: %s. The next member was not touched." % (self._name, reason)
        if log:
            text += "\nThe last telling lines of its error log:\n" + "\n".join("  " + line for line in log)
        raise AnsibleActionFail(text)
