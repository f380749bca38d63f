"""Statements inside what models write and tools are given; no parser, since a model may write anything."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from llm_tracing.normalize.values import from_json_text

ARGUMENTS = ("query", "sql", "statement", "sql_query", "command", "input", "__arg1")
_STATEMENT = re.compile(
    r"""\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(*\s*(?:
      select\s+\S | with\s+(?:recursive\s+)?[\w"`\[]+[^()]{0,80}\s+as\s*(?:not\s+materialized\s*|materialized\s*)?\(
    | insert\s+(?:or\s+\w+\s+)?into\s | update\s+\S+\s+(?:as\s+\w+\s+)?set\s | delete\s+from\s | replace\s+into\s
    | (?:create|drop|alter)\s+(?:temp\w*\s+|unique\s+)?(?:table|view|index|schema|database)\s | truncate\s+table\s
    | merge\s+into\s | pragma\s+\w | attach\s+database\s )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FENCE = re.compile(r"```[ \t]*\w*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r"\A(?:sql(?:\s*query)?|query|statement)\s*:\s*", re.IGNORECASE)
_PROSE = re.compile(r"\n\s*\n\s*[A-Z][a-z]")
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[\w.]+|\S")
_COMMENT = re.compile(r"--[^\n]*(?:\n|\Z)|/\*.*?\*/", re.DOTALL)
_LIMIT = re.compile(r"\b(?:limit\s+\d+|fetch\s+first\s+\d+\s+rows?\s+only|top\s+\(?\d+\)?)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|(\?|%s|%\(\w+\)s|(?<![:\w]):\w+|\$\d+|@p?\d+)")
_COMPARED = 2_000  # tokens of a statement that are compared


def is_statement(text: str) -> bool:
    """Text that is a statement as a whole."""
    return _STATEMENT.match(text) is not None and _PROSE.search(text) is None


def statement_in(text: str) -> tuple[str, bool] | None:
    """The statement in a model's reply, and whether the reply is nothing else; None if there is none."""
    said = _LABEL.sub("", _THINKING.sub("", text).strip())
    if is_statement(said):
        return _trim(said), True
    fenced = _FENCE.search(said)
    if fenced is not None and is_statement(fenced.group(1)):
        return _trim(fenced.group(1)), not (said[: fenced.start()] + said[fenced.end() :]).strip()
    inside = statement_given(said) if said[:1] == "{" else None
    return None if inside is None else (inside, True)


def statement_given(value: Any) -> str | None:
    """The statement among the arguments of a tool; a free-text `query` (a web search) is none."""
    opened = from_json_text(value)
    if isinstance(opened, str):
        return _trim(opened) if is_statement(opened) else None
    if not isinstance(opened, dict):
        return None
    texts = (opened.get(name) for name in ARGUMENTS)
    return next((_trim(text) for text in texts if isinstance(text, str) and is_statement(text)), None)


def plain(sql: str) -> str:
    """The statement without comments, in one case and with single spaces: two that are equal so do the same."""
    return " ".join(_tokens(sql))


def likeness(one: str, other: str) -> float:
    """0 to 1: how much of two statements is the same, in order."""
    if plain(one) == plain(other):
        return 1.0
    return SequenceMatcher(None, _tokens(one)[:_COMPARED], _tokens(other)[:_COMPARED], autojunk=False).ratio()


def placeholders(sql: str) -> int:
    """How many values are bound apart from the statement."""
    return sum(found.group(1) is not None for found in _PLACEHOLDER.finditer(_COMMENT.sub(" ", sql)))


def what_changed(written: str, executed: str) -> list[str]:
    """What guard or driver did to a statement on its way, in words; empty where it arrived as it was written."""
    return [] if plain(written) == plain(executed) else list(_changes(written, executed))


def _changes(written: str, executed: str) -> Iterator[str]:
    before, after = _LIMIT.findall(written), _LIMIT.findall(executed)
    if len(after) > len(before):
        yield f"{after[-1].upper()} was added."
    elif before and after and before[-1].split()[-1] != after[-1].split()[-1]:
        yield f"{before[-1].upper()} became {after[-1].upper()}."
    elif len(after) < len(before):
        yield f"{before[-1].upper()} was taken away."
    bound = placeholders(executed) - placeholders(written)
    if bound > 0:
        yield "1 value is bound as a parameter." if bound == 1 else f"{bound} values are bound as parameters."
    rest = [_LIMIT.sub("", _COMMENT.sub(" ", sql)) for sql in (written, executed)]
    if bound <= 0 and plain(rest[0]) != plain(rest[1]):
        yield "The statement that ran is worded differently."


def _tokens(sql: str) -> list[str]:
    found = _TOKEN.findall(_COMMENT.sub(" ", sql))
    while found and found[-1] == ";":
        found.pop()
    return [token if token[0] in "'\"" else token.lower() for token in found]


def _trim(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
