"""Ctrl-C and SIGTERM: a command that goes on until one of them comes."""

import signal
import time
from collections.abc import Callable

LOOK_SECONDS = 0.1  # how soon a stop is seen


class Stop:
    """Whether Ctrl-C or SIGTERM came; a second one ends the process at once.

    A plain flag that is looked at again and again: a lock (threading.Event has one) could be held by the very code that
    the signal interrupts, and then nothing would ever end.
    """

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def _request(self, number: int, _: object) -> None:
        if self.requested:
            raise SystemExit(128 + number)
        self.requested = True

    def wait(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Return when a stop was asked for, or when `alive` says no."""
        while not self.requested and alive():
            time.sleep(LOOK_SECONDS)
