#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_canary
short_description: Write a row on a member that every other member must show
version_added: 0.1.0
description:
  - The rows are in the table C(senhasegura_canary.canary), one a member, and V(state=absent) takes it away again.
  - Reading is behind a causal read, so that a member that does not show another one's row does not replicate.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  state:
    description: V(written) writes this member's row, V(read) reads everybody's, V(absent) removes the table on the whole cluster.
    type: str
    choices: [written, read, absent]
    required: true
  member:
    description: The name under which the row is written.
    type: str
    default: ""
  token:
    description: What is written.
    type: str
    default: ""
seealso:
  - module: senhasegura.cluster.cluster_check
"""

EXAMPLES = r"""
- name: Write on every member
  senhasegura.cluster.cluster_canary:
    state: written
    member: "{{ inventory_hostname }}"
    token: "{{ ansible_date_time.epoch }}"
"""

RETURN = r"""
token:
  description: O(token), where it was written.
  returned: with O(state=written)
  type: str
canaries:
  description: Member name to token. Empty in check mode.
  returned: with O(state=read)
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    state = module.params["state"]
    if state == "read":
        return {"changed": False, "canaries": {} if module.check_mode else platform.canaries()}
    if not module.check_mode:
        if state == "written":
            platform.write_canary(module.params["member"], module.params["token"])
        else:
            platform.remove_canaries()
    return {"changed": False, "token": module.params["token"]}  # what is written is taken away again in the same run


def main():
    """Write, read, or take away."""
    run_module(_work, {"state": {"type": "str", "choices": ["written", "read", "absent"], "required": True},
                       "member": {"type": "str", "default": ""}, "token": {"type": "str", "default": "", "no_log": False}})


if __name__ == "__main__":
    main()
