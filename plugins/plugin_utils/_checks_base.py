# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all checks share: what they are given, and what they say. Pure."""

from __future__ import annotations

import shlex
from collections import namedtuple

OK, WARN, FAIL, UNKNOWN, SKIPPED = "ok", "warn", "fail", "unknown", "skipped"

STATUSES = (SKIPPED, OK, UNKNOWN, WARN, FAIL)
"""From the best to the worst: of several findings of one check about one member, the worst is shown."""

CLUSTER = ""
"""The member of a finding that is about the cluster as a whole."""

Finding = namedtuple("Finding", "member status seen expected fix lowered")
"""One answer of one check.

``member`` (name, or :data:`CLUSTER`), ``status``, ``seen``, ``expected``, ``fix`` (what to do, with the command), ``lowered`` (why
a failure is only a warning, or an unknown skipped; or "").
"""

Facts = namedtuple("Facts", "declared observations probes plan gate data inventory hostnames")
"""What every check is given.

``declared`` of :func:`_declared.declare`; ``observations`` (name to dict of ``observed``, ``asked_at``, ``answered_at``, or
``unknown``); ``probes`` of :func:`_checks_probe.probes_of`; ``plan`` of :func:`_plan.make_plan`; ``gate``: dict of ``taken`` (name to
the time of its acknowledged snapshot), ``max_age_hours`` (0 asks for none), ``backup_hours`` (the same of backups), ``keeping`` of
:func:`_inventory.keeping_of`, ``directories`` of :func:`_inventory.backup_directories_of`, ``now`` (epoch seconds); ``data`` of
:func:`_checks_data.data_of`; ``inventory``: the sources (``-i``) of this run; ``hostnames`` of :func:`_inventory.hostnames_of`.
"""


def ok(member, seen):
    """It is as it must be."""
    return Finding(member, OK, seen, "", "", "")


def skipped(member, seen):
    """Nobody looked: it was not asked for, or does not apply there. No good news, and no bad."""
    return Finding(member, SKIPPED, seen, "", "", "")


def warn(member, seen, expected, fix):
    """A cluster can be made, and will be worse for it."""
    return Finding(member, WARN, seen, expected, fix, "")


def fail(member, seen, expected, fix):
    """A cluster must not be made like this, or is not what it must be."""
    return Finding(member, FAIL, seen, expected, fix, "")


def unknown(member, seen, fix=""):
    """It cannot be known; without a fix, because of something that another check tells."""
    return Finding(member, UNKNOWN, seen, "", fix, "")


def names(facts):
    """The members' names in their order."""
    return [member["name"] for member in facts.declared["members"]]


def address_of(facts, name):
    """A member's declared address."""
    return next(member["address"] for member in facts.declared["members"] if member["name"] == name)


def data_center(declared, name, segment):
    """In which data center somebody is, as every check reads segments: those of one segment are together.

    In different data centers a blank segment (0) tells nothing of who is near whom: each of those is in one of its own.
    """
    return name if declared["different_datacenters"] and not segment else segment


def observed(facts, name):
    """What was observed of a member; None where nothing was."""
    return facts.observations[name].get("observed")


def is_at_home(facts, name):
    """Whether a member was observed and has its declared address: what answers at another one is somebody else."""
    return bool(observed(facts, name)) and address_of(facts, name) in observed(facts, name)["host"]["addresses"]


def probe(facts, name, part):
    """A part of what was probed on a member; None where it was not."""
    return facts.probes.get(name, {}).get(part)


def each_observed(facts, judge):
    """A finding for every member that was observed.

    :param judge: called with name and observed; returns a finding.
    """
    return [judge(name, observed(facts, name)) if observed(facts, name) else _unseen(name) for name in names(facts)]


def each_probed(facts, part, judge):
    """A finding for every member of which a part was probed.

    :param judge: called with name and the part; returns a finding.
    """
    return [judge(name, probe(facts, name, part)) if probe(facts, name, part) is not None else _unseen(name)
            for name in names(facts)]


def _unseen(name):
    return unknown(name, "see member.reachable")


def ansible(facts, command, *options):
    """A command of Ansible's as it must be typed to mean the members of this run: with its inventory.

    :param command: ``ansible member``, or ``ansible-playbook senhasegura.cluster.NAME``.
    """
    return " ".join([command] + ["-i " + shlex.quote(source) for source in facts.inventory] + list(options))


_PREPARED = {
    "hostname": "--limit {name} -e senhasegura_prepare_hostname=true",
    "names": "--limit {name} -e senhasegura_prepare_hosts=true",
    "dns": "--limit {name} -e '{{\"senhasegura_prepare_dns\": true, \"senhasegura_dns_servers\": [\"ADDRESS\"]}}'",
    "ntp": "-e '{{\"senhasegura_prepare_ntp\": true, \"senhasegura_ntp_servers\": [\"SERVER\"]}}'",
    "firewall": "-e senhasegura_prepare_firewall=true",
}
"""The options of ``prepare_members`` for what it can mend. One host alone where only that one needs it; its firewall is tried by the
others, and all of them need the same time."""


def remedy(facts, name, what, *values):
    """What to do on a member: by our own playbook where that can, and by hand in the words of its platform.

    Where the playbook mends in one case alone, what mends in every case comes first.

    :param what: one of the remedies that every platform declares (``capabilities``).
    :param values: for the places in it.
    """
    capabilities = observed(facts, name)["capabilities"]
    hand, case = by_hand(facts, name, what, *values), capabilities["prepares"].get(what)
    if case is None:
        return hand
    playbook = ansible(facts, "ansible-playbook senhasegura.cluster.prepare_members", _PREPARED[what.split("_", 1)[0]].format(name=name))
    return "%s; or, %s: %s" % (hand, case, playbook) if case else "%s; or by hand there: %s" % (playbook, hand)


def by_hand(facts, name, what, *values):
    """The same, where our own playbook would not mend it."""
    return observed(facts, name)["capabilities"]["remedies"][what].format(*values)


def listed(things):
    """Several names in a sentence; ``nothing`` for none."""
    return ", ".join(things) or "nothing"
