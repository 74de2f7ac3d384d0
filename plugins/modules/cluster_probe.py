#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_probe
short_description: Measure what a member needs before it is in a cluster
version_added: 0.1.0
description:
  - What C(check_cluster) asks of a member beside M(senhasegura.cluster.cluster_info). Never writes.
  - Phase V(together) is V(listen) and V(measure) in one, which waits up to 3 seconds until the listeners of all peers greet, for
    members that are all asked at once. Where anything is out of the ordinary (a peer does not greet, a port is filtered) it
    gives C(met=false) and nothing of it counts; then the phases are for asking one after the other.
  - Phase V(listen) starts a listener on the member's own address where nothing listens on the cluster's ports, so that a
    firewall that refuses is told apart from a port on which nobody listens. The listener ends when every peer has said goodbye,
    on V(stop), or after O(seconds).
  - Phase V(knock) is the arbitrator's, which votes and is no member. It only tries TCP and UDP 4567 of every peer.
  - Phase V(measure) tries every port of every peer, measures round trips, loss, clocks, names and DNS servers, and meanwhile
    reads the host and the database's accounts.
  - As a task of a playbook, what is not given is taken from the inventory group C(senhasegura) and from what the tasks before
    registered.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes.info
  - senhasegura.cluster.attributes.actiongroup_cluster
  - senhasegura.cluster.platform
options:
  phase:
    description: What to do.
    type: str
    choices: [together, listen, knock, measure, stop]
    required: true
  name:
    description: This member's name.
    type: str
    default: ""
  address:
    description: The address to listen on; empty listens nowhere.
    type: str
    default: ""
  token:
    description: What tells the listeners of one run from those of another. No secret.
    type: str
    default: ""
  peers:
    description: The other members.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      address:
        description: Its address.
        type: str
        required: true
      hostname:
        description: The hostname to resolve; empty for none.
        type: str
        default: ""
      ports:
        description: The TCP ports to try. A member that receives a state transfer must not be disturbed on 4444.
        type: list
        elements: int
        default: [4444, 4567, 4568]
  arbitrator:
    description: The arbitrator's address, whose port 4567 is tried as well; empty for none.
    type: str
    default: ""
  arbitrator_listens:
    description: Whether a listener of this run is on the arbitrator's port, so that silence there over UDP proves something.
    type: bool
    default: false
  ports:
    description: TCP ports beside the cluster's to listen on where nothing does, for V(listen) and V(together).
    type: list
    elements: int
    default: []
  backup_directory:
    description: Where C(cluster_backup) keeps backups, of which V(measure) and V(together) tell the newest whole one; empty asks for none.
    type: path
    default: ""
  seconds:
    description: After which the listener ends in any case.
    type: float
    default: 30
seealso:
  - module: senhasegura.cluster.cluster_check
"""

EXAMPLES = r"""
- name: Listen for the moment of the test
  senhasegura.cluster.cluster_probe:
    phase: listen
  register: senhasegura_listening

- name: Measure
  senhasegura.cluster.cluster_probe:
    phase: measure
  register: senhasegura_measured
"""

RETURN = r"""
probed:
  description: What was found. V(listen) gives C(listening); V(measure) gives C(links), C(names), C(dns), C(listened), C(net_check),
    C(host), C(database), C(default_account), C(backup); V(together) gives all of these and C(met); V(knock) gives
    C(links); V(stop) gives C(stopped).
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._probe import OPTIONS, probe
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _work(module, platform):
    return {"changed": False, "probed": probe(platform, module.params)}


def main():
    """Read and tell."""
    run_module(_work, OPTIONS)


if __name__ == "__main__":
    main()
