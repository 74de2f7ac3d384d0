#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_steps
short_description: Apply several steps to a member, and restart it where they need it, in one remote execution
version_added: 0.1.0
description:
  - Composes the steps 2 to 9 and 12 of the vendor's guide for one member, and with O(service) 10 and 11. Each entry is a
    step's module and its options, validated by that module's own argument spec; each step reports for itself.
  - One remote execution instead of seven makes a run several times faster.
  - O(service) is changed only where a step needs a restart (RV(restart_required)), when all of them are applied.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
  - senhasegura.cluster.service
options:
  steps:
    description:
      - Steps in their order, each a dictionary with one key, the module's name, whose value is that module's options.
      - C(cluster_mode), C(cluster_sync), C(cluster_members), C(cluster_network), C(cluster_message), C(cluster_primary).
    type: list
    elements: dict
    required: true
  gather:
    description: What to read when the steps are applied, in the same remote execution, as M(senhasegura.cluster.cluster_info) does.
    type: list
    elements: str
    choices: [settings, service, status, saved, data, host, sync, ports]
    default: []
  peers:
    description:
      - The addresses of the other members, for C(ports). As a task of a playbook, those of the inventory group C(senhasegura).
    type: list
    elements: str
    default: []
seealso:
  - module: senhasegura.cluster.cluster_mode
  - module: senhasegura.cluster.cluster_sync
  - module: senhasegura.cluster.cluster_members
  - module: senhasegura.cluster.cluster_network
  - module: senhasegura.cluster.cluster_message
  - module: senhasegura.cluster.cluster_primary
  - module: senhasegura.cluster.cluster_service
"""

EXAMPLES = r"""
- name: Configure a member
  senhasegura.cluster.cluster_steps:
    steps:
      - cluster_mode:
          cluster_name: vault
      - cluster_members:
          members: [10.0.0.11, 10.0.0.12, 10.0.0.13]
          address: 10.0.0.11
"""

RETURN = r"""
steps:
  description: One result per step, in the order of O(steps). C(step), C(changed), C(restart_required), C(restart_reasons).
  returned: always
  type: list
  elements: dict
restart_required:
  description: Whether any of the steps needs the member to restart.
  returned: always
  type: bool
restart_reasons:
  description: What runs differently from what is written, in words.
  returned: always
  type: list
  elements: str
service_changed:
  description: Whether the service was changed; M(senhasegura.cluster.cluster_restored) waits until the member is restored.
  returned: with O(service)
  type: bool
observed:
  description: As M(senhasegura.cluster.cluster_info) tells it.
  returned: with O(gather)
  type: dict
"""

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, ValueRefused
from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import change_service, refuse_other_run, refuse_unseen_data
from ansible_collections.senhasegura.cluster.plugins.module_utils._observe import PARTS, observe
from ansible_collections.senhasegura.cluster.plugins.module_utils._specs import SERVICE_OPTIONS, STEP_OPTIONS
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import apply_step, run_module


def _validated(entry, position):
    """The step and its options, validated as its own module would."""
    where = "steps[%d]" % position
    if len(entry) != 1:
        raise ValueRefused("%s must have exactly one key, the module's name, not %s" % (where, sorted(entry) or "none"))
    name, options = next(iter(entry.items()))
    step = name[len("cluster_"):] if name.startswith("cluster_") else ""
    if step not in STEP_OPTIONS:
        raise ValueRefused("%s names %r; a step is one of %s"
                           % (where, name, ", ".join("cluster_" + known for known in STEP_OPTIONS)))
    result = ArgumentSpecValidator(STEP_OPTIONS[step]).validate(options or {})
    if result.error_messages:
        raise ValueRefused("%s.%s: %s" % (where, name, "; ".join(result.error_messages)))
    return step, result.validated_parameters


def _service(module, platform, needed):
    """Steps 10 and 11, where a step before them needs them."""
    # What it was made of was asked before the steps: on an appliance they may have restarted it.
    changed = needed and change_service(platform, dict(module.params["service"], seen=None), module.check_mode)["changed"]
    return {"service_changed": changed}


def _work(module, platform):
    # All are validated before the first one writes.
    steps = [_validated(entry, position) for position, entry in enumerate(module.params["steps"])]
    results = []
    try:
        if module.params["service"]:  # with the settings of a cluster on it, whatever starts its database next lets it join
            refuse_unseen_data(platform, module.params["service"]["replaces"])
            refuse_other_run(platform, module.params["service"]["state"], module.params["service"]["seen"])
        for step, options in steps:
            results.append(dict(apply_step(platform, step, options, module.check_mode), step=step))
        result = _together(results)
        if module.params["service"]:
            result.update(_service(module, platform, result["restart_required"]))
    except ClusterError as error:
        error.written = [] if module.check_mode else ["cluster_" + one["step"] for one in results if one["changed"]]
        raise
    gather = module.params["gather"]
    return dict(result, observed=observe(platform, gather, module.params["peers"])) if gather else result


def _together(results):
    reasons = [reason for result in results for reason in result["restart_reasons"]]
    return {"changed": any(result["changed"] for result in results),
            "diff": [result.pop("diff") for result in results if result["changed"]],
            "steps": results, "restart_reasons": reasons, "restart_required": bool(reasons)}


def main():
    """Apply the steps in their order."""
    run_module(_work, {"steps": {"type": "list", "elements": "dict", "required": True},
                       "service": {"type": "dict", "options": SERVICE_OPTIONS},
                       "gather": {"type": "list", "elements": "str", "choices": list(PARTS), "default": []},
                       "peers": {"type": "list", "elements": "str", "default": []}})


if __name__ == "__main__":
    main()
