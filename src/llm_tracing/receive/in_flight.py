"""Bytes of requests that are being read and decoded, before they stand in the write queue: bounded too."""

from threading import Lock

from llm_tracing.errors import ReceiveError
from llm_tracing.receive.decode import UNAVAILABLE

_RETRY_AFTER_S = 1


class InFlight:
    """At most `limit` bytes at once over all requests; a single request is always let in."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        return self._bytes

    def limit(self, limit: int) -> None:
        """Another limit from now on; what is held already stays."""
        self._limit = limit

    def take(self, size: int, held: int) -> None:
        """Count `size` bytes more for a request that holds `held`; ReceiveError 503 if others have it all."""
        with self._lock:
            if self._bytes > held and self._bytes + size > self._limit:
                raise ReceiveError(
                    503,
                    UNAVAILABLE,
                    f"Too much is being received at once ({self._bytes:,} bytes).",
                    "Send again later, or raise LLM_TRACING_MAX_QUEUE.",
                    retry_after_s=_RETRY_AFTER_S,
                )
            self._bytes += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._bytes -= size
