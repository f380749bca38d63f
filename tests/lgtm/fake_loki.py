"""Loki: OTLP in, log records out by LogQL, as far as lgtm/logql.py speaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.lgtm.fakes import Answer, Asked, Fake

_LABELS = frozenset(
    {"service.name", "service.namespace", "service.instance.id", "deployment.environment", "cloud.region",
     "deployment.environment.name", "k8s.namespace.name", "k8s.pod.name", "k8s.container.name"}
)  # fmt: skip
_MATCHER = re.compile(r'(\w+)(=~|=|!=)("(?:[^"\\]|\\.)*")')
_STAGE = re.compile(r'\|\s*(\w+)\s*(=~|!=|==|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*"|-?[\d.]+)\s*')
_MOST_METADATA, _LONGEST_LINE, _MOST_ENTRIES = 64 * 1024, 256 * 1024, 128


class Line(NamedTuple):
    time: int
    text: str
    labels: dict[str, str]
    metadata: dict[str, str]


@dataclass
class FakeLoki(Fake):
    lines: list[Line] = field(default_factory=list)

    def forget(self) -> None:
        self.lines = []

    def of_nobody(self, asked: Asked) -> Answer:
        return Answer(204) if asked.method == "POST" else _streams([])

    def take(self, asked: Asked) -> Answer:
        if asked.path != "/otlp/v1/logs":
            return Answer.of_text(404, "404 page not found")
        wrong = ""
        for resource_logs in asked.message(ExportLogsServiceRequest).resource_logs:
            for scope_logs in resource_logs.scope_logs:
                for record in scope_logs.log_records:
                    line = _line(resource_logs.resource, scope_logs.scope, record)
                    if said := _refused(line):
                        wrong = said
                    elif line not in self.lines:
                        self.lines.append(line)  # the good ones of a refused request are kept
        if wrong:
            return Answer(400, "application/octet-stream", Status(code=3, message=wrong).SerializeToString())
        return Answer(204)

    def give(self, asked: Asked) -> Answer:
        if asked.path == "/loki/api/v1/labels":
            return Answer.of_json({"status": "success", "data": ["service_name"]})
        if asked.path != "/loki/api/v1/query_range":
            return Answer.of_text(404, "404 page not found")
        found = asked.parameters
        limit = int(found.get("limit", 100))
        if limit > 5_000:
            return Answer.of_text(
                400, f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > 5000)"
            )
        start, end = int(found["start"]), int(found["end"])
        if end - start > (30 * 24 + 1) * 3_600 * 10**9:
            return Answer.of_text(400, "the query time range exceeds the limit (query length: 720h, limit: 30d1h)")
        wanted = _meets(found["query"])
        if wanted is None:
            return Answer.of_text(400, "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER")
        lines = sorted(
            (one for one in self.lines if start <= one.time < end and wanted(one)), key=lambda one: -one.time
        )
        return _streams(lines[:limit])


def _line(resource: Any, scope: Any, record: Any) -> Line:
    labels = {_name(one.key): _text(one.value) for one in resource.attributes if one.key in _LABELS}
    metadata = {_name(one.key): _text(one.value) for one in resource.attributes if one.key not in _LABELS}
    metadata |= {_name(one.key): _text(one.value) for one in scope.attributes}
    metadata |= {_name(one.key): _text(one.value) for one in record.attributes}
    known = {
        "scope_name": scope.name,
        "scope_version": scope.version,
        "severity_text": record.severity_text,
        "severity_number": str(record.severity_number or ""),
        "observed_timestamp": str(record.observed_time_unix_nano or ""),
        "flags": str(record.flags or ""),
        "trace_id": record.trace_id.hex(),
        "span_id": record.span_id.hex(),
        "dropped_attributes_count": str(record.dropped_attributes_count or ""),
    }
    metadata |= {name: value for name, value in known.items() if value}
    labels.setdefault("service_name", "unknown_service")
    return Line(
        record.time_unix_nano or record.observed_time_unix_nano,
        _text(record.body) if record.HasField("body") else "",
        labels,
        {**metadata, "detected_level": "info"},
    )


def _name(key: str) -> str:
    found = re.sub(r"[^A-Za-z0-9_]", "_", key)
    return f"key_{found}" if found[:1].isdigit() else found


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind in ("kvlist_value", "array_value"):
        return json.dumps(_tree(value), separators=(",", ":"), sort_keys=True)
    if kind == "bytes_value":
        found: str = MessageToDict(value)["bytesValue"]
        return found
    plain = getattr(value, kind) if kind else ""
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def _tree(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return {one.key: _tree(one.value) for one in value.kvlist_value.values}
    if kind == "array_value":
        return [_tree(one) for one in value.array_value.values]
    return None if kind is None else _text(value) if kind == "bytes_value" else getattr(value, kind)


def _refused(line: Line) -> str:
    size = sum(len(name) + len(value.encode()) for name, value in line.metadata.items())
    if size > _MOST_METADATA:
        return f"stream has structured metadata too large: '{size}' bytes, limit: '65536' bytes"
    if len(line.metadata) > _MOST_ENTRIES:
        return f"stream has too many structured metadata labels: '{len(line.metadata)}', limit: '128'"
    if len(line.text.encode()) > _LONGEST_LINE:
        return f"max entry size '262144' bytes exceeded for stream while adding an entry of '{len(line.text)}' bytes"
    return ""


def _meets(query: str) -> Callable[[Line], bool] | None:
    selector = re.match(r'\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}', query)
    if selector is None:
        return None
    matchers = _MATCHER.findall(selector[1])
    rest = query[selector.end() :].strip()
    stages: list[tuple[str, str, str]] = []
    while rest:
        stage = _STAGE.match(rest)
        if stage is None:
            return None
        stages.append((stage[1], stage[2], stage[3]))
        rest = rest[stage.end() :]
    return lambda line: (
        all(_holds(line.labels.get(name, ""), comparison, value) for name, comparison, value in matchers)
        and all(_holds({**line.labels, **line.metadata}.get(name, ""), *other) for name, *other in stages)
    )


def _holds(found: str, comparison: str, value: str) -> bool:
    if value.startswith('"'):
        wanted = json.loads(value)
        if comparison == "=~":
            return re.fullmatch(wanted, found) is not None
        return bool((found == wanted) is (comparison == "="))
    try:
        number, other = float(found), float(value)
    except ValueError:
        return False
    return {"==": number == other, ">": number > other, ">=": number >= other, "<": number < other}.get(
        comparison, number <= other
    )


def _streams(lines: list[Line]) -> Answer:
    streams: dict[str, Any] = {}
    for line in lines:
        key = json.dumps(line.labels, sort_keys=True)
        stream = streams.setdefault(key, {"stream": line.labels, "values": []})
        stream["values"].append([str(line.time), line.text, {"structuredMetadata": line.metadata}])
    found = {"resultType": "streams", "encodingFlags": ["categorize-labels"], "result": list(streams.values())}
    return Answer.of_json({"status": "success", "data": {**found, "stats": {}}})
