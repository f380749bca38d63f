"""The text-to-SQL lens: each question of a trace with what became of it, step by step.

An episode is one question: the statements a model wrote for it, what was executed of each, the rows, the answer.
A step is one statement: a tool call with SQL among its arguments (the spans of the database below it say what was
executed), a database span whose statement a model wrote before, or a statement that a model wrote and nothing ran.
Statements that no model wrote (the ORM's own, a schema's introspection) are no steps.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from llm_tracing.model import STATUS_ERROR
from llm_tracing.normalize.values import as_int
from llm_tracing.query.said import answered, asked
from llm_tracing.query.spans_in_order import SpansInOrder, end, start
from llm_tracing.query.sql_rows import ResultTable, table_in
from llm_tracing.query.sql_text import likeness, plain, statement_given, statement_in, what_changed
from llm_tracing.query.view import SpanView
from llm_tracing.store.sql_answers import NOTHING

Outcome = Literal["rows", "empty", "nulls", "refused", "failed", "running", "not_seen", "unknown"]

DB_STATEMENTS = ("db.query.text", "db.statement")
DB_SYSTEMS = ("db.system.name", "db.system")
ALIKE = 0.7  # from here on an executed statement is taken for what a model wrote
MAX_LOOSE = 500  # database spans outside a tool that are compared with what models wrote

_REFUSED_TYPE = re.compile(r"refus|denied|forbidden|notallowed|not_allowed|permission|unsafe|guard", re.IGNORECASE)
_REFUSED_WORDS = re.compile(
    r"\bonly (a |one )?select|\bnot allowed|\brefused\b|\bread[- ]?only\b|\bforbidden\b|\bmore than one statement",
    re.IGNORECASE,
)
_NOTHING = re.compile(NOTHING)


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the span it was taken from."""

    text: str
    span_id: int


@dataclass(slots=True)
class SqlStep:
    """One statement. `executed_by` tells what was observed: the database, the tool that was to run it, or only
    the messages in which a later call was told the result."""

    span_id: int
    generated: Said | None
    executed: Said | None = None
    executed_by: Literal["database", "tool", "messages"] | None = None
    system: str | None = None
    changes: list[str] = field(default_factory=list)
    outcome: Outcome = "unknown"
    table: ResultTable | None = None
    row_count: int | None = None
    duration_ns: int | None = None
    error_type: str | None = None
    error_message: str | None = None


@dataclass(slots=True)
class Episode:
    """One question. `is_unfounded`: its last statement returned nothing, and the answer does not say so."""

    span_id: int
    question: Said | None
    steps: list[SqlStep]
    answer: Said | None
    is_unfounded: bool = False


@dataclass(frozen=True, slots=True)
class _Writer:
    """A statement that the model call at `place` wrote."""

    place: int
    sql: str
    alone: bool
    call_id: str | None = None


def sql_episodes(views: Sequence[SpanView]) -> list[Episode]:
    """The episodes of a trace in the order of their first steps; none where no model has to do with SQL."""
    tree = SpansInOrder(views)
    writers = list(_writers(views))
    steps = [*_tool_steps(tree, writers)]
    covered = {place for at, _ in steps for place in range(at, tree.ends[at])}
    steps += _database_steps(tree, writers, covered)
    ran = {plain(step.generated.text) for _, step in steps if step.generated}
    for writer in writers:
        if writer.alone and plain(writer.sql) not in ran:  # a call that two instrumentations report writes it twice
            ran.add(plain(writer.sql))
            steps.append((writer.place, _unseen(views, writer)))
    by_scope: dict[int, list[tuple[int, SqlStep]]] = {}
    for at, step in sorted(steps, key=lambda each: (start(views[each[0]]), each[0])):
        by_scope.setdefault(_scope(tree, at), []).append((at, step))
    return [_episode(tree, scope, found) for scope, found in by_scope.items()]


def sounds_sure(answer: str) -> bool:
    """The answer asserts something: no word of it admits that nothing was found."""
    return bool(answer.strip()) and _NOTHING.search(answer.lower()) is None


def _writers(views: Sequence[SpanView]) -> Iterator[_Writer]:
    for place, view in enumerate(views):
        if view.record.kind != "llm":
            continue
        for message in view.content.output_messages or []:
            for part in message.get("parts", ()):
                if part.get("type") == "text" and isinstance(part.get("content"), str):
                    if found := statement_in(part["content"]):
                        yield _Writer(place, *found)
                elif part.get("type") == "tool_call" and (sql := statement_given(part.get("arguments"))):
                    yield _Writer(place, sql, True, part.get("id"))


def _tool_steps(tree: SpansInOrder, writers: Sequence[_Writer]) -> Iterator[tuple[int, SqlStep]]:
    for place, view in enumerate(tree.views):
        if view.record.kind != "tool":
            continue
        given = view.content.tool.arguments if view.content.tool else None
        sql = statement_given(given) or statement_given(view.content.input)
        nested = any(tree.views[above].record.kind == "tool" for above in tree.above(place))
        if sql is not None and not nested:
            yield place, _tool_step(tree, place, sql, _written_for(tree, writers, place, sql))


def _tool_step(tree: SpansInOrder, place: int, sql: str, writer: _Writer | None) -> SqlStep:
    view = tree.views[place]
    generated = Said(writer.sql, tree.views[writer.place].record.span_id) if writer else None
    step = SqlStep(view.record.span_id, generated or Said(sql, view.record.span_id))
    run = _run_below(tree, place, sql)
    if run is not None:
        _executed(step, *run)
    elif not _is_error(view):
        step.executed, step.executed_by = Said(sql, view.record.span_id), "tool"
        step.duration_ns = _duration(view)
    _compare(step, sql)
    result = view.content.tool.result if view.content.tool and view.content.tool.result is not None else None
    _ended(step, view, view.content.output if result is None else result, run is not None)
    return step


def _run_below(tree: SpansInOrder, place: int, sql: str) -> tuple[SpanView, str] | None:
    """The database span below a tool that ran its statement: of several the one most like it, the first of equals."""
    runs = [(view, text) for view, text in _runs(tree.views[at] for at in tree.below(place))][:MAX_LOOSE]
    return max(runs, key=lambda run: likeness(sql, run[1]), default=None)


def _runs(views: Iterator[SpanView]) -> Iterator[tuple[SpanView, str]]:
    for view in views:
        text = next((view.attributes.get(name) for name in DB_STATEMENTS if view.attributes.get(name)), None)
        if isinstance(text, str):
            yield view, text


def _database_steps(tree: SpansInOrder, writers: Sequence[_Writer], covered: set[int]) -> Iterator[tuple[int, SqlStep]]:
    """Database spans outside any tool, of statements that a model wrote; two reports of one run are one step."""
    places = (
        [p for p, view in enumerate(tree.views) if view.record.kind == "db" and p not in covered] if writers else []
    )
    last: tuple[str, int] | None = None
    for place in places[:MAX_LOOSE]:
        view = tree.views[place]
        run = next(_runs(iter([view])), None)
        if run is None or (last is not None and last[0] == run[1] and start(view) < last[1]):
            continue
        writer = _written_for(tree, writers, place, run[1])
        if writer is not None:
            step = SqlStep(view.record.span_id, Said(writer.sql, tree.views[writer.place].record.span_id))
            _executed(step, *run)
            _compare(step, writer.sql)
            _ended(step, view, None, True)
            last = (run[1], end(view))
            yield place, step


def _written_for(tree: SpansInOrder, writers: Sequence[_Writer], place: int, sql: str) -> _Writer | None:
    """What a model wrote before, most like this statement; of equals the latest."""
    before = [w for w in writers if start(tree.views[w.place]) <= start(tree.views[place])][-50:]
    found = max(before, key=lambda w: (likeness(w.sql, sql), w.place), default=None)
    return found if found is not None and likeness(found.sql, sql) >= ALIKE else None


def _executed(step: SqlStep, view: SpanView, text: str) -> None:
    step.executed, step.executed_by = Said(text, view.record.span_id), "database"
    step.duration_ns = _duration(view)
    step.row_count = as_int(view.attributes.get("db.response.returned_rows"))
    system = next((view.attributes[name] for name in DB_SYSTEMS if name in view.attributes), None)
    step.system = str(system) if system else None


def _compare(step: SqlStep, given: str) -> None:
    """Where the tool was given something else than the model wrote, that too is a change on the way."""
    written, executed = step.generated, step.executed
    if written is not None:
        step.changes = what_changed(written.text, executed.text if executed else given)


def _ended(step: SqlStep, view: SpanView, result: object, was_run: bool) -> None:
    if _is_error(view):
        step.error_type, step.error_message = _error(view)
        refused = not was_run and (
            _REFUSED_TYPE.search(step.error_type or "") or _REFUSED_WORDS.search(step.error_message or "")
        )
        step.outcome = "refused" if refused else "failed"
        return
    if view.record.facts().is_running:
        step.outcome = "running"
        return
    step.table = table_in(result) if result is not None else None
    if step.table is not None:
        step.row_count = len(step.table.rows)
        step.outcome = "empty" if step.table.is_empty else "nulls" if step.table.is_nulls else "rows"
    elif step.row_count is not None:
        step.outcome = "rows" if step.row_count else "empty"
    elif isinstance(result, str):  # what a tool says instead of rows: most often the database's complaint
        step.error_message = result[:10_000]


def _unseen(views: Sequence[SpanView], writer: _Writer) -> SqlStep:
    """No span shows it running. Where a later call was told its result, the rows are taken from there."""
    view = views[writer.place]
    step = SqlStep(view.record.span_id, Said(writer.sql, view.record.span_id), outcome="not_seen")
    if view.record.facts().is_running:
        step.outcome = "running"
    elif writer.call_id is not None:
        for told in views[writer.place + 1 :]:
            found = _response(told, writer.call_id) if told.record.kind == "llm" else None
            if found is not None:
                step.executed, step.executed_by = Said(writer.sql, view.record.span_id), "messages"
                _ended(step, told, found, True)
                break
    return step


def _response(view: SpanView, call_id: str) -> object:
    """The result of a tool call among the messages that a later call was sent; None if it is not there."""
    for message in view.content.input_messages or []:
        for part in message.get("parts", ()):
            if part.get("type") == "tool_call_response" and part.get("id") == call_id:
                return part.get("response")
    return None


def _scope(tree: SpansInOrder, place: int) -> int:
    """The innermost span that holds the step, a model's call before it and one after it: the question's own.

    Without such a one the innermost with a call before it, else the outermost.
    """
    only_before: int | None = None
    outermost = place
    for above in tree.above(place):
        outermost = above
        calls = [tree.views[at] for at in tree.below(above) if tree.views[at].record.kind == "llm" and at != place]
        before = any(start(call) <= start(tree.views[place]) for call in calls)
        if before and any(start(call) >= end(tree.views[place]) for call in calls):
            return above
        if before and only_before is None:
            only_before = above
    return outermost if only_before is None else only_before


def _episode(tree: SpansInOrder, scope: int, found: Sequence[tuple[int, SqlStep]]) -> Episode:
    first, last = found[0][0], found[-1][0]
    steps = [step for _, step in found]
    answer = _answer(tree, scope, last)
    episode = Episode(tree.views[scope].record.span_id, _question(tree, scope, first), steps, answer)
    episode.is_unfounded = steps[-1].outcome in ("empty", "nulls") and answer is not None and sounds_sure(answer.text)
    return episode


def _question(tree: SpansInOrder, scope: int, first: int) -> Said | None:
    """What the scope or a step above was asked, else what the first model call below the scope was."""
    calls = [place for place in [scope, *tree.below(scope)] if tree.views[place].record.kind == "llm"]
    for place in [scope, *tree.above(scope), *calls[:1]]:
        view = tree.views[place]
        text = asked(view.content)
        if text and not statement_in(text):
            return Said(text, view.record.span_id)
    return None


def _answer(tree: SpansInOrder, scope: int, last: int) -> Said | None:
    """What the scope answered, else the last model call after the last step, else what a step above answered."""
    after = [
        place
        for place in tree.below(scope)
        if tree.views[place].record.kind == "llm"
        and start(tree.views[place]) >= end(tree.views[last])
        and place != last
    ]
    for place in [scope, *after[-1:], *tree.above(scope)]:
        view = tree.views[place]
        text = answered(view.content)
        if text and not statement_in(text) and text[:1] not in "[{":
            return Said(text, view.record.span_id)
    return None


def _is_error(view: SpanView) -> bool:
    return view.record.status_code == STATUS_ERROR


def _duration(view: SpanView) -> int | None:
    facts = view.record.facts()
    return None if facts.is_running else facts.duration_ns


def _error(view: SpanView) -> tuple[str | None, str | None]:
    """Type and message of a failed span: its own words first, then those of its exception event."""
    event: dict[str, Any] = next(
        (each["attributes"] for each in reversed(view.events) if each["name"] == "exception"), {}
    )
    kind = view.attributes.get("error.type") or event.get("exception.type")
    message = view.record.status_message or event.get("exception.message")
    return None if kind is None else str(kind), None if message is None else str(message)
