# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells load balancers how a member is, with the codes that the appliance documents for ``GET /flow/orbit/mntr``.

200 active and primary, 203 active and not the primary, 403 inactive (drained), 503 unavailable, with the recovery message.
HTML for people (``Accept: text/html``), JSON for machines. It reads and never changes anything: who calls
``/flow/orbit/mntr/deactivate`` as on the appliance gets a 404. systemd hands it the listening socket. Standard library only,
Python 3.7 and newer.
"""

from __future__ import annotations

import html
import ipaddress
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/flow/orbit/mntr"
CONFIGURATION = "/etc/senhasegura-health.json"
SETTINGS = "/etc/mysql/mariadb.conf.d/99-senhasegura-cluster.cnf"
MESSAGE = "/etc/senhasegura-cluster/recovery_message"
DRAINED = "/var/lib/senhasegura-health/drained"

FIRST_SOCKET = 3
"""systemd hands sockets over from this file descriptor on (sd_listen_fds)."""

CLIENT_SECONDS = 3
"""How long the database may take: a member that hangs is unavailable. HAProxy by default waits 2 s more between two checks."""

REQUEST_SECONDS = 5
"""How long a caller may take to ask: one that never does must not hold a thread."""

FRESH_SECONDS = 0.5
"""So many balancers may ask at once; the database is asked once in that time."""

HANDOVER_SECONDS = 1.0
"""For so long the new primary is not told: until then the answer of the former one may be :data:`FRESH_SECONDS` old, or the row not there."""

SYNCED, DONOR = "4", "2"

ASK = ("SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status','wsrep_connected','wsrep_local_state',"
       "'wsrep_local_state_comment','wsrep_ready'); SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_node_address',"
       "'wsrep_node_name','wsrep_on','wsrep_sst_method'); "
       # Last, since the client ends at what fails. The moment is that of the member that wrote it, the new primary, by its own clock.
       "SELECT 'primary', address FROM senhasegura_cluster.primary_member WHERE id = 1 UNION ALL "
       "SELECT 'primary_since', UNIX_TIMESTAMP(changed) FROM senhasegura_cluster.primary_member WHERE id = 1")

NO_ROW = ("ERROR 1044", "ERROR 1049", "ERROR 1054", "ERROR 1142", "ERROR 1143", "ERROR 1146", "ERROR 1932")
"""There is no such table, or it may not be read: made by an older serve_health, or taken away by hand."""

NOT_PREPARED = "ERROR 1047"
"""Galera lets nobody read tables; the status, which it does show, tells why."""

MEANS = {200: ("active", "This member is active, and it is the primary."),
         203: ("active", "This member is active, and it is not the primary."),
         403: ("inactive", "This member is inactive: it was taken out of service."),
         503: ("unavailable", "This member is unavailable.")}

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>%(name)s: %(state)s</title></head>
<body><h1>%(name)s: %(state)s</h1><p>%(text)s</p>%(message)s</body></html>
"""


# -- what is read ---------------------------------------------------------------------------------------------------------


def read_text(path):
    """The content of a file; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except FileNotFoundError:
        return ""


def primary_of(settings):
    """The address of the primary, as the collection wrote it into the group that MariaDB ignores."""
    group = ""
    for line in settings.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line
        name, equals, value = line.partition("=")
        if group == "[senhasegura-cluster]" and equals and name.strip() == "primary":
            return value.strip()
    return ""


def ask_database():
    """What the database says: dict of variable to text, and why there is none (or "").

    In it ``primary`` and ``primary_since`` are those of the row that all members share, where there is one.
    """
    argv = ["mariadb", "--user=senhasegura-health", "--batch", "--skip-column-names", "--raw", "--connect-timeout=2", "--execute", ASK]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              timeout=CLIENT_SECONDS, universal_newlines=True)
    except subprocess.TimeoutExpired:
        return {}, "the database does not answer within %d s" % CLIENT_SECONDS
    if done.returncode != 0 and not any(text in done.stderr for text in NO_ROW + (NOT_PREPARED,)):
        print("the database refused: %s" % done.stderr.strip(), file=sys.stderr, flush=True)
        return {}, "the database does not answer"
    rows = [line.split("\t", 1) for line in done.stdout.splitlines()]
    readings = {row[0].lower(): row[1] for row in rows if len(row) == 2}
    return readings, "" if NOT_PREPARED not in done.stderr else problem(readings) or "it is not ready"


# -- what it means --------------------------------------------------------------------------------------------------------


def problem(readings):
    """Why a member is not active; "" when it is.

    A donor serves while mariabackup copies; rsync blocks its writes.
    """
    if readings.get("wsrep_on", "").upper() not in ("ON", "1"):
        return "it runs standalone"
    if readings.get("wsrep_cluster_status") != "Primary":
        return "it is not in a primary component"
    state = readings.get("wsrep_local_state")
    serves = state == SYNCED or state == DONOR and readings.get("wsrep_sst_method") == "mariabackup"
    if not serves:
        return "its state is %s" % (readings.get("wsrep_local_state_comment") or "unknown")
    return "" if readings.get("wsrep_ready", "").upper() == "ON" else "it is not ready"


def has_just_become(readings, now):
    """Whether the row was changed a moment ago. One of the future was written by another clock, and is not waited for."""
    return 0 <= now - float(readings.get("primary_since", 0)) < HANDOVER_SECONDS


def judge(readings, why, settings, drained, message):
    """The answer to a balancer.

    :param readings: of :func:`ask_database`; ``why`` there are none.
    :param settings: the text of the settings file.
    :param drained: the text of the flag file, or None where there is none.
    :param message: the recovery message.
    :returns: dict of ``code``, ``status``, ``member``, ``address``, ``primary`` (an address), ``reason``, ``message``.
    """
    own, primary = readings.get("wsrep_node_address", "").strip("[]"), readings.get("primary") or primary_of(settings)
    reason = why or problem(readings)
    if drained is not None:
        code, reason = 403, drained.strip()
    elif reason:
        code = 503
    else:
        code = 200 if own == primary and primary and not has_just_become(readings, time.time()) else 203
    return {"code": code, "status": MEANS[code][0], "member": readings.get("wsrep_node_name") or socket.gethostname(),
            "address": own, "primary": primary, "reason": reason, "message": message.strip() if code == 503 else ""}


def page(answer):
    """The answer for people."""
    text = MEANS[answer["code"]][1] + (" Reason: %s." % answer["reason"].rstrip(".") if answer["reason"] else "")
    message = "<pre>%s</pre>" % html.escape(answer["message"]) if answer["message"] else ""
    return PAGE % {"name": html.escape(answer["member"]), "state": answer["status"], "text": html.escape(text),
                   "message": message}


def is_allowed(address, allow):
    """Whether an address may ask: those of the list, and the member itself; everybody where the list is empty."""
    asking = ipaddress.ip_address(address.split("%", 1)[0])
    asking = getattr(asking, "ipv4_mapped", None) or asking
    return not allow or asking.is_loopback or any(asking in network for network in networks(allow))


def networks(allow):
    """The list of who may ask, as networks; an address is a network of one.

    :raises ValueError: for what is neither, naming it.
    """
    return [ipaddress.ip_network(item, strict=False) for item in allow]


class Reader(object):
    """Asks the database once for all who ask at the same time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._answer, self._until = None, 0.0

    def answer(self):
        """The answer of this moment."""
        with self._lock:
            if time.monotonic() >= self._until:
                readings, why = ask_database()
                drained = read_text(DRAINED) if os.path.exists(DRAINED) else None
                self._answer = judge(readings, why, read_text(SETTINGS), drained, read_text(MESSAGE))
                self._until = time.monotonic() + FRESH_SECONDS
            return self._answer


# -- HTTP -----------------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """One request of a balancer or a browser."""

    server_version, sys_version = "senhasegura-health", ""
    timeout = REQUEST_SECONDS

    def do_GET(self):
        """Tell how the member is."""
        if self.path.split("?", 1)[0] != PATH:
            self._send(404, "text/plain; charset=utf-8", "GET %s tells how this member is.\n" % PATH)
            return
        answer = self.server.reader.answer()
        if "text/html" in self.headers.get("Accept", ""):
            self._send(answer["code"], "text/html; charset=utf-8", page(answer))
        else:
            self._send(answer["code"], "application/json", json.dumps(answer) + "\n")

    do_HEAD = do_GET

    def _send(self, code, kind, text):
        body = text.encode("utf-8")
        self.send_response(code)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
                            ("Vary", "Accept")):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format, *args):
        """A balancer asks every few seconds: the journal is for what is wrong."""


class Server(ThreadingHTTPServer):
    """Serves the socket that systemd listens on."""

    daemon_threads = False  # so that who is being answered is answered before a newer program takes over

    def __init__(self, listening):
        super().__init__(listening.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.reader = Reader()
        self._program = os.stat(__file__).st_mtime_ns

    def verify_request(self, request, client_address):
        """Who is not on the list gets no answer at all."""
        allow = json.loads(read_text(CONFIGURATION) or "{}").get("allow", [])
        allowed = is_allowed(client_address[0], allow)
        if not allowed:
            print("%s may not ask: it is not in senhasegura_health_allow" % client_address[0], file=sys.stderr, flush=True)
        return allowed

    def handle_error(self, request, client_address):
        """Who hangs up before the answer wanted none; anything else is a fault of ours, for the journal."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def service_actions(self):
        """A newer program takes over with the next connection: systemd starts it, and nobody is turned away."""
        if os.stat(__file__).st_mtime_ns != self._program:
            raise SystemExit(0)


def check(path):
    """Refuse a configuration before it is installed."""
    try:
        networks(json.loads(read_text(path))["allow"])
    except ValueError as error:
        sys.exit("senhasegura_health_allow must be addresses and networks, such as 10.0.0.5 or 10.0.0.0/24: %s" % error)


def main():
    """Serve until there is a newer program; with ``--check FILE`` only say whether a configuration is good."""
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
        return
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        sys.exit("systemd starts this, and hands it the socket: systemctl start senhasegura-health.socket")
    with Server(socket.socket(fileno=FIRST_SOCKET)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
