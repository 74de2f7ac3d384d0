"""A stand-in for the appliance's command ``orbit``, for tests and the demo: the documented grammar, prompts, outputs and exit
codes, over the real MariaDB Galera of the host that it runs on. The wording of its help texts is its own. Nobody here has an
appliance: what is not documented is kept as plain as possible, and told in docs/orbit.md. Never part of the artifact.

/etc/orbit-standin.json switches its answers: ``form`` (new, old), ``force`` (``cluster`` takes --force), ``sync`` (its help
knows options), ``message`` (``cluster config`` takes --recovery-message), ``wazuh`` (the allow list exists), ``net_check`` (ok, error),
``version`` (of senhasegura-pam), and ``trouble``:
a command such as "cluster config" to one of ``error`` (an error, exit status 0), ``fail`` (exit status 1 in the middle),
``ask`` (an unexpected question), ``hang``.
"""

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time

SWITCHES = "/etc/orbit-standin.json"
STATE = "/var/lib/orbit-standin/state.json"
JOURNAL = "/var/log/orbit-standin.log"
LOCK = "/run/orbit-standin.lock"
GALERA_CNF = "/etc/mysql/conf.d/galera.cnf"

COMMANDS = ("application api network hostname dns ntp upgrade backup cluster sync webssl locale partition disk zabbix proxy snmp "
            "firewall shutdown execution services security version healthcheck wazuh").split()

PROFILES = {
    "low": "",
    "medium": "evs.suspect_timeout=PT10S;evs.inactive_timeout=PT30S;evs.install_timeout=PT15S",
    "high": "evs.keepalive_period=PT3S;evs.suspect_timeout=PT30S;evs.inactive_timeout=PT1M;evs.install_timeout=PT1M;"
            "evs.send_window=512;evs.user_send_window=256",
}
"""The appliance's own values are not documented; these are its own, and not the collection's."""

CNF = """# Written by orbit
[mysqld]
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_cluster_name=senhasegura_cluster
wsrep_cluster_address="gcomm://{nodes}"
wsrep_node_address={own}
wsrep_node_incoming_address={own}:3306
wsrep_node_name={name}
wsrep_sst_method=rsync
wsrep_provider_options="{provider}"
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
"""


class Refused(Exception):
    """Ends the command with exit status 1 and its words."""


def load(path):
    """A JSON file; an empty dict where there is none."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


def switch(name, default):
    """One of the switches."""
    return load(SWITCHES).get(name, default)


def remember(**values):
    """Keep state on this host."""
    os.makedirs(os.path.dirname(STATE), exist_ok=True)
    state = dict(load(STATE), **values)
    with open(STATE + ".new", "w", encoding="utf-8") as handle:
        json.dump(state, handle)
    os.replace(STATE + ".new", STATE)


def journal(kind, words):
    """Note every call: the tests read whether anything changed."""
    with open(JOURNAL, "a", encoding="utf-8") as handle:
        handle.write("%s %s\n" % (kind, " ".join(words)))


def run(*argv):
    """A command of the host; returns its output, None when it failed."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def sql(query):
    """Rows of the host's database; None where none answers."""
    return run("mariadb", "--batch", "--skip-column-names", "--execute", query)


def wsrep(name):
    """A wsrep status variable, or ""."""
    return (sql("SHOW GLOBAL STATUS LIKE 'wsrep_%s'" % name) or "").strip().partition("\t")[2]


def replicates():
    """Whether the running database replicates."""
    return (sql("SELECT @@wsrep_on") or "").strip() == "1"


# -- what only asks -------------------------------------------------------------------------------------------------------


def primary():
    """The primary's hostname: in the database, so that all members know it; before there is one, on this host."""
    return (sql("SELECT hostname FROM senhasegura.orbit_primary") or "").strip()


def application_status():
    """Both documented forms."""
    state, own, chosen = load(STATE), socket.gethostname(), primary()
    active = "Active" if state.get("application") else "Inactive"
    replication = "Active" if replicates() else "Inactive"
    if switch("form", "new") == "old":
        print("Application: %s\nReplication: %s" % (active, replication))
        print("Instance:    %s" % ("Primary" if chosen == own or replication == "Inactive" else "Secondary"))
        return
    print("Application: %s\nReplication: %s\nInstance:    Cluster\nPrimary:     %s\nMain:        %s"
          % (active, replication, chosen, "Yes" if chosen == own else "No"))


def cluster_status():
    """Much, then the documented block."""
    if not replicates():
        print("Cluster is not active on this instance")
        return
    print("Galera library %s" % wsrep("provider_version"))
    print("Cluster nodes")
    rows = [row.split("\t") for row in (sql("SELECT node_uuid, node_name FROM mysql.wsrep_cluster_members") or "").splitlines()]
    for number, (uuid, name) in enumerate(rows):
        print("Cluster member: ID [%d] - UUID [%s] -" % (number, uuid))
        print("Hostname [%s-%d] - Timestamp [%d]" % (name, number, time.time()))
    own = socket.gethostname()
    print("Cluster UUID: %s" % wsrep("cluster_state_uuid"))
    print("%s details: status=%s" % (own, wsrep("local_state_comment").lower()))
    print("%s is primary node ?: %d" % (own, primary() == own))


def arbiter_status():
    """The documented lines."""
    address = load(STATE).get("arbiter", "")
    if not address:
        print("Status: DISABLED")
        return
    print("Status: ENABLED\nArbiter IP address: %s\nGalera Cluster arbiter (garbd) status: Connected, OK\n"
          "Elasticsearch arbiter status: Connected, OK" % address)


def version():
    """A table."""
    print("+-----------------+---------+\n| orbini-fwk      | 3.33.2  |\n| senhasegura-pam | %-7s |\n+-----------------+---------+"
          % switch("version", "3.33.10"))


def whitelist_status():
    """Its output is not documented: one address a line."""
    print("Whitelist:")
    for address in load(STATE).get("whitelist", []):
        print("  " + address)


def host_show(command):
    """``dns --show`` and ``ntp --show``: their output is not documented."""
    state = load(STATE)
    print("Servers: %s" % ", ".join(state.get(command + "_servers", [])))
    if command == "dns":
        print("Search: %s" % ", ".join(state.get("dns_search", [])))


def net_check():
    """Its output is not documented: one line a node of the configuration."""
    nodes = re.search(r'gcomm://([^"]*)"', open(GALERA_CNF, encoding="utf-8").read() if os.path.exists(GALERA_CNF) else "")
    for address in nodes.group(1).split(",") if nodes else []:
        print("%s: OK" % address)
    if switch("net_check", "ok") == "error":
        print("Error: 9300 is not reachable")


def sync_show():
    """Where ``sync`` knows options."""
    state = load(STATE)
    print("Synchronizers: %s\nSync Timeout: %d seconds" % ("Active" if state.get("sync") else "Inactive", state.get("timeout", 15)))


# -- what changes ---------------------------------------------------------------------------------------------------------


def options_of(words):
    """``--name=value`` words as a dict."""
    return {word[2:].partition("=")[0]: word.partition("=")[2] for word in words if word.startswith("--")}


def cluster_config(words):
    """Write galera.cnf; restarts nothing."""
    given = options_of(words)
    nodes, own = given.get("nodes", "").split(","), given.get("ip", "")
    if not own or own not in nodes:
        raise Refused("Error: --ip must be one of --nodes")
    segment = given.get("segment", "0")
    if not re.fullmatch("[0-9]", segment) or given.get("latency", "low") not in PROFILES:
        raise Refused("Error: invalid parameter")
    options = [one for one in [PROFILES[given.get("latency", "low")], "gmcast.segment=" + segment] if one]
    with open(GALERA_CNF, "w", encoding="utf-8") as handle:
        handle.write(CNF.format(nodes=",".join(nodes), own=own, name=socket.gethostname(), provider=";".join(options)))
    remember(arbiter=given.get("arbiter", ""), nodes=nodes, ip=own)


def listens(address):
    """Whether Galera listens there."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex((address, 4567)) == 0


def cluster_start(restart=False):
    """Join whoever listens; where nobody does, be the first."""
    state = load(STATE)
    if not state.get("nodes"):
        raise Refused("Error: the cluster is not configured")
    others = [node for node in state["nodes"] if node != state["ip"]]
    joining = restart and replicates() or any(listens(node) for node in others)
    print("Restarting the database service", flush=True)
    if run("systemctl", "restart", "mariadb") if joining else run("galera_new_cluster"):
        print("Database service could not be started")
    while wsrep("local_state") != "4":
        if (run("systemctl", "is-active", "mariadb") or "failed").strip() == "failed":
            raise Refused("Error: mariadb.service did not start")
        time.sleep(0.2)


def cluster_stop(words):
    """Stop the database of the cluster."""
    run("systemctl", "stop", "mariadb")


def application_primary(words):
    """Be the primary: known to all members."""
    if not replicates():
        raise Refused("Error: replication is not active")
    sql("CREATE TABLE IF NOT EXISTS senhasegura.orbit_primary (id INT PRIMARY KEY, hostname VARCHAR(64)); "
        "REPLACE INTO senhasegura.orbit_primary VALUES (1, '%s')" % socket.gethostname())


def whitelist_add(words):
    """Let addresses in."""
    present = load(STATE).get("whitelist", [])
    remember(whitelist=present + [one for one in options_of(words)["ips"].split(",") if one not in present])


def whitelist_delete(words):
    """Take addresses off."""
    gone = options_of(words)["ips"].split(",")
    remember(whitelist=[one for one in load(STATE).get("whitelist", []) if one not in gone])


def set_hostname(words):
    """At once, without a reboot."""
    run("hostnamectl", "set-hostname", [word for word in words[1:] if not word.startswith("--")][0])


def set_host(command, words):
    """``dns`` and ``ntp``: kept, not applied."""
    given = options_of(words)
    remember(**{"%s_%s" % (command, name): given[name].split(",") for name in ("servers", "search") if name in given})


def backup_create(words):
    """Dump the appliance's two databases."""
    path = "/var/backups/orbit-%d.sql" % time.time()
    text = run("mariadb-dump", "--databases", "mt4", "senhasegura")
    if text is None:
        raise Refused("Error: the databases do not answer")
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text)
    print("Backup file: %s" % path)


def sync(words):
    """Where ``sync`` knows options."""
    if not switch("sync", False):
        raise Refused("Error: unknown parameter")
    given = options_of(words)
    remember(sync="enable" in given, timeout=int(given.get("timeout", "15")))


ASKING = {
    "application status": application_status, "cluster status": cluster_status, "cluster arbiter status": arbiter_status,
    "version": version, "wazuh whitelist status": whitelist_status, "sync --show": sync_show,
    "application version": version, "cluster net-check": net_check, "dns --show": lambda: host_show("dns"),
    "ntp --show": lambda: host_show("ntp"),
}

CHANGING = {
    "application start": lambda words: remember(application=True), "application stop": lambda words: remember(application=False),
    "application primary": application_primary, "cluster config": cluster_config,
    "cluster start": lambda words: cluster_start(), "cluster restart": lambda words: cluster_start(restart=True),
    "cluster stop": cluster_stop, "wazuh whitelist add": whitelist_add, "wazuh whitelist delete": whitelist_delete,
    "backup create": backup_create, "sync": sync, "hostname": set_hostname, "dns": lambda words: set_host("dns", words),
    "ntp": lambda words: set_host("ntp", words),
}


# -- help -----------------------------------------------------------------------------------------------------------------


def help_text(words):
    """What a command says of itself; None for what this release does not have."""
    texts = {
        "": "Usage: orbit COMMAND\n" + "".join("  %s\n" % command for command in COMMANDS),
        "application": "Usage: orbit application COMMAND [--force]\n  start\n  stop\n  restart\n  status\n  %s\n  version\n"
                       "  --force  never prompt\n" % switch("primary", "primary"),
        "cluster": "Usage: orbit cluster COMMAND\n  config\n  start\n  stop\n  restart\n  status\n  arbiter\n  net-check\n"
                   "  nodename\n  rotate-ssl\n",
        "cluster config": "Usage: orbit cluster config\n  --nodes=IP,IP  --ip=IP  --arbiter=IP  --latency=low|medium|high\n"
                          "  --segment=N\n" + ("  --recovery-message=TEXT\n" if switch("message", False) else ""),
        "cluster arbiter": "Usage: orbit cluster arbiter COMMAND\n  status\n  create-config\n",
        "sync": "Usage: orbit sync\nfiles and application directories synchronize configuration\n"
                + ("  --enable  --disable  --timeout=SECONDS  --show\n" if switch("sync", False) else ""),
        "backup": "Usage: orbit backup COMMAND\n  create\n  time\n",
        "hostname": "Usage: orbit hostname NAME [--reboot] [--force]\n",
        "dns": "Usage: orbit dns --servers=IP,IP --search=DOMAIN --domain=DOMAIN [--show] [--force]\n",
        "ntp": "Usage: orbit ntp --servers=NAME,NAME --listen-interface=NAME [--show] [--force]\n",
        "version": "Usage: orbit version\n",
    }
    if switch("wazuh", True):
        texts["wazuh"] = "Usage: orbit wazuh COMMAND\n  whitelist\n"
        texts["wazuh whitelist"] = "Usage: orbit wazuh whitelist add|delete|status\n  --ips=IP,IP\n"
    name = " ".join(words)
    if name in texts:
        return texts[name] + ("  --force  never prompt\n" if words[:1] == ["cluster"] and switch("force", False) else "")
    return texts["application"] if words[:1] == ["application"] else texts.get(" ".join(words[:2])) or texts.get(words[0])


# -- command line ---------------------------------------------------------------------------------------------------------


def proceed(words):
    """The prompt of every changing command."""
    if "--force" in words:
        return
    print("Are you sure you want to proceed: ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("Aborted")


def change(name, words):
    """Lock, ask, do, and say the documented last words."""
    trouble = switch("trouble", {}).get(name)
    with open(LOCK, "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Error: another execution is in progress")
        if trouble == "ask":
            print("Do you want to erase the replica first? [y/N]: ", end="", flush=True)
            sys.stdin.readline()
        proceed(words)
        if trouble == "hang":
            print("Checking services", flush=True)
            time.sleep(3600)
        if trouble == "error":
            print("Error: could not reach the configuration service")
            return
        CHANGING[name](words)
        if trouble == "fail":
            raise Refused("Error: interrupted while writing")
    print("Done!\nNo errors reported")


def known(words, table):
    """The longest command of a table that the words start with; "" for none."""
    plain = [word for word in words if not word.startswith("--")]
    names = [name for name in table if " ".join(words).startswith(name + " ") or " ".join(words) == name
             or name == " ".join(plain)]
    return max(names, key=len) if names else ""


def main(words):
    """Exit status."""
    if os.geteuid() != 0:
        print("This program must be run with root permissions!")
        return 1
    words = [{"master": "primary"}.get(word, word) if switch("primary", "primary") == "master" else word for word in words]
    if not words or "--help" in words:
        text = help_text([word for word in words if not word.startswith("--")])
        print(text if text is not None else "Command not found")
        return 0 if text is not None else 1
    asking, changing = known(words, ASKING), known(words, CHANGING)
    journal("ask" if asking else "change", words)
    if not switch("wazuh", True) and words[0] == "wazuh" or not (asking or changing):
        print("Command not found")
        return 1
    try:
        ASKING[asking]() if asking else change(changing, words)
    except Refused as refused:
        print(refused)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
