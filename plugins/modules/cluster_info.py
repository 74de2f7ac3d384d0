#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Read the settings, state and history of a member
version_added: 0.1.0
description:
  - Step 13 of the vendor's guide (verify the status), and all that a plan needs to know. Never changes anything.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.info
  - senhasegura.cluster.platform
options:
  gather:
    description: What to read.
    type: list
    elements: str
    choices: [settings, service, status, saved, data, host, sync, ports]
    default: [settings, service, status, saved, data, host, sync]
  peers:
    description:
      - The addresses of the other members, for C(ports). As a task of a playbook, those of the inventory group C(senhasegura).
    type: list
    elements: str
    default: []
  flow:
    description:
      - Look for so many seconds at the most until replication is quiet, and tell it in RV(flow).
      - This is what the action plugin C(cluster_quiet) polls with.
    type: float
seealso:
  - module: senhasegura.cluster.cluster_restored
  - module: senhasegura.cluster.cluster_quiet
"""

EXAMPLES = r"""
- name: Read everything
  senhasegura.cluster.cluster_info:

- name: Read only what the database says
  senhasegura.cluster.cluster_info:
    gather: [status]
"""

RETURN = r"""
observed:
  description:
    - What was read, one entry per O(gather), plus C(platform).
    - Settings come with C(restart_reasons), C(contradictions) (what the platform says, what its files hold and what its database
      runs must agree) and C(admitted) (whom it lets in).
    - Settings and host come with C(capabilities) (where the platform differs).
  returned: always
  type: dict
flow:
  description:
    - How replication flowed in the last window. C(noise) (what is not quiet, in words), C(recv_queue), C(send_queue), C(paused),
      C(asked).
  returned: with O(flow)
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._observe import PARTS, observe
from ansible_collections.senhasegura.cluster.plugins.module_utils._quiet import watch_quiet
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    options = module.params
    result = {"changed": False, "observed": observe(platform, options["gather"], options["peers"])}
    if options["flow"] is not None:
        result["flow"] = watch_quiet(platform, options["flow"])
    return result


def main():
    """Read and tell."""
    run_module(_work, {
        "gather": {"type": "list", "elements": "str", "choices": list(PARTS),
                   "default": [part for part in PARTS if part != "ports"]},
        "peers": {"type": "list", "elements": "str", "default": []},
        "flow": {"type": "float"},
    })


if __name__ == "__main__":
    main()
