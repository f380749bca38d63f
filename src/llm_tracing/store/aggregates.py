"""Figures over many rows: calls, traces or tool spans, by a column and by time."""

from typing import Any, get_args

from llm_tracing.store.contract import MAX_GROUPS, Aggregate, AggregateBy, AggregateOver, Page
from llm_tracing.store.database import Database, sql
from llm_tracing.store.filters import where
from llm_tracing.store.presence import UNPRICED

# What a tool is called: OpenTelemetry names the span after what it does with it.
TOOL_NAME = "regexp_replace({name}, '^execute_tool ', '')"
UNPRICED_CALLS = f"count(*) FILTER (WHERE {UNPRICED})"
GROUPS: dict[AggregateOver, tuple[str, ...]] = {
    "calls": ("model", "provider", "service", "user_id", "session_id", "kind"),
    "traces": ("service", "user_id", "session_id", "status", "name"),
    "tools": ("name", "service"),
}
_FIGURES: dict[AggregateOver, dict[str, str]] = {
    "calls": {
        "failed": "is_error",
        "duration": "duration_ns",
        "first_token": "time_to_first_token_ns",
        "unpriced": UNPRICED_CALLS,
    },
    "traces": {
        "failed": "status = 'error'",
        "duration": "greatest(end_time_unix_nano, start_time_unix_nano) - start_time_unix_nano",
        "first_token": "NULL::UBIGINT",
        "unpriced": "sum(unpriced_calls)",
    },
    "tools": {
        "failed": "is_error",
        "duration": "duration_ns",
        "first_token": "time_to_first_token_ns",
        "unpriced": "0",
    },
}


_MEASURES: dict[AggregateBy, str] = {
    "count": "count(*)",
    "cost": "sum(cost_pico_usd)",
    "tokens": "sum(input_tokens + output_tokens)",
}


class DuckDBAggregates:
    def __init__(self, database: Database) -> None:
        self._database = database

    def aggregate(
        self,
        page: Page,
        *,
        over: AggregateOver,
        group: str | None,
        step_ns: int | None,
        of_traces: bool = False,
        by: AggregateBy = "count",
        limit: int = MAX_GROUPS,
    ) -> list[Aggregate]:
        if over not in get_args(AggregateOver):
            raise ValueError(f"{over} cannot be counted")
        if group is not None and group not in GROUPS[over]:
            raise ValueError(f"{over} cannot be grouped by {group}")
        rows, parameters = rows_of(over, page, of_traces=of_traces)
        query = sql("aggregate").format(
            rows=rows,
            bucket=f"start_time_unix_nano - start_time_unix_nano % {int(step_ns)}" if step_ns else "NULL",
            group=group or "NULL",
            figures=figures(over),
            measure=_MEASURES[by],
        )
        with self._database.reading() as db:
            found = db.execute(query, [*parameters, limit]).fetchall()
        return [Aggregate(*row) for row in found if row[2]]  # without groups nothing is a row too


def figures(over: AggregateOver) -> str:
    """The expressions of contract.Aggregate after time and group."""
    return sql("figures").format(**_FIGURES[over])


def rows_of(over: AggregateOver, page: Page, *, of_traces: bool) -> tuple[str, list[Any]]:
    """What stands after FROM, and its parameters. Raises UnknownField."""
    if over == "traces" or (over == "calls" and not of_traces):
        condition, parameters = where(over, page)
        return f"{over} WHERE {condition}", parameters
    condition, parameters = where("traces", page)
    begun = page.since or 0
    if over == "calls":
        return f"{sql('calls_of_traces').format(where=condition)} AS calls", [*parameters, begun]
    text = sql("tools_of_traces").format(where=condition, tool_name=TOOL_NAME.format(name="tools.name"))
    return f"{text} AS tools", [*parameters, begun]
