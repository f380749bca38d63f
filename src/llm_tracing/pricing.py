"""Keeps what is stored at the prices of now: after a start with other prices, and when the price file changes.

A thread looks at the file; the pricing itself runs on the writer's thread, slice by slice between commits.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

from llm_tracing.errors import PriceFileError, StoreError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import CallPlace, Repricer

logger = logging.getLogger(__name__)

LOOK_S = 2.0
_Stamp = tuple[int, int, int] | None


class PriceKeeper:
    """`changed` is told the traces whose cost changed, on the writer's thread."""

    def __init__(
        self,
        prices: Prices,
        store: Repricer,
        ingest: Ingest,
        changed: Callable[[set[bytes]], None],
        look_s: float | None = None,
    ) -> None:
        self._prices = prices
        self._store = store
        self._ingest = ingest
        self._changed = changed
        self._look_s = LOOK_S if look_s is None else look_s
        self._stamp = _stamp(prices.path)
        self._stopping = Event()
        self._postponed: StoreError | None = None  # why a pricing did not end; it is begun again
        self._told = False
        self._starting = Lock()
        self._thread = Thread(target=self._watch, name="prices", daemon=True)

    def start(self) -> None:
        if self._store.priced_with() != self._prices.fingerprint:
            self._price_again()
        if self._prices.path:
            self._begin()

    def _begin(self) -> None:
        with self._starting:
            if self._thread.ident is None and not self._stopping.is_set():
                self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(self._look_s):
            self.look()
            if self._postponed is not None:
                self._postponed = None
                self._price_again()

    def look(self) -> None:
        """Read the file again if it is not the one that was read last, and price again if that changes a price."""
        stamp = _stamp(self._prices.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        before = self._prices.fingerprint
        try:
            self._prices.reload()
        except PriceFileError as error:
            logger.error("%s The prices read before still hold.", error.line())
            return
        if self._prices.fingerprint != before:
            self._price_again()

    def _price_again(self) -> None:
        self._ingest.run_between_commits(_Job(self._prices, self._store, self._changed, self._postpone))

    def _postpone(self, error: StoreError | None) -> None:
        """Told how each pricing ended, on the writer's thread. One that could not be written comes again."""
        if error is not None and not self._told:
            logger.warning("What is stored keeps its prices for now: %s", error.line())
        self._told, self._postponed = error is not None, error
        if error is not None:
            self._begin()


class _Job:
    """One slice a call. Starts again if the prices change meanwhile."""

    def __init__(
        self,
        prices: Prices,
        store: Repricer,
        changed: Callable[[set[bytes]], None],
        ended: Callable[[StoreError | None], None],
    ) -> None:
        self._ended = ended
        self._prices = prices
        self._store = store
        self._changed = changed
        self._fingerprint = prices.fingerprint
        self._place = CallPlace()
        self._traces = 0

    def __call__(self) -> bool:
        try:
            if self._slice():
                return True
        except StoreError as error:
            self._ended(error)
        else:
            self._ended(None)
        return False

    def _slice(self) -> bool:
        """Whether there is more to do. Raises StoreError."""
        fingerprint = self._prices.fingerprint
        if fingerprint != self._fingerprint:
            self._fingerprint, self._place = fingerprint, CallPlace()
        place, changed = self._store.reprice(self._place)
        self._traces += len(changed)
        if changed:
            self._changed(changed)
        if place is not None:
            self._place = place
            return True
        if self._prices.fingerprint != fingerprint:
            return True
        self._store.set_priced_with(fingerprint)
        if self._traces:
            logger.info("The cost of %d traces changed with the prices.", self._traces)
        return False


def _stamp(path: Path | None) -> _Stamp:
    """Tells one content of a file from another without reading it; None while it is not there."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
