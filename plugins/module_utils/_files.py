# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the member: read, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile

_PIECE_BYTES = 1024**2


def read_text(path):
    """The content of a file; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except FileNotFoundError:
        return ""


def write_text(path, text, mode=0o644, directory_mode=0o755):
    """Write a file so that a crash leaves the old or the new one, never a part.

    :param mode: permissions of the file.
    :param directory_mode: permissions of its directory, where it has to be made.
    """
    directory = os.path.dirname(path)
    os.makedirs(directory, mode=directory_mode, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix="." + os.path.basename(path))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def remove(path):
    """Take a file away, where it is."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def tree_bytes(path, skip=()):
    """The bytes of a directory tree; files that vanish meanwhile count nothing.

    :param skip: names of files that do not count.
    """
    total = 0
    for directory, _folders, files in os.walk(path):
        for name in files:
            if name not in skip:
                try:
                    total += os.stat(os.path.join(directory, name)).st_size
                except FileNotFoundError:
                    continue
    return total


def tree_sizes(path):
    """Every file of a directory tree: dict of its path below it to its size."""
    found = [os.path.join(directory, name) for directory, _folders, files in os.walk(path) for name in files]
    return {os.path.relpath(name, path): os.lstat(name).st_size for name in found}


def read_whole(path):
    """How many bytes can really be read of a file or a directory tree; 0 where there is none.

    :raises OSError: where one of them cannot be read.
    """
    names = [os.path.join(path, name) for name in tree_sizes(path)] if os.path.isdir(path) else [path]
    total = 0
    for name in [name for name in names if os.path.isfile(name)]:
        with open(name, "rb") as handle:
            for piece in iter(lambda stream=handle: stream.read(_PIECE_BYTES), b""):
                total += len(piece)
    return total
