"""The list of traces: order, pages, time bounds, the query, and its errors."""

import pytest

from llm_tracing.api import schema
from tests.api.history import ASK, FAILED, PLAIN, TIED
from tests.builders import NOON, SECOND
from tests.running import Running

NEWEST_FIRST = [*reversed(TIED), PLAIN, FAILED, ASK]


def _ids(server: Running, **parameters: object) -> list[str]:
    return [trace.trace_id for trace in server.traces(**parameters)]


def test_traces_are_newest_first(history: Running) -> None:
    assert _ids(history) == NEWEST_FIRST


def test_a_summary_tells_the_story_of_its_trace(history: Running) -> None:
    [summary] = history.traces(q=f"trace:{ASK}")
    assert summary == schema.TraceSummary(
        trace_id=ASK,
        name="GET /ask",
        service="qa",
        start_time_unix_nano=str(NOON + 10 * SECOND),
        duration_ns="900000000",
        status="ok",
        span_count=8,
        llm_call_count=2,
        error_count=0,
        models=["gpt-4o-mini-2024-07-18", "offline-sql"],
        session_id="s1",
        user_id="u7",
        input="list the most popular albums",
        output='Minha Historia 27, Acústico 22, "Unplugged" 25',
        usage=schema.Usage(
            input_tokens=1_200,
            output_tokens=80,
            cache_read_tokens=400,
            cache_write_tokens=0,
            reasoning_tokens=20,
            total_tokens=1_280,
        ),
        cost=schema.TraceCost(total_usd="0.00015", unpriced_calls=0),
        sources=["otlp"],
    )


def test_a_failed_trace_shows_its_error_and_is_unpriced_not_free(history: Running) -> None:
    [summary] = history.traces(q="status:error")
    assert (summary.trace_id, summary.error_count, summary.output) == (FAILED, 1, "chat failed")
    assert (summary.cost.total_usd, summary.cost.unpriced_calls) == (None, 0)


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 10, 11])
def test_pages_show_each_trace_once_though_many_start_at_once(history: Running, limit: int) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = history.get("/traces", schema.TraceList, limit=limit, cursor=cursor)
        assert len(page.traces) <= limit
        seen += [trace.trace_id for trace in page.traces]
        cursor = page.next_cursor
    assert seen == NEWEST_FIRST


def test_pages_keep_the_query(history: Running) -> None:
    first = history.get("/traces", schema.TraceList, q="service:qa", limit=1)
    second = history.get("/traces", schema.TraceList, q="service:qa", limit=1, cursor=first.next_cursor)
    assert [trace.trace_id for trace in (*first.traces, *second.traces)] == [FAILED, ASK]
    assert second.next_cursor is None


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (str(NOON + 20 * SECOND), str(NOON + 40 * SECOND), [PLAIN, FAILED]),
        ("2026-11-23T12:00:20Z", "2026-11-23T13:00:40+01:00", [PLAIN, FAILED]),
        ("2026-11-23T12:00:20", "2026-11-23T12:00:30.000001", [PLAIN, FAILED]),
        (None, str(NOON + 20 * SECOND), [ASK]),
        (str(2**64 - 1), None, []),
        ("1900-01-01T00:00:00Z", "1970-01-01T00:00:00Z", []),
    ],
)
def test_since_and_until_bound_the_start(
    history: Running, since: str | None, until: str | None, found: list[str]
) -> None:
    given = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    assert _ids(history, **given) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("list the most popular albums", [ASK]),
        ('"most popular"', [ASK]),
        ("POPULAR -acústico", []),
        ("Acústico", [ASK]),
        ("acústico", [ASK]),
        (r'"\"Unplugged\" 25"', [ASK]),
        ("Album GROUP", [ASK]),
        ("100%", [FAILED]),
        ("rolldice", [PLAIN]),
        ("no_such_text", []),
        ("kind:tool", [ASK]),
        ("kind:llm", [FAILED, ASK]),
        ("kind:db kind:tool", [ASK]),
        ("service:qa -kind:tool", [FAILED]),
        ("service:QA", []),
        ("service:d*", [PLAIN]),
        ("status:ok kind:llm", [ASK]),
        ("status:unset kind:llm", []),
        ("-status:ok", [FAILED]),
        ("model:offline-sql", [ASK]),
        ("model:GPT-4O*", [ASK]),
        ("model:our*", [FAILED]),
        ('name:"GET /*"', [PLAIN, ASK]),
        ("session:s1 user:u7", [ASK]),
        ("duration:>2s", [PLAIN]),
        ("tokens:>=1.28k", [ASK]),
        ("cost:>0.0001", [ASK]),
        ("spans:>1", [ASK]),
        ("name:tied*", list(reversed(TIED))),
        ("x'); DROP TABLE traces; --", []),
    ],
)
def test_a_query_finds(history: Running, query: str, found: list[str]) -> None:
    assert _ids(history, q=query) == found


def test_a_bad_query_points_at_the_place(history: Running) -> None:
    status, error = history.refused("/traces", q="albums kind:banana")
    assert (status, error.code) == (400, "bad_query")
    assert "at position 7:\nalbums kind:banana\n       ^" in error.message


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": 0},
        {"limit": 1_001},
        {"limit": "many"},
        {"since": "yesterday"},
        {"until": "2026-13-01"},
        {"since": str(2**64)},
        {"cursor": "nonsense"},
        {"cursor": "MS5mZg"},  # 1.ff
        {"cursor": "MS4tMQ"},  # 1.-1
        {"cursor": "é"},
        {"cursor": "x" * 201},
        {"q": "x" * 4_001},
    ],
)
@pytest.mark.parametrize("path", ["/traces", "/spans", "/logs"])
def test_a_bad_parameter_is_a_400_in_the_one_shape(
    history: Running, path: str, parameters: dict[str, str | int]
) -> None:
    status, error = history.refused(path, **parameters)
    assert (status, error.code) == (400, "bad_request")
    assert error.message


def test_the_limits_of_limit_are_taken(history: Running) -> None:
    assert len(history.traces(limit=1)) == 1
    assert len(history.traces(limit=1_000)) == len(NEWEST_FIRST)


def test_ok_finds_what_ended_without_an_error_and_unset_only_what_was_left_so(history: Running) -> None:
    assert {summary.status for summary in history.traces(q="status:ok")} == {"ok", "unset"}
    assert {summary.status for summary in history.traces(q="status:unset")} == {"unset"}
