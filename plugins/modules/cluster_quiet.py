#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_quiet.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_quiet
short_description: Wait with progress until replication is quiet on a member
version_added: 0.1.0
description:
  - Before a member leaves the cluster for a moment. Replication is quiet when, over half a second, at most 10 write sets wait to
    be applied or sent, and flow control paused for at most 5 % of the time.
  - A line appears at least every 10 seconds while it is not. The wait fails when nothing has got better for O(stall_timeout),
    and says what is not quiet.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
options:
  stall_timeout:
    description: Seconds without a shorter queue or less pausing after which the wait fails.
    type: int
    default: 180
  platform:
    description: What the member is.
    type: str
    default: auto
  lock:
    description: The lock of the run, as in M(senhasegura.cluster.cluster_info); every look renews it.
    type: dict
seealso:
  - module: senhasegura.cluster.cluster_info
  - module: senhasegura.cluster.cluster_restored
"""

EXAMPLES = r"""
- name: Wait until replication is quiet on every member
  senhasegura.cluster.cluster_quiet:
  loop: "{{ groups['senhasegura'] }}"
  delegate_to: "{{ item }}"
"""

RETURN = r"""
flow:
  description: What was seen last. C(noise), C(recv_queue), C(send_queue) (write sets), C(paused) (share), C(asked) (pauses).
  returned: success
  type: dict
seconds:
  description: How long it took.
  returned: success
  type: float
"""
