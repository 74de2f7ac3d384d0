# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of the members before a cluster is made or grows. Pure; one function a check."""

from __future__ import annotations

from . import _evidence as evidence
from ._actions import JOIN

CLOCK_SECONDS = 2.0
"""Clocks of two members may differ by this much."""

ROOM_FACTOR = 1.1
ROOM_EXTRA = 256 * 1024**2
"""A joiner needs the donor's data and a tenth, and room for galera.cache (128 MiB) and MariaDB's own logs."""

_PORT_USE = {"4567": "group communication"}


def preflight(declared, observations, decisions):
    """All checks.

    :param declared: of :func:`_declared.declare`.
    :param observations: dict of member name to observation, none unknown.
    :param decisions: the plan's decision per member: only joining ones need room.
    :returns: list of problems in words; empty when everything is as it must be.
    """
    seen = {name: observation["observed"] for name, observation in observations.items()}
    return (wrong_hosts(declared, observations) + _hostnames(seen) + _clocks(observations) + _ports(declared, seen)
            + _versions(observations, decisions) + _room(seen, decisions) + _fixed(seen, decisions))


def wrong_hosts(declared, observations):
    """Observations that are not of the member that they are said to be of: what is done to it would be done to another one.

    :param observations: dict of member name to observation; the unknown ones do not count.
    :returns: list of sentences.
    """
    seen = {name: one["observed"] for name, one in observations.items() if not one.get("unknown")}
    return own_addresses(declared, seen)


def own_addresses(declared, seen):
    """Declared addresses that are not on the host that was asked: list of sentences.

    :param seen: dict of member name to what was observed of its host; who is missing in it is not asked about.
    """
    return ["%s: the address %s is not on that host, which has %s; correct senhasegura_address or ansible_host"
            % (member["name"], member["address"], ", ".join(seen[member["name"]]["host"]["addresses"]) or "none")
            for member in declared["members"] if member["name"] in seen
            and member["address"] not in seen[member["name"]]["host"]["addresses"]]


def _hostnames(seen):
    """For those whose database is started by a plan; where those who serve or are left are only told something :func:`wrong_hosts` is asked."""
    owners = {}
    for name, observed in seen.items():
        owners.setdefault(observed["host"]["hostname"], []).append(name)
    return ["%s have the same hostname %s; every member needs its own" % (" and ".join(names), hostname)
            for hostname, names in owners.items() if len(names) > 1]


def clock_difference(one, other):
    """The seconds by which two clocks differ at the least, given when they were asked and when they had answered.

    Each clock was read somewhere between the two, so its distance from the controller's is an interval; what lies between
    the intervals is a real difference, however slow the link is.

    :returns: seconds, at least 0.
    """
    def interval(observation):
        clock = observation["observed"]["host"]["clock"]
        return clock - observation["answered_at"], clock - observation["asked_at"]
    (low, high), (other_low, other_high) = interval(one), interval(other)
    return max(0.0, low - other_high, other_low - high)


def _clocks(observations):
    problems = []
    names = list(observations)
    for index, name in enumerate(names):
        for other in names[index + 1:]:
            difference = clock_difference(observations[name], observations[other])
            if difference > CLOCK_SECONDS:
                problems.append("the clocks of %s and %s differ by %.1f s; at most %.1f s are allowed, so synchronize them "
                                "(NTP) first" % (name, other, difference, CLOCK_SECONDS))
    return problems


def _ports(declared, seen):
    names = {member["address"]: member["name"] for member in declared["members"]}
    problems = []
    for name, observed in seen.items():
        for address, ports in observed.get("ports", {}).items():
            blocked = sorted(port for port, verdict in ports.items() if verdict == "filtered")
            if blocked:
                problems.append("%s does not reach %s (%s) on TCP %s; let it through the firewalls between them"
                                % (name, names.get(address, address), address,
                                   ", ".join("%s (%s)" % (port, _PORT_USE.get(port, "cluster")) for port in blocked)))
    return problems


SAME_VERSION = ("mariadb-server", "galera-4", "orbini-fwk", "senhasegura-pam")
"""Database and, on appliances, what ``orbit version`` tells."""


def _versions(observations, decisions):
    """Members that have MariaDB must have the same; one that has none yet gets its packages before it is compared."""
    problems, seen = [], {name: one["observed"] for name, one in observations.items()}
    for package in SAME_VERSION:
        versions = {}
        for name, observed in seen.items():
            version = observed["host"]["packages"].get(package)
            if version:
                versions.setdefault(version, []).append(name)
        if len(versions) > 1:
            problems.append("the members have different versions of %s (%s); install the same everywhere%s"
                            % (package, "; ".join("%s: %s" % (version, ", ".join(names))
                                                  for version, names in sorted(versions.items())), _ended_by(observations, decisions)))
    return problems


def _ended_by(observations, decisions):
    """How an update ends that was interrupted while a member was stopped: update_members wants a whole cluster, and sends that member here."""
    states = {name: evidence.classify(one) for name, one in observations.items()}
    stopped = [name for name, made in decisions.items() if states[name] == evidence.DOWN and made["action"] == JOIN
               and not made.get("set_aside") and not made.get("left_behind") and evidence.history(observations[name]["observed"])]
    if not stopped or evidence.SERVING not in states.values():
        return ""
    return ("; where an update was interrupted, start MariaDB as it is on %s (systemctl start mariadb), and run update_members again, which updates "
            "the others" % " and ".join(stopped))


def _fixed(seen, decisions):
    """Found out before the member is stopped: behind that it could only stay away."""
    return ["%s: its data directory %s is a mount point, so it cannot be set aside by renaming it; stop MariaDB there, move everything "
            "in it into another folder by hand, leave it empty, and run again" % (name, observed["data"]["fixed"])
            for name, observed in seen.items() if decisions[name].get("set_aside") and observed["data"]["fixed"]]


def _room(seen, decisions):
    donors = [observed["data"]["bytes"] for name, observed in seen.items() if decisions[name]["action"] != "join"]
    needed = int(max(donors or [0]) * ROOM_FACTOR) + ROOM_EXTRA
    problems = []
    for name, observed in seen.items():
        replaced = 0 if decisions[name].get("set_aside") else observed["data"]["bytes"]
        room = observed["host"]["free_bytes"] + replaced
        if decisions[name]["action"] == "join" and room < needed:
            aside = decisions[name].get("set_aside")
            problems.append("%s has room for %d MB of data%s, but joining needs %d MB; make room first"
                            % (name, room // 2**20, " beside those that are set aside" if aside else "", needed // 2**20))
    return problems
