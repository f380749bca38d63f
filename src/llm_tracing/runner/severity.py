"""What a line of output says of itself: its severity, and the trace and span it was written in.

Severity numbers are OpenTelemetry's (logs data model, SeverityNumber): 1 trace, 5 debug, 9 info, 13 warn, 17 error,
21 fatal.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BY_STREAM = {"stdout": 9, "stderr": 13}
_TEXTS = {1: "TRACE", 5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR", 21: "FATAL"}
# Words of Python's logging, syslog, log4j, slf4j, pino, zap and loguru.
_WORDS = {
    **dict.fromkeys(("trace", "finest", "silly"), 1),
    **dict.fromkeys(("debug", "verbose", "finer", "dbg"), 5),
    **dict.fromkeys(("info", "information", "notice", "success", "inf"), 9),
    **dict.fromkeys(("warn", "warning", "wrn"), 13),
    **dict.fromkeys(("error", "err", "severe", "exception"), 17),
    **dict.fromkeys(("critical", "crit", "fatal", "panic", "alert", "emerg", "emergency"), 21),
}
_ANY = "|".join(sorted(_WORDS, key=len, reverse=True))
_LOOKED_AT = 160  # a level stands at the head of a line
_UPPER = re.compile(rf"(?:^|[\s\[(<|:;,\-])({_ANY.upper()})(?=$|[\s\])>|:;,\-])")
_MARKED = re.compile(rf"^\W*({_ANY})\s*:|[\[(<]\s*({_ANY})\s*[\])>]|\b(?:level|lvl|severity)=\"?({_ANY})\b", re.I)
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Warning)\b(?=:|$)")

# The fields of a JSON line: python-json-logger, structlog, pino, zap, ECS, Google Cloud, OpenTelemetry's own.
_LEVEL_KEYS = ("level", "levelname", "severity", "log.level", "lvl", "severityText", "severity_text")
_TRACE_KEYS = ("trace_id", "traceId", "otelTraceID", "trace.id", "traceid")
_SPAN_KEYS = ("span_id", "spanId", "otelSpanID", "span.id", "spanid")
_LONGEST_JSON = 256 * 1024
_TRACE = re.compile(r"\b(?:trace_id|traceID|otelTraceID|traceid)[=:]\s*\"?([0-9a-fA-F]{32})\b", re.I)
_SPAN = re.compile(r"\b(?:span_id|spanID|otelSpanID|spanid)[=:]\s*\"?([0-9a-fA-F]{16})\b", re.I)


@dataclass(frozen=True, slots=True)
class Said:
    severity: int
    trace_id: int = 0
    span_id: int = 0

    @property
    def severity_text(self) -> str:
        return _TEXTS[self.severity]


def said_by(text: str, stream: str) -> Said:
    """What a line says; where it says no severity, its stream does."""
    default = _BY_STREAM.get(stream, 9)
    if text.startswith("{"):
        fields = _fields(text)
        if fields is not None:
            severity = _level(next((fields[key] for key in _LEVEL_KEYS if key in fields), None))
            return Said(severity or default, _id(fields, _TRACE_KEYS, 32), _id(fields, _SPAN_KEYS, 16))
    trace = _TRACE.search(text[:2000]) if "race" in text[:2000] else None
    span = _SPAN.search(text[:2000]) if trace else None
    return Said(_word(text[:_LOOKED_AT]) or default, int(trace[1], 16) if trace else 0, int(span[1], 16) if span else 0)


def _word(head: str) -> int | None:
    found = _UPPER.search(head)
    if found:
        return _WORDS[found[1].lower()]
    marked = _MARKED.search(head)
    if marked:
        return _WORDS[next(word for word in marked.groups() if word).lower()]
    return (13 if "Warning" in head else 17) if _RAISED.match(head) else None


def _fields(text: str) -> Mapping[str, Any] | None:
    if len(text) > _LONGEST_JSON:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _level(value: Any) -> int | None:
    """A level word, or a number of Python's logging or of pino: tens, where 20 to 29 is info there and debug here."""
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return next((number for floor, number in ((50, 21), (40, 17), (30, 13), (20, 9), (10, 5)) if value >= floor), None)


def _id(fields: Mapping[str, Any], keys: tuple[str, ...], digits: int) -> int:
    value = next((fields[key] for key in keys if key in fields), None)
    if not isinstance(value, str) or len(value) != digits:
        return 0
    try:
        return int(value, 16)
    except ValueError:
        return 0
