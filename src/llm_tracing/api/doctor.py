"""The doctor: what each sender sent and what became of it, what is wrong with it, and what was refused."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response
from starlette.routing import Route

from llm_tracing.api import schema
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import json_response
from llm_tracing.errors import Conflict, NotFound
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.query.findings import Examined, Finding, examined, findings
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.fold_rules import FoldRules
from llm_tracing.query.health import health
from llm_tracing.receive.kept import Kept
from llm_tracing.receive.replay import replay
from llm_tracing.receive.senders import Senders
from llm_tracing.store.contract import Examiner

LOOKED_AT = 5_000  # spans of the newest traces: a tenth of a second of work
MAX_WINDOW_S = 31 * 86_400
_SDK = ("telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version")
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}

ErrorId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Window = Annotated[int, Query(ge=60, le=MAX_WINDOW_S, description="Seconds back that the store is looked at")]


def doctor_router(senders: Senders, store: Examiner, receivers: Sequence[Route], book: FoldBook) -> APIRouter:
    """`receivers` are the routes that a kept request may be sent to again."""
    api = APIRouter(prefix="/api/v1/doctor", tags=["doctor"], responses=_ERRORS)
    kept_errors = senders.kept

    @api.get("", response_model=schema.Doctor)
    async def doctor(window: Window = 3_600) -> Response:
        """What each sender sent and what became of it, the busiest first; and what is wrong, with what to do."""
        return json_response(await asyncio.to_thread(_report, senders, store, window, book.rules))

    @api.get("/errors", response_model=schema.KeptErrorList)
    async def errors() -> Response:
        """The requests refused last, the newest first. They outlive a restart."""
        return json_response({"errors": [_kept(one) for one in kept_errors.all()]})

    @api.get("/errors/{error_id}/payload", response_class=Response)
    async def payload(error_id: ErrorId) -> Response:
        """The bytes of a refused request, as they were sent."""
        kept = _found(senders, error_id)
        body = await asyncio.to_thread(kept_errors.payload, error_id)
        if body is None:
            raise NotFound(f"The bytes of error {error_id} were not kept.", "They were too large, or never came whole.")
        name = f"{kept.path.strip('/').replace('/', '-')}-{error_id[:8]}{_suffix(kept)}"
        safe = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "-."))
        headers = {"Content-Disposition": f'attachment; filename="{safe}"', "X-Content-Type-Options": "nosniff"}
        return Response(body, headers=headers, media_type="application/octet-stream")

    @api.post("/errors/{error_id}/replay", response_model=schema.Replayed, dependencies=[Depends(check_json_write)])
    async def replay_error(error_id: ErrorId) -> Response:
        """Run a refused request through its receiver again; if all of it is taken now, the error is forgotten."""
        kept = _found(senders, error_id)
        body = await asyncio.to_thread(kept_errors.payload, error_id)
        if body is None:
            raise Conflict(
                f"The bytes of error {error_id} were not kept.", "Send the request again from where it came."
            )
        status, taken, message = await replay(receivers, kept, body)
        if taken:
            kept_errors.remove(error_id)
        return json_response({"taken": taken, "status": status, "message": message})

    @api.delete(
        "/errors/{error_id}", status_code=204, response_class=Response, dependencies=[Depends(check_json_write)]
    )
    async def forget(error_id: ErrorId) -> Response:
        """Forget a refused request and its bytes."""
        _found(senders, error_id)
        kept_errors.remove(error_id)
        return Response(status_code=204)

    @api.delete("/errors", status_code=204, response_class=Response, dependencies=[Depends(check_json_write)])
    async def forget_all() -> Response:
        """Forget all of them."""
        kept_errors.clear()
        return Response(status_code=204)

    return api


def _report(senders: Senders, store: Examiner, window: int, rules: FoldRules) -> dict[str, Any]:
    now = time.time_ns()
    recent = store.recent(now - window * 1_000_000_000, LOOKED_AT)
    healths = health(recent.traces, recent.scopes, now, rules)
    found = examined(senders.all(), recent.sources, recent.unpriced, healths)
    return {
        "since_unix_nano": str(senders.since_unix_nano),
        "now_unix_nano": str(now),
        "window_s": window,
        "span_count": recent.span_count,
        "looked_at": sum(map(len, recent.traces)),
        "findings": [_finding(one) for one in findings(found)],
        "senders": [_sender(one) for one in found],
    }


def _found(senders: Senders, error_id: str) -> Kept:
    kept = senders.kept.get(error_id)
    if kept is None:
        raise NotFound(
            f"No error {error_id} is kept.", "It may have been replayed, deleted, or made room for newer ones."
        )
    return kept


def _suffix(kept: Kept) -> str:
    kind = ".json" if "json" in kept.content_type else ".multipart" if "multipart" in kept.content_type else ".pb"
    return kind + {"gzip": ".gz", "zstd": ".zst"}.get(kept.content_encoding, "")


def _kept(one: Kept) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in schema.KeptError.model_fields},
        "time_unix_nano": str(one.time_unix_nano),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return one._asdict()


def _sender(one: Examined) -> dict[str, Any]:
    sender, error, offset = one.sender, one.sender.last_error, one.sender.clock_offset_ns
    return {
        "sender": one.name,
        "received": dict(sender.received),
        "stored": sender.received["traces"] + sender.received["runs"] - sender.again,
        "again": sender.again,
        "late": sender.late,
        "refused": dict(sender.refused),
        "unmapped": [{"attribute": key, "spans": count} for key, count in sender.unmapped.most_common()],
        "ways": dict(sender.ways),
        "clock_offset_ns": None if offset is None else str(offset),
        "last_seen_unix_nano": str(sender.last_seen_unix_nano),
        "last_error": None
        if error is None
        else {"time_unix_nano": str(error.time_unix_nano), "reason": error.reason, "message": error.message},
        "recent": _recent(one),
    }


def _recent(one: Examined) -> dict[str, Any]:
    sdks: dict[str, None] = {}
    scopes: dict[tuple[str, str], int] = {}
    for source in one.sources:
        attributes = from_json(source.resource.attributes)
        named = " ".join(str(attributes[name])[:100] for name in _SDK if name in attributes)
        if named:
            sdks[named] = None
        if source.scope is not None:
            key = (source.scope.name, source.scope.version)
            scopes[key] = scopes.get(key, 0) + source.spans
    return {
        "sdks": list(sdks),
        "scopes": [{"name": name, "version": version, "spans": spans} for (name, version), spans in scopes.items()],
        "spans": sum(source.spans for source in one.sources),
        "cut": sum(source.cut for source in one.sources),
        "running": sum(source.running for source in one.sources),
        "calls": sum(source.calls for source in one.sources),
        "silent_calls": sum(source.silent_calls for source in one.sources),
        "looked_at": one.health.spans,
        "folded": one.health.folded,
        "orphaned": one.health.orphaned,
        "unpriced": [{"provider": m.provider, "model": m.model, "calls": m.calls} for m in one.unpriced],
    }
