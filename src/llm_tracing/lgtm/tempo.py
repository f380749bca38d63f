"""What is asked of Tempo: one trace by its id, and the ids of those that meet a TraceQL query.

A trace is read as protobuf, where nothing is rounded and no id is base64; a search only names traces, since its spans
lack maps, bytes and all beyond the hundredth. Source: Tempo 3's HTTP API, as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from google.protobuf.wrappers_pb2 import BytesValue
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Answer, Backend, Patience

SECOND_NS = 1_000_000_000
LONGEST_RANGE_S = 168 * 3_600  # of one search, by Tempo's default
MAX_LIMIT = 100_000
_MESSAGE = 4  # of TraceByIDResponse; 1 is the trace, 3 its status


class Found(NamedTuple):
    """A trace that a search names. `span_count` is what Tempo knows of it so far, None where it does not say."""

    trace_id: bytes
    start_time_unix_nano: int
    duration_ns: int
    span_count: int | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A trace by its id. `partial` is what Tempo says of one that it gives only a part of, else empty."""

    data: TracesData
    partial: str = ""


class TempoSeries(NamedTuple):
    """A series of TraceQL metrics; samples are (nanoseconds, value), each at the end of its step."""

    labels: dict[str, str | float | None]
    samples: list[tuple[int, float]]


class Tempo:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._major: int | None = None

    def trace(self, trace_id: bytes, patience: Patience) -> Fetched | None:
        """One trace, None if there is none. Raises BackendError."""
        try:
            answer = self.backend.get(
                f"/api/v2/traces/{trace_id.hex()}", patience=patience, accept="application/protobuf"
            )
        except BackendError as error:
            if _no_such_trace(error):
                return None
            raise
        if "protobuf" not in answer.content_type:
            raise self.backend.unreadable(answer)
        return self._fetched(answer)

    def _fetched(self, answer: Answer) -> Fetched | None:
        try:
            wrapper = BytesValue.FromString(answer.body)  # field 1 of the answer is a message of the same wire type
            data = TracesData.FromString(wrapper.value)
        except DecodeError as error:
            raise self.backend.unreadable(answer) from error
        if not data.resource_spans:
            return None
        return Fetched(data, _text_field(wrapper, _MESSAGE))

    def search(self, query: str, since_s: int, until_s: int, limit: int, patience: Patience) -> list[Found]:
        """Traces that meet a query and have spans from `since_s` on and before `until_s`, newest first.

        Times are seconds since the epoch, at most LONGEST_RANGE_S apart. Raises BackendError.
        """
        tree = self.backend.json(
            "/api/search",
            [
                ("q", f"{query} with (most_recent=true)"),
                ("start", since_s),
                ("end", until_s),
                ("limit", limit),
                ("spss", 1),
            ],
            patience=patience,
        )
        return sorted(_found(tree), key=lambda one: one.start_time_unix_nano, reverse=True)

    def metrics(self, query: str, since_s: int, until_s: int, step_s: int, patience: Patience) -> list[TempoSeries]:
        """A TraceQL metrics query over a range. Raises BackendError."""
        tree = self.backend.json(
            "/api/metrics/query_range",
            [("q", query), ("start", since_s), ("end", until_s), ("step", f"{step_s}s"), ("exemplars", 0)],
            patience=patience,
        )
        return list(_metric_series(tree))

    def metrics_stand_at_ends(self, patience: Patience) -> bool:
        """Whether a sample of TraceQL metrics stands at the end of its step: so it is since version 3.

        Before, it stood at the start (tried with a build of 2.x), and which build does what cannot be told.
        """
        if self._major is None:
            version = str(self.backend.json("/api/status/buildinfo", patience=patience).get("version") or "")
            major = version.lstrip("v").partition(".")[0]
            self._major = int(major) if major.isdecimal() else 0
        return self._major >= 3

    def check(self, patience: Patience) -> None:
        """Raises BackendError unless it answers a search."""
        self.backend.json("/api/search", [("limit", 1)], patience=patience)


def _no_such_trace(error: BackendError) -> bool:
    """Version 2 answers an empty trace; one that is gone while it is read, or a proxy before it, answers 404."""
    return error.reason == "address" and error.said.startswith("answered 404") and "trace" in error.said.lower()


def _text_field(message: Any, number: int) -> str:
    unknown: Any = UnknownFieldSet(message)  # its stub does not know that it can be walked
    for field in unknown:
        if field.field_number == number and isinstance(field.data, bytes):
            return field.data.decode("utf-8", "replace")
    return ""


def _found(tree: dict[str, Any]) -> Iterator[Found]:
    """What a search answered; whatever of it is not as it should be is left out."""
    traces = tree.get("traces")
    for trace in traces if isinstance(traces, list) else []:
        try:
            trace_id = bytes.fromhex(str(trace["traceID"]).zfill(32))
            start = int(trace.get("startTimeUnixNano") or 0)
            duration = int(float(trace.get("durationMs") or 0) * 1_000_000)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if len(trace_id) == 16:
            yield Found(trace_id, start, duration, _span_count(trace.get("serviceStats")))


def _span_count(stats: Any) -> int | None:
    if not isinstance(stats, dict) or not stats:
        return None
    try:
        return sum(int(one.get("spanCount") or 0) for one in stats.values())
    except (TypeError, ValueError, AttributeError):
        return None


def _metric_series(tree: dict[str, Any]) -> Iterator[TempoSeries]:
    """What a metrics query answered; whatever of it is not as it should be is left out."""
    series = tree.get("series")
    for one in series if isinstance(series, list) else []:
        try:
            labels = {str(label["key"]): _label(label.get("value")) for label in one.get("labels") or []}
            samples = [
                (int(sample["timestampMs"]) * 1_000_000, float(sample.get("value") or 0))
                for sample in one.get("samples") or []
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        yield TempoSeries(labels, samples)


def _label(value: Any) -> str | float | None:
    """An AnyValue of OTLP JSON."""
    if not isinstance(value, dict) or not value:
        return None
    [(kind, inner), *_] = value.items()
    if kind == "doubleValue":
        return float(inner)
    return None if inner is None else str(inner)
