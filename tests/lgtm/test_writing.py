"""What is written to the LGTM store, as the backends get it; and what becomes of it when one does not take it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import orjson
import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA

from llm_tracing.errors import BackendError
from llm_tracing.lgtm import sending
from llm_tracing.lgtm.store import LgtmStore
from llm_tracing.model import SOURCE_LANGSMITH
from llm_tracing.store.contract import Page
from tests.builders import (
    NOON,
    SECOND,
    TRACE,
    any_value,
    batch_of,
    batch_with,
    chat,
    counter,
    log,
    log_request,
    messages,
    metric_request,
    records,
    span,
    trace_request,
)
from tests.lgtm.fakes import BUSY, DOWN, FAILING, NO_ORG, NOT_FOUND, PAGE, Answer, Fake, Stack
from tests.lgtm.opened import open_store, settings_of
from tests.running import Running

ID = bytes.fromhex(TRACE)
LONG = messages("user", "What is on the record? " * 300, "And who sings? " * 300)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE_S", 0.2)
    monkeypatch.setattr(sending, "_WAITS_S", (0.01, 0.02))


@pytest.fixture
def store(fakes: Stack, tmp_path: Path) -> Iterator[LgtmStore]:
    opened = open_store(fakes, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def server(fakes: Stack, tmp_path: Path) -> Iterator[Running]:
    settings = settings_of(fakes, tmp_path / "data").model_dump(exclude={"data", "port", "grpc_port"})
    with Running(tmp_path / "data", **settings) as running:
        yield running


def _sent(fakes: Stack) -> dict[str, Any]:
    [span] = [one for part in fakes.tempo.traces[ID].resource_spans for s in part.scope_spans for one in s.spans]
    return {one.key: one.value.string_value for one in span.attributes}


def test_each_backend_gets_its_signal_as_otlp(fakes: Stack, store: LgtmStore) -> None:
    store.write(batch_of(trace_request(span("ask")), log_request(log()), metric_request(counter("questions", 3))))
    assert [one.path for fake in (fakes.tempo, fakes.loki, fakes.prometheus) for one in fake.writes()] == [
        "/v1/traces",
        "/otlp/v1/logs",
        "/api/v1/otlp/v1/metrics",
    ]
    assert list(fakes.tempo.traces) == [ID]
    assert [line.text for line in fakes.loki.lines] == ["a line"]
    assert {dict(labels)["__name__"] for labels in fakes.prometheus.series} == {"questions_total", "target_info"}


def test_a_long_text_is_an_object_and_comes_back_whole(fakes: Stack, store: LgtmStore, tmp_path: Path) -> None:
    store.write(batch_of(trace_request(span("chat", attributes=chat() | {"gen_ai.input.messages": LONG}))))
    reference = orjson.loads(_sent(fakes)["gen_ai.input.messages"])
    assert reference["bytes"] == len(LONG)
    assert LONG.startswith(reference["preview"])
    assert len(list((tmp_path / "objects").rglob("*.zst"))) == 3  # two messages and the list of them
    store.close()
    for file in tmp_path.glob("llm-tracing.duckdb*"):
        file.unlink()
    again = open_store(fakes, tmp_path)
    found = again.trace(ID)
    again.close()
    assert found is not None
    assert "And who sings? " * 300 in "".join(found.payloads.values())


def test_an_object_that_is_gone_leaves_the_beginning_of_its_text(
    fakes: Stack, store: LgtmStore, tmp_path: Path
) -> None:
    store.write(batch_of(trace_request(span("chat", attributes={"note": "Once upon a time. " * 200}))))
    store.close()
    for file in [*tmp_path.glob("llm-tracing.duckdb*"), *(tmp_path / "objects").rglob("*.zst")]:
        file.unlink()
    again = open_store(fakes, tmp_path)
    found = again.trace(ID)
    again.close()
    assert found is not None
    [text] = found.payloads.values()
    assert text.startswith("Once upon a time.")
    assert "not available" in text


@pytest.mark.parametrize("count", [1, 3])
def test_a_text_whose_object_comes_later_is_shown_when_its_trace_is_opened_again(
    count: int, fakes: Stack, store: LgtmStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = {"note": "Once upon a time. " * 200}
    others = [span("ask"), span("other", 3, 1)] if count == 3 else []
    store.write(batch_of(trace_request(span("chat", 2, 1, attributes=noted), *others)))
    store.close()
    for file in tmp_path.glob("llm-tracing.duckdb*"):
        file.unlink()
    away = tmp_path / "away"
    (tmp_path / "objects" / "payloads").rename(away)
    again = open_store(fakes, tmp_path)
    clock = [0.0]
    monkeypatch.setattr(again._reads._missing, "_now", lambda: clock[0])  # type: ignore[attr-defined]
    asked = Counter[str]()
    get = again._objects._bucket.get
    monkeypatch.setattr(again._objects._bucket, "get", lambda path: asked.update(["object"]) or get(path))

    def shown() -> tuple[bool, int, int]:
        found = again.trace(ID)
        assert found is not None
        return "not available" in "".join(found.payloads.values()), len(found.spans), found.trace.span_count

    assert shown() == (True, count, count)
    before = asked["object"]
    for _ in range(20):  # no hammering
        assert shown() == (True, count, count)
    assert asked["object"] == before
    away.rename(tmp_path / "objects" / "payloads")
    clock[0] = 3.0
    read = again.trace(ID)
    assert read is not None
    assert "Once upon a time. " * 200 in read.payloads.values()
    assert [one.span_count for one in again.traces(Page())] == [count]
    assert len(again.spans(Page())) == count
    fetched = len([one for one in fakes.tempo.asked if one.path.startswith("/api/v2/traces")])
    clock[0] = 1_000.0
    again.trace(ID)
    assert asked["object"] > before
    assert len([one for one in fakes.tempo.asked if one.path.startswith("/api/v2/traces")]) == fetched
    again.close()


def test_a_long_body_and_many_attributes_stay_within_what_loki_takes(fakes: Stack, store: LgtmStore) -> None:
    record = log("line " * 60_000)
    for number in range(60):
        record.attributes.add(key=f"key.{number}").value.string_value = "value " * 300
    assert store.write(batch_of(log_request(record))) == set()
    [line] = fakes.loki.lines
    assert line.text.startswith('{"llm_tracing.payload"')
    [found] = store.logs(Page()).logs
    assert orjson.loads(found.body or "") == "line " * 60_000  # in the window it is as it came


def test_a_run_is_sent_once_it_ended_with_what_was_said_before(fakes: Stack, store: LgtmStore) -> None:
    asked = {"langsmith.span.kind": "llm", **chat("Which albums?")}
    told = {"langsmith.span.kind": "llm", **chat("Which albums?", "Unplugged", tokens=(10, 4), model="offline-sql")}
    [begun] = records(span("ask", attributes=asked))
    [ended] = records(span("ask", duration=SECOND, attributes=told))
    begun = begun._replace(sources=SOURCE_LANGSMITH, end_time_unix_nano=0)
    store.write(batch_with(begun))
    assert fakes.tempo.writes() == []
    assert [row.status for row in store.traces(Page())] == ["running"]
    store.write(batch_with(ended._replace(sources=SOURCE_LANGSMITH)))
    sent = _sent(fakes)
    assert sent["llm_tracing.sources"] == "langsmith"
    assert ("Which albums?" in sent["gen_ai.input.messages"], "Unplugged" in sent["gen_ai.output.messages"]) == (
        True,
        True,
    )


FAILURES = [
    ("tempo", DOWN, "down", "Tempo"),
    ("loki", BUSY, "busy", "Loki"),
    ("prometheus", FAILING, "failing", "Prometheus"),
    ("tempo", PAGE, "address", "Tempo"),
    ("loki", NOT_FOUND, "address", "Loki"),
    ("loki", NO_ORG, "tenant", "Loki"),
    ("tempo", Answer.of_text(503, "no org id"), "tenant", "Tempo"),
    ("prometheus", Answer.of_text(403, "no"), "access", "Prometheus"),
]


@pytest.mark.parametrize(("name", "trouble", "reason", "shown"), FAILURES)
def test_what_one_backend_does_not_take_is_nowhere_and_comes_again(
    name: str, trouble: Answer, reason: str, shown: str, fakes: Stack, store: LgtmStore
) -> None:
    batch = batch_of(trace_request(span("ask")), log_request(log()), metric_request(counter("questions", 3)))
    fake: Fake = getattr(fakes, name)
    fake.writes_trouble = trouble
    with pytest.raises(BackendError) as failed:
        store.write(batch)
    assert (failed.value.backend, failed.value.reason) == (shown, reason)
    assert fake.url in failed.value.message
    assert f"LLM_TRACING_{shown.upper()}_" in (failed.value.hint or "") or reason in ("busy", "failing")
    told = {one.name: one for one in store.told().backends}
    assert told[failed.value.backend].writing is not None  # type: ignore[index]
    fake.writes_trouble = None
    assert store.write(batch) == {ID}
    assert (len(fakes.tempo.traces), len(fakes.loki.lines)) == (1, 1)
    assert all(one.writing is None for one in store.told().backends)


def test_a_sender_gets_503_with_a_time_to_come_again_and_then_its_answer(fakes: Stack, server: Running) -> None:
    request = trace_request(span("ask"))
    fakes.tempo.writes_trouble = BUSY
    answer = server.post("/v1/traces", request.SerializeToString())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert b"Tempo" in answer.content
    with pytest.raises(grpc.RpcError) as refused:
        server.export_grpc(request)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert server.http.get("/readyz").status_code == 200  # the pages still say what is wrong
    fakes.tempo.writes_trouble = None
    server.export(request)
    assert server.http.get(f"/api/v1/traces/{TRACE}").status_code == 200


def test_spans_are_taken_while_nobody_takes_log_records(fakes: Stack, server: Running) -> None:
    fakes.loki.writes_trouble = DOWN
    sink = server.server.stack.ingest
    begun, hold = Event(), Event()

    def wait() -> None:
        begun.set()
        hold.wait(10)

    held = sink.run(wait)  # so that both wait for the same commit
    begun.wait(10)
    spans = sink.submit("traces", trace_request(span("ask")), 100)
    logs = sink.submit("logs", log_request(log()), 100)
    hold.set()
    held.result(10)
    assert spans.result(20).rejected == 0
    with pytest.raises(BackendError):
        logs.result(20)


def test_records_that_loki_never_takes_are_told_and_the_rest_is_kept(fakes: Stack, server: Running) -> None:
    wrong = log("too many", time=NOON + 1)
    for number in range(140):
        wrong.attributes.add(key=f"key.{number}").value.int_value = number
    request = log_request(*(log(f"line {number}", time=NOON + 2 + number) for number in range(9)), wrong)
    answer = server.export_grpc(request)
    assert answer.partial_success.rejected_log_records == 1
    assert "Loki refused 1 of logs" in answer.partial_success.error_message
    assert sorted(line.text for line in fakes.loki.lines) == [f"line {number}" for number in range(9)]
    assert len(server.http.get("/api/v1/logs").json()["logs"]) == 9
    found = server.http.get("/api/v1/doctor").json()
    assert "backend" in str(found)


def test_deltas_are_told_unless_prometheus_takes_them(fakes: Stack, server: Running) -> None:
    metric = counter("deltas", 1)
    metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_DELTA
    request = metric_request(metric, counter("totals", 2))
    answer = server.export_grpc(request)
    assert answer.partial_success.rejected_data_points == 1
    assert "invalid temporality" in answer.partial_success.error_message
    assert [one["name"] for one in server.http.get("/api/v1/metrics").json()["metrics"]] == ["totals"]
    fakes.prometheus.takes_delta = True
    assert server.export_grpc(request).partial_success.rejected_data_points == 0


def test_what_a_backend_wants_is_sent_with_each_request(fakes: Stack, tmp_path: Path) -> None:
    fakes.tempo.tenant = "team"
    store = open_store(fakes, tmp_path, tempo_tenant="team|other", tempo_headers="authorization=Basic%20abc,x-a=b")
    store.write(batch_of(trace_request(span("ask"))))
    assert store.trace(ID) is not None
    store.close()
    writes, reads = ([one for one in fakes.tempo.asked if one.method == how] for how in ("POST", "GET"))
    assert {one.headers["x-scope-orgid"] for one in writes} == {"team"}
    assert {one.headers["x-scope-orgid"] for one in reads} == {"team|other"}
    assert {(one.headers["authorization"], one.headers["x-a"]) for one in fakes.tempo.asked} == {("Basic abc", "b")}


def test_reading_says_which_backend_failed_and_what_to_set(fakes: Stack, server: Running) -> None:
    fakes.tempo.reads_trouble = NOT_FOUND
    answer = server.http.get(f"/api/v1/traces/{TRACE}")
    assert answer.status_code == 502
    assert "Tempo" in answer.json()["error"]["message"]
    assert "LLM_TRACING_TEMPO_URL" in answer.json()["error"]["hint"]
    told = server.http.get("/api/v1/store").json()
    [tempo] = [one for one in told["backends"] if one["name"] == "Tempo"]
    assert (told["kind"], tempo["ok"], tempo["troubles"][0]["doing"]) == ("lgtm", False, "reading")
    assert [one["ok"] for one in told["backends"]] == [False, True, True]


def test_erasing_says_why_it_cannot(server: Running) -> None:
    server.export(trace_request(span("ask")))
    answer = server.http.delete(f"/api/v1/traces/{TRACE}", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_available")


def test_values_of_every_type_come_back(fakes: Stack, store: LgtmStore, tmp_path: Path) -> None:
    sent = span("all", attributes={"map": {"a": [1, 2.5, True, b"x"]}, "list": ["a"], "none": None, "int": 2**53})
    sent.attributes.add(key="deep").value.CopyFrom(any_value({"texts": ["long " * 200] * 5}))
    store.write(batch_of(trace_request(sent)))
    before = store.whole_spans(Page()).spans
    store.close()
    for file in tmp_path.glob("llm-tracing.duckdb*"):
        file.unlink()
    again = open_store(fakes, tmp_path)
    assert again.whole_spans(Page()).spans == before
    again.close()
