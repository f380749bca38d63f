"""Shapes of what surrounds a list: facets, histogram, suggestions, saved views."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from llm_tracing.api.schema_bill import Shape

ListName = Literal["traces", "spans", "logs"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Place = Annotated[str, StringConstraints(max_length=40)]


class FacetValue(Shape):
    value: str
    count: int


class Facet(Shape):
    """What the rows of a list have of one key. A key that the query asks for is counted as if it did not."""

    key: str
    values: list[FacetValue]
    more: bool = Field(description="Whether there are more values than these.")


class FacetList(Shape):
    facets: list[Facet]


class Bucket(Shape):
    time_unix_nano: str
    count: int
    error_count: int


class Histogram(Shape):
    """How a list spreads over time, in equal steps without a gap. `since` and `until` bound what was looked at."""

    since: str
    until: str
    step_ns: str
    count: int
    error_count: int
    buckets: list[Bucket]


class Suggestion(Shape):
    kind: Literal["key", "value"]
    text: str = Field(description="As the language writes it; a key ends in a colon, or in a dot if a name follows.")
    note: str
    count: int | None = Field(description="How many of the newest rows have it; null where nobody counted.")


class SuggestionList(Shape):
    """`start` and `end` are the characters (code points) of the query that a suggestion replaces."""

    start: int
    end: int
    suggestions: list[Suggestion]


class View(Shape):
    """A filter and a time range with a name. Those that are there from the start have a word as their id."""

    view_id: str
    name: str
    page: ListName
    q: str
    since: str | None = Field(description="As in the address: a range's name such as `1h`, or nanoseconds.")
    until: str | None
    built_in: bool
    why: str | None


class ViewList(Shape):
    views: list[View]


class NewView(Shape):
    name: Name
    page: ListName = "traces"
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)] = ""
    since: Place | None = None
    until: Place | None = None


class ViewChange(Shape):
    """Only what is given is changed."""

    name: Name | None = None
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)] | None = None
    since: Place | None = None
    until: Place | None = None
