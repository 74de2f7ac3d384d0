# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the checks: a table and its details for people, JSON and JUnit XML for pipelines. Pure."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from ._checks import worst
from ._checks_base import CLUSTER, FAIL, OK, SKIPPED, STATUSES, UNKNOWN, WARN
from ._words import table

SCHEMA = 1
"""The version of the JSON: docs/check-report.schema.json."""

_EXPLAINED = ("Each check is explained under its id in the collection's docs/checks.md "
              "(https://github.com/senhasegura/senhasegura.cluster/blob/main/docs/checks.md).")

_CLUSTER_COLUMN = "cluster"
_ELSEWHERE = re.compile(r"see ([a-z_]+\.[a-z_]+|the failures of the other checks)")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build(declared, checks, ports, links, forecast, context):
    """The report as plain values: what the JSON file holds.

    :param checks: of :func:`_checks.run_checks`.
    :param ports: of :func:`_checks_network.ports_of`.
    :param links: of :func:`_checks_network.links_of`.
    :param forecast: of :func:`_checks_cluster.forecast`.
    :param context: dict of ``checked_at`` (ISO 8601, UTC), ``as_warnings`` (ids), ``waivers`` (ids).
    :returns: dict, see the schema.
    """
    every = [finding for check in checks for finding in check["findings"]]
    return {"schema": SCHEMA, "cluster": declared["cluster_name"], "checked_at": context["checked_at"],
            "members": [{"name": member["name"], "address": member["address"], "segment": member["segment"]}
                        for member in declared["members"]],
            "arbitrator": declared["arbitrator"], "primary": declared["primary"], "as_warnings": list(context["as_warnings"]),
            "waivers": list(context["waivers"]),
            "passed": not any(finding.status == FAIL for finding in every),
            "summary": {status: len([finding for finding in every if finding.status == status]) for status in reversed(STATUSES)},
            "checks": [{"id": check["id"], "title": check["title"], "status": worst(check["findings"]),
                        "findings": [dict(finding._asdict()) for finding in check["findings"]]} for check in checks],
            "ports": ports, "links": links, "forecast": forecast}


def lines(report, brief=False):
    """The report on a terminal: the table, what is not ok, the forecast, the sum.

    :param brief: without the table, the forecast and what was skipped.
    """
    found = [] if brief else _table(report)
    for status in (FAIL, WARN, UNKNOWN):
        for check in report["checks"]:
            for members, finding in _alike(check["findings"], status):
                found += [""] + detail(check["id"], finding, members)
    found += [] if brief else [""] + ["Forecast: %s." % case["text"] for case in report["forecast"]]
    left = [check["id"] for check in report["checks"] if check["status"] == SKIPPED]
    found += ["Skipped, as not asked for or not applying: %s." % ", ".join(left)] if left and not brief else []
    found += ["Waived: %s." % ", ".join(report["waivers"])] if report["waivers"] else []
    return found + ["", _EXPLAINED, "%s." % sum_of(report)]


def _table(report):
    names = [member["name"] for member in report["members"]]
    rows = [[check["id"]] + [_cell(check, name) for name in names + [CLUSTER]] for check in report["checks"]]
    return table(["check"] + names + [_CLUSTER_COLUMN], rows)


def _cell(check, name):
    mine = [finding["status"] for finding in check["findings"] if finding["member"] == name]
    worst_of_mine = max(mine, key=STATUSES.index, default=SKIPPED)
    return "-" if worst_of_mine == SKIPPED else worst_of_mine


def _alike(findings, status):
    """The findings of a status that another check does not tell, and the members that share each of them."""
    found = {}
    for finding in findings:
        if finding["status"] == status and not _ELSEWHERE.fullmatch(finding["seen"]):
            found.setdefault(tuple(value for name, value in sorted(finding.items()) if name != "member"), []).append(finding)
    return [([one["member"] for one in alike if one["member"]], alike[0]) for alike in found.values()]


def detail(identity, finding, members):
    """One finding: what was seen, what was expected, how to fix it.

    :param members: whom it is about; empty for the cluster as a whole.
    """
    head = "%s %s %s" % (finding["status"].upper(), identity, "on " + ", ".join(members) if members else "of the cluster")
    parts = [("seen", finding["seen"]), ("expected", finding["expected"]), ("fix", finding["fix"]),
             ("a warning because of", finding["lowered"])]
    return [head] + ["  %s: %s" % part for part in parts if part[1]]


def sum_of(report):
    """The counts in one sentence."""
    counts = report["summary"]
    return "%d ok, %d failed, %d warned, %d unknown, %d skipped" % (counts[OK], counts[FAIL], counts[WARN], counts[UNKNOWN], counts[SKIPPED])


def failed(report):
    """The failed checks and their members, as the failed task names them."""
    found = []
    for check in report["checks"]:
        where = [finding["member"] or _CLUSTER_COLUMN for finding in check["findings"] if finding["status"] == FAIL]
        found += ["%s (%s)" % (check["id"], ", ".join(dict.fromkeys(where)))] if where else []
    return found


def as_json(report):
    """The JSON file's text."""
    return json.dumps(report, indent=2, sort_keys=True) + "\n"


def as_junit(report):
    """The JUnit XML file's text: a test case per check and member; a warning passes and tells, what is unknown or skipped is skipped."""
    cases = [(check, finding) for check in report["checks"] for finding in check["findings"]]
    suite = ElementTree.Element("testsuite", {
        "name": "senhasegura.cluster.check_cluster", "timestamp": report["checked_at"], "tests": str(len(cases)), "errors": "0",
        "failures": str(report["summary"][FAIL]), "skipped": str(report["summary"][UNKNOWN] + report["summary"][SKIPPED])})
    for check, finding in cases:
        case = ElementTree.SubElement(suite, "testcase", {"classname": check["id"], "name": finding["member"] or _CLUSTER_COLUMN})
        text = _NOT_XML.sub("?", "\n".join(detail(check["id"], finding, [finding["member"]] if finding["member"] else [])))
        if finding["status"] == FAIL:
            ElementTree.SubElement(case, "failure", {"message": _NOT_XML.sub("?", finding["seen"])}).text = text
        elif finding["status"] in (UNKNOWN, SKIPPED):
            ElementTree.SubElement(case, "skipped", {"message": _NOT_XML.sub("?", finding["seen"])})
        elif finding["status"] == WARN:
            ElementTree.SubElement(case, "system-out").text = text
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(whole, encoding="unicode") + "\n"
