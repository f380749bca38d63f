"""A small comparison for tests: one approach that ran, one that is missing."""

from llm_tracing.api.schema_progress import (
    Evidence,
    Progress,
    ProgressCell,
    ProgressColumn,
    ProgressRow,
    Verdict,
)


def cell(column: str, verdict: Verdict, word: str, *found: str) -> ProgressCell:
    return ProgressCell(
        column=column,
        verdict=verdict,
        word=word,
        number=None,
        unit=None,
        why=f"Why {word}.",
        evidence=[
            Evidence(source="line", place=f"stderr, line {n}", field=None, text=text) for n, text in enumerate(found)
        ],
    )


def progress(question: str) -> Progress:
    return Progress(
        question=question,
        answer="Minha Historia",
        sql="SELECT 1",
        failing_question="which?",
        created_at_unix_nano="1760000000000000000",
        version="0.1.0",
        rounds=5,
        requests_a_round=5,
        columns=[
            ProgressColumn(name="sql", title="SQL", asks="Is the statement seen?", group="seen"),
            ProgressColumn(name="tokens", title="Tokens", asks="Are they told?", group="seen"),
            ProgressColumn(name="cpu", title="CPU added", asks="How much?", group="cost"),
        ],
        rows=[
            ProgressRow(
                approach="logging",
                summary="Lines.",
                outcome="ran",
                note=None,
                cells=[
                    cell("sql", "yes", "yes", "the statement gave 5 rows: <b>'SELECT 1'</b>"),
                    cell("tokens", "no", "no"),
                    cell("cpu", "number", "+1.0 ms", "1.0, 1.1"),
                ],
            ),
            ProgressRow(
                approach="json",
                summary="Lines as data.",
                outcome="missing",
                note="pythonjsonlogger is not installed: pip install 'llm-tracing[json]'",
                cells=[],
            ),
            ProgressRow(
                approach="otel",
                summary="All.",
                outcome="ran",
                note=None,
                cells=[
                    cell("sql", "yes", "yes", "SELECT 1"),
                    cell("tokens", "partly", "1,103", "1011 in", "92 out"),
                    cell("cpu", "number", "+5.0 ms"),
                ],
            ),
        ],
    )
