"""One trace as it is shown: its spans in tree order with their meaning, their folds, and the bill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from llm_tracing.model import LogRow, SpanFacts, SpanRecord
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts, SentEvent
from llm_tracing.normalize.counting import REPEATS_CHILDREN, decide
from llm_tracing.normalize.merge import merge_runs
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.twins import merge_twins, twin_ids
from llm_tracing.query.fold import fold
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.tree import Node, build_tree
from llm_tracing.store.contract import StoredTrace


@dataclass(eq=False)  # not frozen: making ten thousand of them costs half as much
class SpanView:
    """A span with its place in the tree. Attributes, content and facts are worked out when first asked for."""

    record: SpanRecord
    stored: StoredTrace
    depth: int
    is_orphan: bool
    folded_into: int | None
    counted: bool
    not_counted_because: str | None
    reported_as: tuple[int, ...]  # the ids of its rows: two where both protocols reported it
    fold_rule: str | None = None  # the folding rule that is about it
    slow: bool = False  # it would fold, were it not slow
    logs: Sequence[LogRow] = field(default_factory=tuple)

    @cached_property
    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = self._restored(self.record.attributes)
        return found

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The span's events: name, time_unix_nano, attributes, dropped_attributes_count."""
        return self._restored(self.record.events) or []

    @cached_property
    def content(self) -> Content:
        logs = [
            SentEvent(
                log.genai_event or "", self._restored(log.attributes), self._restored(log.body), log.time_unix_nano
            )
            for log in self.logs
        ]
        return read_content(self.attributes, self.record.name, self._sent_events, logs)

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.attributes, self.record.name, self._sent_events) or Facts()

    @property
    def _sent_events(self) -> list[SentEvent]:
        return [SentEvent(event["name"], event["attributes"], None, event["time_unix_nano"]) for event in self.events]

    def _restored(self, text: str | None) -> Any:
        found = from_json(text)
        return restore(found, self.stored.payloads) if self.stored.payloads else found


def trace_view(stored: StoredTrace, rules: FoldRules | None = None) -> list[SpanView]:
    """Every stored span of a trace, depth-first, parents before children; folded by `rules`, or the default ones."""
    records = merge_twins(stored.spans, merge_runs)
    twins = twin_ids(stored.spans)
    whole = stored.trace.trace_id
    nodes = build_tree([r if r.trace_id == whole else r._replace(trace_id=whole) for r in records])
    facts_nodes: Sequence[Node[Any]] = nodes
    scopes = {scope_id: scope.name for scope_id, scope in stored.scopes.items()}
    folded = fold(facts_nodes, rules, lambda span: scopes.get(span.scope_id, ""))
    # A record has all that is asked of facts here, and a big trace has no time for a second tuple a span.
    reasons = decide(cast("list[SpanFacts]", records), {span.span_id: span.parent_span_id for span in records})
    logs: dict[int | None, list[LogRow]] = {}
    for log in stored.logs:
        if log.span_id is not None:
            logs.setdefault(log.span_id, []).append(log)
    counted = [reasons.get(node.span.span_id, "") is None for node in nodes]
    calls_below = _counted_below(nodes, counted)
    views: list[SpanView] = []
    for node, is_counted, place in zip(nodes, counted, folded, strict=True):
        span_id = node.span.span_id
        reason = reasons.get(span_id)
        reported_as = (span_id, twins[span_id]) if span_id in twins else (span_id,)
        views.append(
            SpanView(
                node.span,
                stored,
                node.depth,
                node.is_orphan,
                place.step,
                is_counted,
                _in_words(reason, calls_below[node.place]) if reason else None,
                reported_as,
                place.rule,
                place.slow,
                [log for own in reported_as for log in logs.get(own, ())] if logs else (),
            )
        )
    return views


def _counted_below(nodes: Sequence[Node[Any]], counted: Sequence[bool]) -> list[int]:
    """How many counted spans lie below each node; the nodes are depth-first."""
    found = [0] * len(nodes)
    for node in reversed(nodes):  # children before parents
        calls = found[node.place] + counted[node.place]
        if calls and node.parent is not None:
            found[node.parent.place] += calls
    return found


def _in_words(reason: str, calls_below: int) -> str:
    """Why a span is not counted, for people."""
    if reason == REPEATS_CHILDREN and calls_below:
        times = f"its {calls_below:,} calls below" if calls_below > 1 else "the call below it"
        reason = f"repeats the usage of {times}" if calls_below > 1 else f"repeats {times}"
    return f"Not counted: {reason}."
