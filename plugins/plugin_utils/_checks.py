# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks in their order, and their run. Pure. docs/checks.md holds the text of every id; a unit test compares the two."""

from __future__ import annotations

from collections import namedtuple

from . import _checks_appliance as appliance
from . import _checks_cluster as cluster
from . import _checks_data as data
from . import _checks_database as database
from . import _checks_host as host
from . import _checks_network as network
from . import _checks_snapshot as snapshot
from ._checks_base import FAIL, SKIPPED, STATUSES, UNKNOWN, WARN, fail, warn

Check = namedtuple("Check", "id title judge repairable")
"""``judge`` is called with :class:`_checks_base.Facts` and returns findings; ``repairable``: ``create_cluster`` itself repairs it."""

CHECKS = (
    Check("member.reachable", "the member answers", host.reachable, False),
    Check("host.name_set", "it has a hostname of its own", host.name_set, False),
    Check("host.name_unique", "no other member has its hostname", host.name_unique, False),
    Check("host.name_resolves", "it resolves the others' hostnames", host.name_resolves, False),
    Check("host.address", "the declared address is on it", host.own_address, False),
    Check("host.address_static", "its address is static", host.static_address, False),
    Check("host.dns", "its DNS servers answer", host.dns, False),
    Check("clock.ntp", "its clock is synchronized by NTP", host.ntp, False),
    Check("clock.skew", "its clock is that of the others", network.skew, False),
    Check("port.reachable", "the others reach its TCP ports", network.ports, False),
    Check("port.appliance", "the others reach the appliance's ports", network.appliance_ports, False),
    Check("port.admitted", "its allow list names the others", appliance.admitted, True),
    Check("port.udp", "the others reach its UDP port", network.udp, False),
    Check("port.arbitrator", "it reaches the arbitrator", network.arbitrator_port, False),
    Check("port.from_arbitrator", "the arbitrator reaches it", network.from_arbitrator, False),
    Check("link.latency", "round trips fit the latency profile", network.latency, False),
    Check("link.loss", "nothing is lost on the way", network.loss, False),
    Check("link.segments", "segments fit the round trips", network.segments, False),
    Check("link.net_check", "the appliance's own test of the network passes", appliance.net_check, False),
    Check("version.same", "MariaDB and Galera are the same", database.versions, False),
    Check("disk.room", "there is room for the donor's data", host.room, False),
    Check("memory.buffer_pool", "the buffer pool fits the memory", host.buffer_pool, False),
    Check("tool.sst", "it has the tools of a state transfer", host.sst_tools, True),
    Check("security.modules", "no security module is in the way", host.security_modules, False),
    Check("account.root_password", "root needs a password", database.root_password, False),
    Check("account.anonymous", "there are no anonymous users", database.anonymous, False),
    Check("account.default", "the account of the delivery is changed", appliance.default_account, False),
    Check("data.loss", "its data do not die unasked", database.data_loss, False),
    Check("snapshot.taken", "a snapshot of it was acknowledged", snapshot.snapshot_taken, False),
    Check("backup.recent", "it was backed up lately", snapshot.backup_recent, False),
    Check("quorum.now", "all votes are present", cluster.quorum_now, False),
    Check("quorum.forecast", "no single failure stops the others", cluster.quorum_forecast, False),
    Check("plan.possible", "create_cluster would not refuse", cluster.plan_possible, False),
    Check("cluster.component", "the members are one component", cluster.component, True),
    Check("data.canary", "it shows what the others write", data.canary, False),
    Check("data.equal", "tables have the same checksums", data.equal, False),
    Check("cluster.drift", "declared, written and running agree", cluster.drift, True),
)

_WAIVERS = "senhasegura_waivers"

IDS = tuple(check.id for check in CHECKS)

_TELLING = ("member.reachable", "host.name_unique", "host.address", "clock.skew", "port.reachable", "version.same", "disk.room", "data.loss")
"""The checks that tell what the plan refuses as well, so that ``plan.possible`` need not."""


def run_checks(facts, as_warnings=(), waivers=(), repairable="fail"):
    """Every check.

    :param facts: :class:`_checks_base.Facts`.
    :param as_warnings: ids whose failures are warnings.
    :param waivers: ids that somebody answers for: failures are warnings too, what is unknown is skipped, and the report lists the
        waivers by name.
    :param repairable: ``warn`` makes warnings of the failures that ``create_cluster`` itself repairs, as before it runs.
    :returns: list of dict ``id``, ``title``, ``findings`` (:class:`_checks_base.Finding`), in the order of :data:`CHECKS`.
    """
    found = []
    for check in CHECKS:
        why = [reason for reason, holds in ((_WAIVERS, check.id in waivers),
                                            ("senhasegura_checks_as_warnings", check.id in as_warnings),
                                            ("create_cluster repairs it", check.repairable and repairable == "warn")) if holds]
        found.append({"id": check.id, "title": check.title,
                      "findings": [_lower(finding, why[0]) if why else finding for finding in check.judge(facts)]})
    return _never_silent(facts, found)


def _never_silent(facts, found):
    """What the plan refuses fails somewhere; and a check that was made a warning does not make the plan possible, which is said."""
    own = next(check for check in found if check["id"] == "plan.possible")
    failed = any(finding.status == FAIL for check in found for finding in check["findings"])
    if facts.plan["refusals"] and not failed and not any(finding.lowered for finding in own["findings"]):
        lowered = any(finding.lowered for check in found if check["id"] in _TELLING for finding in check["findings"])
        own["findings"] = cluster.refused(facts, facts.plan["refusals"], warn if lowered else fail)
    return found


def _lower(finding, why):
    """What is unknown and could be known has a fix; somebody who waives the check answers for not knowing it."""
    if finding.status == UNKNOWN and finding.fix and why == _WAIVERS:
        return finding._replace(status=SKIPPED, lowered=why)
    return finding._replace(status=WARN, lowered=why) if finding.status == FAIL else finding


def unknown_ids(ids):
    """Sentences about ids that are no check's: a misspelt waiver must not be taken for one."""
    return ["%s is no check; the checks are %s" % (one, ", ".join(IDS)) for one in ids if one not in IDS]


def worst(findings):
    """The status of several findings together; skipped for none."""
    return max([finding.status for finding in findings] or [SKIPPED], key=STATUSES.index)
