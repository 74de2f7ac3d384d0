# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one door to the member: nobody else runs commands."""

from __future__ import annotations

import os
import subprocess
from collections import namedtuple

from ._errors import CommandError, CommandTimeout

Result = namedtuple("Result", "rc out err")

TIMEOUT = 60.0
"""Seconds that a command gets when its caller says nothing: none of ours takes one of them."""


class Runner(object):
    """Runs commands on the member, in the C locale, each bounded in time.

    :param environ: the environment to start from (default: this process's).
    """

    def __init__(self, environ=None):
        base = os.environ if environ is None else environ
        self._environ = dict(base, LC_ALL="C", LANGUAGE="C")

    def __call__(self, argv, stdin=None, timeout=TIMEOUT):
        """Run and report, whatever the exit status.

        :param argv: the command, a list of text.
        :param stdin: text for its standard input; without it, standard input is empty.
        :param timeout: seconds until it is killed and reported.
        :returns: :class:`Result` of exit status, output, error output. A program that does not exist is status 127.
        :raises CommandTimeout: when it did not end in time.
        """
        try:
            done = subprocess.run(list(argv), input=stdin if stdin is not None else "", stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=self._environ, timeout=timeout, check=False,
                                  encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return Result(127, "", "%s: not found" % argv[0])
        except subprocess.TimeoutExpired:
            raise CommandTimeout("%s did not end within %g s and was killed" % (" ".join(argv[:3]), timeout),
                                 command=argv)
        return Result(done.returncode, done.stdout, done.stderr)

    def must(self, argv, stdin=None, timeout=TIMEOUT, remedy=""):
        """Run a command that has to succeed, and return its output.

        :raises CommandError: when its exit status is not 0.
        """
        result = self(argv, stdin=stdin, timeout=timeout)
        if result.rc != 0:
            raise CommandError("%s ended with exit status %d" % (" ".join(argv[:3]), result.rc), remedy=remedy,
                               command=argv, rc=result.rc, output=result.err or result.out)
        return result.out
