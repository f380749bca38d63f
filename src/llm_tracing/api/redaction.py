"""POST /api/v1/redaction/dry-run: what rules would take out of the newest traces."""

import asyncio
from collections.abc import Iterator

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import ERRORS, json_response
from llm_tracing.api.schema_bill import Shape
from llm_tracing.errors import ConfigError, Unprocessable
from llm_tracing.redaction.dry_run import Found, look
from llm_tracing.redaction.rules import RuleSet, parse_rules, read_built_in
from llm_tracing.store.contract import Page, Store


class DryRun(Shape):
    """Rules to try: names of built-in ones, or the text of a file of rules."""

    builtin: list[str] = Field(default_factory=list, max_length=20)
    rules: str = Field("", max_length=100_000, description="YAML, as in a file of rules")
    traces: int = Field(200, ge=1, le=1_000, description="How many of the newest traces are looked at")


class RuleCount(Shape):
    rule: str
    count: int


class RedactionSample(Shape):
    rule: str
    trace_id: str
    before: str
    after: str


class DryRunResult(Shape):
    trace_count: int
    text_count: int
    counts: list[RuleCount] = Field(description="What would go, by rule, the most first.")
    samples: list[RedactionSample]


def redaction_router(store: Store) -> APIRouter:
    api = APIRouter(prefix="/api/v1/redaction", tags=["redaction"], responses=ERRORS)

    @api.post("/dry-run", response_model=DryRunResult, dependencies=[Depends(check_json_write)])
    async def dry_run(asked: DryRun) -> Response:
        """Look for what rules would take out of what is stored; nothing is changed."""
        try:
            sets = parse_rules(asked.rules) if asked.rules else read_built_in(asked.builtin)
        except ConfigError as error:
            raise Unprocessable(error.message, error.hint) from error
        return json_response(await asyncio.to_thread(_looked, store, sets, asked.traces))

    return api


def _looked(store: Store, sets: tuple[RuleSet, ...], limit: int) -> dict[str, object]:
    traces = store.traces(Page(limit=limit))
    found = look(_texts(store, [trace.trace_id for trace in traces]), sets)
    return {"trace_count": len(traces), **_result(found)}


def _texts(store: Store, trace_ids: list[bytes]) -> Iterator[tuple[str, str, str]]:
    """Every text of the traces with its service, long ones once a trace."""
    for trace_id in trace_ids:
        stored = store.trace(trace_id)
        if stored is None:
            continue
        hexed = trace_id.hex()
        service = next((span.service for span in stored.spans), "")
        for span in stored.spans:
            for text in (span.name, span.status_message, span.attributes, span.events, span.links):
                if text:
                    yield hexed, span.service, text
        for text in stored.payloads.values():
            yield hexed, service, text
        for log in stored.logs:
            yield hexed, log.service, f"{log.body or ''} {log.attributes}"


def _result(found: Found) -> dict[str, object]:
    return {
        "text_count": found.text_count,
        "counts": [{"rule": rule, "count": count} for rule, count in found.counts.most_common()],
        "samples": [
            {"rule": one.rule, "trace_id": one.trace_id, "before": one.before, "after": one.after}
            for one in found.samples
        ],
    }
