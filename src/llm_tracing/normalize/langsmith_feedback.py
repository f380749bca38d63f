"""LangSmith feedback to annotations: the JSON of POST /feedback, and the same in a part of a multipart upload.

Source: langsmith (Python), schemas.FeedbackCreate. Feedback that names a run and no trace is placed by the store when
the run is there.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from llm_tracing.model import AnnotationRow
from llm_tracing.normalize.langsmith_ids import span_id_of, uuid_of
from llm_tracing.normalize.shared import content_id
from llm_tracing.normalize.values import as_text

DEFAULT_KEY = "unnamed"  # the client's own default
# Fields that have a column; all others go to `extra` as they are.
_COLUMNS = frozenset(
    {
        "id", "created_at", "modified_at", "trace_id", "run_id", "key", "score", "value", "comment", "correction",
        "feedback_source",
    }
)  # fmt: skip


def annotation_row(feedback: Mapping[str, Any]) -> AnnotationRow:
    """One annotation. What cannot be what a field needs reads as not said; a score that is none stands in `extra`.

    Without an id it goes by its content, so that sending it again is no second one.
    """
    now = time.time_ns()
    run, trace = uuid_of(feedback.get("run_id")), uuid_of(feedback.get("trace_id"))
    run_id, trace_id = run.bytes if run else None, trace.bytes if trace else None
    score = as_score(feedback.get("score"))
    extra = {name: value for name, value in feedback.items() if name not in _COLUMNS and value is not None}
    if score is None and feedback.get("score") is not None:
        extra["score"] = feedback["score"]
    created = iso_ns(feedback.get("created_at")) or now
    return AnnotationRow(
        annotation_id=uuid_bytes(feedback.get("id")) or content_id(json_text(dict(feedback))),
        created_at_unix_nano=created,
        modified_at_unix_nano=iso_ns(feedback.get("modified_at")) or created,
        trace_id=trace_id,
        span_id=span_id_of(run, trace) if run is not None and trace is not None else None,
        run_id=run_id or trace_id,
        key=clean(as_text(feedback.get("key")) or DEFAULT_KEY),
        score=score,
        value=json_text(feedback.get("value")),
        comment=clean_or_none(feedback.get("comment")),
        correction=json_text(feedback.get("correction")),
        source=json_text(feedback.get("feedback_source")),
        extra=json_text(extra) or "{}",
    )


def uuid_bytes(value: Any) -> bytes | None:
    """The bytes of a uuid, with or without dashes; None for anything else."""
    found = uuid_of(value)
    return None if found is None else found.bytes


def iso_ns(value: Any) -> int | None:
    """An ISO 8601 time as nanoseconds since the epoch; one without a zone is UTC. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return microseconds * 1_000 if microseconds >= 0 else None


def as_score(value: Any) -> float | None:
    """A score may be a number or a yes or no, and negative."""
    if not isinstance(value, bool | int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if abs(number) < float("inf") else None


def json_text(value: Any) -> str | None:
    """JSON text of a value; None for none, and for what JSON text of ours cannot hold."""
    if value is None:
        return None
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):  # half a surrogate pair, a huge integer, deep nesting
        return _lenient(value)


def _lenient(value: Any) -> str | None:
    try:
        text = json.dumps(value, default=str, ensure_ascii=False)
        return orjson.dumps(orjson.loads(text.encode("utf-8", "replace"))).decode()
    except (TypeError, ValueError, RecursionError):
        return None


def clean(text: str) -> str:
    """Text that can be stored: half a surrogate pair, which JSON can name, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def clean_or_none(value: Any) -> str | None:
    text = as_text(value)
    return None if text is None else clean(text)
