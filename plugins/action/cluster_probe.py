# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module ``cluster_probe`` with the peers that the inventory and the observations name."""

from __future__ import annotations

from ansible.plugins.action import ActionBase

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_probe import at_once, left_listening, probe_arguments


class ActionModule(ActionBase):
    """The module's result. Phase ``stop`` asks a member only where a listener may still be there, ``together`` only where all are asked at
    once.
    """

    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        name, arguments = task_vars["inventory_hostname"], dict(self._task.args)
        if arguments.get("phase") == "stop" and not left_listening(name, task_vars):
            return dict(result, changed=False, probed={"stopped": False})
        if arguments.get("phase") == "together" and not at_once(task_vars, task_vars["ansible_forks"]):
            return dict(result, changed=False, probed={"met": False})
        arguments = dict(probe_arguments(name, task_vars), **arguments)
        result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
        return result
