"""LangSmith's feedback to annotations.

Source: langsmith-sdk, `schemas.FeedbackBase` and `Client.create_feedback`.
"""

from hashlib import blake2b
from typing import Any
from uuid import UUID

from llm_tracing.model import AnnotationRow
from llm_tracing.normalize.langsmith_ids import span_id_of, uuid_of
from llm_tracing.normalize.times import unix_nano
from llm_tracing.normalize.values import as_text
from llm_tracing.receive import json_text

_COLUMNS = frozenset(
    {"id", "created_at", "modified_at", "trace_id", "run_id", "key", "score", "value", "comment", "correction",
     "feedback_source"}
)  # fmt: skip


def annotation_row(feedback: dict[str, Any], now_unix_nano: int = 0) -> AnnotationRow:
    """Feedback as sent. Without an id it goes by its content, so that sending it again is no second one.

    `now_unix_nano` is when it arrived, for one that does not say when it was made. A score that is no number stands
    among `extra`. The span is known only where both run and trace are named.
    """
    run, trace = uuid_of(feedback.get("run_id")), uuid_of(feedback.get("trace_id"))
    score = _score(feedback.get("score"))
    created = unix_nano(feedback.get("created_at")) or unix_nano(feedback.get("modified_at")) or now_unix_nano
    extra = {key: value for key, value in feedback.items() if key not in _COLUMNS}
    if score is None and feedback.get("score") is not None:
        extra["score"] = feedback["score"]
    return AnnotationRow(
        annotation_id=(uuid_of(feedback.get("id")) or _content_id(feedback)).bytes,
        created_at_unix_nano=created,
        modified_at_unix_nano=unix_nano(feedback.get("modified_at")) or created,
        trace_id=None if trace is None else trace.bytes,
        span_id=None if run is None or trace is None else span_id_of(run, trace),
        run_id=None if run is None else run.bytes,
        key=as_text(feedback.get("key")) or "",
        score=score,
        value=_json(feedback.get("value")),
        comment=as_text(feedback.get("comment")),
        correction=_json(feedback.get("correction")),
        source=_json(feedback.get("feedback_source")),
        extra=_text(extra),
    )


def _score(sent: Any) -> float | None:
    """A number; clients also send true and false."""
    return float(sent) if isinstance(sent, bool | int | float) else None


def _json(value: Any) -> str | None:
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    try:
        return json_text.to_text(value)
    except ValueError:  # nested deeper than anything that means something
        return '"nested too deep"'


def _content_id(feedback: dict[str, Any]) -> UUID:
    return UUID(bytes=blake2b(_text(feedback).encode(), digest_size=16).digest())
