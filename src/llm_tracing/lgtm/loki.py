"""What is asked of Loki: log records of a stretch of time that meet a LogQL query, as OTLP.

Loki keeps OTLP as a line of text, labels of its stream, and "structured metadata" of each record. What it dropped (the
type of a value, dots of names, the difference between a record's and a resource's attribute) is put right as far as
names tell. Source: Loki 3's HTTP API and its OTLP documentation, as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, LogsData
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from llm_tracing.errors import BackendError
from llm_tracing.exchange.otlp_values import any_value
from llm_tracing.exchange.otlp_wire import fill
from llm_tracing.lgtm.backend import Backend, Patience
from llm_tracing.lgtm.otel_names import RESOURCE_NAMES, name_of, value_of
from llm_tracing.normalize.anyvalue import from_json

MAX_LIMIT = 5_000  # records of one answer, by Loki's default
LONGEST_RANGE_S = 30 * 24 * 3_600  # of one query, by Loki's default
# With it, Loki keeps metadata apart from labels: else every record is a stream of its own.
_CATEGORIZED = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
# Metadata that is a field of OTLP.
_FIELDS = frozenset(
    {"trace_id", "span_id", "severity_text", "severity_number", "observed_timestamp", "flags", "scope_name",
     "scope_version", "event_name", "dropped_attributes_count"}
)  # fmt: skip
_OWN = frozenset({"detected_level", "service_name_extracted"})  # what Loki makes up
_NO_SERVICE = "unknown_service"


class LogLine(NamedTuple):
    """A record as Loki has it: all values are texts."""

    time_unix_nano: int
    line: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]


class Loki:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def lines(self, query: str, since: int, until: int, limit: int, patience: Patience) -> list[LogLine]:
        """Records from `since` on and before `until` (nanoseconds), newest first. Raises BackendError."""
        tree = self.backend.json(
            "/loki/api/v1/query_range",
            [
                ("query", query),
                ("start", since),
                ("end", until),
                ("limit", limit),
                ("direction", "backward"),
            ],
            patience=patience,
            headers=_CATEGORIZED,
        )
        found = list(_lines(tree))
        found.sort(key=lambda line: line.time_unix_nano, reverse=True)
        return found

    def check(self, patience: Patience) -> None:
        """Raises BackendError unless it answers a query."""
        self.backend.json("/loki/api/v1/labels", patience=patience)


def is_too_long(error: BackendError) -> bool:
    return error.reason == "refused" and "query time range exceeds the limit" in error.said


def _lines(tree: Mapping[str, Any]) -> Iterator[LogLine]:
    """What a query answered; whatever of it is not as it should be is left out."""
    data = tree.get("data")
    streams = data.get("result") if isinstance(data, dict) else None
    for stream in streams if isinstance(streams, list) else []:
        labels = _texts(stream.get("stream")) if isinstance(stream, dict) else {}
        values = stream.get("values") if isinstance(stream, dict) else None
        for value in values if isinstance(values, list) else []:
            try:
                time, line, *rest = value
                metadata = _texts(rest[0].get("structuredMetadata")) if rest else {}
                yield LogLine(int(time), str(line), labels, metadata)
            except (TypeError, ValueError, AttributeError):
                continue


def _texts(tree: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in tree.items()} if isinstance(tree, dict) else {}


def to_otlp(lines: list[LogLine]) -> LogsData:
    """Records as OTLP, one resource and scope each: they are told apart by their content again when stored."""
    data = LogsData()
    for line in lines:
        found = {**line.labels, **line.metadata}
        of_resource = data.resource_logs.add()
        _fill_resource(of_resource.resource, line)
        of_scope = of_resource.scope_logs.add()
        of_scope.scope.CopyFrom(
            InstrumentationScope(name=found.get("scope_name", ""), version=found.get("scope_version", ""))
        )
        _fill_record(of_scope.log_records.add(), line, found)
    return data


def _fill_resource(resource: Resource, line: LogLine) -> None:
    """A stream's labels are attributes of the resource; of the metadata those whose names say so."""
    labels = {name_of(name): value for name, value in line.labels.items() if not _is_own(name, value)}
    known = {name_of(name): value for name, value in line.metadata.items()}
    for name, value in {**labels, **{n: v for n, v in known.items() if n in RESOURCE_NAMES}}.items():
        _add(resource, name, value)


def _is_own(name: str, value: str) -> bool:
    return name in _OWN or name in _FIELDS or (name == "service_name" and value == _NO_SERVICE)


def _fill_record(record: LogRecord, line: LogLine, found: Mapping[str, str]) -> None:
    record.time_unix_nano = max(0, line.time_unix_nano)
    record.observed_time_unix_nano = _number(found.get("observed_timestamp"), 2**64)
    record.severity_number = _number(found.get("severity_number"), 25)  # type: ignore[assignment] # an open enum
    record.severity_text = found.get("severity_text", "")
    record.flags = _number(found.get("flags"), 2**32)
    record.dropped_attributes_count = _number(found.get("dropped_attributes_count"), 2**32)
    record.event_name = found.get("event_name", "")
    record.trace_id = _id(found.get("trace_id"), 16)
    record.span_id = _id(found.get("span_id"), 8)
    if line.line:
        fill(record.body, any_value(_body(line.line, record.event_name)))
    for name, value in line.metadata.items():
        if name not in _FIELDS and name not in _OWN and name_of(name) not in RESOURCE_NAMES:
            _add(record, name_of(name), value)


def _body(line: str, event_name: str) -> Any:
    """The body of a GenAI event is a map, of which Loki keeps the JSON text; every other line is a text."""
    if event_name.startswith("gen_ai.") and line.startswith("{"):
        try:
            return from_json(line)
        except ValueError:
            pass
    return line


def _add(message: Message, name: str, value: str) -> None:
    typed = value_of(name, value)
    attribute: KeyValue = message.attributes.add(key=name)  # type: ignore[attr-defined]
    if isinstance(typed, str):
        attribute.value.string_value = typed
    elif isinstance(typed, int) and -(2**63) <= typed < 2**63:
        attribute.value.int_value = typed
    else:
        attribute.value.double_value = float(typed)


def _number(text: str | None, below: int) -> int:
    try:
        found = int(text or 0)
    except ValueError:
        return 0
    return found if 0 <= found < below else 0


def _id(text: str | None, size: int) -> bytes:
    try:
        found = bytes.fromhex((text or "").zfill(2 * size))
    except ValueError:
        return b""
    return found if text and len(found) == size else b""
