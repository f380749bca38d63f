"""GET /api/v1/store: where the data lies, how its backends do, and what cannot be done with it."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.parts import json_response
from llm_tracing.api.schema_store import StoreKind
from llm_tracing.errors import BackendError, StoreError
from llm_tracing.lgtm.told import MISSING, Tells, Told, ToldBackend
from llm_tracing.store.contract import Store

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_NS = 1_000_000_000
_EMBEDDED: dict[str, Any] = {
    "kind": "embedded",
    "backends": [],
    "objects": None,
    "objects_trouble": None,
    "search_lag_s": None,
    "traces_since_unix_nano": None,
    "logs_since_unix_nano": None,
    "partial_traces": 0,
    "missing": [],
}


def store_router(store: Store) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["store"])

    @api.get("/store", response_model=StoreKind)
    async def get_store() -> Response:
        """Where the data lies. Over Tempo, Loki and Prometheus: how each does, and what to set where it does not."""
        not_written = await asyncio.to_thread(_not_written, store)
        shown = _shown(await asyncio.to_thread(store.told)) if isinstance(store, Tells) else _EMBEDDED
        return json_response({**shown, "not_written": not_written})

    return api


def _not_written(store: Store) -> dict[str, Any] | None:
    try:
        store.check_writing()
    except StoreError as error:
        return {"said": error.message, "hint": error.hint}
    return None


def _shown(told: Told) -> dict[str, Any]:
    return {
        "kind": "lgtm",
        "backends": [_backend(one) for one in told.backends],
        "objects": told.objects,
        "objects_trouble": _of_objects(told.objects_trouble),
        "search_lag_s": told.search_lag_s,
        "traces_since_unix_nano": str(told.traces_since),
        "logs_since_unix_nano": str(told.logs_since),
        "partial_traces": len(told.partial),
        "missing": [{"feature": feature, "reason": reason} for feature, reason in MISSING.items()],
    }


def _backend(one: ToldBackend) -> dict[str, Any]:
    troubles = [_trouble("reading", one.reading), _trouble("writing", one.writing)]
    return {
        "name": one.name,
        "address": one.address,
        "otlp_address": one.otlp_address,
        "ok": one.reading is None and one.writing is None,
        "troubles": [trouble for trouble in troubles if trouble is not None],
        "answered_unix_nano": _nanoseconds(one.answered_at),
        "taken_unix_nano": _nanoseconds(one.taken_at),
    }


def _trouble(doing: str, error: BackendError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "doing": doing,
        "reason": error.reason,
        "address": error.address,
        "said": error.said,
        "hint": error.hint,
    }


def _of_objects(error: StoreError | None) -> dict[str, Any] | None:
    return None if error is None else {"said": error.message, "hint": error.hint}


def _nanoseconds(at: float) -> str | None:
    return str(int(at * _NS)) if at else None
