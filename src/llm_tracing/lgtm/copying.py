"""Traces of a Tempo into a running server: found by TraceQL, fetched whole by id, sent on as OTLP.

The newest come first. A trace that is there already is stored once, so a copy that broke off is simply begun again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from llm_tracing.errors import LlmTracingError
from llm_tracing.exchange.replay.answers import Sender
from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.incoming import Objects, resolve_traces
from llm_tracing.lgtm.tempo import LONGEST_RANGE_S, MAX_LIMIT, Found, Tempo

_STEP = 500  # traces of one search
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Copied:
    """`partial` are traces of which Tempo gave a part only, `gone` those that a search named and that are not there."""

    traces: int = 0
    spans: int = 0
    rejected: int = 0
    partial: int = 0
    gone: int = 0


class NotTaken(LlmTracingError):
    """The server did not take a trace."""


def copy_traces(
    tempo: Tempo,
    objects: Objects | None,
    sender: Sender,
    query: str,
    since_s: int,
    until_s: int,
    went_on: Callable[[Copied], None] = lambda _: None,
) -> Copied:
    """Copy the traces of a range that meet a TraceQL query; `went_on` is told after each. Raises LlmTracingError."""
    copied = Copied()
    for found in _named(tempo, query, since_s, until_s):
        fetched = tempo.trace(found.trace_id, Patience(_PATIENCE_S))
        if fetched is None:
            copied.gone += 1
            continue
        if objects is not None:
            resolve_traces(fetched.data, objects)
        request = ExportTraceServiceRequest(resource_spans=fetched.data.resource_spans)
        answer = sender.send("traces", request)
        if answer.verdict != "taken":
            raise NotTaken(
                f"The server did not take trace {found.trace_id.hex()}: {answer.said}.",
                "Run the same command again: what is there already is stored once.",
            )
        copied.traces += 1
        copied.spans += sum(len(scope.spans) for part in request.resource_spans for scope in part.scope_spans)
        copied.rejected += answer.rejected
        copied.partial += bool(fetched.partial)
        went_on(copied)
    return copied


def _named(tempo: Tempo, query: str, since_s: int, until_s: int) -> Iterator[Found]:
    """Traces that begin in a range, each once, the newest first: a search has no cursor, its end moves."""
    seen: set[bytes] = set()
    limit, at = _STEP, until_s
    while at > since_s:
        low = max(since_s, at - LONGEST_RANGE_S)
        found = tempo.search(query, low, at, limit, Patience(_PATIENCE_S))
        fresh = [one for one in found if one.trace_id not in seen]
        seen.update(one.trace_id for one in fresh)
        yield from fresh
        if len(found) < limit:
            at = low
            continue
        oldest = found[-1].start_time_unix_nano // 1_000_000_000 + 1  # of its second there may be more
        if oldest < at:
            at = max(low, oldest)
        elif limit < MAX_LIMIT:
            limit = min(MAX_LIMIT, limit * 4)  # all of them within one second
        else:
            at -= 1
