# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``cluster_steps`` can end with an observation, of which is noted what is noted of ``cluster_info``'s."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.action.cluster_info import ActionModule  # noqa: F401  pylint: disable=unused-import
