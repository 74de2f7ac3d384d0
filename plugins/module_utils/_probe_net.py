# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a member measures towards its peers: ports, round trips, clocks, names. Reads and connects, writes nothing."""

from __future__ import annotations

import select
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

from ._errors import CommandTimeout
from ._ports import ANSWER_SECONDS, reach
from ._probe_listener import GREETING, UDP_PORTS, clock_of, line, tell

ROUNDS = 20
"""Datagrams to each peer: one lost in twenty is 5 %, and all of them take a quarter of a second."""

ROUND_SECONDS = 0.01
"""Between two datagrams to the same peer, so that a burst does not make the loss that it measures."""

CONNECTS = 10
"""Connections whose round trips are taken."""

MEET_SECONDS = 3.0
"""How much later than the first of them the last member may begin to listen, where all are asked at once."""

_MEET_PAUSE_SECONDS = 0.02
_MEET_ANSWER_SECONDS = 0.5
_MEETING_PORTS = (4444, 4568)

_CONNECT_SECONDS = 1.0
"""The kernel repeats a lost request for a connection after this time; what takes longer was lost."""

_KERNEL_ROUND_TRIP = struct.Struct("=68xI")
"""``tcpi_rtt`` of ``struct tcp_info`` (linux/tcp.h), in microseconds."""

_GREETING_SECONDS = 1.0
_RESOLVE_SECONDS = 4.0
"""A resolver that needs longer is as good as none."""


def meet(peers, seconds=MEET_SECONDS, clock=time.monotonic, pause=time.sleep):
    """Wait until a listener of ours greets at every peer.

    :param peers: as of :func:`survey`.
    :param seconds: how long to wait at the most.
    :returns: whether all do. A peer on which only Galera's own port may be tried is not waited for: MariaDB may be there.
    """
    missing = {peer["address"]: [port for port in peer["ports"] if port in _MEETING_PORTS] for peer in peers}
    if not all(missing.values()):
        return False
    deadline = clock() + seconds
    while True:
        missing = {address: ports for address, ports in missing.items() if not any(_greets(address, port) for port in ports)}
        if not missing or clock() >= deadline:
            return not missing
        pause(_MEET_PAUSE_SECONDS)


def _greets(address, port):
    try:
        with socket.create_connection((address, port), timeout=_MEET_ANSWER_SECONDS) as sock:
            return clock_of(sock.recv(256)) is not None
    except OSError:
        return False


def survey(own, peers, token):
    """Ports, round trips and clocks towards every peer; then goodbye to their listeners.

    :param own: this member's name.
    :param peers: list of dict ``name``, ``address``, ``ports`` (which TCP ports may be connected to).
    :param token: of the run, see :func:`_probe_listener.listen`.
    :returns: dict of peer address to dict of ``tcp`` (port to ``open``, ``closed``, ``filtered``), ``udp`` (port to
        ``answered``, ``refused``, ``silent``), ``trips`` (round trips in ms, in their order), ``sent`` and ``answered`` (datagrams,
        or connections where no datagram comes back), ``how`` (which of the two: ``udp``, ``tcp``, or ""), ``clock`` (None, or dict
        ``clock``, ``asked_at``, ``answered_at``: the peer's clock, read between these two moments of this member's clock),
        ``told`` (whether its listener took our goodbye).
    """
    tcp = _tcp(peers)
    echoes, trips = _echo(peers), _trips(tcp)
    found = {}
    for peer in peers:
        address = peer["address"]
        one = dict(echoes[address], tcp=tcp[address])
        if not one["answered"]:
            one.update(sent=CONNECTS if trips[address] else 0, answered=len(trips[address]), how="tcp" if trips[address] else "")
        # Echoes are late where a host is busy; the kernel's own measure of a connection is not.
        one["trips"] = trips[address] or one["trips"]
        greeted = _goodbye(own, address, tcp[address], token)
        one["told"] = greeted is not None
        one["clock"] = one["clock"] or greeted
        found[address] = one
    return found


def knock(peers):
    """Ports alone, each tried once: for who is no member, and only votes.

    :param peers: as of :func:`survey`; their ports, and UDP 4567.
    :returns: dict of peer address to dict of ``tcp`` and ``udp`` as :func:`survey` tells them.
    """
    tcp, echoes = _tcp(peers), _echo(peers)
    return {peer["address"]: {"tcp": tcp[peer["address"]], "udp": echoes[peer["address"]]["udp"]} for peer in peers}


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
        return {"udp": {str(UDP_PORTS[0]): self.verdict}, "sent": len(self.sent), "answered": len(trips), "trips": trips,
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


def _trips(verdicts):
    """Round trips by connecting, to all peers at once, on a port that answers: an open one where there is one.

    :param verdicts: dict of address to dict of port to verdict.
    :returns: dict of address to list of ms.
    """
    targets = {address: int(by_use(ports)[0]) for address, ports in verdicts.items() if by_use(ports)}
    found = {address: [] for address in verdicts}
    for _number in range(CONNECTS):
        for address, milliseconds in _connect_all(targets).items():
            found[address].append(milliseconds)
    return found


def by_use(verdicts):
    """The ports that answer, the one to knock at first: open ones, and Galera's own last, since it logs who says nothing.

    :param verdicts: dict of port to verdict.
    """
    answering = [port for port in sorted(verdicts) if verdicts[port] in ("open", "closed")]
    return sorted(answering, key=lambda port: (verdicts[port] != "open", port == "4567"))


def _connect_all(targets):
    """One connection to each address, all at once: dict of address to the round trip in ms, of those that answered."""
    pending, found = {}, {}
    for address, port in targets.items():
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        began = time.monotonic()
        sock.connect_ex((address, port))
        pending[sock] = (address, began)
    deadline = time.monotonic() + _CONNECT_SECONDS
    while pending and time.monotonic() < deadline:
        for sock in select.select([], list(pending), [], max(0.0, deadline - time.monotonic()))[1]:
            address, began = pending.pop(sock)
            found[address] = _round_trip(sock, began)
            sock.close()
    for sock in pending:
        sock.close()
    return found


def _round_trip(sock, began):
    """By the kernel's measure of the connection; of a refused one, by how long the refusal took."""
    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return round((time.monotonic() - began) * 1000.0, 3)
    known = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _KERNEL_ROUND_TRIP.size)
    return _KERNEL_ROUND_TRIP.unpack(known)[0] / 1000.0


def _goodbye(own, address, verdicts, token):
    """Say goodbye where one of our listeners answers.

    :returns: the clock as :func:`survey` tells it, or None when no listener of ours took it.
    """
    for port in [port for port in by_use(verdicts) if verdicts[port] == "open"]:
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
