"""The comparison itself: columns, and rows from what was captured."""

import time
from collections.abc import Callable, Mapping, Sequence

from llm_tracing.api.schema_progress import Progress, ProgressColumn, ProgressRow
from llm_tracing.comparison import cost, seen, trouble
from llm_tracing.comparison.captured import Captured
from llm_tracing.comparison.model_endpoint import FAILING_QUESTION
from llm_tracing.comparison.place import capture
from llm_tracing.telemetry.approaches import APPROACHES, Approach, find_approach
from llm_tracing.version import __version__

BASE = "none"

# name, title, what it asks, how it is found
SEEN: tuple[tuple[str, str, str, seen.Look], ...] = (
    ("request", "Request", "Is the HTTP request seen, with its status?", seen.request),
    ("steps", "Steps, latency", "Is each call of the model and the statement seen, with its time?", seen.steps),
    ("prompt", "Prompt", "Is what the model was sent seen, whole?", seen.prompt),
    ("answer", "Answer", "Is the answer seen, whole?", seen.answer),
    ("sql", "SQL", "Is the statement seen, whole?", seen.sql),
    ("rows", "Rows", "Are the rows seen that the statement gave?", seen.rows),
    ("tokens", "Tokens", "Are the tokens of all calls told?", seen.tokens),
    ("cost", "Cost", "Can the question's cost be told?", seen.cost),
    ("error", "Error, stack", "Of a question whose statement fails: are message and stack seen?", trouble.error),
    ("logs", "Logs tied", "Do the log lines of one request say that they belong to it?", trouble.logs),
    ("metrics", "Metrics", "Did metrics arrive?", trouble.metrics),
    ("retry", "Retry", "The model refuses once with 429 and is asked again: is it seen?", trouble.retry),
)
COST: tuple[tuple[str, str, str, cost.Weigh], ...] = (
    ("bytes", "Bytes", "Telemetry and lines, bytes a question.", cost.telemetry_bytes),
    ("items", "Spans, lines", "Spans, log records and lines of one question.", cost.items),
    ("cpu", "CPU added", "CPU of the service's process a question, against none.", cost.cpu),
    ("packages", "Packages added", "Packages and their size, against none.", cost.packages),
)


def chosen_approaches(names: Sequence[str]) -> list[Approach]:
    """Those named, or all, in the order of the path; `none` is always there. Raises UnknownApproach."""
    wanted = {find_approach(name).name for name in names} or set(APPROACHES)
    return [approach for approach in APPROACHES.values() if approach.name in wanted | {BASE}]


def compare(
    question: str,
    names: Sequence[str] = (),
    rounds: int = 5,
    requests: int = 5,
    tell: Callable[[str], None] = lambda _: None,
) -> Progress:
    """Ask `question` under each approach whose packages are there. Raises UnknownApproach."""
    approaches = chosen_approaches(names)
    captured = capture([one for one in approaches if not one.missing()], question, rounds, requests, tell)
    tell("Reading what was captured")
    whole = [one for one in captured.values() if isinstance(one, Captured)]
    reply: Mapping[str, object] = whole[0].asked.exchange.reply if whole else {}
    return Progress(
        question=question[:2_000],
        answer=str(reply.get("answer") or "")[:2_000],
        sql=str(reply["sql"])[:2_000] if reply.get("sql") else None,
        failing_question=FAILING_QUESTION,
        created_at_unix_nano=str(time.time_ns()),
        version=__version__,
        rounds=rounds,
        requests_a_round=requests,
        columns=columns(),
        rows=[row(approach, captured.get(approach.name), captured.get(BASE)) for approach in approaches],
    )


def columns() -> list[ProgressColumn]:
    return [
        *(ProgressColumn(name=name, title=title, asks=asks, group="seen") for name, title, asks, _ in SEEN),
        *(ProgressColumn(name=name, title=title, asks=asks, group="cost") for name, title, asks, _ in COST),
    ]


def row(approach: Approach, captured: Captured | str | None, base: Captured | str | None) -> ProgressRow:
    """A row without cells says in its note why; without `none` there are no costs to hold others against."""
    about = {"approach": approach.name, "summary": approach.summary}
    if captured is None:
        package = f"llm-tracing[{approach.extra}]" if approach.extra else "llm-tracing"
        note = f"{', '.join(approach.missing())} is not installed: pip install '{package}'"
        return ProgressRow(**about, outcome="missing", note=note, cells=[])
    if isinstance(captured, str):
        return ProgressRow(**about, outcome="failed", note=captured[:2_000], cells=[])
    cells = [look(captured).cell(name) for name, _, _, look in SEEN]
    if isinstance(base, Captured):
        cells += [weigh(captured, base).cell(name) for name, _, _, weigh in COST]
    return ProgressRow(**about, outcome="ran", note=None, cells=cells)
