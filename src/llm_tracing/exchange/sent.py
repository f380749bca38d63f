"""A line of a file as the requests that a receiver would have taken.

Taken are OTLP JSON (the JSON of a request, as the collector's file exporter writes one a line) and the JSON lines of
our own export, each a span, a log record or a data point.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.json_format import ParseError
from google.protobuf.message import Message

from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record, request
from llm_tracing.receive.decode import REQUESTS, Signal, fill_from_tree

_LISTS: dict[str, Signal] = {
    "resourceSpans": "traces",
    "resource_spans": "traces",
    "resourceLogs": "logs",
    "resource_logs": "logs",
    "resourceMetrics": "metrics",
    "resource_metrics": "metrics",
}
_SIGNALS: dict[Record, Signal] = {"span": "traces", "log": "logs", "point": "metrics"}
_ITEMS: dict[Signal, Callable[[Any], int]] = {
    "traces": lambda message: sum(len(s.spans) for r in message.resource_spans for s in r.scope_spans),
    "logs": lambda message: sum(len(s.log_records) for r in message.resource_logs for s in r.scope_logs),
    "metrics": lambda message: sum(
        len(getattr(metric, kind).data_points)
        for r in message.resource_metrics
        for s in r.scope_metrics
        for metric in s.metrics
        if (kind := metric.WhichOneof("data"))
    ),
}


class BadLine(ValueError):
    """A line that is nothing that is taken; the text says why."""


def requests(text: bytes) -> list[tuple[Signal, Message]]:
    """What a line holds, whole or not at all. Raises BadLine."""
    try:
        tree = json.loads(text)
        return [found for part in (tree if isinstance(tree, list) else [tree]) for found in _requests(part)]
    except (ParseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, BadLine):
            raise
        raise BadLine(_reason(error)) from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:300]
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {text}"
    if isinstance(error, KeyError):
        return f"the field {text} is missing"
    return f"not OTLP JSON: {text}"


def _requests(tree: Any) -> Iterator[tuple[Signal, Message]]:
    if not isinstance(tree, dict):
        raise BadLine("not an object")
    record = tree.get("record")
    if record in _SIGNALS:
        yield _message(_SIGNALS[record], request(record, [_own(record, tree)]))
        return
    found = [(name, signal) for name, signal in _LISTS.items() if name in tree]
    if not found:
        raise BadLine("neither OTLP JSON (no resourceSpans, resourceLogs or resourceMetrics) nor a line of an export")
    for name, signal in found:
        yield _message(signal, {name: tree[name]})


def _message(signal: Signal, tree: dict[str, Any]) -> tuple[Signal, Message]:
    message = REQUESTS[signal]()
    fill_from_tree(tree, message)
    return signal, message


def _own(record: Record, tree: Fields) -> Fields:
    """A line of our own; bytes too long for an id would be taken as none, so they are looked at here."""
    if record == "span":
        for name, digits in (("trace_id", 32), ("span_id", 16)):
            if len(bytes.fromhex(tree[name])) * 2 != digits:
                raise BadLine(f"{name} is not {digits} hex digits")
    return tree


def count(signal: Signal, message: Message) -> int:
    """Spans, log records or data points of a request."""
    return _ITEMS[signal](message)
