#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_plan.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_plan
short_description: Decide what each member needs, show it, and ask for Yes
version_added: 0.1.0
description:
  - Compares what is declared with what C(cluster_info) observed on every member (the variable
    C(senhasegura_observation) of each), and decides one action per member, the order, and the reason. This is the only
    place that decides.
  - Refuses, with every problem at once, whenever something is uncertain. Bootstrapping takes proof from every declared
    member that it is in no primary component.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
  - senhasegura.cluster.plan.approved
options:
  declare_only:
    description: Only check what is declared, and with O(held) that nobody else is changing the cluster.
    type: bool
    default: false
  keeps:
    description: Also check C(senhasegura_snapshot_tasks) of every member, the absolute path of a file on the controller.
    type: bool
    default: false
  ask:
    description: Show the plan, and get the Yes that it needs; otherwise only decide.
    type: bool
    default: true
seealso:
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Plan
  senhasegura.cluster.cluster_plan:
    options: "{{ senhasegura_declared_options }}"
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
    - C(members) (per member C(action), C(reason), C(changes), C(settings), C(expected)), C(order), C(warnings),
      C(confirm), C(proven_outside), C(votes), C(said) (what a Yes is said to).
  returned: unless O(declare_only)
  type: dict
"""
