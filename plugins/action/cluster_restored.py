# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits with progress until a member is restored, however its connection fares meanwhile."""

from __future__ import annotations

import time

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._movement import mark_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import on_disk

_LOOK_SECONDS = 8
"""How long one remote look lasts at the most: with its way there and back a line appears every 10 s."""

_RECEIVES = ("activating", "WSREP state transfer")
"""How the state of a member begins that is just starting, which is when it receives all data (MariaDB of Debian 12 tells systemd no more;
others tell of the transfer). Before and after that, what is on disk is not what arrives."""

_STALL_SECONDS = 180
"""The module's default."""

_RECONNECT_SECONDS = 1.0
"""A refused connection answers at once; this is the pace at which a rebooting member is asked again."""


_RESTARTS = 2
"""A member that ends while it is being restored is started again by systemd (Debian's unit: Restart=on-abnormal), and receives all data
again. Once may be bad luck, such as a donor that went; who ends again for the same reason would do so for ever.
"""


class ActionModule(ActionBase):
    """Runs the module of this name, which looks from beside the database, until proof of either outcome."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self._name = task_vars["inventory_hostname"]
        self._task_vars = task_vars
        self._began = self._moved = time.monotonic()
        self._mark = self._restarts = None
        if self._task.check_mode:
            return dict(result, **self._checked())
        first = self._ask("")
        seen = self._wait(first.get("watched"), int(self._task.args.get("stall_timeout", _STALL_SECONDS)))
        return dict(result, changed=first["changed"], diff=first.get("diff", {}), restored=True,
                    seconds=round(time.monotonic() - self._began, 1), status=seen["status"])

    def _checked(self):
        if not self._task.args.get("service"):
            return {"changed": False, "msg": "check mode: nothing restarted, so there is nothing to wait for"}
        return self._execute_module(task_vars=self._task_vars)

    def _wait(self, seen, stall_seconds):
        while True:
            if seen.get("restored"):
                self._tell("restored", seen)
                return seen
            if seen.get("failure"):
                self._fail(seen["failure"], seen.get("log"))
            self._tell(seen["state"], seen)
            self._refuse_loop(seen)
            self._refuse_stall(seen, stall_seconds)
            seen = self._look(seen["state"])

    def _look(self, known):
        """One remote look; a member that cannot be reached is a state like any other."""
        try:
            return self._ask(known, service=None)["watched"]
        except AnsibleConnectionFailure as error:
            self._connection.reset()
            time.sleep(_RECONNECT_SECONDS)
            return {"state": "not reachable over SSH", "missing": [str(error)]}

    def _ask(self, known, **otherwise):
        """One remote execution. The first one may change the service: whether it did when the connection is lost is not known."""
        arguments = dict(self._task.args, known=known, seconds=_LOOK_SECONDS, **otherwise)
        answer = self._execute_module(module_args=arguments, task_vars=self._task_vars)
        if "watched" not in answer:
            raise ClusterActionFail(answer.get("msg", "cluster_restored ended without a word"), result=answer)
        return answer

    def _tell(self, state, seen):
        parts = [state]
        if seen.get("percent") is not None:
            parts.append("%.0f %%" % seen["percent"])
        elif seen.get("bytes"):
            parts.append(on_disk(seen["bytes"], int(self._task.args.get("forecast") or 0) if state.startswith(_RECEIVES) else 0))
        parts.append("%.0f s" % (time.monotonic() - self._began))
        self._display.display("%s: %s" % (self._name, ", ".join(parts)))

    def _refuse_loop(self, seen):
        """Who ends and is started again and again moves all the time, and never arrives."""
        now = seen.get("restarts")
        if now is None:
            return
        self._restarts = now if self._restarts is None else min(now, self._restarts)
        if now - self._restarts >= _RESTARTS:
            self._fail("its database has ended and was started again %d times meanwhile. Stop it there (systemctl stop mariadb), so that "
                       "no donor sends it all data again, and repair what its log tells" % (now - self._restarts), seen.get("log"))

    def _refuse_stall(self, seen, seconds):
        mark = mark_of(seen)
        if mark != self._mark:
            self._mark, self._moved = mark, time.monotonic()
        elif time.monotonic() - self._moved > seconds:
            self._fail("nothing has moved for %d s (%s; %s)" % (seconds, seen["state"], "; ".join(seen["missing"])),
                       seen.get("log"))

    def _fail(self, reason, log):
        text = "%s is not restored: %s. The next member was not touched." % (self._name, reason)
        if log:
            text += "\nThe last telling lines of its error log:\n" + "\n".join("  " + line for line in log)
        raise ClusterActionFail(text)
