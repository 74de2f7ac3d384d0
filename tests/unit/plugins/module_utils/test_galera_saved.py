# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the data directory of a Debian member tells of its history."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
from pathlib import Path

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ClusterError
from ansible_collections.senhasegura.cluster.plugins.module_utils._files import read_whole, tree_sizes
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_recovery import Recovery
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_state import STAMPED, State, _dated, _schemas_on_disk

TEXT = "# GALERA saved state\nversion: 2.1\nuuid:    %s\nseqno:   -1\nsafe_to_bootstrap: %d\n"
UUID = "11111111-2222-3333-4444-555555555555"
ZERO = "00000000-0000-0000-0000-000000000000"


class Settings:
    """MariaDB would start with this data directory."""

    def __init__(self, datadir):
        self._datadir = datadir

    def effective(self):
        return {"datadir": str(self._datadir)}


def saved(folder):
    return State(None, Settings(folder), None, None).saved()


def test_a_member_that_was_killed(tmp_path):
    (tmp_path / "grastate.dat").write_text(TEXT % (UUID, 0))
    (tmp_path / "gvwstate.dat").write_text("my_uuid: x\n")
    assert saved(tmp_path) == {"uuid": UUID, "seqno": -1, "safe_to_bootstrap": False, "saved_view": True, "view": {},
                               "transfer_aborted": False}


VIEW = """my_uuid: 501A36b3-ea08-11f1-ac08-ca366aac2226
#vwbeg
view_id: 3 4f686fd1-ea08-11f1-a863-96aee9b2e4fd 7
bootstrap: 1
member: 4f686fd1-ea08-11f1-a863-96aee9b2e4fd 0
member: 501a36b3-ea08-11f1-ac07-ca366aac2226 2
#vwend
"""


def test_with_whom_a_member_was(tmp_path):
    """It has come back once since: Galera has counted its own UUID on."""
    (tmp_path / "gvwstate.dat").write_text(VIEW)
    own = "501a36b3-ea08-11f1-ca366aac2226"
    assert saved(tmp_path)["view"] == {"own": own, "number": 7, "members": ["4f686fd1-ea08-11f1-96aee9b2e4fd", own]}


@pytest.mark.parametrize("lacking", ["my_uuid: .*", "view_id: .*", "member: .*"])
def test_a_view_that_is_not_whole_tells_nothing(tmp_path, lacking):
    (tmp_path / "gvwstate.dat").write_text(re.sub(lacking, "", VIEW))
    assert saved(tmp_path)["saved_view"] and saved(tmp_path)["view"] == {}


def test_a_database_that_never_was_in_a_cluster(tmp_path):
    assert saved(tmp_path)["transfer_aborted"] is False
    (tmp_path / "grastate.dat").write_text("")
    assert saved(tmp_path)["transfer_aborted"] is False


@pytest.mark.parametrize("mark", ["sst_in_progress", "rsync_sst.pid"])
def test_a_transfer_that_never_ended(tmp_path, mark):
    (tmp_path / "grastate.dat").write_text(TEXT % (ZERO, 0))
    (tmp_path / mark).write_text("")
    assert saved(tmp_path)["transfer_aborted"] is True


def test_a_donor_that_lost_power_is_whole(tmp_path):
    """Both SST scripts write wsrep_sst.pid in either role (wait_previous_sst in wsrep_sst_common)."""
    (tmp_path / "grastate.dat").write_text(TEXT % (ZERO, 0))
    (tmp_path / "wsrep_sst.pid").write_text("123")
    assert saved(tmp_path)["transfer_aborted"] is False


def test_a_history_that_galera_marked_corrupt_is_not_an_interrupted_transfer(tmp_path):
    """shared/galera.md: a member that is ahead of a wrongly bootstrapped cluster aborts ("Reversing history"), and its
    grastate is zeroed (SavedState::mark_corrupt). Its rows are nowhere else, so they must not be replaced unasked.
    """
    (tmp_path / "grastate.dat").write_text(TEXT % (ZERO, 0))
    assert saved(tmp_path)["transfer_aborted"] is False


def test_the_newest_whole_backup_of_this_host_counts(tmp_path):
    assert State.newest_backup(str(tmp_path)) == State.newest_backup(str(tmp_path / "none")) == {}
    host = socket.gethostname()
    for name in (host + "-20260101T000000Z", host + "-20260102T000000Z", host + "-20260103T000000Z.partial",
                 "other-20260104T000000Z", host + "-notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data").write_text("12345")
    assert State.newest_backup(str(tmp_path)) == {
        "path": str(tmp_path / (host + "-20260102T000000Z")), "bytes": 5, "taken": 1767312000.0}


def test_what_a_killed_run_set_aside_does_not_count_where_the_work_begins_anew(tmp_path):
    datadir = tmp_path / "mysql"
    datadir.mkdir()
    recovery = Recovery(None, State(None, Settings(datadir), None, None), str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "seeding.json").write_text('{"work": "reseed", "chosen": "", "since": "20250101T000000Z"}')
    (tmp_path / "mysql.20250101T000001Z").mkdir()
    assert recovery.begin("reseed", "") and recovery.unfinished("reseed")["aside"] == str(tmp_path / "mysql.20250101T000001Z")
    assert recovery.begin("reseed", "", anew=True) and recovery.unfinished("reseed")["aside"] == ""


def test_what_has_begun_is_remembered_until_it_is_finished(tmp_path):
    datadir, folder = tmp_path / "mysql", tmp_path / "kept"
    datadir.mkdir()
    (datadir / "grastate.dat").write_text(TEXT % (UUID, 1))
    recovery = Recovery(None, State(None, Settings(datadir), None, None), str(folder))
    assert recovery.unfinished("reseed") == {}
    copies = recovery.begin("reseed", "")
    assert [path.name for path in (folder / "control-files" / copies.rsplit("/", 1)[1]).iterdir()] == ["grastate.dat"]
    first = recovery.unfinished("reseed")
    assert (first["work"], first["chosen"], first["aside"]) == ("reseed", "", "")
    for name in ("mysql.20010101T000000Z", "mysql.29990101T000000Z"):
        (tmp_path / name).mkdir()
    assert recovery.unfinished("reseed") == dict(first, aside=str(tmp_path / "mysql.29990101T000000Z"))
    assert recovery.begin("reseed", "") and recovery.unfinished("reseed") == dict(first, aside=str(tmp_path / "mysql.29990101T000000Z"))
    recovery.begin("comparison", "")
    assert recovery.unfinished("reseed")["work"] == "comparison"
    recovery.finish("comparison")
    assert recovery.unfinished("reseed") == {} and (folder / "control-files").is_dir()


def test_who_was_left_behind_is_remembered_by_address_and_name_at_the_older_position(tmp_path):
    recovery = Recovery(None, State(None, Settings(tmp_path / "mysql"), None, None), str(tmp_path))
    (tmp_path / "left_behind.json").write_text(json.dumps({"10.0.0.11": {"uuid": UUID, "seqno": 5}}))   # of an earlier version
    later = {"uuid": UUID, "seqno": 9}
    recovery.leave_behind({"10.0.0.11": dict(later, name="n1"), "10.0.0.12": dict(later, name="n2")})
    assert recovery.left_behind() == {"10.0.0.11": {"uuid": UUID, "seqno": 5}, "10.0.0.12": dict(later, name="n2")}
    recovery.take_back(["10.0.0.11"])
    assert list(recovery.left_behind()) == ["10.0.0.12"]
    recovery.take_back(["10.0.0.12"])
    assert not (tmp_path / "left_behind.json").exists()


@pytest.mark.parametrize("work", ["reseed", "comparison"])
def test_a_recovery_does_not_make_forgotten_whose_data_are_not_proven(tmp_path, work):
    (tmp_path / "mysql").mkdir()
    recovery = Recovery(None, State(None, Settings(tmp_path / "mysql"), None, None), str(tmp_path / "kept"))
    recovery.begin(work, "")
    seeding = recovery.unfinished(work)
    recovery.begin("recovery", "n1")
    assert (recovery.unfinished("recovery")["chosen"], recovery.unfinished(work)) == ("n1", seeding)
    recovery.finish("recovery")
    assert (recovery.unfinished("recovery"), recovery.unfinished(work)) == ({}, seeding)
    recovery.begin("recovery", "n1")
    recovery.finish(work)
    assert (recovery.unfinished("recovery")["chosen"], recovery.unfinished(work)) == ("n1", {})


class Stopped:
    """In the place of the unit: a database that does not run."""

    def show(self):
        return {"active": False}

    def stop(self):
        """It is stopped."""


@pytest.mark.parametrize("content, moved", [(["lost+found"], False), ([], False), (None, False), (["ibdata1"], True)])
def test_an_empty_data_directory_counts_as_set_aside(tmp_path, monkeypatch, content, moved):
    """Where it is a mount point, that is how a person does it."""
    monkeypatch.setattr(shutil, "chown", lambda *arguments: None)
    datadir = tmp_path / "mysql"
    for name in content or []:
        (datadir / name).mkdir(parents=True)
    if content == []:
        datadir.mkdir()
    aside = State(_Moves(), Settings(datadir), Stopped(), None).set_aside()["path"]
    assert os.path.isdir(aside) and datadir.is_dir()
    assert os.listdir(aside) == (content if moved else []) and STAMPED.fullmatch(aside.rsplit(".", 1)[1])


def test_a_module_that_ssh_runs_twice_says_where_the_data_are(tmp_path, monkeypatch):
    """The answer of the first time was lost; what was set aside is what is not empty, of several the last."""
    monkeypatch.setattr(shutil, "chown", lambda *arguments: None)
    (tmp_path / "mysql" / "ibdata1").mkdir(parents=True)
    for stamp, content in (("20250101T000000Z", "old"), ("20250101T000000Z.mine", "another"), ("20990101T000000Z", "")):
        (tmp_path / ("mysql." + stamp) / content).mkdir(parents=True)
    state = State(_Moves(), Settings(tmp_path / "mysql"), Stopped(), None)
    first = state.set_aside()["path"]
    assert state.set_aside()["path"] == first and os.listdir(first) == ["ibdata1"]


class _Moves(object):
    """In the place of mv."""

    def must(self, argv, timeout=None):
        os.rename(argv[-2], argv[-1])


def test_a_mount_point_with_anything_in_it_cannot_be_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "ismount", lambda path: path == str(tmp_path))
    assert State(None, Settings(tmp_path), Stopped(), None).data() == {"schemas": [], "bytes": 0, "fixed": ""}
    (tmp_path / "ibdata1").write_text("1")
    state = State(None, Settings(tmp_path), Stopped(), None)
    assert state.data()["fixed"] == str(tmp_path)
    with pytest.raises(ClusterError) as caught:
        state.set_aside()
    assert caught.value.message == "%s is a mount point, so it cannot be renamed" % tmp_path
    monkeypatch.setattr(os.path, "ismount", lambda path: False)
    assert state.data()["fixed"] == "" and State(None, Settings("/proc"), Stopped(), None)._fixed() == "/proc"


class Said:
    """mariadbd ends like this."""

    def __init__(self, rc, err):
        self.rc, self.err, self.out = rc, err, ""

    def __call__(self, argv, timeout):
        assert argv[0] == "mariadbd" and "--wsrep-recover" in argv
        return self


@pytest.mark.parametrize("rc, err, position", [
    (0, "[Note] WSREP: Recovered position: %s:7,9-2-5\n" % UUID, {"uuid": UUID, "seqno": 7, "gtid": "9-2-5", "problem": ""}),
    (1, "[ERROR] InnoDB: corrupt\n", {"uuid": ZERO, "seqno": -1, "safe_to_bootstrap": False, "gtid": "",
                                      "problem": "mariadbd --wsrep-recover ended with exit status 1 ([ERROR] InnoDB: corrupt)"}),
    (0, "", {"uuid": ZERO, "seqno": -1, "safe_to_bootstrap": False, "gtid": "",
             "problem": "mariadbd --wsrep-recover ended with exit status 0 (it said nothing)"})])
def test_the_position_that_innodb_tells(tmp_path, rc, err, position):
    (tmp_path / "grastate.dat").write_text(TEXT % (UUID, 0))
    told = Recovery(Said(rc, err), State(None, Settings(tmp_path), None, None), str(tmp_path / "kept")).position()
    assert Path(told.pop("copies"), "grastate.dat").read_text() == TEXT % (UUID, 0)
    assert told == position


class _Copies(object):
    """In the place of cp, on a tree: leaves out the files that are named."""

    def __init__(self, without):
        self.without = without

    def must(self, argv, timeout=None):
        shutil.copytree(argv[-2], argv[-1], ignore=shutil.ignore_patterns(*self.without))


def copied(folder, without):
    """The paths of a data directory and of its copy, which is made."""
    source, target = folder / "mysql", folder / "copy"
    (source / "shop").mkdir(parents=True)
    (source / "shop" / "t.ibd").write_bytes(b"1234")
    (source / "ibdata1").write_bytes(b"12")
    State(_Copies(without), Settings(source), None, None)._cold_backup(str(target))
    return target


def test_a_copy_of_a_stopped_database_has_every_file(tmp_path):
    target = str(copied(tmp_path, []))
    assert tree_sizes(target) == {"ibdata1": 2, "shop/t.ibd": 4} and read_whole(target) == 6
    assert read_whole(target + "/ibdata1") == 2 and read_whole(target + "/none") == 0


def test_a_copy_that_lacks_a_file_is_no_backup(tmp_path):
    with pytest.raises(ClusterError) as raised:
        copied(tmp_path, ["t.ibd"])
    assert raised.value.message == ("the copy of the data directory %s in %s is not whole: 1 of 2 files differ, such as shop/t.ibd"
                                    % (tmp_path / "mysql", tmp_path / "copy"))


def test_what_is_on_disk_of_a_stopped_database(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "t.ibd").write_bytes(b"1234")
    os.utime(str(tmp_path / "shop" / "t.ibd"), (1700000000, 1700000000))
    for name in ("empty", "mysql", "senhasegura_cluster"):
        (tmp_path / name).mkdir()
    assert _schemas_on_disk(str(tmp_path)) == [
        {"name": "empty", "tables": 0, "rows": None, "bytes": 0, "updated": ""},
        {"name": "shop", "tables": 1, "rows": None, "bytes": 4,
         "updated": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1700000000))}]


def test_what_the_database_forgot_at_its_start_its_files_tell(tmp_path):
    (tmp_path / "my@002dshop").mkdir()
    written = tmp_path / "my@002dshop" / "t.ibd"
    written.write_bytes(b"1")
    os.utime(written, (1700000000, 1700000000))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1700000000))
    for forgotten in ("", "NULL"):
        assert _dated({"name": "my-shop", "updated": forgotten}, str(tmp_path))["updated"] == when
    assert _dated({"name": "my-shop", "updated": "2026-01-01 10:00:00"}, str(tmp_path))["updated"] == "2026-01-01 10:00:00"
    assert _dated({"name": "elsewhere", "updated": ""}, str(tmp_path))["updated"] == ""
