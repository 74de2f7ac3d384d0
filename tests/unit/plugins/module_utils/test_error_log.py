# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The telling lines of the error log, and progress: more of test_texts.py."""

from __future__ import annotations

from ansible_collections.senhasegura.cluster.plugins.module_utils._error_log import ist_percent, telling

NOISE = ["2026-11-23 10:00:00 0 [Warning] Plugin 'FEEDBACK' failed to start", "[Note] WSREP: Failed to read from: wsrep_sst",
         "[Warning] mariadbd: io_uring_queue_init() failed with ENOSYS"]
ERRORS = ["[ERROR] WSREP: number %d" % number for number in range(10)]


def test_noise_tells_nothing_and_the_last_lines_count():
    assert telling("\n".join(NOISE + ERRORS + NOISE), most=3) == ERRORS[-3:]
    assert telling("\n".join(NOISE)) == NOISE and telling(None) == telling(" \n") == []


def test_reasons_that_are_no_errors_by_name():
    lines = ["WSREP_SST: [INFO] started", "rsync: write failed: No space left on device (28)", "WSREP: Reversing history: 9 -> 5",
             "[Note] mariadbd: ready", "Can't start server: Bind on TCP/IP port: Address already in use"]
    assert telling("\n".join(lines)) == [lines[1], lines[2], lines[4]]


def test_what_comes_again_counts_once_and_the_reason_goes_before_what_follows_from_it():
    """As recorded here from a member with an unknown option that received all data again and again."""
    round_ = ["2026-11-24  4:4%d:00 0 [ERROR] /usr/sbin/mariadbd: unknown variable 'no-such-option=1'",
              "2026-11-24  4:4%d:00 0 [ERROR] Aborting",
              "2026-11-24  4:4%d:00 3 [ERROR] WSREP: sst_received failed: State wait was interrupted",
              "2026-11-24  4:4%d:00 2 [ERROR] WSREP: Application received wrong state:",
              "2026-11-24  4:4%d:00 2 [ERROR] WSREP: Application state transfer failed. This is unrecoverable condition, restart required."]
    end = ["mariadb.service: Failed with result 'signal'.", "Failed to start mariadb.service - MariaDB 10.11.19 database server."]
    lines = [line % minute for minute in (3, 4) for line in round_] + end
    assert telling("\n".join(lines)) == [round_[0] % 4] + [line % 4 for line in round_[2:]] + end
    assert telling("\n".join(lines), most=1) == [round_[0] % 4]


def test_the_last_progress_counts():
    log = ("[Note] WSREP: Receiving IST... 10.0% ( 100/1000 events) complete.\n"
           "[Note] WSREP: Receiving IST... 45.6% ( 456/1000 events) complete.\n[Note] WSREP: something else\n")
    assert ist_percent(log) == 45.6
    assert ist_percent("[Note] WSREP: Receiving IST: 1000 writesets, seqnos 1-1000") is ist_percent(None) is None
