#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_members
short_description: Set the ordered list of members and the own address
version_added: 0.1.0
description:
  - Step 6 of the vendor's guide (members, in the same order everywhere).
  - A list that grows changes the file of a running member and needs no restart; another own address or name does.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  members:
    description: The addresses of all members, in the order that is the same on every member.
    type: list
    elements: str
    required: true
  address:
    description: This member's own address; one of O(members).
    type: str
    required: true
  name:
    description: The name by which the others know it (C(wsrep_node_name)). Without it the present name stays.
    type: str
  arbitrator:
    description: The arbitrator's address; empty for none. Without it the present one stays.
    type: str
  bind_address:
    description:
      - The address on which the database serves clients (C(bind_address)). Without it the present one stays.
    type: str
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Name the members
  senhasegura.cluster.cluster_members:
    members: [10.0.0.11, 10.0.0.12, 10.0.0.13]
    address: 10.0.0.11
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
    run_step("members")


if __name__ == "__main__":
    main()
