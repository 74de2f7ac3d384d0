#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_mode
short_description: Choose standalone or cluster and activate replication
version_added: 0.1.0
description:
  - Steps 2 and 3 of the vendor's guide (operation mode, activate replication).
  - On the C(galera) platform writes what MariaDB needs to replicate. Nothing restarts; see RV(restart_required).
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  mode:
    description: Whether the member replicates with others.
    type: str
    choices: [standalone, cluster]
    default: cluster
  cluster_name:
    description:
      - The name that all members share (C(wsrep_cluster_name)). Without it the present name stays.
    type: str
  sst_method:
    description:
      - How this member receives a full state transfer (C(wsrep_sst_method)). The joining member's setting decides.
      - Without it the present method stays.
    type: str
    choices: [rsync, mariabackup]
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Activate replication
  senhasegura.cluster.cluster_mode:
    mode: cluster
    cluster_name: vault
"""

RETURN = r"""
restart_required:
  description: Whether the member runs with other settings than are written, so that it has to restart.
  returned: always
  type: bool
restart_reasons:
  description: What runs differently from what is written, in words.
  returned: always
  type: list
  elements: str
  sample: ["gmcast.segment runs as 0, written 2"]
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_step


def main():
    """Bring the step about: see module_utils/_step.py."""
    run_step("mode")


if __name__ == "__main__":
    main()
