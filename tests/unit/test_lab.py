# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of the lab, which all clones on a machine share, and of which make clean leaves none."""

from __future__ import annotations

import importlib.util
import tempfile
import threading
from pathlib import Path

import pytest


@pytest.fixture(name="lab")
def _lab(tmp_path, monkeypatch):
    """tests/lab/lab.py, with a directory of its own for its locks."""
    spec = importlib.util.spec_from_file_location("lab_of_tests", Path(__file__).resolve().parents[1] / "lab" / "lab.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return module


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_locks_that_nobody_holds_are_removed(lab, tmp_path):
    with lab.Lock("image"):
        with lab.Lock("network"):
            pass
        lab.remove_locks()
        assert names(tmp_path) == ["senhasegura-cluster-lab-image.lock"]
    lab.remove_locks()
    assert names(tmp_path) == []


def test_who_waited_for_a_lock_that_was_removed_takes_the_one_that_others_see(lab, tmp_path):
    path, held, seen = tmp_path / "senhasegura-cluster-lab-image.lock", threading.Event(), []

    def wait():
        held.set()
        with lab.Lock("image"):
            lab.remove_locks()
            seen.append(path.exists())

    thread = threading.Thread(target=wait)
    with lab.Lock("image"):
        thread.start()
        held.wait(10)
        path.unlink()
    thread.join(10)
    assert seen == [True]
