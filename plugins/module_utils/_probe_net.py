# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a member measures towards its peers: ports, round trips, clocks, names. Reads and connects, writes nothing."""

from __future__ import annotations

import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from ._errors import CommandTimeout
from ._ports import ANSWER_SECONDS, reach
from ._probe_listener import GREETING, UDP_PORTS, clock_of, line, tell

ROUNDS = 20
"""Datagrams to each peer: one lost in twenty is 5 %, and all of them take a quarter of a second."""

ROUND_SECONDS = 0.01
"""Between two datagrams to the same peer, so that a burst does not make the loss that it measures."""

_CONNECTS = 5
"""Connections that are timed where no datagram comes back."""

_GREETING_SECONDS = 1.0
_RESOLVE_SECONDS = 4.0
"""A resolver that needs longer is as good as none."""


def survey(own, peers, token):
    """Ports, round trips and clocks towards every peer; then goodbye to their listeners.

    :param own: this member's name.
    :param peers: list of dict ``name``, ``address``, ``ports`` (which TCP ports may be connected to).
    :param token: of the run, see :func:`_probe_listener.listen`.
    :returns: dict of peer address to dict of ``tcp`` (port to ``open``, ``closed``, ``filtered``), ``udp`` (port to
        ``answered``, ``refused``, ``silent``), ``sent``, ``trips`` (round trips in ms, in the order sent), ``how`` (``udp``,
        ``tcp`` or ""), ``clock`` (None, or dict ``clock``, ``asked_at``, ``answered_at``: the peer's clock, read between
        these two moments of this member's clock), ``told`` (whether its listener took our goodbye).
    """
    tcp = _tcp(peers)
    echoes = _echo(peers)
    found = {}
    for peer in peers:
        address = peer["address"]
        one = dict(echoes[address], tcp=tcp[address])
        if not one["trips"]:
            one.update(_time_connects(address, tcp[address]))
        greeted = _goodbye(own, address, tcp[address], token)
        one["told"] = greeted is not None
        one["clock"] = one["clock"] or greeted
        found[address] = one
    return found


def _tcp(peers):
    """All ports of all peers at once; peers that may be asked the same ports share one round."""
    found = {}
    for ports in {tuple(peer["ports"]) for peer in peers}:
        found.update(reach([peer["address"] for peer in peers if tuple(peer["ports"]) == ports], ports))
    return found


class _Echo(object):
    """Datagrams to one peer: what was sent when, and what came back."""

    def __init__(self, address):
        self.sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.verdict = "silent"
        self.sent, self.trips, self.best = {}, {}, None
        try:
            self.sock.connect((address, UDP_PORTS[0]))
        except OSError:  # no route: nothing will come back, which is what silent means
            pass

    def send(self, number):
        """One datagram; an error that the last one met is told by the next call."""
        try:
            self.sent[number] = (time.monotonic(), time.time())
            self.sock.send(("%s echo %d" % (GREETING, number)).encode("utf-8"))
        except ConnectionRefusedError:
            self.verdict = "refused"
        except OSError:
            pass

    def receive(self):
        """One answer."""
        try:
            answer = self.sock.recv(256)
        except ConnectionRefusedError:
            self.verdict = "refused"
            return
        except OSError:
            return
        arrived, answered_at, clock = time.monotonic(), time.time(), clock_of(answer)
        words = answer.split()
        if clock is None or len(words) < 4 or not words[2].isdigit() or int(words[2]) not in self.sent:
            return
        self.verdict = "answered"
        began, asked_at = self.sent[int(words[2])]
        self.trips[int(words[2])] = (arrived - began) * 1000.0
        if self.best is None or answered_at - asked_at < self.best["answered_at"] - self.best["asked_at"]:
            self.best = {"clock": clock, "asked_at": asked_at, "answered_at": answered_at}

    def result(self):
        """As :func:`survey` tells it."""
        self.sock.close()
        trips = [round(self.trips[number], 3) for number in sorted(self.trips)]
        return {"udp": {str(UDP_PORTS[0]): self.verdict}, "sent": len(self.sent), "trips": trips,
                "how": "udp" if trips else "", "clock": self.best}


def _echo(peers):
    echoes = {peer["address"]: _Echo(peer["address"]) for peer in peers}
    for number in range(ROUNDS):
        for echo in echoes.values():
            echo.send(number)
        _receive(echoes, time.monotonic() + ROUND_SECONDS, lambda echo: True)
    # Who has answered anything gets the time that a late answer may take; who has answered nothing gets it as well, once.
    _receive(echoes, time.monotonic() + ANSWER_SECONDS / 2, lambda echo: len(echo.trips) < ROUNDS and echo.verdict != "refused")
    return {address: echo.result() for address, echo in echoes.items()}


def _receive(echoes, deadline, waits):
    """Take answers until a moment, or until nobody waits for any."""
    while True:
        waiting = {echo.sock: echo for echo in echoes.values() if waits(echo)}
        left = deadline - time.monotonic()
        if not waiting or left <= 0:
            return
        for sock in select.select(list(waiting), [], [], left)[0]:
            waiting[sock].receive()


def _time_connects(address, verdicts):
    """Round trips by the time that a connection takes: a refusal is as quick as a yes."""
    port = next((int(port) for port, verdict in sorted(verdicts.items()) if verdict in ("open", "closed")), None)
    if port is None:
        return {"sent": 0, "trips": [], "how": ""}
    trips = []
    for _number in range(_CONNECTS):
        began = time.monotonic()
        if reach([address], (port,))[address][str(port)] != "filtered":
            trips.append(round((time.monotonic() - began) * 1000.0, 3))
    return {"sent": _CONNECTS, "trips": trips, "how": "tcp"}


def _goodbye(own, address, verdicts, token):
    """Say goodbye where one of our listeners answers.

    :returns: the clock as :func:`survey` tells it, or None when no listener of ours took it.
    """
    # Galera's own port comes last: elsewhere a listener of ours is likelier.
    for port in sorted((port for port, verdict in verdicts.items() if verdict == "open"), key=lambda port: port == "4567"):
        greeted = _one_goodbye(own, address, int(port), token)
        if greeted:
            return greeted
    return None


def _one_goodbye(own, address, port, token):
    asked_at = time.time()
    try:
        with socket.create_connection((address, port), timeout=_GREETING_SECONDS) as sock:
            clock = clock_of(sock.recv(256))
            answered_at = time.time()
            if clock is None:
                return None
            sock.sendall(line(token, "bye " + own))
            sock.shutdown(socket.SHUT_WR)
            return {"clock": clock, "asked_at": asked_at, "answered_at": answered_at}
    except OSError:
        return None


def end_own(own, token):
    """Say goodbye to this member's own listener; it ends when the peers have, too.

    :returns: whether it was there, which is what makes a refusal that a peer met a firewall's.
    """
    return tell(token, "bye " + own)


def resolve(run, names):
    """What this member's resolver says of names, all at once.

    :param run: the :class:`_runner.Runner`.
    :returns: dict of name to the list of addresses; None where the resolver gave no answer in time.
    """
    def one(name):
        try:
            found = run(["getent", "ahosts", name], timeout=_RESOLVE_SECONDS)
        except CommandTimeout:
            return None
        return list(dict.fromkeys(row.split()[0] for row in found.out.splitlines() if row.split()))
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        return dict(zip(names, pool.map(one, names)))
