#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_arbitration.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_arbitration
short_description: Decide what is done with the arbitrator, and ask for Yes
version_added: 0.1.0
description:
  - Tells how garbd is to be configured for the declared members, and decides what its host needs. Refuses a host that is a
    member, a second arbitrator, a cluster that is degraded, and to take votes away that the members cannot do without.
  - Shows what is done, why, and what the cluster bears afterwards. Where votes go away it wants a Yes.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
options:
  declared:
    description: The declared cluster, as C(cluster_plan) returned it.
    type: dict
    required: true
  state:
    description: Whether the arbitrator votes.
    type: str
    choices: [present, absent]
    default: present
  segment:
    description: The segment of its host, 1 to 9, or blank.
    type: raw
  observed:
    description: What C(cluster_info) read of its host and settings. Without it, RV(garbd) is told and nothing decided.
    type: dict
  running:
    description: The command line of the garbd that runs there; blank where none runs.
    type: str
    default: ""
  enabled:
    description: Whether garbd starts with its host.
    type: bool
    default: false
  written:
    description: Whether its files are as they should be.
    type: bool
    default: false
  held:
    description: Sentences about who else is changing the cluster, as the lookup P(senhasegura.cluster.run_lock#lookup) tells them.
    type: list
    elements: str
    default: []
  confirm:
    description: The Yes. Without it a person is asked on the terminal.
    type: bool
    default: false
  approved:
    description:
      - The plan (RV(plan)) that was shown, and said Yes to where it needed one. With it nobody is asked, and a plan that does something
        else by now is refused.
    type: dict
seealso:
  - module: senhasegura.cluster.cluster_proof
"""

EXAMPLES = r"""
- name: Ask how garbd is to be configured
  senhasegura.cluster.cluster_arbitration:
    declared: "{{ senhasegura_declaration.declared }}"
  register: senhasegura_arbitration
"""

RETURN = r"""
garbd:
  description: What garbd is told. C(nodes), C(group), C(options), C(directory) and the C(command) that it then shows.
  returned: without O(observed)
  type: dict
plan:
  description: C(action) (none, start, write, restart, stop), C(reason), C(confirm), C(forecast).
  returned: with O(observed)
  type: dict
"""
