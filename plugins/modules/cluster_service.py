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
  - Starting, restarting and bootstrapping a member of a cluster return at once; C(cluster_restored) waits until it is restored.
    Starting a standalone one returns when it serves, and so does bootstrapping on the C(orbit) platform.
  - V(bootstrapped) starts a new component, and is refused while any declared member may be in one. It takes what the plan
    proved (O(proven_outside)), and asks the network once more in the moment before.
  - It is what the C(restart_required) of the other steps asks for, and so returns none itself - whoever was started or restarted runs
    what is written.
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
  lost:
    description:
      - For V(bootstrapped), the addresses of O(members) that a person declared lost. Of them neither proof nor an answer is asked;
        one on which Galera listens is refused all the same.
    type: list
    elements: str
    default: []
  donors:
    description: Names of members from whom it rather receives all data in this start, should it have to; any other one after them.
    type: list
    elements: str
    default: []
  only_donors:
    description: Whether it receives them from nobody but O(donors). Where none of them can give, its start fails.
    type: bool
    default: false
  replaces:
    description:
      - For V(started) and V(restarted), the names of the schemas that a plan saw on this member, and whose replacement by the cluster's
        data it decided. One that is in no primary component and holds others is not started.
      - Without it nothing is asked, as for a member whose data are kept aside before.
    type: list
    elements: str
  seen:
    description:
      - What a plan was made of on this member. Where its database is another one by now, the service is not changed.
      - Without it nothing is asked.
    type: dict
    suboptions:
      uuid:
        description: The history that is saved on its disk, which with O(seen.seqno) counts where its database does not run.
        type: str
      seqno:
        description: The position that is saved there.
        type: int
      invocation:
        description: The run of its service, as systemd names it. Empty where it has not run since the host booted.
        type: str
        required: true
  expected:
    description:
      - For V(restarted) and V(stopped), the addresses of the members that must be in this member's component now. A member
        that serves in a component that lacks one of them is neither restarted nor stopped.
    type: list
    elements: str
  outside:
    description:
      - For V(restarted) and V(stopped), whether the plan proved that this member serves in no primary component, because it was cut off or
        voted out. Then it may be stopped there; if it is in one after all, O(expected) counts.
    type: bool
    default: false
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

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import change_service
from ansible_collections.senhasegura.cluster.plugins.module_utils._specs import SERVICE_OPTIONS
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    return change_service(platform, module.params, module.check_mode)


def main():
    """Change the service as asked."""
    run_module(_work, SERVICE_OPTIONS)


if __name__ == "__main__":
    main()
