"""Texts in what was captured: lines, span attributes and events, log records; and looking for something in them."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

from llm_tracing.api import schema
from llm_tracing.api.schema_progress import Evidence
from llm_tracing.comparison.captured import Line, Seen

Source = Literal["line", "span", "log", "metric", "traffic", "process", "package", "note"]

AROUND = 120  # characters of an excerpt before and after what was found
SHOWN = 4  # places shown for one thing
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|([nrt])|)")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Text:
    """A text that was captured, with the place it stands in."""

    source: Source
    place: str
    field: str | None
    text: str

    @cached_property
    def plain(self) -> str:
        return plain(self.text)


def plain(text: str) -> str:
    """Without JSON's and Python's escapes, however often applied, and with single spaces: forms of one text compare."""
    return _SPACE.sub(" ", _ESCAPE.sub(_unescaped, text)).strip()


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return " " if match[2] else ""


@lru_cache(maxsize=64)
def texts_of(seen: Seen) -> list[Text]:
    """Everything that can be read of an exchange: span attributes as sent first, then what was made of them."""
    return [
        *(Text("line", place_of_line(line), None, line.text) for line in seen.lines),
        *(text for span in seen.spans for text in _of_span(span)),
        *(text for record in seen.logs for text in _of_record(record)),
        *(text for span in seen.spans for text in _content(span)),
    ]


def place_of_line(line: Line) -> str:
    return f"{line.stream}, line {line.number}"


def place_of_span(span: schema.Span) -> str:
    return f"{span.name[:120]} · span {span.span_id}"


def place_of_record(record: schema.LogRecord) -> str:
    return f"log record of {record.scope.name[:100] or 'no scope'}" + (
        f" · trace {record.trace_id}" if record.trace_id else ""
    )


def find(texts: Sequence[Text], needle: str, limit: int = SHOWN) -> list[Evidence]:
    """Where `needle` stands, whatever its escapes and spaces; nothing for an empty one."""
    wanted = plain(needle)
    found: list[Evidence] = []
    for text in texts if wanted else ():
        said = text.plain
        at = said.find(wanted)
        if at >= 0:
            found.append(evidence(text, excerpt(said, at, len(wanted))))
            if len(found) == limit:
                break
    return found


def matching(texts: Sequence[Text], wanted: Callable[[Text], bool], limit: int = SHOWN) -> list[Evidence]:
    return [evidence(text, excerpt(text.plain, 0, 0)) for text in texts if wanted(text)][:limit]


def evidence(text: Text, shown: str) -> Evidence:
    return Evidence(source=text.source, place=text.place[:200], field=text.field and text.field[:200], text=shown)


def note(source: Source, place: str, text: str, field: str | None = None) -> Evidence:
    return Evidence(source=source, place=place[:200], field=field and field[:200], text=text[:2_000])


def excerpt(text: str, at: int, length: int) -> str:
    """The part from `at` on with some text around it; a long one is cut in its middle."""
    start, end = max(0, at - AROUND), min(len(text), at + length + AROUND)
    part = text[start:end]
    if len(part) > 6 * AROUND:
        part = f"{part[: 3 * AROUND]} … {part[-2 * AROUND :]}"
    return f"{'…' if start else ''}{part}{'…' if end < len(text) else ''}"


def _of_span(span: schema.Span) -> Iterator[Text]:
    place = place_of_span(span)
    yield Text("span", place, "name", span.name)
    for name, value in span.attributes.items():
        yield Text("span", place, name, _said(value))
    for event in span.events:
        for name, value in event.attributes.items():
            yield Text("span", place, f"event {event.name}: {name}", _said(value))
    if span.error is not None and span.error.message:
        yield Text("span", place, "status", span.error.message)


def _content(span: schema.Span) -> Iterator[Text]:
    """What the server made of a span, where a text stands in no attribute (it came as a log record or an event)."""
    made = {
        "input": span.input,
        "output": span.output,
        "input messages": span.input_messages,
        "output messages": span.output_messages,
        "system instructions": span.system_instructions,
        "tool": span.tool and span.tool.model_dump(),
    }
    for name, value in made.items():
        if value is not None:
            yield Text("span", place_of_span(span), f"{name}, as the server reads it", _said(value))


def _of_record(record: schema.LogRecord) -> Iterator[Text]:
    place = place_of_record(record)
    if record.body is not None:
        yield Text("log", place, "body", _said(record.body))
    for name, value in record.attributes.items():
        yield Text("log", place, name, _said(value))


def _said(value: Any) -> str:  # any attribute value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
