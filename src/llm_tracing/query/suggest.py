"""What could be typed next: the keys of the language, then the values that a key takes. Pure, but for one read."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from llm_tracing.model import SOURCE_NAMES, SPAN_KINDS, TraceStatus
from llm_tracing.query.language import FIELDS, NAMED, SEVERITIES, keys_of
from llm_tracing.store.contract import PRESENT, Table, ValueCount, Words

MOST = 12
# What each key looks at, in a few words, and how it is used.
MEANINGS: dict[str, str] = {
    "kind": "what a span is: llm, tool, agent, db",
    "service": "who sent it",
    "status": "error, ok, running, unset",
    "model": "gpt-4o-mini, gpt-4o*",
    "provider": "openai, anthropic",
    "operation": "chat, embeddings, execute_tool",
    "tool": "a tool that ran",
    "finish": "why an answer ended: stop, length",
    "name": "of the root, or of the span",
    "input": "words of the question as the list shows it",
    "output": "words of the answer as the list shows it",
    "session": "a conversation",
    "user": "who asked",
    "source": "otlp, langsmith",
    "scope": "the instrumentation that made the span",
    "trace": "a trace's id",
    "span": "a span's id",
    "has": "error, annotation, sql, cost",
    "tag": "given by people or programs",
    "thumb": "up, down",
    "duration": ">2s, <250ms",
    "ttft": "time to first token, >1s",
    "tokens": "all tokens, >1k",
    "input_tokens": ">1k",
    "output_tokens": ">1k",
    "cached_tokens": ">0",
    "cost": "in USD, >0.01",
    "spans": "how many, >100",
    "calls": "LLM calls, >2",
    "errors": "failed spans, >0",
    "severity": "warn or worse: warn, error",
    "event": "an event's name",
    "attr.": "an attribute: attr.http.route:/ask",
    "resource.": "of the sender: resource.host.name:web-1",
    "score.": "an annotation's score: score.quality:>0.5",
}
_ENDED = {
    "ok": "ended without an error",
    "error": "failed",
    "running": "has not ended",
    "unset": "nobody said how it ended",
}
_FIXED: dict[str, dict[str, str]] = {
    "status": {word: _ENDED[word] for word in get_args(TraceStatus)},
    "kind": dict.fromkeys(sorted(SPAN_KINDS), ""),
    "source": {"otlp": "OpenTelemetry's protocol", "langsmith": "LangSmith's protocol"},
    "thumb": {"up": "found good", "down": "found bad"},
    "severity": {word: f"{number} and above" for word, number in SEVERITIES.items() if word != "warning"},
    "duration": {">1s": "longer than a second", ">10s": "", "<100ms": ""},
    "ttft": {">1s": "the first token took longer than a second", ">5s": ""},
    "tokens": {">1k": "", ">10k": ""},
    "cost": {">0.01": "more than a cent", ">0.1": "", ">1": ""},
    "errors": {">0": "something in it failed"},
    "calls": {">1": "more than one call", ">5": ""},
    "spans": {">100": "", ">1k": ""},
}
_FROM_STORE: frozenset[str] = frozenset(
    {"service", "model", "provider", "operation", "tool", "finish", "name", "session", "user", "scope", "tag", "event"}
)
_LAST = re.compile(r'(?P<neg>-)?(?:(?P<key>[A-Za-z_][\w./@$~+-]*):)?(?P<value>"(?:[^"\\]|\\.)*"?|[^\s"]*)$')


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` goes in place of what is typed; `count` is of a sample of the newest rows, None if not counted."""

    kind: Literal["key", "value"]
    text: str
    note: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What fits the term at a place; `start` and `end` are the characters of the query that it replaces."""

    start: int
    end: int
    found: Sequence[Suggestion] = ()


def suggest(query: str, at: int, table: Table, read: Callable[[Words], list[ValueCount]]) -> Suggestions:
    """`at` is where the cursor stands, in characters; `read` gives the values that a field has."""
    at = max(0, min(at, len(query)))
    start = _start_of_term(query, at)
    typed = _LAST.match(query[start:at])
    if typed is None:
        return Suggestions(at, at)
    end = at + len(re.match(r'[^\s":]*', query[at:])[0])  # type: ignore[index] # it matches nothing, too
    start += len(typed["neg"] or "")
    key, value = typed["key"], typed["value"]
    if key is None:
        return Suggestions(start, end, _keys(value, table, read))
    start += len(key) + 1
    part = re.sub(r"\\(.)", r"\1", value.strip('"'))
    if FIELDS.get(key.partition(".")[0]) is None or (f"{key.partition('.')[0]}." in keys_of(table) and "." not in key):
        return Suggestions(start, end)
    return Suggestions(start, end if not value.startswith('"') else at, _values(key, part, table, read))


def _start_of_term(query: str, at: int) -> int:
    """Where the term that holds the place begins: after a space that is in no quotes."""
    start, quoted, skip = 0, False, False
    for place, letter in enumerate(query[:at]):
        if skip:
            skip = False
        elif quoted and letter == "\\":
            skip = True
        elif letter == '"':
            quoted = not quoted
        elif letter.isspace() and not quoted:
            start = place + 1
    return start


def _keys(part: str, table: Table, read: Callable[[Words], list[ValueCount]]) -> list[Suggestion]:
    if part.startswith('"'):
        return []
    first, dot, rest = part.partition(".")
    if dot and f"{first}." in keys_of(table):
        return _names(first, rest, read)
    fits = [key for key in keys_of(table) if part.lower() in key]
    fits.sort(key=lambda key: not key.startswith(part.lower()))
    return [
        Suggestion("key", key if key.endswith(".") else f"{key}:", MEANINGS[key])
        for key in fits[: None if not part else MOST]
    ]


def _names(first: str, rest: str, read: Callable[[Words], list[ValueCount]]) -> list[Suggestion]:
    """Names of attributes or of scores that are stored and that the language can write."""
    rows = read(Words(FIELDS[first], part=rest, limit=MOST))
    rows = [row for row in rows if re.fullmatch(r"[\w./@$~+-]+", row.value)]
    rows.sort(key=lambda row: not row.value.startswith(rest))
    return [Suggestion("key", f"{first}.{row.value}:", "", row.count) for row in rows]


def _values(key: str, part: str, table: Table, read: Callable[[Words], list[ValueCount]]) -> list[Suggestion]:
    if key == "has":
        known: Iterable[tuple[str, str]] = [(word, note) for word, (of, note) in PRESENT.items() if table in of]
        return _fitting(known, part)
    first, dot, name = key.partition(".")
    if dot:
        if first == "score":
            return _fitting([(">0.5", ""), ("<=0.5", ""), ("1", ""), ("0", "")], part)
        return _stored(read(Words(FIELDS[first], name, part, limit=MOST)))
    if key in _FIXED:
        return _fitting(_FIXED[key].items(), part)
    if key in _FROM_STORE and first not in NAMED:
        return _stored(read(Words(FIELDS[key], None, part, limit=MOST)))
    return []


def _fitting(known: Iterable[tuple[str, str]], part: str) -> list[Suggestion]:
    fits = [Suggestion("value", word, note) for word, note in known if part.lower() in word]
    return sorted(fits, key=lambda one: not one.text.startswith(part.lower()))[: MOST + 4]


def _stored(rows: Sequence[ValueCount]) -> list[Suggestion]:
    return [Suggestion("value", quoted(row.value), "", row.count) for row in rows if "*" not in row.value]


def quoted(value: str) -> str:
    """A value as the language writes it."""
    if re.fullmatch(r'[^\s"\\]+', value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


assert set(_FIXED["source"]) == set(SOURCE_NAMES.values())
