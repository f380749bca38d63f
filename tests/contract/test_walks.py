"""What a store gives to exports and to pages of logs and metrics: whole, in order, page by page."""

from llm_tracing.store.contract import Page, PointPage, SpanPlace, Store
from tests.builders import NOON, SECOND, batch_of, chat, counter, log, log_request, metric_request, span, trace_hex
from tests.builders import trace_request as request


def test_whole_spans_come_newest_first_each_once_whatever_they_share(store: Store) -> None:
    same = [span("a", 1), span("b", 1), span("c", 2), span("d", 3, start=NOON + 5)]
    store.write(batch_of(request(*same)))
    names: list[str] = []
    after: SpanPlace | None = None
    while True:
        found = store.whole_spans(Page(limit=1), after)
        names += [row.name for row in found.spans]
        after = found.after
        if after is None:
            break
    assert names[0] == "d"
    assert sorted(names) == ["a", "b", "c", "d"]


def test_whole_spans_have_their_texts_and_what_they_refer_to(store: Store) -> None:
    store.write(batch_of(request(span("ask", 1, attributes=chat("how many", "42" * 500)))))
    found = store.whole_spans(Page())
    [row] = found.spans
    assert row.resource_id in found.resources
    assert row.scope_id in found.scopes
    assert any("4242" in text for text in found.payloads.values())


def test_whole_spans_of_some_traces_are_those_alone(store: Store) -> None:
    store.write(batch_of(request(*(span(f"s{n}", n, trace=trace_hex(n)) for n in (1, 2, 3)))))
    wanted = [bytes.fromhex(trace_hex(n)) for n in (1, 3)]
    assert {row.name for row in store.whole_spans(Page(), traces=wanted).spans} == {"s1", "s3"}
    assert store.whole_spans(Page(), traces=[]).spans == []


def test_log_records_are_counted_by_step_and_severity(store: Store) -> None:
    records = [log(time=NOON + n * SECOND, severity=9 if n % 2 else 17) for n in range(10)]
    store.write(batch_of(log_request(*records)))
    found = store.log_counts(Page(since=NOON, until=NOON + 10 * SECOND), 2)
    assert found.step_ns == 5 * SECOND
    assert sum(one.count for one in found.counts) == 10
    assert {one.severity_number for one in found.counts} == {9, 17}
    assert all(one.time_unix_nano % found.step_ns == 0 for one in found.counts)


def test_no_log_records_are_no_counts(store: Store) -> None:
    assert store.log_counts(Page(), 10).counts == []


def test_points_come_page_by_page_newest_first(store: Store) -> None:
    store.write(batch_of(metric_request(counter("rolls", 1, 2, 3, 4, 5))))
    page, times = PointPage(limit=2, name="rolls"), []
    while True:
        found = store.points(page)
        times += [row.time_unix_nano for row in found.points]
        if found.after is None:
            break
        page = PointPage(limit=2, name="rolls", after=found.after)
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    assert store.points(PointPage(name="nobody")).points == []


def test_points_by_step_are_the_last_of_each(store: Store) -> None:
    store.write(batch_of(metric_request(counter("rolls", 1, 2, 3, 4, 5))))
    found = store.points(PointPage(name="rolls", step_ns=3600 * SECOND))
    assert [row.value_int for row in found.points] == [5]
