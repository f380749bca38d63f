"""Tell from a conversation what is asked of the model: write a statement, word a result, or neither."""

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llm_tracing.qa.offline.ddl import has_schema
from llm_tracing.qa.offline.engine import write_sql
from llm_tracing.qa.offline.wording import Result, word_answer

NEITHER: Final = (
    "I am a small offline model. I only write SQL for a schema that is given in the prompt, and word the result of a "
    "query; this conversation has neither."
)
# Only spaces and tabs are skipped inside these: `\s*` would try every blank line of a long prompt again and again.
_QUESTION: Final = re.compile(r"^[ \t]*Question:", re.I | re.M)
_QUESTION_END: Final = re.compile(r"\n[ \t]*(?:\n|SQL|Result)", re.I)
_SQL_PART: Final = re.compile(r"^[ \t]*SQL ?(?:query)?:", re.I | re.M)
_SQL_END: Final = re.compile(r"\n[ \t]*(?:SQL ?)?Results?\b", re.I)
_RESULT_HEAD: Final = re.compile(r"^[ \t]*(?:SQL ?)?Results?\b(?P<note>[^:\n]*):", re.I | re.M)
_FAILURE: Final = re.compile(r"\b(?:refused|failed|failure|error|invalid|rejected|not allowed)\b", re.I)


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message; `text` joins the text parts of its content."""

    role: str
    text: str


def reply(messages: Sequence[Message]) -> str:
    """The model's answer to a conversation."""
    last = next((m.text for m in reversed(messages) if m.role == "user"), "")
    if (result := read_result(last)) is not None:
        question = _part(last, _QUESTION, _QUESTION_END) or ""
        return word_answer(question, result, _part(last, _SQL_PART, _SQL_END) or "")
    whole = "\n".join(m.text for m in messages if m.role != "assistant")
    if not has_schema(whole):
        return NEITHER
    prompt = next(m.text for m in messages if has_schema(m.text))
    question, refused, reason = _question_of(messages)
    return write_sql(question, prompt, refused=refused, reason=reason).text


def _question_of(messages: Sequence[Message]) -> tuple[str, tuple[str, ...], str]:
    """The question, the statements tried for it, and why the last of them failed."""
    users = [(i, m.text) for i, m in enumerate(messages) if m.role == "user"]
    statements: list[str] = []
    reason = ""
    while users:
        i, text = users.pop()
        before = messages[i - 1] if i else None
        tried = _statement(before.text) if before is not None and before.role == "assistant" else None
        if tried is None or not users or not _FAILURE.search(text):
            return _plain_question(text), tuple(statements), reason
        statements.append(tried)
        reason = reason or _first_line(text)
    return "", tuple(statements), reason


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0].rstrip(".")[:200]


def _statement(text: str) -> str | None:
    """The statement in a reply of the model, without a fence; None if the reply was a sentence."""
    text = text.strip().removeprefix("```sql").removeprefix("```").removesuffix("```").strip().rstrip("; \n")
    return text if text[:6].upper().startswith(("SELECT", "WITH")) else None


def _part(text: str, head: re.Pattern[str], end: re.Pattern[str]) -> str | None:
    """The text after the last match of `head`, up to `end`; None without a head."""
    heads = list(head.finditer(text))
    if not heads:
        return None
    rest = text[heads[-1].end() :].lstrip()
    stop = end.search(rest)
    return rest[: stop.start() if stop else len(rest)].strip()


def _plain_question(text: str) -> str:
    """The question without a schema and other text around it."""
    if (found := _part(text, _QUESTION, _QUESTION_END)) is not None:
        return found
    if has_schema(text):
        return text.rstrip().rsplit("\n", 1)[-1]
    return text.strip()


def read_result(text: str) -> Result | None:
    """The rows in an answer prompt: JSON with columns and rows, or a Python list of tuples; None if there are none."""
    heads = list(_RESULT_HEAD.finditer(text))
    for head in reversed(heads):
        body = text[head.end() :].strip()
        truncated = "truncated" in head["note"].lower()
        found = _json_result(body, truncated) or _literal_result(body)
        if found is not None:
            return found
    return None


def _json_result(body: str, truncated: bool) -> Result | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(body)
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("rows"), list):
        return None
    columns = tuple(str(c) for c in value.get("columns") or ())
    rows = [tuple(r.values()) if isinstance(r, dict) else tuple(r) for r in value["rows"] if isinstance(r, list | dict)]
    width = max((len(r) for r in rows), default=0)
    columns += ("",) * (width - len(columns))
    return Result(columns, tuple(rows), truncated or bool(value.get("truncated")))


def _literal_result(body: str) -> Result | None:
    """Rows as Python writes them, `[('Rock', 1297)]`, which is how LangChain's SQL tools print a result."""
    line = body.split("\n", 1)[0].strip()
    if not line.startswith("[") or len(line) > 100_000:
        return None
    try:
        value = ast.literal_eval(line)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    rows = tuple(r for r in value if isinstance(r, tuple)) if isinstance(value, list) else ()
    width = max((len(r) for r in rows), default=0)
    return Result(("",) * width, rows)
