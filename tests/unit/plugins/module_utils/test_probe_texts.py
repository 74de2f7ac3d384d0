# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe reads: recorded output of real tools."""

from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.senhasegura.cluster.plugins.module_utils import _probe_database as database
from ansible_collections.senhasegura.cluster.plugins.module_utils import _probe_dns as dns
from ansible_collections.senhasegura.cluster.plugins.module_utils import _probe_host as host

IP = """[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"}]},
{"ifindex":2,"ifname":"eth0","addr_info":[{"family":"inet","local":"10.77.1.13","prefixlen":24,"scope":"global","dynamic":true,
"label":"eth0","valid_life_time":3600},{"family":"inet6","local":"fe80::a00b","prefixlen":64,"scope":"link"},{}]},{"ifname":"tun0"}]"""


def test_addresses():
    assert host.addresses(IP) == [{"address": "127.0.0.1", "dynamic": False, "interface": "lo"},
                                  {"address": "10.77.1.13", "dynamic": True, "interface": "eth0"},
                                  {"address": "fe80::a00b", "dynamic": False, "interface": "eth0"}]
    assert host.addresses("") == []


def test_chrony():
    assert not host.chrony_is_synchronized("00000000,,0,0.000000000,0.0,0.0,0.0,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised\n")
    # ``local stratum 10``, of chrony 4.3: it follows nobody but itself.
    assert not host.chrony_is_synchronized("7F7F0101,,10,1795731760.507154952,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,"
                                           "0.000000000,0.0,Normal\n")
    assert host.chrony_is_synchronized("C0000201,192.0.2.1,2,1700000000.1,0.0,0.0,0.0,-9.1,0.0,0.1,0.01,0.001,64.2,Normal\n")


def test_apparmor():
    text = "/usr/sbin/mariadbd (enforce)\n/usr/sbin/mysqld//child (complain)\nlsb_release (enforce)\nmariadbd_akonadi (enforce)\n"
    assert host.enforced_profiles(text) == ["/usr/sbin/mariadbd", "mariadbd_akonadi"]


def test_this_machine_s_host():
    """The files and tools of a real machine, whatever they say."""
    class Run:
        def __call__(self, argv, **_more):
            return type("Result", (), {"rc": 1, "out": "", "err": ""})

        def must(self, _argv):
            return IP
    found = host.host(Run())
    assert found["memory_bytes"] > 2**20
    assert found["time"] == {"services": [], "container": False, "synchronized": None, "tool": ""}


# -- database -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin, empty, locked, open_", [
    ("mysql_native_password", "1", "false", True), ("", "1", "false", True), ("mysql_native_password", "0", "false", False),
    ("unix_socket", "1", "false", False), ("ed25519", "1", "false", False), ("mysql_native_password", "1", "true", False),
    ("mysql_native_password", "1", "1", False)])
def test_who_gets_in_without_a_password(plugin, empty, locked, open_):
    assert database.lets_in(plugin, empty, locked) is open_


@pytest.mark.parametrize("text, size", [
    ("", 2**27), ("--innodb_buffer_pool_size=4G\n", 2**32), ("--innodb-buffer-pool-size=512m\n--port=3306\n", 2**29),
    ("--innodb_buffer_pool_size=1G\n--innodb_buffer_pool_size=1000000\n", 1000000), ("--innodb_buffer_pool_size=junk\n", 2**27)])
def test_the_written_buffer_pool(text, size):
    assert database.written_buffer_pool(text) == size


# -- DNS ------------------------------------------------------------------------------------------------------------------


def test_servers():
    assert dns.servers_of("search a\n# nameserver 1.1.1.1\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\nnameserver\n") == ["10.0.0.1", "fe80::1%eth0"]


def test_a_question_is_as_rfc_1035_has_it():
    assert dns.question("member-a.example", 7) == (b"\0\x07\x01\0\0\x01\0\0\0\0\0\0" b"\x08member-a\x07example\0" b"\0\x01\0\x01")


@pytest.mark.parametrize("answer, verdict", [
    (b"\0\x07\x81\x80" + bytes(8), "answers"), (b"\0\x07\x81\x83" + bytes(8), "answers"), (b"\0\x07\x81\x82" + bytes(8), "server failure"),
    (b"\0\x07\x81\x85" + bytes(8), "refuses"), (b"\0\x07\x81\x89" + bytes(8), "code 9"), (b"\0\x08\x81\x80" + bytes(8), None),
    (b"\0\x07\x01\x80" + bytes(8), None), (b"", None)])
def test_answers(answer, verdict):
    assert dns.verdict_of(answer, 7) == verdict


def test_a_name_that_cannot_be_asked_for():
    for name in ("a" * 64, "a..b"):
        assert dns.question(name, 1)[12:] == b"\x09localhost\0\0\x01\0\x01"


def test_a_server_that_is_no_address():
    assert dns.ask(["nobody"], "member-a") == {"nobody": "no address"}


def test_a_server_that_answers_another_question_first(monkeypatch):
    """A real socket on this machine, which answers wrongly, and then rightly."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve():
        asked, sender = server.recvfrom(512)
        server.sendto(b"\0\0\x81\x80" + bytes(8), sender)
        asked, sender = server.recvfrom(512)
        server.sendto(asked[:2] + b"\x81\x83" + bytes(8), sender)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    monkeypatch.setattr(dns, "_PORT", server.getsockname()[1])
    assert dns.ask(["127.0.0.1", "127.88.77.65"], "member-a") == {"127.0.0.1": "answers", "127.88.77.65": "connection refused"}
    thread.join(5)
    server.close()
