#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_history
short_description: Have InnoDB tell a position, keep Galera's control files, and remember an unfinished work
version_added: 0.1.0
description:
  - What M(senhasegura.cluster.cluster_info) cannot read without writing. A member that did not stop cleanly has no position in
    C(grastate.dat); InnoDB's own recovery, which runs before every start of MariaDB anyway, finds it.
  - Before a recovery, C(grastate.dat) and C(gvwstate.dat) are copied aside, and what begins is recorded, so that a run that is
    killed is finished by the next one.
author:
  - senhasegura.cluster contributors (@senhasegura)
extends_documentation_fragment:
  - senhasegura.cluster.attributes
  - senhasegura.cluster.platform
options:
  state:
    description:
      - V(told) copies the control files aside and asks InnoDB for the position of a stopped member; not in check mode, since that
        writes.
      - V(begun) copies the control files aside into C(/var/lib/senhasegura-cluster/control-files) and records O(work).
      - V(finished) forgets the record of O(work); the copies stay.
      - V(left_behind) records O(addresses), without which this member's component is made primary at O(position); V(taken_back) forgets
        them.
    type: str
    choices: [told, begun, finished, left_behind, taken_back]
    required: true
  work:
    description:
      - What begins or is finished. V(comparison) takes the place of V(reseed) when the member is restored with new data, which are not
        compared yet. V(recovery) has a record of its own, so that a recovery between them leaves theirs as it is.
    type: str
    choices: [recovery, reseed, comparison]
    default: recovery
  anew:
    description: Whether what an interrupted run has done of O(work) does not count, such as a data directory that it has set aside.
    type: bool
    default: false
  addresses:
    description: The members that were left behind.
    type: list
    elements: str
    default: []
  names:
    description: How the inventory calls the members that were left behind, in the order of O(addresses). They may come back with other addresses.
    type: list
    elements: str
    default: []
  position:
    description: C(uuid) and C(seqno) at which those who are left go on.
    type: dict
  chosen:
    description: The inventory name of the member that is bootstrapped; empty for none.
    type: str
    default: ""
seealso:
  - module: senhasegura.cluster.cluster_recovery
"""

EXAMPLES = r"""
- name: Have InnoDB tell the position
  senhasegura.cluster.cluster_history:
    state: told
"""

RETURN = r"""
position:
  description:
    - C(uuid), C(seqno), C(gtid) (MariaDB's own, where C(wsrep_gtid_mode) keeps one), C(problem), which is empty when they are known,
      and C(copies), where the control files are kept. Empty in check mode.
  returned: with O(state=told)
  type: dict
copies:
  description: Where the control files are kept. Empty in check mode.
  returned: with O(state=begun)
  type: str
"""

from ansible_collections.senhasegura.cluster.plugins.module_utils._step import run_module


def _told(module, platform):
    position = {} if module.check_mode else platform.position()
    return {"changed": True, "position": position, "diff": {"before": "", "after": "control files copied aside, InnoDB recovered\n"}}


def _begun(module, platform):
    copies = "" if module.check_mode else platform.begin(*(module.params[name] for name in ("work", "chosen", "anew")))
    return {"changed": True, "copies": copies, "diff": {"before": "", "after": "control files copied aside\n"}}


def _finished(module, platform):
    work = module.params["work"]
    before = platform.saved()["unfinished" if work == "recovery" else "seeding"]
    if before and not module.check_mode:
        platform.finish(work)
    return {"changed": bool(before), "diff": {"before": "unfinished\n" if before else "", "after": ""}}


def _left_behind(module, platform):
    addresses, names, before = module.params["addresses"], module.params["names"], platform.saved()["left_behind"]
    positions = {address: dict(module.params["position"], **({"name": names[index]} if names else {})) for index, address in enumerate(addresses)}
    after = dict(positions, **before)
    if after != before and not module.check_mode:
        platform.leave_behind(positions)
    return _changed(before, after)


def _taken_back(module, platform):
    before = platform.saved()["left_behind"]
    after = {address: position for address, position in before.items() if address not in module.params["addresses"]}
    if after != before and not module.check_mode:
        platform.take_back(module.params["addresses"])
    return _changed(before, after)


def _changed(before, after):
    return {"changed": before != after, "diff": {"before": "left behind: %s\n" % (", ".join(sorted(before)) or "nobody"),
                                                 "after": "left behind: %s\n" % (", ".join(sorted(after)) or "nobody")}}


def main():
    """Tell, begin, finish, or remember who was left behind."""
    works = {"told": _told, "begun": _begun, "finished": _finished, "left_behind": _left_behind, "taken_back": _taken_back}
    run_module(lambda module, platform: works[module.params["state"]](module, platform), {
        "state": {"type": "str", "choices": ["told", "begun", "finished", "left_behind", "taken_back"], "required": True},
        "addresses": {"type": "list", "elements": "str", "default": []},
        "names": {"type": "list", "elements": "str", "default": []},
        "position": {"type": "dict"},
        "work": {"type": "str", "choices": ["recovery", "reseed", "comparison"], "default": "recovery"},
        "anew": {"type": "bool", "default": False},
        "chosen": {"type": "str", "default": ""}})


if __name__ == "__main__":
    main()
