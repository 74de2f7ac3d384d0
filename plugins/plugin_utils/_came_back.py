# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every playbook says of members that others were made primary without. Pure.

A record may be an old one: whoever is restored from a snapshot of its host brings back what it had recorded then, and nothing in the data
tells. So each sentence says who has recorded it and where that one stands, and what to do if the recorder is the one to distrust.
"""

from __future__ import annotations

from . import _evidence as evidence

OLDER_COPY = "an older copy (a snapshot of its host, say) that was restored since"


def came_back(declared, observations):
    """Members that serve although the others went on without them: dict of member name to sentence."""
    behind = evidence.left_behind(declared, observations)
    return {name: _came_back(name, behind[name], observations) for name in observations
            if name in behind and evidence.classify(observations[name]) == evidence.SERVING}


def _came_back(name, mine, observations):
    those = " and ".join(mine["recorded_by"])
    serving = " and ".join(one for one in observations if evidence.classify(observations[one]) == evidence.SERVING)  # all hold the same data
    if all(evidence.classify(observations[one]) != evidence.SERVING for one in mine["recorded_by"]):
        return ("%s: it serves, and yet %s, without serving now, recorded to go on without it at position %d; either may hold transactions that "
                "the other never had. If the data of %s count, as where that record is of %s, name %s in senhasegura_overwrite_members; "
                "otherwise stop all who serve, name %s there, and run recover_cluster"
                % (name, standing(observations, mine["recorded_by"]), mine["seqno"], name, OLDER_COPY, those, serving))
    return ("%s: the others were made primary without it at position %d, and it has come back by itself: nobody can tell whether it "
            "holds the same data. Give it all data anew: assume_primary, which puts its votes right, then reseed_member with "
            "senhasegura_reseed=%s. That is what %s recorded. Only where the recorder is %s, seed that one anew instead: name %s in "
            "senhasegura_overwrite_members, and run reseed_member for %s"
            % (name, mine["seqno"], name, standing(observations, mine["recorded_by"]), OLDER_COPY, those, those))


def standing(observations, names):
    """Who has recorded it, and where each of them stands now: ``n2 (serves, position 500)``."""
    return " and ".join("%s (%s)" % (name, _place(observations[name])) for name in names)


def _place(observation):
    seqno = evidence.position(observation)
    serves = "serves, " if evidence.classify(observation) == evidence.SERVING else ""
    return serves + ("position %d" % seqno if seqno > -1 else "position unknown")


def older_copy(observations, mine):
    """The end of a refusal to let somebody in that was left behind: what to do where its recorder is the one to distrust."""
    return (". That is what %s recorded. Only where the recorder is %s, name %s instead, with MariaDB stopped there"
            % (standing(observations, mine["recorded_by"]), OLDER_COPY, " and ".join(mine["recorded_by"])))


def dismissed(declared, observations):
    """Members that serve, and are taken for good only because those who went on without them are named to be overwritten: list of sentences."""
    counts, all_counting = (evidence.left_behind(one, observations) for one in (declared, dict(declared, overwrite=[])))
    found = {name: [one for one in mine["recorded_by"] if evidence.classify(observations[one]) == evidence.SERVING]
             for name, mine in all_counting.items() if name in observations and name not in counts
             and evidence.classify(observations[name]) == evidence.SERVING}
    return ["%s: %s went on without it at position %d, and it has come back by itself: nobody can tell whether it holds the same data. That is no "
            "hindrance, because senhasegura_overwrite_members names %s: if the data of %s count, run reseed_member %s out of there"
            % (name, standing(observations, those), all_counting[name]["seqno"], " and ".join(those), name, _one_by_one(those))
            for name, those in found.items() if those]


def _one_by_one(names):
    if len(names) == 1:
        return "with senhasegura_reseed=%s; otherwise take that name" % names[0]
    return "for %s, one after the other; otherwise take those names" % " and ".join(names)


def unplaced(declared, observations, those):
    """Members whom all others would join, though nothing tells whose data they hold: list of sentences.

    :param those: names of all who serve, or of the one that would be bootstrapped.
    """
    serve = any(evidence.classify(observations[name]) == evidence.SERVING for name in those)
    who, sentences = " and ".join(those), []
    for lost, mine in evidence.unplaced(declared, observations, those).items():
        recorders = " and ".join(mine["recorded_by"])
        sentences.append("%s: nothing tells whose data it holds, which all would get: %s recorded to go on without %s at position %d, %s may have gone on "
                         "too, and %s joined one of them afterwards. If the data of %s count, name %s and %s in senhasegura_overwrite_members; if "
                         "those of %s do, %sname %s and %s there%s"
                         % (standing(observations, those), standing(observations, mine["recorded_by"]), lost, mine["seqno"], lost, who, who,
                            recorders, lost, recorders, "stop all who serve, " if serve else "", who, lost, ", and run recover_cluster" if serve else ""))
    return sentences


def not_the_primary(declared, observations):
    """Why the declared primary must not become it: nobody gives it the data that count, and all get its own. List of sentences."""
    name = declared["primary"]
    mine = evidence.left_behind(declared, observations).get(name)
    return ["%s: %s went on without it at position %d, and nobody can tell whether it holds the same data since, so it must not become the primary. "
            "Make %s senhasegura_primary, and seed %s anew (reseed_member); if the data of %s count, as where that record is of %s, name %s in "
            "senhasegura_overwrite_members" % (name, standing(observations, mine["recorded_by"]), mine["seqno"], " or ".join(mine["recorded_by"]),
                                               name, name, OLDER_COPY, " and ".join(mine["recorded_by"]))] if mine else []


def among_those_left(declared, observations, stay):
    """Members that must not go on with the others in their component, since the others hold other data: list of sentences."""
    return ["%s: %s went on without it at position %d, and nobody can tell whether it holds the same data since; stop its database, name it in "
            "senhasegura_dead_members, and run again" % (name, standing(observations, mine["recorded_by"]), mine["seqno"])
            for name, mine in evidence.left_behind(declared, observations).items() if name in stay and name != declared["primary"]]
