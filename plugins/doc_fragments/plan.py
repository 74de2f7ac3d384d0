# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module takes that makes a plan, shows it and wants a Yes."""

from __future__ import annotations


class ModuleDocFragment(object):
    """What is declared, the Yes, and who else is changing the cluster."""

    DOCUMENTATION = r"""
options:
  options:
    description:
      - What is declared of the cluster as a whole, named as the variables of role C(preflight) without C(senhasegura_).
      - Addresses (C(senhasegura_address), else C(ansible_host)) and segments (C(senhasegura_segment)) come from the hosts.
    type: dict
    required: true
  held:
    description:
      - Sentences about who else is changing the cluster, as the lookup P(senhasegura.cluster.run_lock#lookup) tells them. A plan that
        changes something is refused with them; not in check mode.
    type: list
    elements: str
    default: []
"""

    CONFIRM = r"""
options:
  confirm:
    description: The Yes of step 11 of the vendor's guide. Without it, a person is asked on the terminal.
    type: bool
    default: false
"""

    APPROVED = r"""
options:
  approved:
    description: The plan that was said Yes to; the plan that is made now must be the same, and keeps its order.
    type: dict
    default: {}
"""
