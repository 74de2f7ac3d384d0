#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_health_plan.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_health_plan
short_description: Decide which members are given the health service, or another one, and show it
version_added: 0.1.0
description:
  - From what role C(health) found to be otherwise than declared on every member (the variable C(senhasegura_health_comparison) of each).
    Who may ask and at which port are checked before anything is changed.
  - No database restarts, so no Yes is asked for.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
seealso:
  - module: senhasegura.cluster.cluster_plan
"""

EXAMPLES = r"""
- name: Plan
  senhasegura.cluster.cluster_health_plan:
    options: "{{ senhasegura_declared_options }}"
    held: "{{ query('senhasegura.cluster.run_lock', 'held') }}"
  register: senhasegura_plan
  run_once: true
"""

RETURN = r"""
declared:
  description: What is declared, checked and in its shortest form.
  returned: always
  type: dict
plan:
  description: C(order) (who is changed), C(work) (per member what, and why), C(members) (empty), C(confirm) (false).
  returned: always
  type: dict
"""
