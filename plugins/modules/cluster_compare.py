#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_compare.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_compare
short_description: Compare the checksums that members read at the same position
version_added: 0.1.0
description:
  - Compares what C(cluster_checksum) registered in C(senhasegura_checksums) on the members of the play. A table counts when all read
    it at one position that did not move meanwhile; the others are to be read again.
  - Fails when no further table could be compared for O(stall_timeout), or tells which ones, with O(tell_moving).
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
options:
  known:
    description: The result of the comparison before this one.
    type: dict
    default: {}
  stall_timeout:
    description: Seconds without a further table after which it fails.
    type: int
    default: 180
  tell_moving:
    description: Name the tables in RV(moving) that the cluster wrote whenever they were read, instead of failing for them.
    type: bool
    default: false
seealso:
  - module: senhasegura.cluster.cluster_checksum
"""

EXAMPLES = r"""
- name: Compare
  senhasegura.cluster.cluster_compare:
  register: senhasegura_compared
  run_once: true
"""

RETURN = r"""
members:
  description: Whose readings were compared.
  returned: success
  type: list
  elements: str
settled:
  description: Per table that was compared, the checksum on each member.
  returned: success
  type: dict
unsettled:
  description: The tables that must be read again.
  returned: success
  type: list
  elements: str
moving:
  description: The tables that could not be read at one position for O(stall_timeout).
  returned: success
  type: list
  elements: str
doubts:
  description: Per table how often it has differed; it is settled so only when it has differed several times.
  returned: success
  type: dict
meeting:
  description: The C(position) at which all members should begin their next snapshots (0 for at once), and what it was made of.
  returned: success
  type: dict
moved_at:
  description: When a table was last settled, or found to differ, in seconds since the epoch.
  returned: success
  type: float
differences:
  description: What differs, in words.
  returned: success
  type: list
  elements: str
"""
