# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports go one way, as docs/architecture.md says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
COLLECTION = "ansible_collections.senhasegura.cluster.plugins."
VALUES = {"_values", "_errors"}
CODECS = {"_apt", "_cnf", "_error_log", "_grastate", "_lock_text", "_lsyncd", "_orbit_text", "_provider_options", "_restored",
          "_specs"}
PURE = VALUES | CODECS | {"_wanted"}
DOORS = {"_files", "_ports", "_runner"}

MAY_IMPORT = dict.fromkeys(CODECS, VALUES)
MAY_IMPORT.update({"_errors": set(), "_values": {"_errors"}, "_wanted": VALUES | {"_specs"}, "_guard": {"_errors", "_restored"},
                   "_observe": {"_lock", "_values"}, "_lock": {"_errors", "_files", "_lock_text"},
                   "_watch": {"_restored"}, "_quiet": set(),
                   "_step": VALUES | {"_lock", "_platforms", "_runner", "_specs", "_wanted"}})
MAY_IMPORT.update(dict.fromkeys(DOORS, VALUES))
MAY_IMPORT.update({"_probe": {"_files", "_ports", "_probe_database", "_probe_dns", "_probe_host", "_probe_listener", "_probe_net",
                              "_runner"}, "_probe_database": {"_errors", "_platforms"}, "_probe_dns": set(), "_probe_host": {"_files", "_probe_dns"},
                   "_probe_listener": set(), "_probe_net": {"_errors", "_ports", "_probe_listener"}})
"""What each file of module_utils may import of module_utils; platforms and modules: see below."""

WITHOUT_IO = {"__future__", "calendar", "collections", "datetime", "hashlib", "ipaddress", "json", "posixpath", "re", "shlex", "netaddr", "xml"}


def imports(path):
    """Absolute names of all that a file imports: modules, and the names taken from packages."""
    package = (COLLECTION + ".".join(path.relative_to(PLUGINS).parts[:-1])).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield from ([module + "." + alias.name for alias in node.names]
                        if module.rsplit(".", maxsplit=1)[-1] in ("module_utils", "plugin_utils", "_platforms") else [module])


def ours(path, folder):
    """The files of a folder of plugins that a file imports."""
    start = COLLECTION + folder + "."
    return {name[len(start):].split(".")[0] for name in imports(path) if name.startswith(start)}


def outside(path):
    """What a file imports of others: top-level names, and of Ansible the whole name."""
    return {name if name.startswith("ansible.") else name.split(".")[0] for name in imports(path)
            if not name.startswith(COLLECTION)}


TALKING = {"_ask", "_failure"}
"""The files of plugin_utils that talk to a person or to Ansible, for several action plugins: no rules."""


def files(folder):
    found = sorted((PLUGINS / folder).glob("*.py"))
    assert found
    return [pytest.param(path, id="%s/%s" % (folder, path.stem)) for path in found if path.stem != "__init__"]


@pytest.mark.parametrize("path", files("module_utils"))
def test_module_utils(path):
    assert path.stem in MAY_IMPORT, "a new file: say here what it may import"
    assert ours(path, "module_utils") <= MAY_IMPORT[path.stem]


@pytest.mark.parametrize("path", files("module_utils/_platforms"))
def test_a_platform_imports_text_codecs_values_and_the_doors_to_the_member(path):
    assert ours(path, "module_utils") <= VALUES | CODECS | DOORS | {"_platforms"}


@pytest.mark.parametrize("path", files("modules"))
def test_a_module_knows_no_platform_and_opens_no_door(path):
    assert ours(path, "module_utils").isdisjoint({"_platforms"} | DOORS)
    assert outside(path) <= {"__future__", "ansible.module_utils.common.arg_spec"}


@pytest.mark.parametrize("path", files("module_utils") + files("module_utils/_platforms") + files("modules"))
def test_what_runs_on_a_member_imports_no_controller_code(path):
    assert ours(path, "plugin_utils") == ours(path, "action") == set()
    assert {name for name in outside(path) if name.startswith("ansible") and ".module_utils." not in name} == set()
    assert "netaddr" not in outside(path)


SHIPPED = [pytest.param(path, id="%s/%s" % (path.parent.name, path.stem)) for folder in ("module_utils", "modules")
           for path in sorted((PLUGINS / folder).rglob("*.py"))] + [pytest.param(PLUGINS.parent / "roles/health/files/health.py", id="health")]


@pytest.mark.parametrize("path", SHIPPED)
def test_what_runs_on_a_member_is_python_3_7(path):
    """A member may have one this old with every ansible-core up to 2.18: its grammar, whatever Python runs here."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("path", files("plugin_utils"))
def test_rules_are_pure(path):
    if path.stem in TALKING:
        assert outside(path) <= {"__future__", "ansible.errors"} and ours(path, "plugin_utils") <= TALKING
        return
    assert not ours(path, "plugin_utils") & TALKING
    assert outside(path) <= WITHOUT_IO | {"ansible.module_utils.parsing.convert_bool"}
    assert ours(path, "module_utils") <= PURE


@pytest.mark.parametrize("path", [PLUGINS / "module_utils" / (name + ".py") for name in sorted(PURE)])
def test_codecs_and_values_are_pure(path):
    assert outside(path) <= WITHOUT_IO - {"netaddr"}


@pytest.mark.parametrize("path", files("action"))
def test_an_action_plugin_is_only_its_rules_and_ansible(path):
    assert ours(path, "module_utils") == set()
    assert {name for name in outside(path) if not name.startswith("ansible.")} <= {"__future__", "time"}
