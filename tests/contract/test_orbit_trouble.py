"""What orbit may do wrong, one at a time, on a real host: told whole, bounded, and never answered blindly."""

from __future__ import annotations

import json

import lab
import pytest

HOST = "member-c"
FOLDER = "/root/limits/ansible_collections/senhasegura/cluster/plugins"


def switches(**values):
    lab.shell(HOST, "echo '%s' > /etc/orbit-standin.json" % json.dumps(values))


def config():
    """The step that runs orbit cluster config."""
    address = lab.addresses()[HOST]
    return lab.module(HOST, "cluster_members", {"members": [address], "address": address})


def journal():
    return lab.shell(HOST, "cat /var/log/orbit-standin.log 2>/dev/null | grep ^change", check=False)


@pytest.fixture(autouse=True, name="clean")
def _clean():
    """Not configured, and no trouble."""
    switches()
    lab.shell(HOST, "rm -rf /etc/senhasegura-cluster /etc/mysql/conf.d/galera.cnf")


REMEDY = "Run the command by hand on the member to see it, or ask the vendor's support."


@pytest.mark.parametrize("trouble, message", [
    ("ask", "orbit cluster config asked something unexpected: Do you want to erase the replica first? [y/N]:. " + REMEDY),
    ("error", "orbit cluster config failed: exit status 0, but it said: Error: could not reach the configuration service. It said: "
              "Are you sure you want to proceed: Error: could not reach the configuration service. " + REMEDY),
    ("fail", "orbit cluster config failed: exit status 1: Error: interrupted while writing. It said: Are you sure you want to "
             "proceed: Error: interrupted while writing. " + REMEDY)])
def test_trouble_is_told_whole(trouble, message):
    switches(trouble={"cluster config": trouble})
    result = config()
    assert result["failed"] and result["msg"] == message


def test_failing_in_the_middle_and_run_again_ends_the_same():
    switches(trouble={"cluster config": "fail"})
    assert config()["failed"]
    switches()
    assert not config()["failed"]
    assert not config()["changed"]


def test_another_run_in_progress_is_not_disturbed():
    lab.shell(HOST, "mkfifo -m 600 /run/nobody; "
                    "(sleep 60 > /run/nobody) > /dev/null 2>&1 & "
                    "setsid python3 /usr/bin/orbit backup create < /run/nobody > /dev/null 2>&1 & "
                    "until pgrep -fx 'python3 /usr/bin/orbit backup create' > /dev/null; do sleep 0.1; done")
    result = config()
    lab.shell(HOST, "pkill -f '[o]rbit backup create'; rm -f /run/nobody")
    assert result["failed"]
    assert result["msg"].startswith("another orbit run is in progress: ") and "/usr/bin/orbit backup create" in result["msg"]
    assert result["msg"].endswith("Wait until it has ended, and run again.")


def test_a_command_that_hangs_is_killed_and_reported():
    switches(trouble={"cluster config": "hang"})
    lab.copy_plugins(HOST, FOLDER)
    script = ("import sys; sys.path.insert(0, '/root/limits'); "
              "from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms import _orbit_command as o; "
              "from ansible_collections.senhasegura.cluster.plugins.module_utils._runner import Runner; "
              "from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import CommandTimeout\n"
              "o._CHANGE_SECONDS = 6.0\n"
              "try: o.Orbit(Runner()).change(('cluster', 'config'), '--ip=1')\n"
              "except CommandTimeout as error: print(error.text())")
    said = lab.shell(HOST, 'python3 -c "%s"' % script)
    assert said == "orbit cluster config did not end within 6 s and was killed; its last words were: Checking services. " + REMEDY
    assert lab.shell(HOST, "pgrep -f '[/]usr/bin/orbit' || echo none") == "none"


def test_what_the_command_line_does_not_have_is_an_error_of_the_module():
    result = lab.module(HOST, "cluster_message", {"recovery_message": "Call us"})
    assert result["failed"] and result["msg"] == (
        'no command of this member sets message.recovery_message to "Call us". Orbit Config Manager > Replication > Settings > '
        "Recovery Screen Display Message: Call us, then Save.")


def test_what_a_newer_command_line_has_is_used():
    switches(sync=True, message=True, force=True)
    assert not config()["failed"]
    assert lab.module(HOST, "cluster_sync", {"enabled": True, "timeout": 20})["changed"]
    assert not lab.module(HOST, "cluster_sync", {"enabled": True, "timeout": 20})["changed"]
    assert lab.module(HOST, "cluster_message", {"recovery_message": "Call us"})["changed"]
    assert journal().splitlines()[-2:] == [
        "change sync --enable --timeout=20", "change cluster config --nodes=%s --ip=%s --segment=0 --recovery-message=Call us --force"
        % ((lab.addresses()[HOST],) * 2)]
