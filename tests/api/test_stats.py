"""GET /api/v1/stats and /stats/top."""

from llm_tracing.api import schema
from tests.api.history import ASK, PLAIN
from tests.builders import MS, NOON, SECOND
from tests.running import Running


def _stats(history: Running, **parameters: str | int) -> list[schema.StatsRow]:
    return history.get("/stats", schema.Stats, **parameters).rows


def test_the_filter_of_a_board_chooses_traces(history: Running) -> None:
    [calls] = _stats(history, of="traces", q="albums")
    [traces] = _stats(history, over="traces", q="albums")
    assert (calls.count, traces.count) == (2, 1)
    assert calls.usage == traces.usage
    assert calls.cost == traces.cost
    assert (calls.streamed_count, calls.time_to_first_token_p50_ns) == (1, str(250 * MS))
    assert traces.first_time_unix_nano == traces.last_time_unix_nano == str(NOON + 10 * SECOND)


def test_a_bucket_holds_the_traces_of_the_list_in_its_time(history: Running) -> None:
    for row in _stats(history, over="traces", step=10):
        assert row.time_unix_nano is not None
        until = int(row.time_unix_nano) + 10 * SECOND
        assert len(history.traces(since=row.time_unix_nano, until=str(until))) == row.count


def test_tools_by_name_lead_to_their_traces(history: Running) -> None:
    [row] = _stats(history, over="tools", group="name")
    assert (row.group, row.count, row.error_count, row.duration_p95_ns) == ("run_sql", 1, 0, str(20 * MS))
    assert [trace.trace_id for trace in history.traces(q=f"tool:{row.group}")] == [ASK]
    assert history.traces(q="tool:run_*") == history.traces(q="tool:run_sql")


def test_groups_beyond_the_limit_are_told_of(history: Running) -> None:
    found = history.get("/stats", schema.Stats, over="traces", group="name", limit=1)
    assert (len(found.rows), found.truncated) == (1, True)
    assert not history.get("/stats", schema.Stats, over="traces").truncated


def test_what_cannot_be_grouped_or_filtered_is_refused(history: Running) -> None:
    assert history.refused("/stats", over="tools", group="model")[0] == 400
    status, error = history.refused("/stats", of="traces", q="nope:1")
    assert (status, error.code) == (400, "bad_query")


def test_the_slowest_traces_come_first(history: Running) -> None:
    found = history.get("/stats/top", schema.TraceList, by="duration", limit=2).traces
    assert [trace.trace_id for trace in found] == [PLAIN, ASK]
    dearest = history.get("/stats/top", schema.TraceList, by="cost").traces
    assert [trace.trace_id for trace in dearest] == [ASK]
