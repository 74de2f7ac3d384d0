# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan to seed one member anew, shown to a person, who says Yes. The rules are in ``plugin_utils``; this is their I/O."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.action.cluster_plan import ActionModule as PlanModule
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._reseed import make_reseed
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._words import reseed_lines


class ActionModule(PlanModule):
    """As ``cluster_plan``, for one member."""

    _spec = dict(PlanModule._spec, member={"type": "str", "required": True})
    _refused = "Seeding anew is refused; nothing was changed."

    def _make(self, declared, hostvars, args):
        return make_reseed(declared, observations_of(declared, hostvars), args["member"])

    def _lines(self, declared, plan):
        return reseed_lines(plan)
