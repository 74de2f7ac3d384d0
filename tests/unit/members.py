# -*- coding: utf-8 -*-
# Copyright: (c) 2026, senhasegura.cluster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations, and observations of members in every state, in the shape of ``cluster_info``."""

from __future__ import annotations

import copy

from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms.galera import GaleraPlatform
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import WEIGHT_ARBITRATOR, weight_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare

UUID = "11111111-2222-3333-4444-555555555555"
OTHER_UUID = "99999999-8888-7777-6666-555555555555"
NO_UUID = "00000000-0000-0000-0000-000000000000"
MB = 1024**2
SHOP = {"name": "shop", "tables": 3, "rows": 120, "bytes": 4 * MB, "updated": ""}


def address(name):
    """n1 has 10.0.0.11."""
    return "10.0.0.1" + name[1:]


def names_of(count):
    """n1, n2, ..."""
    return ["n%d" % number for number in range(1, count + 1)]


OPTIONS = {"cluster_name": "vault", "sync_enabled": True, "sync_timeout": 15, "sync_paths": ["/srv/files"]}


def hosts(count=3, **variables):
    """The inventory; ``n2={"segment": 2}`` sets variables of one host."""
    return {name: dict({"address": address(name), "segment": None, "port": None}, **variables.get(name, {}))
            for name in names_of(count)}


def declared(count=3, inventory=None, **options):
    """A declaration without problems: by default n1 to n3, n1 primary."""
    made, problems = declare(inventory or hosts(count), dict(OPTIONS, **options))
    assert problems == []
    return made


# -- settings -------------------------------------------------------------------------------------------------------------


def blank_settings():
    """What a host says of its settings on which nothing was ever written (Debian's own bind_address)."""
    return {"mode": {"mode": "standalone", "cluster_name": "", "sst_method": ""},
            "sync": {"enabled": False, "timeout": 15, "paths": [], "peers": [], "intact": True},
            "members": {"members": [], "address": "", "name": "", "arbitrator": "", "bind_address": "127.0.0.1"},
            "network": {"different_datacenters": False, "latency": "low", "segment": 0, "intact": True},
            "message": {"recovery_message": ""},
            "primary": {"primary": "", "weight": 1, "published": True}}


def settings_as(declaration, name):
    """The settings of a member on which the declaration is written."""
    mine = next(member for member in declaration["members"] if member["name"] == name)
    primary = next(one["address"] for one in declaration["members"] if one["name"] == declaration["primary"])
    different = declaration["different_datacenters"]
    sync = declaration["sync"]
    return {"mode": {"mode": "cluster", "cluster_name": declaration["cluster_name"], "sst_method": "rsync"},
            "sync": {"enabled": sync["enabled"], "timeout": sync["timeout"], "paths": list(sync["paths"]),
                     "peers": [dict(keys_of(one["name"]), address=one["address"], port=one["port"])
                               for one in declaration["members"] if one is not mine], "intact": True},
            "members": {"members": [one["address"] for one in declaration["members"]], "address": mine["address"],
                        "name": name, "arbitrator": declaration["arbitrator"], "bind_address": "127.0.0.1"},
            "network": {"different_datacenters": different, "segment": mine["segment"],
                        "latency": declaration["latency"] or ("high" if different else "low"), "intact": True},
            "message": {"recovery_message": declaration["message"]},
            "primary": {"primary": primary, "weight": weight_of(mine["address"], primary, len(declaration["members"])),
                        "published": True}}


def keys_of(name):
    """The public keys of a host."""
    return {"public_key": "ssh-ed25519 key-of-" + name, "host_key": "ssh-ed25519 host-" + name}


# -- observations ---------------------------------------------------------------------------------------------------------


def silent():
    """The status where no database answers."""
    return {"answers": False, "wsrep_on": False, "ready": False, "connected": False, "cluster_status": "",
            "local_state": 0, "local_state_comment": "", "conf_id": "", "state_uuid": "", "size": 0,
            "incoming_addresses": [], "last_committed": -1, "recv_queue": 0, "weight": 0, "current": False}


def synced(component, **changes):
    """The status of a restored member that sees these members (a blank name is an arbitrator)."""
    view = [address(one) if one else "" for one in component]
    status = dict(silent(), answers=True, wsrep_on=True, ready=True, connected=True, cluster_status="Primary",
                  local_state=4, local_state_comment="Synced", conf_id="7", state_uuid=UUID, size=len(view),
                  incoming_addresses=view, last_committed=500, weight=len(view), current=True)
    return dict(status, **changes)


def saved(uuid=NO_UUID, seqno=-1, safe=False, aborted=False):
    """What is in grastate.dat."""
    return {"uuid": uuid, "seqno": seqno, "safe_to_bootstrap": safe, "saved_view": False, "transfer_aborted": aborted}


_SERVICES = {"active": dict(installed=True, active=True, changing=False, dead=False, state="active"),
             "activating": dict(installed=True, active=False, changing=True, dead=False, state="activating"),
             "inactive": dict(installed=True, active=False, changing=False, dead=True, state="inactive"),
             "not-found": dict(installed=False, active=False, changing=False, dead=True, state="inactive")}


def observation(name, service="active", status=None, history=None, schemas=(), settings=None, reasons=(), **host):
    """One member; everything else of it is in order."""
    number = int(name[1:])
    observed = {
        "platform": "galera", "capabilities": GaleraPlatform(None).capabilities(), "contradictions": [], "admitted": None,
        "settings": copy.deepcopy(settings) if settings else blank_settings(),
        "restart_reasons": list(reasons), "service": dict(_SERVICES[service], invocation="one"), "status": dict(status or silent()),
        "saved": dict(history or saved()), "data": {"schemas": [dict(one) for one in schemas], "bytes": 100 * MB, "fixed": ""},
        "host": dict({"hostname": "host" + name, "addresses": [address(name), "fe80::%d" % number], "clock": 1000.5,
                      "free_bytes": 9000 * MB, "packages": {"mariadb-server": "11.8", "galera-4": "26.4"}, "drained": ""},
                     **host),
        "sync": dict(keys_of(name), running=False, last_success={}), "ports": {}}
    if service == "not-found":
        observed["host"]["packages"] = {}
    return {"observed": observed, "asked_at": 1000.0, "answered_at": 1001.0}


def absent(name):
    """A host without MariaDB."""
    return observation(name, "not-found")


def fresh(name, *schemas, **more):
    """A host on which MariaDB was just installed and runs without Galera; with schemas, it holds data of its own."""
    return observation(name, status=dict(silent(), answers=True), schemas=schemas, **more)


def down(name, uuid=UUID, seqno=500, safe=False, aborted=False, **more):
    """A member that is stopped and holds history."""
    more.setdefault("schemas", [SHOP])
    more.setdefault("settings", dict(blank_settings(), mode={"mode": "cluster", "cluster_name": "", "sst_method": ""}))
    return observation(name, "inactive", history=saved(uuid, seqno, safe, aborted), **more)


def moving(name, **more):
    """A member whose database is being started."""
    return observation(name, "activating", **more)


def serving(name, component, settings=None, reasons=(), **status):
    """A member of a primary component."""
    status = synced(component, **status)
    return observation(name, status=status, history=saved(status["state_uuid"]), schemas=[SHOP], settings=settings,
                       reasons=reasons)


def separated(name, **more):
    """A member on which Galera runs in no primary component."""
    status = dict(synced([name]), cluster_status="non-Primary", ready=False, local_state=0,
                  local_state_comment="Initialized", current=False)
    return observation(name, status=status, history=saved(UUID), schemas=[SHOP], **more)


def unreachable(reason="it cannot be reached: no route to host"):
    """A member of which nothing is known."""
    return {"unknown": reason}


def unasked():
    """A member that nobody asked, of which therefore nothing is known."""
    return {"unknown": "it was not observed (--limit must not leave a member out)", "unasked": True}


def living(declaration, garbd=True, **instead):
    """Every declared member in one component and as declared, but for those named: ``n2=absent("n2")``; and the arbitrator, if one is
    declared and votes (``garbd``).
    """
    names = [member["name"] for member in declaration["members"]]
    component = [name for name in names if name not in instead]
    written = {name: settings_as(declaration, name) for name in names}
    arbitrator = [""] if declaration["arbitrator"] and garbd else []
    weight = sum(written[name]["primary"]["weight"] for name in component) + WEIGHT_ARBITRATOR * len(arbitrator)
    return {name: instead.get(name) or serving(name, component + arbitrator, written[name], weight=weight) for name in names}
