"""GET /api/v1/settings: what the server runs with, how much is stored, and where its prices are from."""

import asyncio
import re
from collections.abc import Collection
from typing import Any

from fastapi import APIRouter
from pydantic import SecretStr
from starlette.responses import Response

from llm_tracing.api import encode_bill, schema
from llm_tracing.api.parts import json_response
from llm_tracing.config import ServerSettings
from llm_tracing.normalize import price_list
from llm_tracing.normalize.cost import Prices
from llm_tracing.store.contract import Store
from llm_tracing.version import __version__

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_SECRET = re.compile(r"(^|_)(key|secret|token|password)$")
_MASK = "set, not shown"


def settings_router(
    settings: ServerSettings, store: Store, prices: Prices, project: str, own: Collection[str]
) -> APIRouter:
    """`own` are the names of the settings that the project has of its own."""
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["settings"])

    @api.get("/settings", response_model=schema.ServerState)
    async def get_settings() -> Response:
        """Each setting with its variable and its value, the size of the store, and the sources of prices."""
        return json_response(await asyncio.to_thread(_state, settings, store, prices, project, own))

    return api


def _state(
    settings: ServerSettings, store: Store, prices: Prices, project: str, own: Collection[str]
) -> dict[str, Any]:
    totals = store.totals()
    return {
        "version": __version__,
        "project": project,
        "settings": shown_settings(settings, own),
        "store": {
            "folder": str(settings.data),
            "size_bytes": totals.size_bytes,
            "schema_version": totals.schema_version,
            "rows": totals.rows,
            "first_time_unix_nano": _text(totals.first_time_unix_nano),
            "last_time_unix_nano": _text(totals.last_time_unix_nano),
        },
        "prices": {
            "file": None if prices.path is None else str(prices.path),
            "public_list": price_list.SOURCE,
            "entries": [encode_bill.model_prices(entry.prices) for entry in prices.entries],
        },
    }


def shown_settings(settings: ServerSettings, own: Collection[str] = ()) -> list[dict[str, Any]]:
    """Every setting by its variable; what may be a secret is masked."""
    return [{**_setting(settings, name), "of_project": name in own} for name in type(settings).model_fields]


def _setting(settings: ServerSettings, name: str) -> dict[str, Any]:
    field = type(settings).model_fields[name]
    value, default = getattr(settings, name), field.get_default(call_default_factory=True, validated_data={})
    shown = _text(value)
    secret = isinstance(value, SecretStr) or (isinstance(value, str) and _SECRET.search(name) is not None)
    return {
        "variable": f"LLM_TRACING_{name.upper()}",
        "value": _MASK if shown and secret else shown,
        "default": _text(default),
        "is_default": value == default,
        "meaning": field.description or "",
    }


def _text(value: object) -> str | None:
    """As it is written in the environment; None for what is unset."""
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
