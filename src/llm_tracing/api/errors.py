"""Errors of the JSON API: one shape, right status codes."""

from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from llm_tracing.errors import AccessError, BackendError, LlmTracingError, QueryError, StoreError

_CODES = {404: "not_found", 405: "method_not_allowed", 421: "misdirected_request"}


def error_response(
    status: int, code: str, message: str, hint: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """{"error": {"code", "message", "hint"}} with a status."""
    body = orjson.dumps({"error": {"code": code, "message": message, "hint": hint}})
    return Response(body, status, headers, media_type="application/json")


def _of_ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, LlmTracingError)
    if isinstance(error, AccessError):
        retry = {"Retry-After": str(error.retry_after_s)} if error.retry_after_s else None
        return error_response(error.status, error.code, error.message, error.hint, retry)
    if isinstance(error, QueryError):
        return error_response(error.status, error.code, error.message, error.hint)
    if isinstance(error, BackendError):
        return error_response(error.status, error.code, error.message, error.hint)
    if isinstance(error, StoreError):
        return error_response(503, "store_unavailable", error.message, error.hint, {"Retry-After": "1"})
    return error_response(500, "internal", error.message, error.hint)


def _of_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = dict(error.errors()[0])
    place = ".".join(str(part) for part in first["loc"][1:])
    return error_response(400, "bad_request", f"{place}: {first['msg']}.", "See /api/openapi.json for what it takes.")


def _of_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "error")
    hint = "See /api/openapi.json for what there is." if error.status_code == 404 else None
    return error_response(error.status_code, code, str(error.detail), hint, dict(error.headers or {}))


def of_bugs(_: Request, error: Exception) -> Response:
    """The answer to what nobody foresaw."""
    return error_response(500, "internal", f"The server failed: {type(error).__name__}.", "Its log has the details.")


def install(app: FastAPI) -> None:
    app.add_exception_handler(LlmTracingError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, of_bugs)
