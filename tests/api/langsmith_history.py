"""Runs as the write side of LangSmith's protocol stores them, in a running server.

ROOT     chain  "ask"     project shop, metadata user=u7, tags beta
  CALL   llm    "model"   1,000 + 50 tokens, 400 ms after ROOT
  TOOL   tool   "lookup"  failed
OTHER    chain  "ask"     project shop, 10 s later, 3 s long
PENDING  chain  "slow"    project lab, still running
"""

import json
from typing import Any
from uuid import UUID

from llm_tracing.model import SOURCE_LANGSMITH, Batch
from llm_tracing.normalize.langsmith_ids import span_id_of
from tests.builders import MS, NOON, SECOND, batch_of, span, trace_request
from tests.running import Running

ROOT = UUID("019f0000-0001-7000-8000-000000000001")
CALL = UUID("019f0000-0002-7000-8000-000000000002")
TOOL = UUID("019f0000-0003-7000-8000-000000000003")
OTHER = UUID("019f0000-0004-7000-8000-000000000004")
PENDING = UUID("019f0000-0005-7000-8000-000000000005")
TWIN = UUID("019f0000-0002-7000-9999-999999999999")  # of another trace, with the first eight bytes of CALL


def span_id(run: UUID, trace: UUID = ROOT) -> int:
    return span_id_of(run, trace)


def run(
    identifier: UUID,
    trace: UUID,
    parent: UUID | None = None,
    *,
    name: str = "ask",
    run_type: str = "chain",
    service: str = "shop",
    start: int = NOON,
    duration: int | None = SECOND,
    error: str | None = None,
    order: str | None = None,
    **attributes: Any,
) -> Batch:
    """One run; without a duration it still runs. `__` in a name stands for a dot."""
    said = {
        "langsmith.run_id": str(identifier),
        "langsmith.trace_id": str(trace),
        "langsmith.span.kind": run_type,
        "langsmith.trace.session_name": service,
        **({"langsmith.parent_run_id": str(parent)} if parent else {}),
        **({"langsmith.error": error} if error else {}),
        **({"langsmith.dotted_order": order} if order else {}),
        **{key.replace("__", "."): value for key, value in attributes.items()},
    }
    built = span(
        name,
        span_id(identifier, trace),
        span_id(parent, trace) if parent else None,
        trace=trace.hex,
        start=start,
        duration=duration or 0,
        status=2 if error else 0,
        attributes=said,
    )
    batch = batch_of(trace_request(built, service=service))
    end = 0 if duration is None else start + duration
    batch.spans = [one._replace(sources=SOURCE_LANGSMITH, end_time_unix_nano=end) for one in batch.spans]
    return batch


def everything() -> list[Batch]:
    top = f"20261123T120000000000Z{ROOT}"
    return [
        run(
            ROOT,
            ROOT,
            duration=2 * SECOND,
            order=top,
            gen_ai__prompt=json.dumps({"question": "most popular albums"}),
            gen_ai__completion=json.dumps({"answer": "Minha Historia " * 40}),
            langsmith__extra=json.dumps({"runtime": {"sdk": "langsmith-py"}, "metadata": {"user": "u7", "level": 3}}),
            langsmith__metadata__thread_id="t1",
            langsmith__span__tags="beta, shop",
        ),
        run(
            CALL,
            ROOT,
            ROOT,
            name="model",
            run_type="llm",
            start=NOON + 400 * MS,
            order=f"{top}.20261123T120000400000Z{CALL}",
            gen_ai__request__model="gpt-4o-mini",
            gen_ai__system="openai",
            gen_ai__operation__name="chat",
            gen_ai__usage__input_tokens=1_000,
            gen_ai__usage__output_tokens=50,
            gen_ai__prompt="plain text",
            langsmith__events=json.dumps([{"name": "new_token"}]),
            langsmith__span__tags=json.dumps(["prod"]),
        ),
        run(TOOL, ROOT, ROOT, name="lookup", run_type="tool", start=NOON + 900 * MS, error="KeyError('x')"),
        run(OTHER, OTHER, start=NOON + 10 * SECOND, duration=3 * SECOND),
        run(PENDING, PENDING, name="slow", service="lab", start=NOON + 20 * SECOND, duration=None),
        run(TWIN, TWIN, name="twin", service="lab", start=NOON + 30 * SECOND),
    ]


def send(server: Running, *batches: Batch) -> None:
    whole = Batch.empty()
    for batch in batches:
        whole.add(batch)
    server.server.stack.ingest.submit_batch(whole).result(10)
