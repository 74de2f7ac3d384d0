# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which platform a member is: the only place that knows all of them."""

from __future__ import annotations

import shutil

from .._errors import ClusterError


# Imported where they are needed: Ansible sends modules without compiled code, so every import costs a member time.
def _galera(run):
    from .galera import GaleraPlatform
    return GaleraPlatform(run)


def _orbit(run):
    from .orbit import OrbitPlatform
    return OrbitPlatform(run)


_PLATFORMS = {"galera": _galera, "orbit": _orbit}

_BY_COMMAND = (("orbit", "orbit"),)
"""For ``auto``: the command that tells a platform, and the platform; without any of them it is ``galera``."""


def select(name, run):
    """The platform of this member.

    :param name: ``auto`` (the default of every module), or a platform by name.
    :param run: the :class:`_runner.Runner`.
    :raises ClusterError: for a name that is not one.
    """
    if name == "auto":
        found = [platform for command, platform in _BY_COMMAND if shutil.which(command)]
        name = found[0] if found else "galera"
    if name not in _PLATFORMS:
        raise ClusterError("platform must be one of auto, %s, not %r" % (", ".join(sorted(_PLATFORMS)), name))
    return _PLATFORMS[name](run)
