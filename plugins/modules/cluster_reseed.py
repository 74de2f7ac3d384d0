#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_reseed.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_reseed
short_description: Decide whether one member may be seeded anew, show it, and ask for Yes
version_added: 0.1.0
description:
  - Refuses unless the others are proven to be one primary component that keeps its quorum without the member, the member is not the
    primary, and there is room.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
  - senhasegura.cluster.plan.approved
options:
  member:
    description: The inventory name of the member that is to be seeded anew.
    type: str
    required: true
  declare_only:
    description: Only check what is declared.
    type: bool
    default: false
  ask:
    description: Show the plan, and get the Yes; otherwise only decide.
    type: bool
    default: true
seealso:
  - module: senhasegura.cluster.cluster_plan
"""

EXAMPLES = r"""
- name: Decide
  senhasegura.cluster.cluster_reseed:
    options: "{{ senhasegura_declared_options }}"
    member: vault-3
  register: senhasegura_plan
  run_once: true
"""

RETURN = r"""
declared:
  description: What is declared, checked and in its shortest form.
  returned: always
  type: dict
plan:
  description: As M(senhasegura.cluster.cluster_plan) returns it, and C(member), C(compared), C(aside).
  returned: always
  type: dict
"""
