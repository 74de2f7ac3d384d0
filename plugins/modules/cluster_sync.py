#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_sync
short_description: Set the file synchronizers and the sync timeout
version_added: 0.1.0
description:
  - Steps 4 and 5 of the vendor's guide (synchronizers, sync timeout).
  - On the C(galera) platform Debian's lsyncd pushes each path with rsync over SSH to every peer, under a key of its own
    that can do nothing else. Nothing is deleted on the other side.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  enabled:
    description: Whether files are synchronized. When not, nothing is running.
    type: bool
    default: true
  timeout:
    description: Seconds that one attempt may take, 1 to 3600.
    type: int
    default: 15
  paths:
    description: Directories whose files reach all the other members. Without it the present ones stay.
    type: list
    elements: path
  prepare:
    description:
      - Only make this member's own key, which the other members need as O(peers) before anything is synchronized.
    type: bool
    default: false
  peers:
    description: The other members. Without it the present ones stay.
    type: list
    elements: dict
    suboptions:
      address:
        description: The peer's address.
        type: str
        required: true
      port:
        description: The port of its SSH server.
        type: int
        default: 22
      public_key:
        description: The public key with which it pushes.
        type: str
        required: true
      host_key:
        description: The public key of its SSH server.
        type: str
        required: true
seealso:
  - module: senhasegura.cluster.cluster_steps
  - module: senhasegura.cluster.cluster_info
"""

EXAMPLES = r"""
- name: Push the application's files to one peer
  senhasegura.cluster.cluster_sync:
    timeout: 15
    paths: [/srv/senhasegura]
    peers:
      - address: 10.0.0.12
        public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample1
        host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample2
"""

RETURN = r"""
public_key:
  description: This member's public key.
  returned: with O(prepare)
  type: str
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
    """Bring the step about, or only make the key that the peers need."""
    run_step("sync")


if __name__ == "__main__":
    main()
