#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_host
short_description: Set hostname, DNS and NTP of an appliance
version_added: 0.1.0
description:
  - What the vendor wants configured before a cluster is made, by the appliance's own commands (C(orbit hostname), C(orbit dns),
    C(orbit ntp)). What is not given stays as it is.
  - On the C(galera) platform role C(prepare) does the same to files and services of Debian, and this module refuses.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  hostname:
    description: The hostname.
    type: str
  dns_servers:
    description: Addresses of the DNS servers.
    type: list
    elements: str
  dns_search:
    description: Domains that are tried for a name without dots.
    type: list
    elements: str
  ntp_servers:
    description: Names or addresses of the NTP servers.
    type: list
    elements: str
seealso:
  - module: senhasegura.cluster.cluster_admit
"""

EXAMPLES = r"""
- name: Name the servers
  senhasegura.cluster.cluster_host:
    dns_servers: [10.0.0.2]
    ntp_servers: [ntp.example.com]
"""

RETURN = r"""
host:
  description: The settings that were asked for, as they were before.
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import difference, run_module

_OPTIONS = {
    "hostname": {"type": "str"},
    "dns_servers": {"type": "list", "elements": "str"},
    "dns_search": {"type": "list", "elements": "str"},
    "ntp_servers": {"type": "list", "elements": "str"},
}


def _differing(seen, wanted):
    return [name for name in wanted if seen[name] != wanted[name]]


def _work(module, platform):
    wanted = {name: module.params[name] for name in _OPTIONS if module.params[name] is not None}
    before = platform.host_settings(list(wanted))
    differing = _differing(before, wanted)
    if differing and not module.check_mode:
        platform.set_host(wanted, differing)
        after = platform.host_settings(differing)
        left = _differing(after, {name: wanted[name] for name in differing})
        if left:
            raise ClusterError("what was set is told otherwise afterwards: " + "; ".join(
                "%s is %s, not %s" % (name, after[name], wanted[name]) for name in left))
    return {"changed": bool(differing), "host": before, "diff": difference("host", before, wanted)}


def main():
    """Set what differs."""
    run_module(_work, _OPTIONS)


if __name__ == "__main__":
    main()
