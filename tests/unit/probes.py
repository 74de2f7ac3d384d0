# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``cluster_probe`` finds on members that are in order, in its shape, and the facts of the checks."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _checks
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_base import Facts
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._plan import make_plan
from ansible_collections.senhasegura.cluster.tests.unit import members as b

GB = 1024**3
NOW = 1700000000.0


def host(name, **changes):
    """A host on which everything is in order."""
    return dict({"addresses": [{"address": b.address(name), "dynamic": False, "interface": "eth0"}], "dns": ["10.0.0.1"],
                 "time": {"services": ["chronyd"], "container": False, "synchronized": True, "tool": "chronyc"}, "memory_bytes": 8 * GB,
                 "tools": {"rsync": "/usr/bin/rsync", "socat": "/usr/bin/socat", "mariadb-backup": "/usr/bin/mariadb-backup"},
                 "apparmor": [], "selinux": ""}, **changes)


def link(milliseconds=1.0, **changes):
    """A link on which everything gets through."""
    return dict({"tcp": {"4444": "open", "4567": "open", "4568": "open"}, "udp": {"4567": "answered"}, "sent": 20,
                 "answered": 20, "trips": [milliseconds] * 10, "how": "udp", "told": True,
                 "clock": {"clock": 1000.0, "asked_at": 999.999, "answered_at": 1000.001}}, **changes)


def probe(name, names, links=None, changes=None):
    """Both phases of a member."""
    peers = [one for one in names if one != name]
    return dict({"host": host(name), "database": {"problem": "", "accounts": [{"user": "root", "host": "localhost", "open": False}],
                                                  "buffer_pool": GB},
                 "listening": {"tcp": {"4444": "ours", "4567": "ours", "4568": "ours"}, "udp": {"4567": "ours"}}, "listened": True,
                 "links": dict({b.address(peer): link() for peer in peers}, **(links or {})),
                 "names": {"host" + peer: [b.address(peer)] for peer in peers}, "dns": {"10.0.0.1": "answers"},
                 "default_account": None, "net_check": None, "backup": None}, **(changes or {}))


def facts(declaration=None, observations=None, gate=None, inventory=("hosts.yml",), hostnames=None, **changed):
    """The facts of the checks: every member fresh and in order, but for what is given.

    :param hostnames: those that ``prepare_members`` gives; by default those that they have.
    :param changed: probes of single members: ``n2={"dns": {}}``.
    """
    declaration = declaration or b.declared(3)
    names = [member["name"] for member in declaration["members"]]
    seen = dict({name: b.fresh(name) for name in names}, **(observations or {}))
    probes = {name: {} if seen[name].get("unknown") else _changed(name, names, changed.get(name, {})) for name in names}
    return Facts(declaration, seen, probes, make_plan(declaration, seen),
                 dict({"taken": {}, "max_age_hours": 0, "backup_hours": 0, "keeping": {name: {"backup": False, "snapshot": False} for name in names},
                       "directories": dict.fromkeys(names, ""), "now": NOW}, **(gate or {})),
                 {"asked": {"canary": False, "tables": []}, "written": {}, "read": {}, "compared": {}, "failed": {}}, list(inventory),
                 hostnames or {name: "host" + name for name in names})


def _changed(name, names, changes):
    return probe(name, names, changes.get("links"), {part: value for part, value in changes.items() if part != "links"})


def findings(given, identity):
    """What one check says: list of findings."""
    return next(check for check in _checks.CHECKS if check.id == identity).judge(given)


def bad(given, **how):
    """Everything that fails or warns, but for three members without an arbitrator: set of (id, member, status)."""
    return {(check["id"], finding.member, finding.status) for check in _checks.run_checks(given, **how)
            for finding in check["findings"] if finding.status in ("fail", "warn")} - {("quorum.forecast", "", "warn")}


def one(given, identity, member):
    """The single finding of a check about a member."""
    found = [finding for finding in findings(given, identity) if finding.member == member]
    assert len(found) == 1, found
    return found[0]
