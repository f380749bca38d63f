"""The folding rules in the JSON API: seen, replaced, set back."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from llm_tracing.api import schema, schema_tree
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import json_response
from llm_tracing.errors import TooLarge, Unprocessable
from llm_tracing.query.fold_book import MAX_BYTES, FoldBook
from llm_tracing.query.fold_rules import read_rules

_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["rules"],
                "properties": {"rules": {"type": "array", "items": {"$ref": "#/components/schemas/FoldRule"}}},
            }
        }
    },
}


def fold_router(book: FoldBook) -> APIRouter:
    api = APIRouter(prefix="/api/v1/fold-rules", responses=_ERRORS, tags=["folds"])

    def shown() -> Response:
        return json_response({"rules": book.rules.model_dump()["rules"], "is_default": book.is_default})

    @api.get("", response_model=schema_tree.FoldRulesShown)
    async def get_rules() -> Response:
        """The folding rules in force, in their order."""
        return shown()

    # The body is read here: FastAPI's own refusals would not have the one shape of our errors.
    @api.put(
        "",
        response_model=schema_tree.FoldRulesShown,
        dependencies=[Depends(check_json_write)],
        openapi_extra={"requestBody": _BODY},
    )
    async def put_rules(request: Request) -> Response:
        """Replace the rules. They hold at once, for every trace; nothing that is stored changes."""
        rules = read_rules(_json(await _body(request)))
        await asyncio.to_thread(book.put, rules)
        return shown()

    @api.delete("", response_model=schema_tree.FoldRulesShown, dependencies=[Depends(check_json_write)])
    async def reset_rules() -> Response:
        """Back to the default rules."""
        await asyncio.to_thread(book.reset)
        return shown()

    return api


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            raise TooLarge(f"The rules are over {MAX_BYTES:,} bytes.", "At most 100 rules are taken.")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unprocessable(
            f"This is no JSON: {error}.", "Send an object with the list `rules`; docs/folding.md has the form."
        ) from None
