# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of the collection supports, said once."""

from __future__ import annotations


class ModuleDocFragment(object):
    """Attributes of modules that write settings."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Writes nothing in check mode and says what would change.
    support: full
  diff_mode:
    description: Shows the settings that differ, before and after.
    support: full
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Never writes, so check mode changes nothing about it.
    support: full
  diff_mode:
    description: Never writes, so there is nothing to show.
    support: N/A
"""

    ACTIONGROUP_CLUSTER = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/senhasegura.cluster.cluster) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - senhasegura.cluster.cluster
"""

    CONTROLLER = r"""
options: {}
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Decides and shows the same, changes nothing and asks for nothing.
    support: full
  diff_mode:
    description: Writes nothing on a member itself, so there is nothing to show.
    support: N/A
"""
