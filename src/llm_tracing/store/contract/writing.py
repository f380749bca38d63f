"""Writing, and pricing again what is written."""

from typing import NamedTuple, Protocol

from llm_tracing.model import Batch


class Writer(Protocol):
    def write(self, batch: Batch) -> set[bytes]:
        """Store a batch whole or not at all, durably, before returning; the ids of the traces it touched.

        A span that was stored before with the same ids, name and times is a retried export: stored once. A span
        that was stored while it ran, or of which LangSmith sends more, is replaced by both together.
        Roll-ups of the touched traces are up to date when this returns.
        An annotation replaces the one with its id. One that names a run but no trace gets the trace and span of that
        run, now or when the run arrives.
        Raises StoreError; then nothing of the batch is stored.
        """
        ...


class CallPlace(NamedTuple):
    """A stored call in the order of time; the default comes before all."""

    start_time_unix_nano: int = 0
    trace_id: bytes = bytes(16)
    span_id: int = 0


class Repricer(Protocol):
    """Prices what is stored again. But for `priced_with` only for the thread that writes."""

    def priced_with(self) -> str | None:
        """The fingerprint of the prices that everything stored was priced with; None if that is not known."""
        ...

    def set_priced_with(self, fingerprint: str) -> None: ...

    def reprice(self, after: CallPlace, limit: int = ...) -> tuple[CallPlace | None, set[bytes]]:
        """Price the next calls after a place, at most `limit`, and the traces they belong to, in one transaction.

        The last of them, or None if there are no more; and the ids of the traces whose cost changed.
        """
        ...
