"""The lens over HTTP: what each question became, statements explained and run again, and the filter that finds
answers that nothing supports."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_tracing.api import schema_lens
from llm_tracing.errors import QueryError
from llm_tracing.query.sql_lens import sounds_sure
from tests.builders import trace_hex, trace_request
from tests.query.sql_questions import SQL, question, rows
from tests.running import Running

FINE, EMPTY_SURE, EMPTY_SAID, REFUSED, LISTED, NULLS, LIMITED, MENDED = (trace_hex(0xE00 + n) for n in range(8))
LIMIT = f"{SQL} LIMIT 200"
TWO = rows(["Big Ones"], ["Slides"])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE Album(Title, ArtistId);INSERT INTO Album VALUES ('Big Ones', 7), ('Sliver', 7), ('Other', 8);"
        )
    db.close()
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Iterator[Running]:
    with Running(tmp_path_factory.mktemp("lens"), lens_database=f"sqlite:///{database}") as running:
        running.export(
            trace_request(*question(FINE, result=TWO, executed=SQL, at=1)),
            trace_request(*question(EMPTY_SURE, result=rows(), executed=SQL, answer="Aerosmith made it.", at=2)),
            trace_request(*question(EMPTY_SAID, result=rows(), executed=SQL, answer="No albums were found.", at=3)),
            trace_request(
                *question(
                    REFUSED,
                    written="DELETE FROM Album",
                    error=("shop.StatementRefused", "Only a SELECT may run, this is DELETE."),
                    answer=None,
                    at=4,
                )
            ),
            trace_request(*question(LISTED, result="[]", answer="Aerosmith, in 1973.", at=5)),
            trace_request(*question(NULLS, result=rows([None], columns=["sum"]), answer="It is 12 hours.", at=6)),
            trace_request(*question(LIMITED, result=TWO, executed=LIMIT, at=7)),
            trace_request(*question(MENDED, written="SELECT Nope FROM Album", result="no such column: Nope", at=8)),
        )
        yield running


def lens(server: Running, trace_id: str) -> schema_lens.Lens:
    return server.get(f"/traces/{trace_id}/lens", schema_lens.Lens)


def only(server: Running, trace_id: str) -> tuple[schema_lens.SqlEpisode, schema_lens.SqlStep]:
    [episode] = lens(server, trace_id).episodes
    [step] = episode.steps
    return episode, step


def test_question_statement_rows_and_answer_stand_together(server: Running) -> None:
    episode, step = only(server, FINE)
    assert episode.question is not None
    assert episode.question.text == "albums of the seventh artist"
    assert episode.answer is not None
    assert episode.answer.text == "There are two albums."
    assert step.generated is not None
    assert (step.generated.text, step.generated.span_id) == (SQL, f"{3:016x}")
    assert step.executed is not None
    assert (step.executed.text, step.executed.span_id) == (SQL, f"{5:016x}")
    assert (step.executed_by, step.system, step.duration_ns) == ("database", "sqlite", "3000000")
    assert (step.outcome, step.row_count, step.changes) == ("rows", 2, [])
    assert step.table is not None
    assert step.table.rows == [["Big Ones"], ["Slides"]]


def test_what_the_guard_added_is_said(server: Running) -> None:
    _, step = only(server, LIMITED)
    assert step.changes == ["LIMIT 200 was added."]


def test_a_refused_statement_has_the_guards_reason(server: Running) -> None:
    episode, step = only(server, REFUSED)
    assert (step.outcome, step.executed) == ("refused", None)
    assert step.error_message == "Only a SELECT may run, this is DELETE."
    assert episode.answer is None
    assert not episode.is_unfounded


def test_a_complaint_instead_of_rows_is_shown_as_it_is(server: Running) -> None:
    _, step = only(server, MENDED)
    assert (step.outcome, step.table, step.error_message) == ("unknown", None, "no such column: Nope")


def test_only_sure_answers_to_nothing_are_unfounded(server: Running) -> None:
    unfounded = {each for each in ALL if lens(server, each).episodes[0].is_unfounded}
    assert unfounded == {EMPTY_SURE, LISTED, NULLS}


ALL = (FINE, EMPTY_SURE, EMPTY_SAID, REFUSED, LISTED, NULLS, LIMITED, MENDED)


def test_the_filter_finds_what_the_lens_marks(server: Running) -> None:
    assert {trace.trace_id for trace in server.traces(q="has:empty-sql-answer")} == {EMPTY_SURE, LISTED, NULLS}
    found = {trace.trace_id for trace in server.traces(q="-has:empty-sql-answer")}
    assert found == set(ALL) - {EMPTY_SURE, LISTED, NULLS}


def test_an_unknown_fact_is_refused_by_name(server: Running) -> None:
    status, error = server.refused("/traces", q="has:luck")
    assert (status, error.code) == (400, "bad_query")
    assert "empty-sql-answer" in error.message


def replay(server: Running, trace_id: str, span: int = 4, what: str = "replay", **headers: str) -> tuple[int, str]:
    path = f"/api/v1/traces/{trace_id}/lens/{span:016x}/{what}"
    answer = server.http.post(path, json={}, headers=headers)
    return answer.status_code, answer.text


def test_a_replay_marks_what_changed_since(server: Running) -> None:
    status, text = replay(server, FINE)
    found = schema_lens.SqlReplay.model_validate_json(text)
    assert (status, found.sql, found.table.rows) == (200, SQL, [["Big Ones"], ["Sliver"]])
    assert (found.same, found.new_rows, found.gone_rows) == (False, [1], [1])
    assert found.comparison == "The data has changed since: 1 row new, 1 row gone."


def test_a_plan_is_given_without_running(server: Running) -> None:
    status, text = replay(server, FINE, what="explain")
    assert status == 200
    assert any("SCAN Album" in line for line in schema_lens.SqlPlan.model_validate_json(text).lines)


def test_a_write_is_never_run(server: Running, database: Path) -> None:
    status, text = replay(server, REFUSED)
    assert status == 422
    assert "only a SELECT may run" in text.replace("Only", "only")
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*) FROM Album").fetchone() == (3,)
    db.close()


def test_a_statement_that_fails_has_the_databases_words(server: Running) -> None:
    status, text = replay(server, MENDED)
    assert (status, "no such column: Nope" in text) == (422, True)


def test_a_page_of_somebody_else_may_not_replay(server: Running) -> None:
    assert replay(server, FINE, Origin="http://elsewhere.example")[0] == 403


def test_a_span_that_is_no_step_is_not_found(server: Running) -> None:
    assert replay(server, FINE, span=2)[0] == 404
    assert replay(server, trace_hex(0xDEAD))[0] == 404


def test_without_a_database_it_says_how_to_set_one(tmp_path: Path) -> None:
    with Running(tmp_path) as plain:
        plain.export(trace_request(*question(FINE, result=TWO)))
        state = lens(plain, FINE).database
        assert not state.configured
        assert state.hint is not None
        assert "LLM_TRACING_LENS_DATABASE" in state.hint
        status, text = replay(plain, FINE)
        assert (status, "--lens-database" in text) == (409, True)


@pytest.mark.parametrize(
    ("answer", "sure"),
    [
        ("The most popular album is Greatest Hits.", True),
        ("12 customers live there.", True),
        ("There are 10.0 of them.", True),
        ("There are 0 customers.", False),
        ("I couldn’t find any.", False),
        ("No rows matched.", False),
        ("Die Abfrage ergab nichts: keine Kunden.", False),
        ("", False),
    ],
)
def test_an_answer_is_sure_unless_a_word_admits_it(answer: str, sure: bool) -> None:
    assert sounds_sure(answer) is sure


def test_errors_of_the_lens_are_query_errors() -> None:
    from llm_tracing.api.lens_database import LensProblem

    assert issubclass(LensProblem, QueryError)


def test_missing_packages_are_named_with_the_command_that_brings_them(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llm_tracing.readonly.guard", None)  # as if sqlglot were not installed
    state = lens(server, FINE).database
    assert (state.configured, state.hint) == (False, "pip install 'llm-tracing[lens]'")
    status, text = replay(server, FINE)
    assert (status, "not installed" in text) == (409, True)
