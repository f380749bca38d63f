"""The comparison as the command makes it: real processes, real libraries, and the cells that must be true."""

import os
import re
from pathlib import Path

import pytest

from llm_tracing.api.schema_progress import Progress, ProgressCell
from llm_tracing.store.progress import FILE_NAME
from llm_tracing.telemetry.approaches import APPROACHES
from tests.comparison.command import run_compare

SEEN = ("request", "steps", "prompt", "answer", "sql", "rows", "tokens", "cost", "error", "logs", "metrics", "retry")
DOCS = Path(__file__).parents[2] / "docs" / "compare.md"
COST = ("bytes", "items", "cpu", "packages")


def _cells(progress: Progress, approach: str) -> dict[str, ProgressCell]:
    [row] = [row for row in progress.rows if row.approach == approach]
    assert row.outcome == "ran", row.note
    return {cell.column: cell for cell in row.cells}


def _verdicts(progress: Progress, approach: str) -> dict[str, str]:
    return {name: cell.verdict for name, cell in _cells(progress, approach).items()}


def test_every_approach_has_every_cell(progress: Progress) -> None:
    assert [row.approach for row in progress.rows] == list(APPROACHES)
    assert tuple(column.name for column in progress.columns) == SEEN + COST
    for row in progress.rows:
        assert row.outcome == "ran", row.note
        assert tuple(cell.column for cell in row.cells) == SEEN + COST
    assert "Minha Historia" in progress.answer


def test_without_an_approach_only_the_warnings_are_seen_that_python_prints_by_itself(progress: Progress) -> None:
    verdicts = _verdicts(progress, "none")
    assert {name for name in SEEN if verdicts[name] != "no"} <= {"error"}
    assert verdicts["error"] != "yes"
    cells = _cells(progress, "none")
    assert [cells[name].number for name in COST] == [0, 0, 0, 0]


@pytest.mark.parametrize("approach", ["logging", "json"])
def test_lines_tell_request_statement_and_retry_and_no_tokens(progress: Progress, approach: str) -> None:
    verdicts = _verdicts(progress, approach)
    assert [verdicts[name] for name in ("request", "sql", "retry")] == ["yes"] * 3
    assert [verdicts[name] for name in ("prompt", "answer", "tokens", "cost", "metrics")] == ["no"] * 5


def test_json_ties_the_lines_of_a_request_together_and_plain_lines_do_not(progress: Progress) -> None:
    assert _verdicts(progress, "logging")["logs"] == "no"
    cell = _cells(progress, "json")["logs"]
    assert cell.verdict == "yes"
    assert all("request_id" in evidence.text for evidence in cell.evidence)


def test_langsmith_sees_prompts_statement_and_tokens_and_no_retry_below_its_client(progress: Progress) -> None:
    verdicts = _verdicts(progress, "langsmith")
    assert [verdicts[name] for name in ("prompt", "answer", "sql", "rows", "tokens", "error")] == ["yes"] * 6
    assert [verdicts[name] for name in ("metrics", "logs", "retry")] == ["no"] * 3


def test_auto_sees_the_statement_and_no_prompt(progress: Progress) -> None:
    verdicts = _verdicts(progress, "auto")
    assert [verdicts[name] for name in ("request", "sql", "logs", "metrics", "retry")] == ["yes"] * 5
    assert [verdicts[name] for name in ("prompt", "answer")] == ["no"] * 2


@pytest.mark.parametrize("approach", ["otel", "openllmetry", "openinference"])
def test_opentelemetry_curated_sees_all(progress: Progress, approach: str) -> None:
    verdicts = _verdicts(progress, approach)
    assert {name: verdicts[name] for name in SEEN} == dict.fromkeys(SEEN, "yes")


def test_every_yes_shows_where_it_was_found(progress: Progress) -> None:
    for row in progress.rows:
        for cell in row.cells:
            assert (cell.verdict not in ("yes", "partly")) or cell.evidence, (row.approach, cell.column)


def test_tokens_and_cost_are_the_same_wherever_they_are_seen(progress: Progress) -> None:
    for column in ("tokens", "cost"):
        numbers = {_cells(progress, name)[column].number for name in ("langsmith", "otel", "openinference")}
        assert len(numbers) == 1


def test_costs_are_measured(progress: Progress) -> None:
    otel = _cells(progress, "otel")
    sent = otel["bytes"].number
    assert sent is not None
    assert sent > (_cells(progress, "logging")["bytes"].number or 0) > 0
    assert any("/v1/traces" in evidence.place for evidence in otel["bytes"].evidence)
    assert any("/langsmith" in evidence.place for evidence in _cells(progress, "langsmith")["bytes"].evidence)
    assert any(one.place.startswith("opentelemetry-exporter") for one in otel["packages"].evidence)
    assert any(one.place.startswith("python-json-logger") for one in _cells(progress, "json")["packages"].evidence)


def test_without_a_server_it_is_kept_for_the_next_one(progress: Progress, data: Path) -> None:
    assert Progress.model_validate_json((data / FILE_NAME).read_bytes()) == progress


def test_an_unknown_approach_is_named_with_those_there_are(tmp_path: Path) -> None:
    ended = run_compare("--approach", "telepathy", data=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "--approach is 'telepathy', which is no approach" in ended.stderr
    assert "openinference" in ended.stderr


def test_an_approach_whose_packages_are_missing_says_how_to_get_them(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pythonjsonlogger'] = None\n", encoding="utf-8")
    where = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]), "COLUMNS": "80"}
    ended = run_compare("--approach", "json", "--rounds", "1", "--requests", "1", data=tmp_path, **where)
    assert ended.returncode == 0, ended.stderr
    assert "pip install 'llm-tracing[json]'" in ended.stdout
    assert "llm-tracing serve" in ended.stdout


def test_the_page_shows_what_a_fresh_run_finds(progress: Progress) -> None:
    """Marks of all that is seen; costs differ from run to run."""
    page = DOCS.read_text(encoding="utf-8")
    marks = {"yes": "✓", "partly": "~", "no": "✗"}
    for column in progress.columns:
        if column.group == "seen":
            [line] = [line for line in page.splitlines() if line.strip().startswith(f"{column.title}  ")]
            cells = [_cells(progress, row.approach)[column.name] for row in progress.rows]
            assert re.findall("[✓~✗]", line) == [marks[cell.verdict] for cell in cells], column.title
