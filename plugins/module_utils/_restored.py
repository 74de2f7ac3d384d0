# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What "restored" means for one member: the evidence, and what is missing of it. Pure.

``Synced`` alone proves nothing: a cluster that was bootstrapped twice shows Primary, Synced, ready, the same state UUID
and even the same sequence number on both halves. Only the membership that a member sees, read behind a causal read,
tells which component it is in. The comparison between members is the controller's (``plugin_utils/_proof.py``).
"""

from __future__ import annotations

SYNCED = 4

UNSPECIFIED = "unspecified"
"""What Galera shows for the address of a member that it has not met in a primary component."""

ARBITRATOR_VOTES = ("allowed", "required", "none")
"""Whether the arbitrator may, must, or must not be in the component."""


def missing_evidence(status, addresses, arbitrator="", arriving=(), arbitrator_vote="allowed"):
    """What is not proven yet.

    :param status: a platform's ``status``.
    :param addresses: the members that must form the component, no more and no less.
    :param arbitrator: its address; with one, at most one more voter without an address may be in the component.
    :param arriving: members that are being restored by themselves meanwhile: they may be in the component.
    :param arbitrator_vote: one of :data:`ARBITRATOR_VOTES`.
    :returns: list of sentences; empty when this member is restored, as far as it can tell alone.
    """
    if not status["answers"]:
        return ["the database does not answer"]
    missing = []
    if not status["wsrep_on"]:
        missing.append("it runs standalone")
    if not status["ready"]:
        missing.append("it is not ready")
    if not status["connected"]:
        missing.append("it is not connected to a component")
    if status["cluster_status"] != "Primary":
        missing.append("its component is %s" % (status["cluster_status"] or "unknown"))
    if status["local_state"] != SYNCED:
        missing.append("its state is %s" % (status["local_state_comment"] or "unknown"))
    if missing:
        return missing
    missing += wrong_membership(status, addresses, arbitrator, arriving)
    missing += wrong_arbitration(status, arbitrator, arbitrator_vote)
    if not status["current"]:
        missing.append("no causal read has shown its view to be current")
    return missing


def wrong_membership(status, addresses, arbitrator="", arriving=()):
    """How the component that a member sees differs from the one that it must be in: list of sentences."""
    seen = [item for item in status["incoming_addresses"] if item]
    arbitrators = len(status["incoming_addresses"]) - len(seen)
    wrong = []
    absent = [item for item in addresses if item not in seen]
    strange = [item for item in seen if item not in addresses and item not in arriving]
    if absent:
        wrong.append("its component lacks %s" % ", ".join(absent))
    twice = repeated(seen)
    if strange:
        wrong.append("its component also holds %s" % ", ".join(strange))
    if twice:
        wrong.append("its component holds %s more than once, so that another host runs as that member" % ", ".join(twice))
    if arbitrators > (1 if arbitrator else 0):
        wrong.append("its component holds %d voters without an address" % arbitrators)
    if not wrong and status["size"] != len(status["incoming_addresses"]):
        wrong.append("it counts %d voters but lists %d" % (status["size"], len(status["incoming_addresses"])))
    return wrong


def repeated(incoming):
    """Addresses that a view holds more than once: a copy of that member's host runs beside it. Not so who has no address in it, of whom
    there may be several.
    """
    return sorted({item for item in incoming if item not in ("", UNSPECIFIED) and incoming.count(item) > 1})


def named(incoming, addresses):
    """A view in which those without a name are taken for those of the addresses that it lacks, where they are as many.

    Members that meet in no primary component never exchange their addresses, so that they see each other as C(unspecified). Whoever
    asks must have other evidence that they reach each other.

    :param incoming: the addresses of a view (``wsrep_incoming_addresses``).
    :param addresses: who is expected in it.
    """
    lacking = [item for item in addresses if item not in incoming]
    known = [item for item in incoming if item != UNSPECIFIED]
    return known + lacking if lacking and len(incoming) - len(known) == len(lacking) else list(incoming)


def wrong_arbitration(status, arbitrator, arbitrator_vote):
    """Whether the arbitrator votes as it should: list of sentences. More than one voter without an address is
    :func:`wrong_membership`'s to tell; an arbitrator that comes or goes never proves that a component is another one.
    """
    votes = "" in status["incoming_addresses"]
    if arbitrator_vote == "required" and not votes:
        return ["its component lacks the arbitrator %s" % arbitrator]
    if arbitrator_vote == "none" and votes:
        return ["its component still holds the arbitrator %s" % arbitrator]
    return []


def in_another_component(status, addresses, arbitrator="", arriving=()):
    """Proof that a member is serving in a component that is not the one it must be in: the wait can end.

    Only a view behind a causal read is proof; right after a member joined, others may not be in the view yet.
    """
    serving = status["answers"] and status["ready"] and status["cluster_status"] == "Primary"
    return bool(serving and status["current"] and status["local_state"] == SYNCED
                and wrong_membership(status, addresses, arbitrator, arriving))
