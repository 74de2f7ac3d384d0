#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The documentation of the action plugin of the same name: it runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_assumption
short_description: Decide how another member assumes as primary, show it, and ask for Yes
version_added: 0.1.0
description:
  - Compares C(senhasegura_primary), as O(options) names it, with what C(cluster_info) observed on every member (the variable
    C(senhasegura_observation) of each). While the members serve, the votes move on-line.
  - When those who are left are in no primary component, one of them makes their component primary. Whoever cannot be observed must
    then be named in O(dead); two primaries that both write would be a catastrophe.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
  - senhasegura.cluster.plan
  - senhasegura.cluster.plan.confirm
  - senhasegura.cluster.plan.approved
options:
  dead:
    description:
      - The inventory names of members that are dead, as a person knows. The arbitrator must be named, too, where none of those who are
        left sees it and its host cannot be asked.
    type: list
    elements: str
    default: []
  arbitrator:
    description: What the arbitrator's host answered (role C(preflight), task file C(arbitrator)); empty where it was not asked.
    type: dict
    default: {}
  told:
    description: Say what is left to do after O(approved) was carried out, and plan nothing.
    type: bool
    default: false
seealso:
  - module: senhasegura.cluster.cluster_assume
  - module: senhasegura.cluster.cluster_primary
"""

EXAMPLES = r"""
- name: Plan that another member assumes as primary
  senhasegura.cluster.cluster_assumption:
    options: "{{ senhasegura_declared_options }}"
  register: senhasegura_plan
  run_once: true
"""

RETURN = r"""
declared:
  description: What is declared.
  returned: success
  type: dict
plan:
  description:
    - C(stay) and C(dead) (names), C(chosen) (who makes its component primary, or empty), C(position), C(moves), C(votes), C(work),
      C(digest).
  returned: success
  type: dict
"""
