"""A conversation over many traces: of each what is new, without the history that its calls send again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from llm_tracing.model import GENAI_KINDS, TraceRow
from llm_tracing.normalize.conventions.contract import Content
from llm_tracing.normalize.preview import PREVIEW, input_text, output_text
from llm_tracing.query.view import SpanView, trace_view
from llm_tracing.store.contract import TraceReader

_SILENT = ("tool", "retriever")


@dataclass(frozen=True, slots=True)
class Turn:
    """One trace as a question and its answer, both whole; the answer of a failed trace is its error."""

    trace: TraceRow
    question: str | None
    answer: str | None


def turns(store: TraceReader, rows: Sequence[TraceRow]) -> list[Turn]:
    return [_turn(store, row) for row in rows]


def _turn(store: TraceReader, row: TraceRow) -> Turn:
    """A preview that was not cut is the whole text; only for a longer one the trace is read."""
    question, answer = row.input, row.output
    cut_question = _is_cut(question)
    cut_answer = _is_cut(answer) and row.status != "error"
    if not (cut_question or cut_answer):
        return Turn(row, question, answer)
    stored = store.trace(row.trace_id)
    views = trace_view(stored) if stored is not None else []
    if cut_question:
        question = _whole(views, question, input_text)
    if cut_answer:
        answer = _whole(views, answer, output_text)
    return Turn(row, question, answer)


def _is_cut(text: str | None) -> bool:
    return text is not None and len(text) >= PREVIEW


def _whole(views: Sequence[SpanView], preview: str | None, read: Callable[[Content], str | None]) -> str | None:
    """The text of the step that the preview was made of; the preview if no step says it (a log record may have)."""
    start = preview or ""
    return next((text for text in map(read, _contents(views)) if text and text.strip().startswith(start)), preview)


def _contents(views: Sequence[SpanView]) -> Iterator[Content]:
    """Outer steps first, tools last: where the roll-up looks for them."""
    for view in sorted(views, key=lambda view: view.record.kind in _SILENT):
        if view.depth == 0 or view.record.kind in GENAI_KINDS:
            yield view.content
