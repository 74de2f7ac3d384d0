# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failure is what it says, with every ansible-core."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils._failure import ClusterActionFail


def test_a_failure_brings_its_sentences_and_its_result_and_no_traceback():
    failure = ClusterActionFail("It is refused.\n- why", result={"files": ["report"]})
    assert str(failure) == "It is refused.\n- why"
    assert failure.result == {"failed": True, "msg": "It is refused.\n- why", "files": ["report"]}
