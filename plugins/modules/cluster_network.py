#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network
short_description: Set different data centers, latency profile and segment
version_added: 0.1.0
description:
  - Steps 7 and 8 of the vendor's guide (members in different data centers, segment).
  - On the C(galera) platform these are provider options of Galera; options that are not ours stay untouched.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  different_datacenters:
    description: Whether the members are in different data centers.
    type: bool
    default: false
  latency:
    description:
      - The latency profile between members. C(low) is 0 to 10 ms and Galera's own timers, C(medium) 10 to 30 ms,
        C(high) more than 30 ms. The Galera options of each are in docs/operations.md of this collection.
      - Without it, C(high) with O(different_datacenters), else C(low).
    type: str
    choices: [low, medium, high]
  segment:
    description:
      - Members of one data center share a segment from 1 to 9; 0 is the blank of the vendor's screen.
    type: int
    choices: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    default: 0
  settle:
    description:
      - Change no setting, whatever the other options say. Only take back what counts while a member joins (shorter timers, its donors).
    type: bool
    default: false
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Put this member into the second data center
  senhasegura.cluster.cluster_network:
    different_datacenters: true
    segment: 2
"""

RETURN = r"""
restart_required:
  description: Whether the member runs with other settings than are written, so that it has to restart.
  returned: always
  type: bool
restart_reasons:
  description: What runs differently from what is written, in words.
  returned: always
  type: list
  elements: str
  sample: ["gmcast.segment runs as 0, written 2"]
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_step


def main():
    """Bring the step about: see module_utils/_step.py."""
    run_step("network")


if __name__ == "__main__":
    main()
