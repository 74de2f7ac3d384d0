"""Lists that are kept by hand are in step, and imports go one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.senhasegura.cluster.plugins.module_utils import _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._specs import STEP_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
ON_CONTROLLER = {"cluster_arbitration", "cluster_assumption", "cluster_check", "cluster_compare", "cluster_health_plan", "cluster_plan",
                 "cluster_proof", "cluster_recovery", "cluster_removal", "cluster_reseed", "cluster_rolling_plan"}
MODULES = {path.stem for path in (PLUGINS / "modules").glob("*.py")}
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def documentation(module):
    return yaml.safe_load(re.search(r'DOCUMENTATION = r"""(.*?)"""', (PLUGINS / "modules" / (module + ".py")).read_text(), re.S)[1])


def test_the_action_group_is_every_module_that_runs_on_members():
    assert load("meta/runtime.yml")["action_groups"]["cluster"] == sorted(MODULES - ON_CONTROLLER)


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_the_argument_specs(role):
    options = load("roles/%s/meta/argument_specs.yml" % role)["argument_specs"]["main"]["options"]
    assert load("roles/%s/defaults/main.yml" % role) == {name: option["default"] for name, option in options.items()}


def test_one_variable_means_one_thing():
    seen = {}
    for role in ROLES:
        for name, option in load("roles/%s/meta/argument_specs.yml" % role)["argument_specs"]["main"]["options"].items():
            assert seen.setdefault(name, option) == option


def test_every_variable_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {name for role in ROLES for name in load("roles/%s/defaults/main.yml" % role)}
    names |= {"senhasegura_address", "senhasegura_segment", "senhasegura_snapshot_taken"}
    assert {name for name in names if "`%s`" % name not in readme} == set()


def test_the_timers_of_each_latency_are_in_the_operations_manual():
    rows = re.findall(r"^\| `(evs\.\w+)` \| `(.*)` \| `(.*)` \| `(.*)` \|$", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.M)
    profiles = [_values.latency_profile(name) for name in _values.LATENCIES]
    assert rows == [(option, *(dict(profile.start, **profile.online).get(option, _values.GALERA_DEFAULTS[option]) for profile in profiles))
                    for option in _values.LATENCY_START_OPTIONS + _values.LATENCY_ONLINE_OPTIONS]


@pytest.mark.parametrize("step", sorted(STEP_OPTIONS))
def test_a_step_documents_its_options(step):
    options = documentation("cluster_" + step)["options"]
    assert set(options) == set(STEP_OPTIONS[step])
    for name, spec in STEP_OPTIONS[step].items():
        documented = {key: options[name][key] for key in ("type", "default", "choices", "required") if key in options[name]}
        assert documented == {key: spec[key] for key in ("type", "default", "choices", "required") if key in spec}, name


def test_every_module_is_in_the_readme_and_no_file_names_a_machine():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in MODULES if "`%s`" % name not in readme} == set()


PAGES = dict(re.findall(r"^## `(\w+)`(.*?)(?=^## |\Z)", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.M | re.S))
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


WITHOUT_TABLE = {"record_appliance"}
"""What these change is not told play by play."""


def plays(playbook):
    """The numbers of its plays, as their names have them."""
    return [number for play in load("playbooks/%s.yml" % playbook) for number in re.findall(r"^\d+/\d+", play.get("name", ""))]


@pytest.mark.parametrize("playbook", [name for name in PLAYBOOKS if plays(name)])
def test_plays_are_numbered_and_each_is_a_row_of_the_page(playbook):
    numbers = plays(playbook)
    assert numbers == ["%d/%d" % (number, len(numbers)) for number in range(1, len(numbers) + 1)]
    rows = re.findall(r"^\| (\d+/\d+ [^|]*)\|", PAGES.get(playbook, ""), re.M)
    told = [number for row in rows for number in re.findall(r"\d+/\d+", row)]
    assert told == numbers or playbook in WITHOUT_TABLE and not told


def test_every_entry_of_a_changelog_fragment_is_a_sentence():
    """Quicker than sanity tells: a colon in one makes another thing of it."""
    for path in sorted((ROOT / "changelogs/fragments").glob("*.yml")):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert all(isinstance(item, str) for kind, items in found.items() if kind != "release_summary" for item in items), path.name


def anchor(heading):
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_every_operation_is_in_the_overview_and_shown_by_scenarios_that_run_it():
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| \[(\w+)\]\(#([^)]+)\)[^|]*\| [^|]+ \| ([^|]+) \|$", text, re.M)
    assert {name for name, _link, _shown in rows} == set(PLAYBOOKS) - {"record_appliance"}
    assert {link for _name, link, _shown in rows} <= {anchor(found) for found in re.findall(r"^##+ (.+)$", text, re.M)}
    for name, _link, shown in rows:
        for scenario in re.findall(r"`(\w+)`", shown):
            tests = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "molecule" / scenario / "tests").glob("*.py")))
            assert name in tests or name == "create_cluster" and re.search(r"lab\.(play|create)\(", tests), (name, scenario)


def imports(path):
    """What a file imports: absolute module names, relative ones with their dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            yield from ("%s%s%s" % (base, "" if base.endswith(".") else ".", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_role_and_no_rule_asks_which_platform_a_member_is():
    """It asks what the platform can do (``capabilities``): a third one must need no change of them."""
    texts = [path for folder in ("roles", "playbooks", "plugins/action", "plugins/plugin_utils") for path in (ROOT / folder).rglob("*")
             if path.suffix in (".yml", ".py", ".j2")]
    asks = re.compile(r"""\bplatform\b([^\n=!]*[=!]=|[\s'\"\]]*\b(in|not in)\s)""")
    assert {str(path.relative_to(ROOT)) for path in texts if asks.search(path.read_text(encoding="utf-8"))} == set()


def test_only_the_selector_knows_the_platforms():
    knowing = {path.name for path in PLUGINS.rglob("*.py") for name in imports(path) if name.endswith("Platform") and name != ".interface.Platform"}
    assert knowing == {"select.py"}


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_a_member_that_becomes_unreachable_ends_a_play_of_one_at_a_time(path):
    """ansible-core 2.19 counts it twice under any_errors_fatal, and goes on with the next one."""
    serial = [play for play in yaml.safe_load(path.read_text(encoding="utf-8")) if play.get("serial")]
    assert [play["name"] for play in serial if play.get("any_errors_fatal") is not False] == []


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_the_hosts_of_a_play_ask_for_no_variable_that_an_inventory_may_hold(path):
    """They are templated without any host, so that only ``-e`` would be seen; groups are known. And localhost is in no group."""
    hosts = [play["hosts"] for play in yaml.safe_load(path.read_text(encoding="utf-8")) if "hosts" in play]
    assert "localhost" not in hosts
    assert [one for one in hosts if "{{" in one and "senhasegura" in re.sub(r"'[^']*'", "", one)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_a_play_that_only_proves_has_no_lock_among_its_defaults(path):
    """ansible-core before 2.19 looks them up for every task, so that a run that changes nothing is refused while another one works."""
    for play in yaml.safe_load(path.read_text(encoding="utf-8")):
        files = {task["ansible.builtin.import_role"].get("tasks_from") for task in play.get("tasks", []) if "ansible.builtin.import_role" in task}
        assert files != {"prove"} or "module_defaults" not in play, play["name"]


READ_ONLY = {"check_cluster", "record_appliance"}
"""The playbooks that change no member."""


def task_files(path, found=()):
    """A task file, and those of its folder that it names."""
    files = {path, *found}
    for name in re.findall(r"(?:import|include)_tasks: (\w+\.yml)", path.read_text(encoding="utf-8")):
        files |= set() if path.parent / name in files else task_files(path.parent / name, files)
    return files


def files_of(book):
    """The task files of the roles that the plays of a playbook name."""
    roles = [task.get("ansible.builtin.import_role") or task.get("ansible.builtin.include_role")
             for play in book for task in play.get("tasks", [])]
    return set().union(*(task_files(ROOT / "roles" / role["name"].split(".")[-1] / "tasks" / (role.get("tasks_from", "main") + ".yml"))
                         for role in roles if role))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_that_changes_something_holds_the_run_lock_and_is_refused_by_another_run_s(playbook):
    book = load("playbooks/%s.yml" % playbook)
    if "ansible.builtin.import_playbook" in book[0]:  # the same plays, with another variable
        book = load("playbooks/" + book[0]["ansible.builtin.import_playbook"])
    holds = [play["name"] for play in book
             if "'senhasegura.cluster.run_lock'" in play.get("module_defaults", {}).get("group/senhasegura.cluster.cluster", {}).get("lock", "")]
    refused = [path for path in files_of(book) if "query('senhasegura.cluster.run_lock', 'held')" in path.read_text(encoding="utf-8")]
    assert (bool(holds), bool(refused)) == (playbook not in READ_ONLY,) * 2
