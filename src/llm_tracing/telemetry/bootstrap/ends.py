"""How a process ends, and what is sent before it does.

An exception that nothing caught is noted for the runner with the span it came out of; a signal that ends the process,
and `os._exit`, flush first; spans that are open at the end are ended and sent, marked as unfinished.
"""

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

import wrapt
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.trace import Status, StatusCode

from llm_tracing.telemetry.configure import Telemetry, active

Note = Callable[[str, object], None]

_FLUSH_S = 2.0
_MOST_REMEMBERED = 64
_MOST_OPEN = 2_000
UNFINISHED = "llm_tracing.span.unfinished"


class OpenSpans(SpanProcessor):
    """The spans that have not ended, and the latest that ended with an exception."""

    def __init__(self) -> None:
        self._open: dict[int, Span] = {}
        self._failed: dict[tuple[str, str], tuple[int, int]] = {}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self._open[_id(span)] = span
        if len(self._open) > _MOST_OPEN:  # a program that forgets to end its spans must not grow by them
            self._open.pop(next(iter(self._open)), None)

    def on_end(self, span: ReadableSpan) -> None:
        self._open.pop(_id(span), None)
        context = span.get_span_context()
        for event in span.events:
            attributes = event.attributes or {}
            if event.name == "exception" and context:
                key = (
                    str(attributes.get("exception.type")).rpartition(".")[2],
                    str(attributes.get("exception.message")),
                )
                known = self._failed.get(key)
                # The innermost span of a trace is the first to end with it.
                if known is None or known[0] != context.trace_id:
                    self._failed[key] = (context.trace_id, context.span_id)
                while len(self._failed) > _MOST_REMEMBERED:
                    self._failed.pop(next(iter(self._failed)))

    def came_out_of(self, error: BaseException) -> tuple[int, int]:
        """The trace and span of an exception; zeros if it came out of none."""
        current = trace.get_current_span().get_span_context()
        found = self._failed.get((type(error).__name__, str(error)))
        return found or (current.trace_id, current.span_id)

    def end_all(self, why: str, error: BaseException | None = None) -> None:
        """End what is open, the inner ones first."""
        still = [span for span in list(self._open.values()) if span.is_recording()]
        for span in sorted(still, key=lambda span: span.start_time or 0, reverse=True):
            with contextlib.suppress(Exception):
                span.set_attribute(UNFINISHED, True)
                if error is not None:
                    span.record_exception(error)
                if span.status.status_code is not StatusCode.ERROR:
                    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}" if error else why))
                span.end()


def _id(span: ReadableSpan) -> int:
    context = span.get_span_context()
    return context.span_id if context else 0


def watch(telemetry: Telemetry, note: Note) -> None:
    spans = OpenSpans()
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.add_span_processor(spans)
    ended = _Ended(spans, note)
    sys.excepthook = ended.around_excepthook(sys.excepthook)
    threading.excepthook = ended.around_thread_excepthook(threading.excepthook)
    # Runs before the shutdown that configure() registered, which came first.
    atexit.register(ended.at_exit)
    _before_exit(ended)
    _on_signals(ended)
    wrapt.register_post_import_hook(lambda module: _in_forks(module, ended), "multiprocessing.util")


class _Ended:
    def __init__(self, spans: OpenSpans, note: Note) -> None:
        self._spans = spans
        self._note = note
        self._uncaught: BaseException | None = None

    def at_exit(self) -> None:
        self._spans.end_all("The process ended before the span did.", self._uncaught)

    def flush(self, why: str) -> None:
        """Send what there is, within `_FLUSH_S`."""
        with contextlib.suppress(Exception):
            self._spans.end_all(why)
            telemetry = active()
            if telemetry:
                telemetry.force_flush(_FLUSH_S)

    def uncaught(self, error: BaseException, place: TracebackType | None) -> None:
        if isinstance(error, SystemExit | KeyboardInterrupt):
            return
        trace_id, span_id = self._spans.came_out_of(error)
        kind = type(error)
        name = (
            kind.__qualname__
            if kind.__module__ in ("builtins", "__main__")
            else f"{kind.__module__}.{kind.__qualname__}"
        )
        self._note(
            "exception",
            {
                "type": name,
                "message": str(error)[:20_000],
                "stacktrace": "".join(traceback.format_exception(kind, error, place))[:100_000],
                "time_ns": time.time_ns(),
                "trace_id": f"{trace_id:032x}",
                "span_id": f"{span_id:016x}",
            },
        )

    def around_excepthook(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
            with contextlib.suppress(Exception):
                self._uncaught = error
                self.uncaught(error, place)
            before(kind, error, place)

        return excepthook

    def around_thread_excepthook(self, before: Callable[..., Any]) -> Callable[..., Any]:
        def excepthook(raised: Any) -> None:
            with contextlib.suppress(Exception):
                if raised.exc_value is not None:
                    self.uncaught(raised.exc_value, raised.exc_traceback)
            before(raised)

        return excepthook


def _before_exit(ended: _Ended) -> None:
    """`os._exit` skips all that Python does at its end, ours too."""
    plain = os._exit

    def _exit(status: int) -> None:
        ended.flush("The process ended before the span did.")
        plain(status)

    os._exit = _exit  # type: ignore[assignment]


def _on_signals(ended: _Ended) -> None:
    """Flush on a signal that ends the process, and end by it: only where the program has left its default.

    A program that sets a handler of its own later replaces this one.
    """
    if threading.current_thread() is not threading.main_thread():
        return

    def end(number: int, _frame: FrameType | None) -> None:
        ended.flush(f"The process was ended by {signal.Signals(number).name}.")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _in_forks(util: Any, ended: _Ended) -> None:
    """A process that multiprocessing forked ends without atexit: it has exit functions of its own."""

    def forked(_owner: object) -> None:
        util.Finalize(None, ended.flush, args=("The process ended before the span did.",), exitpriority=100)

    util.register_after_fork(ended, forked)
