"""A writer that keeps a ledger of the rows that the cluster acknowledged, through whatever happens to it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time

import lab

_PAUSE_SECONDS = 0.02
"""Between two rows: an application that writes all the time, and leaves the machine to the others."""

_NOT_SERVED_SECONDS = 0.2
"""Before the next one is asked where one did not serve: to ask one whose host is off costs the machine more than a row."""

_SERVES = "SELECT variable_value FROM information_schema.global_status WHERE variable_name IN ('wsrep_cluster_status', 'wsrep_ready')"
_END = "end of the answer"


@contextlib.contextmanager
def connected(name, *options):
    """A client of a host's database, to :func:`ask` it; one that has lost its connection ends."""
    client = subprocess.Popen(
        lab.inside(name, "mariadb", *options, "--batch", "--skip-column-names", "--unbuffered", "--skip-reconnect"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)
    try:
        yield client
    finally:
        client.kill()
        client.wait()
        with contextlib.suppress(BrokenPipeError):  # what it was not told any more
            client.stdin.close()
        client.stdout.close()


def ask(client, statement):
    """The lines of the client's answer; None when it ended before its end."""
    try:
        client.stdin.write("%s; SELECT '%s';\n" % (statement, _END))
    except BrokenPipeError:
        return None
    lines = []
    for line in client.stdout:
        if line.strip() == _END:
            return lines
        lines.append(line.strip())
    return None


class Writer(threading.Thread):
    """One connection that inserts numbers one after another; refused or cut off, it connects to the next member that serves.

    :param names: the members that it may connect to, in its order of preference.
    :param first: the first number, above those of earlier writers.
    :param way: options of the client where it takes another way than the member's own socket: then the names are of hosts from which it goes,
        and who serves it there is told by the database.
    """

    def __init__(self, names, first=0, way=()):
        super().__init__(daemon=True)
        self.names = list(names)
        self.way = list(way)
        self.acknowledged = []
        self.times = []
        self.members = []
        self._next = first
        self._ended = threading.Event()

    def run(self):
        position = 0
        while not self._ended.is_set():
            count = len(self.acknowledged)
            self._write(self.names[position % len(self.names)])
            position += 1
            self._ended.wait(_PAUSE_SECONDS if len(self.acknowledged) > count else _NOT_SERVED_SECONDS)

    def _write(self, name):
        """Write on one member until it fails."""
        with connected(name, *self.way) as client:
            if ask(client, _SERVES) not in (["Primary", "ON"], ["ON", "Primary"]):
                return
            self.members += (ask(client, "SELECT @@wsrep_node_name") if self.way else [name]) or []
            while not self._ended.is_set():
                number = self._next
                self._next += 1
                # A number whose insert was not acknowledged is never used again: it may or may not have been written.
                if ask(client, "INSERT INTO ledger.t VALUES (%d)" % number) is None:
                    return
                self.acknowledged.append(number)
                self.times.append(time.monotonic())
                time.sleep(_PAUSE_SECONDS)

    def stop(self):
        """End it; returns the acknowledged numbers."""
        self._ended.set()
        self.join(timeout=60)
        assert not self.is_alive()
        return self.acknowledged

    def longest_gap(self, since=0.0):
        """The longest time without an acknowledged row, in seconds.

        :param since: moment (``time.monotonic``) from which on to look.
        """
        times = [moment for moment in self.times if moment >= since]
        return max([after - before for before, after in zip(times, times[1:])] or [0.0])


def make(name):
    """Make the ledger's table, on a member that serves, where no earlier story of the scenario has made it."""
    lab.sql(name, "CREATE DATABASE IF NOT EXISTS ledger; CREATE TABLE IF NOT EXISTS ledger.t (n INT PRIMARY KEY) ENGINE=InnoDB")


def rows(name):
    """The numbers that a member holds, in order."""
    return [int(line) for line in lab.sql(name, "SET SESSION wsrep_sync_wait=15; SELECT n FROM ledger.t ORDER BY n").split()]


def next_number(name):
    """The first number that no earlier writer has used."""
    return max(rows(name), default=-1) + 1


def say(capsys, words):
    """Print past pytest's capture: it stands in the log of a scenario that passes, too."""
    with capsys.disabled():
        print("\n" + words)


def assert_nothing_lost(writer, names):
    """Every acknowledged row is on every member, and all members hold the same.

    :returns: how it went, in words.
    """
    lab.wait_for(lambda: len(writer.acknowledged) > 100)
    acknowledged = writer.stop()
    held = {name: rows(name) for name in names}
    for name in names:
        assert not set(acknowledged) - set(held[name]), name
        assert held[name] == held[names[0]], name
    return "%d rows acknowledged on %s, all of them on every member; longest time without one: %.2f s" % (
        len(acknowledged), " then ".join(writer.members), writer.longest_gap())
