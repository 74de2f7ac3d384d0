# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This run's lock, as the modules take it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_lock
short_description: The lock of this run of ansible-playbook
version_added: 0.1.0
description:
  - What the option C(lock) of the modules takes, so that two controllers never change one cluster at once. Use it in
    C(module_defaults) of the action group C(senhasegura.cluster.cluster), in plays that change something.
  - Locks of runs of this same controller that are no more are replaced; with the variable C(senhasegura_take_over) all are.
  - An error while another run's lock stands on any member that was observed; not in check mode, which changes nothing.
  - An error where the C(ansible-playbook) of this run was killed; its workers live on, and would go on with their tasks.
author:
  - senhasegura.cluster contributors (@senhasegura)
options:
  _terms:
    description: V(held) gives sentences about who else is changing the cluster instead, and is no error.
    type: list
    elements: str
  work:
    description: What the run does, where a later one must know what it has done when it was interrupted.
    type: str
    default: ""
  resumes:
    description: Whether it finishes what an interrupted run of the same O(work) has begun.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Change something
  hosts: senhasegura
  module_defaults:
    group/senhasegura.cluster.cluster:
      lock: "{{ lookup('senhasegura.cluster.run_lock') }}"
  tasks: []
"""

RETURN = r"""
_raw:
  description: The lock, with C(token), C(holder), C(replaces), C(work) and C(resumes); or sentences.
  type: list
  elements: raw
"""

import getpass
import multiprocessing
import os
import socket

from ansible.errors import AnsibleLookupError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.lookup import LookupBase
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._inventory import OBSERVATION
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._run_lock import dead_tokens, held, standing, token_of


class LookupModule(LookupBase):
    """The lock of this process, which is the same in all its workers."""

    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        hostvars = variables["hostvars"]
        observations = {name: hostvars[name].get(OBSERVATION) or {} for name in variables["groups"].get("senhasegura", [])}
        lock, sentences = _run_lock(observations, boolean(variables.get("senhasegura_take_over", False)))
        if terms == ["held"]:
            return sentences
        if sentences and not variables.get("ansible_check_mode"):
            raise AnsibleLookupError("\n".join(sentences))
        return [dict(lock, work=self.get_option("work"), resumes=self.get_option("resumes"))]


def _run_lock(observations, take_over):
    """This run's lock, and who is in its way.

    :param observations: dict of member name to observation.
    :param take_over: whether the locks of runs that still live are replaced.
    :returns: tuple of the lock (dict of ``token``, ``holder``, ``replaces``) and a list of sentences.
    :raises AnsibleLookupError: in a worker whose run was killed: workers live on, and nobody reads what this one would do.
    """
    where, pid = _where(), _pid()
    started = _started(pid)
    if started is None:
        raise AnsibleLookupError("This run's ansible-playbook (process %d) was killed; nothing more is done for it. Run it again." % pid)
    token, locks = token_of(where, pid, started), standing(observations)
    tokens = {lock["token"] for lock in locks.values()}
    replaces = (tokens if take_over else dead_tokens(locks, where, _runs)) - {token}
    holder = "%s@%s (process %d)" % (getpass.getuser(), socket.gethostname(), pid)
    return {"token": token, "holder": holder, "replaces": sorted(replaces)}, held(locks, replaces | {token})


def _pid():
    """The process of the whole run: tasks are worked on by its children."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent else os.getpid()


def _started(pid):
    """When a process started, in the kernel's ticks since boot (proc(5), field 22); None where it has ended (field 3: a zombie)."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as handle:
            fields = handle.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _runs(pid, started):
    """Whether a process still runs, as far as this one may know: who does not see everybody's processes has no proof that one is gone."""
    return not os.path.exists("/proc/1/stat") or _started(pid) == started


def _where():
    """The boot of this controller, and its namespace of processes: containers of one machine share the one, and number their processes anew."""
    with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as handle:
        return "%s.%d" % (handle.read().strip(), os.stat("/proc/self/ns/pid").st_ino)
