#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_checksum
short_description: Read the checksums of replicated tables, each at a position of the cluster
version_added: 0.1.0
description:
  - C(CHECKSUM TABLE) of every InnoDB table that is not MariaDB's own, in one snapshot behind a causal read, with C(wsrep_last_committed)
    right before and behind the beginning of the snapshot. Checksums of two members can be compared when all four positions are the same.
  - Reads every row of every table.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.info
  - senhasegura.cluster.platform
options:
  tables:
    description: The tables, as C(schema.table) or as an earlier reading named them; V(all) for all of them.
    type: list
    elements: str
    default: [all]
  position:
    description: Begin the snapshot when the cluster reaches this position; waited for at most some seconds.
    type: int
    default: 0
seealso:
  - module: senhasegura.cluster.cluster_compare
"""

EXAMPLES = r"""
- name: Read the checksums
  senhasegura.cluster.cluster_checksum:
  register: senhasegura_checksums
"""

RETURN = r"""
tables:
  description: Per table C(before), C(after), C(now) (positions around the beginning of the snapshot, and at the end) and C(checksum), which is NULL where there is no such table.
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    return {"changed": False, "tables": platform.checksums(module.params["tables"], module.params["position"])}


def main():
    """Read and tell."""
    run_module(_work, {"tables": {"type": "list", "elements": "str", "default": ["all"]},
                       "position": {"type": "int", "default": 0}})


if __name__ == "__main__":
    main()
