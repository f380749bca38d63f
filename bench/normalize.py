"""What meaning costs: normalizing a request with the GenAI conventions, and without any, interleaved in one process.

`python -m bench.normalize [--rounds N]`. Without them the same loop keeps every field of the same spans; the difference
is what the conventions add: reading facts and content, previews, payloads. Then the tree, the counting and the roll-up
of one trace of 10,000 spans. Times are CPU of this process.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from random import Random

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.profiles import make_trace, trace_bodies
from bench.table import show
from llm_tracing.model import Batch, SpanRecord, TraceRow
from llm_tracing.normalize import conventions
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.rollup import roll_up
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.query.view import trace_view
from llm_tracing.server import settle_interpreter
from llm_tracing.store.contract import StoredTrace

ROUNDS = 15
TREE_SPANS = 10_000
Requests = list[ExportTraceServiceRequest]


def _requests(spans: int, keep: Callable[[Span], bool]) -> Requests:
    found = [ExportTraceServiceRequest.FromString(body) for body in trace_bodies(spans // 40, 512)]
    for request in found:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                kept = [span for span in scope.spans if keep(span)]
                del scope.spans[:]
                scope.spans.extend(kept)
    return found


def _is_call(span: Span) -> bool:
    return any(pair.key == "gen_ai.usage.input_tokens" for pair in span.attributes)


def _microseconds_a_span(requests: Requests) -> float:
    batch, shared = Batch.empty(), SharedRows()
    begun = time.process_time()
    for request in requests:
        add_spans(request, shared, batch)
    return (time.process_time() - begun) / len(batch.spans) * 1e6


def added(requests: Requests, rounds: int) -> tuple[float, float]:
    """Microseconds a span, without and with the conventions: medians of interleaved rounds."""
    table = list(conventions.CONVENTIONS)
    without: list[float] = []
    with_all: list[float] = []
    for _ in range(rounds):
        conventions.use_conventions([])
        without.append(_microseconds_a_span(requests))
        conventions.use_conventions(table)
        with_all.append(_microseconds_a_span(requests))
    return statistics.median(without), statistics.median(with_all)


def _large_tree() -> list[SpanRecord]:
    """One trace of 10,000 spans: 250 questions under one root, in the order in which they end."""
    dice, spans = Random(7), []
    root = Span(trace_id=bytes(15) + b"\1", span_id=dice.randbytes(8), name="root", start_time_unix_nano=1)
    for number in range(TREE_SPANS // 40):
        for _, span in make_trace(number, dice).spans:
            span.trace_id = root.trace_id
            span.parent_span_id = span.parent_span_id or root.span_id
            spans.append(span)
    root.end_time_unix_nano = max(span.end_time_unix_nano for span in spans)
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend([*spans, root])
    batch = Batch.empty()
    add_spans(request, SharedRows(), batch)
    return batch.spans


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        took.append((time.process_time() - begun) * 1e3)
    return statistics.median(took)


def main(rounds: int = ROUNDS) -> None:
    rows = []
    for name, requests, aim in (
        ("40-span questions", _requests(8_000, lambda _: True), "10"),
        ("every span an LLM call", _requests(40_000, _is_call), "150"),
    ):
        without, with_all = added(requests, rounds)
        rows.append([name, f"{without:.1f}", f"{with_all:.1f}", f"{with_all - without:.1f}", aim])
    show("Normalizing, µs of CPU a span", ["", "every field kept", "with meaning", "meaning adds", "aim"], rows)

    records, prices = _large_tree(), Prices()
    settle_interpreter()  # as the server does
    facts = [record.facts() for record in records]
    trace, _ = roll_up(facts, prices)
    show(
        f"One trace of {len(records):,} spans, ms of CPU",
        ["", "median", "aim"],
        [
            ["tree, folds and counting", f"{_milliseconds(lambda: _view(trace, records), rounds):.0f}", "100"],
            ["roll-up", f"{_milliseconds(lambda: roll_up(facts, prices), rounds):.0f}", ""],
        ],
    )


def _view(trace: TraceRow, records: list[SpanRecord]) -> object:
    return trace_view(StoredTrace(trace, records, {}, {}, {}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    main(parser.parse_args().rounds)
