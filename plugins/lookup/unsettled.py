# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the members' views must be asked for once more."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unsettled
short_description: Whether the observed views of one component are of different moments
version_added: 0.1.0
description:
  - The members are observed at once and answer one after the other. Whoever dies in between is in the one's view and not in the
    other's, which looks like two primary components. Observed again they agree; two components never do.
  - Reads the variable C(senhasegura_observation) of the members of the group C(senhasegura).
author:
  - senhasegura.cluster contributors (@senhasegura)
options:
  _terms:
    description: None are taken.
"""

EXAMPLES = r"""
- name: Observe again
  ansible.builtin.include_tasks: observe_again.yml
  when: lookup('senhasegura.cluster.unsettled')
"""

RETURN = r"""
_raw:
  description: One boolean.
  type: list
  elements: bool
"""

from ansible.plugins.lookup import LookupBase
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._evidence import unsettled
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import GROUP, OBSERVATION


class LookupModule(LookupBase):
    """Asks the rule of the evidence."""

    def run(self, terms, variables=None, **kwargs):
        hostvars = variables["hostvars"]
        registered = {name: hostvars[name].get(OBSERVATION) or {} for name in variables["groups"].get(GROUP, [])}
        return [unsettled({name: one for name, one in registered.items() if "settings" in one.get("observed", {})
                           and "status" in one["observed"]})]
