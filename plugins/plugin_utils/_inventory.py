# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From Ansible's variables to the arguments of the rules. Pure."""

from __future__ import annotations

import re

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused

GROUP = "senhasegura"
ARBITRATOR_GROUP = "senhasegura_arbitrator"
OBSERVATION = "senhasegura_observation"
"""The variable in which role ``preflight`` registers what ``cluster_info`` read, on every member."""

HISTORY = "senhasegura_history"
"""The variable in which it registers what ``cluster_history`` told of a member that did not stop cleanly."""

CHECKSUMS = "senhasegura_checksums"
"""The variable in which it registers what ``cluster_checksum`` read."""

_WRAPPING = re.compile(r"^(Task failed: )?(Failed to connect to the host via ssh: "
                       r"|Data could not be sent to remote host .* can be reached over ssh: )?"
                       r"(mux_client_request_session: .*? (?=ssh: ))?", re.IGNORECASE)
"""What ansible-core puts before ssh's own words, which of the two depends on whether ssh died before its input was written; and what
ssh says before them when a connection that it shared was cut.
"""


_NO_PYTHON = "; there is no Python there: install python3, or name where it is in ansible_python_interpreter"


def _is_no_python(registered, said):
    """Whether a module could not even start; 127 is the shell's status for a program that is not there."""
    return "interpreter" in said.lower() and "not found" in said.lower() or registered.get("rc") == 127


def variables_of(task_vars):
    """The members as the inventory has them, in its order.

    :returns: dict of host name to dict of ``address``, ``segment``, ``port``.
    """
    hostvars = task_vars["hostvars"]
    found = {}
    for name in task_vars["groups"].get(GROUP, []):
        mine = hostvars[name]
        found[name] = {"address": mine.get("senhasegura_address", mine.get("ansible_host", name)),
                       "segment": mine.get("senhasegura_segment"), "port": mine.get("ansible_port")}
    return found


def arbitrator_of(task_vars):
    """The host of the inventory that is the arbitrator: tuple of name and address, of empty texts where there is none."""
    for name in task_vars["groups"].get(ARBITRATOR_GROUP, [])[:1]:
        try:
            return name, _values.address(task_vars["hostvars"][name].get("ansible_host", name))
        except ValueRefused:  # what is no address is refused where the arbitrator is declared
            break
    return "", ""


def peers_of(task_vars):
    """The addresses of all members but the one that the task runs for; what is no address is the plan's to refuse."""
    found = []
    for name, variables in variables_of(task_vars).items():
        try:
            address = _values.address(variables["address"])
        except ValueRefused:
            continue
        if name != task_vars["inventory_hostname"]:
            found.append(address)
    return found


def observations_of(declared, hostvars):
    """What was observed of every declared member, or why nothing was.

    :returns: dict of member name to dict of ``observed``, ``asked_at``, ``answered_at``, or ``unknown``.
    """
    return {member["name"]: observation_of(hostvars[member["name"]].get(OBSERVATION)) for member in declared["members"]}


def observation_of(registered):
    """What one host answered, or ``unknown``: why it did not; with ``unasked`` where nobody asked it."""
    if registered is None:
        return {"unknown": "it was not observed (--limit must not leave a member out)", "unasked": True}
    if registered.get("unreachable"):
        said = " ".join(str(registered.get("msg", "no reason")).split())
        return {"unknown": "it cannot be reached: %s" % _WRAPPING.sub("", said)}
    if "observed" not in registered:
        said = " ".join(str(registered.get("msg", "no reason")).split()).rstrip(".")
        return {"unknown": "it did not answer: %s%s" % (said, _NO_PYTHON if _is_no_python(registered, said) else "")}
    return {key: registered[key] for key in ("observed", "asked_at", "answered_at")}


def keeping_of(declared, hostvars):
    """What is asked to be kept of every declared member before anything changes.

    :returns: dict of member name to dict of ``backup`` and ``snapshot`` (bool): by ``senhasegura_backup_before`` and
        ``senhasegura_snapshot_tasks``.
    """
    asked = {member["name"]: hostvars[member["name"]] for member in declared["members"]}
    return {name: {"backup": boolean(mine.get("senhasegura_backup_before") or False),
                   "snapshot": bool(mine.get("senhasegura_snapshot_tasks"))} for name, mine in asked.items()}


def snapshot_problems(declared, hostvars, is_file):
    """What is wrong with the task files that are to take snapshots: Ansible would look for them only when the Yes was said.

    A path that is not absolute would be looked for in folders of this collection.

    :param is_file: tells of an absolute path whether there is a file on the controller.
    :returns: list of sentences.
    """
    asked = {}
    for member in declared.get("members", []):
        path = str(hostvars[member["name"]].get("senhasegura_snapshot_tasks") or "")
        if path and not (path.startswith(("/", "~")) and is_file(path)):
            asked.setdefault(path, []).append(member["name"])
    return ["senhasegura_snapshot_tasks of %s must be the absolute path of a file that is on the controller, not %s" % (", ".join(names), path)
            for path, names in asked.items()]


def backup_directories_of(declared, hostvars):
    """Where every declared member keeps its backups: dict of name to path, "" where nobody chose one."""
    return {member["name"]: str(hostvars[member["name"]].get("senhasegura_backup_directory") or "") for member in declared["members"]}


def hostnames_of(declared, hostvars):
    """The hostname that ``prepare_members`` gives every declared member: dict of name to ``senhasegura_hostname``, or the name itself."""
    return {member["name"]: str(hostvars[member["name"]].get("senhasegura_hostname", member["name"])) for member in declared["members"]}


def kept_order(declared, keeping):
    """Those of whom something is kept, in the vendor's order: from the last member to the primary.

    :param keeping: of :func:`keeping_of`.
    """
    names = [member["name"] for member in reversed(declared["members"]) if any(keeping[member["name"]].values())]
    return sorted(names, key=lambda name: name == declared["primary"])


def positions_of(declared, hostvars):
    """What InnoDB told of the members that were asked.

    :returns: dict of member name to dict of ``uuid``, ``seqno``, ``problem``.
    """
    told = {member["name"]: (hostvars[member["name"]].get(HISTORY) or {}).get("position") for member in declared["members"]}
    return {name: position for name, position in told.items() if position}
