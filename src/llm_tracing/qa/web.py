"""What every response of the service has: one error shape, and headers that keep hostile text harmless."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_tracing.qa.errors import QaError
from llm_tracing.qa.tracing import current_trace_id, trace_url

log = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

MAX_BODY_BYTES = 100_000


class SecurityHeaders:
    """Adds the headers to every response, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses a body over `MAX_BODY_BYTES`, by its stated length or while it arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if stated.isdigit() and int(stated) > MAX_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413, f"The body is over {MAX_BODY_BYTES:,} bytes.")
            return message

        await self._app(scope, receive_limited, send)


def error_response(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status_code=status)


def install_error_shape(app: FastAPI, ui_url: str) -> None:
    """Every error leaves as `{"error": {"code", "message", "hint"}}`; the header X-Trace-Url links to its trace."""

    @app.exception_handler(QaError)
    def _qa_error(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, QaError)
        log.warning("%s: %s", error.code, error.message)
        link = trace_url(ui_url, current_trace_id())
        headers = {"X-Trace-Url": link} if link else None
        return JSONResponse({"error": error.as_json()}, status_code=error.status, headers=headers)

    @app.exception_handler(RequestValidationError)
    def _bad_input(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        # Of broken JSON the place is an offset, which says nothing to a person.
        place = ".".join(part for part in first["loc"][1:] if isinstance(part, str)) or "body"
        return error_response(422, "bad_input", f"{place}: {first['msg']}.", "See /openapi.json for what is expected.")

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        codes = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
        response = error_response(error.status_code, codes.get(error.status_code, "http_error"), str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
        return error_response(500, "internal", "The service failed.", "Its log says more.")


def _too_large() -> JSONResponse:
    return error_response(413, "body_too_large", f"The body is over {MAX_BODY_BYTES:,} bytes.")
