"""What happens to hosts and links while a playbook runs."""

from __future__ import annotations

import re
import shlex
import subprocess
from contextlib import contextmanager

import lab

_RULES = ("nft add table inet fault; nft add chain inet fault in '{ type filter hook input priority 0; }'; ")
_LOST = "nft add rule inet fault in ip saddr '{ %s }' meta l4proto '{ tcp, udp }' th %sport 4567 drop; "


def _podman(verb, name):
    subprocess.run(["podman", verb, "%s-%s" % (lab.SCENARIO, name)], check=True, timeout=60, stdout=subprocess.DEVNULL)


def power_off(name):
    """The host is gone from one moment to the next, and with it every connection."""
    _podman("kill", name)


def power_on(name):
    """The host boots, with the disk that it had, until SSH listens on it."""
    _podman("start", name)
    lab.wait_for(lambda: lab.shell(name, "timeout 1 bash -c '</dev/tcp/127.0.0.1/22' && echo up", check=False) == "up")


def cut(name, *addresses):
    """Galera's own traffic between a member and others is lost from now on; SSH and state transfers are not."""
    lab.shell(name, _RULES + "".join(_LOST % (", ".join(addresses), side) for side in "ds"))


def slow(name, port=4444, each=0):
    """State transfers reach a member at some 5 MB/s, so that there is time for something to happen; or what else uses a port.

    :param each: MB/s of each connection for itself: a short one is as quick as ever beside a long one.
    """
    limit = "limit rate over %d mbytes/second burst 1 mbytes" % (each or 5)
    limit = "meter each '{ ip saddr . tcp sport %s }'" % limit if each else limit
    lab.shell(name, _RULES + "nft add rule inet fault in tcp dport %d %s drop" % (port, limit))


_DELAY = r'''
import fcntl, os, select, socket, struct, sys, time

peer, own, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
tunnel = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH22x", b"far", 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")  # past the route that leads into the tunnel
os.system("ip link set far up && ip route add %s dev far src %s" % (peer, own))
waiting = []
while True:
    left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([tunnel], [], [], left)[0]:
        waiting.append((time.monotonic() + seconds, os.read(tunnel, 65535)))
    while waiting and waiting[0][0] <= time.monotonic():
        packet = waiting.pop(0)[1]
        if packet[0] >> 4 == 4:
            out.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
'''
"""Where a kernel has no netem: what is sent to a peer goes through a tunnel, whose other end sends it on after a while. Other links are what
they were; what comes from the peer is not delayed, so a round trip takes longer by this once, whoever measures it.
"""


@contextmanager
def distant(name, peer, seconds):
    """Two hosts are far from each other: a round trip between them takes longer.

    :param name: the host on which it is done.
    :param peer: the other one's address.
    :param seconds: by how much.
    """
    own = lab.addresses()[name]
    # Where CI makes other hosts busy, its turn must still come when the time is up.
    lab.shell(name, "mkdir -p /dev/net; test -e /dev/net/tun || mknod /dev/net/tun c 10 200; "
                    "systemd-run --quiet --unit=far --nice=-20 python3 -c %s %s %s %s" % (shlex.quote(_DELAY), peer, own, seconds))
    try:
        lab.wait_for(lambda: "dev far " in lab.shell(name, "ip route get " + peer))
        yield
    finally:
        lab.shell(name, "systemctl stop far")


def donors(name="member-c"):
    """Who was chosen to give a member the data, in the order of its requests since it boots."""
    said = lab.shell(name, "journalctl -u mariadb -o cat | grep -o '(%s) requested state transfer.*Selected .* as donor'" % name, check=False)
    return re.findall(r"Selected \d+\.\d+ \((\S+?)\)", said)


def heal(*names):
    """Neither cut nor slow any more."""
    for name in names:
        lab.shell(name, "nft list table inet fault >/dev/null 2>&1 || exit 0; nft delete table inet fault")


@contextmanager
def held_start(name):
    """The database of a host comes no further than the beginning of its starts, however long that takes.

    :returns: function that lets it go on, which the end of this does, too.
    """
    def let_go():
        lab.shell(name, "rm -f /run/held")
    lab.shell(name, "touch /run/held; mkdir -p /run/systemd/system/mariadb.service.d; printf \"[Service]\\nExecStartPre=/bin/sh -c 'while [ -e "
                    "/run/held ]; do sleep 0.1; done'\\n\" > /run/systemd/system/mariadb.service.d/held.conf; systemctl daemon-reload")
    try:
        yield let_go
    finally:
        let_go()
        lab.shell(name, "rm -r /run/systemd/system/mariadb.service.d; systemctl daemon-reload")


def kill_database(name):
    """The database process dies as by the kernel's out-of-memory killer; systemd starts it again."""
    lab.shell(name, "systemctl kill --signal=KILL mariadb")


def caught_up(name="member-c"):
    """How many transactions a member has received instead of all data, each time that it caught up since it boots (IST)."""
    said = lab.shell(name, "journalctl -u mariadb -o cat | grep -o 'Receiving IST: [0-9]* writesets'", check=False)
    return [int(number) for number in re.findall(r"IST: (\d+)", said)]


@contextmanager
def little_room(name, megabytes=64):
    """The file system of a member's data directory is as good as full, as whoever looks at it from now on finds; the database has it open."""
    lab.shell(name, "mount -t tmpfs -o size=%dm tmpfs /var/lib/mysql" % megabytes)
    try:
        yield
    finally:
        lab.shell(name, "umount /var/lib/mysql")


_LOCK = ("mkdir -p /run/senhasegura-cluster; python3 -c \"import json, time; print(json.dumps(dict(token='elsewhere:7:8', holder='ann@other', "
         "since=0, until=time.monotonic() + %d)))\" > /run/senhasegura-cluster/lock.json")


@contextmanager
def another_controller(name, seconds=600):
    """A run of another controller holds its lock on a member; nobody here can tell whether it still lives.

    :param seconds: for how long the lock still counts; negative where its time is up.
    """
    was_there = lab.shell(name, "test -d /run/senhasegura-cluster && echo there || true")  # not since the host booted, where nobody worked on it
    lab.shell(name, _LOCK % seconds)
    try:
        yield
    finally:
        lab.shell(name, "rm -f /run/senhasegura-cluster/lock.json")
        if not was_there:
            lab.shell(name, "rmdir --ignore-fail-on-non-empty /run/senhasegura-cluster")


def assert_held(run, name, title=lab.REFUSED):
    """A run was refused by nothing but the lock that stands on a member, was told whose it is, and changed nothing."""
    lab.assert_refused(run, title, [re.compile(
        re.escape("%s: another run is changing the cluster: ann@other, since 1970-01-01T00:00:00Z; its lock counts for another " % name)
        + r"\d+" + re.escape(" s. Wait until that run has ended; if it is dead, its lock counts no more 120 s after it was last heard of; to "
                             "take over from a run that still lives, which is then refused at its next step: senhasegura_take_over=true"))])
    assert run.changed() == [], run.output
