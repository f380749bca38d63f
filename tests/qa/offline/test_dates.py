"""Dates in questions."""

from datetime import date

import pytest

from llm_tracing.qa.offline.dates import DateRange, date_at
from llm_tracing.qa.offline.words import tokenise


def found(text: str) -> DateRange | None:
    result = date_at(tokenise(text), 0)
    return result[0] if result else None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("in 2010", date(2010, 1, 1), date(2011, 1, 1)),
        ("in March 2012", date(2012, 3, 1), date(2012, 4, 1)),
        ("in December 2012", date(2012, 12, 1), date(2013, 1, 1)),
        ("on 5 May 2011", date(2011, 5, 5), date(2011, 5, 6)),
        ("on 2011-05-31", date(2011, 5, 31), date(2011, 6, 1)),
        ("between 2009 and 2010", date(2009, 1, 1), date(2011, 1, 1)),
        ("from 2011-01-01 to 2011-01-31", date(2011, 1, 1), date(2011, 2, 1)),
        ("before 2010", None, date(2010, 1, 1)),
        ("until March 2010", None, date(2010, 4, 1)),
        ("after 2010", date(2011, 1, 1), None),
        ("since March 2010", date(2010, 3, 1), None),
    ],
)
def test_a_date_phrase_is_a_half_open_range(text: str, start: date | None, end: date | None) -> None:
    assert found(text) == DateRange(start, end)


@pytest.mark.parametrize("text", ["over 2000", "2000 tracks", "on 31 February 2011", "in Oslo"])
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert found(text) is None


def test_a_range_of_years_includes_both_ends() -> None:
    assert DateRange(date(1800, 1, 1), date(1851, 1, 1)).years == (1800, 1850)
