"""A span like an earlier one becomes the row that it would have become alone."""

from random import Random
from typing import Any

import pytest
from bench.profiles import trace_bodies
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from llm_tracing.model import Batch
from llm_tracing.normalize import alike
from llm_tracing.normalize.limits import Limits
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.normalize.spans import add_spans
from llm_tracing.receive.decode import decode
from tests.normalize.corpus import Case, cases

TRACE, OTHER_TRACE = bytes(range(16)), bytes(range(1, 17))


def rows_of(request: Any, shared: SharedRows | None = None) -> Batch:
    batch = Batch.empty()
    add_spans(request, shared or SharedRows(), batch)
    return batch


def one_by_one(request: ExportTraceServiceRequest) -> Batch:
    """The rows of a request whose spans come each in a request of its own, to a server that knows no other."""
    whole = Batch.empty()
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                alone = ExportTraceServiceRequest()
                resource = alone.resource_spans.add(
                    resource=resource_spans.resource, schema_url=resource_spans.schema_url
                )
                scope = resource.scope_spans.add(scope=scope_spans.scope, schema_url=scope_spans.schema_url)
                scope.spans.append(span)
                whole.add(rows_of(alone))
    return whole


def request_of(*spans: Span) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend(spans)
    return request


def span(number: int, name: str = "connect", **fields: Any) -> Span:
    begun = 1_000_000_000 * number
    made = Span(
        trace_id=TRACE, span_id=number.to_bytes(8, "big"), name=name, start_time_unix_nano=begun,
        end_time_unix_nano=begun + 5,
    )  # fmt: skip
    made.attributes.add(key="db.system", value={"string_value": "sqlite"})
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def corpus_requests(case: Case) -> list[Any]:
    return [
        decode("traces", (case.folder / row["file"]).read_bytes(), row["headers"]["content-type"].split(";")[0])
        for row in case.requests()
        if row["file"] and row["path"].endswith("/v1/traces") and not row["headers"].get("content-encoding")
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_what_real_clients_send_twice_is_read_as_it_was_the_first_time(case: Case) -> None:
    shared = SharedRows()
    for request in corpus_requests(case):
        first, again = rows_of(request, shared), rows_of(request, shared)
        alone = one_by_one(request)
        assert first.spans == again.spans == alone.spans
        assert first.payload_refs == again.payload_refs == alone.payload_refs
        assert first.payloads == again.payloads == alone.payloads
        assert first.marks == again.marks == alone.marks
        assert first.counts.unmapped == again.counts.unmapped == alone.counts.unmapped


def test_spans_of_many_questions_are_read_as_each_alone() -> None:
    shared = SharedRows()
    for body in trace_bodies(20, 300):
        request = ExportTraceServiceRequest.FromString(body)
        many, alone = rows_of(request, shared), one_by_one(request)
        assert many.spans == alone.spans
        assert many.payload_refs == alone.payload_refs
        assert many.payloads == alone.payloads


def test_ids_parent_and_times_are_each_spans_own() -> None:
    spans = [span(1), span(2, parent_span_id=b"\0" * 7 + b"\1"), span(3, trace_id=OTHER_TRACE), span(4)]
    found = rows_of(request_of(*spans)).spans
    assert [(row.trace_id, row.span_id, row.parent_span_id) for row in found] == [
        (TRACE, 1, None), (TRACE, 2, 1), (OTHER_TRACE, 3, None), (TRACE, 4, None),
    ]  # fmt: skip
    assert [(row.start_time_unix_nano, row.end_time_unix_nano) for row in found] == [
        (n * 10**9, n * 10**9 + 5) for n in range(1, 5)
    ]
    assert {row.attributes for row in found} == {'{"db.system":"sqlite"}'}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "other"), ("kind", 3), ("trace_state", "a=b"), ("flags", 1), ("dropped_attributes_count", 2),
        ("dropped_events_count", 2), ("dropped_links_count", 2), ("end_time_unix_nano", 0),
        ("start_time_unix_nano", 0),
    ],
)  # fmt: skip
def test_a_span_that_differs_in_one_field_keeps_it(field: str, value: Any) -> None:
    request = request_of(span(1), span(2), span(3, **{field: value}), span(4))
    assert rows_of(request).spans == one_by_one(request).spans


def test_status_events_and_links_are_kept() -> None:
    failed, told, linked = span(2), span(3), span(4)
    failed.status.code, failed.status.message = Status.STATUS_CODE_ERROR, "locked"
    told.events.add(name="exception", time_unix_nano=7)
    linked.links.add(trace_id=OTHER_TRACE, span_id=b"12345678")
    request = request_of(span(1), failed, told, linked, span(5), failed, told, linked)
    assert rows_of(request).spans == one_by_one(request).spans


def test_times_that_stand_in_the_name_confuse_nobody() -> None:
    dice = Random(1)
    spans = []
    for number in range(1, 200):
        made = span(number)
        made.start_time_unix_nano = made.end_time_unix_nano = dice.choice((0x4141414141414141, 0x3939393939393939))
        made.name = dice.choice(("9AAAAAAAAAAAAAAAAA", "999999999A99999999", "9AAAAAAAAAAAAAAAAAA", "A9"))
        spans.append(made)
    request = request_of(*spans)
    assert rows_of(request).spans == one_by_one(request).spans


def test_limits_hold_for_those_that_are_alike() -> None:
    request = request_of(span(1), span(2))
    for one in request.resource_spans[0].scope_spans[0].spans:
        one.attributes.add(key="more", value={"int_value": 1})
    batch = rows_of(request, SharedRows(Limits(attributes=1)))
    assert [row.dropped_attributes_count for row in batch.spans] == [1, 1]
    assert sum(batch.counts.refused.values()) == 2


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MAX_BYTES", 2_000)
    request = request_of(*(span(number, f"name {number % 150}") for number in range(1, 600)))
    shared = SharedRows()
    assert rows_of(request, shared).spans == one_by_one(request).spans
    assert shared.shapes.size <= 2_000


def test_a_scope_without_two_alike_is_asked_of_few() -> None:
    shared = SharedRows()
    for begin in range(1, 2_001, 100):
        rows_of(request_of(*(span(number, f"name {number}") for number in range(begin, begin + 100))), shared)
    assert shared.shapes.count < 64 + 20 * 8 + 1
