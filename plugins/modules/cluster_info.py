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
    choices: [settings, service, status, saved, data, host, sync, ports, backup]
    default: [settings, service, status, saved, data, host, sync]
  backup_directory:
    description: Where C(cluster_backup) keeps backups, for C(backup) (the newest whole one; empty for none).
    type: path
    default: /var/backups/senhasegura-cluster
  peers:
    description:
      - The addresses of the other members, for C(ports). As a task of a playbook, those of the inventory group C(senhasegura).
    type: list
    elements: str
    default: []
  watch:
    description:
      - Look until the member is restored, has failed, or has changed its state, and tell it in RV(watched).
      - This is what the action plugin C(cluster_restored) polls with.
    type: dict
    suboptions:
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
      known:
        description: The state that the caller already knows; another one ends the watch.
        type: str
        default: ""
      seconds:
        description: How long to look at the most.
        type: float
        default: 8
seealso:
  - module: senhasegura.cluster.cluster_restored
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
    - Settings come with C(restart_reasons), C(capabilities) (where the platform differs), C(contradictions) (what the
      platform says, what its files hold and what its database runs must agree) and C(admitted) (whom it lets in).
  returned: always
  type: dict
watched:
  description: What the watch saw last. C(restored), C(missing), C(state), C(failure), C(log), C(bytes), C(percent), C(status).
  returned: with O(watch)
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import STEPS
from ansible_collections.senhasegura.cluster.plugins.module_utils._watch import watch

_PARTS = ("settings", "service", "status", "saved", "data", "host", "sync", "ports", "backup")

_WATCH = {
    "addresses": {"type": "list", "elements": "str", "required": True},
    "arbitrator": {"type": "str", "default": ""},
    "arriving": {"type": "list", "elements": "str", "default": []},
    "known": {"type": "str", "default": ""},
    "seconds": {"type": "float", "default": 8},
}


def _settings(platform):
    """The settings of every step, why the member would have to restart for them, and what its platform does otherwise."""
    settings = {step: platform.read(step) for step in STEPS}
    reasons = [reason for step in STEPS for reason in platform.restart_required(step, settings[step])]
    return {"settings": settings, "restart_reasons": reasons, "capabilities": platform.capabilities(),
            "contradictions": platform.contradictions(), "admitted": platform.admitted()}


def _observe(platform, gather, peers, backup_directory):
    observed = {"platform": platform.name}
    if "settings" in gather:
        observed.update(_settings(platform))
    readers = {"service": platform.service, "status": platform.status, "saved": platform.saved,
               "data": platform.data, "host": platform.host, "sync": platform.sync_state}
    observed.update({part: read() for part, read in readers.items() if part in gather})
    if "ports" in gather:
        observed["ports"] = platform.ports(peers)
    if "backup" in gather:
        observed["backup"] = platform.newest_backup(backup_directory)
    return observed


def _work(module, platform):
    result = {"changed": False, "observed": _observe(
        platform, module.params["gather"], module.params["peers"], module.params["backup_directory"])}
    expected = module.params["watch"]
    if expected:
        result["watched"] = watch(platform, expected, expected["known"], expected["seconds"])
    return result


def main():
    """Read and tell."""
    run_module(_work, {
        "gather": {"type": "list", "elements": "str", "choices": list(_PARTS),
                   "default": [part for part in _PARTS if part not in ("ports", "backup")]},
        "backup_directory": {"type": "path", "default": "/var/backups/senhasegura-cluster"},
        "peers": {"type": "list", "elements": "str", "default": []},
        "watch": {"type": "dict", "options": _WATCH},
    })


if __name__ == "__main__":
    main()
