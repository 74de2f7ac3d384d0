# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Votes: who serves on when somebody fails. Pure.

Galera's rule: what is left of a primary component stays primary with more than half of its last votes; who leaves gracefully
takes the own votes along first (Galera's documentation, "Weighted Quorum").
"""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR, weight_of

from . import _evidence as evidence

ARBITRATOR = "the arbitrator"


def votes(declared):
    """The votes of the declared cluster: dict of member name, and :data:`ARBITRATOR`, to its votes (``pc.weight``)."""
    address = {member["name"]: member["address"] for member in declared["members"]}
    found = {name: weight_of(one, address[declared["primary"]], len(address)) for name, one in address.items()}
    return dict(found, **{ARBITRATOR: WEIGHT_ARBITRATOR}) if declared["arbitrator"] else found


def votes_now(declared, observations):
    """The votes of the component that serves, as it is now: dict of voter to votes; empty where nobody serves.

    Who serves votes, and who is in the view of the first of them: also a member that could not be asked, one that is just receiving its
    data, and the arbitrator, which is an empty address there. A member has the votes that are written on it; those of the declaration
    where it could not be asked, or where its platform counts them by itself.

    :param observations: dict of member name to observation.
    """
    serving = {name: one["observed"] for name, one in observations.items() if evidence.classify(one) == evidence.SERVING}
    if not serving:
        return {}
    view, cast = next(iter(serving.values()))["status"]["incoming_addresses"], votes(declared)
    found = {member["name"]: _votes_of(observations[member["name"]], cast[member["name"]]) for member in declared["members"]
             if member["name"] in serving or member["address"] in view}
    return dict(found, **{ARBITRATOR: WEIGHT_ARBITRATOR}) if "" in view else found


def _votes_of(observation, by_declaration):
    observed = observation.get("observed")
    written = observed and "primary.weight" not in observed["capabilities"]["decides"]
    return observed["settings"]["primary"]["weight"] if written else by_declaration


def votes_then(declared, observations):
    """The votes when every declared member is in: without an arbitrator that the component that serves does not count, since no plan of
    members brings it in.
    """
    now, cast = votes_now(declared, observations), votes(declared)
    return {name: count for name, count in cast.items() if name != ARBITRATOR or not now or ARBITRATOR in now}


def keeps_quorum(cast, lost):
    """Whether those who remain serve after others fail at once: Galera wants more than half of the votes there were.

    :param cast: dict of voter to votes, as they were.
    :param lost: the voters that fail. An arbitrator alone holds no data, so nobody serves.
    """
    remain = [name for name in cast if name not in lost]
    has_data = any(name != ARBITRATOR for name in remain)
    return has_data and 2 * sum(cast[name] for name in remain) > sum(cast.values())


def forecast(voters, leaving):
    """The quorum while a member is away.

    A member that leaves gracefully takes its votes with it, so whoever remains keeps serving. Who fails meanwhile does not:
    the others go on only with more than half of the votes that remained.

    :returns: dict of ``now``, ``away`` (votes) and ``fatal`` (voters whose failure meanwhile would stop the cluster).
    """
    remain = {name: votes for name, votes in voters.items() if name != leaving}
    return {"now": sum(voters.values()), "away": sum(remain.values()) if set(remain) - {ARBITRATOR} else 0,
            "fatal": [name for name in remain if not keeps_quorum(remain, [name])]}


def away_in_words(seen):
    """``2 of 3; it must not lose a or b too``.

    :param seen: of :func:`forecast`.
    """
    words = "%d of %d" % (seen["away"], seen["now"])
    return words + ("; it must not lose %s too" % " or ".join(seen["fatal"]) if seen["fatal"] else "")


def in_words(cast):
    """``4 (a 2, b 1, c 1)``."""
    return "%d (%s)" % (sum(cast.values()), ", ".join("%s %d" % item for item in cast.items()))


def single_failures(cast):
    """What each later single failure would mean: list of sentences, one for each outcome.

    :param cast: dict of voter to votes.
    """
    total = sum(cast.values())
    good, bad = [], []
    for name, mine in cast.items():
        sentence = "without %s (%d of %d votes)" % (name, total - mine, total)
        (good if keeps_quorum(cast, [name]) else bad).append(sentence)
    found = ["Then the cluster serves on %s." % ", ".join(good)] if good else []
    return found + (["But %s nobody serves until a person decides." % ", ".join(bad)] if bad else [])
