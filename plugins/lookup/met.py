# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the members measured each other in one execution."""

from __future__ import annotations

DOCUMENTATION = r"""
name: met
short_description: Whether every observed member was probed in one execution and met all the others
version_added: 0.1.0
description:
  - What M(senhasegura.cluster.cluster_probe) found in its phase V(together) counts only then.
  - Reads the variables C(senhasegura_observation) and C(senhasegura_together) of the members of the group C(senhasegura).
author:
  - senhasegura.cluster contributors (@senhasegura)
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Measure again in turn
  ansible.builtin.include_tasks: measure_in_turn.yml
  when: not lookup('senhasegura.cluster.met')
"""

RETURN = r"""
_raw:
  description: One boolean.
  type: list
  elements: bool
"""

from ansible.plugins.lookup import LookupBase
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_probe import all_met


class LookupModule(LookupBase):
    """Asks the rule of the probes."""

    def run(self, terms, variables=None, **kwargs):
        return [all_met(variables)]
