# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the domain and their bounds: pure, used on the member and on the controller."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections import namedtuple

from ._errors import ValueRefused

STEPS = ("mode", "sync", "members", "network", "message", "primary")
"""The steps of the seed that write settings, in its order (2-3, 4-5, 6, 7-8, 9, 12)."""

COMPARISONS = ("sync.intact", "network.intact", "primary.published")
"""Settings that only tell whether something else is as it is written."""

_NEVER = ("/", "/home", "/var", "/var/lib")
"""What holds, among others, what must never be pushed to another member."""

_NEVER_BELOW = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run", "/sbin", "/sys", "/usr",
                "/var/backups", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/systemd", "/var/lock", "/var/log", "/var/run")
"""What must never be pushed to another member: the system, what it runs, and what tells members apart. Nothing below it either."""

_NEVER_BEGINNING = ("/var/lib/mysql", "/var/lib/senhasegura-")
"""The database, its data that were set aside (a time is at the end of their name), and what is ours."""

_HOME = re.compile(r"/home/[^/]+|.*/\.ssh(/.*)?")
"""A whole home directory, or the part of any that says who may log in with which key."""

MODES = ("standalone", "cluster")
LATENCIES = ("low", "medium", "high")
SST_METHODS = ("rsync", "mariabackup")
SERVICE_STATES = ("started", "stopped", "restarted", "bootstrapped")

SYNC_TIMEOUT_DEFAULT = 15
SYNC_TIMEOUT_BOUNDS = (1, 3600)

WEIGHT_PRIMARY = 2
WEIGHT_OTHER = 1
WEIGHT_ARBITRATOR = 2
"""Votes (``pc.weight``). The primary's second vote breaks the tie of an even number of members. With an odd number it would
do harm: of 2 + 1 + 1 votes a dying primary takes half with it, and whoever remains needs more than half (seen on real hosts).
So the members' votes always add up to an odd number, and an arbitrator's two keep it odd: no split leaves two equal halves, and
no single loss stops the others, but for that of the primary of just two."""

ZERO_UUID = "00000000-0000-0000-0000-000000000000"
"""The state UUID of a member that holds no history of any cluster."""

UNDEFINED_SEQNO = -1

Profile = namedtuple("Profile", "start online")
"""Provider options of a latency profile: those that apply at start only, and those that can be set at run time."""

_LATENCY = {
    "low": Profile({}, {}),
    "medium": Profile({"evs.suspect_timeout": "PT10S", "evs.inactive_timeout": "PT30S",
                       "evs.install_timeout": "PT15S"}, {}),
    "high": Profile({"evs.keepalive_period": "PT3S", "evs.suspect_timeout": "PT30S", "evs.inactive_timeout": "PT60S",
                     "evs.install_timeout": "PT60S"},
                    {"evs.send_window": "256", "evs.user_send_window": "128"}),
}

GALERA_DEFAULTS = {"evs.keepalive_period": "PT1S", "evs.suspect_timeout": "PT5S", "evs.inactive_timeout": "PT15S",
                   "evs.install_timeout": "PT7.5S", "evs.join_retrans_period": "PT1S", "evs.send_window": "4", "evs.user_send_window": "2",
                   "gmcast.segment": "0", "pc.weight": "1"}
"""What Galera uses for each provider option of ours when it is not written (Galera's documentation, "Galera
Parameters")."""

LATENCY_START_OPTIONS = ("evs.keepalive_period", "evs.suspect_timeout", "evs.inactive_timeout", "evs.install_timeout")
LATENCY_ONLINE_OPTIONS = ("evs.send_window", "evs.user_send_window")

JOINING_OPTIONS = {"evs.join_retrans_period": "PT0.1S", "evs.keepalive_period": "PT0.1S"}
"""While a member of a near cluster (latency low) joins, it repeats its words more often: that takes a quarter off the time to
create three members, and touches none of the time-outs by which Galera takes a member for dead. Both are taken back on-line
when all are in."""

LET_IN = (
    "nft list chains | awk '/^table/ {{t = $2 \" \" $3}} /^\\tchain/ {{c = $2}} /type filter hook (input|prerouting|ingress)/ "
    "&& t ~ /^(inet|netdev|{0}) / {{print t, c}}' | while read -r chain; do nft insert rule $chain {0} saddr {1} {2} dport '{{ {3} }}' accept; "
    "done (before every rule of every chain that could drop it; write it where those rules come from, or it is gone after the next start)")
"""What lets a peer in on a Debian host, for ``str.format``: family, address, protocol, ports. The strictest table wins in nftables, so
one table that accepts does not help: it goes into all that filter what comes in."""


def latency_profile(name):
    """The provider options of a latency profile.

    :param name: one of :data:`LATENCIES` (seed step 7; the vendor's Low 0-10 ms, Medium 10-30 ms, High > 30 ms).
    :returns: :class:`Profile`; low is Galera's defaults, so it is empty.
    :raises ValueRefused: for any other name.
    """
    if name not in _LATENCY:
        raise ValueRefused("latency must be one of %s, not %r" % (", ".join(LATENCIES), name))
    return _LATENCY[name]


def address(value, what="address"):
    """A single IP address in its shortest form.

    :raises ValueRefused: for anything else (a name, a network, a port).
    """
    try:
        return str(ipaddress.ip_address(str(value).strip()))
    except ValueError:
        raise ValueRefused("%s must be an IP address, not %r" % (what, value))


def segment(value):
    """A segment (seed step 8): 1 to 9, or blank, which Galera calls 0.

    :param value: int, text, or None; blank text is 0.
    :returns: int 0 to 9.
    :raises ValueRefused: outside of it. A 0 that a person wrote is refused too, since the screen has no such segment.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return 0
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 9:
        raise ValueRefused("segment must be a number from 1 to 9, or blank, not %r" % (value,))
    return int(text)


def sync_timeout(value):
    """The sync timeout (seed step 5) in whole seconds.

    :returns: int, 1 to 3600.
    :raises ValueRefused: outside of it, or with a unit written behind it.
    """
    low, high = SYNC_TIMEOUT_BOUNDS
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise ValueRefused("sync timeout must be a whole number of seconds from %d to %d, not %r" % (low, high, value))
    return int(text)


def sync_path_problems(paths):
    """What is wrong with the directories of the file synchronizers (seed step 4): list of sentences.

    :param paths: absolute paths; neither the system's nor the database's nor a whole home, and none inside another.
    """
    problems = []
    for path in paths:
        clean = _normal(path)
        if not clean.startswith("/"):
            problems.append("%s must be an absolute path" % path)
        elif clean in _NEVER or (clean + "/").startswith(tuple(one + "/" for one in _NEVER_BELOW) + _NEVER_BEGINNING):
            problems.append("%s must not be synchronized: it belongs to the system or the database" % path)
        elif _HOME.fullmatch(clean):
            problems.append("%s must not be synchronized: it holds keys that let people log in" % path)
        problems += ["%s and %s overlap: synchronize each directory once" % (path, other) for other in paths
                     if other is not path and (_normal(other) + "/").startswith(clean + "/")]
    return problems


def _normal(path):
    """A path in its shortest form; two slashes in front, which normpath keeps, mean the same as one."""
    return re.sub("^//", "/", posixpath.normpath(str(path)))


def weight_of(own_address, primary_address, members):
    """The votes (``pc.weight``) of a member: 2 on the primary of an even number of members, else 1.

    :param members: how many members there are, the arbitrator not counted.
    """
    return WEIGHT_PRIMARY if own_address == primary_address and members % 2 == 0 else WEIGHT_OTHER


def bracketed(ip):
    """An address as Galera wants it in a URL: IPv6 in brackets."""
    return "[%s]" % ip if ":" in ip else ip


def unbracketed(host_port):
    """The address of ``ADDRESS:PORT``, ``[ADDRESS]:PORT`` or a bare address, as Galera prints them."""
    text = host_port.strip()
    if text.startswith("["):
        return text[1:].split("]", 1)[0]
    if text.count(":") == 1:
        return text.split(":", 1)[0]
    return text
