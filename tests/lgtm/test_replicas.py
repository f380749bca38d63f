"""Two real servers over one set of backends and one object place, as behind one address."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from llm_tracing.api import schema, schema_data, schema_tree
from llm_tracing.lgtm.shared.changes import FOLDER
from llm_tracing.normalize.langsmith_ids import span_id_of
from tests.builders import SECOND, TRACE, hex_id, span, trace_hex, trace_request
from tests.langsmith_requests import run, run_id
from tests.lgtm.fakes import Stack
from tests.lgtm.opened import settings_over
from tests.running import Running

T = TypeVar("T")
Start = Callable[[str], Running]
NOW = time.time_ns() - 60 * SECOND


@pytest.fixture
def start(fakes: Stack, tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as closing:

        def start_one(name: str) -> Running:
            objects = (tmp_path / "objects").as_uri()
            return closing.enter_context(Running(tmp_path / name, **settings_over(fakes), lgtm_objects=objects))

        yield start_one


def soon(ask: Callable[[], T], is_it: Callable[[T], bool]) -> T:
    """What is asked for, as soon as it is so: the other server looks every few seconds."""
    until = time.monotonic() + 60
    while not is_it(found := ask()) and time.monotonic() < until:
        time.sleep(0.1)
    assert is_it(found), found
    return found


def say(server: Running, **said: Any) -> schema.Annotation:
    answer = server.http.post(f"/api/v1/traces/{TRACE}/spans/{hex_id(1)}/annotations", json=said)
    assert answer.status_code == 201, answer.text
    return schema.Annotation.model_validate_json(answer.content, strict=True)


def scored(server: Running) -> list[str]:
    return [one.trace_id for one in server.traces(q="score.quality:>=0.5")]


def pins(server: Running) -> list[str]:
    return [one.trace_id for one in server.get("/pins", schema_data.Pins).pins]


def rules(server: Running) -> schema_tree.FoldRulesShown:
    return server.get("/fold-rules", schema_tree.FoldRulesShown)


def views(server: Running) -> list[str]:
    return [one.name for one in server.get("/views", schema.ViewList).views if not one.built_in]


def test_annotations_views_pins_and_rules_are_those_of_all_servers(start: Start, tmp_path: Path) -> None:
    a, b = start("a"), start("b")
    a.export(trace_request(span("ask", start=NOW)))
    said = say(a, key="quality", score=0.75, comment="right")
    assert soon(lambda: b.trace(TRACE).spans[0].annotations, bool) == [said]
    assert scored(b) == scored(a) == [TRACE]

    assert b.http.post("/api/v1/views", json={"name": "Mine", "page": "traces", "q": "error"}).status_code == 201
    assert b.http.put(f"/api/v1/traces/{TRACE}/pin", json={}).status_code == 204
    assert b.http.put("/api/v1/fold-rules", json={"rules": []}).status_code == 200
    assert soon(lambda: (views(a), pins(a), rules(a).is_default), lambda seen: not seen[2]) == (
        ["Mine"],
        [TRACE],
        False,
    )

    a.stop()
    shutil.rmtree(tmp_path / "a")
    again = start("a")
    assert (views(again), pins(again), rules(again)) == (["Mine"], [TRACE], rules(b))
    assert again.trace(TRACE).spans[0].annotations == [said]
    assert scored(again) == [TRACE]

    assert b.http.delete(f"/api/v1/annotations/{said.annotation_id}").status_code == 204
    assert soon(lambda: again.trace(TRACE).spans[0].annotations, lambda seen: not seen) == []
    assert scored(again) == []


def test_an_annotated_trace_is_found_where_it_was_never_shown(start: Start, fakes: Stack) -> None:
    """Its filter has no words in TraceQL, and no search names it: it is fetched for what was said of it."""
    a, b = start("a"), start("b")
    fakes.tempo.hidden = {bytes.fromhex(TRACE)}
    a.export(trace_request(span("old", start=NOW - 30 * 24 * 3_600 * SECOND)))
    say(a, key="quality", score=1)
    since = str(NOW - 40 * 24 * 3_600 * SECOND)
    assert soon(lambda: [one.name for one in b.traces(q="score.quality:1", since=since)], bool) == ["old"]


def test_a_change_that_the_object_place_does_not_take_is_refused_with_its_name(start: Start, tmp_path: Path) -> None:
    a = start("a")
    a.export(trace_request(span("ask", start=NOW)))
    place = tmp_path / "objects"
    say(a, key="quality", score=1)
    shutil.rmtree(place / FOLDER)
    (place / FOLDER).write_bytes(b"")
    for method, path, body in (
        ("POST", f"/api/v1/traces/{TRACE}/spans/{hex_id(1)}/annotations", {"key": "quality", "score": 0}),
        ("POST", "/api/v1/views", {"name": "Mine", "page": "traces", "q": "error"}),
        ("PUT", f"/api/v1/traces/{TRACE}/pin", None),
        ("PUT", "/api/v1/fold-rules", {"rules": []}),
    ):
        answer = a.http.request(method, path, json=body or {})
        assert answer.status_code == 503, answer.text
        error = schema.ApiError.model_validate_json(answer.content, strict=True).error
        assert error.message.startswith(f"The object store {place.as_uri()} failed: ")
        assert "LLM_TRACING_LGTM_OBJECTS" in (error.hint or "")
    a.export(trace_request(span("still taken", start=NOW, trace=trace_hex(5))))
    assert [one.score for one in a.trace(TRACE).spans[0].annotations] == [1]


QUESTION = {"inputs": {"messages": [{"role": "user", "content": "Which albums? " * 300}]}, "run_type": "llm"}
ANSWER = {"outputs": {"content": "Unplugged"}, "end_time": "2026-11-23T16:00:01.500000Z"}
RUN = UUID(run_id(1))


def send(server: Running, **batch: list[dict[str, Any]]) -> None:
    answer = server.http.post("/langsmith/runs/batch", json={"post": [], "patch": [], **batch})
    assert answer.status_code == 202, answer.text


def patch(**fields: Any) -> dict[str, Any]:
    """The end of a run as clients send it: it does not say again what was said at the start."""
    core = {key: value for key, value in run(1).items() if key in ("id", "trace_id", "dotted_order")}
    return {**core, **fields}


def shown(server: Running) -> list[tuple[str, str | None, str | None, str | None]]:
    spans = server.trace(RUN.hex).spans
    return [(one.name, one.input and one.input[:14], one.output, one.status) for one in spans]


WHOLE = [("run 1", "Which albums? ", "Unplugged", "ok")]


@pytest.mark.parametrize("order", ["start first", "end first"])
def test_a_run_that_starts_here_and_ends_there_is_one_whole_run(
    order: str, start: Start, fakes: Stack, tmp_path: Path
) -> None:
    a, b, c = start("a"), start("b"), start("c")
    parts = [(a, {"post": [run(1, **QUESTION)]}), (b, {"patch": [patch(**ANSWER)]})]
    for server, batch in parts if order == "start first" else parts[::-1]:
        send(server, **batch)
    for server in (c, b, a):
        soon(partial(shown, server), lambda seen: seen == WHOLE)
    *early, one = [
        s for part in fakes.tempo.traces[RUN.bytes].resource_spans for p in part.scope_spans for s in p.spans
    ]
    assert one.name == "run 1"
    assert int.from_bytes(one.span_id, "big") == span_id_of(RUN, RUN)
    # An end is not held back until its start comes, which it may never do; Tempo then has both, and a reader one.
    assert len(early) == (order == "end first")
    assert {one.name: one.status for one in a.traces()} == {"run 1": "ok"}
    assert soon(lambda: list((tmp_path / "objects" / "runs").rglob("*.zst")), lambda left: not left) == []


def test_what_is_added_to_a_run_elsewhere_after_it_was_sent_completes_it(
    start: Start, fakes: Stack, tmp_path: Path
) -> None:
    a, b = start("a"), start("b")
    send(a, post=[run(1, **QUESTION, **ANSWER)])
    send(b, patch=[patch(extra={"metadata": {"user_id": "u7"}}, end_time=ANSWER["end_time"])])
    assert [one.user_id for one in b.trace(RUN.hex).spans] == ["u7"]
    assert shown(b) == WHOLE
    [one] = [one for part in fakes.tempo.traces[RUN.bytes].resource_spans for s in part.scope_spans for one in s.spans]
    assert one.name == "run 1"
    assert soon(lambda: list((tmp_path / "objects" / "runs").rglob("*.zst")), lambda left: not left) == []
