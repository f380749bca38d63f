"""Tempo: OTLP in, traces by id and TraceQL searches out, as far as lgtm/traceql.py speaks it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.wrappers_pb2 import BytesValue
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, TracesData

from tests.lgtm.fakes import NO_ORG, NO_ORG_PUSH, Answer, Asked, Fake

SECOND = 1_000_000_000
_NAME = r'(?:(?:span|resource)\.(?:"(?:[^"\\]|\\.)*"|[\w.]+)|[a-z]+:[A-Za-z]+|[a-z]+)'
_CONDITION = re.compile(rf'({_NAME})\s*(=~|!=|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*"|[\w.:-]+)')
_ROOT_MISSING = "<root span not yet received>"
Found = tuple[ResourceSpans, str, Span]  # of which resource, of which scope, the span


class BadQuery(ValueError):
    pass


@dataclass
class FakeTempo(Fake):
    """`cut_bytes` cuts attributes; `cutoff_s` is how much of the newest a search does not see.

    `hidden` are traces that a search does not name for a time, as while a block is flushed; by id they are there.
    """

    cut_bytes: int = 2_048
    cutoff_s: float = 0.0
    traces: dict[bytes, TracesData] = field(default_factory=dict)
    hidden: set[bytes] = field(default_factory=set)

    def forget(self) -> None:
        self.traces, self.hidden = {}, set()
        self.cut_bytes, self.cutoff_s = 2_048, 0.0

    def no_tenant(self, pushed: bool) -> Answer:
        return NO_ORG_PUSH if pushed else NO_ORG

    def of_nobody(self, asked: Asked) -> Answer:
        return Answer(200, "application/protobuf") if asked.method == "GET" else Answer(200, "application/x-protobuf")

    def take(self, asked: Asked) -> Answer:
        if asked.path != "/v1/traces":
            return Answer.of_text(404, "404 page not found")
        for resource_spans in asked.message(ExportTraceServiceRequest).resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    self._keep(resource_spans, scope_spans, span)
        return Answer(200, "application/x-protobuf", ExportTraceServiceResponse().SerializeToString())

    def _keep(self, resource_spans: Any, scope_spans: Any, span: Span) -> None:
        trace = self.traces.setdefault(span.trace_id, TracesData())
        for one in (one for part in trace.resource_spans for scope in part.scope_spans for one in scope.spans):
            if (one.span_id, one.kind) == (span.span_id, span.kind):  # told apart by these alone
                one.CopyFrom(span)
                self._cut(one)
                return
        kept = trace.resource_spans.add(schema_url=resource_spans.schema_url)
        kept.resource.CopyFrom(resource_spans.resource)
        scope = kept.scope_spans.add(schema_url=scope_spans.schema_url)
        scope.scope.CopyFrom(scope_spans.scope)
        scope.spans.append(span)
        self._cut(scope.spans[-1])

    def _cut(self, span: Span) -> None:
        for holder in (span, *span.events, *span.links):
            for attribute in holder.attributes:  # type: ignore[attr-defined]
                text = attribute.value.string_value.encode()
                if self.cut_bytes and len(text) > self.cut_bytes:
                    attribute.value.string_value = text[: self.cut_bytes].decode("utf-8", "ignore")

    def give(self, asked: Asked) -> Answer:
        if asked.path.startswith("/api/v2/traces/"):
            return self._by_id(asked)
        if asked.path == "/api/search":
            return self._search(asked.parameters)
        return Answer.of_text(404, "404 page not found")

    def _by_id(self, asked: Asked) -> Answer:
        try:
            trace_id = bytes.fromhex(asked.path.rpartition("/")[2].zfill(32))
        except ValueError:
            return Answer.of_text(400, "trace IDs can only contain hex characters")
        trace = self.traces.get(trace_id)
        if "protobuf" in asked.headers.get("accept", ""):
            body = b"" if trace is None else BytesValue(value=trace.SerializeToString()).SerializeToString()
            return Answer(200, "application/protobuf", body)
        return Answer.of_json({"trace": {} if trace is None else MessageToDict(trace), "metrics": {}})

    def _search(self, parameters: dict[str, str]) -> Answer:
        start, end = int(parameters.get("start", 0)), int(parameters.get("end", 2**31))
        if end <= start:
            return Answer.of_text(400, "http parameter start must be before end. received start, end")
        if end - start > 168 * 3_600:
            return Answer.of_text(400, "range specified by start and end exceeds 168h0m0s.")
        try:
            wanted = _meets(parameters.get("q", "{}"))
        except BadQuery as error:
            return Answer.of_text(400, f"invalid TraceQL query: parse error: {error}")
        newest = min(end, time.time() - self.cutoff_s) * SECOND
        found = []
        for trace_id, trace in self.traces.items():
            spans = list(_spans(trace))
            inside = any(start * SECOND <= span.start_time_unix_nano < newest for _, _, span in spans)
            if inside and trace_id not in self.hidden and wanted(spans):
                found.append(_told(trace_id, spans))
        found.sort(key=lambda one: int(one["startTimeUnixNano"]), reverse=True)
        limit = int(parameters.get("limit", 20))
        return Answer.of_json({"traces": found[:limit], "metrics": {"inspectedBytes": "0", "completedJobs": 1}})


def _spans(trace: TracesData) -> Iterator[Found]:
    for resource_spans in trace.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield resource_spans, scope_spans.scope.name, span


def _told(trace_id: bytes, spans: list[Found]) -> dict[str, Any]:
    first = min(span.start_time_unix_nano for _, _, span in spans)
    last = max(span.end_time_unix_nano for _, _, span in spans)
    root = next(((resource, span) for resource, _, span in spans if not span.parent_span_id), None)
    counts: dict[str, Any] = {}
    for resource, _, _ in spans:
        counts.setdefault(_service(resource), {"spanCount": 0})["spanCount"] += 1
    told: dict[str, Any] = {
        "traceID": trace_id.hex().lstrip("0"),
        "rootServiceName": _ROOT_MISSING if root is None else _service(root[0]),
        "startTimeUnixNano": str(first),
        "serviceStats": counts,
    }
    if root is not None:
        told["rootTraceName"] = root[1].name
    if last > first:
        told["durationMs"] = (last - first) // 1_000_000  # absent where it is zero
    return told


def _service(resource: ResourceSpans) -> str:
    return next((one.value.string_value for one in resource.resource.attributes if one.key == "service.name"), "")


def _meets(query: str) -> Callable[[list[Found]], bool]:
    """Whether the spans of a trace meet `{ a || b } && { c }`: each part by one span of its own."""
    rest = query.removesuffix(" with (most_recent=true)").strip()
    parts: list[list[tuple[str, str, str]]] = []
    while rest:
        if not rest.startswith("{"):
            raise BadQuery(f"unexpected {rest[:20]}")
        rest = rest[1:].lstrip()
        conditions: list[tuple[str, str, str]] = []
        while not rest.startswith("}"):
            match = _CONDITION.match(rest)
            if match is None:
                raise BadQuery(f"unexpected {rest[:20]}")
            conditions.append((match[1], match[2], match[3]))
            rest = rest[match.end() :].lstrip().removeprefix("||").lstrip()
        parts.append(conditions)
        rest = rest[1:].lstrip().removeprefix("&&").lstrip()
    return lambda spans: all(
        not conditions or any(_holds(one, spans, *condition) for one in spans for condition in conditions)
        for conditions in parts
    )


def _holds(found: Found, spans: list[Found], name: str, comparison: str, value: str) -> bool:
    values = _values(found, spans, name)
    if value == "nil":
        return bool(values)
    wanted = _literal(value)
    return any(_compare(one, comparison, wanted) for one in values)


def _literal(text: str) -> Any:
    if text.startswith('"'):
        return _unquoted(text)
    if text in ("true", "false"):
        return text == "true"
    if text.endswith("ns"):
        return int(text[:-2])
    try:
        return float(text)
    except ValueError:
        return text  # error, ok


def _unquoted(text: str) -> str:
    import json

    found: str = json.loads(text)
    return found


def _compare(value: Any, comparison: str, wanted: Any) -> bool:
    if comparison == "=~":
        return isinstance(value, str) and re.fullmatch(wanted, value) is not None
    if isinstance(value, str) != isinstance(wanted, str) or isinstance(value, bool) != isinstance(wanted, bool):
        return False
    return bool(
        {"=": value == wanted, "!=": value != wanted}.get(comparison)
        if comparison in ("=", "!=")
        else {">": value > wanted, ">=": value >= wanted, "<": value < wanted, "<=": value <= wanted}[comparison]
    )


def _values(found: Found, spans: list[Found], name: str) -> list[Any]:
    resource, scope, span = found
    scoped = re.fullmatch(r'(span|resource)\.("?)(.*?)\2', name)
    if scoped:
        attributes = span.attributes if scoped[1] == "span" else resource.resource.attributes
        key = _unquoted(f'"{scoped[3]}"')
        return [_plain(one.value) for one in attributes if one.key == key]
    ends = [one.end_time_unix_nano for _, _, one in spans]
    starts = [one.start_time_unix_nano for _, _, one in spans]
    named: dict[str, list[Any]] = {
        "name": [span.name],
        "status": [{1: "ok", 2: "error"}.get(span.status.code, "unset")],
        "instrumentation:name": [scope],
        "trace:id": [span.trace_id.hex()],
        "span:id": [span.span_id.hex()],
        "trace:duration": [max(ends) - min(starts)],
        "span:duration": [span.end_time_unix_nano - span.start_time_unix_nano],
        "link:traceID": [link.trace_id.hex() for link in span.links],
    }
    return named[name]


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    found = getattr(value, kind) if kind else None
    return float(found) if kind == "int_value" and found is not None else found
