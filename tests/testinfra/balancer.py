"""A load balancer: it asks every member how it is, all the time, and remembers what it was told."""

from __future__ import annotations

import concurrent.futures
import threading
import urllib.error
import urllib.request

import lab

_URL = "http://%s:9200/flow/orbit/mntr"
_PAUSE_SECONDS = 0.1
"""Between two rounds: an answer may be half a second old anyhow."""

NO_ANSWER, PRIMARY = 0, 200


class Balancer(threading.Thread):
    """What each member says, from :meth:`start` on: the codes in their order, each once for as long as it is told.

    :param names: the members to ask.
    """

    def __init__(self, names):
        super().__init__(daemon=True)
        self.told = {name: [] for name in names}
        self.two_primaries = []
        self._addresses = lab.addresses()
        self._ended = threading.Event()

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(len(self.told)) as pool:
            while not self._ended.wait(_PAUSE_SECONDS):
                answers = self._round(pool)
                # Answers of one round are some milliseconds apart: who was told by two asks both again.
                if answers.count(PRIMARY) > 1 and self._round(pool).count(PRIMARY) > 1:
                    self.two_primaries.append(answers)

    def _round(self, pool):
        """Ask all members at one moment; returns their codes."""
        answers = list(pool.map(self.ask, self.told))
        for codes, code in zip(self.told.values(), answers):
            if codes[-1:] != [code]:
                codes.append(code)
        return answers

    def ask(self, name):
        """The code that a member tells; a host that is off tells none."""
        try:
            with urllib.request.urlopen(_URL % self._addresses[name], timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:  # an answer too: 403 and 503
            return error.code
        except OSError:
            return NO_ANSWER

    def stop(self):
        """End it; returns dict of member name to what it told. No two members may have told to be the primary at one moment."""
        self._ended.set()
        self.join(timeout=30)
        assert not self.is_alive()
        assert self.two_primaries == []
        return self.told
