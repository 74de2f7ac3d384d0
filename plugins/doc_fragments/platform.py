# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every module of the collection has."""

from __future__ import annotations


class ModuleDocFragment(object):
    """The platform of the member, and the run lock."""

    DOCUMENTATION = r"""
options:
  platform:
    description:
      - What the member is. V(galera) is Debian with MariaDB and Galera, V(orbit) the senhasegura appliance.
      - V(auto) takes V(orbit) where the command C(orbit) exists, else V(galera).
    type: str
    default: auto
  lock:
    description:
      - The lock of the run, so that two controllers never change one cluster at once. Whoever carries one is refused while somebody
        else's counts, which it does for 120 seconds after it was last renewed; every remote execution renews its own.
      - The lookup P(senhasegura.cluster.run_lock#lookup) makes it. Without one, nothing is asked. Not in check mode.
    type: dict
    suboptions:
      token:
        description: What tells one run from another. No secret.
        type: str
        required: true
      holder:
        description: Who that is, for people.
        type: str
        required: true
      replaces:
        description: Tokens of locks that are replaced though they still count.
        type: list
        elements: str
        default: []
      release:
        description: Whether the lock is given back when the module has ended well.
        type: bool
        default: false
      work:
        description: What the run does, where a later one must know what it has done when it was interrupted.
        type: str
        default: ""
      resumes:
        description: Whether it finishes what an interrupted run of the same O(lock.work) has begun, and when, is kept.
        type: bool
        default: false
"""
