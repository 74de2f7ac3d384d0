"""The stand-in says what the vendor documents: every recorded shape, line by line, on a host whose cluster is real."""

from __future__ import annotations

import json
import re

import lab
import pytest

HOST = "member-b"
RECORDED = lab.ROOT / "tests" / "recorded" / "orbit"

FREE = [(r"(?<=: )(Active|Inactive)$", "(Active|Inactive)"), (r"(?<=Main:        )(Yes|No)$", "(Yes|No)"),
        (r"(?<=Primary:     )\S*$", r"\\S*"), (r"(?<=Instance:    )(Primary|Secondary)$", "(Primary|Secondary)"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[0-9a-f-]{36}"), (r"ID \\\[\d+", r"ID \\[\\d+"),
        (r"Hostname \\\[\S+", r"Hostname \\[\\S+"), (r"Timestamp \\\[\d+", r"Timestamp \\[\\d+"),
        (r"^\S+(?= details| is primary)", r"\\S+"), (r"\d+$", r"\\d+"), (r"(\d+\\\.){3}\d+", r"[0-9.]+")]
"""What differs from host to host, and what stands for it."""


def pattern(line):
    """A documented line as a regular expression."""
    found = re.escape(line).replace("\\ ", " ").replace("\\-", "-")
    for free, instead in FREE:
        found = re.sub(free, instead, found)
    return found


def said(command):
    return lab.shell(HOST, "orbit " + command).splitlines()


def switch(**values):
    lab.shell(HOST, "echo '%s' > /etc/orbit-standin.json" % json.dumps(values))


@pytest.fixture(scope="module", autouse=True, name="serving")
def _serving():
    lab.shell(HOST, "mkdir -p /var/lib/orbit-standin; echo y | orbit cluster start")
    lab.shell(HOST, "echo y | orbit application primary")
    yield
    switch()


@pytest.mark.parametrize("shape, form, command", [
    ("application-status-older", "old", "application status"), ("application-status-newer", "new", "application status"),
    ("cluster-arbiter-status", "new", "cluster arbiter status")])
def test_a_status_has_exactly_the_documented_lines(shape, form, command):
    switch(form=form)
    if "arbiter" in shape:
        address = lab.addresses()[HOST]
        lab.shell(HOST, "echo y | orbit cluster config --nodes=%s --ip=%s --arbiter=10.66.33.13 --segment=2" % (address, address))
    documented = (RECORDED / (shape + ".txt")).read_text(encoding="utf-8").splitlines()
    lines = said(command)
    assert len(lines) == len(documented)
    for line, wanted in zip(lines, documented):
        assert re.fullmatch(pattern(wanted), line), (line, pattern(wanted))


def test_the_cluster_s_status_ends_with_the_documented_block():
    documented = (RECORDED / "cluster-status-end.txt").read_text(encoding="utf-8").splitlines()
    block = said("cluster status")
    block = block[block.index("Cluster nodes"):]
    once = documented[:3] + documented[5:]  # this cluster has one member
    assert len(block) == len(once)
    for line, wanted in zip(block, once):
        assert re.fullmatch(pattern(wanted), line), (line, pattern(wanted))


def test_changes_ask_and_end_as_documented_and_nothing_runs_without_root():
    output = lab.shell(HOST, "echo y | orbit application start")
    assert output == "Are you sure you want to proceed: Done!\nNo errors reported"
    assert lab.shell(HOST, "orbit application start --force") == "Done!\nNo errors reported"
    assert lab.shell(HOST, "echo n | orbit application stop", check=False).endswith("Aborted")
    assert lab.shell(HOST, "orbit application status | grep Application") == "Application: Active"
    assert lab.shell(HOST, "su mt4adm -c 'orbit version'", check=False) == "This program must be run with root permissions!"
