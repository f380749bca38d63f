"""One trace of any number of spans: an agent that answers question after question of bench.profiles."""

from collections.abc import Iterator
from random import Random

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.profiles import body_of, make_trace
from bench.question import SPANS_PER_TRACE, attributes

TRACE_ID = "b1" * 16
SPANS_PER_BODY = 4_000
_SCOPE = "opentelemetry.util.genai.handler"


def spans_of(count: int, seed: int = 1) -> Iterator[tuple[str, Span]]:
    """(scope, span): the agent's own span and as many whole questions as fit into `count` spans, at least one."""
    dice = Random(seed)
    trace_id, root_id = bytes.fromhex(TRACE_ID), dice.randbytes(8)
    begun = ended = 0
    for number in range(max(1, (count - 1) // SPANS_PER_TRACE)):
        for scope, span in make_trace(number, dice).spans:
            span.trace_id = trace_id
            if not span.parent_span_id:
                span.parent_span_id = root_id
            begun = min(begun or span.start_time_unix_nano, span.start_time_unix_nano)
            ended = max(ended, span.end_time_unix_nano)
            yield scope, span
    yield (
        _SCOPE,
        Span(
            trace_id=trace_id,
            span_id=root_id,
            name="invoke_agent analyst",
            kind=Span.SPAN_KIND_INTERNAL,
            start_time_unix_nano=begun,
            end_time_unix_nano=ended,
            attributes=attributes(gen_ai__operation__name="invoke_agent", gen_ai__agent__name="analyst"),
        ),
    )


def bodies(count: int) -> Iterator[bytes]:
    """OTLP protobuf requests of the trace, all of one service."""
    waiting: list[tuple[str, str, Span]] = []
    for scope, span in spans_of(count):
        waiting.append(("qa", scope, span))
        if len(waiting) == SPANS_PER_BODY:
            yield body_of(waiting)
            waiting = []
    if waiting:
        yield body_of(waiting)
