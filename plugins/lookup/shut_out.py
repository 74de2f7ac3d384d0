# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a firewall would shut out."""

from __future__ import annotations

DOCUMENTATION = r"""
name: shut_out
short_description: Whom the firewall of the declared members would shut out
version_added: 0.1.0
description:
  - Sentences about members and arbitrators that are at work in the cluster, but not as they are declared, so that rules which let in
    exactly the declared ones would cut them off.
  - Reads the variables C(senhasegura_observation) and C(senhasegura_prepare_links) of the members of the group C(senhasegura).
author:
  - senhasegura.cluster contributors (@senhasegura)
options:
  _terms:
    description: What is declared, as M(senhasegura.cluster.cluster_plan) returns it.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Nobody is shut out
  ansible.builtin.assert:
    that: query('senhasegura.cluster.shut_out', senhasegura_declaration.declared) | length == 0
"""

RETURN = r"""
_raw:
  description: Sentences; none where everybody who is at work is let in.
  type: list
  elements: str
"""

from ansible.plugins.lookup import LookupBase
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._firewall import shut_out
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import observations_of


class LookupModule(LookupBase):
    """Asks the rule of the firewall."""

    def run(self, terms, variables=None, **kwargs):
        hostvars, declared = variables["hostvars"], terms[0]
        asked = {member["name"]: hostvars[member["name"]].get("senhasegura_prepare_links") or {} for member in declared["members"]}
        return shut_out(declared, observations_of(declared, hostvars), {name: one.get("stdout_lines", []) for name, one in asked.items()})
