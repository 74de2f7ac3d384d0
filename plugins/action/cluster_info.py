# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the task's name (``cluster_info``, ``cluster_steps``) and notes when it was asked and had answered, which bounds the member's clock."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import peers_of


class ActionModule(ActionBase):
    """The module's result, and ``asked_at`` and ``answered_at`` (seconds since the epoch, on the controller)."""

    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if "ports" in (arguments.get("gather") or []):
            arguments.setdefault("peers", peers_of(task_vars))
        asked_at = time.time()
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        return dict(result, asked_at=asked_at, answered_at=time.time())
