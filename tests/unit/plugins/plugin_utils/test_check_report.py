# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: table, details, JSON that fits its published schema, JUnit XML, and a text in docs/checks.md for every id."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from ansible_collections.senhasegura.cluster.plugins.plugin_utils import _check_report as check_report
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks import CHECKS, run_checks
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_cluster import forecast
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._checks_network import links_of, ports_of
from ansible_collections.senhasegura.cluster.tests.unit import members as b
from ansible_collections.senhasegura.cluster.tests.unit import probes as p

DOCS = Path(__file__).resolve().parents[4] / "docs"
SCHEMA = json.loads((DOCS / "check-report.schema.json").read_text(encoding="utf-8"))


def report(facts, as_warnings=(), waivers=()):
    checks = run_checks(facts, as_warnings, waivers)
    return check_report.build(facts.declared, checks, ports_of(facts), links_of(facts), forecast(facts.declared, facts.observations),
                              {"checked_at": "2026-01-31T22:00:00Z", "as_warnings": as_warnings, "waivers": waivers})


def broken():
    return p.facts(b.declared(3, arbitrator="10.0.0.99"), observations={"n3": b.unreachable()}, n1={"dns": {"10.0.0.1": "server failure"}},
                   n2={"dns": {"10.0.0.1": "server failure"}})


ARBITRATED = b.declared(2, arbitrator="10.0.0.99")

REPORTS = [lambda: report(p.facts()), lambda: report(broken()), lambda: report(broken(), ["host.dns"], ["member.reachable"]),
           lambda: report(p.facts(b.declared(1))), lambda: report(p.facts(ARBITRATED, b.living(ARBITRATED, garbd=False)))]


@pytest.mark.parametrize("made", REPORTS)
def test_the_json_fits_the_schema(made):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(check_report.as_json(made())), SCHEMA)


def test_the_schema_is_no_formality():
    for spoil in (lambda one: one["checks"][0].pop("title"), lambda one: one.update(more=1),
                  lambda one: one["ports"][0].update(state="shut"), lambda one: one["checks"][0].update(status="good"),
                  lambda one: one["checks"][0]["findings"].append(dict(one["checks"][0]["findings"][0], status="fail"))):
        one = json.loads(check_report.as_json(report(p.facts())))
        spoil(one)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(one, SCHEMA)


def test_failures_do_not_pass():
    assert report(p.facts())["passed"] is True
    assert report(broken())["passed"] is False
    assert check_report.failed(report(broken())) == ["member.reachable (n3)", "host.dns (n1, n2)"]
    assert report(broken(), ["host.dns"], ["member.reachable"])["passed"] is True


@pytest.mark.parametrize("brief", [False, True])
def test_where_the_checks_are_explained_is_said_once_at_the_end(brief):
    lines = check_report.lines(report(broken()), brief)
    assert [line for line in lines if "docs/checks.md" in line] == [lines[-2]]


def test_the_table():
    lines = check_report.lines(report(broken()))
    assert lines[:4] == ["check                  n1       n2       n3       cluster", "member.reachable       ok       ok       fail     -",
                         "host.name_set          ok       ok       unknown  -", "host.name_unique       ok       ok       unknown  -"]
    assert re.fullmatch(r"\d+ ok, 3 failed, \d+ warned, \d+ unknown, \d+ skipped\.", lines[-1])


def test_what_is_alike_is_told_once_and_what_another_check_tells_not_at_all():
    text = "\n".join(check_report.lines(report(broken())))
    assert "FAIL host.dns on n1\n  seen: asked for n1, 10.0.0.1: server failure\n  expected: an answer from every DNS server\n  fix: " in text
    assert "see member.reachable" not in text
    silent = {"database": {"problem": "the database does not answer", "accounts": [], "buffer_pool": 1}}
    text = "\n".join(check_report.lines(report(p.facts(n1=silent, n3=silent))))
    assert text.count("UNKNOWN account.anonymous on n1, n3\n  seen: the database does not answer\n  fix: ") == 1


def test_waivers_are_shown():
    lines = check_report.lines(report(broken(), ["host.dns"], ["member.reachable"]))
    assert "Waived: member.reachable." in lines
    assert "  a warning because of: senhasegura_waivers" in lines
    assert "  a warning because of: senhasegura_checks_as_warnings" in lines


def test_the_junit_file():
    made = report(broken())
    root = ElementTree.fromstring(check_report.as_junit(made))
    suite = root.find("testsuite")
    assert root.tag == "testsuites"
    assert (suite.get("failures"), suite.get("skipped"), suite.get("errors")) == ("3", str(made["summary"]["unknown"] + made["summary"]["skipped"]), "0")
    cases = {(case.get("classname"), case.get("name")): case for case in suite.findall("testcase")}
    assert int(suite.get("tests")) == len(suite.findall("testcase")) >= len(cases)
    failure = cases["host.dns", "n2"].find("failure")
    assert failure.get("message") == "asked for n2, 10.0.0.1: server failure"
    assert failure.text.startswith("FAIL host.dns on n2\n  seen: ")
    assert cases["host.dns", "n3"].find("skipped").get("message") == "see member.reachable"


def test_what_nobody_looked_at_is_no_good_news():
    made = report(p.facts())
    own = {check["id"]: check for check in made["checks"]}
    assert own["port.appliance"]["status"] == own["data.equal"]["status"] == own["cluster.component"]["status"] == "skipped"
    assert made["summary"]["skipped"] == len([one for check in made["checks"] for one in check["findings"] if one["status"] == "skipped"]) > 0
    lines = check_report.lines(made)
    assert "port.appliance         -        -        -        -" in lines
    assert [line for line in lines if line.startswith("Skipped, as not asked for or not applying: port.appliance, port.admitted, ")]
    cases = {(case.get("classname"), case.get("name")): case for case in ElementTree.fromstring(check_report.as_junit(made)).iter("testcase")}
    assert cases["port.appliance", "n1"].find("skipped").get("message") == "no appliance"


def test_the_brief_form_tells_what_is_unknown_as_well():
    lines = check_report.lines(report(p.facts()), brief=True)
    assert lines[1] == "UNKNOWN snapshot.taken on n1, n2, n3" and lines[-1].endswith(" skipped.")
    assert not [line for line in lines if line.startswith(("check ", "Forecast: ", "Skipped"))]


def test_a_waiver_silences_the_gate_and_is_shown():
    text = "\n".join(check_report.lines(report(p.facts())))
    assert ("UNKNOWN snapshot.taken on n1, n2, n3\n  seen: no snapshot is looked for, since no senhasegura_snapshot_max_age is declared\n"
            "  fix: set senhasegura_snapshot_max_age to the hours that it may be old, or senhasegura_snapshot_tasks to a file of tasks that "
            "take one; or answer for doing without: senhasegura_waivers: [snapshot.taken]\n") in text
    made = report(p.facts(), waivers=["snapshot.taken"])
    found = next(check for check in made["checks"] if check["id"] == "snapshot.taken")["findings"]
    assert {(one["status"], one["lowered"]) for one in found} == {("skipped", "senhasegura_waivers")}
    text = "\n".join(check_report.lines(made))
    assert "UNKNOWN snapshot.taken" not in text and "\nWaived: snapshot.taken.\n" in text


def test_what_xml_cannot_hold_is_replaced():
    facts = p.facts(observations={"n2": b.unreachable("said \x1b[31m<no> & \ud800")})
    root = ElementTree.fromstring(check_report.as_junit(report(facts)))
    assert [case.find("failure").get("message") for case in root.iter("testcase") if case.find("failure") is not None] == [
        "said ?[31m<no> & ?"]


def test_every_check_has_its_text():
    text = (DOCS / "checks.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\S+)\n\*\*(.+?)\.\*\* (.+)", text, re.MULTILINE)
    titles = [(identity, title[0].lower() + title[1:]) for identity, title, _words in sections]
    assert titles == [
        (check.id, check.title[0].lower() + check.title[1:]) for check in CHECKS]
    assert all(len(words) > 40 for _identity, _title, words in sections)


def test_what_is_repairable_is_said():
    text = (DOCS / "checks.md").read_text(encoding="utf-8")
    said = {part.split("\n", 1)[0] for part in text.split("\n## ")[1:] if "*Repairable*" in part or "*Repairable.*" in part}
    assert said == {check.id for check in CHECKS if check.repairable}
