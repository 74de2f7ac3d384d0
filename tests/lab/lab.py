"""Real hosts on this machine for tests and the demo: systemd containers with addresses of their own and sshd.

Images are made by debootstrap from the Debian mirror of this machine's own apt sources. A ``bare`` host has no
database; a ``member`` has MariaDB as Debian installs it; an ``appliance`` has the stand-in of the command ``orbit`` on top,
and SSH as the vendor's appliance has it (port 59022, user mt4adm, who needs sudo). Needs root, podman and debootstrap; standard library only.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LABEL = "senhasegura-cluster-lab"
RELEASES = ["bookworm", "trixie"]
UP_SECONDS = 180
FIRST_ADDRESS = 11

PACKAGES = {
    "bare": ["systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "openssh-client", "python3", "sudo",
             "iproute2", "procps", "nftables", "ca-certificates", "kmod"],
    "member": ["mariadb-server", "galera-4", "mariadb-backup", "lsyncd", "rsync", "socat", "faketime"],
    "appliance": [],
}

BELOW = {"bare": None, "member": "bare", "appliance": "member"}
"""On which image each one is built."""

STANDIN = ROOT / "tests" / "standin" / "orbit.py"

BARE_SCRIPT = r"""
set -eu
mkdir -p -m 700 /root/.ssh
cat > /etc/ssh/sshd_config.d/lab.conf <<'END'
UseDNS no
MaxStartups 100
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/lab_keys .ssh/authorized_keys
END
cat > /etc/systemd/system/lab-ssh-keys.service <<'END'
[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[Install]
WantedBy=multi-user.target
END
systemctl enable --quiet lab-ssh-keys.service
systemctl mask --quiet e2scrub_reap.service e2scrub_all.timer dpkg-db-backup.timer apt-daily.timer apt-daily-upgrade.timer
"""
"""The lab's key is not in root's authorized_keys: what the collection writes there stays its own and survives a restart of the host.
A key of another kind takes a second of a core to make, and is never used; a container has no file system of its own to scrub, and what is
done daily would write into trees that are compared."""

MEMBER_SCRIPT = r"""
set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io $PACKAGES
rm -f /usr/sbin/policy-rc.d /etc/systemd/system/sockets.target.wants/mariadb.socket
"""
"""No service starts while the image is made (policy-rc.d). Debian enables mariadb.socket, which no host has where MariaDB
was installed while systemd ran: the collection copes with it, and a test turns it on again."""

APPLIANCE_SCRIPT = r"""
set -eu
cat > /usr/bin/orbit <<'END-OF-ORBIT'
#!/usr/bin/python3
$STANDIN
END-OF-ORBIT
chmod 755 /usr/bin/orbit
touch /var/log/orbit-standin.log
mkdir -p /var/log/mysql
printf 'Port 22\nPort 59022\n' > /etc/ssh/sshd_config.d/appliance.conf
useradd --create-home --shell /bin/bash mt4adm
echo 'mt4adm ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/mt4adm
cat > /etc/systemd/system/lab-databases.service <<'END'
[Unit]
After=mariadb.service
Requires=mariadb.service
ConditionPathExists=!/var/lib/lab-databases
[Service]
Type=oneshot
ExecStart=/usr/bin/mariadb --execute "CREATE DATABASE mt4; CREATE DATABASE senhasegura"
ExecStart=/usr/bin/mariadb --execute "CREATE TABLE mt4.device (name VARCHAR(64) PRIMARY KEY)"
ExecStart=/usr/bin/mariadb --execute "INSERT INTO mt4.device VALUES (@@hostname)"
ExecStart=/usr/bin/touch /var/lib/lab-databases
[Install]
WantedBy=multi-user.target
END
systemctl enable --quiet lab-databases.service
"""
"""An appliance is born with its two databases, so that every joining one has data that are replaced."""

SCRIPTS = {"member": MEMBER_SCRIPT, "appliance": APPLIANCE_SCRIPT}

FORGET = r"""
rm -rf /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
: > /etc/machine-id
"""
"""The end of every script. Host keys and machine-id are made at first boot, so that no two hosts share them; installing
packages writes a machine-id, so that it is forgotten after that, and its copy of dbus, which a boot would take."""

COMMAND = 'CMD ["/lib/systemd/systemd"]'
BUILT = "LABEL %s-built=%s" % (LABEL, ROOT)


def run(argv, timeout=300, check=True, **more):
    """A command's output; its error output goes to ours."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=timeout, check=False, **more)
    if check and done.returncode != 0:
        sys.exit("lab: %s ended with exit status %d\n%s" % (" ".join(map(str, argv)), done.returncode, done.stdout))
    return done.stdout.strip()


def attempt(argv, timeout=60):
    """Try a command; returns whether it ended well and all that it said."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return False, "no answer in %d s" % timeout
    return done.returncode == 0, done.stdout.strip()


def say(text):
    """Progress: standard output carries results only."""
    print("lab: " + text, file=sys.stderr, flush=True)


class Lock:
    """One process of this machine at a time, whichever clone it runs from: podman is one for all of them."""

    def __init__(self, name):
        self._path = Path(tempfile.gettempdir()) / ("%s-%s.lock" % (LABEL, name))

    def __enter__(self):
        while True:
            self._handle = open(self._path, "w", encoding="utf-8")
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            if names_same_file(self._path, self._handle):
                return
            self._handle.close()  # it was removed while we waited for it, so that somebody else may hold another one of its name

    def __exit__(self, *_reason):
        self._handle.close()


def names_same_file(path, handle):
    """Whether a path still leads to an open file."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle.fileno()))
    except FileNotFoundError:
        return False


def remove_locks():
    """Remove the locks that nobody holds, of whatever clone: who needs one makes it again."""
    for path in Path(tempfile.gettempdir()).glob(LABEL + "-*.lock"):
        with path.open("a", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if names_same_file(path, handle):
                path.unlink()


# -- apt sources ----------------------------------------------------------------------------------------------------------


def parse_deb822(text):
    """The entries of a .sources file: list of (uri, suite, components)."""
    entries = []
    for stanza in re.split(r"\n\s*\n", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        fields = {name.lower(): value.split() for name, value in re.findall(r"^([\w-]+):((?:.*\n?)(?:[ \t].*\n?)*)", stanza,
                                                                            re.MULTILINE)}
        if "deb" in fields.get("types", []) and fields.get("enabled", ["yes"])[0].lower() not in ("no", "false", "0"):
            entries += [(uri, suite, fields.get("components", [])) for uri in fields["uris"] for suite in fields["suites"]]
    return entries


def parse_one_line(text):
    """The entries of a .list file: list of (uri, suite, components)."""
    found = re.findall(r"^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#\n]*)", text, re.MULTILINE)
    return [(uri, suite, components.split()) for uri, suite, components in found]


def sources(release, folder="/etc/apt", codename=None):
    """This machine's Debian sources, told for a release: list of (uri, suite, components), the release itself first."""
    codename = codename or re.search(r"^VERSION_CODENAME=(\S+)", Path("/etc/os-release").read_text(), re.MULTILINE)[1]
    entries = []
    for path in sorted(Path(folder).glob("sources.list.d/*.sources")):
        entries += parse_deb822(path.read_text(encoding="utf-8"))
    for path in [Path(folder) / "sources.list", *sorted(Path(folder).glob("sources.list.d/*.list"))]:
        entries += parse_one_line(path.read_text(encoding="utf-8")) if path.exists() else []
    ours = {(uri, suite.replace(codename, release, 1)): (uri, suite.replace(codename, release, 1), components)
            for uri, suite, components in entries
            if re.fullmatch(re.escape(codename) + r"(-updates|-security)?", suite) and "main" in components}
    if release not in [suite for _uri, suite in ours]:
        sys.exit("lab: this machine's apt sources name no Debian mirror with the suite %s main" % codename)
    return sorted(ours.values(), key=lambda entry: entry[1] != release)


# -- images ---------------------------------------------------------------------------------------------------------------


def layers(kind):
    """The images that a kind is made of, from the lowest."""
    return (layers(BELOW[kind]) if BELOW[kind] else []) + [kind]


def script_of(kind):
    """What is run in the image below to make this one."""
    return SCRIPTS[kind].replace("$PACKAGES", " ".join(PACKAGES[kind])).replace("$STANDIN", STANDIN.read_text(encoding="utf-8"))


def tag(release, kind):
    """The image's name: another recipe is another image."""
    recipe = [release, COMMAND, FORGET, PACKAGES["bare"], BARE_SCRIPT]
    for part in layers(kind)[1:]:
        recipe += [PACKAGES[part], script_of(part)]
    return "localhost/%s:%s-%s-%s" % (LABEL, release, kind, hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12])


def told_by(name_of_image):
    """Release and kind of an image, from its name."""
    return tuple(name_of_image.rsplit(":", 1)[1].split("-")[:2])


def exists(name):
    """Whether an image is there."""
    return attempt(["podman", "image", "exists", name])[0]


def images():
    """The names of all that were built here."""
    return run(["podman", "images", "--filter", "label=" + LABEL, "--format", "{{.Repository}}:{{.Tag}}"]).split()


def builder_of(name):
    """The clone that built an image; one that is not there where nobody is told."""
    label = '{{index .Config.Labels "%s-built"}}' % LABEL
    return run(["podman", "image", "inspect", "--format", label, name]).strip() or "/nonexistent"


def image(release, kind):
    """Build the image, and what it builds on, or reuse it; returns its name."""
    with Lock("image"):
        for part in layers(kind):
            name = tag(release, part)
            if not exists(name):
                began = time.monotonic()
                say("building " + name)
                BUILD.mkdir(exist_ok=True)
                with (BUILD / ("image-%s-%s.log" % (release, part))).open("w", encoding="utf-8") as log:
                    build_bare(name, release, log) if part == "bare" else build_upon(name, release, part, log)
                say("built in %.0f s" % (time.monotonic() - began))
    return name


def logged(argv, log):
    """Run a long command into a log, whose end is shown when it fails."""
    if subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=1800, check=False).returncode:
        tail = "\n".join(Path(log.name).read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        sys.exit("lab: %s failed:\n%s" % (" ".join(map(str, argv[:2])), tail))


def build_bare(name, release, log):
    """debootstrap a tree, make it a host's, import it."""
    mirrors = sources(release)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="image-") as folder:
        tree = Path(folder) / "tree"
        logged(["debootstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES["bare"]), release, tree,
                mirrors[0][0]], log)
        (tree / "etc/apt/sources.list").write_text("".join(
            "deb %s %s %s\n" % (uri, suite, " ".join(components)) for uri, suite, components in mirrors))
        bundle = ssl.get_default_verify_paths().cafile
        if bundle:  # what this machine trusts, such as the authority of a proxy
            shutil.copy(bundle, tree / "etc/ssl/certs/ca-certificates.crt")
        logged(["chroot", tree, "/bin/sh", "-c", BARE_SCRIPT + FORGET], log)
        with subprocess.Popen(["tar", "-C", tree, "-c", "."], stdout=subprocess.PIPE) as tar:
            run(["podman", "import", "--quiet", "--change", "LABEL %s=image" % LABEL, "--change", BUILT, "--change", COMMAND, "-",
                 name], stdin=tar.stdout, timeout=600)
        if tar.returncode:
            run(["podman", "rmi", name])
            sys.exit("lab: tar of the new host's files ended with exit status %d" % tar.returncode)


def build_upon(name, release, kind, log):
    """Run a kind's script in the image below it."""
    below, builder = tag(release, BELOW[kind]), LABEL + "-build"
    run(["podman", "rm", "--force", "--ignore", builder])
    logged(podman_run(below, "--name", builder, "--network", "host") + [below, "/bin/sh", "-c", script_of(kind) + FORGET], log)
    run(["podman", "commit", "--quiet", "--change", BUILT, "--change", COMMAND, builder, name], stderr=log)
    run(["podman", "rm", "--force", builder])


# -- podman ---------------------------------------------------------------------------------------------------------------


def limits():
    """Limits within our own: podman's defaults are above them where root may not raise limits. 65536 files are enough for
    any service here; podman keeps some processes for itself, so that not all of a high limit can be handed on."""
    options = []
    for name, number, enough in (("nofile", resource.RLIMIT_NOFILE, 65536), ("nproc", resource.RLIMIT_NPROC, 32768)):
        hard = resource.getrlimit(number)[1]
        most = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
        options += ["--ulimit", "%s=%d:%d" % (name, most, most)]
    return options


def runtime(name_of_image):
    """Podman's own runtime where it can run a host here, else runc (crun refuses hybrid cgroups); the answer is kept."""
    answer = BUILD / "podman-runtime"
    if answer.exists():
        return answer.read_text(encoding="utf-8").split()
    for options in ([], ["--runtime", "runc"]):
        well, words = attempt(["podman", *options, "run", "--rm", "--privileged", "--systemd=always", "--network", "none",
                               *limits(), name_of_image, "/bin/true"])
        if well:
            answer.write_text(" ".join(options), encoding="utf-8")
            return options
    sys.exit("lab: podman cannot run a privileged container here:\n" + words)


def podman_run(name_of_image, *options):
    """The start of a podman run that works on this machine."""
    return ["podman", *runtime(name_of_image), "run", "--privileged", *limits(), *options]


def containers(lab=None):
    """Hosts of a lab, or of all: list of dict of name, lab, host, address, state, image, clone."""
    wanted = ["--filter", "label=" + LABEL + ("=" + lab if lab else ""), "--filter", "label=" + LABEL + "-clone"]
    rows = json.loads(run(["podman", "ps", "--all", *wanted, "--format", "json"]) or "[]")
    return [{"name": row["Names"][0], "lab": row["Labels"][LABEL], "host": row["Labels"][LABEL + "-host"],
             "address": row["Labels"][LABEL + "-address"], "state": row["State"], "image": row["Image"],
             "clone": row["Labels"][LABEL + "-clone"]} for row in rows]


def own(lab):
    """Hosts of a lab of this clone, name to container; a lab of another clone is not ours to touch."""
    found = containers(lab)
    for one in found:
        if foreign(one["clone"]):
            sys.exit("lab: the lab %s belongs to the clone at %s: take another name, or end it there" % (lab, one["clone"]))
    return {one["host"]: one for one in found}


def foreign(clone):
    """Whether a clone is another one, and still there."""
    return clone != str(ROOT) and Path(clone).exists()


def networks():
    """Our networks, name to the clone that made it."""
    names = run(["podman", "network", "ls", "--filter", "label=" + LABEL + "-clone", "--format", "{{.Name}}"]).split()
    rows = json.loads(run(["podman", "network", "inspect", *names])) if names else []
    return {row["name"]: row["labels"][LABEL + "-clone"] for row in rows}


def network(lab):
    """The lab's own network, made where none is; returns its prefix, such as 10.77.3."""
    name, words = "%s-%s" % (LABEL, lab), ""
    with Lock("network"):
        for third in range(256):
            seen = run(["podman", "network", "inspect", name, "--format", "{{range .Subnets}}{{.Subnet}}{{end}}"],
                       check=False, stderr=subprocess.DEVNULL)
            if seen:
                return seen.rsplit(".", 1)[0]
            words = attempt(["podman", "network", "create", "--label", "%s=%s" % (LABEL, lab), "--label",
                             "%s-clone=%s" % (LABEL, ROOT), "--subnet", "10.77.%d.0/24" % third, name])[1]
    sys.exit("lab: no free network: " + words)


# -- hosts ----------------------------------------------------------------------------------------------------------------


def folder_of(lab):
    """Where a lab keeps its key and inventory."""
    return BUILD / "labs" / lab


def make_key(lab):
    """The key that opens the lab's hosts, made once."""
    folder_of(lab).mkdir(parents=True, exist_ok=True)
    if not (folder_of(lab) / "key").exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", folder_of(lab) / "key"])


def network_card(address):
    """The MAC address of the host with an IPv4 address, the same when it boots again or is made anew: who talked to it before would
    else hold the old one for it, for as long as half a minute.
    """
    return "02:00:" + ":".join("%02x" % int(part) for part in address.split("."))


def create(lab, host, address, name_of_image):
    """Start a new host, and wait until all of it answers."""
    key = (folder_of(lab) / "key.pub").read_text(encoding="utf-8").strip()
    labels = ["--label", "%s=%s" % (LABEL, lab), "--label", "%s-host=%s" % (LABEL, host),
              "--label", "%s-address=%s" % (LABEL, address), "--label", "%s-clone=%s" % (LABEL, ROOT)]
    run(podman_run(name_of_image, "--detach", "--systemd=always", "--name", "%s-%s" % (lab, host), "--hostname", host,
                   "--network", "%s-%s" % (LABEL, lab), "--ip", address, "--mac-address", network_card(address), *labels)
        + [name_of_image, "/bin/sh", "-c", "echo %s > /etc/ssh/lab_keys; exec /lib/systemd/systemd" % shlex.quote(key)])
    booted = "systemctl is-system-running --wait | grep -qE 'running|degraded'"
    database = " && mariadb --execute 'SELECT 1'" if told_by(name_of_image)[1] != "bare" else ""
    wait(lab, host, address, booted + database)


def wake(lab, one):
    """Bring a host that is there to life. Its database is its own affair: a stopped cluster does not start by itself."""
    verb = {"running": None, "paused": "unpause"}.get(one["state"], "start")
    if verb:
        run(["podman", verb, one["name"]])
    wait(lab, one["host"], one["address"], "true")


def ssh(lab, address, command):
    """The argv that runs a command on a host."""
    return ["ssh", "-i", str(folder_of(lab) / "key"), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
            "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=2", "root@" + address, command]


def wait(lab, host, address, question):
    """Until a host answers a question over SSH."""
    deadline = time.monotonic() + UP_SECONDS
    while True:
        well, words = attempt(ssh(lab, address, question), timeout=30)
        if well:
            return
        if time.monotonic() > deadline:
            failed = attempt(["podman", "exec", "%s-%s" % (lab, host), "systemctl", "list-units", "--failed"])[1]
            sys.exit("lab: %s (%s) is not up after %d s: %s\n%s" % (host, address, UP_SECONDS, words, failed))
        time.sleep(0.1)


def inventory(lab, addresses, kind):
    """Write the lab's inventory; returns its path. Throw-away hosts: their keys are not checked."""
    path = folder_of(lab) / "inventory.yml"
    lines = ["---", "senhasegura:", "  hosts:"]
    for host, address in addresses.items():
        lines += ["    %s:" % host, "      ansible_host: %s" % address]
    way_in = ["    ansible_user: mt4adm", "    ansible_port: 59022", "    ansible_become: true"]
    lines += ["  vars:"] + (way_in if kind == "appliance" else ["    ansible_user: root"])
    lines += ["    ansible_ssh_private_key_file: %s" % (path.parent / "key"),
              "    ansible_python_interpreter: /usr/bin/python3", "    ansible_ssh_common_args: >-",
              "      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
              "      -o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=5 -o ServerAliveCountMax=2", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def assign(names, taken, prefix):
    """An address for each host: those that have one keep it, the others get the lowest that are free, in order."""
    used = set(taken.values())
    free = (address for address in ("%s.%d" % (prefix, last) for last in range(FIRST_ADDRESS, 255)) if address not in used)
    return {name: taken[name] if name in taken else next(free) for name in names}


def check_same(lab, present, name_of_image):
    """Refuse to pass hosts of another release or kind off as those that were asked for; tell of an older recipe."""
    for one in present.values():
        if told_by(one["image"]) != told_by(name_of_image):
            sys.exit("lab: %s is a %s %s, not a %s %s: lab.py up --fresh makes the hosts anew"
                     % (one["name"], *told_by(one["image"]), *told_by(name_of_image)))
        if one["image"] != name_of_image:
            say("%s is from an older image: lab.py rebuild --lab %s --host %s" % (one["name"], lab, one["host"]))


INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
ENOUGH_INSTANCES = 1024


def watch_more():
    """Every systemd and every lsyncd needs inotify instances, of which all hosts here share one account's."""
    if int(INSTANCES.read_text(encoding="ascii")) < ENOUGH_INSTANCES:
        try:
            INSTANCES.write_text(str(ENOUGH_INSTANCES), encoding="ascii")
        except OSError as error:
            say("%s stays low, which is enough for about ten hosts: %s" % (INSTANCES, error.strerror))


def up(lab, names, release, kind, fresh):
    """Start the lab's hosts, all at once, and write their inventory; returns its path."""
    name_of_image = image(release, kind)
    runtime(name_of_image)
    watch_more()
    with Lock("lab-" + lab):
        if fresh:
            take_down(lab)
        present = own(lab)
        check_same(lab, {name: present[name] for name in names if name in present}, name_of_image)
        make_key(lab)
        addresses = assign(names, {name: one["address"] for name, one in present.items()}, network(lab))

        def start(name):
            wake(lab, present[name]) if name in present else create(lab, name, addresses[name], name_of_image)

        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            list(pool.map(start, names))
        return inventory(lab, addresses, kind)


def the_host(lab, host):
    """One host of a lab of this clone."""
    found = own(lab)
    if host not in found:
        sys.exit("lab: no host %s in the lab %s, which has: %s" % (host, lab, ", ".join(sorted(found)) or "none"))
    return found[host]


def rebuild(lab, host):
    """Make one host anew: same name and address, empty disk."""
    with Lock("lab-" + lab):
        one = the_host(lab, host)
        name_of_image = tag(*told_by(one["image"]))
        run(["podman", "rm", "--force", "--time", "0", one["name"]])
        create(lab, host, one["address"], name_of_image if exists(name_of_image) else one["image"])


def take_down(lab):
    """Remove a lab's hosts, network, key and inventory."""
    names = [one["name"] for one in own(lab).values()]
    if names:
        run(["podman", "rm", "--force", "--time", "0"] + names)
    name = "%s-%s" % (LABEL, lab)
    if attempt(["podman", "network", "exists", name])[0]:
        run(["podman", "network", "rm", "--force", name])
    shutil.rmtree(folder_of(lab), ignore_errors=True)


def down(lab):
    """Take a lab away."""
    with Lock("lab-" + lab):
        take_down(lab)


def clean():
    """Take away all that this clone, or one that is gone, made on this machine. An image that another one built stays for it."""
    if not shutil.which("podman"):
        return
    for lab in sorted({one["lab"] for one in containers() if not foreign(one["clone"])}):
        down(lab)
    for name, clone in networks().items():
        if not foreign(clone):
            run(["podman", "network", "rm", "--force", name])
    with Lock("image"):
        run(["podman", "rm", "--force", "--ignore", LABEL + "-build"])
        names = [name for name in images() if not foreign(builder_of(name))]
        for name in sorted(names, key=lambda name: -len(layers(told_by(name)[1]))):  # what stands on another goes before it
            if not attempt(["podman", "rmi", name])[0]:
                say("%s stays: hosts of another clone use it" % name)
    remove_locks()
    shutil.rmtree(BUILD / "labs", ignore_errors=True)
    (BUILD / "podman-runtime").unlink(missing_ok=True)


def journal(lab):
    """MariaDB's journal of every host, for the log of a failed test."""
    for one in containers(lab):
        print("=== %s (%s)" % (one["name"], one["state"]), flush=True)
        print(attempt(["podman", "exec", one["name"], "journalctl", "--unit", "mariadb", "--no-pager", "--lines", "80",
                       "--output", "short-iso"])[1], flush=True)


def enter(lab, host, command):
    """Become a command on a host."""
    terminal = ["--tty"] if sys.stdin.isatty() else []
    os.execvp("podman", ["podman", "exec", "--interactive", *terminal, the_host(lab, host)["name"], *command])


def show():
    """One line a host, of all clones."""
    for one in sorted(containers(), key=lambda one: one["name"]):
        print("%(lab)-10s %(host)-10s %(address)-13s %(state)-8s " % one + " ".join(told_by(one["image"]))
              + (" (of %(clone)s)" % one if one["clone"] != str(ROOT) else ""))


# -- command line ---------------------------------------------------------------------------------------------------------


def parse(argv=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made, found = argparse.ArgumentParser(add_help=False), argparse.ArgumentParser(add_help=False)
    made.add_argument("--release", default="bookworm", choices=RELEASES)
    made.add_argument("--kind", default="member", choices=sorted(PACKAGES))
    found.add_argument("--lab", required=True, type=lab_name)
    verbs.add_parser("image", parents=[made], help="build the image, or reuse it; prints its name")
    start = verbs.add_parser("up", parents=[found, made], help="start hosts, write build/labs/NAME/inventory.yml")
    start.add_argument("--members", type=int, default=3, choices=range(1, 27), metavar="1-26")
    start.add_argument("--names", type=lambda text: text.split(","), help="names instead of member-a,member-b,…")
    start.add_argument("--fresh", action="store_true", help="take the lab away first")
    verbs.add_parser("down", parents=[found], help="take the lab's hosts and network away")
    verbs.add_parser("journal", parents=[found], help="MariaDB's journal of every host")
    again = verbs.add_parser("rebuild", parents=[found], help="a host made anew: same name and address, empty disk")
    inside = verbs.add_parser("exec", parents=[found], help="run a command on a host: exec --lab L --host H -- ls -l")
    inside.add_argument("command", nargs="+")
    for verb in (again, inside):
        verb.add_argument("--host", required=True)
    verbs.add_parser("list", help="all hosts")
    verbs.add_parser("clean", help="take everything away that this clone made: hosts, networks, images")
    return parser.parse_args(argv)


def lab_name(text):
    """A lab's name becomes part of names of hosts, files and networks."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,29}", text):
        raise argparse.ArgumentTypeError("a lab's name is lower case letters, digits, - and _, 30 at most: %r" % text)
    return text


def main():
    """Do what the command line says."""
    args = parse()
    if args.verb == "image":
        print(image(args.release, args.kind))
    elif args.verb == "up":
        names = args.names or ["member-" + chr(ord("a") + number) for number in range(args.members)]
        print(up(args.lab, names, args.release, args.kind, args.fresh))
    elif args.verb == "rebuild":
        rebuild(args.lab, args.host)
    elif args.verb == "exec":
        enter(args.lab, args.host, args.command)
    else:
        {"down": down, "journal": journal, "list": show, "clean": clean}[args.verb](
            *([args.lab] if "lab" in args else []))


if __name__ == "__main__":
    main()
