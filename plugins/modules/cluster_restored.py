#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_restored.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_restored
short_description: Wait with progress until a member is restored
version_added: 0.1.0
description:
  - Step 13 of the vendor's guide. A member is restored when it is ready, connected, Synced, in the primary component, and
    the component that it sees behind a causal read is exactly the expected one, twice in a row.
  - A line appears when its state changes and at least every 10 seconds. The wait ends early on proof of failure (the
    service is dead, Galera is inconsistent, it serves in another component), quoting the error log.
  - Survives dropped connections and reboots of the member.
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Waits for nothing, since nothing restarted.
    support: full
  diff_mode:
    description: Writes nothing itself, so there is nothing to show.
    support: N/A
author:
  - senhasegura.cluster contributors (@senhasegura)
options:
  addresses:
    description: The members that must form the component, no more and no less.
    type: list
    elements: str
    required: true
  arbitrator:
    description: The arbitrator's address, which may be in the component as well.
    type: str
    default: ""
  arriving:
    description: Members that are being restored by themselves meanwhile, and may be in the component.
    type: list
    elements: str
    default: []
  stall_timeout:
    description: Seconds without any progress (state, bytes, percentage, queue) after which the wait fails.
    type: int
    default: 180
  platform:
    description: What the member is.
    type: str
    default: auto
seealso:
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Wait until the member is restored
  senhasegura.cluster.cluster_restored:
    addresses: [10.0.0.11, 10.0.0.12]
"""

RETURN = r"""
restored:
  description: Whether it is restored; the task fails otherwise.
  returned: unless in check mode
  type: bool
seconds:
  description: How long it took.
  returned: unless in check mode
  type: float
status:
  description: What the database said last.
  returned: unless in check mode
  type: dict
"""
