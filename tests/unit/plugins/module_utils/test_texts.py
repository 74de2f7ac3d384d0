"""The pure text codecs and values."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, strategies as st

from ansible_collections.senhasegura.cluster.plugins.module_utils import _error_log, _grastate, _lsyncd, _values
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms import _galera_sync
from ansible_collections.senhasegura.cluster.plugins.module_utils import _provider_options as options
from ansible_collections.senhasegura.cluster.plugins.module_utils._cnf import OptionFile
from ansible_collections.senhasegura.cluster.plugins.module_utils._errors import ValueRefused
from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms._galera_settings import latency_of

NAMES = st.sampled_from(["gcache.size", "pc.weight", "gmcast.segment", "evs.send_window"])
LINES = st.dictionaries(NAMES, st.from_regex(r"[A-Za-z0-9.]{1,6}", fullmatch=True))


@given(LINES, LINES)
def test_options_that_are_not_ours_survive(present, ours):
    merged = options.parse(options.merge(options.render(present), ours))
    assert merged == dict(present, **ours)
    assert [name for name in merged if name in present] == list(present)


def test_provider_options_as_mariadb_shows_them():
    assert options.parse("base_dir = /var/lib/mysql/; evs.suspect_timeout = PT5S; gcache.size = 128M; ") == {
        "base_dir": "/var/lib/mysql/", "evs.suspect_timeout": "PT5S", "gcache.size": "128M"}
    assert options.merge("a=1;b=2", {"a": None}) == "b=2"


@pytest.mark.parametrize("one, other, equal", [("PT1M", "PT60S", True), ("PT7.5S", "PT7.50S", True), ("4", "4.0", True),
                                               ("PT30S", "PT3S", False), ("yes", "YES", True), ("PT5S", "5", True)])
def test_values_that_mean_the_same(one, other, equal):
    assert options.same(one, other) is equal


FILE = """# mine
[mysqld]
bind-address = 127.0.0.1   # local
wsrep_provider_options = "gcache.size=1G; pc.weight=1"

[client]
user = root
"""


def test_option_files_keep_every_other_line():
    cnf = OptionFile(FILE)
    assert cnf.get("mysqld", "bind_address") == "127.0.0.1"
    assert cnf.get("mysqld", "wsrep_provider_options") == "gcache.size=1G; pc.weight=1"
    cnf.set("mysqld", "bind_address", "0.0.0.0")
    cnf.set("mysqld", "wsrep_on", "ON")
    cnf.set("ours", "primary", "10.0.0.1")
    expected = FILE.replace("bind-address = 127.0.0.1   # local", "bind_address = 0.0.0.0").replace(
        'pc.weight=1"\n', 'pc.weight=1"\nwsrep_on = ON\n')
    assert cnf.text() == expected + "\n[ours]\nprimary = 10.0.0.1\n"
    cnf.remove("ours", "primary")
    assert cnf.get("ours", "primary") is None


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
                       st.text(st.characters(codec="ascii", exclude_characters="\n\r\"'\x0b\x0c\x1c\x1d\x1e\x85", min_codepoint=33))))
def test_what_is_set_is_what_is_read(values):
    cnf = OptionFile()
    for name, value in values.items():
        cnf.set("mysqld", name, value)
    again = OptionFile(cnf.text())
    assert {name: again.get("mysqld", name) for name in values} == values


GRASTATE = "# GALERA saved state\nversion: 2.1\nuuid:    11111111-1111-11ee-8111-111111111111\nseqno:   %s\nsafe_to_bootstrap: %s\n"


@pytest.mark.parametrize("text, expected", [
    (GRASTATE % (42, 1), ("11111111-1111-11ee-8111-111111111111", 42, True)),
    (GRASTATE % (-1, 0), ("11111111-1111-11ee-8111-111111111111", -1, False)),
    ("", (_values.ZERO_UUID, -1, False)), ("garbage", (_values.ZERO_UUID, -1, False))])
def test_grastate(text, expected):
    state = _grastate.parse(text)
    assert (state["uuid"], state["seqno"], state["safe_to_bootstrap"]) == expected


def test_the_lines_that_tell_why():
    log = "\n".join(["[Note] WSREP: noise"] * 50 + ["[ERROR] WSREP: It may not be safe to bootstrap the cluster",
                                                    "[Note] InnoDB: Starting shutdown...", "[ERROR] Aborting"])
    assert _error_log.telling(log) == ["[ERROR] WSREP: It may not be safe to bootstrap the cluster", "[ERROR] Aborting"]
    assert _error_log.telling("one\ntwo") == ["one", "two"]


def test_latency_profiles_are_read_back():
    for name in _values.LATENCIES:
        profile = _values.latency_profile(name)
        assert latency_of(dict(profile.start, **profile.online)) == name
    assert latency_of({"evs.suspect_timeout": "PT99S"}) == ""


def test_profiles_keep_galera_s_own_rules():
    for name in _values.LATENCIES:
        seconds = {option: options._meaning(_values.latency_profile(name).start.get(option, _values.GALERA_DEFAULTS[option]))
                   for option in _values.LATENCY_START_OPTIONS}
        assert seconds["evs.keepalive_period"] < seconds["evs.suspect_timeout"] < seconds["evs.inactive_timeout"]
        assert seconds["evs.install_timeout"] <= seconds["evs.inactive_timeout"]


@pytest.mark.parametrize("value", [0, 10, "a", "1.5", -1, True, "²"])
def test_segments_that_are_none(value):
    with pytest.raises(ValueRefused) as caught:
        _values.segment(value)
    assert caught.value.message == "segment must be a number from 1 to 9, or blank, not %r" % (value,)


def test_segments():
    assert [_values.segment(value) for value in (None, "", " ", 1, "9")] == [0, 0, 0, 1, 9]


@pytest.mark.parametrize("text, expected", [("10.0.0.1:3306", "10.0.0.1"), ("[fd00::1]:3306", "fd00::1"), ("fd00::1", "fd00::1"),
                                            ("10.0.0.1", "10.0.0.1"), ("", "")])
def test_addresses_as_galera_prints_them(text, expected):
    assert _values.unbracketed(text) == expected


PEER = {"address": "10.0.0.12", "port": 59022, "public_key": "ssh-ed25519 AAAA", "host_key": "ssh-ed25519 BBBB"}
SYNC = {"enabled": True, "timeout": 7, "paths": ["/srv/a b"], "peers": [PEER]}


def test_a_peer_may_push_into_the_paths_and_nothing_else():
    assert _lsyncd.authorized_keys("ssh-rsa CCCC admin\n", SYNC) == (
        'ssh-rsa CCCC admin\nrestrict,from="10.0.0.12",command="rsync --server --daemon '
        '--config=/etc/senhasegura-cluster/sync/rsyncd.conf ." ssh-ed25519 AAAA senhasegura-cluster\n')
    once = _lsyncd.authorized_keys("ssh-rsa CCCC admin\n", SYNC)
    assert _lsyncd.authorized_keys(once, SYNC) == once
    assert _lsyncd.authorized_keys(once, dict(SYNC, enabled=False)) == "ssh-rsa CCCC admin\n"
    assert "write only = yes" in _lsyncd.rsyncd(SYNC) and "refuse options = delete" in _lsyncd.rsyncd(SYNC)


def test_the_file_synchronizers_configuration():
    text = _lsyncd.lsyncd(SYNC)
    assert 'source = "/srv/a b/"' in text and 'target = "root@10.0.0.12::path0/"' in text and "-p 59022" in text
    assert 'exclude = { "/.senhasegura-transfer/" }' in text and '"--timeout=7", "--temp-dir=/.senhasegura-transfer" }' in text
    assert "mkdir -p -m 700 .senhasegura-transfer && " in _lsyncd.rsyncd(SYNC)
    assert _lsyncd.known_hosts(SYNC) == "[10.0.0.12]:59022 ssh-ed25519 BBBB\n"
    assert _lsyncd.parse(_lsyncd.stored(SYNC)) == SYNC
    assert "timeout 7 rsync" in _lsyncd.rendered(SYNC)[_lsyncd.PUSH][0]
    assert _lsyncd.rendered(dict(SYNC, enabled=False)) == {}


@pytest.mark.parametrize("address", ["10.0.0.12", "fd00::12"])
def test_each_path_and_peer_keeps_a_success_of_its_own(tmp_path, address):
    """The script that lsyncd calls, with an rsync of which every second path fails."""
    paths = ["/srv/a b", "/srv/c"]
    rsync = tmp_path / "rsync"
    rsync.write_text('#!/bin/sh\ncase "$*" in *path1/) exit 23 ;; esac\n')
    rsync.chmod(0o755)
    push = tmp_path / "push"
    push.write_text(_lsyncd.rendered(dict(SYNC, paths=paths))[_lsyncd.PUSH][0].replace(_lsyncd.STATE, str(tmp_path)))
    target = "root@" + ("[%s]" % address if ":" in address else address)
    codes = [subprocess.run(["sh", push, "-a", path + "/", "%s::path%d/" % (target, position)], check=False, timeout=30,
                            env={"PATH": "%s:%s" % (tmp_path, os.environ["PATH"])}).returncode for position, path in enumerate(paths)]
    kept = [tmp_path / os.path.basename(_lsyncd.state_file(path, address)) for path in paths]
    assert codes == [0, 12] and [file.exists() for file in kept] == [True, False] and kept[0].read_text().strip().isdigit()


@pytest.mark.parametrize("times, told", [({"/srv/a": "20", "/srv/b": "10"}, 10.0), ({"/srv/a": "20"}, None), ({}, None)])
def test_of_several_paths_the_one_that_is_the_longest_behind_is_told(tmp_path, monkeypatch, times, told):
    for name, folder in (("STATE", tmp_path), ("SETTINGS", tmp_path / "sync.json")):
        monkeypatch.setattr(_lsyncd, name, str(folder))
    (tmp_path / "sync.json").write_text(_lsyncd.stored(dict(SYNC, paths=["/srv/a", "/srv/b"])))
    for path, text in times.items():
        with open(_lsyncd.state_file(path, PEER["address"]), "w", encoding="ascii") as file:
            file.write(text + "\n")
    assert _galera_sync.FileSynchronizers(None).last_success() == {PEER["address"]: told}
