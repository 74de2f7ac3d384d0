#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Documentation of an action plugin: the code is plugins/action/cluster_check.py, and runs on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_check
short_description: Judge what was observed and probed of all members, and report
version_added: 0.1.0
description:
  - Judges what C(cluster_info) and M(senhasegura.cluster.cluster_probe) found on every member, shows a line a check and a column
    a member, and for everything that is not as it must be what was seen, what was expected and how to fix it.
  - Fails when a check fails. Every check is described in C(docs/checks.md).
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.controller
options:
  options:
    description: What is declared for the cluster as a whole, as for M(senhasegura.cluster.cluster_plan).
    type: dict
    required: true
  report_dir:
    description: A directory on the controller for C(check-report.json) and C(check-report.xml) (JUnit); empty for none.
    type: str
    default: ""
  as_warnings:
    description: The ids of checks whose failures are warnings.
    type: list
    elements: str
    default: []
  waivers:
    description: The ids of checks for whose failures somebody answers. They only warn, what is
      unknown of them is skipped, and the report lists the waivers.
    type: list
    elements: str
    default: []
  snapshot_max_age:
    description:
      - How many hours the snapshot of each member may be old that its C(senhasegura_snapshot_taken) acknowledges; with 0
        nothing is looked for, and the check is unknown.
    type: float
    default: 0
  backup_max_age:
    description: How many hours the newest backup of each member that has data may be old; with 0 nothing is looked for,
      and the check is unknown.
    type: float
    default: 0
  canary:
    description: Whether rows were written that every member must show.
    type: bool
    default: false
  tables:
    description: The tables whose checksums were to be compared.
    type: list
    elements: str
    default: []
  brief:
    description: Show only what fails, warns or is unknown, without the table.
    type: bool
    default: false
  repairable:
    description: What a failure is that C(create_cluster) itself repairs.
    type: str
    choices: [fail, warn]
    default: fail
seealso:
  - module: senhasegura.cluster.cluster_probe
"""

EXAMPLES = r"""
- name: Judge, show and write the report
  senhasegura.cluster.cluster_check:
    options: "{{ senhasegura_declared_options }}"
    report_dir: /var/tmp/report
  run_once: true
"""

RETURN = r"""
report:
  description: The report; its JSON schema is C(docs/check-report.schema.json). Where a check fails it is in the files only.
  returned: success
  type: dict
files:
  description: The paths of the files that were written.
  returned: always
  type: list
  elements: str
"""
