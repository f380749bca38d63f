"""How often an address may fail: what is sent with a wrong key, again and again, is answered with 429.

A right key is never held up, so a sender does not suffer from another one behind the same proxy.
"""

import time
from collections import OrderedDict, deque
from threading import Lock

MAX_FAILURES = 20
WINDOW_S = 60.0
MAX_ADDRESSES = 10_000


class Throttle:
    """Counts failures by address, for several threads; bounded in addresses and in failures of each."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def fail(self, address: str) -> int:
        """Note a failure; seconds to wait if there were too many of late, else 0."""
        now = time.monotonic()
        with self._lock:
            times = self._failures.setdefault(address, deque(maxlen=MAX_FAILURES))
            self._failures.move_to_end(address)
            if len(self._failures) > MAX_ADDRESSES:
                self._failures.popitem(last=False)
            if len(times) == MAX_FAILURES and now - times[0] < WINDOW_S:
                return max(1, round(WINDOW_S - (now - times[0])))
            times.append(now)
            return 0
