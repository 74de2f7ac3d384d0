# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files of the file synchronizers, rendered from one set of settings. Pure text."""

from __future__ import annotations

import hashlib
import json
import posixpath

DIRECTORY = "/etc/senhasegura-cluster/sync"
STATE = "/var/lib/senhasegura-cluster/sync"
KEY = DIRECTORY + "/id_ed25519"
SETTINGS = DIRECTORY + "/sync.json"
LSYNCD = DIRECTORY + "/lsyncd.lua"
RSYNCD = DIRECTORY + "/rsyncd.conf"
KNOWN_HOSTS = DIRECTORY + "/known_hosts"
PUSH = DIRECTORY + "/push"
UNIT_NAME = "senhasegura-sync.service"
UNIT = "/etc/systemd/system/" + UNIT_NAME
MARK = "senhasegura-cluster"
"""The comment by which our lines in authorized_keys are told from everybody else's."""

TRANSFER = ".senhasegura-transfer"
"""The folder at the top of each path in which files arrive, before they are put into their place whole. lsyncd leaves it alone: of a
file that takes longer than its delay to arrive it would push what is there so far to the others, under rsync's name for it, for ever.

rsync could keep that for the next attempt (``--partial-dir``). But it then writes into it in place, and two senders, or one and what is
left of its former attempt, would write into one file without either of them noticing."""

_BY = "Written by the Ansible collection senhasegura.cluster."

_PUSH = """#!/bin/sh
# %(by)s lsyncd calls it in place of rsync: one attempt, bounded by the sync timeout.
# The last argument is the target, root@PEER::MODULE/; a success leaves the time in a file of its own per path and peer.
for target in "$@"; do :; done
peer=${target#root@}
peer=${peer%%::*}
peer=$(printf %%s "$peer" | tr -d '[]')
case $target in
%(keys)sesac
if timeout %(timeout)d rsync "$@"; then
    date +%%s > "%(state)s/.$peer.$$" && mv "%(state)s/.$peer.$$" "%(state)s/$peer-$key"
    exit 0
fi
# Whatever went wrong (a peer that is down, a time-out), lsyncd tries again: 12 is among the codes that it retries.
exit 12
"""

_UNIT = """# %(by)s
[Unit]
Description=senhasegura cluster file synchronizers
After=network-online.target ssh.service
Wants=network-online.target

[Service]
ExecStart=/usr/bin/lsyncd -nodaemon %(lsyncd)s
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
"""

_LSYNCD_HEAD = """-- %s
settings {
    insist = true,
    nodaemon = true,
    maxProcesses = %d,
}
"""

_LSYNCD_SYNC = """
sync {
    default.rsync,
    source = %(source)s,
    target = %(target)s,
    delete = false,
    delay = 1,
    exclude = { "/%(transfer)s/" },
    rsync = {
        binary = "%(push)s",
        archive = true,
        update = true,
        _extra = { "--timeout=%(timeout)d", "--temp-dir=/%(transfer)s" },
        rsh = %(rsh)s,
    },
}
"""

_SSH = ("/usr/bin/ssh -p %(port)d -i %(key)s -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes"
        " -o UserKnownHostsFile=%(known)s -o ConnectTimeout=%(timeout)d")


def module_name(position):
    """The rsync daemon's module of the path at a position."""
    return "path%d" % position


def state_file(path, address):
    """Where the time of the last success of a path and a peer is kept. The path's own name is in it, not its position: another path in
    its place must not inherit its success."""
    return posixpath.join(STATE, "%s-%s" % (address, _key_of(path)))


def _key_of(path):
    return hashlib.sha256(path.encode("utf-8")).hexdigest()[:16]


def _lua(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def _bracketed(address):
    return "[%s]" % address if ":" in address else address


def lsyncd(settings):
    """lsyncd's configuration: one sync per path and peer, so that a peer that is down blocks no other."""
    text = _LSYNCD_HEAD % (_BY, max(1, len(settings["paths"]) * len(settings["peers"])))
    for peer in settings["peers"]:
        rsh = _SSH % {"port": peer["port"], "key": KEY, "known": KNOWN_HOSTS, "timeout": settings["timeout"]}
        for position, path in enumerate(settings["paths"]):
            target = "root@%s::%s/" % (_bracketed(peer["address"]), module_name(position))
            text += _LSYNCD_SYNC % {"source": _lua(path.rstrip("/") + "/"), "target": _lua(target), "push": PUSH,
                                    "timeout": settings["timeout"], "rsh": _lua(rsh), "transfer": TRANSFER}
    return text


def rsyncd(settings):
    """What a peer may do here: write into the paths, and nothing else. What a crash left of a file that was arriving goes after a day."""
    lines = ["# " + _BY, "use chroot = yes", "read only = no", "write only = yes", "list = no", "uid = root", "gid = root",
             "refuse options = delete remove-source-files",
             'pre-xfer exec = cd "$RSYNC_MODULE_PATH" && mkdir -p -m 700 %s && find %s -ignore_readdir_race -type f -cmin +1440 -delete'
             % (TRANSFER, TRANSFER), ""]
    for position, path in enumerate(settings["paths"]):
        lines += ["[%s]" % module_name(position), "path = %s" % path, ""]
    return "\n".join(lines)


def known_hosts(settings):
    """The SSH host keys of the peers."""
    return "".join("%s %s\n" % (peer["address"] if peer["port"] == 22 else "[%s]:%d" % (peer["address"], peer["port"]),
                                peer["host_key"]) for peer in settings["peers"])


def authorized_line(peer):
    """A peer's key in root's authorized_keys: from its address alone, for the rsync daemon alone."""
    return 'restrict,from="%s",command="rsync --server --daemon --config=%s ." %s %s' % (
        peer["address"], RSYNCD, " ".join(peer["public_key"].split()[:2]), MARK)


def authorized_keys(text, settings):
    """Our lines put in place of our old ones; everybody else's stay.

    :param text: the present authorized_keys.
    :param settings: with ``enabled`` false, our lines go.
    """
    kept = [line for line in text.splitlines() if not line.rstrip().endswith(" " + MARK)]
    ours = [authorized_line(peer) for peer in settings["peers"]] if settings["enabled"] else []
    return "".join(line + "\n" for line in kept + ours)


def rendered(settings):
    """All files of the file synchronizers: path to (content, mode). Empty where they are off."""
    if not settings["enabled"]:
        return {}
    keys = "".join("*::%s/) key=%s ;;\n" % (module_name(position), _key_of(path)) for position, path in enumerate(settings["paths"]))
    values = {"by": _BY, "state": STATE, "timeout": settings["timeout"], "lsyncd": LSYNCD, "keys": keys}
    return {LSYNCD: (lsyncd(settings), 0o600), RSYNCD: (rsyncd(settings), 0o600),
            KNOWN_HOSTS: (known_hosts(settings), 0o600), PUSH: (_PUSH % values, 0o700), UNIT: (_UNIT % values, 0o644)}


def stored(settings):
    """The settings as they are kept on the member."""
    return json.dumps({name: settings[name] for name in ("enabled", "timeout", "paths", "peers")}, indent=1,
                      sort_keys=True) + "\n"


def parse(text):
    """The settings from what is kept; what was never written is off, with the default timeout.

    :returns: dict of ``enabled``, ``timeout``, ``paths``, ``peers``.
    """
    if not text.strip():
        return {"enabled": False, "timeout": 15, "paths": [], "peers": []}
    return json.loads(text)
