"""What is in the badges of a story: how many spans, which statements, how long, which rule folded them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llm_tracing.model import STATUS_ERROR
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.view import SpanView

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


def badges(views: Iterable[SpanView], rules: FoldRules) -> list[BadgeContent]:
    """In the order of the tree; the views need their attributes."""
    checkouts = {rule.id for rule in rules.rules if rule.checkout}
    held: dict[int, list[SpanView]] = {}
    for view in views:
        if view.folded_into is not None:
            held.setdefault(view.folded_into, []).append(view)
    return [_badge(step, spans, checkouts) for step, spans in held.items()]


def _badge(step: int, spans: Sequence[SpanView], checkouts: set[str]) -> BadgeContent:
    rules = Counter(view.fold_rule for view in spans if view.fold_rule is not None)
    texts: dict[str, Statement] = {}
    counts: Counter[str] = Counter()
    for view in spans:
        if view.record.kind == "db" and (text := statement_of(view)) is not None:
            counts[text] += 1
            texts.setdefault(text, Statement(text, 0, view.record.span_id))
    took = sorted(view.record.facts().duration_ns for view in spans)
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


def statement_of(view: SpanView) -> str | None:
    for name in STATEMENTS:
        text = view.attributes.get(name)
        if isinstance(text, str) and text:
            return text
    return None
