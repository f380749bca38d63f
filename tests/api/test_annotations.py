"""Annotations over the JSON API: said, shown in the trace, changed, deleted, listed, and refused to strangers."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from llm_tracing.api import schema
from tests.builders import SECOND, TRACE, hex_id, span, trace_hex, trace_request
from tests.running import Running

ON_TRACE = f"/api/v1/traces/{TRACE}/annotations"
ON_SPAN = f"/api/v1/traces/{TRACE}/spans/{hex_id(2)}/annotations"


@pytest.fixture
def stored(server: Running) -> Running:
    run = {"langsmith.run_id": "019f0000-1111-7222-8333-444455556666"}
    server.export(
        trace_request(span("root", 1), span("step", 2, 1, duration=SECOND), span("run", 3, 1, attributes=run))
    )
    return server


def _say(server: Running, path: str, **said: Any) -> schema.Annotation:
    answer = server.http.post(path, json=said)
    assert answer.status_code == 201, answer.text
    return schema.Annotation.model_validate_json(answer.content, strict=True)


def _error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, schema.ApiError.model_validate_json(answer.content, strict=True).error.code


def test_what_is_said_of_a_span_and_a_trace_stands_where_it_was_said(stored: Running) -> None:
    of_span = _say(stored, ON_SPAN, key="quality", score=0.5, value={"a": [1]}, comment="meh", correction="b")
    of_trace = _say(stored, ON_TRACE, key="thumbs", score=1, source="app")
    assert (of_span.span_id, of_span.score, of_span.value, of_span.comment) == (hex_id(2), 0.5, {"a": [1]}, "meh")
    assert (of_span.correction, of_span.source, of_span.run_id) == ("b", {"type": "api"}, None)
    assert (of_trace.trace_id, of_trace.span_id, of_trace.source) == (TRACE, None, {"type": "app"})
    detail = stored.trace(TRACE)
    assert detail.annotations == [of_trace]
    assert {s.name: s.annotations for s in detail.spans} == {"root": [], "step": [of_span], "run": []}
    assert stored.trace(TRACE, content=False).spans[1].annotations == [of_span]
    assert stored.get(f"/traces/{TRACE}/spans/{hex_id(2)}", schema.Span).annotations == [of_span]


def test_an_annotation_of_a_langsmith_run_names_the_run(stored: Running) -> None:
    said = _say(stored, f"/api/v1/traces/{TRACE}/spans/{hex_id(3)}/annotations", key="k")
    assert said.run_id == "019f0000-1111-7222-8333-444455556666"


def test_a_change_touches_what_it_names_and_null_clears(stored: Running) -> None:
    said = _say(stored, ON_SPAN, key="quality", score=1, comment="good", value=3)
    answer = stored.http.patch(f"/api/v1/annotations/{said.annotation_id}", json={"score": 0, "comment": None})
    now = schema.Annotation.model_validate_json(answer.content, strict=True)
    assert (now.score, now.comment, now.value, now.key) == (0, None, 3, "quality")
    assert (now.created_at_unix_nano, now.modified_at_unix_nano > said.modified_at_unix_nano) == (
        said.created_at_unix_nano,
        True,
    )
    assert stored.get("/annotations", schema.AnnotationList).annotations == [now]


def test_what_is_deleted_is_gone(stored: Running) -> None:
    said = _say(stored, ON_SPAN, key="quality")
    path = f"/api/v1/annotations/{UUID(said.annotation_id)}"  # dashes or none
    assert stored.http.delete(path).status_code == 204
    assert stored.get("/annotations", schema.AnnotationList).annotations == []
    assert _error(stored.http.delete(path)) == (404, "not_found")
    assert _error(stored.http.patch(path, json={"score": 1})) == (404, "not_found")


def test_the_list_is_filtered_and_paged(stored: Running) -> None:
    said = [_say(stored, ON_SPAN, key=f"k{n % 2}", score=n) for n in range(5)]
    seen: list[schema.Annotation] = []
    cursor = None
    while True:
        page = stored.get(
            "/annotations", schema.AnnotationList, limit=2, trace_id=TRACE, **({"cursor": cursor} if cursor else {})
        )
        seen += page.annotations
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == said[::-1]
    odd = stored.get("/annotations", schema.AnnotationList, key="k1").annotations
    assert [one.score for one in odd] == [3, 1]
    assert stored.get("/annotations", schema.AnnotationList, trace_id=trace_hex(9)).annotations == []


@pytest.mark.parametrize(
    ("path", "body", "refused"),
    [
        (f"/api/v1/traces/{trace_hex(9)}/annotations", {"key": "k"}, (404, "not_found")),
        (f"/api/v1/traces/{TRACE}/spans/{hex_id(9)}/annotations", {"key": "k"}, (404, "not_found")),
        ("/api/v1/traces/zz/annotations", {"key": "k"}, (400, "bad_request")),
        (ON_SPAN, {}, (400, "bad_request")),
        (ON_SPAN, {"key": ""}, (400, "bad_request")),
        (ON_SPAN, {"key": "k", "score": "high"}, (400, "bad_request")),
        (ON_SPAN, {"key": "k", "colour": "red"}, (400, "bad_request")),
        (ON_SPAN, {"key": "k", "value": "x" * 100_001}, (413, "too_large")),
    ],
)
def test_what_cannot_be_said_is_refused(
    stored: Running, path: str, body: dict[str, Any], refused: tuple[int, str]
) -> None:
    assert _error(stored.http.post(path, json=body)) == refused


def test_half_a_character_is_refused_in_text_and_replaced_in_values(stored: Running) -> None:
    def send(body: bytes) -> httpx.Response:
        return stored.http.post(ON_SPAN, content=body, headers={"Content-Type": "application/json"})

    assert _error(send(rb'{"key": "\ud800"}')) == (400, "bad_request")
    answer = send(rb'{"key": "k", "comment": "\ud83d\ude00", "value": ["\udfff", 123456789012345678901234567890]}')
    said = schema.Annotation.model_validate_json(answer.content, strict=True)
    assert (said.comment, said.value[0]) == ("\U0001f600", "?")


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Content-Type": "text/plain"}, (415, "unsupported_media_type")),
        ({"Content-Type": "application/json", "Origin": "http://evil.example"}, (403, "cross_origin")),
        ({"Content-Type": "application/json", "Origin": "null"}, (403, "cross_origin")),
    ],
)
def test_a_page_of_somebody_else_cannot_write(
    stored: Running, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    assert _error(stored.http.post(ON_SPAN, content=b'{"key": "k"}', headers=headers)) == refused
    assert stored.get("/annotations", schema.AnnotationList).annotations == []


def test_a_page_of_this_server_can(stored: Running) -> None:
    answer = stored.http.post(ON_SPAN, json={"key": "k"}, headers={"Origin": stored.addresses.http})
    assert answer.status_code == 201


def test_a_stranger_cannot_delete_either(stored: Running) -> None:
    said = _say(stored, ON_SPAN, key="quality")
    path = f"/api/v1/annotations/{said.annotation_id}"
    assert _error(stored.http.delete(path, headers={"Origin": "http://evil.example"})) == (403, "cross_origin")
