"""Dates in questions, as half-open ranges of ISO dates that compare rightly in SQLite and PostgreSQL."""

from dataclasses import dataclass
from datetime import date, timedelta

from llm_tracing.qa.offline.lexicon import MONTHS
from llm_tracing.qa.offline.words import Token


@dataclass(frozen=True, slots=True)
class DateRange:
    """`start` <= moment < `end`; None leaves a side open. `years` bound plain year columns (both included)."""

    start: date | None
    end: date | None

    @property
    def years(self) -> tuple[int | None, int | None]:
        return (
            self.start.year if self.start else None,
            (self.end - timedelta(days=1)).year if self.end else None,
        )


def _next_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _point(tokens: tuple[Token, ...], i: int) -> tuple[DateRange, int] | None:
    """The day, month, quarter or year that starts at token `i`, and the index after it."""
    words = [t.lower for t in tokens[i : i + 3]] + ["", "", ""]
    try:
        if tokens[i].kind == "date":
            parts = [int(p) for p in tokens[i].text.split("-")]
            if len(parts) == 2:
                return DateRange(date(parts[0], parts[1], 1), _next_month(parts[0], parts[1])), i + 1
            day = date(*parts)
            return DateRange(day, day + timedelta(days=1)), i + 1
        if words[0] in MONTHS and (year := _year(words[1])):
            return DateRange(date(year, MONTHS[words[0]], 1), _next_month(year, MONTHS[words[0]])), i + 2
        for a, b, size in ((0, 1, 3), (1, 0, 3)):
            if words[a] in MONTHS and words[b].isdigit() and (year := _year(words[2])):
                day = date(year, MONTHS[words[a]], int(words[b]))
                return DateRange(day, day + timedelta(days=1)), i + size
    except ValueError:  # 31 February, month 13
        return None
    if year := _year(words[0]):
        return DateRange(date(year, 1, 1), date(year + 1, 1, 1)), i + 1
    return None


def _year(word: str) -> int | None:
    return int(word) if len(word) == 4 and word.isdigit() and 1500 <= int(word) <= 2199 else None


_BEFORE = frozenset({"before", "until", "till"})
_AFTER = frozenset({"after", "since", "from"})
_LEAD_IN = frozenset({"in", "on", "during", "of", "between", "from", "the", "year", "for"}) | _BEFORE | _AFTER


def date_at(tokens: tuple[Token, ...], i: int) -> tuple[DateRange, int] | None:
    """The date phrase that starts at token `i` ("in March 2012", "between 2009 and 2010"), and the index after it.

    A bare four-digit number counts as a year only after a word that leads to one; "over 2000" stays a number.
    """
    lead, j = "", i
    while j < len(tokens) and tokens[j].lower in _LEAD_IN:
        lead = tokens[j].lower if tokens[j].lower not in ("the", "year") else lead or "in"
        j += 1
    if j >= len(tokens) or (not lead and _year(tokens[j].lower)):
        return None
    if (found := _point(tokens, j)) is None:
        return None
    span, end = found
    if lead in ("between", "from") and end < len(tokens) and tokens[end].lower in ("and", "to", "until", "till"):
        second = _point(tokens, end + 1) if end + 1 < len(tokens) else None
        if second is not None:
            return DateRange(span.start, second[0].end), second[1]
    if lead in _BEFORE:
        return DateRange(None, span.start if lead == "before" else span.end), end
    if lead == "after":
        return DateRange(span.end, None), end
    if lead == "since" or (lead == "from" and end < len(tokens) and tokens[end].lower in ("on", "onwards")):
        return DateRange(span.start, None), end + (lead == "from")
    return span, end
