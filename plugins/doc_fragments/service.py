# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What the modules document alike that change the service on their way."""

    DOCUMENTATION = r"""
options:
  service:
    description:
      - Change the service in the same remote execution, as M(senhasegura.cluster.cluster_service) with these options does.
    type: dict
    suboptions:
      state:
        description: What the service shall be.
        type: str
        choices: [started, stopped, restarted, bootstrapped]
        required: true
      members:
        description: The addresses of all declared members.
        type: list
        elements: str
      address:
        description: This member's own address.
        type: str
      proven_outside:
        description: The addresses that a plan has just proven to be in no primary component.
        type: list
        elements: str
      lost:
        description: The addresses that a person declared lost.
        type: list
        elements: str
        default: []
      donors:
        description: Names of members from whom it rather receives all data in this start, should it have to; any other one after them.
        type: list
        elements: str
        default: []
      only_donors:
        description: Whether it receives them from nobody but O(service.donors).
        type: bool
        default: false
      replaces:
        description:
          - The names of the schemas that a plan saw on this member. One that is in no primary component and holds others is neither
            changed nor started. Without it nothing is asked.
        type: list
        elements: str
      seen:
        description: What a plan was made of on this member. Where its database is another one by now, nothing is changed.
        type: dict
        suboptions:
          uuid:
            description: The history that is saved on its disk, which with O(service.seen.seqno) counts where its database does not run.
            type: str
          seqno:
            description: The position that is saved there.
            type: int
          invocation:
            description: The run of its service, as systemd names it. Empty where it has not run since the host booted.
            type: str
            required: true
      outside:
        description: Whether the plan proved that this member serves in no primary component, so that it may be stopped there.
        type: bool
        default: false
      expected:
        description: The addresses of the members that must be in this member's component now.
        type: list
        elements: str
      arriving:
        description: Members that are being restored by themselves meanwhile.
        type: list
        elements: str
        default: []
      arbitrator:
        description: The arbitrator's address.
        type: str
        default: ""
"""
