#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_packages
short_description: Read which packages of a member could be updated, and update them
version_added: 0.1.0
description:
  - Installed and candidate versions, by the package lists that the host has, and whether the running database has files open
    that an update has replaced. Without other options nothing is changed, the package lists included.
  - Needs nothing on the member but apt.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  packages:
    description: The Debian packages to ask for; those that are not installed are left out.
    type: list
    elements: str
    required: true
  refresh:
    description: Fetch the lists of packages first. They are no setting of the member, so this is no change; not in check mode.
    type: bool
    default: false
  missing:
    description: Also tell what installing those of O(packages) that are not installed would replace.
    type: bool
    default: false
  install:
    description:
      - Packages that are installed, and the version that each must have. Configuration files that were changed stay as they are;
        nothing is removed or downgraded. Packages may restart the services that they contain.
    type: dict
    default: {}
seealso:
  - module: senhasegura.cluster.cluster_rolling_plan
"""

EXAMPLES = r"""
- name: Read what could be updated
  senhasegura.cluster.cluster_packages:
    packages: [galera-4, mariadb-server]
  register: senhasegura_updates

- name: Update one of them
  senhasegura.cluster.cluster_packages:
    packages: [galera-4]
    install:
      galera-4: 26.4.23-0+deb12u1
"""

RETURN = r"""
updates:
  description:
    - C(packages) (name to C(installed), C(candidate), C(newer), C(held)), C(replaced) (files that the database still runs
      though newer ones took their place) and C(unfinished) (packages that dpkg has begun with and not ended), as they are at the
      end.
  returned: always
  type: dict
beside:
  description:
    - Where O(missing) is true, each installed package that installing the missing ones would replace, or take away; name to C(installed) and C(candidate)
      (versions; C("") for what is taken away).
  returned: always
  type: dict
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _wrong(platform, versions):
    """The packages that are not installed in the version asked for: name to the installed version, "" for none."""
    present = platform.updates(sorted(versions))["packages"] if versions else {}
    installed = {name: present.get(name, {}).get("installed", "") for name in versions}
    return {name: version for name, version in installed.items() if version != versions[name]}


def _beside(module, platform, present):
    missing = [name for name in module.params["packages"] if name not in present] if module.params["missing"] else []
    return platform.packages_beside(missing) if missing else {}


def _work(module, platform):
    wanted = {name: str(version) for name, version in module.params["install"].items()}
    if module.params["refresh"] and not module.check_mode:
        platform.refresh_packages()
    before = _wrong(platform, wanted)
    if before and not module.check_mode:
        platform.install_packages({name: wanted[name] for name in before})
        left = _wrong(platform, wanted)
        if left:
            raise ClusterError("packages were updated but are not as asked: %s" % ", ".join(
                "%s is %s, not %s" % (name, left[name] or "not installed", wanted[name]) for name in sorted(left)))
    updates = platform.updates(module.params["packages"])
    return {"changed": bool(before), "updates": updates, "beside": _beside(module, platform, updates["packages"]),
            "diff": {"before": "".join("%s %s\n" % item for item in sorted(before.items())),
                     "after": "".join("%s %s\n" % (name, wanted[name]) for name in sorted(before))}}


def main():
    """Read, and update what is asked for."""
    run_module(_work, {
        "packages": {"type": "list", "elements": "str", "required": True},
        "refresh": {"type": "bool", "default": False},
        "missing": {"type": "bool", "default": False},
        "install": {"type": "dict", "default": {}},
    })


if __name__ == "__main__":
    main()
