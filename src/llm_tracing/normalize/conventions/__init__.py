"""The GenAI conventions that are read. A new one is a module beside this file and a line in the table.

The order decides who is asked first; a field that the first does not give is taken from the next.
"""

from llm_tracing.model import Attributes
from llm_tracing.normalize.conventions.contract import Content, Convention, Facts
from llm_tracing.normalize.conventions.otel_genai import OtelGenAI

CONVENTIONS: tuple[Convention, ...] = (OtelGenAI(),)

MARKERS: frozenset[str] = frozenset().union(*(convention.markers for convention in CONVENTIONS))
CONTENT_ATTRIBUTES: frozenset[str] = frozenset().union(*(c.content_attributes for c in CONVENTIONS))


def _spoken(attributes: Attributes) -> list[Convention]:
    keys = attributes.keys()
    return [convention for convention in CONVENTIONS if not convention.markers.isdisjoint(keys)]


def read_facts(attributes: Attributes) -> Facts | None:
    """What the attributes say of a GenAI span; None if they speak no convention."""
    if MARKERS.isdisjoint(attributes):
        return None
    found = [convention.facts(attributes) for convention in _spoken(attributes)]
    if len(found) == 1:
        return found[0]
    return Facts._make(next((v for v in values if v not in (None, ())), None) for values in zip(*found, strict=True))


def read_content(attributes: Attributes) -> Content:
    """What went in and came out of a span, from the convention that gives most of it."""
    found = [convention.content(attributes) for convention in _spoken(attributes)]
    return max(found, key=_fullness, default=Content())


def _fullness(content: Content) -> int:
    parts = (content.input, content.output, content.input_messages, content.output_messages, content.tool)
    return sum(part is not None for part in parts)
