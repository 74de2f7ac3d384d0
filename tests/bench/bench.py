"""How fast the collection is against a plain script and a reference playbook, on the same hosts, in turn, in one run.

Only ratios of one run mean anything: the hosts share this machine's cores with the controller. Asserts nothing.

    bench.py [--rounds 3] [--members 3]
    bench.py --check 3 9

The second form times what people run often, with each of these numbers of members: check_cluster, before a cluster exists and on the
living one, and create_cluster with nothing to do.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LAB = "bench"
FOLDER = ROOT / "build" / "labs" / LAB
INVENTORY = FOLDER / "inventory.yml"
BIN = Path(sys.executable).parent


def lab(verb, *arguments):
    """Ask the lab."""
    subprocess.run([sys.executable, ROOT / "tests/lab/lab.py", verb, "--lab", LAB, *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL, timeout=900)


def timed(argv):
    """Seconds that a command takes, and its lines, each with the time at which it was printed; it must end well."""
    environment = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build"), ANSIBLE_NOCOLOR="1", PYTHONUNBUFFERED="1")
    began = time.monotonic()
    process = subprocess.Popen([str(part) for part in argv], env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = [(time.time(), line) for line in process.stdout]
    if process.wait(timeout=600):
        sys.exit("bench: %s failed:\n%s" % (argv[0], "".join(line for _when, line in lines[-40:])))
    return time.monotonic() - began, lines


def addresses():
    """The hosts' addresses, from the inventory."""
    return re.findall(r"ansible_host: (\S+)", INVENTORY.read_text(encoding="utf-8"))


def ways():
    """Name to the command that creates a cluster of the lab's hosts."""
    return {"script": ["bash", HERE / "floor.sh", FOLDER / "key", *addresses()],
            "reference": [BIN / "ansible-playbook", HERE / "reference.yml", "-i", INVENTORY],
            "collection": [BIN / "ansible-playbook", "senhasegura.cluster.create_cluster", "-i", INVENTORY,
                           "-e", "senhasegura_confirm=true"]}


def noticed_late(lines):
    """Seconds between Galera's own word that the last joiner is synchronized and the wait's word that it is restored."""
    last = "member-%s" % "abcdefghijkl"[len(addresses()) - 1]
    told = [when for when, line in lines if line.startswith(last + ": restored")]
    log = subprocess.run(["podman", "exec", "%s-%s" % (LAB, last), "journalctl", "-u", "mariadb", "-o", "short-unix",
                          "--no-pager"], check=True, stdout=subprocess.PIPE, text=True).stdout
    synced = [float(line.split()[0]) for line in log.splitlines() if "ready for connections" in line]
    return told[-1] - synced[-1]


def measure(rounds, members):
    """All ways in turn, on fresh hosts each; returns name to list of seconds."""
    found = {}
    for number in range(rounds):
        for name in ("script", "reference", "collection"):
            lab("down")
            lab("up", "--members", members)
            seconds, lines = timed(ways()[name])
            found.setdefault(name, []).append(seconds)
            if name == "collection":
                found.setdefault("noticed after", []).append(noticed_late(lines))
            if name != "script":
                found.setdefault(name + ", second run", []).append(timed(ways()[name])[0])
            print("round %d: %s %.1f s" % (number + 1, name, seconds), file=sys.stderr, flush=True)
    lab("down")
    return found


def measure_check(rounds, counts):
    """check_cluster on members that are no cluster yet, and on the same ones when they are; create_cluster on these: name to list of seconds."""
    check = [BIN / "ansible-playbook", "senhasegura.cluster.check_cluster", "-i", INVENTORY]
    found = {}
    for count in counts:
        lab("down")
        lab("up", "--members", count)
        found["check_cluster, %d members, before" % count] = [timed(check)[0] for _number in range(rounds)]
        timed(ways()["collection"])
        found["check_cluster, %d members, living" % count] = [timed(check)[0] for _number in range(rounds)]
        found["create_cluster, %d members, nothing to do" % count] = [timed(ways()["collection"])[0] for _number in range(rounds)]
    lab("down")
    return found


def show_check(found):
    """Medians, and the slowest of each."""
    for name, values in found.items():
        print("%-42s %6.2f s (%.2f s at the most of %d)" % (name, statistics.median(values), max(values), len(values)))


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--check", type=int, nargs="+", metavar="MEMBERS")
    args = parser.parse_args()
    if args.check:
        show_check(measure_check(args.rounds, args.check))
        return
    medians = {name: statistics.median(values) for name, values in measure(args.rounds, args.members).items()}
    print("%d members, medians of %d rounds" % (args.members, args.rounds))
    for name, seconds in medians.items():
        ratio = "" if "second" in name or "noticed" in name else "  %.2f times the script" % (seconds / medians["script"])
        print("%-24s %6.2f s%s" % (name, seconds, ratio))


if __name__ == "__main__":
    main()
