# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which platform a member is: the only place that knows all of them."""

from __future__ import annotations

from .._errors import ClusterError
from .galera import GaleraPlatform

_PLATFORMS = {"galera": GaleraPlatform}

CHOICES = ("auto",) + tuple(sorted(_PLATFORMS))


def select(name, run):
    """The platform of this member.

    :param name: ``auto`` (the default of every module), or a platform by name.
    :param run: the :class:`_runner.Runner`.
    :raises ClusterError: for a name that is not one.
    """
    if name == "auto":
        name = "galera"
    if name not in _PLATFORMS:
        raise ClusterError("platform must be one of %s, not %r" % (", ".join(CHOICES), name))
    return _PLATFORMS[name](run)
