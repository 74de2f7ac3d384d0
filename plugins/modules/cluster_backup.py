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

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    directory = module.params["directory"]
    set_aside = module.params["set_aside"]
    words = "the data directory set aside" if set_aside else "a backup in %s" % directory
    backup = {}
    if not module.check_mode:
        backup = platform.set_aside() if set_aside else platform.backup(directory)
    return {"changed": True, "backup": backup, "diff": {"before": "", "after": words + "\n"}}


def main():
    """Back up and tell where."""
    run_module(_work, {"directory": {"type": "path", "default": "/var/backups/senhasegura-cluster"},
                       "set_aside": {"type": "bool", "default": False}})


if __name__ == "__main__":
    main()
