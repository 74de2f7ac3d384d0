"""The built artifact, installed into an empty collections path, makes a cluster of hosts without a database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lab

GALAXY = str(Path(sys.executable).parent / "ansible-galaxy")


def test_the_artifact_makes_a_cluster_of_bare_hosts(tmp_path, monkeypatch):
    subprocess.run([GALAXY, "collection", "build", "--output-path", tmp_path, lab.ROOT], check=True, timeout=120)
    artifact = next(tmp_path.glob("*.tar.gz"))
    listed = subprocess.run(["tar", "-tzf", artifact], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert not [name for name in listed.splitlines() if name.split("/")[0] in ("tests", "molecule", "build", ".venv")]
    empty = tmp_path / "collections"
    subprocess.run([GALAXY, "collection", "install", "--force", "--offline", "-p", empty, artifact], check=True, timeout=120)
    monkeypatch.setattr(lab, "environment", lambda: dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(empty), ANSIBLE_NOCOLOR="1"))
    for name in lab.addresses():
        assert lab.shell(name, "command -v mariadbd", check=False) == ""
    checked = lab.play(playbook="senhasegura.cluster.check_cluster")
    assert checked.rc == 0 and "\ncheck                  member-a" in checked.output and "\nFAIL " not in checked.output
    run = lab.play("--check")
    assert run.rc == 0 and "member-c: would install " in run.output and lab.shell("member-c", "command -v mariadbd", check=False) == ""
    lab.create()
    lab.assert_one_component()
    assert lab.create().changed() == []
