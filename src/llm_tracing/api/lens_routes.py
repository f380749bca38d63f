"""The text-to-SQL lens of a trace, and its statements explained and run again, read-only."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from llm_tracing.api import schema, schema_lens
from llm_tracing.api.encode import span_hex
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.lens_database import ROW_LIMIT, LensReader
from llm_tracing.api.parts import SpanId, TraceId, json_response, no_trace
from llm_tracing.errors import NotFound
from llm_tracing.query.rows_then_and_now import compare_rows
from llm_tracing.query.sql_lens import Episode, Said, SqlStep, sql_episodes
from llm_tracing.query.sql_rows import ResultTable
from llm_tracing.query.sql_text import placeholders
from llm_tracing.query.view import trace_view
from llm_tracing.store.contract import Store

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_WRITE = [Depends(check_json_write)]


def lens_router(store: Store, reader: LensReader) -> APIRouter:
    api = APIRouter(prefix="/api/v1/traces/{trace_id}/lens", responses=_ERRORS, tags=["lens"])

    @api.get("", response_model=schema_lens.Lens)
    async def get_lens(trace_id: TraceId) -> Response:
        """Each question of a trace: the SQL a model wrote, what was executed, the rows, the answer."""
        return await asyncio.to_thread(_lens, store, reader, trace_id)

    # Only statements that are stored with a trace are run: a page cannot hand in one of its own.
    @api.post("/{span_id}/explain", response_model=schema_lens.SqlPlan, dependencies=_WRITE)
    async def explain(trace_id: TraceId, span_id: SpanId) -> Response:
        """The database's plan for the statement of a step; it is not run."""
        return await asyncio.to_thread(_explain, store, reader, trace_id, span_id)

    @api.post("/{span_id}/replay", response_model=schema_lens.SqlReplay, dependencies=_WRITE)
    async def replay(trace_id: TraceId, span_id: SpanId) -> Response:
        """The rows that the statement of a step gives now, read-only, beside those stored then."""
        return await asyncio.to_thread(_replay, store, reader, trace_id, span_id)

    return api


def _episodes(store: Store, trace_id: str) -> list[Episode]:
    stored = store.trace(bytes.fromhex(trace_id))
    if stored is None:
        raise no_trace(trace_id)
    return sql_episodes(trace_view(stored))


def _lens(store: Store, reader: LensReader, trace_id: str) -> Response:
    episodes = _episodes(store, trace_id)
    return json_response({"episodes": [_episode(each) for each in episodes], "database": reader.state()})


def _explain(store: Store, reader: LensReader, trace_id: str, span_id: str) -> Response:
    sql = statement_to_run(_step(store, trace_id, span_id))
    return json_response({"sql": sql, "lines": reader.explain(sql)})


def _replay(store: Store, reader: LensReader, trace_id: str, span_id: str) -> Response:
    step = _step(store, trace_id, span_id)
    sql = statement_to_run(step)
    began = time.perf_counter_ns()
    found = reader.run(sql)
    duration = time.perf_counter_ns() - began
    now = ResultTable(found.columns, [list(row) for row in found.rows], found.truncated)
    difference = compare_rows(step.table, now)
    return json_response(
        {
            "sql": sql,
            "table": _table(now),
            "duration_ns": str(duration),
            "same": difference.same,
            "new_rows": difference.new_rows,
            "gone_rows": difference.gone_rows,
            "comparison": difference.words,
        }
    )


def _step(store: Store, trace_id: str, span_id: str) -> SqlStep:
    wanted = int(span_id, 16)
    for episode in _episodes(store, trace_id):
        for step in episode.steps:
            if wanted == step.span_id or (step.executed is not None and wanted == step.executed.span_id):
                return step
    raise NotFound(f"Span {span_id} is no step of SQL in trace {trace_id}.", "GET .../lens lists the steps.")


def statement_to_run(step: SqlStep) -> str:
    """What was executed; with values bound apart from it, what the model wrote, where the values still stand."""
    written = step.generated.text if step.generated else ""
    executed = step.executed.text if step.executed else written
    return written if written and placeholders(executed) > placeholders(written) else executed


def _episode(episode: Episode) -> dict[str, Any]:
    return {
        "span_id": span_hex(episode.span_id),
        "question": _said(episode.question),
        "steps": [_step_json(step) for step in episode.steps],
        "answer": _said(episode.answer),
        "is_unfounded": episode.is_unfounded,
    }


def _step_json(step: SqlStep) -> dict[str, Any]:
    return {
        "span_id": span_hex(step.span_id),
        "generated": _said(step.generated),
        "executed": _said(step.executed),
        "executed_by": step.executed_by,
        "system": step.system,
        "changes": step.changes,
        "outcome": step.outcome,
        "table": None if step.table is None else _table(step.table),
        "row_count": step.row_count,
        "duration_ns": None if step.duration_ns is None else str(step.duration_ns),
        "error_type": step.error_type,
        "error_message": step.error_message,
    }


def _said(said: Said | None) -> dict[str, Any] | None:
    return None if said is None else {"text": said.text, "span_id": span_hex(said.span_id)}


def _table(table: ResultTable) -> dict[str, Any]:
    return {
        "columns": table.columns,
        "rows": table.rows[:ROW_LIMIT],
        "truncated": table.truncated or len(table.rows) > ROW_LIMIT,
    }
