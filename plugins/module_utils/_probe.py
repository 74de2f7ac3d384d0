# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a probe on a member: together, or listen, knock (on the arbitrator), measure, stop. Never writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ._files import read_text
from ._ports import reach
from ._probe_database import database
from ._probe_dns import ask, servers_of
from ._probe_host import host
from ._probe_listener import listen, tell
from ._probe_net import end_own, knock, meet, resolve, survey
from ._runner import Runner

OPTIONS = {
    "phase": {"type": "str", "choices": ["together", "listen", "knock", "measure", "stop"], "required": True},
    "name": {"type": "str", "default": ""},
    "address": {"type": "str", "default": ""},
    "token": {"type": "str", "default": "", "no_log": False},
    "peers": {"type": "list", "elements": "dict", "default": [], "options": {
        "name": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "hostname": {"type": "str", "default": ""},
        "ports": {"type": "list", "elements": "int", "default": [4444, 4567, 4568]},
    }},
    "arbitrator": {"type": "str", "default": ""},
    "arbitrator_listens": {"type": "bool", "default": False},
    "ports": {"type": "list", "elements": "int", "default": []},
    "backup_directory": {"type": "path", "default": ""},
    "seconds": {"type": "float", "default": 30},
}


def probe(platform, options):
    """One phase.

    :param platform: the :class:`_platforms.interface.Platform`.
    :param options: as :data:`OPTIONS`.
    :returns: dict of ``probed``, whose keys depend on the phase.
    """
    run = Runner()
    return {"together": _together, "listen": _listen, "knock": _knock, "measure": _measure, "stop": _stop}[options["phase"]](run, platform, options)


def _listen(_run, _platform, options):
    # A database that is being started may need these ports any moment, and nobody must be in its way.
    if not options["address"]:
        return {"listening": {"tcp": {}, "udp": {}}}
    names = [peer["name"] for peer in options["peers"]] + [options["name"]]
    return {"listening": listen(options["address"], options["token"], names, options["seconds"], options["ports"])}


def _together(run, platform, options):
    """Both at once, where all are asked at once. Whatever is out of the ordinary is left to the phases of their own: then nothing
    of this counts.
    """
    found = _listen(run, platform, options)
    if not (options["address"] and meet(options["peers"])):
        return {"met": False}
    found.update(_measure(run, platform, options))
    return dict(found, met=found["listened"] and all(found["links"][peer["address"]]["told"] for peer in options["peers"]))


def _measure(run, platform, options):
    hostnames = sorted({peer["hostname"] for peer in options["peers"] if peer["hostname"]})
    # The network is measured by waiting, and a name server may not answer at all: neither holds up the rest.
    with ThreadPoolExecutor(max_workers=4) as pool:
        checked = pool.submit(platform.net_check)
        names = pool.submit(resolve, run, hostnames)
        dns = pool.submit(ask, servers_of(read_text("/etc/resolv.conf")), options["name"])
        own = pool.submit(_own, run, platform, options["backup_directory"])
        links = survey(options["name"], options["peers"], options["token"])
        if options["arbitrator"]:
            links[options["arbitrator"]] = _arbitrator(options)
        return dict(own.result(), links=links, listened=end_own(options["name"], options["token"]), names=names.result(),
                    dns=dns.result(), net_check=checked.result())


def _own(run, platform, backup_directory):
    """What is asked of the member alone."""
    installed = platform.service()["installed"]
    return {"host": host(run),
            "database": database(run) if installed else {"problem": "", "accounts": [], "buffer_pool": 0},
            "default_account": platform.default_account(),
            "backup": platform.newest_backup(backup_directory) if backup_directory else None}


def _arbitrator(options):
    """Without a listener of ours silence over UDP would prove nothing, and is not waited for."""
    address = options["arbitrator"]
    if options["arbitrator_listens"]:
        return knock([{"address": address, "ports": [4567]}])[address]
    return {"tcp": reach([address], (4567,))[address]}


def _knock(_run, _platform, options):
    return {"links": knock(options["peers"])}


def _stop(_run, _platform, options):
    return {"stopped": tell(options["token"], "stop")}
