"""Whether telemetry arrives: said once when it does not, and once when it does again.

The SDK's exporters log every failed attempt, some with a stack trace. An endpoint that is down would fill
the service's own log with lines that all mean the same. Here the exporters' log lines are taken in, and
become one warning; the next success becomes one line with the count of what was lost.
"""

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

Signal = Literal["spans", "log records", "metrics", "runs"]

log = logging.getLogger("llm_tracing.telemetry")

# The loggers through which the OTLP exporters report failed attempts, and the batch processors a full queue.
EXPORTER_LOGGERS = (
    "opentelemetry.exporter.otlp.common.http",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.http._log_exporter",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.grpc.exporter",
)
QUEUE_LOGGER = "opentelemetry.sdk._shared_internal"

_attempt = threading.local()


def attempted_here() -> Signal | None:
    """What the calling thread is exporting at this moment, if anything."""
    signal: Signal | None = getattr(_attempt, "signal", None)
    return signal


def public_address(endpoint: str) -> str:
    """The endpoint without user, password, query and fragment, which may hold secrets."""
    parts = urlsplit(endpoint)
    if not parts.netloc:
        return endpoint.partition("?")[0].rpartition("@")[2]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def short_reason(record: logging.LogRecord) -> str:
    """The exporter's message, with each exception in it as its innermost cause, and no query of a URL."""
    args = record.args if isinstance(record.args, tuple) else ()
    plain = tuple(innermost(arg) if isinstance(arg, BaseException) else arg for arg in args)
    message = str(record.msg) % plain if plain else record.getMessage()
    return re.sub(r"\?\S*", "", message.partition(", retrying in")[0])


def innermost(error: BaseException) -> str:
    """The kind of the deepest cause: what `requests` says itself repeats the whole address."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if isinstance(inner, BaseException):
            error = inner
    detail = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


class DeliveryWatch(logging.Filter):
    """Shared by the three exporters; all methods may be called from any thread.

    As a logging filter it takes in what the exporters say, on their own threads.
    """

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._address = public_address(endpoint)
        self._lock = threading.Lock()
        self._failing: set[Signal] = set()
        self._lost: Counter[Signal] = Counter()
        self.closing = False
        """True once the service shuts down: a failed attempt is then not tried again."""

    @contextmanager
    def attempt(self, signal: Signal, give_up: Callable[[], None]) -> Iterator[None]:
        """Around an export, on the thread that does it; `give_up` ends its retries."""
        _attempt.signal, _attempt.give_up = signal, give_up
        try:
            yield
        finally:
            _attempt.signal = None

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == QUEUE_LOGGER:
            return not self._is_expected_loss(record)
        if record.levelno < logging.WARNING:
            return True
        signal = attempted_here()
        if signal is None:  # said while an exporter is made or closed, not about an attempt
            return "already shutdown" not in record.msg
        self.failed(signal, short_reason(record))
        if self.closing:
            _attempt.give_up()
        return False

    def _is_expected_loss(self, record: logging.LogRecord) -> bool:
        """A full queue is news while telemetry flows; while it does not, it is counted for the line at its end."""
        if not (self.failing and record.msg.startswith("Queue full")):
            return False
        self.lost("spans" if record.args == ("Span",) else "log records", 1)
        return True

    @property
    def failing(self) -> bool:
        return bool(self._failing)

    def failed(self, signal: Signal, reason: str) -> None:
        with self._lock:
            first = not self._failing
            self._failing.add(signal)
        if first:
            log.warning(
                "Telemetry cannot be delivered to %s (%s). The service goes on; this is said once.",
                self._address,
                reason,
            )

    def lost(self, signal: Signal, count: int) -> None:
        with self._lock:
            self._lost[signal] += count

    def delivered(self, signal: Signal) -> None:
        """One success of a signal that failed clears them all: they share an endpoint.

        A success of another signal clears nothing, so an endpoint that takes traces and refuses metrics is
        reported once and not each time the two alternate.
        """
        if signal not in self._failing:
            return
        with self._lock:
            self._failing.clear()
            lost, self._lost = self._lost, Counter()
        said = ", ".join(f"{count} {name}" for name, count in sorted(lost.items())) or "nothing"
        log.warning("Telemetry is delivered to %s again; lost meanwhile: %s.", self._address, said)

    def install(self) -> None:
        for name in EXPORTER_LOGGERS:
            logging.getLogger(name).addFilter(self)
        # First, or the SDK's own filter of repeated lines would decide before this one.
        logging.getLogger(QUEUE_LOGGER).filters.insert(0, self)

    def remove(self) -> None:
        for name in (*EXPORTER_LOGGERS, QUEUE_LOGGER):
            logging.getLogger(name).removeFilter(self)
