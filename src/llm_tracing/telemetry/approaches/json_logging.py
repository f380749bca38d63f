"""`json`: one JSON object a line, for our own lines, uvicorn's and every library's alike.

    timestamp        ISO 8601, UTC, microseconds
    level, logger, message
    request_id       of the HTTP request the line was written in
    trace_id, span_id    of the current span, or of the caller's `traceparent`
    client.address, http.request.method, url.path, ...    in uvicorn's access lines
    exc_info         the stack, as one string
    service.name, service.version, service.instance.id

and what the line was given as `extra`. Names are OpenTelemetry's where it has one. Values under secret names and what
looks like a key are masked.
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.console import Console, WarningsToLog
from llm_tracing.telemetry.masking import masked
from llm_tracing.telemetry.request_ids import current_request_id, request_ids
from llm_tracing.telemetry.resource import service_resource

_NOT_FIELDS = frozenset({"color_message", "taskName"})
_RESOURCE_PREFIXES = ("service.", "deployment.", "host.name")


def start(service_name: str, service_version: str | None) -> Together:
    started = Together()
    about = service_resource(service_name, service_version).attributes
    said = {name: value for name, value in about.items() if name.startswith(_RESOURCE_PREFIXES)}
    console = Console(JsonLines(said))
    for part in (WarningsToLog(), console):
        part.install()
        started.add(part.remove)
    ids = request_ids()
    ids.install()
    started.add(ids.remove)
    return started


class JsonLines(JsonFormatter):
    """A record as one line of JSON. Never raises: a value that JSON cannot say becomes text."""

    def __init__(self, about_service: dict[str, Any]) -> None:
        super().__init__()
        self._about_service = about_service

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        log_data.update(level=record.levelname, logger=record.name, message=record.message)
        log_data.update(_of_the_request())
        if record.name == "uvicorn.access":
            log_data.update(_of_the_access(record.args))
        given: dict[str, Any] = {}
        super().add_fields(given, record, message_dict)
        if not isinstance(record.msg, dict):
            given.pop("message", None)
        # What a line was given must not pass for what is known here; a message that is a dict may say `message`.
        known = {name for name, value in {**log_data, **self._about_service}.items() if value != ""}
        for name, value in given.items():
            if name not in _NOT_FIELDS:
                log_data[f"extra.{name}" if name in known else name] = value
        log_data.update(self._about_service)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {str(name): value for name, value in _masked_fields(log_data).items()}

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        return json.dumps(log_data, ensure_ascii=False)


def _of_the_request() -> dict[str, str]:
    found: dict[str, str] = {}
    if request_id := current_request_id():
        found["request_id"] = request_id
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        found["trace_id"] = trace.format_trace_id(span.trace_id)
        found["span_id"] = trace.format_span_id(span.span_id)
    return found


def _of_the_access(args: object) -> dict[str, object]:
    """The parts of uvicorn's access line: client, method, path with query, HTTP version, status."""
    if not isinstance(args, tuple) or len(args) != 5:
        return {}
    client, method, target, _, status = args
    path, _, query = str(target).partition("?")
    found = {"client.address": client, "http.request.method": method, "url.path": path, "url.query": query}
    return {**{name: value for name, value in found.items() if value}, "http.response.status_code": status}


def _masked_fields(fields: dict[str, Any]) -> dict[str, Any]:
    found = masked(fields)
    assert isinstance(found, dict)
    return found
