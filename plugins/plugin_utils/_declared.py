# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared: the inventory and the options, checked before anything is connected to. Pure."""

from __future__ import annotations

import re

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused

try:
    import netaddr
except ImportError:  # reported with its remedy by declare(): an action plugin must load without it
    netaddr = None

_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_SST_CHOICES = ("auto",) + _values.SST_METHODS

SMALL_DATA = 1024**3
"""Up to this many bytes ``senhasegura_sst_method: auto`` takes rsync, which blocks its donor but starts 10 s sooner."""


def declare(hosts, options):
    """The declared cluster.

    :param hosts: ordered dict of member name to its variables: ``address`` (``senhasegura_address``, else
        ``ansible_host``, else the name), ``segment`` (``senhasegura_segment``), ``port`` (of its SSH server).
    :param options: the cluster-wide options, named as the variables without ``senhasegura_``.
    :returns: tuple of the declared cluster (a dict of plain values; its ``removed``, addresses of members that are just being
        removed, is for :func:`_removal.declare_removal`) and the list of problems; with any problem the
        declaration must not be used.
    """
    if netaddr is None:
        return {}, ["the Python library netaddr is not installed on the controller: pip install netaddr"]
    problems = []
    members = _members(hosts, options.get("members"), problems)
    _refuse_stall_timeout(options.get("stall_timeout"), problems)
    arbitrator = _arbitrator(members, options.get("arbitrator"), problems)
    voters = [str(item) for item in (options.get("arbitrator_host"), arbitrator) if item] if arbitrator else []
    lost = _known("lost_members", members, options, problems, voters)
    declared = {
        "members": members,
        "cluster_name": _cluster_name(options.get("cluster_name"), problems),
        "primary": _primary(members, options.get("primary"), problems),
        "arbitrator": arbitrator,
        "arbitrator_host": str(options.get("arbitrator_host") or "") if arbitrator else "",
        "arbitrator_segment": _segment("the arbitrator", options.get("arbitrator_segment"), problems),
        "different_datacenters": _yes_or_no("different_datacenters", options, problems),
        "latency": _choice("latency", options.get("latency") or "", ("",) + _values.LATENCIES, problems),
        "sst_method": _choice("sst_method", options.get("sst_method") or "auto", _SST_CHOICES, problems),
        "message": str(options.get("recovery_message") or ""),
        "bind_address": _bind_address(options.get("bind_address"), problems),
        "sync": _sync(options, problems),
        "overwrite": _known("overwrite_members", members, options, problems),
        "lost": [name for name in lost if name not in voters],
        "lost_arbitrator": any(name in voters for name in lost),
        "application_active": _known("application_active", members, options, problems),
        "removed": [],
        "manual_steps_done": _list("manual_steps_done", options.get("manual_steps_done"), problems),
    }
    return declared, problems


def _members(hosts, names, problems):
    """The members in their order, each with an address of its own."""
    names = list(hosts) if names is None else _list("members", names, problems)
    if not names:
        problems.append("there is no member: put at least one host into the inventory group senhasegura")
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append("member %s is in senhasegura_members twice" % name)
    for name in names:
        if name not in hosts:
            problems.append("senhasegura_members names %s, which is not a host of the inventory" % name)
    members = [_member(name, hosts[name], problems) for name in dict.fromkeys(names) if name in hosts]
    _refuse_shared_addresses(members, problems)
    families = sorted({netaddr.IPAddress(member["address"]).version for member in members if member["address"]})
    if len(families) > 1:
        problems.append("IPv4 and IPv6 are mixed: %s; give every member an address of one family"
                        % ", ".join("%s has %s" % (member["name"], member["address"]) for member in members))
    return members


def _member(name, variables, problems):
    member = {"name": name, "address": "", "segment": 0, "port": 22}
    try:
        member["port"] = int(variables.get("port") or 22)
    except (TypeError, ValueError):
        problems.append("member %s: ansible_port must be a number, not %r" % (name, variables["port"]))
    text = str(variables.get("address") or name).strip()
    if netaddr.valid_ipv4(text, netaddr.INET_PTON) or netaddr.valid_ipv6(text):
        member["address"] = str(netaddr.IPAddress(text))
    else:
        problems.append("member %s: its address must be an IP address, not %r; set senhasegura_address" % (name, text))
    member["segment"] = _segment("member " + name, variables.get("segment"), problems)
    return member


def _segment(whose, value, problems):
    try:
        return _values.segment(value)
    except ValueRefused as error:
        problems.append("%s: senhasegura_%s" % (whose, error.message))
        return 0


def _refuse_shared_addresses(members, problems):
    owners = {}
    for member in members:
        owners.setdefault(member["address"], []).append(member["name"])
    for address, names in owners.items():
        if address and len(names) > 1:
            problems.append("address %s is given to %s; every member needs its own" % (address, " and ".join(names)))


def _cluster_name(value, problems):
    name = str(value or "")
    if not _CLUSTER_NAME.fullmatch(name):
        problems.append("senhasegura_cluster_name must be 1 to 32 letters, digits, dots, dashes or underscores, not %r"
                        % name)
    return name


def _primary(members, value, problems):
    names = [member["name"] for member in members]
    primary = value or (names[0] if names else "")
    if names and primary not in names:
        problems.append("senhasegura_primary is %s, which is no member; the members are %s"
                        % (primary, ", ".join(names)))
    return primary


def _arbitrator(members, value, problems):
    if not value:
        return ""
    if not (netaddr.valid_ipv4(str(value), netaddr.INET_PTON) or netaddr.valid_ipv6(str(value))):
        problems.append("senhasegura_arbitrator must be an IP address, not %r" % value)
        return ""
    address = str(netaddr.IPAddress(str(value)))
    if any(member["address"] and (":" in member["address"]) != (":" in address) for member in members):
        problems.append("the arbitrator %s has an address of another family (IPv4, IPv6) than the members" % address)
    for member in members:
        if member["address"] == address:
            problems.append("the arbitrator %s is also the member %s; it must be another host"
                            % (address, member["name"]))
    return address


def _bind_address(value, problems):
    """Addresses on which the database serves clients, separated by commas as MariaDB wants them, or a star for all."""
    text = str(value or "")
    for item in [part.strip() for part in text.split(",")] if text else []:
        if item != "*" and not (netaddr.valid_ipv4(item, netaddr.INET_PTON) or netaddr.valid_ipv6(item)):
            problems.append("senhasegura_bind_address must be an IP address, several with commas, or *, not %r" % text)
            break
    return text


def _choice(name, value, choices, problems):
    if value not in choices:
        problems.append("senhasegura_%s must be one of %s, not %r"
                        % (name, ", ".join(choice for choice in choices if choice), value))
    return value


def _list(name, value, problems):
    """A list of text, also from the one text that ``-e name=a,b`` makes of it: never a list of its letters."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    if value is not None:
        problems.append("senhasegura_%s must be a list, not %r" % (name, value))
    return []


def _yes_or_no(name, options, problems):
    """A truth value, also as the text that ``-e name=false`` makes of it."""
    try:
        return boolean(options.get(name) or False)
    except TypeError:
        problems.append("senhasegura_%s must be true or false, not %r" % (name, options[name]))
        return False


def _refuse_stall_timeout(value, problems):
    """Nothing of the declaration depends on it, but the wait that takes it comes when databases have restarted: too late to refuse it."""
    text = str(value).strip()
    if value is not None and (isinstance(value, bool) or not (text.isascii() and text.isdigit() and int(text))):
        problems.append("senhasegura_stall_timeout must be a whole number of seconds, 1 or more, not %r" % (value,))


def _sync(options, problems):
    sync = {"enabled": _yes_or_no("sync_enabled", options, problems), "timeout": 0,
            "paths": _list("sync_paths", options.get("sync_paths"), problems)}
    try:
        sync["timeout"] = _values.sync_timeout(options.get("sync_timeout"))
    except ValueRefused as error:
        problems.append("senhasegura_sync_timeout: " + error.message)
    problems += ["senhasegura_sync_paths: " + problem for problem in _values.sync_path_problems(sync["paths"])]
    if sync["enabled"] and not sync["paths"]:
        problems.append("senhasegura_sync_enabled is true but senhasegura_sync_paths is empty")
    return sync


def _known(option, members, options, problems, voters=()):
    """A list of members by name, where an arbitrator may be meant of its names, too."""
    known = [member["name"] for member in members] + list(voters)
    names = _list(option, options.get(option), problems)
    for name in names:
        if name not in known:
            problems.append("senhasegura_%s names %s, which is no member" % (option, name))
    return names


def advice(declared):
    """What is allowed but seldom meant: list of sentences."""
    segments = {member["segment"] for member in declared["members"]}
    found = []
    if declared["different_datacenters"] and len(declared["members"]) > 1 and len(segments) == 1:
        found.append("the members are in different data centers but share one segment: give each data center with "
                     "several members a senhasegura_segment of its own")
    if not declared["different_datacenters"] and len(segments) > 1:
        found.append("members of one data center should share a segment: set senhasegura_different_datacenters, or give "
                     "all members the same senhasegura_segment")
    if len(declared["members"]) == 2 and not declared["arbitrator"]:
        found.append("two members without an arbitrator: if the primary fails, the other stops serving until a person "
                     "assumes it as primary")
    return found
