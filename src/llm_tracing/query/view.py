"""One trace as it is shown: its spans in tree order with their meaning, their folds, and the bill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any

from llm_tracing.model import LogRow, SpanFacts, SpanRecord
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.conventions.contract import Content, Facts, SentEvent
from llm_tracing.normalize.counting import REPEATS_CHILDREN, decide
from llm_tracing.normalize.merge import merge_runs
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.twins import merge_twins, twin_ids
from llm_tracing.query.fold import fold
from llm_tracing.query.tree import Node, build_tree
from llm_tracing.store.contract import StoredTrace


@dataclass(frozen=True)
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


def trace_view(stored: StoredTrace) -> list[SpanView]:
    """Every stored span of a trace, depth-first, parents before children."""
    records = merge_twins(stored.spans, merge_runs)
    twins = twin_ids(stored.spans)
    whole = stored.trace.trace_id
    nodes = build_tree([r if r.trace_id == whole else r._replace(trace_id=whole) for r in records])
    facts_nodes: Sequence[Node[Any]] = nodes
    folded = fold(facts_nodes)
    spans: list[SpanFacts] = [record.facts() for record in records]
    reasons = decide(spans, {span.span_id: span.parent_span_id for span in spans})
    logs: dict[int | None, list[LogRow]] = {}
    for log in stored.logs:
        if log.span_id is not None:
            logs.setdefault(log.span_id, []).append(log)
    counted = [reasons.get(node.span.span_id, "") is None for node in nodes]
    return [
        SpanView(
            node.span,
            stored,
            node.depth,
            node.is_orphan,
            folded.get(id(node)),
            counted[place],
            _in_words(reasons.get(node.span.span_id), nodes, place, counted),
            (node.span.span_id, *([twins[node.span.span_id]] if node.span.span_id in twins else [])),
            [log for span_id in (node.span.span_id, twins.get(node.span.span_id)) for log in logs.get(span_id, ())],
        )
        for place, node in enumerate(nodes)
    ]


def _in_words(reason: str | None, nodes: Sequence[Node[Any]], place: int, counted: Sequence[bool]) -> str | None:
    """Why a span is not counted, for people; the nodes are depth-first."""
    if reason is None:
        return None
    if reason == REPEATS_CHILDREN:
        below = takewhile(lambda at: nodes[at].depth > nodes[place].depth, range(place + 1, len(nodes)))
        calls = sum(counted[at] for at in below)
        if calls:
            reason = f"repeats the usage of its {calls:,} calls below" if calls > 1 else "repeats the call below it"
    return f"Not counted: {reason}."
