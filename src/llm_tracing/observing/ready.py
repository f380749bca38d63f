"""Whether the server does its work: what `/readyz` says. Each check finds one thing that can go wrong."""

import os
from contextlib import suppress
from pathlib import Path

from llm_tracing.errors import StoreError
from llm_tracing.ingest.thread import Ingest
from llm_tracing.keeping import Keeper
from llm_tracing.store.contract import Store

HUNG_S = 60.0  # one commit, or one piece of work between two
FAILED_S = 30.0  # after a commit that failed: without traffic nothing else would say that it goes again
STUCK_S = 900.0
_FAILED_ROUNDS = 3


class NotReady(StoreError):
    """Something that must work does not."""


class Readiness:
    """`check` raises StoreError with the first thing that is wrong."""

    def __init__(self, folder: Path, store: Store, ingest: Ingest, keeper: Keeper) -> None:
        self._folder = folder
        self._store = store
        self._ingest = ingest
        self._keeper = keeper

    def check_reading(self) -> None:
        """What a server over a folder that can only be read is good for. Raises StoreError if it does not even read."""
        self._store.check_reading()

    def check(self) -> None:
        try:
            self._store.check_writing()
            self._store.check_reading()
            self._check_folder()
        except OSError as error:
            raise NotReady(
                f"The data folder {self._folder} can't be written ({error.strerror or error}).",
                "Give it back, with the right to write there; then start the server again.",
            ) from error
        self._check_ingest()
        self._check_keeper()

    def _check_folder(self) -> None:
        """A real write: a read-only disk, a quota and a folder that is gone show here before a sender meets them."""
        probe = self._folder / f".ready-{os.getpid()}"
        try:
            descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, b"ready")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)

    def _check_ingest(self) -> None:
        ingest = self._ingest
        if not ingest.alive:
            raise NotReady("The thread that writes has ended.", "Start the server again; its log may say why.")
        if (busy := ingest.busy_s()) > HUNG_S:
            raise NotReady(
                f"The thread that writes has been at one piece of work for {busy:,.0f} seconds.",
                "It may be writing the file anew; otherwise look at the disk.",
            )
        if (ago := ingest.failed_s()) is not None and ago < FAILED_S:
            raise NotReady("The last commit failed.", "The server's log says why.")

    def _check_keeper(self) -> None:
        keeper = self._keeper
        if not keeper.alive:
            raise NotReady("The thread that deletes what is too old has ended.", "Start the server again.")
        if (runs := keeper.running_s()) > STUCK_S:
            raise NotReady(
                f"Deleting what is too old or too much has not ended for {runs:,.0f} seconds.",
                "Look at the server's log and its disk.",
            )
        if keeper.failures >= _FAILED_ROUNDS:
            raise NotReady(
                f"Deleting what is too old or too much failed {keeper.failures} times in a row.",
                "The server's log says why; until it works the data grows.",
            )
