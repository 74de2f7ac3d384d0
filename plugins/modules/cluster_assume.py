#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_assume
short_description: Make the component primary that a member is in, when the others are dead
version_added: 0.1.0
description:
  - Galera's C(pc.bootstrap). When members are in no primary component because too many votes died with others, nobody serves until a
    person decides. This carries the decision out, once more guarded on the member itself, in the moment before.
  - A member that is in a primary component of exactly O(stay) already needs nothing.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  stay:
    description: The addresses of the members that are left, this one's too. This member must see exactly them.
    type: list
    elements: str
    required: true
  dead:
    description: The addresses of the others. Nothing may listen for Galera there.
    type: list
    elements: str
    required: true
  state_uuid:
    description: The history that is continued.
    type: str
    required: true
  arbitrator:
    description: The arbitrator's address. It may be in the component as well; otherwise nothing may listen for Galera there either.
    type: str
    default: ""
seealso:
  - module: senhasegura.cluster.cluster_assumption
"""

EXAMPLES = r"""
- name: Let 10.0.0.12 go on, whose primary 10.0.0.11 is dead
  senhasegura.cluster.cluster_assume:
    stay: [10.0.0.12]
    dead: [10.0.0.11]
    state_uuid: 6f2a1c34-0000-11ef-8c1f-2b5f0f0c0c0c
"""

RETURN = r""" # """

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import assume
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def main():
    """Make the component primary, behind the guard."""
    run_module(lambda module, platform: assume(platform, module.params, module.check_mode), {
        "stay": {"type": "list", "elements": "str", "required": True}, "dead": {"type": "list", "elements": "str", "required": True},
        "state_uuid": {"type": "str", "required": True}, "arbitrator": {"type": "str", "default": ""}})


if __name__ == "__main__":
    main()
