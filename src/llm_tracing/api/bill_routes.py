"""What a trace would have cost on other models, and the models that have a price."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from llm_tracing.api import encode_bill, schema
from llm_tracing.api.parts import json_response, no_trace
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.price_search import search
from llm_tracing.query.cost_on import cost_on, default_models
from llm_tracing.query.kept_views import KeptViews

MAX_MODELS = 20

TraceId = Annotated[str, Path(pattern="^[0-9a-fA-F]{32}$", description="32 hex digits")]
ModelName = Annotated[str, Query(max_length=200)]


def add_bill_routes(api: APIRouter, views: KeptViews, prices: Prices) -> None:
    @api.get("/traces/{trace_id}/cost-on", response_model=schema.CostOn, tags=["prices"])
    async def get_cost_on(
        trace_id: TraceId,
        model: Annotated[
            list[ModelName] | None,
            Query(max_length=MAX_MODELS, description="A model, or provider/model; may be given several times"),
        ] = None,
    ) -> Response:
        """What the trace would have cost on other models; without `model` on its own and some that many use."""
        return await asyncio.to_thread(_cost_on, views, prices, trace_id, model or [])

    @api.get("/prices/models", response_model=schema.ModelPricesList, tags=["prices"])
    async def list_models(
        q: Annotated[str, Query(max_length=200, description="Parts of provider and model")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> Response:
        """Models that have a price, with what they cost now, the likeliest first."""
        found = await asyncio.to_thread(search, prices, q, limit, time.time_ns())
        return json_response({"models": [encode_bill.model_prices(each) for each in found]})


def _cost_on(views: KeptViews, prices: Prices, trace_id: str, models: list[str]) -> Response:
    found = views.view(bytes.fromhex(trace_id))
    if found is None:
        raise no_trace(trace_id)
    calls = [view.record.facts() for view in found.views if view.counted]
    wanted = list(dict.fromkeys(name.strip() for name in models if name.strip())) or default_models(calls, prices)
    return json_response({"models": [encode_bill.cost_on(each) for each in cost_on(calls, wanted, prices)]})
