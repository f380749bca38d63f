"""Runs of LangSmith's protocol to spans.

Pure but for the memory of resources and scopes. What one request says of a run is put together first; what several say
is put together when it is stored, by merge.py, with the same result.
"""

import ast
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from llm_tracing.model import SOURCE_LANGSMITH, STATUS_ERROR, STATUS_OK, STATUS_UNSET, Batch, SpanRecord
from llm_tracing.normalize.arrival import note_times
from llm_tracing.normalize.conventions import read_both
from llm_tracing.normalize.conventions.contract import Facts
from llm_tracing.normalize.counting import CALL_KINDS
from llm_tracing.normalize.langsmith_attributes import ERROR, Run, first_token_unix_nano, merged, run_of
from llm_tracing.normalize.langsmith_feedback import annotation_row
from llm_tracing.normalize.langsmith_ids import span_id_of
from llm_tracing.normalize.marks import marks_of
from llm_tracing.normalize.merge import NAME, PROJECT, RUNTIME
from llm_tracing.normalize.preview import input_preview, output_preview
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.stored import store_attributes
from llm_tracing.normalize.traceparent import ATTRIBUTE as TRACEPARENT
from llm_tracing.normalize.traceparent import read_traceparent
from llm_tracing.normalize.values import from_json_text
from llm_tracing.receive.runs import RunOperation, RunsRequest
from llm_tracing.receive.sink import Accepted

DEFAULT_PROJECT = "default"  # LangSmith's own name for the project of who names none
UNNAMED = "run"
_INTERNAL, _CLIENT = 1, 3  # opentelemetry.proto.trace.v1.Span.SpanKind
_SCOPE = InstrumentationScope(name="langsmith")
_TRACEBACK = "Traceback (most recent call last)"  # follows the error's own words, on their line or a later one
_REPR = re.compile(r"""[\w.]+\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"),?\)""", re.DOTALL)
_MAX_REPR = 100_000  # characters
_MAX_MESSAGE = 2_000  # characters
# `runtime` of extra.runtime -> telemetry.sdk.language, as OpenTelemetry lists its values.
_LANGUAGES = {"node": "nodejs", "bun": "nodejs", "deno": "nodejs", "browser": "webjs"}


def add_runs(request: RunsRequest, shared: SharedRows, batch: Batch) -> Accepted:
    """Add the runs and the feedback of a request to a batch. What the receiver had to refuse is counted."""
    service, before = DEFAULT_PROJECT, len(batch.spans)
    for run in together(request.operations):
        record = _record(run, shared, batch)
        if record.service != service:  # most requests are of one project
            note_times(batch, service, before)
            service, before = record.service, len(batch.spans)
        batch.spans.append(record)
        batch.received[service, "runs"] += 1
    note_times(batch, service, before)
    for feedback in request.feedback:
        row = annotation_row(feedback)
        batch.annotations[row.annotation_id] = row
    if not request.refused:
        return Accepted()
    count, first = len(request.refused), request.refused[0]
    batch.refused[service, "invalid"] += count
    return Accepted(count, f"Refused: {count}, the first {first.name} ({first.reason}). The rest is stored.")


def together(operations: Iterable[RunOperation]) -> list[Run]:
    """What a request says of each run, in the order in which they are first named; posts come before patches."""
    runs: dict[UUID, Run] = {}
    for operation in sorted(operations, key=lambda operation: operation.verb != "post"):
        run = run_of(operation)
        known = runs.get(run.run_id)
        runs[run.run_id] = run if known is None else merged(known, run)
    return list(runs.values())


def _record(run: Run, shared: SharedRows, batch: Batch) -> SpanRecord:
    trace, parent = run.trace_id, run.parent_id
    trace_id, span_id = trace.bytes, span_id_of(run.run_id, trace)
    start = run.start_unix_nano or run.end_unix_nano or time.time_ns()
    sent = run.attributes
    around = None if parent else read_traceparent(sent.get(TRACEPARENT))
    said, content = read_both(sent)
    facts = said or Facts()
    batch.marks += marks_of(content, sent, trace_id, span_id, start)
    together = {**_derived(facts), **sent}
    attributes = {key: together[key] for key in sorted(together)}
    project = str(sent.get(PROJECT) or DEFAULT_PROJECT)
    resource = shared.resource(_resource(project, str(sent.get(RUNTIME, ""))), "", batch)
    error = sent.get(ERROR)
    return SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=span_id_of(parent, trace) if parent else around.span_id if around else None,
        start_time_unix_nano=start,
        end_time_unix_nano=run.end_unix_nano,
        name=str(sent.get(NAME) or UNNAMED),
        otel_kind=_CLIENT if facts.kind in CALL_KINDS else _INTERNAL,
        kind=facts.kind or "chain",
        status_code=STATUS_ERROR if error else STATUS_OK if run.end_unix_nano else STATUS_UNSET,
        status_message=_message(error) if error else None,
        service=resource.service,
        provider=facts.provider,
        operation=facts.operation,
        request_model=facts.request_model,
        response_model=facts.response_model,
        response_id=facts.response_id,
        input_tokens=facts.input_tokens,
        output_tokens=facts.output_tokens,
        cache_read_tokens=facts.cache_read_tokens,
        cache_write_tokens=facts.cache_write_tokens,
        reasoning_tokens=facts.reasoning_tokens,
        usage_details=orjson.dumps(facts.details).decode() if facts.details else None,
        client_cost_pico_usd=facts.client_cost_pico_usd,
        time_to_first_token_ns=_first_token_ns(run),
        session_id=facts.session_id,
        user_id=facts.user_id,
        input_preview=input_preview(content),
        output_preview=output_preview(content),
        sources=SOURCE_LANGSMITH,
        trace_state=None,
        flags=0,
        attributes=store_attributes(attributes, True, trace_id, span_id, start, batch),
        dropped_attributes_count=0,
        events=orjson.dumps(run.events).decode() if run.events else None,
        dropped_events_count=0,
        links=None,
        dropped_links_count=0,
        resource_id=resource.row.resource_id,
        scope_id=shared.scope(_SCOPE, "", batch).scope_id,
    )


def _derived(facts: Facts) -> dict[str, Any]:
    """The attributes that LangSmith's own exporter works out of a run."""
    named = {
        "gen_ai.operation.name": facts.operation,
        "gen_ai.request.model": facts.request_model,
        "gen_ai.response.model": facts.response_model,
    }
    return {name: value for name, value in named.items() if value is not None}


def _message(error: Any) -> str:
    """The error's own words, without the traceback; of Python's `Type('words')` the words, the type is an attribute."""
    text = str(error).partition(_TRACEBACK)[0].strip() or str(error).strip()
    text = text.partition("\n\n")[0].strip()
    quoted = _REPR.fullmatch(text) if len(text) < _MAX_REPR else None
    if quoted:
        with suppress(ValueError, SyntaxError):
            text = str(ast.literal_eval(quoted[1])).encode("utf-8", "replace").decode() or text
    return text[:_MAX_MESSAGE]


def _first_token_ns(run: Run) -> int | None:
    at = first_token_unix_nano(run.events)
    if at is None or not run.start_unix_nano or at < run.start_unix_nano:
        return None
    return at - run.start_unix_nano


@lru_cache(maxsize=256)
def _resource(project: str, runtime_text: str) -> Resource:
    runtime = from_json_text(runtime_text)
    runtime = runtime if isinstance(runtime, dict) else {}
    language = str(runtime.get("runtime") or "")
    named = {
        "service.name": project,
        "telemetry.sdk.name": "langsmith",
        "telemetry.sdk.language": _LANGUAGES.get(language, language),
        "telemetry.sdk.version": str(runtime.get("sdk_version") or ""),
    }
    return Resource(
        attributes=[KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in named.items() if value]
    )
