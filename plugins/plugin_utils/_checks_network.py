# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks between members: clocks, ports, links. Pure. A finding is about the member that must be repaired."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._values import GALERA_DEFAULTS, LET_IN, latency_profile

from ._checks_base import CLUSTER, address_of, data_center, fail, is_at_home, listed, names, observed, ok, probe, remedy, skipped, unknown, warn
from ._preflight import CLOCK_SECONDS, clock_difference
from ._quorum import ARBITRATOR

PORT_USE = {"4444": "state transfer", "4567": "group communication", "4568": "incremental state transfer", "22": "SSH",
            "80": "HTTP", "443": "HTTPS", "3306": "database", "4248": "file synchronization", "9300": "logs", "59022": "SSH"}

_GALERA_PORTS = ("4444", "4567", "4568")

LOW_MS, MEDIUM_MS = 10.0, 30.0
"""The vendor's bounds of the latency profiles: low up to 10 ms, medium up to 30 ms, high above."""

VENDOR_LIMIT_MS = 30.0
"""Above this the vendor does not support a cluster, though the profile high exists."""

LOSS_SHARE = 0.05
JITTER_MS = 10.0
"""One datagram in twenty may be chance; more is a link that drops. Jitter of a profile's width makes the profile moot."""

ALONE = "there is no other member"


# -- clocks ---------------------------------------------------------------------------------------------------------------


def skew(facts):
    """``clock.skew``: of every pair, and nothing that a slow link could explain is called skew."""
    if len(names(facts)) == 1:
        return [skipped(name, ALONE) for name in names(facts)]
    here = [name for name in names(facts) if observed(facts, name)]
    differs = {name: {} for name in here}
    for index, name in enumerate(here):
        for other in here[index + 1:]:
            seconds = _difference(facts, name, other)
            if seconds > CLOCK_SECONDS:
                differs[name][other] = differs[other][name] = seconds
    return [_skew_of(facts, name, here, differs) if name in here else unknown(name, "see member.reachable") for name in names(facts)]


def _skew_of(facts, name, here, differs):
    """The one that differs from most is wrong; where there is no majority, nobody knows who is."""
    mine = differs[name]
    if not mine:
        return ok(name, "within %.1f s of every other member" % CLOCK_SECONDS)
    majority = [one for one in here if len(differs[one]) > (len(here) - 1) / 2.0]
    if majority and name not in majority:
        return ok(name, "with most; %s differs" % listed(mine))
    return fail(name, "its clock differs by %s" % ", ".join("%.0f s from %s's" % (mine[one], one) for one in mine),
                "at most %.1f s between any two members" % CLOCK_SECONDS, remedy(facts, name, "clock"))


def _difference(facts, name, other):
    """By what they measured of each other; where no listener answered, by when the controller asked them."""
    for one, peer in ((name, other), (other, name)):
        clock = _link(facts, one, peer).get("clock")
        if clock:
            own = {"observed": {"host": {"clock": 0.0}}, "asked_at": 0.0, "answered_at": 0.0}
            return clock_difference(own, {"observed": {"host": {"clock": clock["clock"]}}, "asked_at": clock["asked_at"],
                                          "answered_at": clock["answered_at"]})
    return clock_difference(facts.observations[name], facts.observations[other])


def _link(facts, source, target):
    """What a member measured towards another; {} where it did not, or somebody else has that address."""
    if observed(facts, target) and not is_at_home(facts, target):
        return {}
    return (probe(facts, source, "links") or {}).get(address_of(facts, target), {})


# -- ports ----------------------------------------------------------------------------------------------------------------


def ports(facts):
    """``port.reachable``: TCP, every pair, both directions; told of the member that does not let another in."""
    return [finding for name in names(facts) for finding in _ports_of(facts, name, "tcp", _GALERA_PORTS)]


def appliance_ports(facts):
    """``port.appliance``: the appliance's own ports between members, where the members are appliances."""
    return [finding for name in names(facts) for finding in _appliance_ports_of(facts, name)]


def _appliance_ports_of(facts, name):
    wanted = _appliance_ports(facts, name)
    if observed(facts, name) and not wanted:
        return [skipped(name, "no appliance")]
    return _ports_of(facts, name, "tcp", wanted)


def _appliance_ports(facts, name):
    return [str(port) for port in (observed(facts, name) or {}).get("capabilities", {}).get("ports", [])]


def udp(facts):
    """``port.udp``: the vendor opens it; Galera itself needs it only for multicast, so it warns."""
    return [finding for name in names(facts) for finding in _ports_of(facts, name, "udp", ("4567",))]


def port_state(verdict, ours, listened):
    """One word for a port of a member, as a peer met it.

    :param verdict: ``open``, ``closed``, ``filtered`` (TCP), ``answered``, ``refused``, ``silent`` (UDP).
    :param ours: whether our listener was put there.
    :param listened: whether it was there until the end.
    :returns: ``open`` (a service answers), ``reachable`` (our listener answered), ``rejected`` (it was there, and still the peer was
        refused: a firewall did it), ``closed`` (refused, and nobody listens), ``filtered``, or "" (nothing can be said).
    """
    if verdict in ("open", "answered"):
        return "reachable" if ours else "open"
    if verdict in ("closed", "refused"):
        return "rejected" if ours and listened else "closed"
    if verdict == "silent" and not (ours and listened):
        return ""
    return "filtered"


_AGAIN = "run again when every member answers, none is being started or restored, and no other playbook runs"


def _ports_of(facts, name, kind, wanted):
    if not observed(facts, name):
        return [unknown(name, "see member.reachable")]
    if not is_at_home(facts, name):
        return [unknown(name, "see host.address")]
    if len(names(facts)) == 1:
        return [skipped(name, ALONE)]
    states = {peer: _states(facts, name, peer, kind, wanted) for peer in names(facts) if peer != name and _link(facts, peer, name)}
    blocked = [_blocked(facts, name, peer, kind, found) for peer, found in states.items()
               if set(found.values()) & {"filtered", "rejected"}]
    if blocked:
        return blocked
    if not states:
        return [unknown(name, "no other member could try", _AGAIN)]
    met = sorted({(port, state) for found in states.values() for port, state in found.items()})
    if "" in [state for _port, state in met]:
        return [unknown(name, "no listener of ours could be put there, so silence proves nothing", _AGAIN)]
    untried = _untried(facts, name, kind, wanted, states)
    if untried:
        return [unknown(name, "; ".join(untried), _AGAIN)]
    return [ok(name, listed(["%s %s" % (state, port) for port, state in met]))]


def _untried(facts, name, kind, wanted, states):
    """What nothing is known of: ports that nobody must knock at just now, and members that could not try."""
    left = sorted(set(wanted) - {port for found in states.values() for port in found}, key=int)
    silent = [peer for peer in names(facts) if peer != name and peer not in states]
    return (["%s %s was not tried, since its database is being started or restored, or a playbook changes the cluster"
             % (kind.upper(), ", ".join(left))] if left else []) + (["%s could not try" % listed(silent)] if silent else [])


def _states(facts, name, peer, kind, wanted):
    """Port to state, of a member as a peer met it."""
    ours = (probe(facts, name, "listening") or {}).get(kind, {})
    listened = bool(probe(facts, name, "listened"))
    return {port: port_state(verdict, ours.get(port) == "ours", listened)
            for port, verdict in sorted(_link(facts, peer, name).get(kind, {}).items()) if port in wanted}


def ports_of(facts):
    """The matrix of all pairs, in both directions, members and the arbitrator: every port that one of them was to try on the other.

    :returns: list of dict ``from`` (who tried), ``to`` (who is to let it in), ``protocol`` (``tcp``, ``udp``), ``port`` (int), ``state``
        of :func:`port_state`, or ``unknown`` where nobody tried or nothing can be said.
    """
    arbitrator, found = facts.declared["arbitrator"], []
    for name in names(facts):
        wanted = {"tcp": _GALERA_PORTS + tuple(_appliance_ports(facts, name)), "udp": ("4567",)}
        for peer in names(facts):
            if peer != name:
                found += _row(peer, name, {kind: {port: _states(facts, name, peer, kind, ports).get(port) for port in ports}
                                           for kind, ports in wanted.items()})
        if arbitrator:
            home = not observed(facts, name) or is_at_home(facts, name)
            met = (probe(facts, ARBITRATOR, "links") or {}).get(address_of(facts, name)) if home else None
            found += _row(ARBITRATOR, name, _arbitrator_states(facts, name, met))
            found += _row(name, ARBITRATOR, _arbitrator_states(facts, ARBITRATOR, (probe(facts, name, "links") or {}).get(arbitrator)))
    return found


def _row(source, target, states):
    """What one met of another, as :func:`ports_of` lists it.

    :param states: dict of protocol to dict of port to state.
    """
    return [{"from": source, "to": target, "protocol": kind, "port": int(port), "state": state or "unknown"}
            for kind, met in states.items() for port, state in sorted(met.items(), key=lambda item: int(item[0]))]


def _arbitrator_states(facts, target, link):
    """Port 4567 between a member and the arbitrator: dict of protocol to dict of port to state.

    :param target: who was to let it in.
    :param link: what the other one met there; None where it did not try.
    """
    return {kind: {"4567": _arbitrator_state(facts, target, kind, link or {})} for kind in ("tcp", "udp")}


def _blocked(facts, name, peer, kind, states):
    def said(state, words):
        hit = ["%s (%s)" % (port, PORT_USE[port]) for port in states if states[port] == state]
        return ["%s on %s %s" % (words, kind.upper(), ", ".join(hit))] if hit else []
    seen = said("filtered", "gets no answer") + said("rejected", "is refused, though a listener was there,")
    hit = [port for port in states if states[port] in ("filtered", "rejected")]
    return (fail if kind == "tcp" else warn)(
        name, "%s (%s) %s" % (peer, address_of(facts, peer), " and ".join(seen)), "every member lets every other one in",
        "%s. Where no rule there drops it, %s does not let it out, or a firewall between them does not let it through" % (
            remedy(facts, name, "firewall", _family(facts, peer), address_of(facts, peer), kind, ", ".join(hit)), peer))


def _family(facts, name):
    """How nftables calls the family of a member's address."""
    return "ip6" if ":" in address_of(facts, name) else "ip"


def arbitrator_port(facts):
    """``port.arbitrator``: every member reaches the arbitrator's group communication."""
    if not facts.declared["arbitrator"]:
        return [skipped(CLUSTER, "no arbitrator is declared")]
    return [_to_arbitrator(facts, name, facts.declared["arbitrator"]) for name in names(facts)]


def _to_arbitrator(facts, name, address):
    link = (probe(facts, name, "links") or {}).get(address) or {}
    if "tcp" not in link:
        return unknown(name, "see member.reachable")
    states = {kind: _arbitrator_state(facts, ARBITRATOR, kind, link) for kind in ("tcp", "udp")}
    for kind, judged in (("tcp", fail), ("udp", warn)):
        if states[kind] in _BLOCKED:
            return judged(name, "it %s the arbitrator %s on %s 4567" % (_BLOCKED[states[kind]], address, kind.upper()),
                          "every member reaches the arbitrator", "let %s in on the arbitrator, a Debian host: %s" % (
                              name, LET_IN.format(_family(facts, name), address_of(facts, name), kind, "4567")))
    return ok(name, "closed but reachable: garbd does not listen there yet" if states["tcp"] == "closed" else states["tcp"])


def from_arbitrator(facts):
    """``port.from_arbitrator``: the arbitrator reaches every member, as its own host of the inventory tells."""
    if not facts.declared["arbitrator"]:
        return [skipped(CLUSTER, "no arbitrator is declared")]
    return [_from_arbitrator(facts, name) for name in names(facts)]


def _from_arbitrator(facts, name):
    if not observed(facts, name) or not is_at_home(facts, name):
        return unknown(name, "see host.address" if observed(facts, name) else "see member.reachable")
    address, mine = facts.declared["arbitrator"], address_of(facts, name)
    link = (probe(facts, ARBITRATOR, "links") or {}).get(mine)
    if link is None:
        why = "the arbitrator's host did not try" if ARBITRATOR in facts.probes else "the inventory has no host for the arbitrator"
        return unknown(name, probe(facts, ARBITRATOR, "unknown") or why, "run check_cluster with it in the group senhasegura_arbitrator, "
                       "or try on it: timeout 2 bash -c '</dev/tcp/%s/4567'" % mine)
    states = {kind: _arbitrator_state(facts, name, kind, link) for kind in ("tcp", "udp")}
    for kind, judged in (("tcp", fail), ("udp", warn)):
        if states[kind] in _BLOCKED:
            return judged(name, "the arbitrator (%s) %s it on %s 4567" % (address, _BLOCKED[states[kind]], kind.upper()),
                          "every member lets the arbitrator in",
                          remedy(facts, name, "firewall", "ip6" if ":" in address else "ip", address, kind, "4567"))
    if not states["tcp"]:
        return unknown(name, "TCP 4567 was not tried, since a playbook changes the cluster", _AGAIN)
    return ok(name, "%s 4567" % states["tcp"])


_BLOCKED = {"filtered": "gets no answer from", "rejected": "is refused, though a listener was there, by"}


def _arbitrator_state(facts, target, kind, link):
    """The state of port 4567 of a member or the arbitrator, as the other one met it; "" where nothing can be said."""
    verdict = link.get(kind, {}).get("4567")
    ours = (probe(facts, target, "listening") or {}).get(kind, {}).get("4567") == "ours"
    return port_state(verdict, ours, bool(probe(facts, target, "listened"))) if verdict else ""


# -- links ----------------------------------------------------------------------------------------------------------------


def links_of(facts):
    """Every measured pair.

    :returns: list of dict ``from``, ``to``, ``how``, ``round_trip_ms`` (median), ``jitter_ms`` (median difference of two trips in a row: a
        host that was busy for a moment is no jitter of the link),
        ``sent``, ``lost``.
    """
    found = []
    for name in names(facts):
        for peer in names(facts):
            link = _link(facts, name, peer) if peer != name else {}
            if link.get("trips"):
                trips = link["trips"]
                steps = [abs(one - other) for one, other in zip(trips, trips[1:])]
                found.append({"from": name, "to": peer, "how": link["how"], "round_trip_ms": round(_median(trips), 2),
                              "jitter_ms": round(_median(steps), 2) if steps else 0.0, "sent": link["sent"],
                              "lost": link["sent"] - link["answered"]})
    return found


def _median(values):
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0


def profile_for(milliseconds):
    """The latency profile for a round trip, by the vendor's bounds."""
    return "low" if milliseconds <= LOW_MS else "medium" if milliseconds <= MEDIUM_MS else "high"


def declared_profile(declared):
    """The profile that is declared, or follows from different data centers."""
    return declared["latency"] or ("high" if declared["different_datacenters"] else "low")


def latency(facts):
    """``link.latency``: each member's slowest link against the declared profile and the vendor's limit."""
    declared, needed = declared_profile(facts.declared), _needed_profile(facts)
    return [_latency_of(name, mine, declared, needed) if mine else _no_links(facts, name) for name, mine in _links_by_member(facts)]


_PROFILES = ("low", "medium", "high")


def _needed_profile(facts):
    """The profile that the slowest link of all needs; high, of which none is too much, while some were not measured."""
    links, count = links_of(facts), len(names(facts))
    return profile_for(max(link["round_trip_ms"] for link in links)) if links and len(links) == count * (count - 1) else "high"


def _suspected_after(profile):
    """How long nobody notices that a member is dead, in words."""
    text = dict(GALERA_DEFAULTS, **latency_profile(profile).start)["evs.suspect_timeout"]
    return text[len("PT"):-len("S")] + " s"


def _latency_of(name, mine, declared, needed):
    worst = max(mine, key=lambda link: link["round_trip_ms"])
    took, advised = worst["round_trip_ms"], profile_for(worst["round_trip_ms"])
    seen = "%.1f ms to %s" % (took, worst["to"])
    if took > VENDOR_LIMIT_MS:
        return warn(name, seen, "the vendor's limit: below %.0f ms between any two members" % VENDOR_LIMIT_MS,
                    "shorten the way between the two%s" % ("" if declared == "high" else "; until then declare senhasegura_latency: high"))
    if _PROFILES.index(advised) > _PROFILES.index(declared):
        return warn(name, seen, "at most %.0f ms, since the latency profile %s is declared" % (LOW_MS, declared),
                    "declare senhasegura_latency: %s" % advised)
    if _PROFILES.index(needed) >= _PROFILES.index(declared):
        return ok(name, seen + " at the most")
    note = "%s at the most: %s would do for every link, and takes a member for dead after %s, not %s" % (
        seen, needed, _suspected_after(needed), _suspected_after(declared))
    if declared != "high":
        return ok(name, note)
    return warn(name, note, "the profile that the slowest link needs", "declare senhasegura_latency: %s" % needed)


def loss(facts):
    """``link.loss``: loss and jitter."""
    found = []
    for name, mine in _links_by_member(facts):
        bad = ["%d of %d lost to %s" % (link["lost"], link["sent"], link["to"]) for link in mine
               if link["lost"] > link["sent"] * LOSS_SHARE]
        bad += ["jitter of %.1f ms to %s" % (link["jitter_ms"], link["to"]) for link in mine if link["jitter_ms"] > JITTER_MS]
        spoilt = [link["to"] for link in mine if link["lost"] > link["sent"] * LOSS_SHARE or link["jitter_ms"] > JITTER_MS]
        if not mine:
            found.append(_no_links(facts, name))
        elif bad:
            found.append(warn(name, "; ".join(bad), "at most %.0f %% lost and %.0f ms of jitter" % (LOSS_SHARE * 100, JITTER_MS),
                              "repair the link: on %s, %s" % (name, "; ".join(
                                  "mtr --udp --port 4567 %s" % address_of(facts, peer) for peer in spoilt) + " shows where it drops")))
        else:
            found.append(ok(name, "%d of %d lost, %.1f ms of jitter at the most"
                            % (sum(link["lost"] for link in mine), sum(link["sent"] for link in mine),
                               max(link["jitter_ms"] for link in mine))))
    return found


def segments(facts):
    """``link.segments``: members of one segment are near each other; Galera sends each message once per segment."""
    return [_segment_of(facts, name, mine) if mine else _no_links(facts, name) for name, mine in _links_by_member(facts)]


def _segment_of(facts, name, mine):
    """Galera knows no blank segment: to it those are segment 0 together, also where each is a data center of its own."""
    segment = {member["name"]: member["segment"] for member in facts.declared["members"]}
    far = [link["to"] for link in mine if segment[link["to"]] == segment[name] and link["round_trip_ms"] > LOW_MS]
    alone = data_center(facts.declared, name, segment[name]) == name
    if not far:
        return ok(name, "a data center of its own, without a segment" if alone else "segment %s" % (segment[name] or "(blank)"))
    seen = "it is a data center of its own, without a segment, as %s, more than %.0f ms away" if alone else (
        "it shares segment " + str(segment[name] or "(blank)") + " with %s, more than %.0f ms away")
    return warn(name, seen % (listed(far), LOW_MS), "one segment for each data center",
                "give the data center of %s another senhasegura_segment (1 to 9) than that of %s%s"
                % (name, listed(far), "" if alone else ", and set senhasegura_different_datacenters: true"))


def _no_links(facts, name):
    return skipped(name, ALONE) if len(names(facts)) == 1 else unknown(name, "see port.reachable")


def _links_by_member(facts):
    every = links_of(facts)
    return [(name, [link for link in every if link["from"] == name]) for name in names(facts)]
