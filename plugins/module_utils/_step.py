# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one path of every step: read, compare, show the difference, (check mode stops here), write, read again."""

from __future__ import annotations

import json

from ansible.module_utils.basic import AnsibleModule

from ._errors import ClusterError
from ._lock import OPTIONS, holding
from ._platforms.select import select
from ._runner import Runner
from ._specs import STEP_OPTIONS
from ._values import COMPARISONS
from ._wanted import wanted_settings

COMMON = {"platform": {"type": "str", "default": "auto"}, "lock": {"type": "dict", "options": OPTIONS}}


def apply_step(platform, step, options, check_mode):
    """Bring one step's settings about.

    :param platform: the :class:`_platforms.interface.Platform`.
    :param check_mode: compare and tell, write nothing.
    :returns: dict of ``changed``, ``diff``, ``restart_required`` (bool), ``restart_reasons``.
    :raises ClusterError: when what was written does not read back.
    """
    if options.get("prepare"):
        return _prepare_sync(platform, check_mode)
    capabilities = platform.capabilities()
    before = platform.read(step)
    wanted = wanted_settings(step, options, capabilities["decides"])
    after = dict(before, **wanted)
    _refuse(step, before, after, capabilities)
    changed = before != after
    if changed and not check_mode:
        platform.write(step, after)
        written = platform.read(step)
        # What the platform chooses itself may have changed with it, and what only follows from the others.
        follows = list(capabilities["decides"]) + list(COMPARISONS)
        asked = [name for name in after if name in wanted or "%s.%s" % (step, name) not in follows]
        if any(written.get(name) != after[name] for name in asked):
            raise ClusterError("step %s was written but reads back differently: wanted %s, read %s"
                               % (step, _shown(after), _shown(written)))
    reasons = platform.restart_required(step, after)
    return {"changed": changed, "diff": difference(step, before, after), "restart_reasons": reasons,
            "restart_required": bool(reasons)}


def _prepare_sync(platform, check_mode):
    """Only make the key that the peers need before anything is synchronized."""
    present = platform.sync_state()["public_key"]
    changed = not present
    if changed and not check_mode:
        present = platform.prepare_sync()
    return {"changed": changed, "diff": {"before": "", "after": "a key of the file synchronizers\n" if changed else ""},
            "public_key": present, "restart_reasons": [], "restart_required": False}


def _refuse(step, before, after, capabilities):
    """What this platform cannot change, or not now, is an error and never left out."""
    for name in [name for name in after if before.get(name) != after[name]]:
        setting = "%s.%s" % (step, name)
        if setting in capabilities["refused"]:
            raise ClusterError("%s cannot be changed: %s" % (setting, capabilities["refused"][setting]))
        if setting in capabilities["manual"]:
            raise ClusterError("no command of this member sets %s to %s" % (setting, json.dumps(after[name])),
                               remedy=capabilities["manual"][setting].replace("{}", str(after[name])))


def _shown(settings):
    return json.dumps(settings, sort_keys=True)


def difference(step, before, after):
    """Only the settings that differ, one a line, as ``--diff`` shows them."""
    names = [name for name in after if before.get(name) != after[name]]
    return {"before_header": step, "after_header": step,
            "before": "".join("%s: %s\n" % (name, json.dumps(before.get(name))) for name in names),
            "after": "".join("%s: %s\n" % (name, json.dumps(after[name])) for name in names)}


def run_module(work, spec, supports_check_mode=True):
    """The bottom of every module: the only place where domain errors become a failed task.

    :param work: called with the module and its platform; returns the result.
    :param spec: the module's own options; ``platform`` and ``lock`` are added. In check mode, which changes nothing, no lock is held.
    """
    module = AnsibleModule(argument_spec=dict(spec, **COMMON), supports_check_mode=supports_check_mode)
    try:
        with holding(None if module.check_mode else module.params["lock"]):
            result = work(module, select(module.params["platform"], Runner()))
    except ClusterError as error:
        module.fail_json(msg=error.text(), **error.facts())
    module.exit_json(**result)


def run_step(step):
    """A step's module: its options through :func:`apply_step`."""
    def work(module, platform):
        return apply_step(platform, step, module.params, module.check_mode)
    run_module(work, STEP_OPTIONS[step])
