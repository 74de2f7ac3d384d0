#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

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
  - On the C(galera) platform a member that joins a near cluster runs shorter timers meanwhile, which are taken back on-line as
    soon as it is restored.
  - The service is changed before the first look.
  - In check mode it waits for nothing, since nothing restarted; the guards of O(service) are asked.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
  - senhasegura.cluster.service
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
  arbitrator_vote:
    description: Whether the arbitrator may (V(allowed)), must (V(required)) or must not (V(none)) be in the component.
    type: str
    choices: [allowed, required, none]
    default: allowed
  stall_timeout:
    description: Seconds without any progress (state, bytes, percentage, queue) after which the wait fails.
    type: int
    default: 180
  forecast:
    description: The bytes that it will hold when it has received all data, as the plan tells them; 0 where that is not known.
    type: int
    default: 0
  known:
    description: The state that the caller already knows; another one ends a look. As a task of a playbook, not given.
    type: str
    default: ""
  seconds:
    description: How long one look lasts at the most. As a task of a playbook, not given.
    type: float
    default: 8
seealso:
  - module: senhasegura.cluster.cluster_service
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

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import change_service
from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import ARBITRATOR_VOTES
from ansible_collections.senhasegura.cluster.plugins.module_utils._specs import COMPONENT_OPTIONS, SERVICE_OPTIONS
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module
from ansible_collections.senhasegura.cluster.plugins.module_utils._watch import watch


def _work(module, platform):
    """One look, of which the action plugin of this name makes a wait."""
    options = module.params
    result = change_service(platform, options["service"], module.check_mode) if options["service"] else {"changed": False}
    if module.check_mode:
        return result
    return dict(result, watched=watch(platform, options, options["known"], options["seconds"]))


def main():
    """Change the service where that is asked for, and look."""
    run_module(_work, dict(COMPONENT_OPTIONS, **{
        "addresses": {"type": "list", "elements": "str", "required": True},
        "arbitrator_vote": {"type": "str", "choices": list(ARBITRATOR_VOTES), "default": "allowed"},
        "stall_timeout": {"type": "int", "default": 180},
        "service": {"type": "dict", "options": SERVICE_OPTIONS},
        "forecast": {"type": "int", "default": 0},
        "known": {"type": "str", "default": ""},
        "seconds": {"type": "float", "default": 8},
    }))


if __name__ == "__main__":
    main()
