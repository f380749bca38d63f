"""The shapes of a trace as the web UI reads it: the tree in columns, what is in its badges, where a text stands."""

from typing import Any

from pydantic import Field

from llm_tracing.api.schema_bill import LedgerLine, Shape
from llm_tracing.query.fold_rules import FoldRule as FoldRule


class TreeColumns(Shape):
    """A list a column, one entry a span, depth-first. `name`, `kind`, `service`, `scope` are places in `words`."""

    span_id: list[str]
    parent_span_id: list[str | None]
    depth: list[int]
    name: list[int]
    kind: list[int]
    service: list[int]
    scope: list[int]
    start_time_unix_nano: list[str]
    duration_ns: list[str | None] = Field(description="null while running")
    status: list[int] = Field(description="0 unset, 1 ok, 2 error, 3 running")
    folded_into: list[int | None] = Field(description="place of the step whose badge holds the span")
    fold_rule: list[int | None] = Field(description="place in `words` of the rule that is about the span")


class TraceTree(Shape):
    """The light tree in columns, for traces of any size: a tenth of what `content=false` sends, and quicker made.

    `details` has, by place, what few spans have: error, model, tokens, cost, annotations. A field of a span that is in
    neither has its empty value.
    """

    trace: dict[str, Any] = Field(description="as in GET /traces/{trace_id}")
    words: list[str]
    spans: TreeColumns
    details: dict[str, dict[str, Any]]
    annotations: list[dict[str, Any]]


class Bill(Shape):
    ledger: list[LedgerLine]


class BadgeStatement(Shape):
    text: str = Field(description="the statement, cut at 20,000 characters")
    count: int
    span_id: str = Field(description="the first span that ran it")


class Badge(Shape):
    """What is in the badge of one step."""

    step: str = Field(description="span_id of the step")
    count: int
    error_count: int
    checkout_count: int = Field(description="connections taken from a pool")
    statement_count: int = Field(description="spans with a statement")
    distinct_statements: int
    total_duration_ns: str
    p95_duration_ns: str
    rules: dict[str, int] = Field(description="id of a folding rule -> how many spans it folded")
    statements: list[BadgeStatement] = Field(description="the most frequent, at most 30")


class BadgeList(Shape):
    badges: list[Badge]


class FoundSpan(Shape):
    span_id: str
    where: str = Field(description="`name`, or the attribute or event that holds the text")
    excerpt: str


class FoundList(Shape):
    spans: list[FoundSpan] = Field(description="in the order of the tree")
    total: int
    truncated: bool


class LinkedSpan(Shape):
    """A span of this or another trace that links here."""

    trace_id: str
    span_id: str
    name: str
    kind: str
    service: str
    start_time_unix_nano: str
    to_span_id: str = Field(description="the span that it links to")
    attributes: dict[str, Any]


class LinkedList(Shape):
    links: list[LinkedSpan]


class FoldRulesShown(Shape):
    rules: list[FoldRule]
    is_default: bool
