#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The documentation of the action plugin of the same name: it runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_removal
short_description: Decide how a member is removed, show it, ask for Yes, and prove it
version_added: 0.1.0
description:
  - Compares what is declared without the removed members with what C(cluster_info) observed on every member (the variable
    C(senhasegura_observation) of each), and decides how the member leaves and what those who stay change on-line.
  - Refuses, with every problem at once, whenever something is uncertain. All who stay must be proven to serve as one primary
    component; a member that cannot be reached is removed only when a person named it as dead for good, and only while that
    component does not hold it.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
  - senhasegura.cluster.plan.approved
options:
  remove:
    description: The inventory names of the members to remove. At most one of them can be reached.
    type: list
    elements: str
    default: []
  dead:
    description: Which of them are dead for good, as a person knows.
    type: list
    elements: str
    default: []
  state:
    description: What the database of the removed member shall be at the end.
    type: str
    choices: [started, stopped]
    default: started
  phase:
    description:
      - V(declare) only checks what is declared. V(plan) plans, shows the plan and asks for Yes.
      - V(again) checks, on new observations before anything is changed, that the plan is still the one in O(approved).
      - V(left) checks, on new observations, that the member has left and that the plan is still the one in O(approved).
      - V(proof) proves that the removed member is out and standalone, and says what is left to do by hand.
    type: str
    choices: [declare, plan, again, left, proof]
    default: plan
seealso:
  - module: senhasegura.cluster.cluster_plan
  - module: senhasegura.cluster.cluster_proof
"""

EXAMPLES = r"""
- name: Plan the removal
  senhasegura.cluster.cluster_removal:
    options: "{{ senhasegura_declared_options }}"
    remove: [vault-3]
  register: senhasegura_plan
  run_once: true
"""

RETURN = r"""
declared:
  description: What is declared without the removed members.
  returned: unless O(phase) is V(declare)
  type: dict
plan:
  description:
    - As of C(cluster_plan) for those who stay, and C(stay), C(gone), C(leaving), C(moves), C(votes), C(work).
  returned: unless O(phase) is V(declare)
  type: dict
"""
