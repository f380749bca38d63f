"""Marks: the words of a span that lists are filtered by and no column has."""

from collections.abc import Iterator

from llm_tracing.model import Attributes, MarkRow
from llm_tracing.normalize.conventions.contract import Content
from llm_tracing.normalize.values import as_list, as_text

LONGEST = 256  # characters; a name that is longer is cut
_TAGS = "langsmith.span.tags"


def marks_of(content: Content, attributes: Attributes, trace_id: bytes, span_id: int, start: int) -> list[MarkRow]:
    """The tool that a span ran, why its answer ended, the tags of a LangSmith run; none twice."""
    said = dict.fromkeys(_said(content, attributes))
    return [MarkRow(trace_id, span_id, start, key, value[:LONGEST]) for key, value in said]


def _said(content: Content, attributes: Attributes) -> Iterator[tuple[str, str]]:
    if content.tool is not None and content.tool.name:
        yield "tool", content.tool.name
    for reason in content.finish_reasons:
        yield "finish", reason
    tags = attributes.get(_TAGS)
    for tag in tags.split(",") if isinstance(tags, str) else as_list(tags):  # its exporter joins them
        if text := (as_text(tag) or "").strip():
            yield "tag", text
