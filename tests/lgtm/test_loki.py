"""Log records as Loki has them, and as OTLP again."""

from collections.abc import Iterator
from typing import Any

import pytest

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Backend, Patience, Target
from llm_tracing.lgtm.loki import LogLine, Loki, is_too_long, to_otlp
from llm_tracing.model import Batch, LogRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.logs import add_logs
from llm_tracing.normalize.payloads import restore
from llm_tracing.normalize.shared import SharedRows
from tests.lgtm.replaying import Replay, answer_of, recording, replaying

RANGE = "/loki/api/v1/query_range"


@pytest.fixture
def replay() -> Iterator[Replay]:
    with replaying(Replay()) as running:
        yield running


@pytest.fixture
def loki(replay: Replay) -> Loki:
    return Loki(Backend(Target("Loki", replay.url, "LLM_TRACING_LOKI_URL")))


def rows(lines: list[LogLine]) -> tuple[list[LogRow], Batch]:
    batch = Batch.empty()
    add_logs(to_otlp(lines), SharedRows(), batch)
    return batch.logs, batch


def attributes(log: LogRow, batch: Batch) -> dict[str, Any]:
    found: dict[str, Any] = restore(from_json(log.attributes), {k: p.content for k, p in batch.payloads.items()})
    return found


def test_the_records_of_a_trace(replay: Replay, loki: Loki) -> None:
    replay.answers[RANGE] = answer_of(recording("loki-3.7.6/004-query-range-by-trace-id-categorized"))
    lines = loki.lines("{}", 1, 2, 100, Patience(5))
    logs, batch = rows(lines)
    assert [log.time_unix_nano for log in logs] == sorted((log.time_unix_nano for log in logs), reverse=True)
    first = logs[-1]
    assert first.time_unix_nano == 1_795_449_896_484_726_784
    assert first.observed_time_unix_nano == 1_795_449_896_484_784_423
    assert (first.severity_number, first.severity_text, first.service, first.flags) == (9, "INFO", "text2sql", 3)
    assert first.trace_id == bytes.fromhex("4e7796c817894e03f04b6993e7d0f300")
    assert first.span_id == 0xAFF0098877356FE1
    assert from_json(first.body) == "question received: total order amount by region, question 16?"
    # Nothing of Loki's own, and nothing of the resource; what no list knows keeps its underscores.
    assert attributes(first, batch) == {"question_length": "42", "user.id": "user-0"}
    resource = from_json(batch.resources[first.resource_id].attributes)
    assert resource["service.name"] == "text2sql"
    assert resource["k8s.pod.name"] == "text2sql-7c9d8-abcde"
    assert resource["telemetry.sdk.language"] == "python"
    assert batch.scopes[first.scope_id].name == "text2sql"
    assert replay.asked[0].headers["X-Loki-Response-Encoding-Flags"] == "categorize-labels"
    assert replay.asked[0].parameters["direction"] == "backward"


def test_a_genai_event_tells_of_its_span(replay: Replay, loki: Loki) -> None:
    replay.answers[RANGE] = answer_of(recording("loki-3.7.6/011-query-range-genai-events"))
    logs, batch = rows(loki.lines("{}", 1, 2, 100, Patience(5)))
    assert {log.genai_event for log in logs} == {"gen_ai.client.inference.operation.details"}
    assert logs[0].body is None  # an empty line is no body
    found = attributes(logs[0], batch)
    assert found["gen_ai.usage.input_tokens"] == 1_050
    assert found["gen_ai.request.model"] == "gpt-4o-mini"
    assert found["server.port"] == 443
    assert batch.previews[0].output_preview == "EMEA leads with the highest order amount."


def test_the_body_of_an_older_genai_event_is_a_map_again() -> None:
    line = LogLine(7, '{"content":"hi","role":"user"}', {}, {"event_name": "gen_ai.user.message"})
    plain = LogLine(7, '{"content":"hi"}', {}, {})
    [record] = to_otlp([line]).resource_logs[0].scope_logs[0].log_records
    assert record.body.WhichOneof("value") == "kvlist_value"
    [record] = to_otlp([plain]).resource_logs[0].scope_logs[0].log_records
    assert record.body.string_value == '{"content":"hi"}'


@pytest.mark.parametrize(
    "metadata",
    [
        {"trace_id": "zz", "span_id": "1" * 40, "severity_number": "many", "flags": "-1", "observed_timestamp": "x"},
        {"trace_id": "", "span_id": "", "severity_number": "99", "flags": str(2**40), "observed_timestamp": str(2**70)},
    ],
)
def test_values_that_are_none_are_left_out(metadata: dict[str, str]) -> None:
    [log], _ = rows([LogLine(5, "x", {"service_name": "unknown_service"}, metadata)])
    assert (log.trace_id, log.span_id, log.severity_number, log.flags, log.observed_time_unix_nano) == (
        None,
        None,
        0,
        0,
        0,
    )
    assert log.service == "unknown_service"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"data": {"result": null}}',
        b'{"data": {"result": [null, 7, {"stream": 7, "values": [null, [], ["x", "y"], ["1"], [1, 2, 3]]}]}}',
    ],
)
def test_what_is_no_record_in_an_answer_is_left_out(replay: Replay, loki: Loki, body: bytes) -> None:
    replay.trouble = (200, "application/json", body)
    assert loki.lines("{}", 1, 2, 100, Patience(5)) == []


def test_a_range_that_is_too_long_is_told_apart(replay: Replay, loki: Loki) -> None:
    replay.trouble = answer_of(recording("loki-3.7.6/044-err-range-too-long"))
    with pytest.raises(BackendError) as raised:
        loki.lines("{}", 1, 2, 100, Patience(5))
    assert is_too_long(raised.value)
    replay.trouble = answer_of(recording("loki-3.7.6/041-err-empty-matcher"))
    with pytest.raises(BackendError) as raised:
        loki.lines("{}", 1, 2, 100, Patience(5))
    assert not is_too_long(raised.value)


def test_a_missing_tenant_names_its_setting(replay: Replay, loki: Loki) -> None:
    replay.trouble = answer_of(recording("loki-3.7.6-multitenant/001-err-no-org-id-query"))
    with pytest.raises(BackendError, match="no org id") as raised:
        loki.lines("{}", 1, 2, 100, Patience(5))
    assert "LLM_TRACING_LOKI_TENANT" in (raised.value.hint or "")
