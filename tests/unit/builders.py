"""Observations of members as ``cluster_info`` gives them, in a few words."""

from __future__ import annotations

import copy

from ansible_collections.senhasegura.cluster.plugins.module_utils._platforms.galera import GaleraPlatform
from ansible_collections.senhasegura.cluster.plugins.module_utils._values import weight_of
from ansible_collections.senhasegura.cluster.plugins.plugin_utils._declared import declare

UUID = "11111111-1111-11ee-8111-111111111111"
OTHER_UUID = "22222222-2222-11ee-8222-222222222222"
ZERO = "00000000-0000-0000-0000-000000000000"
NAMES = ("member-a", "member-b", "member-c")

OPTIONS = {"members": None, "primary": "", "arbitrator": "", "cluster_name": "vault", "different_datacenters": False,
           "latency": "", "sync_enabled": False, "sync_timeout": 15, "sync_paths": [], "recovery_message": "",
           "bind_address": "", "sst_method": "auto", "overwrite_members": []}

SILENT = {"answers": False, "wsrep_on": False, "ready": False, "connected": False, "cluster_status": "", "local_state": 0,
          "local_state_comment": "", "conf_id": "", "state_uuid": "", "size": 0, "incoming_addresses": [],
          "last_committed": -1, "recv_queue": 0, "weight": 0, "current": False}


def address(name):
    """The address of a member: member-a has 10.0.0.11."""
    return "10.0.0.%d" % (11 + ord(name[-1]) - ord("a"))


def hosts(names=NAMES, **variables):
    """The inventory's part of a declaration."""
    return {name: dict({"address": address(name), "segment": None, "port": None}, **variables) for name in names}


def declared(names=NAMES, **options):
    """A declaration without problems."""
    found, problems = declare(hosts(names), dict(OPTIONS, **options))
    assert problems == []
    return found


def settings(name, names=NAMES, primary="member-a", written=True):
    """The settings as a member has them when they are as declared, or were never written."""
    if not written:
        return {"mode": {"mode": "standalone", "cluster_name": "", "sst_method": ""},
                "sync": {"enabled": False, "timeout": 15, "paths": [], "peers": [], "intact": True},
                "members": {"members": [], "address": "", "name": "", "arbitrator": "", "bind_address": "127.0.0.1"},
                "network": {"different_datacenters": False, "latency": "low", "segment": 0, "intact": True},
                "message": {"recovery_message": ""}, "primary": {"primary": "", "weight": 1, "published": True}}
    return {"mode": {"mode": "cluster", "cluster_name": "vault", "sst_method": "rsync"},
            "sync": {"enabled": False, "timeout": 15, "paths": [], "peers": [], "intact": True},
            "members": {"members": [address(one) for one in names], "address": address(name), "name": name,
                        "arbitrator": "", "bind_address": "127.0.0.1"},
            "network": {"different_datacenters": False, "latency": "low", "segment": 0, "intact": True},
            "message": {"recovery_message": ""},
            "primary": {"primary": address(primary), "weight": weight_of(name, primary, len(names)), "published": True}}


GALERA = GaleraPlatform(None).capabilities()


def _base(name, written):
    return {"platform": "galera", "capabilities": copy.deepcopy(GALERA), "contradictions": [], "admitted": None,
            "settings": settings(name, written=written), "restart_reasons": [], "status": dict(SILENT),
            "service": {"installed": True, "active": True, "changing": False, "dead": False, "state": "active",
                        "result": "success", "pid": 100, "started": 1.0, "invocation": "x", "status_text": ""},
            "saved": {"uuid": ZERO, "seqno": -1, "safe_to_bootstrap": False, "saved_view": False,
                      "transfer_aborted": False},
            "data": {"schemas": [], "bytes": 100 * 2**20, "fixed": ""},
            "host": {"hostname": name, "addresses": [address(name)], "clock": 1000.0, "free_bytes": 10 * 2**30,
                     "packages": {"mariadb-server": "1:10.11.18", "galera-4": "26.4.20"}, "drained": ""},
            "sync": {"running": False, "public_key": "", "host_key": "", "last_success": {}}, "ports": {}}


def _observation(observed):
    return {"observed": observed, "asked_at": 999.9, "answered_at": 1000.1}


def fresh(name, schemas=()):
    """A host with MariaDB as Debian installs it, running standalone."""
    observed = _base(name, written=False)
    observed["status"]["answers"] = True
    observed["data"]["schemas"] = [{"name": one, "tables": 2, "rows": 7, "bytes": 1, "updated": ""} for one in schemas]
    return _observation(observed)


def bare(name):
    """A host without a database."""
    one = fresh(name)
    one["observed"]["status"] = dict(SILENT)
    one["observed"]["service"].update(installed=False, active=False, dead=True, state="inactive")
    one["observed"]["host"]["packages"] = {}
    return one


def written(name):
    """A host whose settings were written, and whose database still runs standalone."""
    one = fresh(name)
    one["observed"]["settings"] = settings(name)
    one["observed"]["restart_reasons"] = ["runs standalone, written cluster"]
    return one


def serving(name, together=NAMES, uuid=UUID, conf_id="3", **status):
    """A member in a primary component with others."""
    observed = _base(name, written=True)
    observed["status"] = dict({"answers": True, "wsrep_on": True, "ready": True, "connected": True,
                               "cluster_status": "Primary", "local_state": 4, "local_state_comment": "Synced",
                               "conf_id": conf_id, "state_uuid": uuid, "size": len(together),
                               "incoming_addresses": [address(one) if one else "" for one in together],
                               "last_committed": 100, "recv_queue": 0, "weight": 4, "current": True}, **status)
    observed["saved"].update(uuid=uuid)
    return _observation(observed)


def stopped(name, uuid=UUID, seqno=100, safe=False, aborted=False, schemas=("vault",)):
    """A member whose database does not run."""
    observed = _base(name, written=True)
    observed["service"].update(active=False, dead=True, state="inactive")
    observed["saved"].update(uuid=uuid, seqno=seqno, safe_to_bootstrap=safe, transfer_aborted=aborted)
    observed["data"]["schemas"] = [{"name": one, "tables": 2, "rows": 0, "bytes": 1, "updated": ""} for one in schemas]
    return _observation(observed)


def moving(name):
    """A member that is being started: its database does not answer yet."""
    observed = _base(name, written=True)
    observed["service"].update(active=False, changing=True, state="activating")
    return _observation(observed)


def separated(name):
    """A member whose Galera runs in no primary component."""
    one = serving(name, cluster_status="non-Primary", ready=False, connected=True, local_state=0, current=False,
                  local_state_comment="Initialized")
    return one


def unknown(reason="it cannot be reached: no route to host"):
    """A member of which nothing was observed."""
    return {"unknown": reason}


def observations(*those, names=NAMES):
    """The observations by name, none shared with another test."""
    return {name: copy.deepcopy(one) for name, one in zip(names, those)}
