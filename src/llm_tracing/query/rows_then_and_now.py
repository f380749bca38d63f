"""Rows stored with a trace against those that the same statement gives now."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from llm_tracing.query.sql_rows import ResultTable


@dataclass(frozen=True, slots=True)
class Difference:
    """Places of rows on one side only; `same` also asks for the same order, None where nothing was stored."""

    same: bool | None
    new_rows: list[int]
    gone_rows: list[int]
    words: str


def compare_rows(stored: ResultTable | None, now: ResultTable) -> Difference:
    """Rows are compared as wholes, each as often as it is there; numbers by value, since JSON has one kind of them."""
    if stored is None:
        return Difference(None, [], [], "No rows were stored with the trace to compare with.")
    before, after = [_key(row) for row in stored.rows], [_key(row) for row in now.rows]
    if stored.truncated and len(before) < len(after):  # what was cut then cannot be new now
        after = after[: len(before)]
    new, gone = _beyond(after, before), _beyond(before, after)
    if not new and not gone:
        if before == after:
            return Difference(True, [], [], "The same rows as then.")
        return Difference(False, [], [], "The same rows as then, in another order.")
    parts = [
        f"{len(places):,} {'row' if len(places) == 1 else 'rows'} {what}"
        for places, what in ((new, "new"), (gone, "gone"))
        if places
    ]
    return Difference(False, new, gone, f"The data has changed since: {', '.join(parts)}.")


def _beyond(rows: Sequence[str], others: Sequence[str]) -> list[int]:
    left = Counter(others)
    places = []
    for place, row in enumerate(rows):
        if left[row] > 0:
            left[row] -= 1
        else:
            places.append(place)
    return places


def _key(row: Sequence[Any]) -> str:
    return json.dumps([_plain(cell) for cell in row], sort_keys=True, default=str)


def _plain(cell: Any) -> Any:
    """`27`, `27.0` and the text `27` of a driver that knows no decimals are one value."""
    if isinstance(cell, bool) or cell is None:
        return cell
    try:
        number = Decimal(str(cell))
    except InvalidOperation:
        return cell
    return f"{number.normalize():f}" if number.is_finite() and abs(number.adjusted()) < 100 else str(cell)
