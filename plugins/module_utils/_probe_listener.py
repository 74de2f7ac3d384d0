# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener of our own on the cluster's ports, for the moment of a test: who reaches it is proven to get through.

It is a detached process that ends by itself: when every peer has said goodbye, when it is told to stop, or when its time is
up, whichever comes first. It writes no file: its control socket has an abstract name.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time

GREETING = "senhasegura-check"
"""How every line of ours begins, in both directions."""

TCP_PORTS = (4444, 4567, 4568)
UDP_PORTS = (4567,)

_LINE_BYTES = 256


def listen(address, token, peers, seconds, more=()):
    """Start the listener.

    :param address: this member's own address; only that one is listened on.
    :param token: what goodbye and stop must carry: a run's own, so that two runs do not end each other's listeners.
    :param peers: names that must say goodbye; this member's own name is one of them.
    :param seconds: after which it ends in any case.
    :param more: TCP ports beside the cluster's.
    :returns: dict of ``tcp`` and ``udp``, each port (text) to ``ours`` or the reason why we do not listen there.
    """
    while tell(token, "stop"):  # what phase together of this run has left, where not everybody met
        pass
    sockets, found = _bind_all(address, TCP_PORTS + tuple(more))
    if not sockets:
        return found
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.bind(_control_name(token))
    control.listen(16)
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        for sock in sockets + [control]:
            sock.close()
        return found
    _detach()
    try:
        _Server(sockets, control, token, peers, time.monotonic() + seconds).serve()
    finally:
        os._exit(0)


def tell(token, words):
    """Say a line to this member's own listener.

    :param words: ``bye NAME``, ``stop`` or ``alive``.
    :returns: whether there was one.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(2.0)
    try:
        sock.connect(_control_name(token))
        sock.sendall(line(token, words))
        # It greets whoever connects: the greeting proves that the process is there, not only its socket.
        return bool(sock.recv(_LINE_BYTES))
    except OSError:
        return False
    finally:
        sock.close()


def line(token, words):
    """What is said to a listener, as bytes."""
    return ("%s %s %s\n" % (GREETING, token, words)).encode("utf-8")


def clock_of(answer):
    """The clock that a listener's greeting or echo tells.

    :param answer: bytes.
    :returns: epoch seconds, or None where the answer is not one of ours.
    """
    words = answer.decode("utf-8", "replace").split()
    if len(words) < 2 or words[0] != GREETING:
        return None
    try:
        return float(words[-1])
    except ValueError:
        return None


def _control_name(token):
    return "\0%s-%s" % (GREETING, token)


def _bind_all(address, tcp_ports):
    sockets, found = [], {"tcp": {}, "udp": {}}
    for kind, ports, protocol in (("tcp", tcp_ports, socket.SOCK_STREAM), ("udp", UDP_PORTS, socket.SOCK_DGRAM)):
        for port in ports:
            sock, found[kind][str(port)] = _bind(address, port, protocol)
            sockets += [sock] if sock else []
    return sockets, found


def _bind(address, port, protocol):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, protocol)
    if protocol == socket.SOCK_STREAM:
        # Connections of the run before may still be in TIME_WAIT; a living listener is respected all the same.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((address, port))
        if protocol == socket.SOCK_STREAM:
            sock.listen(64)
    except OSError as error:
        sock.close()
        return None, "in use" if error.errno == errno.EADDRINUSE else os.strerror(error.errno)
    sock.setblocking(False)
    return sock, "ours"


def _detach():
    """Become a process of its own, which keeps neither Ansible's pipes nor its session."""
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)


class _Server(object):
    """Greets, echoes, counts goodbyes.

    :param sockets: bound TCP and UDP sockets, not blocking.
    :param control: the control socket, listening.
    :param deadline: on the monotonic clock.
    """

    def __init__(self, sockets, control, token, peers, deadline):
        control.setblocking(False)
        self._sockets = sockets
        self._control = control
        self._token = token
        self._missing = set(peers)
        self._deadline = deadline
        self._open = {}

    def serve(self):
        """Until everybody has said goodbye, somebody says stop, or time is up.

        The control socket is closed last: where it does not answer any more, the ports are free.
        """
        while self._missing and time.monotonic() < self._deadline:
            ready = select.select(self._sockets + [self._control] + list(self._open), [], [],
                                  max(0.0, self._deadline - time.monotonic()))[0]
            for sock in ready:
                if sock in self._open:
                    self._hear(sock)
                elif sock.type == socket.SOCK_DGRAM:
                    self._echo(sock)
                else:
                    self._greet(sock)
        for sock in self._sockets + list(self._open) + [self._control]:
            sock.close()

    def _greet(self, listening):
        try:
            sock = listening.accept()[0]
            self._open[sock] = b""
            sock.setblocking(False)
            sock.sendall(("%s %.6f\n" % (GREETING, time.time())).encode("utf-8"))
        except OSError:  # whoever it was has gone already
            return

    @staticmethod
    def _echo(sock):
        try:
            said, sender = sock.recvfrom(_LINE_BYTES)
            if said.startswith(GREETING.encode("utf-8")):
                sock.sendto(said.strip() + (" %.6f\n" % time.time()).encode("utf-8"), sender)
        except OSError:  # an ICMP error about an earlier answer is reported here
            return

    def _hear(self, sock):
        try:
            piece = sock.recv(_LINE_BYTES)
        except OSError:
            piece = b""
        self._open[sock] += piece
        if piece and len(self._open[sock]) < _LINE_BYTES and not self._open[sock].endswith(b"\n"):
            return
        words = self._open.pop(sock).decode("utf-8", "replace").split()
        sock.close()
        if words[:2] != [GREETING, self._token]:
            return
        if words[2:] == ["stop"]:
            self._missing.clear()
        elif words[2:3] == ["bye"]:
            self._missing.discard(" ".join(words[3:]))
