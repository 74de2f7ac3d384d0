# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a DNS server answers: one question over UDP, of our own making, so that no resolver's cache speaks for it."""

from __future__ import annotations

import os
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

_PORT = 53
_TRIES = 2
_TRY_SECONDS = 1.0

_RCODES = {0: "answers", 1: "format error", 2: "server failure", 3: "answers", 5: "refuses"}
"""RFC 1035, 4.1.1. A name that does not exist is an answer."""


def servers_of(resolv_conf):
    """The servers that resolv.conf names, in its order.

    :param resolv_conf: its text.
    """
    rows = [row.split() for row in resolv_conf.splitlines()]
    return [row[1] for row in rows if len(row) > 1 and row[0] == "nameserver"]


def question(name, number):
    """A query for the IPv4 address of a name (RFC 1035).

    :param number: the query's identity, 0 to 65535.
    :returns: bytes.
    """
    try:
        encoded = name.encode("idna")
    except UnicodeError:  # a member may be called anything, and any name serves for asking
        encoded = b"localhost"
    labels = b"".join(struct.pack("B", len(label)) + label for label in encoded.split(b".") if label)
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


def verdict_of(answer, number):
    """What an answer says: ``answers``, or what is wrong with it; None when it is no answer to that question."""
    if len(answer) < 12:
        return None
    identity, flags = struct.unpack(">HH", answer[:4])
    if identity != number or not flags & 0x8000:
        return None
    return _RCODES.get(flags & 0xF, "code %d" % (flags & 0xF))


def ask(servers, name):
    """Ask every server for a name, all at once.

    :returns: dict of server to ``answers``, or what is wrong (``no answer``, ``refused``, ``server failure``, …).
    """
    with ThreadPoolExecutor(max_workers=max(1, len(servers))) as pool:
        return dict(zip(servers, pool.map(lambda server: _ask_one(server, name), servers)))


def _ask_one(server, name):
    number = int.from_bytes(os.urandom(2), "big")
    try:
        # It knows the interface of a link-local address, too (fe80::1%eth0).
        family, kind, protocol, _name, address = socket.getaddrinfo(server, _PORT, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
        with socket.socket(family, kind, protocol) as sock:
            sock.settimeout(_TRY_SECONDS)
            sock.connect(address)
            for _try in range(_TRIES):
                sock.send(question(name, number))
                try:
                    verdict = verdict_of(sock.recv(4096), number)
                except socket.timeout:
                    continue
                if verdict:
                    return verdict
    except socket.gaierror:
        return "no address"
    except OSError as error:
        return os.strerror(error.errno).lower() if error.errno else "no answer"
    return "no answer"
