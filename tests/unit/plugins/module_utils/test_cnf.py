# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option files are read as MariaDB reads them: more of test_texts.py."""

from __future__ import annotations

import pytest
from ansible_collections.senhasegura.cluster.plugins.module_utils._cnf import OptionFile


@pytest.mark.parametrize("line, value", [
    ('it = "x y" # note', "x y"), ("it = x#y", "x"), ("it = v v   # c", "v v"), ('it = "a # b"', "a # b"), ("it = 'q'", "q"),
    ('it="a;b"', "a;b"), ("it = 1 ; 2", "1 ; 2"), ('it = "abc', '"abc'), ("  it  =  1  ", "1"), ("it = 1\nit = 2", "2"),
    ("# it = 1", None), (";it = 1", None)])
def test_a_value_is_what_my_print_defaults_shows(line, value):
    """Recorded from my_print_defaults of Debian's MariaDB."""
    assert OptionFile("[mysqld]\n%s\n" % line).get("mysqld", "it") == value


def test_a_comment_may_follow_the_name_of_a_group():
    """my_print_defaults reads both; the option must neither vanish nor count for the group before."""
    cnf = OptionFile("[client]\nport = 1\n[mysqld] # the server\nport = 2\n")
    assert (cnf.get("client", "port"), cnf.get("mysqld", "port")) == ("1", "2")


def test_an_option_that_is_written_twice_is_then_written_once():
    cnf = OptionFile("[mysqld]\na-b = 1\nc = 2\n[client]\na_b = 9\n[mysqld]\na_b = 3\n")
    cnf.set("mysqld", "a_b", 4)
    assert cnf.text() == "[mysqld]\nc = 2\n[client]\na_b = 9\n[mysqld]\na_b = 4\n"
    cnf.remove("mysqld", "a-b")
    assert cnf.text() == "[mysqld]\nc = 2\n[client]\na_b = 9\n[mysqld]\n"


def test_an_option_goes_to_the_end_of_its_own_group():
    cnf = OptionFile("[mysqld]\na = 1\n\n\n[client]\nb = 2\n")
    cnf.set("mysqld", "c", "x y")
    assert cnf.text() == '[mysqld]\na = 1\nc = "x y"\n\n\n[client]\nb = 2\n'


def test_an_option_of_another_group_is_another_option():
    cnf = OptionFile("[mysqld]\nport = 1\n[client]\nport = 2\n")
    assert (cnf.get("mysqld", "port"), cnf.get("client", "port"), cnf.get("other", "port")) == ("1", "2", None)


def test_an_empty_file():
    cnf = OptionFile("")
    assert cnf.text() == "" and cnf.get("mysqld", "a", "default") == "default"
    cnf.set("mysqld", "a", 1)
    assert cnf.text() == "[mysqld]\na = 1\n"
