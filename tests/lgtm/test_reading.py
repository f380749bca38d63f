"""The LGTM store's reads over recorded answers, and over backends that fail."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from llm_tracing.errors import BackendError, StoreClosed
from llm_tracing.lgtm import backend, pages, reading, steady
from llm_tracing.lgtm.backend import Backend, Target
from llm_tracing.lgtm.loki import Loki
from llm_tracing.lgtm.prometheus import Prometheus
from llm_tracing.lgtm.reading import LgtmReads, ReadLimits
from llm_tracing.lgtm.tempo import Tempo
from llm_tracing.lgtm.window import Window
from llm_tracing.model import Batch
from llm_tracing.normalize.metrics import add_metrics
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.store.contract import Filter, Page, PointPage, RunPage, Words
from llm_tracing.store.duck import DuckDBStore
from tests.builders import key_values, metric_request
from tests.lgtm.replaying import Asked, Replay, answer_of, as_protobuf, protobuf_of, recording, replaying

S = 1_000_000_000
# When the recordings were taken: the traces of them began within these times.
SINCE, UNTIL = 1_795_449_840 * S, 1_795_449_945 * S
WHOLE = bytes.fromhex("4e7796c817894e03f04b6993e7d0f300")
FAILED = bytes.fromhex("b7f8c14b8d3e44c1a14a5d5c785e3237")
SEARCH, RANGE = "/api/search", "/loki/api/v1/query_range"
UNKNOWN = (200, "application/protobuf", b"")


class NoObjects:
    def get_many(self, hashes: Collection[str]) -> Mapping[str, str]:
        return {}


@dataclass
class Stack:
    """The three backends, and reads over them with a window of their own."""

    tempo: Replay
    loki: Replay
    prometheus: Replay
    folder: Path
    closing: ExitStack
    limits: ReadLimits

    def open(self) -> LgtmReads:
        """As after a restart."""
        self.closing.close()
        store = DuckDBStore(self.folder)
        self.closing.callback(store.close)
        self.window = Window(store)
        reads = LgtmReads(
            self.window,
            Tempo(Backend(Target("Tempo", self.tempo.url, "LLM_TRACING_TEMPO_URL", timeout_s=5))),
            Loki(Backend(Target("Loki", self.loki.url, "LLM_TRACING_LOKI_URL", timeout_s=5))),
            Prometheus(Backend(Target("Prometheus", self.prometheus.url, "LLM_TRACING_PROMETHEUS_URL", timeout_s=5))),
            NoObjects(),
            self.limits,
        )
        self.closing.callback(reads.close)
        return reads


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that is busy is asked again at once."""
    monkeypatch.setattr(backend, "_PAUSES_S", (0.0, 0.0))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with ExitStack() as running, ExitStack() as closing:
        tempo, loki, prometheus = (running.enter_context(replaying(Replay())) for _ in range(3))
        tempo.answers[(SEARCH, "{}")] = answer_of(recording("tempo-3.0.3/111-search-all-30-roots"))
        tempo.answers[SEARCH] = answer_of(recording("tempo-3.0.3/040-search-no-match"))
        tempo.answers[f"/api/v2/traces/{FAILED.hex()}"] = as_protobuf(recording("tempo-3.0.3/008-trace-v2-error-trace"))
        tempo.add("tempo-3.0.3/006-trace-v2-protobuf")
        tempo.add("tempo-3.0.3/002-buildinfo")
        for trace_id in _named():
            tempo.answers.setdefault(f"/api/v2/traces/{trace_id}", UNKNOWN)
        loki.answers[RANGE] = answer_of(recording("loki-3.7.6/018-query-range-no-match"))
        loki.add("loki-3.7.6/004-query-range-by-trace-id-categorized")
        of_trace = f'{{service_name=~".+"}} | trace_id="{WHOLE.hex()}"'
        loki.answers[(RANGE, of_trace)] = answer_of(recording("loki-3.7.6/004-query-range-by-trace-id-categorized"))
        prometheus.answers["/api/v1/series"] = answer_of(recording("prometheus-3.12.0/009-series-target-info"))
        prometheus.answers["/api/v1/query"] = answer_of(recording("prometheus-3.12.0/017-instant-raw-range-vector"))
        prometheus.answers["/api/v1/query_range"] = answer_of(recording("prometheus-3.12.0/019-instant-no-data"))
        prometheus.answers["/api/v1/query_exemplars"] = answer_of(recording("prometheus-3.12.0/036-exemplars-duration"))
        yield Stack(tempo, loki, prometheus, tmp_path / "window", closing, ReadLimits())


def _named() -> list[str]:
    body = recording("tempo-3.0.3/111-search-all-30-roots")["response"]["body"]
    return [one["traceID"].zfill(32) for one in body["traces"]]


def page(*filters: Filter, limit: int = 50) -> Page:
    return Page(limit=limit, since=SINCE, until=UNTIL, filters=filters)


def fetched(stack: Stack) -> list[str]:
    return [one.path[-32:] for one in stack.tempo.asked if one.path != SEARCH]


def test_a_trace_by_its_id_with_its_genai_events(stack: Stack) -> None:
    reads = stack.open()
    found = reads.trace(WHOLE)
    assert found is not None
    assert len(found.spans) == 40
    assert found.trace.llm_call_count == 2
    assert found.trace.service == "text2sql"
    assert [log.genai_event for log in found.logs] == ["gen_ai.client.inference.operation.details"] * 2
    assert reads.trace(WHOLE) == found
    assert fetched(stack) == [WHOLE.hex()]
    assert len([one for one in stack.loki.asked if "trace_id" in one.parameters["query"]]) == 1


def test_an_unknown_trace_is_none(stack: Stack) -> None:
    stack.tempo.answers["/api/v2/traces/" + "0" * 31 + "7"] = UNKNOWN
    assert stack.open().trace(bytes(15) + b"\7") is None


def test_a_list_brings_what_it_shows(stack: Stack) -> None:
    reads = stack.open()
    rows = reads.traces(page())
    assert [row.trace_id for row in rows] == [FAILED, WHOLE]
    assert [row.status for row in rows] == ["error", "unset"]
    assert sorted(fetched(stack)) == sorted(_named())
    searches = len(stack.tempo.to(SEARCH))
    assert reads.traces(page()) == rows
    assert len(stack.tempo.to(SEARCH)) == searches  # long ago and covered
    assert len(fetched(stack)) == 30


def test_after_a_restart_what_the_window_has_is_not_fetched_again(stack: Stack) -> None:
    stack.open().traces(page())
    stack.tempo.asked.clear()
    rows = stack.open().traces(page())
    assert len(rows) == 2
    assert not {WHOLE.hex(), FAILED.hex()} & set(fetched(stack))


def test_a_trace_that_grew_is_fetched_again(stack: Stack) -> None:
    reads = stack.open()
    whole = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    first = TracesData()
    first.CopyFrom(whole)
    del first.resource_spans[0].scope_spans[0].spans[1:]
    batch = Batch.empty()
    add_spans(ExportTraceServiceRequest(resource_spans=first.resource_spans), SharedRows(), batch)
    stack.window.write(batch)  # as if only this had come through this server
    [row] = [row for row in reads.traces(page()) if row.trace_id == FAILED]
    assert row.span_count == sum(len(s.spans) for r in whole.resource_spans for s in r.scope_spans)


def test_a_filter_becomes_traceql_and_the_window_decides(stack: Stack) -> None:
    stack.tempo.answers[(SEARCH, "{ status = error }")] = answer_of(recording("tempo-3.0.3/111-search-all-30-roots"))
    [row] = stack.open().traces(page(Filter("status", "=", "error")))
    assert row.trace_id == FAILED
    assert stack.tempo.to(SEARCH)[0].parameters["q"] == "{ status = error } with (most_recent=true)"


def test_paging_moves_the_end_and_reads_nothing_twice(stack: Stack) -> None:
    """A Tempo with thirty traces, one each three seconds, that gives as many as it is asked for."""
    body = recording("tempo-3.0.3/111-search-all-30-roots")["response"]["body"]
    template = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    starts = {f"{number:032x}": SINCE + number * 3 * S for number in range(1, 31)}
    del body

    def search(asked: Asked) -> tuple[int, str, bytes]:
        since, until = int(asked.parameters["start"]), int(asked.parameters["end"])
        met = sorted(((at, one) for one, at in starts.items() if since * S <= at < until * S), reverse=True)
        return _searched([(one, at) for at, one in met][: int(asked.parameters["limit"])])

    stack.tempo.answers[(SEARCH, "{}")] = search
    for one, at in starts.items():
        stack.tempo.answers[f"/api/v2/traces/{one}"] = _one_span(template, bytes.fromhex(one), at)
    reads = stack.open()
    seen: list[int] = []
    after: tuple[int, str] | None = None
    while rows := reads.traces(Page(limit=7, since=SINCE, until=UNTIL, after=after)):
        seen += [row.start_time_unix_nano for row in rows]
        after = (rows[-1].start_time_unix_nano, rows[-1].trace_id.hex())
    assert seen == sorted(starts.values(), reverse=True)
    assert sorted(fetched(stack)) == sorted(starts)
    assert sum(bucket.count for bucket in reads.histogram("traces", page(), S)) == 30


def test_more_traces_within_a_second_than_a_step_are_all_found(stack: Stack) -> None:
    template = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    starts = {f"{number:032x}": SINCE + 5 * S + number for number in range(1, 61)}

    def search(asked: Asked) -> tuple[int, str, bytes]:
        newest = sorted(starts.items(), key=lambda one: one[1], reverse=True)
        return _searched(newest[: int(asked.parameters["limit"])])

    stack.tempo.answers[(SEARCH, "{}")] = search
    for one, at in starts.items():
        stack.tempo.answers[f"/api/v2/traces/{one}"] = _one_span(template, bytes.fromhex(one), at)
    rows = stack.open().traces(page(limit=20))
    assert [row.start_time_unix_nano for row in rows] == sorted(starts.values(), reverse=True)[:20]


def _searched(found: list[tuple[str, int]]) -> tuple[int, str, bytes]:
    traces = [
        {"traceID": one.lstrip("0"), "startTimeUnixNano": str(at), "serviceStats": {"x": {"spanCount": 1}}}
        for one, at in found
    ]
    return 200, "application/json", orjson.dumps({"traces": traces})


def _one_span(template: TracesData, trace_id: bytes, start: int) -> tuple[int, str, bytes]:
    data = TracesData()
    resource_spans = data.resource_spans.add()
    resource_spans.resource.CopyFrom(template.resource_spans[0].resource)
    span = resource_spans.scope_spans.add().spans.add(trace_id=trace_id, span_id=b"1" * 8, name="GET /ask")
    span.start_time_unix_nano, span.end_time_unix_nano = start, start + 5
    return protobuf_of(data)


def test_figures_cover_the_range(stack: Stack) -> None:
    reads = stack.open()
    assert sum(one.count for one in reads.histogram("traces", page(), S)) == 2
    [services] = reads.facets("traces", ["service"], page())
    assert services == [("text2sql", 2)]
    found = reads.aggregate(page(), over="calls", group="model", step_ns=None)
    counts = {one.group: one.count for one in found}
    assert counts == {"gpt-4o-mini-2024-07-18": 3, "text-embedding-3-small": 2}
    assert len(stack.tempo.to(SEARCH)) == 1


def test_tempo_down_and_the_window_has_it(stack: Stack) -> None:
    reads = stack.open()
    rows = reads.traces(page())
    stack.tempo.trouble = (500, "text/plain", b"boom")
    assert reads.trace(WHOLE) is not None
    later = Page(limit=50, since=SINCE - 3_600 * S, until=UNTIL)
    assert reads.traces(later) == rows
    trouble = reads.state().tempo.trouble
    assert trouble is not None
    assert trouble.said == "answered 500 (boom)"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, "text/plain", b"boom"), "failing"),
        ((429, "text/plain", b"slow down"), "busy"),
        ((401, "text/plain", b"no org id"), "tenant"),
        ((200, "text/html", b"<html>Grafana</html>"), "address"),
        ((404, "text/plain", b"404 page not found"), "address"),
    ],
)
def test_with_nothing_in_the_window_a_failure_is_no_empty_answer(
    stack: Stack, answer: tuple[int, str, bytes], reason: str
) -> None:
    for replay in (stack.tempo, stack.loki, stack.prometheus):
        replay.trouble = answer
    reads = stack.open()
    questions: dict[str, list[Callable[[], object]]] = {
        "Tempo": [
            lambda: reads.trace(WHOLE),
            lambda: reads.traces(page()),
            lambda: reads.spans(page()),
            lambda: reads.whole_spans(page()),
            lambda: reads.histogram("traces", page(), S),
            lambda: reads.facets("traces", ["service"], page()),
            lambda: reads.extent("traces", SINCE, UNTIL),
            lambda: reads.aggregate(page(), over="calls", group=None, step_ns=None),
            lambda: reads.trace_groups("session", page()),
            lambda: reads.trace_group("session", "s"),
            lambda: reads.session_traces("s", None, 10),
            lambda: reads.called_models(page()),
            lambda: reads.top_traces(page(), "cost"),
            lambda: reads.runs(RunPage(since=SINCE, until=UNTIL)),
            lambda: reads.run_projects(),
            lambda: reads.recent(SINCE, 100),
        ],
        "Loki": [
            lambda: reads.logs(page()),
            lambda: reads.log_counts(page(), 10),
            lambda: reads.histogram("logs", page(), S),
        ],
        "Prometheus": [
            lambda: reads.metrics(),
            lambda: reads.points(PointPage(name="gen_ai.client.token.usage", since=SINCE, until=UNTIL)),
            lambda: reads.sparks(SINCE, UNTIL, 10),
        ],
    }
    for backend_name, of_backend in questions.items():
        for question in of_backend:
            with pytest.raises(BackendError) as raised:
                question()
            assert (raised.value.backend, raised.value.reason) == (backend_name, reason)
    assert reads.words("traces", Words("service")) == []


def test_without_loki_traces_are_shown(stack: Stack) -> None:
    stack.loki.trouble = (500, "text/plain", b"boom")
    reads = stack.open()
    assert len(reads.traces(page())) == 2
    assert reads.trace(WHOLE) is not None


def test_a_loki_that_hangs_holds_nobody_up_for_long(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "EVENTS_S", 0.2)
    monkeypatch.setattr(reading, "EVENTS_S", 0.2)
    stack.loki.delay_s = 30.0
    reads = stack.open()
    assert len(reads.traces(page())) == 2
    assert reads.trace(WHOLE) is not None
    assert reads.traces(page())
    assert len(stack.loki.asked) == 1  # it is left alone for a while


def test_a_list_of_one_trace_asks_for_that_trace(stack: Stack) -> None:
    reads = stack.open()
    [row] = reads.traces(Page(filters=[Filter("trace", "=", WHOLE.hex())]))
    assert row.trace_id == WHOLE
    assert len(reads.spans(Page(limit=100, filters=[Filter("trace", "=", WHOLE.hex())])).copy()) == 40
    assert fetched(stack) == [WHOLE.hex()]
    assert not [one for one in stack.tempo.to(SEARCH) if one.parameters["q"].startswith("{}")]


def test_the_logs_of_a_trace_are_looked_for_around_it(stack: Stack) -> None:
    reads = stack.open()
    reads.trace(WHOLE)
    stack.loki.asked.clear()
    found = reads.logs(Page(limit=100, filters=[Filter("trace", "=", WHOLE.hex())]))
    assert len(found.logs) == 5
    for asked in stack.loki.asked:
        assert int(asked.parameters["end"]) - int(asked.parameters["start"]) < 3_600 * S
        assert WHOLE.hex() in asked.parameters["query"]


def test_log_records_come_once(stack: Stack) -> None:
    stack.loki.answers[RANGE] = answer_of(recording("loki-3.7.6/004-query-range-by-trace-id-categorized"))
    reads = stack.open()
    first = reads.logs(page())
    assert len(first.logs) == 5
    assert len(reads.logs(page(Filter("trace", "=", WHOLE.hex()))).logs) == 5
    assert reads.log_counts(page(), 10).counts
    assert len(stack.open().logs(page()).logs) == 5  # read again after a restart, stored once


def test_metrics_come_once_and_by_their_own_names(stack: Stack) -> None:
    reads = stack.open()
    asked = PointPage(name="gen_ai_client_token_usage_count", service="text2sql", since=SINCE, until=UNTIL)
    found = reads.points(asked)
    assert len(found.points) == 10
    assert [one.service for one in found.metrics.values()] == ["text2sql"]
    assert reads.points(asked) == found
    reads = stack.open()
    assert len(reads.points(asked).points) == 10
    assert [one.name for one in reads.metrics()] == ["gen_ai_client_token_usage_count"]


def test_a_metric_that_ended_within_the_hour_is_listed(stack: Stack) -> None:
    at = time.time() - 1_800
    ended = {"metric": {"__name__": "app_runs_total", "job": "batch"}, "values": [[at, "1"], [at + 60, "2"]]}
    for path, series in (("/api/v1/query", []), ("/api/v1/query_range", [ended])):
        body = {"status": "success", "data": {"resultType": "matrix", "result": series}}
        stack.prometheus.answers[path] = (200, "application/json", orjson.dumps(body))
    [found] = stack.open().metrics()
    assert (found.name, found.service, found.type, found.point_count) == ("app_runs_total", "batch", "sum", 2)
    asked = stack.prometheus.to("/api/v1/query_range")[0]
    assert 'job=~"demo/text2sql"' in asked.parameters["query"]


def test_a_partial_trace_is_told(stack: Stack) -> None:
    sent = recording("tempo-3.0.3/008-trace-v2-error-trace")
    stack.tempo.answers[f"/api/v2/traces/{FAILED.hex()}"] = as_protobuf(sent, status=1, message="too large")
    reads = stack.open()
    assert reads.trace(FAILED) is not None
    assert reads.state().partial == {FAILED.hex(): "too large"}


def test_what_was_deleted_from_the_window_is_read_again(stack: Stack) -> None:
    reads = stack.open()
    reads.traces(page())
    stack.window.in_turn(stack.window.store.delete_traces_before)(UNTIL)
    assert len(reads.traces(page())) == 2
    assert reads.trace(WHOLE) is not None


@pytest.fixture
def only_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question brings what it can, and nothing is read without one."""
    monkeypatch.setattr(steady, "HOLD_S", 0.0)
    monkeypatch.setattr(steady, "_MOST", 0)


@pytest.mark.usefixtures("only_asked")
def test_a_budget_ends_the_reading_and_the_next_question_goes_on(stack: Stack) -> None:
    template = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    starts = {f"{number:032x}": SINCE + number * S // 8 for number in range(1, 501)}

    def search(asked: Asked) -> tuple[int, str, bytes]:
        since, until = int(asked.parameters["start"]), int(asked.parameters["end"])
        met = sorted(((at, one) for one, at in starts.items() if since * S <= at < until * S), reverse=True)
        return _searched([(one, at) for at, one in met][: int(asked.parameters["limit"])])

    stack.tempo.answers[(SEARCH, "{}")] = search
    for one, at in starts.items():
        stack.tempo.answers[f"/api/v2/traces/{one}"] = _one_span(template, bytes.fromhex(one), at)
    stack.limits = ReadLimits(budget=250, patience_s=60)
    reads = stack.open()
    counts = [sum(bucket.count for bucket in reads.histogram("traces", page(), S)) for _ in range(4)]
    assert counts[0] < 500
    assert counts == sorted(counts)
    assert counts[-1] == 500


def test_what_was_sent_through_this_server_is_not_told_twice(stack: Stack) -> None:
    labels = {"__name__": "app_requests_total", "job": "qa", "instance": "qa-0", "app_outcome": "ok"}
    samples = [[SINCE / S + number + 0.25, str(number)] for number in range(10)]

    def raw(_: Asked) -> tuple[int, str, bytes]:
        found = {"resultType": "matrix", "result": [{"metric": labels, "values": samples}]}
        return 200, "application/json", orjson.dumps({"status": "success", "data": found})

    stack.prometheus.answers["/api/v1/query"] = raw
    reads = stack.open()
    batch = Batch.empty()
    metric = Metric(name="app.requests", unit="{request}")
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.is_monotonic = True
    for number in range(6, 10):  # the first of them some microseconds after the time that Prometheus keeps
        at = SINCE + number * S + S // 4 + 300_000
        metric.sum.data_points.add(time_unix_nano=at, as_int=number).attributes.extend(
            key_values({"app.outcome": "ok"})
        )
    request = metric_request(metric, service="qa")
    request.resource_metrics[0].resource.attributes.extend(key_values({"service.instance.id": "qa-0"}))
    add_metrics(request, SharedRows(), batch)
    stack.window.write(batch)
    found = reads.points(PointPage(name="app.requests", service="qa", since=SINCE, until=UNTIL))
    told = sorted(point.value_double or float(point.value_int or 0) for point in found.points)
    assert told == list(range(10))
    assert {one.name for one in found.metrics.values()} == {"app.requests"}


def test_exemplars_come_though_the_points_are_there_already(stack: Stack) -> None:
    [first, *_] = recording("prometheus-3.12.0/036-exemplars-duration")["response"]["body"]["data"]
    at = first["exemplars"][0]["timestamp"]
    labels = first["seriesLabels"]
    series = [{"metric": {**labels, "le": le}, "values": [[at + 1, "3"]]} for le in ("0.08", "+Inf")]
    body = orjson.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}})
    for path in ("/api/v1/query", "/api/v1/query_range"):
        stack.prometheus.answers[path] = (200, "application/json", body)
    reads = stack.open()
    reads.sparks(SINCE, UNTIL, 10)
    asked = PointPage(name="gen_ai.client.operation.duration", since=SINCE, until=UNTIL, with_exemplars=True)
    [point] = reads.points(asked).points
    assert "b9e150d937717300217d8ac934a1a87d" in (point.exemplars or "")


def test_the_request_around_a_run_shows_the_run(stack: Stack) -> None:
    """A run of LangSmith's, in a trace of its own, says in which request it was made."""
    run = bytes.fromhex("01a21055eb017da4b9236e322ba6c471")
    data = TracesData()
    span = data.resource_spans.add().scope_spans.add().spans.add(trace_id=run, span_id=b"7" * 8, name="ask")
    span.start_time_unix_nano, span.end_time_unix_nano = SINCE + 3 * S, SINCE + 4 * S
    around = f"00-{FAILED.hex()}-{'1' * 16}-01"
    span.attributes.extend(
        key_values(
            {
                "langsmith.metadata.traceparent": around,
                "langsmith.span.kind": "chain",
                "llm_tracing.sources": "langsmith",
            }
        )
    )
    named = f'{{ span.langsmith.metadata.traceparent =~ ".*{FAILED.hex()}.*" }}'
    stack.tempo.answers[(SEARCH, named)] = _searched([(run.hex(), SINCE + 3 * S)])
    stack.tempo.answers[f"/api/v2/traces/{run.hex()}"] = protobuf_of(data)
    for opened in (FAILED, run):
        stack.folder = stack.folder.parent / opened.hex()
        found = stack.open().trace(opened)
        assert found is not None
        assert found.trace.trace_id == FAILED
        assert "ask" in {span.name for span in found.spans}


def test_without_a_search_a_trace_is_shown_all_the_same(stack: Stack) -> None:
    stack.tempo.answers[SEARCH] = (500, "text/plain", b"boom")
    assert stack.open().trace(WHOLE) is not None


@pytest.mark.usefixtures("only_asked")
def test_series_beyond_the_budget_come_from_traceql_metrics(stack: Stack) -> None:
    template = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    first = SINCE // (60 * S) * 60 * S  # a bucket of a minute begins here
    starts = {f"{number:032x}": first + number * S for number in range(1, 601)}

    def search(asked: Asked) -> tuple[int, str, bytes]:
        since, until = int(asked.parameters["start"]), int(asked.parameters["end"])
        met = sorted(((at, one) for one, at in starts.items() if since * S <= at < until * S), reverse=True)
        return _searched([(one, at) for at, one in met][: int(asked.parameters["limit"])])

    def counts(asked: Asked) -> tuple[int, str, bytes]:
        """As Tempo counts: a sample stands at the end of its step."""
        if "count_over_time" not in asked.parameters["q"] or "error" in asked.parameters["q"]:
            return 200, "application/json", b'{"series": []}'
        ends = range(int(asked.parameters["start"]) + 60, int(asked.parameters["end"]) + 1, 60)
        met = {end: sum(end - 60 <= at // S < end for at in starts.values()) for end in ends}
        samples = [{"timestampMs": str(end * 1000), "value": value} for end, value in met.items()]
        return 200, "application/json", orjson.dumps({"series": [{"labels": [], "samples": samples}]})

    stack.tempo.answers[(SEARCH, "{}")] = search
    stack.tempo.answers["/api/metrics/query_range"] = counts
    for one, at in starts.items():
        stack.tempo.answers[f"/api/v2/traces/{one}"] = _one_span(template, bytes.fromhex(one), at)
    stack.limits = ReadLimits(budget=200, patience_s=60)
    asked = Page(since=first, until=first + 660 * S)
    found = stack.open().aggregate(asked, over="traces", group=None, step_ns=60 * S)
    told = {one.time_unix_nano: one.count for one in found}
    expected = {first: 59, **{first + minute * 60 * S: 60 for minute in range(1, 10)}, first + 600 * S: 1}
    assert told == expected
    assert [one.time_unix_nano for one in found] == sorted(expected)
    assert len(fetched(stack)) < 600


@pytest.mark.usefixtures("only_asked")
def test_more_than_can_be_read_in_time_is_no_trouble_of_tempo(stack: Stack) -> None:
    template = ParseDict(recording("tempo-3.0.3/008-trace-v2-error-trace")["response"]["body"]["trace"], TracesData())
    starts = {f"{number:032x}": SINCE + number * S for number in range(1, 101)}
    stack.tempo.answers[(SEARCH, "{}")] = _searched(sorted(starts.items(), key=lambda one: -one[1]))

    def fetch(asked: Asked) -> tuple[int, str, bytes]:
        time.sleep(0.5)
        return _one_span(template, bytes.fromhex(asked.path[-32:]), starts[asked.path[-32:]])

    for one in starts:
        stack.tempo.answers[f"/api/v2/traces/{one}"] = fetch
    stack.limits = ReadLimits(patience_s=3.0)
    reads = stack.open()
    counts = [sum(bucket.count for bucket in reads.histogram("traces", page(), S)) for _ in range(2)]
    assert counts[0] < 100
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert reads.state().tempo.trouble is None


def test_a_tempo_that_hangs_is_told(stack: Stack) -> None:
    stack.tempo.delay_s = 2.0
    stack.limits = ReadLimits(patience_s=0.3)
    reads = stack.open()
    with pytest.raises(BackendError) as raised:
        reads.histogram("traces", page(), S)
    assert (raised.value.reason, raised.value.status) == ("slow", 504)
    assert reads.state().tempo.trouble is not None


def test_a_tempo_that_was_silent_is_not_waited_for_as_long_again(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_SILENT_S", 0.3)
    stack.tempo.delay_s = 30.0
    stack.limits = ReadLimits(patience_s=3.0)
    reads = stack.open()
    waited = []
    for _ in range(2):
        with pytest.raises(BackendError) as raised:
            reads.trace(WHOLE)
        waited.append(float(raised.value.said.removeprefix("no answer within ").removesuffix(" s")))
    assert 0.3 < waited[0] <= 3.0
    assert waited[1] <= 0.3
    stack.tempo.delay_s = 0.0
    assert len(reads.traces(page())) == 2
    assert reads.state().tempo.trouble is None


def test_after_it_is_closed_a_read_says_so(stack: Stack) -> None:
    reads = stack.open()
    reads.close()
    with pytest.raises(StoreClosed):
        reads.trace(WHOLE)
