"""Prices what is stored again, in slices by time: a call at a time, then its trace as the sum of its calls.

Needs `calls` and `traces` alone. Between two slices every total is the sum of its calls, some at the old price and some
at the new. Where it stopped is not stored: after a crash it starts again, and a call priced twice costs the same.
"""

from uuid import UUID

from llm_tracing.model import CallRow
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.unit_prices import MAX_AMOUNT
from llm_tracing.store.aggregates import UNPRICED_CALLS
from llm_tracing.store.columns import arrow_table
from llm_tracing.store.contract import CallPlace
from llm_tracing.store.database import Database, sql
from llm_tracing.store.remembered import PRICES, remember, remembered

SLICE = 5_000  # calls in one transaction: some 50 ms, and a few MB
_COLUMNS = ", ".join(("rowid", *CallRow._fields))  # a row's id stays the same within a transaction
_START = 1 + CallRow._fields.index("start_time_unix_nano")
_PRICED = [("row", "BIGINT"), ("trace_id", "UUID"), ("cost_pico_usd", "BIGINT")]


class Repricing:
    """For the writer's thread alone, but for `priced_with`."""

    def __init__(self, database: Database, prices: Prices) -> None:
        self._database = database
        self._prices = prices

    def priced_with(self) -> str | None:
        with self._database.reading() as db:
            return remembered(db, PRICES)

    def set_priced_with(self, fingerprint: str) -> None:
        with self._database.writing() as db:
            remember(db, PRICES, fingerprint)

    def reprice(self, after: CallPlace, limit: int = SLICE) -> tuple[CallPlace | None, set[bytes]]:
        """See contract.Repricer."""
        values = [after.start_time_unix_nano, after.start_time_unix_nano, UUID(bytes=after.trace_id), after.span_id]
        with self._database.writing() as db:
            rows = db.execute(sql("calls_to_price").format(columns=_COLUMNS), [*values, limit]).fetchall()
            calls = [(row[0], CallRow(row[1].bytes, *row[2:])) for row in rows]
            changed = [
                (row, call.trace_id, cost)
                for row, call in calls
                if (cost := self._prices.cost_of_stored(call)) != call.cost_pico_usd
            ]
            if changed:
                priced = arrow_table(_PRICED, changed)  # noqa: F841 - the queries name it
                db.execute(sql("price_calls"), [rows[0][_START], rows[-1][_START]])
                db.execute(sql("price_traces").format(max_amount=MAX_AMOUNT, unpriced_calls=UNPRICED_CALLS))
        if len(calls) < limit:
            return None, {trace_id for _, trace_id, _ in changed}
        last = calls[-1][1]
        return CallPlace(last.start_time_unix_nano, last.trace_id, last.span_id), {row[1] for row in changed}
