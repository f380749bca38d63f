"""Spans, logs, metrics and stats, and the document that describes all of it."""

import base64

import pytest

from llm_tracing.api import schema
from llm_tracing.api.cursor import decode_cursor, encode_cursor
from llm_tracing.errors import QueryError
from tests.api.history import ASK, FAILED
from tests.builders import NOON, SECOND, hex_id
from tests.running import Running


def test_spans_of_all_traces_are_newest_first_and_paged(history: Running) -> None:
    seen: list[schema.SpanSummary] = []
    cursor: str | None = ""
    while cursor is not None:
        page = history.get("/spans", schema.SpanList, limit=4, cursor=cursor)
        seen += page.spans
        cursor = page.next_cursor
    assert len({(found.trace_id, found.span_id) for found in seen}) == len(seen)
    starts = [int(found.start_time_unix_nano) for found in seen]
    assert starts == sorted(starts, reverse=True)
    assert len(seen) == 8 + 1 + 1 + 7


def test_spans_are_filtered(history: Running) -> None:
    found = history.get("/spans", schema.SpanList, q="kind:llm service:qa").spans
    assert [(one.trace_id, one.span_id) for one in found] == [
        (FAILED, hex_id(1)),
        (ASK, hex_id(8)),
        (ASK, hex_id(3)),
    ]
    assert (found[1].cost, found[0].usage) == (schema.SpanCost(total_usd="0", source="prices", client_usd=None), None)


def test_a_filter_that_spans_do_not_have_is_a_400(history: Running) -> None:
    status, error = history.refused("/spans", q="cost:>1")
    assert (status, error.code) == (400, "bad_query")
    assert "duration" in (error.hint or "")


def test_logs_are_found_by_trace_span_service_severity_and_text(history: Running) -> None:
    def bodies(**parameters: object) -> list[object]:
        return [record.body for record in history.logs(**parameters)]

    assert bodies(trace_id=ASK) == ["running", "asked"]
    assert bodies(trace_id=ASK.upper(), span_id=hex_id(5)) == ["running"]
    assert bodies(severity=17) == [{"message": "slow down"}]
    assert bodies(q="SLOW") == [{"message": "slow down"}]
    assert bodies(service="dice", q="tick 3") == ["tick 3"]
    assert bodies(since=str(NOON + 11 * SECOND), until=str(NOON + 20 * SECOND)) == ["running"]


def test_a_log_record_shows_all_it_came_with(history: Running) -> None:
    record = history.logs(trace_id=ASK, span_id=hex_id(2))[0]
    assert (record.time_unix_nano, record.observed_time_unix_nano) == (
        str(NOON + 10 * SECOND),
        str(NOON + 10 * SECOND + 1),
    )
    assert (record.severity_number, record.severity_text, record.service) == (9, "INFO", "qa")
    assert record.attributes == {"question": "list the most popular albums"}
    assert (record.resource.attributes, record.scope.name) == ({"service.name": "qa"}, "tests")


def test_pages_of_logs_show_each_once_though_many_have_one_time(history: Running) -> None:
    seen: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        page = history.get("/logs", schema.LogList, service="dice", limit=2, cursor=cursor)
        seen += [record.body for record in page.logs]
        cursor = page.next_cursor
    assert seen == [f"tick {n}" for n in (4, 3, 2, 1, 0)]


def test_metrics_are_listed(history: Running) -> None:
    assert history.metrics() == [
        schema.MetricSummary(
            name="dice.rolls",
            description="how often",
            unit="1",
            type="sum",
            service="dice",
            scope="tests",
            point_count=3,
            last_time_unix_nano=str(NOON + 2),
            temporality="cumulative",
            is_monotonic=True,
            series_count=1,
        )
    ]


def test_stats_group_counted_calls(history: Running) -> None:
    rows = {row.group: row for row in history.get("/stats", schema.Stats, group="model").rows}
    assert set(rows) == {"gpt-4o-mini-2024-07-18", "offline-sql", "our-own-7b"}
    first = rows["gpt-4o-mini-2024-07-18"]
    assert (first.count, first.usage.input_tokens, first.cost.total_usd) == (1, 1_000, "0.00015")
    assert first.duration_p95_ns == "300000000"
    failed = rows["our-own-7b"]
    assert (failed.error_count, failed.cost.total_usd, failed.cost.unpriced_calls) == (1, None, 0)


def test_stats_of_traces_by_time(history: Running) -> None:
    rows = history.get("/stats", schema.Stats, over="traces", step=20).rows
    assert [(row.time_unix_nano, row.count, row.error_count) for row in rows] == [
        (str(NOON), 1, 0),
        (str(NOON + 20 * SECOND), 2, 1),
        (str(NOON + 40 * SECOND), 7, 0),
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"over": "traces", "group": "model"},
        {"group": "status"},
        {"group": "colour"},
        {"over": "spans"},
        {"step": 0},
    ],
)
def test_stats_that_cannot_be_are_a_400(history: Running, parameters: dict[str, str | int]) -> None:
    status, error = history.refused("/stats", **parameters)
    assert (status, error.code) == (400, "bad_request")


def test_stats_over_calls_know_no_free_words(history: Running) -> None:
    status, error = history.refused("/stats", q="free words")
    assert (status, error.code) == (400, "bad_query")


def test_the_openapi_document_has_every_path_and_shape(history: Running) -> None:
    document = history.http.get("/api/openapi.json").json()
    shapes = {
        path: operation["get"]["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        for path, operation in document["paths"].items()
        if "get" in operation
    }
    named = {path: shape["$ref"].rpartition("/")[2] for path, shape in shapes.items() if "$ref" in shape}
    assert named == {
        "/api/v1/traces": "TraceList",
        "/api/v1/traces/{trace_id}": "TraceDetail",
        "/api/v1/traces/{trace_id}/spans/{span_id}": "Span",
        "/api/v1/traces/{trace_id}/cost-on": "CostOn",
        "/api/v1/pins": "Pins",
        "/api/v1/prices/models": "ModelPricesList",
        "/api/v1/login": "Login",
        "/api/v1/keys": "KeyList",
        "/api/v1/projects": "ProjectList",
        "/api/v1/audit": "AuditLog",
        "/api/v1/spans": "SpanList",
        "/api/v1/logs": "LogList",
        "/api/v1/logs/counts": "LogCounts",
        "/api/v1/metrics": "MetricList",
        "/api/v1/metrics/series": "MetricOverTime",
        "/api/v1/metrics/sparks": "MetricSparks",
        "/api/v1/store": "StoreKind",
        "/api/v1/doctor": "Doctor",
        "/api/v1/doctor/errors": "KeptErrorList",
        "/api/v1/stats": "Stats",
        "/api/v1/stats/top": "TraceList",
        "/api/v1/sessions": "SessionList",
        "/api/v1/sessions/{session_id}": "SessionDetail",
        "/api/v1/users": "UserList",
        "/api/v1/models": "ModelList",
        "/api/v1/settings": "ServerState",
        "/api/v1/traces/{trace_id}/lens": "Lens",
        "/api/v1/traces/{trace_id}/spans/{span_id}/changes": "CallChanges",
        "/api/v1/fold-rules": "FoldRulesShown",
        "/api/v1/traces/{trace_id}/badges": "BadgeList",
        "/api/v1/traces/{trace_id}/find": "FoundList",
        "/api/v1/traces/{trace_id}/ledger": "Bill",
        "/api/v1/traces/{trace_id}/linked-from": "LinkedList",
        "/api/v1/traces/{trace_id}/tree": "TraceTree",
        "/api/v1/facets": "FacetList",
        "/api/v1/histogram": "Histogram",
        "/api/v1/suggest": "SuggestionList",
        "/api/v1/views": "ViewList",
        "/api/v1/annotations": "AnnotationList",
        "/api/v1/annotations/words": "AnnotationWords",
        "/api/v1/progress": "ProgressReport",
    }
    assert {"/api/v1/live", "/healthz", "/readyz", "/metrics"} <= set(shapes)
    assert "ApiError" in document["components"]["schemas"]


def test_cursors_go_there_and_back() -> None:
    assert decode_cursor(encode_cursor(5, "0" * 32), "traces") == (5, "0" * 32)
    assert decode_cursor(encode_cursor(2**64 - 1, "f" * 48), "spans") == (2**64 - 1, "f" * 48)
    assert decode_cursor(encode_cursor(0, "77"), "logs") == (0, "77")


@pytest.mark.parametrize("text", ["1.ff", "1.-1", "1_0.7", " 1.7", "1.", ".", "", f"{2**64}.7", f"1.{2**64}", "é.7"])
def test_a_cursor_that_is_none_of_ours_is_refused(text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with pytest.raises(QueryError, match="none of ours"):
        decode_cursor(cursor, "logs")
