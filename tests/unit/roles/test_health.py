# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What load balancers are told of a member, and who may ask."""

from __future__ import annotations

import ast
import http.client
import importlib.util
import json
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_database import PRIMARY_TABLE

PROGRAM = Path(__file__).resolve().parents[3] / "roles/health/files/health.py"
_spec = importlib.util.spec_from_file_location("health", PROGRAM)
health = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(health)

SETTINGS = "[mysqld]\nprimary = 10.0.0.99\n[senhasegura-cluster]\nprimary = 10.0.0.11\ndifferent_datacenters = no\n"
GOOD = {"wsrep_on": "ON", "wsrep_cluster_status": "Primary", "wsrep_connected": "ON", "wsrep_local_state": "4",
        "wsrep_local_state_comment": "Synced", "wsrep_ready": "ON", "wsrep_node_address": "10.0.0.11",
        "wsrep_node_name": "vault-1", "wsrep_sst_method": "rsync"}


def judge(settings=SETTINGS, drained=None, why="", message="Please wait.\n", readings=None, **changes):
    return health.judge(dict(GOOD, **changes) if readings is None else readings, why, settings, drained, message)


def test_it_runs_on_python_3_7():
    ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_all_name_the_same_table():
    made = (PROGRAM.parents[1] / "tasks/shared.yml").read_text(encoding="utf-8")
    assert "FROM %s WHERE" % PRIMARY_TABLE in health.ASK and "CREATE TABLE IF NOT EXISTS %s (" % PRIMARY_TABLE in made


# -- the codes ------------------------------------------------------------------------------------------------------------


def test_the_primary():
    assert judge() == {"code": 200, "status": "active", "member": "vault-1", "address": "10.0.0.11", "primary": "10.0.0.11",
                       "reason": "", "message": ""}


@pytest.mark.parametrize("more, code, reason", [
    ({"wsrep_node_address": "10.0.0.12"}, 203, ""),
    ({"settings": ""}, 203, ""),
    ({"settings": "", "primary": "10.0.0.11"}, 200, ""),
    ({"primary": "10.0.0.12"}, 203, ""),
    ({"primary": ""}, 200, ""),
    ({"settings": "", "primary": "fd00::1", "wsrep_node_address": "[fd00::1]"}, 200, ""),
    ({"settings": "", "wsrep_node_address": ""}, 203, ""),
    ({"wsrep_local_state": "2", "wsrep_local_state_comment": "Donor/Desynced"}, 503, "its state is Donor/Desynced"),
    ({"wsrep_local_state": "2", "wsrep_sst_method": "mariabackup"}, 200, ""),
    ({"wsrep_local_state": "1", "wsrep_local_state_comment": "Joining"}, 503, "its state is Joining"),
    ({"wsrep_ready": "OFF"}, 503, "it is not ready"),
    ({"wsrep_cluster_status": "non-Primary"}, 503, "it is not in a primary component"),
    ({"wsrep_on": "OFF"}, 503, "it runs standalone"),
    ({"readings": {}}, 503, "it runs standalone"),
    ({"readings": {}, "why": "the database does not answer"}, 503, "the database does not answer"),
    ({"drained": "update\n"}, 403, "update"),
    ({"drained": ""}, 403, ""),
    ({"drained": "update", "wsrep_cluster_status": "non-Primary"}, 403, "update")])
def test_the_codes(more, code, reason):
    answer = judge(**more)
    assert (answer["code"], answer["reason"]) == (code, reason)
    assert answer["message"] == ("Please wait." if code == 503 else "")


@pytest.mark.parametrize("age, code", [(0.0, 203), (0.9, 203), (1.0, 200), (1e9, 200), (-0.1, 200)])
def test_who_has_just_become_the_primary_is_not_told_before_the_former_one_s_answer_is_forgotten(monkeypatch, age, code):
    monkeypatch.setattr(health.time, "time", lambda: 1.5e9)
    answer = judge(settings="", primary="10.0.0.11", primary_since="%f" % (1.5e9 - age))
    assert (answer["code"], answer["primary"], answer["reason"]) == (code, "10.0.0.11", "")
    assert health.HANDOVER_SECONDS > health.FRESH_SECONDS


@pytest.mark.parametrize("settings, primary", [
    (SETTINGS, "10.0.0.11"), ("", ""), ("[senhasegura-cluster]\nprimary=fd00::1\n", "fd00::1"),
    ("[mysqld]\nprimary = 10.0.0.1\n", ""), ("[senhasegura-cluster]\nprimary\n[other]\nprimary = x\n", "")])
def test_the_primary_is_what_the_collection_wrote(settings, primary):
    assert health.primary_of(settings) == primary


def test_the_page_escapes_what_people_wrote():
    page = health.page(judge(message="<b>wait</b>", wsrep_cluster_status="<x>", wsrep_node_name="<me>"))
    assert "<h1>&lt;me&gt;: unavailable</h1>" in page and "<pre>&lt;b&gt;wait&lt;/b&gt;</pre>" in page
    assert "<pre>" not in health.page(judge())


# -- the database ---------------------------------------------------------------------------------------------------------


def run(monkeypatch, rc=0, out="", err="", timeout=False):
    def fake(argv, **_more):
        if timeout:
            raise subprocess.TimeoutExpired(argv, 3)
        return subprocess.CompletedProcess(argv, rc, out, err)
    monkeypatch.setattr(health.subprocess, "run", fake)
    return health.ask_database()


def test_the_database(monkeypatch, capsys):
    assert run(monkeypatch, out="wsrep_ready\tON\nwsrep_NODE_name\t\nodd\n") == ({"wsrep_ready": "ON", "wsrep_node_name": ""}, "")
    assert run(monkeypatch, timeout=True) == ({}, "the database does not answer within 3 s")
    assert run(monkeypatch, out="primary\t10.0.0.12\nprimary_since\t946684800.000000\n") == (
        {"primary": "10.0.0.12", "primary_since": "946684800.000000"}, "")
    assert run(monkeypatch, rc=1, err="ERROR 2002 (HY000)") == ({}, "the database does not answer")
    assert capsys.readouterr().err == "the database refused: ERROR 2002 (HY000)\n"


@pytest.mark.parametrize("err", [
    "ERROR 1146 (42S02) at line 1: Table 'senhasegura_cluster.primary_member' doesn't exist",
    "ERROR 1142 (42000) at line 1: SELECT command denied to user 'senhasegura-health'@'localhost' for table "
    "`senhasegura_cluster`.`primary_member`"])
def test_without_the_row_what_is_written_counts(monkeypatch, err):
    readings, why = run(monkeypatch, rc=1, out="".join("%s\t%s\n" % item for item in GOOD.items()), err=err)
    assert (readings, why) == (GOOD, "") and judge(readings=readings)["code"] == 200


@pytest.mark.parametrize("status, why", [("non-Primary", "it is not in a primary component"), ("Primary", "it is not ready")])
def test_where_nobody_may_read_the_status_tells_why(monkeypatch, status, why):
    out = "".join("%s\t%s\n" % item for item in dict(GOOD, wsrep_cluster_status=status).items())
    err = "ERROR 1047 (08S01) at line 1: WSREP has not yet prepared node for application use"
    assert run(monkeypatch, rc=1, out=out, err=err)[1] == why


# -- who may ask ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address, allow, allowed", [
    ("10.0.0.5", [], True), ("10.0.0.5", ["10.0.0.5"], True), ("10.0.0.5", ["10.0.0.0/24"], True), ("10.0.0.5", ["10.0.0.9/24"], True),
    ("10.0.1.5", ["10.0.0.0/24"], False), ("::ffff:10.0.0.5", ["10.0.0.5"], True), ("::ffff:10.0.0.6", ["10.0.0.5"], False),
    ("127.0.0.1", ["10.0.0.5"], True), ("::1", ["10.0.0.5"], True), ("fd00::5", ["fd00::/64"], True), ("fd01::5", ["fd00::/64"], False),
    ("fe80::1%eth0", ["fe80::/64"], True), ("10.0.0.5", ["fd00::/64"], False)])
def test_who_may_ask(address, allow, allowed):
    assert health.is_allowed(address, allow) is allowed


def test_a_list_that_is_none_is_refused_before_it_is_installed(tmp_path, monkeypatch):
    path = tmp_path / "health.json"
    monkeypatch.setattr(health.sys, "argv", ["health.py", "--check", str(path)])
    path.write_text(json.dumps({"allow": ["10.0.0.0/24", "fd00::1"]}))
    health.main()
    path.write_text(json.dumps({"allow": ["balancer.example"]}))
    with pytest.raises(SystemExit, match="senhasegura_health_allow must be addresses and networks, .*'balancer.example'"):
        health.main()


def test_only_systemd_starts_it(monkeypatch):
    monkeypatch.setattr(health.sys, "argv", ["health.py"])
    monkeypatch.delenv("LISTEN_PID", raising=False)
    with pytest.raises(SystemExit, match="systemctl start senhasegura-health.socket"):
        health.main()


# -- over HTTP ------------------------------------------------------------------------------------------------------------


@pytest.fixture(name="server")
def _server(monkeypatch, tmp_path):
    for name, text in (("SETTINGS", SETTINGS), ("MESSAGE", ""), ("CONFIGURATION", "")):
        monkeypatch.setattr(health, name, str(tmp_path / name))
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(health, "DRAINED", str(tmp_path / "drained"))
    monkeypatch.setattr(health, "FRESH_SECONDS", 0)
    monkeypatch.setattr(health, "ask_database", lambda: (GOOD, ""))
    server = health.Server(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(server, path=health.PATH, accept="*/*", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", server.socket.getsockname()[1], timeout=5)
    connection.request(method, path, headers={"Accept": accept})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader("Content-Type"), body


def test_machines_get_json_and_people_get_html(server, tmp_path):
    status, kind, body = ask(server)
    assert (status, kind, json.loads(body)["member"]) == (200, "application/json", "vault-1")
    status, kind, body = ask(server, accept="text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    assert (status, kind) == (200, "text/html; charset=utf-8") and "<h1>vault-1: active</h1>" in body
    assert ask(server, method="HEAD")[::2] == (200, "")
    (tmp_path / "drained").write_text("update")
    assert ask(server, health.PATH + "?x=1")[0] == 403


@pytest.mark.parametrize("path", ["/", health.PATH + "/deactivate", health.PATH + "/activate", health.PATH + "/"])
def test_it_changes_nothing_whatever_is_asked(server, path):
    assert ask(server, path)[0] == 404
    assert ask(server, method="POST")[0] == 501


def test_who_may_not_ask_gets_no_answer(server, monkeypatch, capsys):
    monkeypatch.setattr(health, "is_allowed", lambda _address, _allow: False)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(server)
    assert capsys.readouterr().err == "127.0.0.1 may not ask: it is not in senhasegura_health_allow\n"
