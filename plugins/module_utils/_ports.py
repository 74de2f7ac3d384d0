# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a member reaches the cluster's ports on its peers."""

from __future__ import annotations

import errno
import select
import socket
import time

PORTS = (4567,)
"""Group communication. Not 4444 and 4568: the receiver of a state transfer that is under way takes the first connection for
the donor's, and fails on ours. ``cluster_probe`` tries those, and leaves such members alone."""

ANSWER_SECONDS = 2.0
"""A peer that says neither yes nor no to a connection for this long is filtered: a round trip takes 0.2 s at most."""


def reach(peers, ports=PORTS, seconds=ANSWER_SECONDS):
    """Try a TCP connection to every port of every peer, all at once.

    :param peers: addresses.
    :param seconds: how long to wait for answers.
    :returns: dict of address to dict of port (text) to ``open``, ``closed`` (reachable, nobody listens there) or
        ``filtered`` (no answer, or no route).
    """
    found = {peer: {str(port): "filtered" for port in ports} for peer in peers}
    pending = {}
    for peer in peers:
        for port in ports:
            sock = _connecting(peer, port)
            if sock is not None:
                pending[sock] = (peer, str(port))
    deadline = time.monotonic() + seconds
    while pending and time.monotonic() < deadline:
        _read, ready, failed = select.select([], list(pending), list(pending), deadline - time.monotonic())
        for sock in set(ready + failed):
            peer, port = pending.pop(sock)
            found[peer][port] = _verdict(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            sock.close()
    for sock in pending:
        sock.close()
    return found


def _connecting(peer, port):
    sock = socket.socket(socket.AF_INET6 if ":" in peer else socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    code = sock.connect_ex((peer, port))
    if code in (0, errno.EINPROGRESS, errno.ECONNREFUSED):
        return sock
    sock.close()
    return None


def _verdict(code):
    if code == 0:
        return "open"
    return "closed" if code == errno.ECONNREFUSED else "filtered"
