"""Who watches the votes of those who stay in a cluster, while others leave it."""

from __future__ import annotations

import contextlib
import threading

import ledger

_PAUSE_SECONDS = 0.1
"""Between two rounds: the votes of a view last for as long as a playbook needs to change the next one."""

_ASKED = ("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_cluster_%s'; ")
_OWN = "SELECT REGEXP_SUBSTR(REGEXP_SUBSTR(@@wsrep_provider_options, 'pc.weight = [0-9]+'), '[0-9]+$')"


class Votes(threading.Thread):
    """What the members see of their component, from :meth:`start` on.

    :param names: the members that stay, to which one connection each is held all the time.
    """

    def __init__(self, names):
        super().__init__(daemon=True)
        self.rounds = []
        self._names = list(names)
        self._ended = threading.Event()

    def run(self):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(ledger.connected(name)) for name in self._names]
            while not self._ended.wait(_PAUSE_SECONDS):
                self.rounds.append([self._seen(client) for client in clients])

    @staticmethod
    def _seen(client):
        """A member's component (status, size), all votes in it, and its own; None where its database does not answer any more."""
        lines = ledger.ask(client, "".join(_ASKED % word for word in ("status", "size", "weight")) + _OWN)
        return lines and (lines[0], *map(int, lines[1:]))

    def stop(self):
        """End it, and prove what it saw: at every moment each of them answered, served in a primary component, and together they had more
        than half of all votes, so that none of the others could have stopped them by its sudden death.

        :returns: the totals of the votes in the order in which they were seen.
        """
        self._ended.set()
        self.join(timeout=30)
        assert not self.is_alive() and len(self.rounds) > 10
        for seen in self.rounds:
            assert all(one and one[0] == "Primary" and one[1] >= len(self._names) for one in seen), seen
            assert 2 * sum(one[3] for one in seen) > max(one[2] for one in seen), seen
        totals = [max(one[2] for one in seen) for seen in self.rounds]
        return [total for before, total in zip([None, *totals], totals) if total != before]
