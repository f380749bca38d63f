"""What a model's reply is: a statement, or a plain sentence (the model says why it cannot answer).

A sentence goes on to the person; whether a statement may run is decided in readonly/guard.py.
"""

import re
from dataclasses import dataclass

from llm_tracing.readonly.errors import StatementRefused
from llm_tracing.readonly.forbidden import STATEMENT_FORMS

_FENCE = re.compile(r"```[ \t]*\w*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_THINKING = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r"\A(?:sql(?:\s*query)?|query|statement)\s*:\s*", re.IGNORECASE)
_QUERY_START = re.compile(r"(?:select|values)\b|with\b[\s\S]*?\bas\s*(?:(?:not\s+)?materialized\s*)?\(|\(", re.I)
_QUERY_LINE = re.compile(r"^[ \t]*(?:select|with)\b[^\n]*\b(?:from|as)\b|^[ \t]*select[ \t]*$", re.I | re.M)
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement to run, without fence or final semicolon."""

    sql: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """The model did not write a statement but said something."""

    text: str


def read_reply(reply: str) -> Statement | Sentence:
    """Tell a statement from a sentence; a fenced block counts as a statement whatever it holds.

    Raises StatementRefused on an empty reply. A sentence is never executed, so a doubtful case is a sentence.
    """
    text = _THINKING.sub("", reply).strip()
    if not text:
        raise StatementRefused("The model's reply was empty.", hint="One SELECT statement is expected.")
    fenced = _FENCE.search(text)
    if fenced is not None and fenced.group(1).strip():
        return Statement(_trim(fenced.group(1)))
    text = _LABEL.sub("", text)
    body = _COMMENTS.sub("", text)
    if _QUERY_START.match(body) or STATEMENT_FORMS.match(body):
        return Statement(_trim(text))
    embedded = _QUERY_LINE.search(text)
    if embedded is not None:
        return Statement(_trim(text[embedded.start() :].split("\n\n")[0]))
    return Sentence(text)


def _trim(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
