#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_message
short_description: Set the message for the recovery screen
version_added: 0.1.0
description:
  - Step 9 of the vendor's guide (message in case of failure).
  - Kept on the member, and shown to whoever logs in while the member is not in a primary component.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  recovery_message:
    description: The message; empty for none.
    type: str
    default: ""
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Tell whoever logs in whom to call
  senhasegura.cluster.cluster_message:
    recovery_message: The vault is being restored. Call the infrastructure team.
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
    run_step("message")


if __name__ == "__main__":
    main()
