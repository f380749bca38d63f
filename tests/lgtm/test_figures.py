"""Figures from TraceQL metrics, as Tempo answered them."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from llm_tracing.errors import BackendError
from llm_tracing.lgtm.backend import Backend, Patience, Target
from llm_tracing.lgtm.figures import early_figures
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.store.contract import Filter
from tests.lgtm.replaying import Asked, Replay, answer_of, recording, replaying

S = 1_000_000_000
RANGE = "/api/metrics/query_range"
SINCE, UNTIL = 1_795_449_840 * S, 1_795_449_960 * S


@pytest.fixture
def replay() -> Iterator[Replay]:
    with replaying(Replay()) as running:
        running.add("tempo-3.0.3/002-buildinfo")
        yield running


def asked_for_figures(replay: Replay) -> list[Asked]:
    return replay.to(RANGE)


@pytest.fixture
def tempo(replay: Replay) -> Tempo:
    return Tempo(Backend(Target("Tempo", replay.url, "LLM_TRACING_TEMPO_URL")))


def series(at_s: int, value: float | None, **labels: Any) -> dict[str, Any]:
    sample = {"timestampMs": str(at_s * 1000)} | ({} if value is None else {"value": value})
    return {"labels": [{"key": name, "value": value} for name, value in labels.items()], "samples": [sample]}


def test_recorded_errors_stand_at_the_start_of_their_step(replay: Replay, tempo: Tempo) -> None:
    """Roots failed at :56.4 and :68.1 (step :40 to :70), at :86.9 and :99.7, and at :18.7 of the next minutes."""
    errors = recording("tempo-3.0.3/076-metrics-count-over-time-errors")
    body = errors["response"]["body"]
    body["series"] = [one for one in body["series"] if one["labels"][0]["value"]["stringValue"] == "GET /ask"]
    replay.answers[RANGE] = answer_of(errors)
    found = early_figures(tempo, (), "tools", None, 30 * S, SINCE, UNTIL, Patience(5))
    assert found is not None
    assert [((one.time_unix_nano or 0) // S, one.count, one.error_count) for one in found] == [
        (1_795_449_840, 2, 2),
        (1_795_449_870, 2, 2),
        (1_795_449_900, 1, 1),
    ]


def test_recorded_quantiles_and_sums(replay: Replay, tempo: Tempo) -> None:
    def answer(asked: Asked) -> tuple[int, str, bytes]:
        query = asked.parameters["q"]
        if "quantile" in query:
            return answer_of(recording("tempo-3.0.3/077-metrics-quantiles-duration"))
        if "input_tokens" in query:
            return answer_of(recording("tempo-3.0.3/107-metrics-sum-tokens-filtered"))
        if "output_tokens" in query or "error" in query:
            return 200, "application/json", b'{"series": []}'
        return 200, "application/json", orjson.dumps({"series": [series(1_795_449_870, 13)]})

    replay.answers[RANGE] = answer
    found = early_figures(tempo, (), "calls", None, 30 * S, SINCE, UNTIL, Patience(5))
    assert found is not None
    [first] = found
    assert first.duration_p50_ns == 233_686_637
    assert first.duration_p95_ns == 536_870_912
    assert (first.count, first.error_count, first.output_tokens) == (13, 0, 0)
    assert first.input_tokens == 5_121  # the recording has other steps; only the sample at this step's end is read
    assert (first.cost_pico_usd, first.unpriced_calls) == (None, 13)


def test_every_sum_asks_for_its_attribute_and_every_step_is_whole(replay: Replay, tempo: Tempo) -> None:
    body = {"series": [series(1_795_449_870, 2, **{"span.gen_ai.response.model": {"stringValue": "m"}})]}
    replay.answers[RANGE] = (200, "application/json", orjson.dumps(body))
    early_figures(tempo, [Filter("service", "=", 'a"b')], "calls", "model", 30 * S, SINCE, UNTIL, Patience(5))
    queries = [one.parameters["q"] for one in asked_for_figures(replay)]
    assert len(queries) == 5
    for query in queries:
        assert 'resource.service.name = "a\\"b"' in query
        assert query.endswith("by (span.gen_ai.response.model, span.gen_ai.request.model)")
    sums = [query for query in queries if "sum_over_time" in query]
    assert len(sums) == 2
    assert "span.gen_ai.usage.input_tokens > 0" in sums[0]
    assert "span.gen_ai.usage.output_tokens > 0" in sums[1]
    assert {
        (one.parameters["start"], one.parameters["end"], one.parameters["step"]) for one in asked_for_figures(replay)
    } == {("1795449840", "1795449960", "30s")}


def test_a_failed_call_without_a_response_model_counts_for_the_model_that_was_asked(
    replay: Replay, tempo: Tempo
) -> None:
    answered = {"span.gen_ai.response.model": {"stringValue": "m"}, "span.gen_ai.request.model": {"stringValue": "m"}}
    failed = {"span.gen_ai.response.model": {"stringValue": "nil"}, "span.gen_ai.request.model": {"stringValue": "m"}}
    body = {"series": [series(1_795_449_870, 5, **answered), series(1_795_449_870, 2, **failed)]}

    def answer(asked: Asked) -> tuple[int, str, bytes]:
        counted = asked.parameters["q"].partition("|")[2].strip().startswith("count") or "count_over" in str(asked)
        return 200, "application/json", orjson.dumps(body if counted else {"series": []})

    replay.answers[RANGE] = answer
    found = early_figures(tempo, (), "calls", "model", 30 * S, SINCE, UNTIL, Patience(5))
    assert found is not None
    assert [(one.group, one.count) for one in found] == [("m", 7)]


@pytest.mark.parametrize(
    ("filters", "over", "group", "step"),
    [
        ([Filter("model", "=", "m")], "calls", None, 30 * S),
        ([Filter("service", "=", "a", negated=True)], "calls", None, 30 * S),
        ([Filter("service", "like", "a*")], "calls", None, 30 * S),
        ([Filter("service", "=", "a")], "traces", None, 30 * S),
        ([], "calls", "session_id", 30 * S),
        ([], "traces", "service", 30 * S),
        ([], "calls", None, 30 * S + 1),
    ],
)
def test_what_traceql_cannot_say_alike_is_not_asked(
    replay: Replay, tempo: Tempo, filters: list[Filter], over: Any, group: str | None, step: int
) -> None:
    assert early_figures(tempo, filters, over, group, step, SINCE, UNTIL, Patience(5)) is None
    assert replay.asked == []


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"series": 7}', b'{"series": [null, {"labels": [7]}, {"samples": [{"timestampMs": "x"}]}]}'],
)
def test_what_is_no_series_is_left_out(replay: Replay, tempo: Tempo, body: bytes) -> None:
    replay.answers[RANGE] = (200, "application/json", body)
    assert early_figures(tempo, (), "calls", None, 30 * S, SINCE, UNTIL, Patience(5)) == []


def test_a_refused_query_is_an_error(replay: Replay, tempo: Tempo) -> None:
    replay.answers[RANGE] = answer_of(recording("tempo-3.0.3/096-metrics-err-not-metrics"))
    with pytest.raises(BackendError):
        early_figures(tempo, (), "calls", None, 30 * S, SINCE, UNTIL, Patience(5))


@pytest.mark.parametrize("version", ["2.10.8", "", "main-abc"])
def test_an_older_tempo_is_not_asked(replay: Replay, tempo: Tempo, version: str) -> None:
    """Its samples stand at the start of their steps."""
    replay.answers["/api/status/buildinfo"] = (200, "application/json", orjson.dumps({"version": version}))
    replay.answers.pop(("/api/status/buildinfo", ""), None)
    for _ in range(2):
        assert early_figures(tempo, (), "calls", None, 30 * S, SINCE, UNTIL, Patience(5)) is None
    assert len(replay.asked) == 1
