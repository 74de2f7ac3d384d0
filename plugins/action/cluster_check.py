# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what was observed and probed, shows the table, writes the files, and fails when a check does."""

from __future__ import annotations

import time

from ansible.module_utils.common.text.converters import to_native
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.path import makedirs_safe, unfrackpath

from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _check_report as check_report
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks import run_checks, unknown_ids
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_base import Facts
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_cluster import forecast
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_data import data_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_network import links_of, ports_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_probe import probes_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import (backup_directories_of, hostnames_of, keeping_of,
                                                                                     observations_of, variables_of)
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import problem_text


class ActionModule(ActionBase):
    """The rules are in ``plugin_utils``; this is their I/O."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "options": {"type": "dict", "required": True},
            "report_dir": {"type": "str", "default": ""},
            "as_warnings": {"type": "list", "elements": "str", "default": []},
            "waivers": {"type": "list", "elements": "str", "default": []},
            "snapshot_max_age": {"type": "float", "default": 0},
            "backup_max_age": {"type": "float", "default": 0},
            "canary": {"type": "bool", "default": False},
            "tables": {"type": "list", "elements": "str", "default": []},
            "brief": {"type": "bool", "default": False},
            "repairable": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
        })
        declared, problems = declare(variables_of(task_vars), args["options"])
        problems += ["senhasegura_checks_as_warnings: " + sentence for sentence in unknown_ids(args["as_warnings"])]
        problems += ["senhasegura_waivers: " + sentence for sentence in unknown_ids(args["waivers"])]
        if problems:
            raise ClusterActionFail(problem_text("The declared cluster cannot be checked.", problems))
        report = self._judge(declared, task_vars, args)
        for line in check_report.lines(report, args["brief"]):
            self._display.display(line)
        files = self._write(report, args["report_dir"])
        if not report["passed"]:
            raise ClusterActionFail(problem_text("Checks failed; nothing was changed. What was seen and how to fix it is above.",
                                                 check_report.failed(report)), result={"files": files})
        return dict(result, changed=False, report=report, files=files)

    @staticmethod
    def _judge(declared, task_vars, args):
        hostvars = task_vars["hostvars"]
        observations, now = observations_of(declared, hostvars), time.time()
        gate = {"taken": {member["name"]: hostvars[member["name"]].get("senhasegura_snapshot_taken") for member in declared["members"]},
                "max_age_hours": args["snapshot_max_age"], "backup_hours": args["backup_max_age"],
                "keeping": keeping_of(declared, hostvars), "directories": backup_directories_of(declared, hostvars), "now": now}
        facts = Facts(declared, observations, probes_of(declared, task_vars), make_plan(declared, observations), gate,
                      data_of(declared, hostvars, {"canary": args["canary"], "tables": args["tables"]}),
                      task_vars.get("ansible_inventory_sources") or [], hostnames_of(declared, hostvars))
        checks = run_checks(facts, args["as_warnings"], args["waivers"], args["repairable"])
        context = {"checked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)), "as_warnings": args["as_warnings"],
                   "waivers": args["waivers"]}
        return check_report.build(declared, checks, ports_of(facts), links_of(facts), forecast(declared, observations), context)

    def _write(self, report, directory):
        """Both files on the controller; their paths."""
        if not directory or self._task.check_mode:
            return []
        folder = unfrackpath(directory)
        files = [(folder + "/check-report.json", check_report.as_json(report)),
                 (folder + "/check-report.xml", check_report.as_junit(report))]
        try:
            makedirs_safe(folder)
            for path, text in files:
                with open(path, "w", encoding="utf-8") as handle:
                    handle.write(text)
        except OSError as error:
            raise ClusterActionFail("The report cannot be written into senhasegura_report_dir (%s): %s" % (folder, to_native(error)))
        return [path for path, _text in files]
