# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an action plugin fails: with its sentences, and nothing else."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail


class ClusterActionFail(AnsibleActionFail):
    """A refusal is no accident: ansible-core before 2.19 adds the traceback of the moment, and tells ``An exception occurred … NoneType: None``
    where there is none. With ansible-core 2.19 as the oldest it is AnsibleActionFail.
    """

    def __init__(self, message, result=None):
        super().__init__(message, result=result)
        self.result.pop("exception", None)
