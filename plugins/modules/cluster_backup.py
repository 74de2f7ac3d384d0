#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_backup
short_description: Back up a member's data before it is replaced
version_added: 0.1.0
description:
  - Joining replaces the joining member's database. This copies it aside first, with C(mariadb-backup) where it runs
    (prepared, so ready to be copied back), else by copying the stopped data directory, whose files the copy must all have. On the
    C(orbit) platform it is C(orbit backup create), whose result is read to its end.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  directory:
    description: Where backups are kept; made if absent, readable by root alone.
    type: path
    default: /var/backups/senhasegura-cluster
  set_aside:
    description:
      - Stop the database and rename its data directory instead of copying it. For a member that holds another history,
        which must be seeded anew with a full state transfer.
    type: bool
    default: false
  invocation:
    description:
      - For O(set_aside), the run of the member's service that a plan was made of and that was ended for this, as systemd names it. Where
        the database runs, or has run since, nothing is set aside. Without it nothing is asked.
    type: str
"""

EXAMPLES = r"""
- name: Back up what the join will replace
  senhasegura.cluster.cluster_backup:
"""

RETURN = r"""
backup:
  description: The backup's C(path) and its C(bytes). Empty in check mode.
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._guard import set_aside
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    directory = module.params["directory"]
    aside = module.params["set_aside"]
    words = "the data directory set aside" if aside else "a backup in %s" % directory
    backup = {}
    if not module.check_mode:
        backup = set_aside(platform, module.params["invocation"]) if aside else platform.backup(directory)
    return {"changed": True, "backup": backup, "diff": {"before": "", "after": words + "\n"}}


def main():
    """Back up and tell where."""
    run_module(_work, {"directory": {"type": "path", "default": "/var/backups/senhasegura-cluster"},
                       "set_aside": {"type": "bool", "default": False}, "invocation": {"type": "str"}})


if __name__ == "__main__":
    main()
