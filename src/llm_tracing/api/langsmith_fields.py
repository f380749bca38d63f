"""The fields of a LangSmith run that a filter may name, and their values.

Source: LangSmith documentation, "Trace query syntax", list of fields.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from llm_tracing.model import AnnotationRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.langsmith_feedback import iso_ns
from llm_tracing.normalize.values import from_json_text

Json = dict[str, Any]
_THREADS = ("session_id", "thread_id", "conversation_id")
_TIMES = frozenset({"start_time", "end_time", "first_token_time"})
_SECONDS = frozenset({"latency", "first_token_latency"})
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class RunFields:
    """A run as the API answers it, whole, with what is said of it."""

    run: Json
    feedback: Sequence[AnnotationRow]

    def values(self, field: str, keys: Mapping[str, frozenset[Any]]) -> list[Any]:
        """What a field holds; of the values of pairs those of the keys that are asked for. None is left out."""
        key_field = PAIRS.get(field)
        only = keys.get(key_field) if key_field is not None else None
        found = [(key, value) for key, value in FIELDS[field](self) if only is None or key in only]
        return [value for _, value in found if value is not None]

    def has(self, field: str, wanted: Any) -> bool:
        """Of a list: holds it. Of an object: has the key, or everything in the object that JSON text gives."""
        for _, value in FIELDS[field](self):
            if isinstance(value, dict):
                part = from_json_text(wanted)
                if _contains(value, part) if isinstance(part, dict) else wanted in value:
                    return True
            elif value is not None and value == wanted:
                return True
        return False

    def mentions(self, field: str, text: str) -> bool:
        return any(text.lower() in _words(value).lower() for _, value in FIELDS[field](self) if value is not None)


def _contains(value: Any, part: Any) -> bool:
    if isinstance(part, dict) and isinstance(value, dict):
        return all(key in value and _contains(value[key], item) for key, item in part.items())
    return bool(value == part)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def comparable(field: str, value: Any) -> Any:
    """Times as nanoseconds, durations as seconds (`5s`, `500ms`), numbers in text as numbers where a field has them."""
    if isinstance(value, str):
        if field in _TIMES:
            return iso_ns(value)
        if field in _SECONDS and (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)", value.strip())):
            return float(found[1]) * _UNITS[found[2]]
        if field in _NUMBERS:
            return _number(value)
    return value


def as_words(_: str, value: Any) -> str:
    return _words(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


Entries = list[tuple[Any, Any]]
_Read = Callable[[RunFields], Entries]


def _plain(name: str) -> _Read:
    return lambda of: [(None, of.run.get(name))]


def _metadata(run: Json) -> Json:
    extra = run.get("extra")
    metadata = extra.get("metadata") if isinstance(extra, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _latency(of: RunFields) -> Entries:
    return [(None, _between(of.run, "end_time"))]


def _first_token_latency(of: RunFields) -> Entries:
    return [(None, _between(of.run, "first_token_time"))]


def _between(run: Json, name: str) -> float | None:
    start, end = iso_ns(run["start_time"]), iso_ns(run.get(name))
    return None if start is None or end is None else (end - start) / 1_000_000_000


def _thread(of: RunFields) -> Entries:
    metadata = _metadata(of.run)
    return [(None, metadata.get(name)) for name in _THREADS]


def _entries(read: Callable[[Json], Any]) -> tuple[_Read, _Read]:
    """Reads of the keys and of the values of an object in a run."""

    def pairs(of: RunFields) -> Entries:
        found = read(of.run)
        return list(found.items()) if isinstance(found, dict) else []

    return (lambda of: [(key, key) for key, _ in pairs(of)]), pairs


def _said(column: str) -> _Read:
    return lambda of: [(row.key, getattr(row, column)) for row in of.feedback]


def _source_type(row: AnnotationRow) -> Any:
    source = from_json(row.source)
    return source.get("type") if isinstance(source, dict) else None


_metadata_key, _metadata_value = _entries(_metadata)
_input_key, _input_value = _entries(lambda run: run.get("inputs"))
_output_key, _output_value = _entries(lambda run: run.get("outputs"))

_NUMBERS = frozenset({"total_tokens", "prompt_tokens", "completion_tokens", "total_cost", "feedback_score", "latency"})
# field -> its values, each with the key it stands under where there is one. A new field is a line here.
FIELDS: dict[str, _Read] = {
    **{
        name: _plain(name)
        for name in (
            "id", "name", "run_type", "status", "error", "start_time", "end_time", "total_tokens", "prompt_tokens",
            "completion_tokens", "total_cost", "trace_id", "parent_run_id", "session_id", "inputs", "outputs",
            "first_token_time", "dotted_order", "reference_example_id",
        )
    },
    "latency": _latency,
    "first_token_latency": _first_token_latency,
    "is_root": lambda of: [(None, of.run.get("parent_run_id") is None)],
    "tags": lambda of: [(None, tag) for tag in of.run.get("tags") or []],
    "tag": lambda of: [(None, tag) for tag in of.run.get("tags") or []],
    "metadata": lambda of: [(None, _metadata(of.run))],
    "extra.metadata": lambda of: [(None, _metadata(of.run))],
    "metadata_key": _metadata_key,
    "metadata_value": _metadata_value,
    "thread_id": _thread,
    "input_key": _input_key,
    "input_value": _input_value,
    "output_key": _output_key,
    "output_value": _output_value,
    "feedback_key": _said("key"),
    "feedback_score": _said("score"),
    "feedback_comment": _said("comment"),
    "feedback_value": lambda of: [(row.key, from_json(row.value)) for row in of.feedback],
    "feedback_source": lambda of: [(row.key, _source_type(row)) for row in of.feedback],
}  # fmt: skip
# A field of values -> the field of the keys that they stand under.
PAIRS: dict[str, str] = {
    "metadata_value": "metadata_key",
    "input_value": "input_key",
    "output_value": "output_key",
    "feedback_score": "feedback_key",
    "feedback_comment": "feedback_key",
    "feedback_value": "feedback_key",
    "feedback_source": "feedback_key",
}
