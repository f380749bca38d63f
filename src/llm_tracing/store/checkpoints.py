"""When the log is written into the file: by a thread of its own, after the commit that filled it was answered.

A commit is on disk once it is in the log. Whoever writes meanwhile waits for the checkpoint; who was answered does not.
See docs/adr/0013.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

from llm_tracing.errors import StoreError

logger = logging.getLogger(__name__)

# A larger log means fewer checkpoints, each of which writes the last row groups again; its replay takes under a second.
LOG_BYTES = 64_000_000
_TOO_MUCH = 4  # times as much, and whoever writes next makes the checkpoint: the thread does not come to it
_PAUSE_S = 2.0  # after a checkpoint that failed


class Checkpoints:
    """Safe for many threads. The thread begins with the first log that is long enough."""

    def __init__(self, file: Path, checkpoint: Callable[[], None], log_bytes: int = LOG_BYTES) -> None:
        """`checkpoint` raises StoreError."""
        self._log = Path(f"{file}.wal")
        self._checkpoint = checkpoint
        self.log_bytes = log_bytes
        self._due = Event()
        self._running = False
        self._failed = False  # the last one
        self._ended: list[Callable[[], None]] = []
        self._stopping = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def committed(self) -> None:
        """After a commit: have a checkpoint made, if the log is long enough."""
        if self._size() < self.log_bytes:
            return
        self._running = not self._failed
        self._due.set()
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = Thread(target=self._run, name="checkpoints", daemon=True)
                self._thread.start()

    @property
    def running(self) -> bool:
        """Whether one is being made or about to be: who writes now waits for it."""
        return self._running

    def when_ended(self, call: Callable[[], None]) -> None:
        """Have `call` called on the thread after each one."""
        self._ended.append(call)

    @property
    def overdue(self) -> bool:
        return self._size() > self.log_bytes * _TOO_MUCH

    def stop(self) -> None:
        """Wait for one that is being made. Not for a thread that holds what it needs."""
        self._stopping.set()
        self._due.set()
        with self._starting:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _size(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:  # there is none after a checkpoint
            return 0

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            self._failed = not self._stopping.is_set() and not self._made()
            self._running = False
            for call in self._ended:
                call()
            if self._stopping.is_set():
                return
            if self._failed:
                self._stopping.wait(_PAUSE_S)

    def _made(self) -> bool:
        """False if it failed."""
        if self._size() < self.log_bytes:  # another commit asked while the last one was being made
            return True
        try:
            self._checkpoint()
        except StoreError as error:
            logger.error("The log could not be written into the file: %s", error.line())
            return False
        return True
