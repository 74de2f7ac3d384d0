# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listener and the survey against each other, on real sockets of this machine: it proves reachability, and ends."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid

import pytest

from ansible_collections.senhasegura.cluster.plugins.module_utils import _probe_listener as listener
from ansible_collections.senhasegura.cluster.plugins.module_utils._probe import probe
from ansible_collections.senhasegura.cluster.plugins.module_utils._probe_net import by_use, end_own, meet, resolve, survey
from ansible_collections.senhasegura.cluster.plugins.module_utils._runner import Runner

HERE = "127.%d.%d.66" % (100 + os.getpid() // 250 % 100, 1 + os.getpid() % 250)
"""An address of the loopback interface that no other run of these tests on this machine uses."""

PEER = {"name": "other", "address": HERE, "ports": [4444, 4567, 4568]}
OURS = {"tcp": {"4444": "ours", "4567": "ours", "4568": "ours"}, "udp": {"4567": "ours"}}


@pytest.fixture(name="token")
def _token():
    token = uuid.uuid4().hex
    yield token
    listener.tell(token, "stop")
    gone(token)


def asked(question, seconds=5.0):
    """Whether the answer becomes true in time; asked again and again."""
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)  # between two questions
    return True


def gone(token, seconds=5.0):
    """Whether the listener ends."""
    return asked(lambda: not listener.tell(token, "alive"), seconds)


def refused(port):
    """Whether nobody listens there: a listener that was forked off here holds this process's sockets until its very end."""
    with socket.socket() as client:
        return client.connect_ex((HERE, port)) != 0


def test_it_proves_that_a_peer_gets_through(token):
    assert listener.listen(HERE, token, ["me", "other"], 20) == OURS
    found = survey("me", [PEER], token)[HERE]
    assert found["tcp"] == {"4444": "open", "4567": "open", "4568": "open"}
    assert found["udp"] == {"4567": "answered"}
    assert (found["sent"], found["answered"], len(found["trips"]), found["how"], found["told"]) == (20, 20, 10, "udp", True)
    assert 0 < max(found["trips"]) < 100
    assert found["clock"]["asked_at"] <= found["clock"]["clock"] <= found["clock"]["answered_at"]


def test_it_ends_when_everybody_said_goodbye(token):
    listener.listen(HERE, token, ["me", "other"], 20)
    survey("me", [PEER], token)
    assert listener.tell(token, "alive")
    assert end_own("other", token)
    assert gone(token)
    assert not end_own("other", token)


def test_it_stops_when_told(token):
    listener.listen(HERE, token, ["me", "other"], 20)
    assert listener.tell(token, "stop")
    assert gone(token)


def test_it_ends_by_itself(token):
    listener.listen(HERE, token, ["me", "other"], 0.3)
    assert gone(token, 3.0)


def test_another_run_s_goodbye_does_not_end_it(token):
    listener.listen(HERE, token, ["me"], 20)
    assert survey("me", [PEER], "another")[HERE]["told"]
    assert listener.tell(token, "alive")


def test_a_service_that_is_there_stays_the_one_that_listens(token):
    with socket.socket() as service:
        service.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        service.bind((HERE, 4567))
        service.listen(5)
        found = listener.listen(HERE, token, ["me"], 20)
        assert found == {"tcp": dict(OURS["tcp"], **{"4567": "in use"}), "udp": OURS["udp"]}
    listener.tell(token, "stop")
    assert asked(lambda: refused(4567))


def test_an_address_that_is_not_here(token):
    assert set(listener.listen("192.0.2.1", token, ["me"], 20)["tcp"].values()) == {"Cannot assign requested address"}
    assert not listener.tell(token, "alive")


def test_nonsense_does_not_end_it(token):
    listener.listen(HERE, token, ["me"], 20)
    for words in (b"\n", b"\xff" * 300, b"senhasegura-check\n", b"senhasegura-check %s\n" % token.encode(),
                  b"senhasegura-check %s bye\n" % token.encode(), b"GET / HTTP/1.0\r\n\r\n", b""):
        with socket.create_connection((HERE, 4444), timeout=2) as sock:
            assert sock.recv(100).startswith(b"senhasegura-check ")
            sock.sendall(words)
    assert listener.tell(token, "alive")


def test_nobody_listens(token):
    found = survey("me", [PEER], token)[HERE]
    assert found["tcp"] == {"4444": "closed", "4567": "closed", "4568": "closed"}
    assert found["udp"] == {"4567": "refused"}
    assert (found["how"], found["sent"], len(found["trips"]), found["told"], found["clock"]) == ("tcp", 10, 10, False, None)


def test_who_listens_later_is_waited_for(token):
    threading.Timer(0.3, listener.listen, (HERE, token, ["me", "other"], 20)).start()
    assert meet([PEER])
    assert survey("me", [PEER], token)[HERE]["told"]


def test_who_is_not_met_is_told_in_time(token):
    began = time.monotonic()
    assert not meet([PEER], seconds=0.2)
    assert time.monotonic() - began < 2.0
    assert not meet([dict(PEER, ports=[4567])]), "MariaDB may be there, and is not knocked at more often than must be"
    assert meet([])


def test_what_an_earlier_phase_has_left_goes_first(token):
    assert listener.listen(HERE, token, ["me", "other"], 20) == OURS
    assert listener.listen(HERE, token, ["me", "other"], 20) == OURS


class Alone:
    """A platform that has nothing to tell."""

    def service(self):
        return {"installed": False}

    def default_account(self):
        return {}

    def net_check(self):
        return None


def test_an_arbitrator_that_none_of_ours_listens_on_is_nobody_to_meet(token):
    """Its address may be all that is declared of it."""
    options = {"phase": "together", "name": "me", "address": HERE, "token": token, "peers": [], "arbitrator": HERE.replace(".66", ".67"),
               "arbitrator_listens": False, "ports": [], "backup_directory": "", "seconds": 20}
    found = probe(Alone(), options)
    assert found["met"] is True and found["links"] == {options["arbitrator"]: {"tcp": {"4567": "closed"}}}


def test_which_port_is_knocked_at():
    assert by_use({"4444": "open", "4567": "open", "4568": "open"}) == ["4444", "4568", "4567"]
    assert by_use({"4444": "closed", "4567": "open", "4568": "filtered"}) == ["4567", "4444"]
    assert by_use({"4444": "filtered"}) == []


def test_a_clock_that_is_none():
    assert listener.clock_of(b"senhasegura-check 12.5\n") == 12.5
    for answer in (b"", b"senhasegura-check", b"senhasegura-check soon\n", b"@RSYNCD: 31.0\n", b"\xff\xfe"):
        assert listener.clock_of(answer) is None


def test_names():
    found = resolve(Runner(), ["localhost", "no-such-name.invalid"])
    assert set(found["localhost"]) & {"127.0.0.1", "::1"}
    assert not found["no-such-name.invalid"]
