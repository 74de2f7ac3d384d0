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
    (prepared, so ready to be copied back), else by copying the stopped data directory.
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
    backup = {} if module.check_mode else platform.backup(directory)
    return {"changed": True, "backup": backup, "diff": {"before": "", "after": "a backup in %s\n" % directory}}


def main():
    """Back up and tell where."""
    run_module(_work, {"directory": {"type": "path", "default": "/var/backups/senhasegura-cluster"}})


if __name__ == "__main__":
    main()
