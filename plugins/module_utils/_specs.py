# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every step: used by the step's own module, and by ``cluster_steps`` and ``cluster_restored``."""

from __future__ import annotations

from ._values import LATENCIES, MODES, SERVICE_STATES, SST_METHODS, SYNC_TIMEOUT_DEFAULT

STEP_OPTIONS = {
    "mode": {
        "mode": {"type": "str", "choices": list(MODES), "default": "cluster"},
        "cluster_name": {"type": "str"},
        "sst_method": {"type": "str", "choices": list(SST_METHODS)},
    },
    "sync": {
        "enabled": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": SYNC_TIMEOUT_DEFAULT},
        "paths": {"type": "list", "elements": "path"},
        "peers": {"type": "list", "elements": "dict", "options": {
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "default": 22},
            "public_key": {"type": "str", "required": True, "no_log": False},
            "host_key": {"type": "str", "required": True, "no_log": False},
        }},
        "prepare": {"type": "bool", "default": False},
    },
    "members": {
        "members": {"type": "list", "elements": "str", "required": True},
        "address": {"type": "str", "required": True},
        "name": {"type": "str"},
        "arbitrator": {"type": "str"},
        "bind_address": {"type": "str"},
    },
    "network": {
        "different_datacenters": {"type": "bool", "default": False},
        "latency": {"type": "str", "choices": list(LATENCIES)},
        "segment": {"type": "int", "choices": list(range(10)), "default": 0},
        "settle": {"type": "bool", "default": False},
    },
    "message": {
        "recovery_message": {"type": "str", "default": ""},
    },
    "primary": {
        "primary": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "weight": {"type": "int", "choices": [1, 2]},
        "application_active": {"type": "bool"},
        "publish": {"type": "bool", "default": True},
    },
}

COMPONENT_OPTIONS = {
    "arriving": {"type": "list", "elements": "str", "default": []},
    "arbitrator": {"type": "str", "default": ""},
}
"""Who else may be in a member's component."""

SEEN_OPTION = {"type": "dict", "options": {
    "uuid": {"type": "str"},
    "seqno": {"type": "int"},
    "invocation": {"type": "str", "required": True},
}}
"""What a plan was made of on a member: the position saved on its disk, and the run of its database."""

SERVICE_OPTIONS = dict(COMPONENT_OPTIONS, **{
    "state": {"type": "str", "choices": list(SERVICE_STATES), "required": True},
    "members": {"type": "list", "elements": "str"},
    "address": {"type": "str"},
    "proven_outside": {"type": "list", "elements": "str"},
    "expected": {"type": "list", "elements": "str"},
    "outside": {"type": "bool", "default": False},
    "lost": {"type": "list", "elements": "str", "default": []},
    "donors": {"type": "list", "elements": "str", "default": []},
    "only_donors": {"type": "bool", "default": False},
    "replaces": {"type": "list", "elements": "str"},
    "seen": SEEN_OPTION,
})
