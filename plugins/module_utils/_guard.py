# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last guard before a bootstrap or a restart, on the member itself, in the moment before it happens.

A bootstrap on a fresh or rebuilt host succeeds while the cluster lives, with the same name and list, and nobody's log
shows an error. So the plan decides on evidence of every member, and this asks once more.
"""

from __future__ import annotations

from ._errors import ClusterError
from ._restored import named, wrong_membership

GROUP_PORT = "4567"


def change_service(platform, options, check_mode):
    """Start, stop, restart or bootstrap the service, behind the guards.

    :param options: of ``cluster_service``, as Ansible validated them.
    :returns: the module's result.
    :raises ClusterError: when a guard refuses.
    """
    state = options["state"]
    service = platform.service()
    changed = _needed(state, service)
    if changed:
        refuse_other_run(platform, state, options["seen"])
    if state == "bootstrapped":
        refuse_bootstrap(platform, options["members"], options["address"], options["proven_outside"], options["lost"])
    if state in _JOINS and changed:
        refuse_unseen_data(platform, options["replaces"])
    if state in _LEAVES and changed:
        refuse_restart(platform, options["expected"], options["arbitrator"], options["arriving"], _LEAVES[state], options["outside"])
    if changed and not check_mode:
        platform.change_service(state, options["donors"], options["only_donors"])
    return {"changed": changed, "service": service, "diff": {"before": service["state"] + "\n", "after": state + "\n"}}


_LEAVES = {"restarted": "restart", "stopped": "stop"}
"""What takes a serving member out of its component, and what that is called."""


_JOINS = ("started", "restarted")
"""What takes a member that is in no component into the one that serves, whose data it gets."""


def refuse_unseen_data(platform, replaces):
    """Refuse to let a member join whose data, which that replaces, were not there when the plan was made.

    A member in a primary component gets no other data, and one that is just being restored holds those that it was sent.

    :param replaces: the names of the schemas that were there then; None asks for nothing.
    :raises ClusterError: when there are others.
    """
    if replaces is None:
        return
    if _comes_back(platform):
        return
    unseen = [schema["name"] for schema in platform.data()["schemas"] if schema["name"] not in replaces]
    if unseen:
        raise ClusterError("joining refused: this member holds data of its own that were not there when the plan was made (%s), and joining "
                           "would replace them" % ", ".join(unseen),
                           remedy="Name it in senhasegura_overwrite_members to have them backed up and replaced, or take it out of the "
                                  "inventory; then run the playbook again")


def _comes_back(platform):
    """Whether a member is in a primary component, or just being let into one: what it holds then, it holds of the cluster."""
    status = platform.status()
    return status["cluster_status"] == "Primary" or (
        not status["answers"] and platform.service()["changing"] and platform.read("mode")["mode"] == "cluster")


_WHAT = {"started": "joining", "restarted": "joining", "stopped": "stop", "bootstrapped": "bootstrap"}


def refuse_other_run(platform, state, seen):
    """Refuse to change the service of a member whose database is not what the plan was made of any more.

    Between a plan and its work hours may lie: a controller was suspended, somebody else has brought the cluster back, and now there is the
    next outage. The position on disk counts where the database does not run; whoever has run in between may stand at the same again.

    :param state: what the service shall be.
    :param seen: dict of ``invocation`` and, where the position counts, ``uuid`` and ``seqno``, as they were observed; None asks for nothing.
    :raises ClusterError: when they are others, and the member is not in the cluster that it shall join.
    """
    if not seen or state in _JOINS and _comes_back(platform):
        return
    service, saved, remedy = platform.service(), platform.saved(), "Run the playbook again: it observes every member anew"
    if seen["uuid"] is not None and service["dead"] and (saved["uuid"], saved["seqno"]) != (seen["uuid"], seen["seqno"]):
        raise ClusterError("%s refused: this member stood at %s:%d when the plan was made, and stands at %s:%d now"
                           % (_WHAT[state], seen["uuid"], seen["seqno"], saved["uuid"], saved["seqno"]), remedy=remedy)
    if service["invocation"] != seen["invocation"]:
        raise ClusterError("%s refused: this member's database or its host was started since the plan was made, so what it holds now is unknown"
                           % _WHAT[state], remedy=remedy)


def set_aside(platform, invocation):
    """Set the data directory of a stopped member aside.

    :param invocation: the run of its database that the plan was made of, which has ended; None asks for nothing.
    :returns: what the platform tells.
    :raises ClusterError: when the database runs, or has run since.
    """
    service = platform.service()
    # systemd may forget of which run a unit was that has ended.
    if invocation is not None and not (service["dead"] and service["invocation"] in (invocation, "")):
        raise ClusterError("setting the data directory aside refused: this member's database is %s, and was started since the plan was made"
                           % service["state"], remedy="Run the playbook again: it observes every member anew")
    return platform.set_aside()


def _needed(state, service):
    """A member that is as asked needs nothing; a restart and a bootstrap are always something."""
    if state == "started":
        return not (service["active"] or service["state"] == "activating")
    if state == "stopped":
        return not service["dead"]
    return True


def refuse_bootstrap(platform, members, address, proven_outside, lost=()):
    """Refuse a bootstrap that is not proven to be the only component.

    :param members: addresses of all declared members.
    :param address: this member's own.
    :param proven_outside: addresses that the plan proved to be in no primary component.
    :param lost: addresses that a person declared lost: of them neither proof nor an answer is asked, but they must not listen.
    :raises ClusterError: when evidence is missing, this member is in a primary component with others, or a peer
        listens for group communication, or does not answer.
    """
    remedy = "Run the playbook again: it observes every member anew"
    if address not in (members or []):
        raise ClusterError("bootstrap refused: this member's address %s is not among the declared members %s"
                           % (address, ", ".join(members or []) or "(none)"), remedy=remedy)
    others = [item for item in members if item != address]
    unproven = [item for item in others if item not in (proven_outside or []) and item not in lost]
    if unproven:
        raise ClusterError("bootstrap refused: not proven to be outside of a primary component: %s" % ", ".join(unproven),
                           remedy=remedy)
    status = platform.status()
    companions = [item for item in status["incoming_addresses"] if item not in ("", address)]
    if status["cluster_status"] == "Primary" and companions:
        raise ClusterError("bootstrap refused: this member is in a primary component with %s" % ", ".join(companions),
                           remedy=remedy)
    for peer, ports in sorted(platform.ports(others).items()):
        if ports[GROUP_PORT] == "open":
            raise ClusterError("bootstrap refused: %s listens on port %s, so Galera runs there" % (peer, GROUP_PORT),
                               remedy=remedy)
        if ports[GROUP_PORT] == "filtered" and peer not in lost:
            raise ClusterError("bootstrap refused: %s does not answer on port %s, so what runs there is unknown"
                               % (peer, GROUP_PORT), remedy="Let the members reach each other, then run the playbook again")


def refuse_restart(platform, expected, arbitrator="", arriving=(), what="restart", outside=False):
    """Refuse to restart or stop a serving member while the cluster could not bear it.

    A member that leaves gracefully takes its own votes with it, so whoever remains keeps serving if it has any votes; but a
    cluster that lacks a member already would serve on fewer than it should, and lose its quorum with the next failure.

    :param expected: the addresses of the members that must be in the component now; empty asks for nothing.
    :param what: ``restart`` or ``stop``, for the error.
    :param outside: whether the plan proved that it serves in no primary component: then it takes nothing from anybody, and may have
        been voted out, out of which only a stop leads.
    :raises ClusterError: when the component is not as expected, or nobody with a vote would remain.
    """
    status = platform.status()
    if not expected or not (status["answers"] and status["wsrep_on"]):
        return
    if status["cluster_status"] != "Primary" and outside:
        return
    if status["cluster_status"] != "Primary":
        raise ClusterError("%s refused, the cluster is degraded: Galera runs here in no primary component (%s)"
                           % (what, status["cluster_status"] or "no component"),
                           remedy="Let the members reach each other, then run the playbook again")
    if not status["ready"]:
        return
    wrong = wrong_membership(status, expected, arbitrator, arriving)
    if wrong:
        raise ClusterError("%s refused, the cluster is degraded: %s" % (what, "; ".join(wrong)),
                           remedy="Bring the others back first, then run the playbook again")
    votes = status["weight"] - platform.read("primary")["weight"]
    if votes <= 0:
        raise ClusterError("%s refused: %d of %d votes would remain, so nobody would serve"
                           % (what, max(votes, 0), status["weight"]), remedy="Run the playbook again: it plans anew")


def assume(platform, options, check_mode):
    """Make this member's component primary, behind the guard.

    :param options: of ``cluster_assume``, as Ansible validated them.
    :returns: the module's result.
    :raises ClusterError: when this member sees others than those who are left, holds another history, or a dead one or an arbitrator that
        it does not see listens.
    """
    status = platform.status()
    primary = status["cluster_status"] == "Primary"
    _refuse_assume(platform, status, options)
    if not primary and not check_mode:
        platform.make_primary()
    before = "%s\n" % (status["cluster_status"] or "no component")
    return {"changed": not primary, "diff": {"before": before, "after": "Primary\n"}}


def _refuse_assume(platform, status, options):
    remedy = "Run the playbook again: it observes every member anew"
    if not status["answers"] or not status["wsrep_on"]:
        raise ClusterError("assuming refused: Galera does not run here", remedy=remedy)
    view = status if options["arbitrator"] else dict(status, incoming_addresses=named(status["incoming_addresses"], options["stay"]))
    wrong = wrong_membership(view, options["stay"], options["arbitrator"])
    if wrong:
        raise ClusterError("assuming refused: %s" % "; ".join(wrong), remedy=remedy)
    if status["state_uuid"] != options["state_uuid"]:
        raise ClusterError("assuming refused: this member holds the history %s, not %s" % (status["state_uuid"], options["state_uuid"]),
                           remedy=remedy)
    absent = [item for item in options["stay"] if item not in status["incoming_addresses"]]
    for peer, ports in sorted(platform.ports(absent).items()):
        if ports[GROUP_PORT] != "open":
            raise ClusterError("assuming refused: %s is not reached on port %s, so who the member without an address is, is unknown"
                               % (peer, GROUP_PORT), remedy=remedy)
    unseen = [options["arbitrator"]] if options["arbitrator"] and "" not in status["incoming_addresses"] else []
    for peer, ports in sorted(platform.ports(options["dead"] + unseen).items()):
        if ports[GROUP_PORT] == "open":
            raise ClusterError("assuming refused: %s listens on port %s, so Galera runs there" % (peer, GROUP_PORT), remedy=remedy)
