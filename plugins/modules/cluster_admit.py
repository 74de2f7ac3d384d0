#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_admit
short_description: Let the other members in
version_added: 0.1.0
description:
  - Puts addresses on the member's allow list, where its platform has one, before the first of them connects. On the C(orbit)
    platform this is C(orbit wazuh whitelist), which the vendor wants done before clustering.
  - Nothing is taken off the list.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  addresses:
    description: The addresses of the other members, and of the arbitrator.
    type: list
    elements: str
    required: true
seealso:
  - module: senhasegura.cluster.cluster_members
"""

EXAMPLES = r"""
- name: Let two members in
  senhasegura.cluster.cluster_admit:
    addresses: [10.0.0.12, 10.0.0.13]
"""

RETURN = r"""
admitted:
  description: The addresses that were added, or in check mode would be.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _missing(platform, addresses):
    present = platform.admitted()
    return [address for address in addresses if present is None or address not in present]


def _work(module, platform):
    missing = _missing(platform, module.params["addresses"])
    if missing and not module.check_mode:
        platform.admit(missing)
        left = _missing(platform, missing)
        if left:
            raise ClusterError("%s were put on the allow list but are not on it" % ", ".join(left))
    return {"changed": bool(missing), "admitted": missing,
            "diff": {"before": "", "after": "".join("%s\n" % address for address in missing)}}


def main():
    """Add what the list lacks."""
    run_module(_work, {"addresses": {"type": "list", "elements": "str", "required": True}})


if __name__ == "__main__":
    main()
