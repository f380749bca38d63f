"""Where a text stands in a trace: in names, errors, attributes (prompts and statements among them) and events."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from llm_tracing.normalize.payloads import plain_text
from llm_tracing.query.view import SpanView

EXCERPT = 80  # characters on either side


class Found(NamedTuple):
    """One span; `where` is `name`, `error`, an attribute's name, or `event ` and an event's name."""

    span_id: int
    where: str
    excerpt: str


def find(views: Iterable[SpanView], text: str) -> Iterator[Found]:
    """The first place in each span that holds `text`, upper and lower case alike, in the order of the tree."""
    wanted = text.casefold()
    quick = json.dumps(wanted, ensure_ascii=False)[1:-1]
    for view in views:
        place = _place(view, wanted, quick)
        if place is not None:
            yield Found(view.record.span_id, *place)


def _place(view: SpanView, wanted: str, quick: str) -> tuple[str, str] | None:
    record = view.record
    for where, text in (("name", record.name), ("error", record.status_message or ""), ("kind", record.kind)):
        if (excerpt := _excerpt(text, wanted)) is not None:
            return where, excerpt
    # JSON text holds its values escaped as `quick` is, unless they moved out into payloads.
    if _may_hold(record.attributes, quick):
        for name, value in view.attributes.items():
            if (excerpt := _excerpt(f"{name}: {_text(value)}", wanted)) is not None:
                return name, excerpt
    if record.events is not None and _may_hold(record.events, quick):
        for event in view.events:
            shown = " ".join([event["name"], *(f"{name}: {_text(v)}" for name, v in event["attributes"].items())])
            if (excerpt := _excerpt(shown, wanted)) is not None:
                return f"event {event['name']}", excerpt
    return None


def _may_hold(stored: str, quick: str) -> bool:
    return "$parts" in stored or "\\" in stored or quick in stored.casefold()


def _excerpt(text: str, wanted: str) -> str | None:
    folded = text.casefold()
    at = folded.find(wanted)
    if at < 0:
        return None
    if len(folded) != len(text):  # some letters fold to two: the place is near enough
        at = min(at, len(text))
    return text[max(0, at - EXCERPT) : at + len(wanted) + EXCERPT]


def _text(value: Any) -> str:
    """As it reads: messages are JSON in a text, with quotes and often all beyond ASCII escaped."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, default=str)
    return (plain_text(value) or value) if "\\" in value else value
