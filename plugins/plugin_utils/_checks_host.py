# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of each host: reachable, name, address, DNS, clock, room, memory, tools, security modules. Pure."""

from __future__ import annotations

from ._checks_base import (address_of, ansible, by_hand, each_observed, each_probed, fail, is_at_home, listed, names, observed, ok, probe, remedy,
                           skipped, unknown, warn)
from ._settings import donor_bytes
from ._preflight import ROOM_EXTRA, ROOM_FACTOR
from ._words import size

DEFAULT_NAMES = ("", "debian", "localhost", "localhost.localdomain", "senhasegura", "ubuntu", "(none)")
"""Hostnames that an installer leaves behind; ``senhasegura`` is the appliance's image before anybody named it."""

POOL_SHARE = 0.75
"""More than this share of the memory in the buffer pool leaves too little for connections and a state transfer."""


def reachable(facts):
    """``member.reachable``: everything else needs it."""
    found = []
    for name in names(facts):
        problem = facts.observations[name].get("unknown") or facts.probes.get(name, {}).get("unknown")
        found.append(fail(name, problem, "an answer over SSH, as root or with become",
                          ansible(facts, "ansible " + name, "-m ansible.builtin.ping -b") + ", and repair what it says") if problem
                     else ok(name, "it answers"))
    return found


def name_set(facts):
    """``host.name_set``."""
    def judge(name, seen):
        hostname = seen["host"]["hostname"]
        if hostname.lower() not in DEFAULT_NAMES:
            return ok(name, hostname)
        return fail(name, "its hostname is %s" % (hostname or "empty"), "a name of its own, not an installer's",
                    remedy(facts, name, "hostname", name))
    return each_observed(facts, judge)


def name_unique(facts):
    """``host.name_unique``."""
    owners = {}
    for name in names(facts):
        if observed(facts, name):
            owners.setdefault(observed(facts, name)["host"]["hostname"].lower(), []).append(name)

    def judge(name, seen):
        others = [one for one in owners[seen["host"]["hostname"].lower()] if one != name]
        if not others:
            return ok(name, seen["host"]["hostname"])
        return fail(name, "its hostname %s is also that of %s" % (seen["host"]["hostname"], listed(others)),
                    "a hostname that no other member has", remedy(facts, name, "hostname", name))
    return each_observed(facts, judge)


def name_resolves(facts):
    """``host.name_resolves``: each member's hostname, on every other member. The cluster itself uses addresses: a warning."""
    wanted = _names_to_resolve(facts)

    def judge(name, answers):
        wrong = {hostname: answers.get(hostname) for hostname, address in wanted.items()
                 if address != address_of(facts, name) and address not in (answers.get(hostname) or [])}
        if not wrong:
            return ok(name, "every other member's hostname resolves")
        said = ["%s is %s" % (hostname, "not answered in time" if found is None else listed(found) if found else "unknown")
                for hostname, found in wrong.items()]
        mend = remedy if _written_by_prepare(facts).issuperset(wrong) else by_hand
        return warn(name, "; ".join(said), "every other member's hostname resolves to its address",
                    mend(facts, name, "names", " ".join("'%s %s'" % (wanted[hostname], hostname) for hostname in wrong)))
    return each_probed(facts, "names", judge)


def _written_by_prepare(facts):
    """The names that ``prepare_members`` writes into /etc/hosts: never what a host calls itself, but what is declared."""
    return set(facts.hostnames) | set(facts.hostnames.values())


def _names_to_resolve(facts):
    """Hostname to address, of the members whose hostname and address no other check tells to be wrong."""
    owners = {}
    for name in names(facts):
        hostname = observed(facts, name)["host"]["hostname"] if observed(facts, name) else ""
        if hostname.lower() not in DEFAULT_NAMES and is_at_home(facts, name):
            owners.setdefault(hostname, []).append(address_of(facts, name))
    return {hostname: addresses[0] for hostname, addresses in owners.items() if len(addresses) == 1}


def own_address(facts):
    """``host.address``."""
    def judge(name, seen):
        address, has = address_of(facts, name), seen["host"]["addresses"]
        if address in has:
            return ok(name, address)
        return fail(name, "the declared address %s is not on that host, which has %s" % (address, listed(has)),
                    "the declared address on one of its interfaces", "correct senhasegura_address or ansible_host of %s" % name)
    return each_observed(facts, judge)


def static_address(facts):
    """``host.address_static``."""
    def judge(name, host):
        mine = [one for one in host["addresses"] if one["address"] == address_of(facts, name)]
        if not mine:
            return unknown(name, "see host.address")
        if not mine[0]["dynamic"]:
            return ok(name, "%s has no lease" % mine[0]["address"])
        return fail(name, "its address %s on %s has a lease (dynamic), so it may be another one tomorrow"
                    % (mine[0]["address"], mine[0]["interface"]), "a static address",
                    remedy(facts, name, "address", mine[0]["interface"], mine[0]["address"]) + ", or, if the lease is reserved for good, set "
                    "senhasegura_checks_as_warnings: [host.address_static]")
    return each_probed(facts, "host", judge)


def dns(facts):
    """``host.dns``."""
    def judge(name, answers):
        bad = ["%s: %s" % (server, word) for server, word in answers.items() if word != "answers"]
        fix = remedy(facts, name, "dns")
        if not answers:
            return fail(name, "/etc/resolv.conf names no server", "a DNS server that answers", fix)
        if not bad:
            return ok(name, "%s answer" % listed(answers))
        judged = fail if len(bad) == len(answers) else warn
        return judged(name, "asked for %s, %s" % (name, "; ".join(bad)), "an answer from every DNS server", fix)
    return each_probed(facts, "dns", judge)


def ntp(facts):
    """``clock.ntp``: a container has its host's clock, which only its host can tell about."""
    def judge(name, host):
        time = host["time"]
        by = listed(time["services"])
        if time["synchronized"]:
            return ok(name, "synchronized, as %s says" % time["tool"])
        if time["synchronized"] is None:
            return unknown(name, "neither chronyc nor timedatectl answers", remedy(facts, name, "ntp"))
        if time["services"] or time["tool"] == "chronyc":
            return fail(name, "%s runs, and %s says that the clock is not synchronized" % (by, time["tool"]),
                        "a clock that is synchronized by NTP", remedy(facts, name, "ntp_" + time["tool"]))
        if time["container"]:
            return unknown(name, "it is a container without a time service: its clock is that of its host",
                           "timedatectl on the host that it runs on must say that NTP is synchronized")
        return fail(name, "no time service runs", "a clock that is synchronized by NTP",
                    remedy(facts, name, "ntp"))
    return each_probed(facts, "host", judge)


def room(facts):
    """``disk.room``: a joiner gets all of the donor's data."""
    seen = {name: facts.observations[name] for name in names(facts) if observed(facts, name)}
    decisions = {name: facts.plan["members"][name] for name in seen}
    needed = int(donor_bytes(seen, decisions) * ROOM_FACTOR) + ROOM_EXTRA

    def judge(name, one):
        if one["status"]["cluster_status"] == "Primary":
            return ok(name, "%s free; it has the cluster's data" % size(one["host"]["free_bytes"]))
        has = one["host"]["free_bytes"] + (0 if decisions[name].get("set_aside") else one["data"]["bytes"])
        if has >= needed:
            return ok(name, "%s of room, %s needed" % (size(has), size(needed)))
        return fail(name, "room for %s of data where MariaDB keeps them" % size(has),
                    "%s: the largest data of any donor, a tenth, and %s for galera.cache and logs" % (size(needed), size(ROOM_EXTRA)),
                    remedy(facts, name, "room"))
    return each_observed(facts, judge)


def buffer_pool(facts):
    """``memory.buffer_pool``."""
    def judge(name, host):
        pool, memory = probe(facts, name, "database")["buffer_pool"], host["memory_bytes"]
        if pool <= memory * POOL_SHARE:
            return ok(name, "%s of %s" % (size(pool), size(memory)))
        judged = fail if pool > memory else warn
        return judged(name, "innodb_buffer_pool_size is %s, the memory %s" % (size(pool), size(memory)),
                      "at most %d %% of the memory: %s" % (POOL_SHARE * 100, size(memory * POOL_SHARE)),
                      remedy(facts, name, "buffer_pool", int(memory * POOL_SHARE) // 2**20))
    return each_probed(facts, "host", judge)


_TOOLS = {"rsync": ("rsync",), "mariabackup": ("mariadb-backup", "socat"), "auto": ("rsync", "mariadb-backup", "socat")}


def sst_tools(facts):
    """``tool.sst``: what the declared state transfer needs; ``create_cluster`` installs it on the members that it changes."""
    needed = _TOOLS[facts.declared["sst_method"]]

    def judge(name, host):
        missing = [tool for tool in needed if not host["tools"].get(tool)]
        if not missing:
            return ok(name, listed(needed))
        one = observed(facts, name)
        if not one["service"]["installed"]:
            return skipped(name, "no database yet: create_cluster installs it and %s" % listed(missing))
        judged = fail if one["status"]["cluster_status"] == "Primary" else warn
        return judged(name, "it has no %s that can be run" % listed(missing), "what a state transfer (SST) needs: %s" % listed(needed),
                      remedy(facts, name, "tools", " ".join(missing)))
    return each_probed(facts, "host", judge)


def security_modules(facts):
    """``security.modules``: whether an enforced profile is in the way shows only when it denies, so it warns."""
    def judge(name, host):
        seen, fixes = [], []
        if host["apparmor"]:
            seen.append("AppArmor enforces %s" % listed(host["apparmor"]))
            fixes += [remedy(facts, name, "apparmor", profile) for profile in host["apparmor"]]
        if host["selinux"] == "enforcing":
            seen.append("SELinux is enforcing")
            fixes.append(remedy(facts, name, "selinux"))
        if seen:
            return warn(name, " and ".join(seen), "nothing that may deny Galera its ports or its SST scripts",
                        "%s (journalctl -k -g DENIED shows what was denied)" % "; ".join(fixes))
        if host["apparmor"] is None:
            return unknown(name, "AppArmor is on, and its list of profiles cannot be read from there",
                           "aa-status, where it is a container on the host that it runs on, shows whether mariadbd is enforced")
        return ok(name, "neither AppArmor nor SELinux confines the database")
    return each_probed(facts, "host", judge)
