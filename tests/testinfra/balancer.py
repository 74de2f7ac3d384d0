"""A load balancer: it asks every member how it is, all the time, and remembers what it was told."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request

import lab

_URL = "http://%s:9200/flow/orbit/mntr"
_PAUSE_SECONDS = 0.2
"""Between two rounds: an answer may be half a second old anyhow."""


class Balancer(threading.Thread):
    """What each member says, from :meth:`start` on: the codes in their order, each once for as long as it is told.

    :param names: the members to ask.
    """

    def __init__(self, names):
        super().__init__(daemon=True)
        self.told = {name: [] for name in names}
        self._addresses = lab.addresses()
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(_PAUSE_SECONDS):
            for name, codes in self.told.items():
                code = self._ask(name)
                if codes[-1:] != [code]:
                    codes.append(code)

    def _ask(self, name):
        try:
            with urllib.request.urlopen(_URL % self._addresses[name], timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:  # an answer too: 403 and 503
            return error.code

    def stop(self):
        """End it; returns dict of member name to what it told."""
        self._ended.set()
        self.join(timeout=30)
        assert not self.is_alive()
        return self.told
