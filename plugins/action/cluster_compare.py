# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares readings of checksums, and ends the comparison when it no longer comes forward."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checksums import compare, confirmed, differences, meeting, tables_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import CHECKSUMS


class ActionModule(ActionBase):
    """One comparison; its result is given to the next one as long as tables are left that were read at different positions."""

    _supports_check_mode = True
    _display = Display()

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _validation, args = self.validate_argument_spec({
            "known": {"type": "dict", "default": {}}, "stall_timeout": {"type": "int", "default": 180},
            "tell_moving": {"type": "bool", "default": False}})
        readings = {name: task_vars["hostvars"][name][CHECKSUMS]["tables"] for name in task_vars["ansible_play_hosts"]
                    if "tables" in (task_vars["hostvars"][name].get(CHECKSUMS) or {})}
        known, now = args["known"], time.time()
        before = known.get("settled") or {}
        settled, doubts = confirmed(compare(readings, before), before, known.get("doubts") or {})
        unsettled = [table for table in tables_of(readings) if table not in settled]
        moved_at = known["moved_at"] if known.get("moved_at") and (len(settled), doubts) == (len(before), known["doubts"]) else now
        moving = unsettled if now - moved_at > args["stall_timeout"] else []
        if moving and not args["tell_moving"]:
            raise ClusterActionFail("For %d s the cluster moved whenever these tables were read, so they are not proven to be equal: %s. "
                                    "Run the playbook again when less is written" % (args["stall_timeout"], ", ".join(moving)))
        self._display.display("%d tables compared on %s, %d to be read again"
                              % (len(settled), ", ".join(readings), 0 if moving else len(unsettled)))
        return dict(result, changed=False, members=list(readings), settled=settled, unsettled=[] if moving else unsettled, moving=moving,
                    moved_at=moved_at, doubts=doubts, meeting=meeting(readings, known.get("meeting") or {}, now), differences=differences(settled))
