# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a member's view of the cluster is current. The readings are those of two real members while a third one died."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms import _mariadb
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms.galera import GaleraPlatform

ALL, LEFT = "10.0.0.11:0,10.0.0.12:0,10.0.0.13:0", "10.0.0.12:0,10.0.0.13:0"


def reading(conf_id, addresses, size):
    return {"wsrep_on": "ON", "wsrep_ready": "ON", "wsrep_connected": "ON", "wsrep_cluster_status": "Primary",
            "wsrep_local_state": "4", "wsrep_cluster_conf_id": conf_id, "wsrep_cluster_state_uuid": "u",
            "wsrep_cluster_size": size, "wsrep_incoming_addresses": addresses}


OLD, TORN, NEW = reading("5", ALL, "3"), reading("5", LEFT, "3"), reading("6", LEFT, "2")


class Database:
    """Answers with one reading after another; a slow one takes a second of the clock."""

    def __init__(self, answers, clock):
        self.answers, self.clock = list(answers), clock

    def readings(self):
        return OLD

    def readings_after_causal_read(self, seconds):
        answer, slow = self.answers.pop(0)
        self.clock[0] += 1.0 if slow else 0.05
        return answer


@pytest.mark.parametrize("answers, addresses", [
    ([(OLD, False)], 3),
    ([(OLD, True), (OLD, True)], 3),
    ([(OLD, True), (NEW, False), (NEW, False)], 2),
    ([(TORN, False), (NEW, False), (NEW, False)], 2),
    ([(TORN, True), (NEW, True), (NEW, True)], 2)])
def test_a_view_is_current_only_when_it_holds_still(monkeypatch, answers, addresses):
    clock = [100.0]
    monkeypatch.setattr(_mariadb.time, "monotonic", lambda: clock[0])
    platform = GaleraPlatform(None)
    platform._database = Database(answers, clock)
    status = platform.status()
    assert status["current"] and len(status["incoming_addresses"]) == addresses
    assert platform._database.answers == []
