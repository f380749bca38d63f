"""What is in the badges of a story: how many spans, which statements, how long, which rule folded them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_tracing.model import STATUS_ERROR
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.payloads import restore
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.view import SpanView
from llm_tracing.store.contract import StoredTrace

STATEMENTS = ("db.query.text", "db.statement")


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    count: int
    span_id: int  # the first that ran it


@dataclass(frozen=True, slots=True)
class BadgeContent:
    """The badge of one step. Times are nanoseconds; `p95_ns` is the nearest rank."""

    step: int
    count: int
    errors: int
    checkouts: int
    with_statement: int
    total_ns: int
    p95_ns: int
    rules: dict[str, int]
    statements: list[Statement]  # all different ones, most frequent first


def with_statements(views: Iterable[SpanView]) -> list[int]:
    """The ids of the spans whose statements the badges tell: only their attributes need to be read."""
    return [i for view in views if view.folded_into is not None and _is_db(view) for i in view.reported_as]


def statements(stored: StoredTrace | None) -> dict[int, str]:
    """The statement of each span that has one, by its id."""
    if stored is None:
        return {}
    found: dict[int, str] = {}
    for record in stored.spans:
        if (text := _statement(from_json(record.attributes), stored.payloads)) is not None:
            found.setdefault(record.span_id, text)
    return found


def badges(views: Iterable[SpanView], texts: Mapping[int, str], rules: FoldRules) -> list[BadgeContent]:
    """In the order of the tree; `texts` has the statement of each span by its id."""
    checkouts = {rule.id for rule in rules.rules if rule.checkout}
    held: dict[int, list[SpanView]] = {}
    for view in views:
        if view.folded_into is not None:
            held.setdefault(view.folded_into, []).append(view)
    return [_badge(step, spans, texts, checkouts) for step, spans in held.items()]


def _badge(step: int, spans: Sequence[SpanView], told: Mapping[int, str], checkouts: set[str]) -> BadgeContent:
    rules = Counter(view.fold_rule for view in spans if view.fold_rule is not None)
    texts: dict[str, Statement] = {}
    counts: Counter[str] = Counter()
    for view in spans:
        text = next((told[i] for i in view.reported_as if i in told), None) if _is_db(view) else None
        if text is not None:
            counts[text] += 1
            texts.setdefault(text, Statement(text, 0, view.record.span_id))
    took = sorted(view.record.duration_ns for view in spans)
    return BadgeContent(
        step,
        len(spans),
        sum(view.record.status_code == STATUS_ERROR for view in spans),
        sum(count for rule, count in rules.items() if rule in checkouts),
        counts.total(),
        sum(took),
        took[-(-len(took) * 95 // 100) - 1],
        dict(rules),
        [Statement(text, count, texts[text].span_id) for text, count in counts.most_common()],
    )


def _is_db(view: SpanView) -> bool:
    return view.record.kind == "db"


def _statement(attributes: Mapping[str, Any], payloads: Mapping[bytes, str]) -> str | None:
    for name in STATEMENTS:
        text = restore(attributes.get(name), payloads)
        if isinstance(text, str) and text:
            return text
    return None
