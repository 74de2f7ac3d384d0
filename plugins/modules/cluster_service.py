#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_service
short_description: Start, stop, restart or bootstrap the database service
version_added: 0.1.0
description:
  - Steps 10 and 11 of the vendor's guide (save, confirm the restart).
  - Starting and restarting return at once; C(cluster_restored) waits until the member is restored.
  - V(bootstrapped) starts a new component, and is refused while any declared member may be in one. It takes what the plan
    proved (O(proven_outside)), and asks the network once more in the moment before.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  state:
    description: What the service shall be.
    type: str
    choices: [started, stopped, restarted, bootstrapped]
    required: true
  members:
    description: The addresses of all declared members. Required for V(bootstrapped).
    type: list
    elements: str
  address:
    description: This member's own address. Required for V(bootstrapped).
    type: str
  proven_outside:
    description:
      - The addresses that a plan has just proven to be in no primary component. All other O(members) must be in it.
    type: list
    elements: str
  expected:
    description:
      - For V(restarted), the addresses of the members that must be in this member's component now. A member that serves in
        a component that lacks one of them is not restarted.
    type: list
    elements: str
  arriving:
    description: Members that are being restored by themselves meanwhile, and may be in the component.
    type: list
    elements: str
    default: []
  arbitrator:
    description: The arbitrator's address, which may be in the component as well.
    type: str
    default: ""
seealso:
  - module: senhasegura.cluster.cluster_plan
  - module: senhasegura.cluster.cluster_restored
"""

EXAMPLES = r"""
- name: Restart the database
  senhasegura.cluster.cluster_service:
    state: restarted
"""

RETURN = r"""
service:
  description: The state of the service before the change.
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import refuse_bootstrap, refuse_restart
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import SERVICE_STATES


def _needed(state, service):
    """A member that is as asked needs nothing; a restart and a bootstrap are always something."""
    running = service["active"] or service["state"] == "activating"
    if state == "started":
        return not running
    if state == "stopped":
        return not service["dead"]
    return True


def _work(module, platform):
    state = module.params["state"]
    service = platform.service()
    changed = _needed(state, service)
    if state == "bootstrapped":
        refuse_bootstrap(platform, module.params["members"], module.params["address"], module.params["proven_outside"])
    if state == "restarted":
        refuse_restart(platform, module.params["expected"], module.params["arbitrator"], module.params["arriving"])
    if changed and not module.check_mode:
        platform.change_service(state)
    return {"changed": changed, "service": service, "diff": {"before": service["state"] + "\n", "after": state + "\n"}}


def main():
    """Change the service as asked."""
    run_module(_work, {
        "state": {"type": "str", "choices": list(SERVICE_STATES), "required": True},
        "members": {"type": "list", "elements": "str"},
        "address": {"type": "str"},
        "proven_outside": {"type": "list", "elements": "str"},
        "expected": {"type": "list", "elements": "str"},
        "arriving": {"type": "list", "elements": "str", "default": []},
        "arbitrator": {"type": "str", "default": ""},
    })


if __name__ == "__main__":
    main()
