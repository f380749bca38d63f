"""Annotations as the JSON of LangSmith's feedback, and what its list can be filtered by.

Source: langsmith (Python), schemas.Feedback.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from llm_tracing.api.langsmith_runs import Json, iso
from llm_tracing.errors import Unprocessable
from llm_tracing.model import AnnotationRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.langsmith_feedback import as_score, iso_ns, uuid_bytes
from llm_tracing.store.contract import AnnotationPage

MAX_LIMIT = 1_000
# Fields without a column that clients read back.
_FROM_EXTRA = ("session_id", "start_time", "comparative_experiment_id", "feedback_group_id", "extra")
_CHANGES = ("score", "value", "comment", "correction")
_LISTED = frozenset({"run", "key", "source", "session", "min_created_at", "max_created_at", "limit", "offset"})
_IGNORED = frozenset({"include_user_names"})


def feedback_json(row: AnnotationRow) -> Json:
    extra = from_json(row.extra)
    source = from_json(row.source)
    return {
        "id": str(UUID(bytes=row.annotation_id)),
        "created_at": iso(row.created_at_unix_nano),
        "modified_at": iso(row.modified_at_unix_nano),
        "run_id": _uuid_text(row.run_id),
        "trace_id": _uuid_text(row.trace_id),
        "key": row.key,
        "score": row.score,
        "value": _readable(row.value, str | int | float | bool | dict),
        "comment": row.comment,
        "correction": _readable(row.correction, str | dict),
        "feedback_source": source if isinstance(source, dict) and isinstance(source.get("type"), str) else None,
        **{name: extra.get(name) for name in _FROM_EXTRA},
    }


def _uuid_text(identifier: bytes | None) -> str | None:
    return None if identifier is None else str(UUID(bytes=identifier))


def _readable(text: str | None, types: Any) -> Any:
    """A JSON value if clients take its type there, else its text."""
    value = from_json(text)
    return value if value is None or isinstance(value, types) else text


def changes_of(body: Mapping[str, Any]) -> Json:
    """What PATCH /feedback changes: the fields that are there, null clears. Raises Unprocessable."""
    found = {name: body[name] for name in _CHANGES if name in body}
    if found.get("score") is not None:
        found["score"] = as_score(found["score"])
        if found["score"] is None:
            raise Unprocessable("score must be a number or a boolean.")
    return found


def page_of(parameters: Mapping[str, list[str]]) -> AnnotationPage:
    """What the parameters of GET /feedback ask for. Raises Unprocessable."""
    unknown = parameters.keys() - _LISTED - _IGNORED
    if unknown:
        raise Unprocessable(
            f"Feedback can't be filtered by {', '.join(sorted(unknown))}.", f"It can by {', '.join(sorted(_LISTED))}."
        )
    return AnnotationPage(
        limit=number("limit", parameters, 100, MAX_LIMIT),
        offset=number("offset", parameters, 0, 2**31),
        since=_time("min_created_at", parameters),
        until=_time("max_created_at", parameters),
        run_ids=[_uuid("run", text) for text in parameters.get("run", ())],
        keys=parameters.get("key", ()),
        sources=parameters.get("source", ()),
        projects=[str(UUID(bytes=_uuid("session", text))) for text in parameters.get("session", ())],
    )


def number(name: str, parameters: Mapping[str, list[str]], default: int, most: int) -> int:
    text = next(iter(parameters.get(name, ())), str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Unprocessable(f"{name} must be a whole number.")
    return min(int(text), most)


def _time(name: str, parameters: Mapping[str, list[str]]) -> int | None:
    text = next(iter(parameters.get(name, ())), None)
    found = iso_ns(text)
    if text is not None and found is None:
        raise Unprocessable(f"{name} must be an ISO 8601 time.")
    return found


def _uuid(name: str, text: str) -> bytes:
    found = uuid_bytes(text)
    if found is None:
        raise Unprocessable(f"{name} must be a uuid.")
    return found
