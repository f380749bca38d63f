"""What a list is filtered by, and a page of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Table = Literal["traces", "spans", "calls", "logs"]
FilterField = Literal[
    "text", "input", "output", "name", "kind", "status", "service", "model", "provider", "operation", "tool", "finish",
    "session", "user", "source", "scope", "attribute", "resource", "trace", "span", "severity", "event", "has",
    "score", "tag", "thumb", "duration_ns", "ttft_ns", "tokens", "input_tokens", "output_tokens", "cached_tokens",
    "cost_pico_usd", "span_count", "call_count", "error_count",
]  # fmt: skip
Comparison = Literal["=", "like", ">", ">=", "<", "<="]
_OF_ALL: frozenset[FilterField] = frozenset({"service", "attribute", "resource", "scope", "trace", "has"})
_MEANING: frozenset[FilterField] = frozenset(
    {"kind", "model", "provider", "operation", "session", "user", "source", "score", "tag", "thumb", "duration_ns",
     "ttft_ns", "tokens", "input_tokens", "output_tokens", "cached_tokens"}
)  # fmt: skip
_SAID: frozenset[FilterField] = frozenset({"text", "input", "output", "name", "status", "tool", "finish"})
# What a list of each table can be filtered by.
FIELDS_OF: dict[Table, frozenset[FilterField]] = {
    "traces": _OF_ALL | _MEANING | _SAID | {"cost_pico_usd", "span_count", "call_count", "error_count"},
    "spans": _OF_ALL | _MEANING | _SAID | {"span"},
    "calls": _OF_ALL | _MEANING | {"span", "cost_pico_usd"},
    "logs": _OF_ALL | {"text", "span", "severity", "event"},
}
# What the field `has` looks for, with the lists that can be asked for it; in words for people.
PRESENT: dict[str, tuple[frozenset[Table], str]] = {
    "error": (frozenset({"traces", "spans", "calls", "logs"}), "something in it failed"),
    "annotation": (frozenset({"traces", "spans", "calls"}), "somebody said something of it"),
    "note": (frozenset({"traces", "spans", "calls"}), "an annotation with a remark"),
    "score": (frozenset({"traces", "spans", "calls"}), "an annotation with a score"),
    "sql": (frozenset({"traces", "spans"}), "a database was asked"),
    "cost": (frozenset({"traces", "calls"}), "a price is known"),
    "unpriced": (frozenset({"traces", "calls"}), "a call without a known price"),
    "tokens": (frozenset({"traces", "spans", "calls"}), "tokens were counted"),
    "cache": (frozenset({"traces", "spans", "calls"}), "input from a prompt cache"),
    "reasoning": (frozenset({"traces", "spans", "calls"}), "reasoning tokens"),
    "session": (frozenset({"traces", "spans", "calls"}), "a session is known"),
    "user": (frozenset({"traces", "spans", "calls"}), "a user is known"),
    "input": (frozenset({"traces", "spans"}), "the question was captured"),
    "output": (frozenset({"traces", "spans"}), "the answer was captured"),
    "ttft": (frozenset({"traces", "spans", "calls"}), "a time to first token"),
    "empty-sql-answer": (frozenset({"traces"}), "its last SQL returned nothing, the answer does not say so"),
    "trace": (frozenset({"logs"}), "belongs to a trace"),
}
# What the rows of a list can be counted by.
FACETS_OF: dict[Table, tuple[str, ...]] = {
    "traces": ("status", "kind", "model", "service", "user", "session", "tool", "source", "name"),
    "spans": ("status", "kind", "model", "service", "provider", "operation", "name", "scope"),
    "logs": ("severity", "service", "event", "scope"),
    "calls": ("kind", "model", "provider", "service", "user", "session"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition that every row of a list meets (or, negated, does not); each store says it in its own language.

    `like` compares without regard to case, `*` standing for any characters. The field `text` looks for the value in
    prompts, answers, names and log bodies, whatever the comparison; `input` and `output` look only in the few words
    that lists show of question and answer. A row that lacks the field does not meet it.
    The status `ok` is that of everything that ended without an error, `unset` included.

    `key` names the attribute of `attribute` and `resource`, and the annotation of `score`. A trace meets `kind`,
    `operation`, `tool`, `finish`, `scope`, `attribute` and `resource` if one of its spans does, and `provider`, `model`
    and `ttft_ns` if one of its counted calls does; what is said of a span is said of its trace too.
    """

    field: FilterField
    comparison: Comparison
    value: str | int | float
    negated: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list, newest first: at most `limit` rows that come after `after` (time, id).

    The id is that of the last row before: of a trace 32 hex digits, of a span those of its trace and its own 16, of a
    log record its place as a decimal number.
    """

    limit: int = 50
    since: int | None = None
    until: int | None = None
    after: tuple[int, str] | None = None
    filters: Sequence[Filter] = field(default_factory=tuple)
