"""What one operation says of a run, as attributes, times and events.

Names are those of LangSmith's own OpenTelemetry exporter where it has one, else `langsmith.` and the field's name; a
metadata entry is `langsmith.metadata.<key>`. Texts are JSON as sent. Every field has a place here or is a column.
Source: langsmith-sdk, `_internal/otel/_otel_exporter.py` and `schemas.py` (RunBase).
"""

import base64
import re
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from llm_tracing.normalize.langsmith_ids import Segment, segments, uuid_of
from llm_tracing.normalize.merge import KIND, NAME, PROJECT, RUNTIME, Events, is_said, merge_attributes, merge_events
from llm_tracing.normalize.times import unix_nano
from llm_tracing.receive import json_text
from llm_tracing.receive.runs import Attachment, RunOperation

ERROR = "langsmith.error"
DOTTED_ORDER = "langsmith.dotted_order"
STREAMING = "langsmith.request.streaming"
NAMES: dict[str, str] = {
    "name": NAME,
    "run_type": KIND,
    "session_name": PROJECT,
    "session_id": "langsmith.trace.session_id",
    "inputs": "gen_ai.prompt",
    "outputs": "gen_ai.completion",
}
_TAGS = "langsmith.span.tags"
_METADATA = "langsmith.metadata."
_ATTACHMENTS = "langsmith.attachments."
_STRUCTURES = (dict, list)
_SHORT = 4_096  # characters of an `extra` that is remembered
_COLUMNS = ("start_time", "end_time")
_TAKEN_APART = frozenset({"id", "extra", "events", "tags", *_COLUMNS})
_NEW_TOKEN = "new_token"  # noqa: S105 - the name of an event
# Type('message') of Python, `Type: message` of JavaScript, at the start of the error's text.
_ERROR_TYPE = re.compile(r"([A-Za-z_][\w.]{0,200})(?:\(|: )")


class Run(NamedTuple):
    """What is known of a run so far; a time that nobody said is 0."""

    run_id: UUID
    attributes: dict[str, Any]
    start_unix_nano: int
    end_unix_nano: int
    events: Events

    @property
    def _path(self) -> tuple[Segment, ...]:
        return segments(self.attributes.get(DOTTED_ORDER))

    @property
    def trace_id(self) -> UUID:
        path = self._path
        return uuid_of(self.attributes.get("langsmith.trace_id")) or (path[0].run_id if path else self.run_id)

    @property
    def parent_id(self) -> UUID | None:
        path = self._path
        found = uuid_of(self.attributes.get("langsmith.parent_run_id")) or (path[-2].run_id if path[1:] else None)
        return found if found != self.run_id else None


def merged(earlier: Run, later: Run) -> Run:
    """As merge.merge_runs, before records are made."""
    if earlier.end_unix_nano and not later.end_unix_nano:
        earlier, later = later, earlier
    return Run(
        later.run_id,
        merge_attributes(earlier.attributes, later.attributes),
        min(filter(None, (earlier.start_unix_nano, later.start_unix_nano)), default=0),
        later.end_unix_nano or earlier.end_unix_nano,
        merge_events(earlier.events, later.events),
    )


def run_of(operation: RunOperation) -> Run:
    fields = {**operation.fields, **_opened(operation)}
    attributes: dict[str, Any] = {}
    for field, value in fields.items():
        if field in _TAKEN_APART:
            continue
        name = NAMES.get(field) or "langsmith." + field
        if field in operation.texts and field != "error":
            value = operation.texts[field]
        if is_said(value) or (field == "inputs" and value in ({}, "{}")):  # a call without arguments says so
            attributes[name] = _flat(value)
    _take_tags(fields.get("tags"), attributes)
    extra = fields.get("extra")
    attributes.update(_extra_of_text(extra) if isinstance(extra, str) and "extra" in operation.texts else _extra(extra))
    events = _take_events(fields.get("events"), attributes)
    if ERROR in attributes and (found := _ERROR_TYPE.match(str(attributes[ERROR]))):
        attributes["error.type"] = found[1]
    for name, attachment in operation.attachments.items():
        attributes[_ATTACHMENTS + name] = _data_uri(attachment)
    attributes["langsmith.run_id"] = str(operation.run_id)
    start, end = _time(fields, "start_time", attributes), _time(fields, "end_time", attributes)
    path = segments(attributes.get(DOTTED_ORDER))
    start = start or (path[-1].start_unix_nano if path and path[-1].run_id == operation.run_id else None)
    return Run(operation.run_id, attributes, start or 0, end or 0, events)


def _opened(operation: RunOperation) -> dict[str, Any]:
    """The texts, those that are looked into as values; the receiver saw that they are JSON. `extra` is opened later."""
    found: dict[str, Any] = {**operation.texts, **operation.opened}
    for field in ("events", "error"):
        if field in operation.texts and field not in operation.opened:
            found[field] = json_text.parse(operation.texts[field]) if operation.texts[field] else ""
    return found


def _flat(value: Any) -> Any:
    """A value as an attribute: scalars as they are, structures as JSON text."""
    return json_text.to_text(value) if isinstance(value, _STRUCTURES) else value


def _take_tags(tags: Any, attributes: dict[str, Any]) -> None:
    if is_said(tags):
        plain = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        attributes[_TAGS] = tags if plain else _flat(tags)


def _extra_of_text(text: str) -> dict[str, Any]:
    return _short_extra(text) if len(text) <= _SHORT else _extra(json_text.parse(text))


@lru_cache(maxsize=1024)  # most runs of a process say the same of its runtime and settings
def _short_extra(text: str) -> dict[str, Any]:
    return _extra(json_text.parse(text)) if text else {}


def _extra(extra: Any) -> dict[str, Any]:
    """What `extra` says, as attributes that nobody may change."""
    attributes: dict[str, Any] = {}
    if not isinstance(extra, dict):
        if is_said(extra):
            attributes["langsmith.extra"] = _flat(extra)
        return attributes
    rest = dict(extra)
    metadata, runtime = rest.pop("metadata", None), rest.pop("runtime", None)
    if isinstance(metadata, dict):
        for key, value in metadata.items():
            if value is not None:
                attributes[_METADATA + key] = _flat(value)
    elif is_said(metadata):
        rest["metadata"] = metadata
    if is_said(runtime):
        attributes[RUNTIME] = _flat(runtime)
    if rest:
        attributes["langsmith.extra"] = _flat(rest)
    return attributes


def _take_events(events: Any, attributes: dict[str, Any]) -> Events:
    """The events of a run as those of a span; what is no list of events stays an attribute."""
    if not is_said(events):
        return []
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        attributes["langsmith.events"] = _flat(events)
        return []
    found: Events = []
    for event in events:
        at = unix_nano(event.get("time"))
        rest = {key: _flat(value) for key, value in event.items() if key not in ("name", "time")}
        if at is None and event.get("time") is not None:
            rest["time"] = _flat(event["time"])
        if event.get("name") == _NEW_TOKEN:
            attributes[STREAMING] = True
        name = event.get("name")
        found.append(
            {
                "attributes": rest,  # in the order of the names, as merge_events leaves it
                "dropped_attributes_count": 0,
                "name": name if isinstance(name, str) else "",
                "time_unix_nano": at or 0,
            }
        )
    for event in found:
        if len(event["attributes"]) > 1:
            event["attributes"] = dict(sorted(event["attributes"].items()))
    return merge_events([], found)


def first_token_unix_nano(events: Events) -> int | None:
    times = [event["time_unix_nano"] for event in events if event["name"] == _NEW_TOKEN and event["time_unix_nano"]]
    return min(times, default=None)


def _time(fields: dict[str, Any], field: str, attributes: dict[str, Any]) -> int | None:
    """A time that cannot be read stays an attribute."""
    sent = fields.get(field)
    found = unix_nano(sent)
    if found is None and is_said(sent):
        attributes[f"langsmith.{field}"] = _flat(sent)
    return found


def _data_uri(attachment: Attachment) -> str:
    media = attachment.content_type or "application/octet-stream"
    return f"data:{media};base64,{base64.b64encode(attachment.data).decode()}"
