#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_proof.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_proof
short_description: Prove that all members are one component, and report
version_added: 0.1.0
description:
  - The one-component proof over what C(cluster_info) last observed on every member. Same state UUID, same configuration,
    exactly the declared members in each one's component, read behind a causal read; and every member knows the same
    primary, the same order, and runs what is written.
  - C(Synced) alone proves nothing. A cluster that was bootstrapped twice shows Synced on both halves.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
options:
  declared:
    description: The declared cluster, as C(cluster_plan) returned it.
    type: dict
    required: true
  without:
    description: The names of members that are known to be out of the component, and are not asked.
    type: list
    elements: str
    default: []
  as_written:
    description:
      - Whether it must be proven, too, that no member runs timers otherwise than they are written, be they those that a member is given
        only for joining, or a person's.
    type: bool
    default: false
  arbitrator_vote:
    description:
      - Whether the arbitrator may (C(allowed)), must (C(required)) or must not (C(none)) be in every member's component, as the one
        voter without an address (garbd counts as a voter and has none).
    type: str
    choices: [allowed, required, none]
    default: allowed
seealso:
  - module: senhasegura.cluster.cluster_plan
"""

EXAMPLES = r"""
- name: Prove one component
  senhasegura.cluster.cluster_proof:
    declared: "{{ senhasegura_plan.declared }}"
  run_once: true
"""

RETURN = r"""
report:
  description: The report, a line each.
  returned: success
  type: list
  elements: str
"""
