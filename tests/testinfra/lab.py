"""What the stories share: the scenario's hosts, the playbook as a person runs it, and the database of each host."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import testinfra
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = os.environ["MOLECULE_SCENARIO_NAME"]
INVENTORY = ROOT / "build" / "labs" / SCENARIO / "inventory.yml"
PLAYBOOK = "senhasegura.cluster.create_cluster"
SETTINGS = "/etc/mysql/mariadb.conf.d/99-senhasegura-cluster.cnf"
YES = ("-e", "senhasegura_confirm=true")
REFUSED = "The plan is refused; nothing was changed."
NO_CONNECTION = "Data could not be sent to remote host "
"""How Ansible itself says that a host cannot be reached, which is then evidence for the plan."""


def inventory():
    """The scenario's inventory as the lab wrote it."""
    return yaml.safe_load(INVENTORY.read_text(encoding="utf-8"))


def addresses():
    """Member name to address, in the inventory's order."""
    return {name: host["ansible_host"] for name, host in inventory()["senhasegura"]["hosts"].items()}


def write_inventory(path, members=None, variables=None, per_host=None):
    """Another inventory over the same hosts.

    :param members: names of those that are in it; all of them by default.
    :param variables: variables of the group.
    :param per_host: variables of single hosts.
    """
    data = inventory()["senhasegura"]
    hosts = {name: dict(data["hosts"].get(name, {}), **(per_host or {}).get(name, {}))
             for name in (list(data["hosts"]) if members is None else members)}
    path.write_text(yaml.safe_dump({"senhasegura": {"hosts": hosts, "vars": dict(data["vars"], **(variables or {}))}},
                                   sort_keys=False), encoding="utf-8")
    return path


def command(*arguments, hosts=INVENTORY, playbook=PLAYBOOK):
    """The argv of the playbook; its environment is a user's: nothing but where collections are."""
    return [str(Path(sys.executable).parent / "ansible-playbook"), playbook, "-i", str(hosts), *map(str, arguments)]


def environment():
    """The environment of a user who installed the collection into a path of their own."""
    return dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build"), ANSIBLE_FORCE_COLOR="0", ANSIBLE_NOCOLOR="1",
                PYTHONUNBUFFERED="1")


class Run:
    """A finished run: exit status, everything printed, and Ansible's recap."""

    def __init__(self, rc, output):
        self.rc = rc
        self.output = output

    def recap(self, word):
        """Host to the count of a word (changed, failed, …) in the recap."""
        found = {}
        for line in self.output.split("PLAY RECAP", 1)[-1].splitlines():
            if " : ok=" in line:
                counts = dict(part.split("=") for part in line.split(":", 1)[1].split())
                found[line.split(":", 1)[0].strip()] = int(counts[word])
        return found

    def changed(self):
        """The hosts on which anything changed."""
        return sorted(name for name, count in self.recap("changed").items() if count)


def play(*arguments, hosts=INVENTORY, timeout=900, playbook=PLAYBOOK):
    """Run the playbook to its end, without a terminal."""
    done = subprocess.run(command(*arguments, hosts=hosts, playbook=playbook), env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False)
    print(done.stdout)
    return Run(done.returncode, done.stdout)


def play_typed(answer, *arguments, hosts=INVENTORY, timeout=900):
    """Run the playbook on a terminal, and type an answer when it asks.

    Ansible throws away what is typed before it has made the terminal its own, so the answer is typed again, behind as many
    backspaces, while nothing follows it.
    """
    process, terminal = pty.fork()
    if process == 0:
        argv = command(*arguments, hosts=hosts)
        os.execve(argv[0], argv, environment())
    seen, deadline = "", time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            if seen.rstrip().endswith("anything else to stop:"):
                os.write(terminal, b"\x7f" * len(answer) + answer.encode() + b"\r")
            continue
        try:
            seen += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:  # Linux answers so at the end of a terminal
            break
    else:
        os.kill(process, signal.SIGKILL)
    print(seen)
    return Run(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), seen.replace("\r\n", "\n"))


def create(*arguments, hosts=INVENTORY, playbook=PLAYBOOK):
    """Run the playbook with a Yes; it must end well."""
    run = play(*YES, *arguments, hosts=hosts, playbook=playbook)
    assert run.rc == 0, run.output
    return run


def assert_refused(run, title, problems=()):
    """A run ended badly, and all that it says of it is this.

    :param title: the first line, a sentence as those of ``problems``.
    :param problems: sentences, in order; a compiled pattern where one holds what differs from run to run.
    """
    assert run.rc != 0, run.output
    # Ansible says once more, on a line of its own, that the task failed, where the failure has a cause of its own.
    messages = re.findall(r"\[ERROR\]: Task failed: (.*?)(?:\n\nTask failed\.)?\nOrigin: ", run.output, re.DOTALL)
    said = [message.splitlines() for message in messages if not message.startswith(NO_CONNECTION)]
    expected = [sentence if isinstance(sentence, re.Pattern) else re.compile(re.escape(sentence)) for sentence in [title] + list(problems)]
    assert len(said) == 1 and len(said[0]) == len(expected), said
    for line, sentence in zip([said[0][0]] + [line[len("- "):] for line in said[0][1:]], expected):
        assert sentence.fullmatch(line), (line, sentence.pattern)


def _started(*arguments, hosts, playbook):
    """A run of the playbook with a Yes, in a session of its own; what it prints is read here."""
    return subprocess.Popen(command(*YES, *arguments, hosts=hosts, playbook=playbook), env=environment(), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def _read_until(text, process, timeout):
    """What a run printed up to the line with a text."""
    deadline, seen = time.monotonic() + timeout, ""
    for line in process.stdout:
        seen += line
        if text in line or time.monotonic() > deadline:
            break
    assert text in seen, seen
    return seen


def _stat(pid):
    """What the kernel tells of a process, from its state on; None when it is not there any more."""
    try:
        return Path("/proc/%d/stat" % pid).read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _kill_all(pid):
    """Kill a process and all that it started: a worker of Ansible and its ssh are in sessions of their own, and end their task without the run.

    Who starts others stands still before it is asked for them: it starts nobody else meanwhile, and no number is given to another process.
    """
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: _stat(pid)[0] in "TZ", pause=0.001)   # stopped, or ended and not asked for its exit status yet
    for other in [int(path.name) for path in Path("/proc").glob("[0-9]*")]:
        if (_stat(other) or ("", ""))[1] == str(pid):
            _kill_all(other)
    os.kill(pid, signal.SIGKILL)


def play_until(text, *arguments, hosts=INVENTORY, timeout=300, after=0.0, once=None, kill=signal.SIGKILL, playbook=PLAYBOOK):
    """Run the playbook and kill it, with everything that it started here, as soon as it has printed a text.

    :param after: seconds that it gets from then on, to be in the middle of what prints nothing: a moment to kill it at, not a wait for
        something to be true (that is ``once``).
    :param once: it also gets the time until this function answers true.
    :param kill: the signal; another one than SIGKILL is given as a terminal gives it (Ctrl-C: SIGINT), so that Ansible ends what it started.
    """
    process = _started(*arguments, hosts=hosts, playbook=playbook)
    try:
        seen = _read_until(text, process, timeout)
        time.sleep(after)
        if once:
            wait_for(once)
    finally:
        if kill == signal.SIGKILL:
            _kill_all(process.pid)
        else:
            os.killpg(process.pid, kill)
    process.wait(timeout=30)
    process.stdout.close()
    return seen


@contextmanager
def under_way(text, *arguments, hosts=INVENTORY, timeout=900, playbook=PLAYBOOK):
    """A run of the playbook that has printed a text and goes on, for as long as something is done beside it.

    :returns: its process, and a function that waits for its end and returns the finished :class:`Run`.
    """
    process = _started(*arguments, hosts=hosts, playbook=playbook)
    limit = threading.Timer(timeout, _kill_all, (process.pid,))
    limit.start()
    try:
        seen = _read_until(text, process, timeout)

        def ended():
            output = seen + process.stdout.read()
            print(output)
            return Run(process.wait(), output)
        yield process, ended
    finally:
        limit.cancel()
        if process.poll() is None:  # what was waited for did not come: the run must not go on beneath the next test
            _kill_all(process.pid)
            process.wait()


def play_through(text, fault, *arguments, hosts=INVENTORY, timeout=900, playbook=PLAYBOOK, hold=False):
    """Run the playbook to its end; something happens as soon as it has printed a text.

    :param fault: what happens, a function.
    :param hold: the run stands still until that has happened, but for what its workers have begun; not where that waits for the run.
    """
    with under_way(text, *arguments, hosts=hosts, timeout=timeout, playbook=playbook) as (process, ended):
        if hold:
            os.killpg(process.pid, signal.SIGSTOP)
        fault()
        if hold:
            os.killpg(process.pid, signal.SIGCONT)
        return ended()


def host(name):
    """A testinfra host of the scenario."""
    return testinfra.get_host("ansible://%s?ansible_inventory=%s" % (name, INVENTORY))


_first_processes = {}
"""Host to its first process, as this machine numbers it, and when that began."""


def _began(pid):
    """When a process began; None when it is not there any more."""
    told = _stat(pid)
    return told and told[19]


def inside(name, *argv):
    """The argv that runs a command on a host: as podman exec does, at a tenth of what that costs (tests ask thousands of times).

    What answers for a host that is down, or just being made anew, is podman, with its own words.
    """
    pid, began = _first_processes.get(name, (0, None))
    if not pid or began is None or _began(pid) != began:
        asked = ["podman", "inspect", "--format", "{{.State.Pid}}", "%s-%s" % (SCENARIO, name)]
        done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60, check=False)
        pid = int(done.stdout) if done.returncode == 0 else 0
        _first_processes[name] = (pid, _began(pid))
    if not pid:
        return ["podman", "exec", "-i", "%s-%s" % (SCENARIO, name), *argv]
    return ["nsenter", "--target=%d" % pid, "--all", "--wdns=/", "env", "--ignore-environment", "HOME=/root", "container=podman",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *argv]


def shell(name, script, check=True):
    """Run a script on a host; returns what it printed."""
    argv = inside(name, "/bin/bash", "-c", script)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    assert not check or done.returncode == 0, "%s on %s: %s" % (script, name, done.stdout)
    return done.stdout.strip()


def let_in(address, kind, ports):
    """What the checks print to let a peer in on a Debian host by hand."""
    return ("nft list chains | awk '/^table/ {t = $2 \" \" $3} /^\\tchain/ {c = $2} /type filter hook (input|prerouting|ingress)/ && "
            "t ~ /^(inet|netdev|ip) / {print t, c}' | while read -r chain; do nft insert rule $chain ip saddr %s %s dport '{ %s }' accept; "
            "done (before every rule of every chain that could drop it; write it where those rules come from, or it is gone after the next "
            "start)" % (address, kind, ports))


def prepared(options, by_hand, hosts=INVENTORY):
    """A remedy of which prepare_members is the first way."""
    return "ansible-playbook senhasegura.cluster.prepare_members -i %s %s; or by hand there: %s" % (hosts, options, by_hand)


def let_in_or_prepared(address, kind, ports, hosts=INVENTORY):
    """A remedy of which prepare_members is a way in one case alone: where the table that drops is its own."""
    return ("%s; or, where the table inet senhasegura_cluster of an earlier prepare_members drops it, and with the same "
            "senhasegura_firewall_database_clients: ansible-playbook senhasegura.cluster.prepare_members -i %s "
            "-e senhasegura_prepare_firewall=true" % (let_in(address, kind, ports), hosts))


def sql(name, query):
    """Run SQL on a host; returns what it printed."""
    return shell(name, 'mariadb --batch --skip-column-names --execute "%s"' % query)


def status(name, variable):
    """One wsrep status variable of a host."""
    return sql(name, "SHOW GLOBAL STATUS LIKE '%s'" % variable).split("\t")[-1]


def _lab(verb, *arguments):
    subprocess.run([sys.executable, str(ROOT / "tests/lab/lab.py"), verb, "--lab", SCENARIO, *arguments], check=True,
                   timeout=400)


def rebuild(name, noticed_by=()):
    """Make a host anew: the same name and address, an empty disk.

    :param noticed_by: all the other members that serve: a host that is just gone is in the one's view, and not in the other's, until they have
        all noticed.
    """
    _lab("rebuild", "--host", name)
    for other in noticed_by:
        wait_for(lambda one=other: status(one, "wsrep_cluster_size") == str(len(noticed_by)))


def rebuild_all():
    """Make all hosts anew, at once."""
    _lab("up", "--fresh")


def processes(names=None):
    """Per host the identity and start of its database process, 0 for none: equal values mean that it was not restarted."""
    return {name: shell(name, "p=$(systemctl show mariadb -p MainPID --value); [ $p = 0 ] && echo 0 || echo $p $(cut -d' ' -f22 /proc/$p/stat)")
            for name in names or addresses()}


_TREE = r"""
folders=$(ls -d /etc /root /srv /usr/local /var/lib/senhasegura-{cluster,health,arbitrator} /var/backups /run/senhasegura-cluster 2>/dev/null)
others="-path /root/.ansible -prune -o -path /var/lib/senhasegura-cluster/sync/* -prune -o -path /run/senhasegura-cluster/runs.json -prune -o"
others="$others -name .senhasegura-transfer -prune -o"
set -f
find $folders -xdev $others \( -path /root -o -path '/run/*' -o -path '/srv*' -type d -o -path /var/lib/senhasegura-cluster/sync \) \
  -printf '%p %y %m %u:%g %l\n' \
  -o -printf '%p %y %m %u:%g %l %T@\n' | sort
find $folders -xdev $others -type f -print0 | sort -z | xargs -0 sha256sum
ls -la /var/lib/mysql | grep -v -E 'ib_|ibtmp|aria_log|total|ddl_recovery|upgrade_info|\.\.?$' | awk '{print $1, $3, $9}'
systemctl show senhasegura-sync.service -p MainPID -p ExecMainStartTimestampMonotonic -p UnitFileState
"""
"""Excluded: Ansible's own folder for what it runs, and when it was made in root's home; when the run lock was taken and given back, and by whom; what
others write by themselves while they serve: MariaDB in its data directory, Debian's debian-start there, behind a start on new data, lsyncd when a
file arrived or was pushed."""


def tree(name):
    """Everything that the collection could write: path, kind, mode, owner, target, time of change and content of what is in its
    folders, and the process of the file synchronizers."""
    return shell(name, _TREE)


def state(names=None):
    """Everything that a run could have changed on hosts: files and processes."""
    return {name: (tree(name), processes([name])) for name in names or addresses()}


def wait_for(question, seconds=120, pause=0.2):
    """Ask until the answer is true; fails with the last answer.

    :param pause: seconds from an answer to the next question.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            assert answer, "not within %d s" % seconds
            return answer
        time.sleep(pause)


def wait_for_what_was_begun():
    """What a killed run had begun on a host goes on there, and is over: one that looks just between two of its steps would see neither the one
    state nor the other."""
    wait_for(lambda: not any(shell(name, "pgrep -fx '/usr/bin/python3[.0-9]*' || true") for name in addresses()))


def assert_one_component(names=None):
    """Every member sees exactly these members, in one configuration, and serves."""
    names = list(names or addresses())
    views = {tuple(status(name, variable) for variable in ("wsrep_cluster_conf_id", "wsrep_cluster_state_uuid",
                                                           "wsrep_cluster_size")) for name in names}
    assert len(views) == 1 and next(iter(views))[2] == str(len(names)), views
    for name in names:
        assert status(name, "wsrep_local_state_comment") == "Synced"
        assert status(name, "wsrep_ready") == "ON"
        seen = {item.split(":")[0] for item in status(name, "wsrep_incoming_addresses").split(",")}
        assert seen == {addresses()[one] for one in names}


def assert_written_timers():
    """No member runs, or would start with, what was given to it only for joining."""
    for name in addresses():
        options = sql(name, "SELECT REPLACE(@@wsrep_provider_options, '; ', CHAR(10))").replace("\\n", "\n").splitlines()
        for option in ("join_retrans_period", "keepalive_period", "causal_keepalive_period"):
            assert "evs.%s = PT1S" % option in options, (name, options)
        assert "MYSQLD_OPTS" not in shell(name, "systemctl show-environment")


def assert_restorable(name, backup, cold=False):
    """A backup, copied into a fresh directory and started beside the member, holds the row 42 of shop.t.

    :param cold: whether it is a copy of a stopped data directory.
    """
    copy = "cp --archive --no-target-directory %s /tmp/again" if cold else (
        "mariadb-backup --copy-back --target-dir=%s --datadir=/tmp/again >/dev/null 2>&1")
    shell(name, "set -e; rm -rf /tmp/again; mkdir /tmp/again; %s; chown -R mysql /tmp/again" % (copy % backup))
    shell(name, "setsid mariadbd --no-defaults --user=mysql --datadir=/tmp/again --socket=/tmp/again/s --skip-networking "
                "--pid-file=/tmp/again/p > /tmp/again.log 2>&1 < /dev/null & disown")
    wait_for(lambda: shell(name, "mariadb -S /tmp/again/s -N -e 'SELECT i FROM shop.t'", check=False) == "42")
    shell(name, "p=$(cat /tmp/again/p); kill $p; while kill -0 $p 2>/dev/null; do sleep 0.1; done")


def module(name, short_name, options, check=False):
    """Run one module of the collection on a host, as an ad-hoc command; returns its result."""
    argv = [str(Path(sys.executable).parent / "ansible"), name, "-i", str(INVENTORY), "-m", "senhasegura.cluster." + short_name,
            "-a", json.dumps(options)] + (["--check"] if check else [])
    done = subprocess.run(argv, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=300, check=False)
    print(done.stdout, done.stderr)
    head, result = done.stdout.split("=> ", 1)
    return dict(json.loads(result), failed="FAILED!" in head)


def copy_plugins(name, folder):
    """Put the collection's plugins on a host, to run parts of them there."""
    shell(name, "mkdir -p " + folder)
    subprocess.run(["podman", "cp", str(ROOT / "plugins") + "/.", "%s-%s:%s" % (SCENARIO, name, folder)], check=True, timeout=60)
