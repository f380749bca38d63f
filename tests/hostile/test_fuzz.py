"""Every decoder takes whatever comes: it refuses with an error that has a status, or what it took is stored.

A short run with every test run, a long one with `make test-long`.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_tracing.errors import ReceiveError
from llm_tracing.model import Batch
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.conventions import read_content, read_facts
from llm_tracing.normalize.langsmith import add_runs
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.payloads import restore, split
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.normalize.traceparent import read_traceparent
from llm_tracing.receive.decode import JSON, PROTOBUF, REQUESTS, Signal, decode, decompress
from llm_tracing.receive.runs import RunsRequest, batch_of_runs, multipart_runs, one_run
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from tests.builders import any_value, chat, counter, log, log_request, metric_request, span, trace_request
from tests.langsmith_requests import MULTIPART, multipart, part, run, run_id, split_off

SHORT, LONG = 100, 5_000
Add = Callable[[Any, SharedRows, Batch], Any]
ADD: dict[Signal, Add] = {"traces": add_spans, "logs": add_logs, "metrics": add_metrics}
WHOLE: dict[Signal, bytes] = {
    "traces": trace_request(
        span("s", 1, attributes=chat("q", "a", tokens=(1, 2)), events=[("e", {"a": 1.5})]), span("t", 2, 1)
    ).SerializeToString(),
    "logs": log_request(log("line")).SerializeToString(),
    "metrics": metric_request(counter("c", 1, 2)).SerializeToString(),
}
_RUN = run(1, 2, inputs={"q": "x"}, outputs={"a": [1, None]}, extra={"metadata": {"a": 1}})
RUNS = multipart(*split_off("post", _RUN))

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
# Names that some reader of a convention looks at, so that odd values reach it.
KNOWN = (
    "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.operation.name",
    "gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons",
    "gen_ai.tool.call.arguments", "gen_ai.tool.name",
    "gen_ai.prompt.0.content", "gen_ai.completion.0.role", "gen_ai.prompt",
    "openinference.span.kind", "llm.input_messages.0.message.content", "llm.token_count.prompt", "input.value",
    "output.value", "traceloop.span.kind", "traceloop.entity.input", "langfuse.observation.type",
    "langfuse.observation.usage_details", "langfuse.observation.input", "mlflow.spanType", "mlflow.spanInputs",
    "ai.prompt.messages", "ai.response.toolCalls", "ai.operationId", "request_data", "response_data",
    "all_messages_events",
    "genkit:type", "genkit:input", "gcp.vertex.agent.llm_request", "haystack.component.output", "metadata.usage_object",
    "langsmith.span.kind", "langsmith.metadata.x", "session.id", "user.id", "llm.request.type", "gen_ai.event.content",
)  # fmt: skip


class Stored:
    """What was taken, stored in one commit at the end: a commit for each would wait for the disk thousands of times."""

    def __init__(self) -> None:
        self._taken: list[Batch] = []

    def __call__(self, batch: Batch) -> None:
        self._taken.append(batch)
        if len(self._taken) >= 500:
            self.store()

    def store(self) -> None:
        """Store it all and read every trace of it."""
        taken, self._taken = self._taken, []
        together = Batch.empty()
        for batch in taken:
            together.add(batch)
        with TemporaryDirectory() as folder:
            store = DuckDBStore(Path(folder))
            try:
                touched = store.write(together)
                for trace_id in touched:
                    assert store.trace(trace_id) is not None
                store.logs(Page(limit=10))
            finally:
                store.close()


def _damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Bytes with some of them changed, left out or put in: most of it still reads."""
    at = st.integers(0, len(whole) - 1)
    edit = st.tuples(at, st.sampled_from(["set", "cut", "put"]), st.binary(min_size=1, max_size=4))

    def edited(edits: list[tuple[int, str, bytes]]) -> bytes:
        body = bytearray(whole)
        for place, how, new in edits:
            body[place : place + (0 if how == "put" else len(new))] = b"" if how == "cut" else new
        return bytes(body)

    return st.lists(edit, min_size=1, max_size=4).map(edited)


def _refused(error: ReceiveError, *statuses: int) -> None:
    assert error.status in statuses


def _otlp(signal: Signal, body: bytes, media: str, stored: Stored) -> None:
    try:
        message = decode(signal, body, media)
    except ReceiveError as error:
        _refused(error, 400)
        return
    batch = Batch.empty()
    ADD[signal](message, SharedRows(), batch)
    stored(batch)


def _runs(read: Callable[[], RunsRequest], stored: Stored) -> None:
    try:
        request = read()
    except ReceiveError as error:
        _refused(error, 400, 422)
        return
    batch = Batch.empty()
    add_runs(request, SharedRows(), batch)
    stored(batch)


def check_protobuf(stored: Stored, signal: Signal, body: bytes) -> None:
    _otlp(signal, body, PROTOBUF, stored)


def check_json(stored: Stored, signal: Signal, tree: Any) -> None:
    _otlp(signal, json.dumps(tree).encode(), JSON, stored)


def check_attributes(stored: Stored, attributes: dict[str, Any]) -> None:
    one = span("s", 1)
    for name, value in attributes.items():
        one.attributes.add(key=name, value=any_value(_in_64_bits(value)))
        texts = isinstance(value, list | dict)
        if texts:
            one.attributes.add(key=name, value=any_value(json.dumps(value)))
    batch = Batch.empty()
    add_spans(trace_request(one), SharedRows(), batch)
    stored(batch)
    kept = {name: value for name, value in attributes.items() if not isinstance(value, float) or value == value}
    for sent in (kept, {name: json.dumps(value) for name, value in kept.items()}):
        read_facts(sent)
        read_content(sent)


def check_multipart(stored: Stored, body: bytes) -> None:
    _runs(lambda: multipart_runs(body, MULTIPART), stored)


def check_runs(stored: Stored, fields: dict[str, Any]) -> None:
    sent = {"id": run_id(1), **fields}
    _runs(lambda: batch_of_runs(json.dumps({"post": [sent], "patch": [sent, fields]}).encode()), stored)
    _runs(lambda: one_run(json.dumps(fields).encode(), "patch", run_id(2)), stored)
    apart = [part(f"post.{run_id(3)}.{name}", value) for name, value in fields.items() if name.isidentifier()]
    _runs(lambda: multipart_runs(multipart(part(f"post.{run_id(3)}", fields), *apart), MULTIPART), stored)


def check_texts(text: str) -> None:
    read_traceparent(text)
    found: dict[bytes, Any] = {}
    parts = split(text, found)
    assert restore(parts, {key: row.content for key, row in found.items()}) == text
    with suppress(ValueError):
        from_json(text)


def check_encodings(body: bytes, encoding: str) -> None:
    try:
        assert len(decompress(body, encoding, 1_000)) <= 1_000
    except ReceiveError as error:
        _refused(error, 400, 413)


def _in_64_bits(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | list | dict):
        return value
    if isinstance(value, int):
        return max(-(2**63), min(value, 2**63 - 1))
    if isinstance(value, list):
        return [_in_64_bits(item) for item in value]
    return {key: _in_64_bits(item) for key, item in value.items()}


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


_RUN_FIELDS = (
    "name", "run_type", "trace_id", "parent_run_id", "dotted_order", "start_time", "end_time", "inputs", "outputs",
    "error",
    "extra", "events", "tags", "serialized", "session_name", "reference_example_id", "attachments", "usage_metadata",
)  # fmt: skip
_signals = st.sampled_from(sorted(REQUESTS))
_NAMES = """
    resourceSpans scopeSpans spans traceId spanId name attributes key value stringValue resourceLogs scopeLogs
    logRecords body events links startTimeUnixNano arrayValue values kvlistValue intValue doubleValue status code
"""
_names = st.sampled_from(_NAMES.split())
_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["0" * 31 + "1", "0" * 15 + "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=20,
)
_bodies = _signals.flatmap(lambda signal: st.tuples(st.just(signal), st.binary(max_size=200) | _damaged(WHOLE[signal])))

CHECKS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {
    "protobuf": (lambda stored, sent: check_protobuf(stored, *sent), (_bodies,)),
    "json": (check_json, (_signals, _trees)),
    "attributes": (check_attributes, (st.dictionaries(st.sampled_from(KNOWN), plain, min_size=1, max_size=5),)),
    "multipart": (check_multipart, (_damaged(RUNS) | st.binary(max_size=200),)),
    "runs": (check_runs, (st.dictionaries(st.sampled_from(_RUN_FIELDS), plain, max_size=6),)),
    "texts": (lambda _, text: check_texts(text), (st.text(max_size=200).filter(_encodable),)),
    "encodings": (
        lambda _, body, encoding: check_encodings(body, encoding),
        (st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "zstd", "identity"])),
    ),
}


def _fuzzed(name: str, examples: int) -> None:
    check, strategies = CHECKS[name]
    stored = Stored()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.tuples(*strategies))
    def attempt(arguments: tuple[Any, ...]) -> None:
        check(stored, *arguments)

    attempt()
    stored.store()


@pytest.mark.parametrize("name", CHECKS)
def test_a_decoder_takes_whatever_comes(name: str) -> None:
    _fuzzed(name, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("name", CHECKS)
def test_a_decoder_takes_whatever_comes_for_long(name: str) -> None:
    _fuzzed(name, LONG)
