"""What surrounds the lists over HTTP: facets, histogram, suggestions, saved views, and their errors."""

from typing import Any

import httpx
import pytest

from llm_tracing.api import schema
from llm_tracing.api.search_routes import step_for
from llm_tracing.query.views import BUILT_IN
from tests.builders import NOON, SECOND
from tests.running import Running


def _facets(server: Running, **parameters: Any) -> dict[str, dict[str, int]]:
    found = server.get("/facets", schema.FacetList, **parameters).facets
    return {one.key: {value.value: value.count for value in one.values} for one in found}


def test_facets_count_the_whole_list(history: Running) -> None:
    found = _facets(history)
    assert found["status"] == {"ok": 9, "error": 1}
    assert found["service"] == {"tied": 7, "qa": 2, "dice": 1}
    assert found["tool"] == {"run_sql": 1}
    assert _facets(history, key=["service"], since=str(NOON + 40 * SECOND)) == {"service": {"tied": 7}}


def test_a_facet_shows_its_other_values_too(history: Running) -> None:
    found = _facets(history, q="status:error kind:llm", key=["status", "service"])
    assert found == {"status": {"error": 1, "ok": 1}, "service": {"qa": 1}}


def test_a_facet_says_whether_there_are_more(history: Running) -> None:
    [one] = history.get("/facets", schema.FacetList, key="service", limit=2).facets
    assert (len(one.values), one.more) == (2, True)


def test_other_lists_have_facets(history: Running) -> None:
    assert _facets(history, of="logs", key=["severity"]) == {"severity": {"info": 7, "error": 1}}
    assert _facets(history, of="spans", key=["operation"])["operation"]["chat"] == 3


def test_a_histogram_has_equal_steps_without_gaps(history: Running) -> None:
    found = history.get("/histogram", schema.Histogram, since=str(NOON), until=str(NOON + 60 * SECOND), buckets=7)
    assert found.step_ns == str(10 * SECOND)
    assert [(one.count, one.error_count) for one in found.buckets] == [(0, 0), (1, 0), (1, 1), (1, 0), (7, 0), (0, 0)]
    assert (found.count, found.error_count) == (10, 1)


def test_a_histogram_of_any_time_is_as_long_as_the_data(history: Running) -> None:
    found = history.get("/histogram", schema.Histogram, q="status:error")
    assert found.since == str(NOON + 10 * SECOND)
    assert int(found.until) == NOON + 40 * SECOND + 1
    assert (found.count, found.error_count) == (1, 1)


@pytest.mark.parametrize("length", [1, 79, 10**9, 3 * 10**12, 10**17, 2**64 - 1])
def test_steps_cover_a_range_and_no_more_than_asked(length: int) -> None:
    step = step_for(length, 80)
    assert step * 79 >= length


def test_an_empty_server_has_an_empty_histogram(server: Running) -> None:
    found = server.get("/histogram", schema.Histogram)
    assert (found.count, len(found.buckets)) == (0, 1)
    assert _facets(server, key=["status"]) == {"status": {}}


def _suggested(server: Running, q: str, **more: Any) -> list[str]:
    return [one.text for one in server.get("/suggest", schema.SuggestionList, q=q, **more).suggestions]


def test_suggestions_come_from_what_is_stored(history: Running) -> None:
    assert _suggested(history, "model:our") == ["our-own-7b"]
    assert _suggested(history, "name:GET") == ['"GET /ask"', '"GET /rolldice"']
    assert _suggested(history, "attr.db.query") == ["attr.db.query.text:"]
    assert _suggested(history, "attr.db.system.name:") == ["sqlite"]
    assert _suggested(history, "severity:e", of="logs") == ["error", "trace", "debug"]
    found = history.get("/suggest", schema.SuggestionList, q="model:our x", at=9)
    assert (found.start, found.end) == (6, 9)


@pytest.mark.parametrize(
    ("path", "parameters", "says"),
    [
        ("/facets", {"key": "wings"}, "no facet wings"),
        ("/facets", {"q": "kind:"}, "has no value"),
        ("/facets", {"of": "logs", "q": "kind:llm"}, "Logs can't be filtered by kind"),
        ("/histogram", {"since": "yesterday"}, "is no time"),
        ("/histogram", {"q": "severity:warn"}, "Traces can't be filtered by severity"),
        ("/spans", {"q": "a cost:>1"}, "Spans can't be filtered by cost at position 2"),
        ("/stats", {"q": "albums"}, "Calls can't be filtered by text"),
        ("/traces", {"q": "event:x"}, "Traces can't be filtered by event"),
    ],
)
def test_what_cannot_be_answered_is_told(history: Running, path: str, parameters: dict[str, str], says: str) -> None:
    status, error = history.refused(path, **parameters)
    assert (status, says in error.message) == (400, True), error


def _save(server: Running, **view: Any) -> httpx.Response:
    return server.http.post("/api/v1/views", json=view)


def test_a_view_is_saved_renamed_and_deleted(server: Running) -> None:
    answer = _save(server, name=" Slow ones ", q="duration:>2s", since="1h")
    assert answer.status_code == 201
    saved = schema.View.model_validate_json(answer.content, strict=True)
    assert (saved.name, saved.page, saved.q, saved.since, saved.built_in) == (
        "Slow ones", "traces", "duration:>2s", "1h", False,
    )  # fmt: skip
    path = f"/api/v1/views/{saved.view_id}"
    changed = server.http.patch(path, json={"name": "Slow"})
    assert schema.View.model_validate_json(changed.content) == saved.model_copy(update={"name": "Slow"})
    listed = server.get("/views", schema.ViewList, page="traces").views
    assert [view.name for view in listed if not view.built_in] == ["Slow"]
    assert [view.view_id for view in listed if view.built_in] == [v.slug for v in BUILT_IN if v.page == "traces"]
    assert server.http.delete(path).status_code == 204
    assert server.http.delete(path).status_code == 404
    assert all(view.built_in for view in server.get("/views", schema.ViewList).views)


@pytest.mark.parametrize(
    ("view", "status", "says"),
    [
        ({"name": "x", "q": "kind:banana"}, 400, "banana is none of"),
        ({"name": "x", "page": "logs", "q": "kind:llm"}, 400, "Logs can't be filtered by kind"),
        ({"name": "x", "since": "soon"}, 400, "since=soon is no time"),
        ({"name": "  "}, 400, "name"),
        ({"name": "x" * 81}, 400, "name"),
        ({"name": "taken"}, 409, "is called taken already"),
    ],
)
def test_a_view_that_cannot_be_shown_is_refused(server: Running, view: dict[str, Any], status: int, says: str) -> None:
    assert _save(server, name="Taken").status_code == 201
    answer = _save(server, **view)
    assert (answer.status_code, says in answer.json()["error"]["message"]) == (status, True), answer.text


def test_a_built_in_view_stays(server: Running) -> None:
    for answer in (server.http.delete("/api/v1/views/errors"), server.http.patch("/api/v1/views/errors", json={})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert server.http.patch("/api/v1/views/nope", json={"name": "x"}).status_code == 404


def test_a_page_of_another_site_saves_nothing(server: Running) -> None:
    answer = server.http.post("/api/v1/views", json={"name": "x"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert server.http.post("/api/v1/views", content=b'{"name": "x"}').status_code == 415
