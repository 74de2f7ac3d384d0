#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_primary
short_description: Set which member is the primary
version_added: 0.1.0
description:
  - Step 12 of the vendor's guide (assume as primary). Exactly one member of the cluster is primary.
  - Every member knows it, also after that member is gone. A change is made on-line, without
    a restart.
  - On the C(orbit) platform the appliance counts its votes itself. The primary assumes once it serves in the cluster, so
    the step is applied again when the member is restored.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  primary:
    description: The address of the primary.
    type: str
    required: true
  address:
    description: This member's own address.
    type: str
    required: true
  weight:
    description:
      - This member's votes (C(pc.weight)); without it they stay as they are. The primary of an even number of members has 2,
        everybody else 1, so that the votes add up to an odd number.
    type: int
    choices: [1, 2]
  application_active:
    description:
      - Whether the application runs on this member; without it, it is left as it is. Only the C(orbit) platform has one.
    type: bool
  publish:
    description:
      - Whether the row from which all members' health services tell the primary must say the same. It is replicated, so that all
        members know it at once. Only where the role C(health) has made it, and only on a member that serves.
    type: bool
    default: true
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Make 10.0.0.11 the primary, as told to 10.0.0.12
  senhasegura.cluster.cluster_primary:
    primary: 10.0.0.11
    address: 10.0.0.12
    weight: 1
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
    run_step("primary")


if __name__ == "__main__":
    main()
