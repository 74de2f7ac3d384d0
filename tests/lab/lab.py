"""Real hosts on this machine for tests and the demo: systemd containers with addresses of their own and sshd.

    lab.py image   [--release bookworm] [--kind member]        build the image, or reuse it
    lab.py up      --lab NAME [--members 3] [--release] [--kind]  start hosts, write build/labs/NAME/inventory.yml
    lab.py rebuild --lab NAME --host member-a                  a host made anew: same name and address, empty disk
    lab.py down    --lab NAME                                  take the hosts and their network away
    lab.py journal --lab NAME                                  MariaDB's journal of every host
    lab.py list | clean                                        all labs; clean also removes the images

Images are made by debootstrap from the package mirror of the machine's own apt sources. ``bare`` has no database;
``member`` has MariaDB as Debian installs it.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LABEL = "senhasegura-cluster-lab"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
UP_SECONDS = 90

PACKAGES = {
    "bare": ["systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "openssh-client", "python3", "sudo",
             "iproute2", "procps", "nftables", "ca-certificates", "kmod"],
    "member": ["mariadb-server", "galera-4", "mariadb-backup", "lsyncd", "rsync", "socat", "faketime"],
}

SETUP = r"""
set -eu
rm -f /etc/ssh/ssh_host_* /etc/systemd/system/sockets.target.wants/mariadb.socket
mkdir -p /etc/ssh/sshd_config.d /etc/systemd/system/multi-user.target.wants /root/.ssh
printf 'UseDNS no\nMaxStartups 100\n' > /etc/ssh/sshd_config.d/lab.conf
printf '[Unit]\nBefore=ssh.service\n[Service]\nType=oneshot\nExecStart=/usr/bin/ssh-keygen -A\n' \
    > /etc/systemd/system/lab-ssh-keys.service
printf '[Install]\nWantedBy=multi-user.target\n' >> /etc/systemd/system/lab-ssh-keys.service
ln -sf /etc/systemd/system/lab-ssh-keys.service /etc/systemd/system/multi-user.target.wants/
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
"""
"""Run in the image: host keys are made at first boot, so that no two hosts share them. Debian enables mariadb.socket,
which belongs to no host where MariaDB was installed while systemd ran: the collection copes with it, and a test turns
it on again."""

INIT = "rm -f /etc/machine-id; systemd-machine-id-setup >/dev/null 2>&1; exec /lib/systemd/systemd"


def run(argv, timeout=300, check=True, **more):
    """A command's output; its error output goes to ours."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=timeout, check=False, **more)
    if check and done.returncode != 0:
        sys.exit("lab: %s ended with exit status %d\n%s" % (" ".join(map(str, argv)), done.returncode, done.stdout))
    return done.stdout.strip()


def succeeds(argv, timeout=60):
    """Whether a command ends well; says nothing."""
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=timeout, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


class Lock:
    """One process at a time."""

    def __init__(self, name):
        BUILD.mkdir(exist_ok=True)
        self._path = BUILD / (name + ".lock")

    def __enter__(self):
        self._handle = open(self._path, "w", encoding="utf-8")
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def __exit__(self, *_reason):
        self._handle.close()


# -- image ----------------------------------------------------------------------------------------------------------------


def mirror():
    """The first Debian mirror of this machine's apt sources, in either of their forms."""
    for path in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        text = path.read_text(encoding="utf-8")
        if "main" in text and "debian-archive-keyring" in text:
            return re.search(r"^URIs:\s*(\S+)", text, re.MULTILINE).group(1)
    for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))]:
        found = path.exists() and re.search(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S*debian\S*)\s+\S+\s+.*\bmain\b",
                                            path.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found.group(1)
    sys.exit("lab: no Debian mirror in this machine's apt sources")


def tag(release, kind):
    """The image's name: another recipe is another image."""
    recipe = json.dumps([PACKAGES["bare"], PACKAGES[kind], SETUP, release])
    return "localhost/%s:%s-%s-%s" % (LABEL, release, kind, hashlib.sha256(recipe.encode()).hexdigest()[:12])


def image(release, kind):
    """Build the image, or reuse it; returns its name."""
    name = tag(release, kind)
    with Lock("image"):
        if not succeeds(["podman", "image", "exists", name]):
            began = time.monotonic()
            print("lab: building %s" % name, file=sys.stderr, flush=True)
            build_image(name, release, kind)
            print("lab: built in %.0f s" % (time.monotonic() - began), file=sys.stderr, flush=True)
    return name


def build_image(name, release, kind):
    """debootstrap, and import the tree."""
    packages = PACKAGES["bare"] + (PACKAGES[kind] if kind != "bare" else [])
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="image-") as folder:
        tree = Path(folder) / "tree"
        log = BUILD / ("image-%s-%s.log" % (release, kind))
        with log.open("w", encoding="utf-8") as handle:
            argv = ["debootstrap", "--variant=minbase", "--include=" + ",".join(packages), release, tree, mirror()]
            if subprocess.run(argv, stdout=handle, stderr=handle, timeout=1500, check=False).returncode:
                sys.exit("lab: debootstrap failed:\n%s" % "\n".join(log.read_text().splitlines()[-15:]))
        for extra in ("/etc/ssl/certs/ca-certificates.crt", "/etc/resolv.conf"):
            if Path(extra).exists():
                shutil.copy(extra, str(tree) + extra)
        run(["chroot", tree, "/bin/sh", "-c", SETUP])
        tar = subprocess.Popen(["tar", "-C", tree, "-c", "."], stdout=subprocess.PIPE)
        run(["podman", "import", "--quiet", "--change", "LABEL %s=image" % LABEL, "-", name], stdin=tar.stdout, timeout=600)
        tar.wait()


# -- hosts ----------------------------------------------------------------------------------------------------------------


def containers(lab=None):
    """Our containers: list of dict of name, lab, host, state, image."""
    wanted = ["--filter", "label=" + LABEL + ("=" + lab if lab else "")]
    rows = json.loads(run(["podman", "ps", "--all", "--format", "json"] + wanted) or "[]")
    return [{"name": row["Names"][0], "lab": row["Labels"][LABEL], "host": row["Labels"][LABEL + "-host"],
             "address": row["Labels"][LABEL + "-address"], "state": row["State"], "image": row["Image"]} for row in rows]


def runtime():
    """Podman's own runtime where it can run a container here, else runc (crun refuses hybrid cgroups)."""
    answer = BUILD / "lab-runtime.json"
    if answer.exists():
        return json.loads(answer.read_text())
    probe = ["run", "--rm", "--privileged", "--systemd=always", "--network", "none"]
    limits = ["--ulimit", "nofile=65536:65536", "--ulimit", "nproc=1024:1024"]
    low = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
    some = run(["podman", "images", "--filter", "label=" + LABEL, "--format", "{{.Repository}}:{{.Tag}}"]).splitlines()[0]
    for globals_, options in ([], []), ([], limits), (["--runtime", "runc"], limits), (["--runtime", "runc"], low):
        if succeeds(["podman"] + globals_ + probe + options + [some, "/bin/true"]):
            answer.write_text(json.dumps([globals_, options]))
            return [globals_, options]
    sys.exit("lab: podman cannot run a privileged container here")


def network(lab):
    """The lab's own network; returns its prefix, such as 10.77.3."""
    name = "%s-%s" % (LABEL, lab)
    with Lock("network"):
        for third in range(256):
            seen = run(["podman", "network", "inspect", name, "--format", "{{range .Subnets}}{{.Subnet}}{{end}}"],
                       check=False, stderr=subprocess.DEVNULL)
            if seen:
                return seen.rsplit(".", 1)[0]
            succeeds(["podman", "network", "create", "--label", "%s=%s" % (LABEL, lab), "--subnet",
                      "10.77.%d.0/24" % third, name])
    sys.exit("lab: no free network")


def start(lab, host, address, name_of_image):
    """Start a host, or leave it running."""
    name = "%s-%s" % (lab, host)
    present = {one["name"]: one for one in containers(lab)}.get(name)
    if present:
        if present["state"] != "running":
            run(["podman", "start", name])
        return
    globals_, options = runtime()
    key = (BUILD / "labs" / lab / "key.pub").read_text().strip()
    run(["podman"] + globals_ + ["run", "--detach", "--name", name, "--hostname", host, "--network",
        "%s-%s" % (LABEL, lab), "--ip", address, "--systemd=always", "--privileged"] + options
        + ["--label", "%s=%s" % (LABEL, lab), "--label", "%s-host=%s" % (LABEL, host), "--label",
           "%s-address=%s" % (LABEL, address), name_of_image, "/bin/sh", "-c",
           "echo '%s' > /root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys; %s" % (key, INIT)])


def ssh(lab, address, command):
    """The argv that runs a command on a host."""
    return ["ssh", "-i", str(BUILD / "labs" / lab / "key"), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
            "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=2", "root@" + address, command]


def wait(lab, hosts, kind):
    """Until every host answers over SSH, has ended booting, and (kind member) serves its database."""
    ready = "systemctl is-system-running --wait | grep -qE 'running|degraded'"
    if kind == "member":
        ready += " && systemctl is-active --quiet mariadb"
    deadline = time.monotonic() + UP_SECONDS
    for host, address in hosts.items():
        while not succeeds(ssh(lab, address, ready), timeout=30):
            if time.monotonic() > deadline:
                sys.exit("lab: %s (%s) is not up after %d s:\n%s" % (host, address, UP_SECONDS, run(
                    ["podman", "exec", "%s-%s" % (lab, host), "systemctl", "list-units", "--failed"], check=False)))
            time.sleep(0.3)


def inventory(lab, hosts):
    """Write the lab's inventory; returns its path. Throw-away hosts: their keys are not checked."""
    path = BUILD / "labs" / lab / "inventory.yml"
    lines = ["---", "senhasegura:", "  hosts:"]
    for host, address in hosts.items():
        lines += ["    %s:" % host, "      ansible_host: %s" % address]
    lines += ["  vars:", "    ansible_user: root", "    ansible_ssh_private_key_file: %s" % (path.parent / "key"),
              "    ansible_python_interpreter: /usr/bin/python3", "    ansible_ssh_common_args: >-",
              "      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
              "      -o ControlMaster=auto -o ControlPersist=60s", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def up(lab, members, release, kind):
    """Start the lab's hosts; returns the inventory's path."""
    name_of_image = image(release, kind)
    folder = BUILD / "labs" / lab
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "key").exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", folder / "key"])
    prefix = network(lab)
    hosts = {"member-%s" % LETTERS[number]: "%s.%d" % (prefix, 11 + number) for number in range(members)}
    for host, address in hosts.items():
        start(lab, host, address, name_of_image)
    wait(lab, hosts, kind)
    return inventory(lab, hosts)


def rebuild(lab, host):
    """Make one host anew from its image."""
    for one in containers(lab):
        if one["host"] == host:
            run(["podman", "rm", "--force", "--time", "0", one["name"]])
            start(lab, host, one["address"], one["image"])
            wait(lab, {host: one["address"]}, "member" if "-member-" in one["image"] else "bare")
            return
    sys.exit("lab: no host %s in lab %s" % (host, lab))


def down(lab):
    """Take a lab away."""
    names = [one["name"] for one in containers(lab)]
    if names:
        run(["podman", "rm", "--force", "--time", "0"] + names)
    succeeds(["podman", "network", "rm", "--force", "%s-%s" % (LABEL, lab)])
    shutil.rmtree(BUILD / "labs" / lab, ignore_errors=True)


def clean():
    """Take away everything that this program ever made on this machine."""
    if not shutil.which("podman"):
        return
    for lab in {one["lab"] for one in containers()}:
        down(lab)
    for name in run(["podman", "network", "ls", "--filter", "label=" + LABEL, "--format", "{{.Name}}"]).split():
        run(["podman", "network", "rm", "--force", name])
    for identity in set(run(["podman", "images", "--filter", "label=" + LABEL, "--format", "{{.ID}}"]).split()):
        run(["podman", "rmi", "--force", identity])


def journal(lab):
    """MariaDB's journal of every host, for the log of a failed test."""
    for one in containers(lab):
        print("=== %s" % one["name"], flush=True)
        print(run(["podman", "exec", one["name"], "journalctl", "--unit", "mariadb", "--no-pager", "--lines", "80",
                   "--output", "cat"], check=False), flush=True)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["image", "up", "rebuild", "down", "journal", "list", "clean"])
    parser.add_argument("--lab", default="dev")
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--release", default="bookworm", choices=["bookworm", "trixie"])
    parser.add_argument("--kind", default="member", choices=sorted(PACKAGES))
    parser.add_argument("--host")
    args = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    if args.verb == "image":
        print(image(args.release, args.kind))
    elif args.verb == "up":
        print(up(args.lab, args.members, args.release, args.kind))
    elif args.verb == "rebuild":
        rebuild(args.lab, args.host)
    elif args.verb == "down":
        down(args.lab)
    elif args.verb == "journal":
        journal(args.lab)
    elif args.verb == "list":
        print("\n".join("%(lab)s %(host)s %(address)s %(state)s" % one for one in containers()))
    else:
        clean()


if __name__ == "__main__":
    main()
