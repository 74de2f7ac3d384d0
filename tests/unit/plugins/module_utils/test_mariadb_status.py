# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a member's view of the cluster is current. The readings are those of two real members while a third one died."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError, CommandTimeout
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms import _mariadb
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_database import Database as GaleraDatabase
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms.galera import GaleraPlatform

ALL, LEFT = "10.0.0.11:0,10.0.0.12:0,10.0.0.13:0", "10.0.0.12:0,10.0.0.13:0"


def reading(conf_id, addresses, size):
    return {"wsrep_on": "ON", "wsrep_ready": "ON", "wsrep_connected": "ON", "wsrep_cluster_status": "Primary",
            "wsrep_local_state": "4", "wsrep_cluster_conf_id": conf_id, "wsrep_cluster_state_uuid": "u",
            "wsrep_cluster_size": size, "wsrep_incoming_addresses": addresses}


def test_nobody_knocks_at_a_member_of_its_own_component(monkeypatch):
    """MariaDB hangs for ever when a connection to Galera's port meets a change of its options."""
    tried = []
    monkeypatch.setattr(_mariadb, "reach", lambda peers: tried.extend(peers) or {peer: {"4567": "closed"} for peer in peers})
    platform = GaleraPlatform(None)
    platform._database = Database([], [0.0])
    found = platform.ports(["10.0.0.11", "10.0.0.13", "10.0.0.14"])
    assert tried == ["10.0.0.14"]
    assert found == {"10.0.0.11": {"4567": "open"}, "10.0.0.13": {"4567": "open"}, "10.0.0.14": {"4567": "closed"}}


def test_who_is_in_no_primary_component_tries_everybody(monkeypatch):
    monkeypatch.setattr(_mariadb, "reach", lambda peers: {peer: {"4567": "filtered"} for peer in peers})
    platform = GaleraPlatform(None)
    platform._database = Database([], [0.0])
    monkeypatch.setattr(platform._database, "readings", lambda: dict(OLD, wsrep_cluster_status="non-Primary"))
    assert platform.ports(["10.0.0.11"]) == {"10.0.0.11": {"4567": "filtered"}}


def hanging(argv, timeout=0, **more):
    raise CommandTimeout("mariadb did not end within %.0f s and was killed" % timeout, command=argv)


def test_a_database_that_hangs_over_an_option_is_told_how_to_end_it():
    with pytest.raises(ClusterError) as raised:
        GaleraDatabase(hanging)._tell_galera("SET GLOBAL wsrep_provider_options='pc.weight=1'")
    assert raised.value.text() == (
        "MariaDB has not answered \"SET GLOBAL wsrep_provider_options='pc.weight=1'\" for 30 s. MariaDB hangs for ever when somebody "
        "connects to its port 4567 in the moment in which Galera is told an option. If it answers nobody any more (mariadb -e 'SELECT "
        "1' hangs on that member), end it there and start it again: systemctl kill --signal=KILL mariadb, then systemctl start "
        "mariadb. Then run the playbook again.")


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
