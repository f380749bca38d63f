"""GenAI metrics out of what is stored, for Prometheus: calls, errors, durations, tokens by bucket, cost.

A call counts once, when nothing more came of its trace for some seconds: until then another span may turn out to tell
the same call, or its tokens may still be on their way. Which calls were counted is remembered for the newest ones, also
over a restart. A price that is corrected later changes no counter, as counters only grow.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from threading import Event, Lock, Thread
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

from llm_tracing.errors import LlmTracingError
from llm_tracing.model import CallRow
from llm_tracing.normalize.buckets import buckets

logger = logging.getLogger(__name__)

MAX_LABELS = 200  # combinations of service, provider and model; the rest is counted together
OTHERS = "(others)"
SETTLED_S = 10.0
_LOOK_S = 5.0
_REMEMBERED = 100_000  # calls
_AT_START = 20_000
_MAX_WAITING = 50_000  # traces; beyond, the oldest are counted as they are
_LABELS = ("service_name", "gen_ai_provider_name", "gen_ai_response_model")
# Source: OpenTelemetry's GenAI conventions, the buckets advised for gen_ai.client.operation.duration.
_BOUNDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_PICO = 1_000_000_000_000

Labels = tuple[str, str, str]


class Calls(Protocol):
    """What is asked of the store: store/own_figures.py."""

    def calls_in(self, trace_ids: Iterable[bytes]) -> list[CallRow]: ...
    def newest_calls(self, limit: int) -> list[tuple[bytes, int]]: ...


class CallFigures:
    """The instruments; `count` is for one thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, meaning: str, *more: str) -> Counter:
            return Counter(f"llm_tracing_gen_ai_{name}", meaning, (*_LABELS, *more), registry=registry)

        self._errors = counter("call_errors", "Counted calls that failed.")
        self._tokens = counter("tokens", "Tokens of counted calls, each in one bucket.", "bucket")
        self._cost = counter("cost_usd", "Cost of counted calls in USD, as priced when they were counted.")
        self._unpriced = counter("unpriced_calls", "Counted calls with tokens and without a price.")
        self._seconds = Histogram(
            "llm_tracing_gen_ai_call_duration_seconds",
            "Duration of counted calls; its count is that of calls.",
            _LABELS,
            buckets=_BOUNDS,
            registry=registry,
        )
        self._known: set[Labels] = set()

    def count(self, call: CallRow) -> None:
        labels = self._labels(call)
        self._seconds.labels(*labels).observe(call.duration_ns / 1e9)
        self._errors.labels(*labels).inc(call.is_error)
        for bucket, tokens in buckets(call)._asdict().items():
            if tokens:
                self._tokens.labels(*labels, bucket).inc(tokens)
        if call.cost_pico_usd is not None:
            self._cost.labels(*labels).inc(call.cost_pico_usd / _PICO)
        elif call.has_tokens:
            self._unpriced.labels(*labels).inc()

    def _labels(self, call: CallRow) -> Labels:
        found = (call.service[:200], (call.provider or "")[:200], (call.model or "")[:200])
        if found not in self._known:
            if len(self._known) >= MAX_LABELS:
                return OTHERS, OTHERS, OTHERS
            self._known.add(found)
        return found


class CallCounter:
    """Counts the calls of traces that are told to `touched`, on a thread of its own."""

    def __init__(
        self, store: Calls, figures: CallFigures, settled_s: float = SETTLED_S, look_s: float = _LOOK_S
    ) -> None:
        self._store = store
        self._figures = figures
        self._settled_s = settled_s
        self._look_s = look_s
        self._lock = Lock()
        self._waiting: OrderedDict[bytes, float] = OrderedDict()  # trace -> when it changed last, the oldest first
        self._counted: OrderedDict[int, None] = OrderedDict()
        self._stopping = Event()
        self._thread = Thread(target=self._watch, name="calls", daemon=True)

    def start(self) -> None:
        """Before anything is taken: what is stored already was counted by whoever stored it."""
        for key in reversed(self._store.newest_calls(_AT_START)):
            self._counted[hash(key)] = None
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def touched(self, trace_ids: set[bytes]) -> None:
        """See Ingest.listen: on the writer's thread."""
        now = time.monotonic()
        with self._lock:
            for trace_id in trace_ids:
                self._waiting[trace_id] = now
                self._waiting.move_to_end(trace_id)

    def look(self) -> None:
        """Count what is settled."""
        settled = self._settled()
        if not settled:
            return
        try:
            calls = self._store.calls_in(settled)
        except LlmTracingError as error:
            logger.warning("Calls could not be counted yet: %s", error.line())
            self.touched(set(settled))
            return
        for call in calls:
            key = hash((call.trace_id, call.span_id))
            if key not in self._counted:
                self._figures.count(call)
            self._counted[key] = None
            self._counted.move_to_end(key)
        while len(self._counted) > _REMEMBERED:
            self._counted.popitem(last=False)

    def _settled(self) -> list[bytes]:
        before = time.monotonic() - self._settled_s
        found: list[bytes] = []
        with self._lock:
            while self._waiting:
                trace_id, changed = next(iter(self._waiting.items()))
                if changed > before and len(self._waiting) <= _MAX_WAITING:
                    break
                del self._waiting[trace_id]
                found.append(trace_id)
        return found

    def _watch(self) -> None:
        while not self._stopping.wait(self._look_s):
            try:
                self.look()
            except Exception:  # a figure that is missing must not end all others
                logger.exception("Calls could not be counted")
