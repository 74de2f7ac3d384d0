#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_rolling_plan.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_rolling_plan
short_description: Decide who restarts when in a rolling restart or update, show it, and ask for Yes
version_added: 0.1.0
description:
  - Compares what is declared with what C(cluster_info) observed on every member (the variable C(senhasegura_observation) of
    each). A cluster that is not proven to be one component of all declared members is refused, with every problem at once;
    members that are being restored by themselves are named in RV(plan), to be waited for first.
  - Shows the order, the reasons, and the quorum while each member is away.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
options:
  verb:
    description:
      - V(restart) restarts every member, the primary last.
      - V(update) updates what C(cluster_packages) read to be updatable (the variable C(senhasegura_updates) of each member), the
        primary first, as the vendor documents.
    type: str
    choices: [restart, update]
    required: true
  members:
    description: The members to restart; none means all.
    type: list
    elements: str
    default: []
  arbitrator_host:
    description: The inventory name of the host that runs the arbitrator, which is taken out while members are updated; blank for none.
    type: str
    default: ''
  approved:
    description:
      - The C(steps) of a plan that was said Yes to. The plan that is made now must have no other steps, and nobody must be waited
        for any more.
    type: list
    elements: str
seealso:
  - module: senhasegura.cluster.cluster_plan
  - module: senhasegura.cluster.cluster_quiet
"""

EXAMPLES = r"""
- name: Plan
  senhasegura.cluster.cluster_rolling_plan:
    options: "{{ senhasegura_declared_options }}"
    verb: restart
  register: senhasegura_plan
  run_once: true
"""

RETURN = r"""
declared:
  description: What is declared, checked and in its shortest form.
  returned: always
  type: dict
plan:
  description:
    - C(members) (per member C(action), C(reason), C(expected), C(votes)), C(order), C(returning), C(warnings), C(confirm),
      C(steps), C(aside) (the arbitrator's host where it is taken out meanwhile).
  returned: always
  type: dict
"""
