# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the observations prove: which member is in a primary component, which is not, and what is unknown. Pure."""

from __future__ import annotations

import ipaddress

from ansible_collections.senhasegura.cluster.plugins.module_utils._restored import SYNCED, repeated
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import UNDEFINED_SEQNO, ZERO_UUID

UNKNOWN = "unknown"          # unreachable, not observed, or its answer is no answer
SERVING = "serving"          # in a primary component
MOVING = "moving"            # the service is being started or stopped, or a state transfer is under way
SEPARATED = "separated"      # Galera runs, in no primary component
STANDALONE = "standalone"    # the database runs without Galera
DOWN = "down"                # the database is installed and does not run
ABSENT = "absent"            # no database is installed

RESEED, COMPARISON = "reseed", "comparison"
"""Under which a member remembers that it is being seeded anew, and that it was, but its tables are not compared yet."""

OUTSIDE = (SEPARATED, STANDALONE, DOWN, ABSENT)
"""Proven to be in no primary component."""


def classify(observation):
    """Where a member stands.

    :param observation: dict with ``observed`` (of ``cluster_info``), or with ``unknown``: why there is none.
    :returns: one of the words above.
    """
    if observation.get("unknown"):
        return UNKNOWN
    observed = observation["observed"]
    status, service = observed["status"], observed["service"]
    if status["answers"] and status["wsrep_on"]:
        if status["cluster_status"] == "Primary":
            return SERVING
        return MOVING if service["changing"] else SEPARATED
    if status["answers"]:
        return MOVING if service["changing"] else STANDALONE
    if not service["installed"]:
        return ABSENT
    return DOWN if service["dead"] else MOVING


def unasked(observations, names, variable):
    """A name that a person has typed is a claim, which an answer would disprove: so it counts only where one was looked for.

    :param names: who is said to be dead, or lost.
    :param variable: where that was said.
    :returns: list of problems in words.
    """
    return ["%s: %s; it is named in %s, and its answer would tell whether that is so: run without --limit" % (name, observations[name]["unknown"], variable)
            for name in names if observations[name].get("unasked")]


def split(declared, observations):
    """Whether the members that serve are one component, and the declared one.

    :param observations: dict of member name to observation, all known.
    :returns: list of problems in words; empty when nobody serves, or all who serve are in one component.
    """
    serving = {name: observations[name]["observed"]["status"] for name in observations
               if classify(observations[name]) == SERVING}
    names = {member["address"]: member["name"] for member in declared["members"]}
    problems = []
    for name, status in serving.items():
        problems += _foreign(name, status, observations[name]["observed"], declared, names)
        if status["local_state"] == SYNCED and status["ready"] and not status["current"]:
            problems.append("%s: a causal read did not succeed, so its view of the cluster may be out of date; run again "
                            "when its links are up" % name)
    views = "; ".join("%s sees %s (configuration %s)" % (name, _names(status, names), status["conf_id"]) for name, status in serving.items())
    if _apart(serving, observations):
        problems.append("there is more than one primary component: %s. Their data differ from now on; decide which one "
                        "counts before anything else, and do not restart any of them" % views)
    elif unsettled(observations):
        problems.append("the members' views of the cluster are not of one moment, because a member comes or goes: %s. Run again when "
                        "it has arrived or is gone" % views)
    return problems


def unsettled(observations):
    """Whether two views of one component are of different moments: they differ, and yet the one holds the other's member.

    Members are asked at once and answer one after the other; who is killed in between is in the one's view and not in the other's.
    Observed again they agree, where two components never do.

    :param observations: dict of name to observation; the unknown ones do not count.
    """
    serving = {name: observations[name]["observed"]["status"] for name in observations if classify(observations[name]) == SERVING}
    return len({_component(status) for status in serving.values()}) > 1 and not _apart(serving, observations)


def _apart(serving, observations):
    """Whether two of those who serve are proven to be in different components: neither is in the other's view, or the clusters differ."""
    own = {name: observations[name]["observed"]["settings"]["members"]["address"] for name in serving}
    return any(status["state_uuid"] != other["state_uuid"]
               or own[name] not in other["incoming_addresses"] and own[peer] not in status["incoming_addresses"]
               for name, status in serving.items() for peer, other in serving.items() if peer != name)


def _component(status):
    return status["state_uuid"], status["conf_id"], tuple(sorted(status["incoming_addresses"]))


def _names(status, names):
    return ", ".join(names.get(item, item or "an arbitrator") for item in status["incoming_addresses"])


def _foreign(name, status, observed, declared, names):
    problems = []
    running = observed["settings"]["mode"]["cluster_name"]
    strangers = [item for item in status["incoming_addresses"] if item and item not in names]
    if strangers:
        problems.append("%s: its database is in a cluster with %s, which is not declared; put it into the inventory (a member that "
                        "shall go is then removed by remove_member), or take %s out of that cluster first"
                        % (name, ", ".join(strangers), name))
    chosen = "mode.cluster_name" in observed["capabilities"]["decides"]
    if repeated(status["incoming_addresses"]):
        problems.append("%s: its database is in a component that holds %s more than once, so that another host, such as a copy of that member, "
                        "runs with its settings; stop the database there" % (name, ", ".join(repeated(status["incoming_addresses"]))))
    if running != declared["cluster_name"] and not chosen:
        problems.append("%s: its database belongs to the cluster %s, not to %s; set senhasegura_cluster_name if this is "
                        "the one meant" % (name, running, declared["cluster_name"]))
    if status["incoming_addresses"].count("") > (1 if declared["arbitrator"] else 0):
        problems.append("%s: an arbitrator that is not declared votes in its component; set senhasegura_arbitrator" % name)
    return problems


def vanished(declared, observations):
    """Members that are on a written list but not in the inventory: not declared is not removed.

    Whoever is removed leaves every list first. One that only vanished could serve elsewhere, and be forgotten.

    :param observations: dict of member name to observation, all known.
    :returns: list of sentences.
    """
    seen = {name: observation["observed"] for name, observation in observations.items()}
    known = {member["address"] for member in declared["members"]} | set(declared["removed"]) | {declared["arbitrator"]}
    known |= {observed["settings"]["members"]["address"] for observed in seen.values()}
    problems = []
    for name, observed in seen.items():
        mode, on_line = observed["settings"]["mode"], "members.members" not in observed["capabilities"]["restarts"]
        strangers = [item for item in map(_plain, observed["settings"]["members"]["members"])
                     if item and item not in known and item not in observed["status"]["incoming_addresses"]]
        ours = mode["mode"] == "cluster" and mode["cluster_name"] == declared["cluster_name"]
        if strangers and ours and on_line and name not in declared["overwrite"]:
            problems.append("%s: its list of members names %s, which is not declared; nobody is removed by vanishing from the "
                            "inventory: put it back, then run remove_member for it" % (name, " and ".join(strangers)))
    return problems


def _recorded_as(declared, observations):
    """Whom a record means: function of who made it, address and position to names.

    A record holds the address of the moment in which it was made, and whoever was left behind keeps that as its own in its settings until it
    is let in again, also where it was given another one since. So what a member has written for its own address counts first, then its name,
    which records of earlier versions have not, and then the declared address.
    """
    own = {name: one["observed"]["settings"]["members"]["address"] for name, one in observations.items() if not one.get("unknown")}
    declares = {member["name"]: member["address"] for member in declared["members"]}

    def names(recorder, address, position):
        others = [name for name in declares if name != recorder]
        return ([name for name in others if (_plain(own.get(name, "")) or own.get(name)) == address]
                or [name for name in others if name == position.get("name")]
                or [name for name in others if declares[name] == address])
    return names


def known_as(declared, observations, name):
    """The addresses under which others have recorded that a member was left behind: sorted list."""
    names = _recorded_as(declared, observations)
    return sorted({address for recorder, one in observations.items() for address, position in _recorded(one).items()
                   if name in names(recorder, address, position)})


def _records(declared, observations):
    """Whom each member has recorded to leave behind: dict of member name to dict of name to position (the lowest, of several addresses)."""
    names, found = _recorded_as(declared, observations), {}
    for name, observation in observations.items():
        found[name] = {}
        for address, position in _recorded(observation).items():
            for lost in names(name, address, position):
                found[name][lost] = min(position, found[name].get(lost, position), key=lambda one: one["seqno"])
    return found


def left_behind(declared, observations):
    """Members without which the others were made primary, as these have recorded it, whether they serve now or are stopped.

    The record of a member that was left behind itself is of the side that lost, and so is that of one that is named in
    ``senhasegura_overwrite_members``: they do not count. But what such a one has recorded counts while it serves and the other does not:
    nobody replaces its data then, and the other one would join them. Nor does one count after which nobody went on (:func:`unfounded`).

    :returns: dict of member name to dict of ``seqno`` (the lowest position at which the others went on) and ``recorded_by`` (names).
    """
    void = unfounded(declared, observations)
    serves = {name: classify(one) == SERVING for name, one in observations.items()}
    records = {name: {lost: position["seqno"] for lost, position in record.items() if lost not in void
                      and (name not in declared["overwrite"] or serves[name] and not serves.get(lost, False))}
               for name, record in _records(declared, observations).items()}
    found = {}
    lost_side = _lost_side(records, observations)
    for name, record in records.items():
        for lost, seqno in record.items() if name not in lost_side else ():
            mine = found.setdefault(lost, {"seqno": seqno, "recorded_by": []})
            mine["seqno"] = min(mine["seqno"], seqno)
            mine["recorded_by"].append(name)
    return found


def gone_on_without(declared, observations, name, those):
    """Without whom of those who serve, or of the first member, one that does not serve has gone on itself, by its own record: dict of name to
    position. Who stands at or before what it has recorded has not gone on.
    """
    seqno = observations[name]["observed"]["saved"]["seqno"]
    return {lost: position["seqno"] for lost, position in _records(declared, observations)[name].items()
            if lost in those and not -1 < seqno <= position["seqno"]}


def position(observation):
    """How far a member is that was observed: its last committed transaction, or what is written where Galera does not run; -1 where unknown."""
    status, saved = observation["observed"]["status"], observation["observed"]["saved"]
    return status["last_committed"] if status["answers"] and status["wsrep_on"] else saved["seqno"]


def unplaced(declared, observations, those):
    """Who was left behind and may have gone on too, while of those whom all others would join nothing tells on whose side they are.

    Whoever goes on without somebody records it, but not who joins them afterwards, nor who joins the one that was left behind and that
    somebody started by hand. Beyond the recorded position such a one holds the data of the one side or of the other.

    :param those: names of all who serve, or of the one that would be bootstrapped.
    :returns: dict of the name of the one that was left behind to what :func:`left_behind` has of it; of ``recorded_by`` only those who hold
        a history.
    """
    found = {}
    for lost, mine in left_behind(declared, observations).items():
        recorders = [name for name in mine["recorded_by"] if history(observations[name]["observed"])]
        placed = lost in those or any(name in mine["recorded_by"] for name in those)
        if recorders and not placed and _beyond(observations[lost], mine) and any(_beyond(observations[name], mine) for name in those):
            found[lost] = dict(mine, recorded_by=recorders)
    return found


def _beyond(observation, mine):
    """Whether a member may hold more than the others had when they went on without one."""
    if observation.get("unknown"):
        return True
    saved = observation["observed"]["saved"]
    known = classify(observation) == SERVING or history(observation["observed"]) and not crashed(saved)
    return not (known and -1 < position(observation) <= mine["seqno"])


def distrusted(declared, observations):
    """Whose data nobody may be given, and nobody's are compared with.

    Who was left behind may hold other data under the same positions, and shows it in no status variable. Nor is it proven yet from whom
    one has its data that is just being seeded anew: where its host reboots meanwhile, Galera chooses. The primary's data are
    those that count.

    :param observations: dict of member name to observation.
    :returns: list of member names.
    """
    behind = left_behind(declared, observations)
    return [name for name, one in observations.items()
            if name in behind or name != declared["primary"] and not one.get("unknown") and reseeding(one["observed"])]


def reseeding(observed):
    """What a re-seeding that has not ended recorded on a member: empty, or dict of ``work``, ``since``, ``aside``."""
    return observed["saved"].get("seeding") or {}


def unfounded(declared, observations):
    """Members that others recorded to leave behind, and then did not: the run was killed before any of them went on.

    The record is made just before. To be taken for nothing it needs proof that nobody has gone on since: everybody who could have is
    stopped, at a known position of that history not beyond the recorded one. Whoever went on is beyond it, by what it committed and
    already by the first view of its component; whoever crashed so early that the disk holds neither, holds nothing that counts.

    :returns: dict of member name to the names of those who recorded it.
    """
    if SERVING in map(classify, observations.values()):
        return {}
    records = {name: record for name, record in _records(declared, observations).items() if name not in declared["overwrite"]}
    recorders = {}
    for name, record in records.items():
        for lost in record:
            recorders.setdefault(lost, []).append(name)
    return {lost: those for lost, those in recorders.items()
            if lost in observations and not _recorded(observations[lost])
            and _nobody_went_on(declared, observations, [records[one][lost] for one in those], _left_by_all(declared, observations, those))}


def _left_by_all(declared, observations, recorders):
    """The names and addresses of those whom all of these recorders have left behind."""
    records = _records(declared, observations)
    return (set.intersection(*[set(records[one]) for one in recorders])
            | set.intersection(*[set(_recorded(observations[one])) for one in recorders]))


def _nobody_went_on(declared, observations, positions, left):
    """Whether all but those who were left behind by every record, also who was declared lost or is removed, stand at or before it."""
    names = [member["name"] for member in declared["members"]]
    staying = [observations.get(one, {"unknown": "it was not observed"}) for one in names + declared["removed"] if one not in left]
    return all(classify(one) == DOWN and not one["observed"]["saved"]["transfer_aborted"]
               and one["observed"]["saved"]["uuid"] == position["uuid"]
               and -1 < one["observed"]["saved"]["seqno"] <= position["seqno"] for one in staying for position in positions)


def _recorded(observation):
    return {} if observation.get("unknown") else observation["observed"]["saved"].get("left_behind") or {}


def _lost_side(records, observations):
    """Who was left behind by somebody whose own record counts; in a circle all records count, so that a person decides.

    :param records: dict of member name to whom it has recorded.
    """
    outranked = {name: {other for other in records if _outranks(other, name, records, observations)} for name in records}
    lost = set()
    while True:
        counting = {name for name in records if name not in lost and outranked[name] <= lost}
        more = {name for name in records if outranked[name] & counting}
        if more <= lost:
            return lost
        lost |= more


def _outranks(one, other, records, observations):
    """Whether the one has left the other behind, and not also the other way round, but for one that serves while the other does not; and no
    one that does not serve makes void what one has recorded that does.
    """
    serves, served = [classify(observations[name]) == SERVING for name in (one, other)]
    return other in records[one] and (serves or not served) and (one not in records[other] or serves and not served)


def forgotten(declared, observations, chosen):
    """Who else may serve, by the members' written lists, when nobody who is declared does: list of sentences.

    A bootstrap is only proven to be the first component of those who were asked; so a list may name nobody else, in whatever way.

    :param chosen: the name of the member that would be bootstrapped.
    """
    known = {member["address"] for member in declared["members"]} | set(declared["removed"]) | {declared["arbitrator"]}
    known |= {observation["observed"]["settings"]["members"]["address"] for observation in observations.values()}
    problems = []
    for name, observation in observations.items():
        settings = observation["observed"]["settings"]
        strangers = [item for item in settings["members"]["members"] if item and (_plain(item) or item) not in known]
        counts = name == chosen or name not in declared["overwrite"]
        if strangers and counts and settings["mode"]["mode"] == "cluster":
            problems.append("%s: its list of members names %s, which is no declared address, and whoever that is may serve; put it into the "
                            "inventory, or take it off that list if it is gone for good" % (name, " and ".join(strangers)))
    return problems


def _plain(item):
    """An address in the one way that declared ones are written; "" for a host name, which a list made by hand may hold."""
    try:
        return str(ipaddress.ip_address(item))
    except ValueError:
        return ""


def written_for(declared, observed):
    """Whether what is written on a member makes its database one of this cluster when it is started."""
    mode = observed["settings"]["mode"]
    return mode["mode"] == "cluster" and mode["cluster_name"] == declared["cluster_name"]


def ran_alone(state, observed):
    """Whether a member that holds a cluster's history may have written without the cluster since: it runs standalone, or
    stands stopped with standalone settings, as a removed member does.
    """
    return state == STANDALONE or state in (DOWN, ABSENT) and bool(history(observed)) and observed["settings"]["mode"]["mode"] == "standalone"


def history(observed):
    """The history that a member that does not serve holds on disk.

    :returns: its state UUID, or "" when it holds none.
    """
    uuid = observed["saved"]["uuid"]
    return "" if uuid == ZERO_UUID else uuid


def schema_in_words(schema):
    """A schema as ``cluster_info`` found it: name, tables, rows. A stopped database tells no rows."""
    rows = "about %d rows" % schema["rows"] if schema["rows"] is not None else "rows unknown"
    return "%s: %d tables, %s" % (schema["name"], schema["tables"], rows)


def crashed(saved):
    """Whether a stopped member did not stop cleanly, which takes the saved view away, and InnoDB has not told how far it is since.

    A position beside a view is the one at which Galera was paused: it writes it for as long as a donor copies or somebody holds a
    global read lock. How much of that InnoDB had on disk when the power went, InnoDB knows.

    :param saved: the member's ``saved`` state; ``told`` where :mod:`_recovery` needs InnoDB's word no more.
    """
    return saved["seqno"] == UNDEFINED_SEQNO or saved["saved_view"] and not saved.get("told")


def newest(candidates):
    """Who holds the newest history of one single UUID.

    :param candidates: dict of member name to its ``saved`` state, all of one UUID.
    :returns: tuple of the names that hold it (several when they are equal), and the problem, of which one is empty.
    """
    if len(candidates) == 1:
        return list(candidates), ""
    undefined = [name for name, saved in candidates.items() if crashed(saved)]
    if undefined:
        return [], ("%s did not stop cleanly, so which of %s holds the newest data is unknown; start the members as they "
                    "are, and they restore the cluster by themselves where all saved their view"
                    % (" and ".join(undefined), ", ".join(candidates)))
    top = max(saved["seqno"] for saved in candidates.values())
    return [name for name, saved in candidates.items() if saved["seqno"] == top], ""
