"""Word the answer to a question from the rows of a query, and from nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from llm_tracing.qa.offline.words import singular

SHOWN_ROWS: Final = 50
_READ_CHARS: Final = 300  # of the question; a longer one is not repeated in the answer
_LEAD: Final = re.compile(
    r"^(?:please )?(?:(?:list|show|give|tell|find|display|get|fetch)(?: me| us)?"
    r"|(?:what|who)(?: is| are|['’]s|['’]re| was| were))\s+(?:all |all the )?(?P<subject>.+)$",
    re.I,
)
_THERE: Final = re.compile(r"^how many (?P<what>.+?) (?:are|were|is|was) there(?P<rest>.*)$", re.I)
_HOW_MANY: Final = re.compile(
    r"^how many (?P<what>.+?)"
    r"(?: (?:are|is|were|was|don't|doesn't|didn't|do|does|did|have|has|had|can|cost|costs|live|work|report|of|in|from"
    r"|with) .*)?$",
    re.I,
)
_NOUN_PHRASE: Final = re.compile(r"^(?:the |top |most |number of |total |average |[\w'-]+(?: [\w'-]+){0,5}$)", re.I)
_WHICH: Final = re.compile(
    r"^(?:which|what) (?P<noun>(?!is |are |was |were )[\w-]+(?: [\w-]+)?) "
    r"(?:is|are|was|were|has|have|had|did|do|does)\b",
    re.I,
)
# "The albums of ... are: 1. ...", but "The revenue per country: 1. ...".
_PLURAL_HEAD: Final = re.compile(
    r"^(?:(?!(?:of|per|by|in|on|with|for|that|from|between|over|without)\b)[\w'-]+ )*[\w'-]*[^s\W]s\b"
    r"(?= (?:of|per|by|in|on|with|for|that|from|between|over|without|published|are)\b|$)",
    re.I,
)
_QUESTION_WORDS: Final = frozenset(
    [
        "which",
        "what",
        "who",
        "whose",
        "when",
        "where",
        "how",
        "in",
        "do",
        "does",
        "did",
        "is",
        "are",
        "can",
        "will",
        "show",
        "list",
        "give",
    ]
)
_DETERMINERS: Final = frozenset({"the", "our", "my", "your"})
_TEXT_TEST: Final = re.compile(r"LOWER\((?:\"?\w+\"?\.)?\"?(\w+)\"?\) = LOWER\('((?:[^']|'')*)'\)", re.I)
_MIDNIGHT: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?$")


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of a query; `truncated` when there were more than are here."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False


def word_answer(question: str, result: Result, sql: str = "") -> str:
    """One sentence or a short numbered list with every value of the first rows.

    Where nothing was found, the values that the statement compared with are told, since they may be what is amiss.
    """
    question = re.sub(r"\s+", " ", question[:_READ_CHARS]).strip().rstrip("?.! ")
    if not result.rows:
        return "The query found no matching rows, so the result is empty." + _looked_for(sql)
    if len(result.rows) == 1 and len(result.rows[0]) == 1:
        answer = _single(question, result.rows[0][0], result.columns)
        answer += _looked_for(sql) if result.rows[0][0] in (None, 0) else ""
    else:
        answer = _listed(question, result)
    if result.truncated:
        answer += f" The result was cut off after {len(result.rows)} rows; there are more."
    return answer


def _looked_for(sql: str) -> str:
    """What a statement compared texts with: " It looked for the city 'Oslo'."; nothing if it compared none."""
    tests = dict.fromkeys(f"{name} '{value}'" for name, value in _TEXT_TEST.findall(sql))
    return f" It looked for {' or '.join(tests)}." if tests else ""


def text_of(value: object) -> str:
    """A value as a person reads it: no midnight on dates, at most two decimals, "none" for null."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 or value == 0 else f"{value:.6g}"
    found = _MIDNIGHT.match(str(value))
    return found.group(1) if found else str(value)


def _single(question: str, value: object, columns: Sequence[str]) -> str:
    if value is None:
        return "No rows match, so there is no value to give."
    text = text_of(value)
    if found := _THERE.match(question):
        verb = "is" if text == "1" else "are"
        return f"There {verb} {text} {_counted(found['what'], text)}{found['rest']}."
    if found := _HOW_MANY.match(question):
        return f"The answer is {text} {_counted(found['what'], text)}."
    if columns and columns[0] == "percentage":
        text += "%"
    subject = _subject(question)
    if subject is None:
        return f"The answer is {text}."
    return f"{subject}: {text}." if _PLURAL_HEAD.match(subject) else f"{subject} is {text}."


def _counted(what: str, number: str) -> str:
    """ "1 employee" but "8 employees"."""
    *others, last = what.split(" ")
    return " ".join((*others, singular(last))) if number == "1" else what


def _listed(question: str, result: Result) -> str:
    subject = _subject(question) or _asked_noun(question)
    rows = [_row(row, result.columns) for row in result.rows[:SHOWN_ROWS]]
    if len(rows) == 1:
        return f"{subject}: {rows[0]}." if subject else f"The answer is {rows[0]}."
    lines = ", ".join(f"{i}. {row}" for i, row in enumerate(rows, 1))
    more = len(result.rows) - len(rows)
    lines += f", and {more} more" if more > 0 else ""
    if subject is None:
        return f"The answers are: {lines}."
    return f"{subject} are: {lines}." if _PLURAL_HEAD.match(subject) else f"{subject}: {lines}."


def _subject(question: str) -> str | None:
    """The noun phrase that the question asks for, with an article, to begin a sentence with; None if it has none."""
    found = _LEAD.match(question)
    phrase = found["subject"] if found else question
    first, *others = phrase.split(" ")
    if not found and (first.lower() in _QUESTION_WORDS or not _NOUN_PHRASE.match(phrase)):
        return None
    if first.lower() in _DETERMINERS or first.endswith(("'s", "’s")):
        return phrase[0].upper() + phrase[1:]
    first = first if first.isupper() else first[0].lower() + first[1:]
    return " ".join(("The", first, *others))


def _asked_noun(question: str) -> str | None:
    """ "The customers" of "Which customers are from Brazil"."""
    found = _WHICH.match(question)
    return f"The {found['noun']}" if found else None


def _row(row: Sequence[object], columns: Sequence[str]) -> str:
    """ "Helena Holý (49.62)": names joined, all other values after them in brackets."""
    names = 1
    if len(row) > 1 and "first" in columns[0].lower() and "last" in columns[1].lower():
        names = 2
    head = " ".join(text_of(v) for v in row[:names])
    rest = [text_of(v) for v in row[names:]]
    return f"{head} ({', '.join(rest)})" if rest else head
