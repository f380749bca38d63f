"""What `has:` looks for in each table. A new thing to look for is a line here and one in contract.PRESENT."""

from collections.abc import Callable
from typing import Any

from llm_tracing.model import STATUS_ERROR
from llm_tracing.store.conditions import SAID, Bounds, Fragment
from llm_tracing.store.contract import PRESENT, Filter, Table
from llm_tracing.store.database import sql
from llm_tracing.store.sql_answers import EMPTY_ATTRIBUTE, EMPTY_RESULT, NOTHING, READS_SQL

# Of calls. As in normalize/rollup.py: a failed call without tokens cost nothing that anybody could know.
UNPRICED = "cost_pico_usd IS NULL AND NOT (is_error AND input_tokens = 0 AND output_tokens = 0)"
_ANYTHING, _NOTE, _SCORE = "annotations.trace_id IS NOT NULL", "comment IS NOT NULL", "score IS NOT NULL"


def _said(table: str) -> dict[str, str]:
    """Annotations, those with a remark, those with a score."""
    kinds = {"annotation": _ANYTHING, "note": _NOTE, "score": _SCORE}
    return {name: SAID[table].format(where=where) for name, where in kinds.items()}


CONDITIONS: dict[Table, dict[str, str]] = {
    "traces": {
        "error": "error_count > 0",
        **_said("traces"),
        "sql": "list_contains(kinds, 'db')",
        "cost": "cost_pico_usd IS NOT NULL",
        "unpriced": "unpriced_calls > 0",
        "tokens": "input_tokens + output_tokens > 0",
        "cache": "cache_read_tokens > 0",
        "reasoning": "reasoning_tokens > 0",
        "session": "session_id IS NOT NULL",
        "user": "user_id IS NOT NULL",
        "input": "input IS NOT NULL",
        "output": "output IS NOT NULL AND status <> 'error'",  # of a failed trace it is the error
        "ttft": "trace_id IN (SELECT trace_id FROM calls WHERE time_to_first_token_ns IS NOT NULL)",
        "empty-sql-answer": sql("has_empty_sql_answer"),
    },
    "spans": {
        "error": "status_code = 2",
        **_said("spans"),
        "sql": "kind = 'db'",
        "tokens": "input_tokens IS NOT NULL OR output_tokens IS NOT NULL",
        "cache": "cache_read_tokens > 0",
        "reasoning": "reasoning_tokens > 0",
        "session": "session_id IS NOT NULL",
        "user": "user_id IS NOT NULL",
        "input": "input_preview IS NOT NULL",
        "output": "output_preview IS NOT NULL",
        "ttft": "time_to_first_token_ns IS NOT NULL",
    },
    "calls": {
        "error": "is_error",
        **_said("calls"),
        "cost": "cost_pico_usd IS NOT NULL",
        "unpriced": UNPRICED,
        "tokens": "has_tokens",
        "cache": "cache_read_tokens > 0",
        "reasoning": "reasoning_tokens > 0",
        "session": "session_id IS NOT NULL",
        "user": "user_id IS NOT NULL",
        "ttft": "time_to_first_token_ns IS NOT NULL",
    },
    "logs": {"error": "severity_number >= 17", "trace": "trace_id IS NOT NULL"},
}


# Of the conditions that have some; the time is that in which the spans of the rows asked for start.
_PARAMETERS: dict[str, Callable[[Bounds], tuple[Any, ...]]] = {
    "empty-sql-answer": lambda bounds: (NOTHING, *bounds, READS_SQL, EMPTY_RESULT, EMPTY_ATTRIBUTE, STATUS_ERROR),
}
# Those that read the spans of every trace.
OF_SPANS = frozenset({"empty-sql-answer"})


def has(table: Table) -> "_Has":
    return _Has(table)


class _Has:
    """Builds the condition of `has` for one table. Raises KeyError for what that table has no condition for."""

    def __init__(self, table: Table) -> None:
        self._known = CONDITIONS[table]

    def __call__(self, wanted: Filter, bounds: Bounds) -> Fragment:
        parameters = _PARAMETERS.get(str(wanted.value))
        return self._known[str(wanted.value)], () if parameters is None else parameters(bounds)


assert all(name in CONDITIONS[table] for name, (tables, _) in PRESENT.items() for table in tables)
