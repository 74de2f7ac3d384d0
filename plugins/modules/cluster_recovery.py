#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_recovery.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_recovery
short_description: Decide who is bootstrapped after a full outage, show it, and ask for Yes
version_added: 0.1.0
description:
  - Compares what every member holds (C(cluster_info) in the variable C(senhasegura_observation) of each, and what
    M(senhasegura.cluster.cluster_history) told in C(senhasegura_history)), and decides who is bootstrapped and who joins.
  - Refuses, with every problem at once and the decision table, whenever something is uncertain, and when any member serves.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
  - senhasegura.cluster.plan.approved
options:
  declare_only:
    description: Only check what is declared.
    type: bool
    default: false
  told:
    description:
      - Whether InnoDB was asked where it had to be. If not, who is bootstrapped may not be decided yet, and the Yes that is asked for is
        the one to ask InnoDB, since its recovery writes; where it needs not be asked, nothing is shown.
    type: bool
    default: true
  arbitrator:
    description: What the arbitrator's host answered (role C(preflight), task file C(arbitrator)); empty where it was not asked.
    type: dict
    default: {}
  ask:
    description: Show the table, and get the Yes; otherwise only decide.
    type: bool
    default: true
seealso:
  - module: senhasegura.cluster.cluster_plan
  - module: senhasegura.cluster.cluster_history
"""

EXAMPLES = r"""
- name: Decide
  senhasegura.cluster.cluster_recovery:
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
    - As M(senhasegura.cluster.cluster_plan) returns it, and C(ask), C(wait_for), C(chosen), C(left_out), C(lost), C(rows), C(nothing),
      C(votes).
  returned: always
  type: dict
"""
