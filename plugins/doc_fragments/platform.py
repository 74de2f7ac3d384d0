# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that every module of the collection has."""

from __future__ import annotations


class ModuleDocFragment(object):
    """The platform of the member."""

    DOCUMENTATION = r"""
options:
  platform:
    description:
      - What the member is. V(galera) is Debian with MariaDB and Galera, V(orbit) the senhasegura appliance.
      - V(auto) takes V(orbit) where the command C(orbit) exists, else V(galera).
    type: str
    default: auto
"""
