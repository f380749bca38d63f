"""What every request passes first: is it meant for us, may a page send it, and who asks.

Plain ASGI, as it is in the way of every span that comes over HTTP.
"""

import asyncio
import logging
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from google.rpc.code_pb2 import PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_tracing.access.gate import Caller, Gate, presented_key
from llm_tracing.access.policy import CHOSEN_PROJECT, OPEN, needed, of_the_server
from llm_tracing.api.errors import error_response
from llm_tracing.api.guard import same_origin
from llm_tracing.errors import AccessError, CrossOrigin, LlmTracingError, ProjectMissing, ReceiveError, StoreError
from llm_tracing.receive import http as otlp
from llm_tracing.receive import langsmith
from llm_tracing.receive.decode import JSON, PROTOBUF

logger = logging.getLogger(__name__)

COOKIE = "llm_tracing_login"
CALLER = "llm_tracing.caller"  # in the scope of a request that was let in
NEEDED = "llm_tracing.needed"  # the scope that it needed
NOTED = "llm_tracing.noted"  # (act, subject) that a route wants on record in place of its path
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_GRPC_CODES = {401: UNAUTHENTICATED, 403: PERMISSION_DENIED, 429: RESOURCE_EXHAUSTED}


def host_name(header: str) -> str:
    """The name in a Host header, without its port, lower case."""
    if header.startswith("["):
        return header.partition("]")[0].lower() + "]"
    return header.partition(":")[0].lower()


def cookie_name(scheme: str) -> str:
    """Over TLS with the prefix that keeps other hosts of the domain from setting it.

    Source: RFC 6265bis, "The __Host- Prefix".
    """
    return f"__Host-{COOKIE}" if scheme == "https" else COOKIE


def login_of(headers: Mapping[str, str], scheme: str) -> str | None:
    """The login that a browser sends."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(cookie_name(scheme))
    except CookieError:
        return None
    return found.value if found is not None and found.value else None


class Entry:
    """ASGI middleware around everything that is served over HTTP."""

    def __init__(self, app: ASGIApp, gate: Gate, accepted_hosts: frozenset[str]) -> None:
        self._app = app
        self._gate = gate
        self._accepted_hosts = accepted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) not in self._accepted_hosts:
            await _misdirected()(scope, receive, send)
            return
        try:
            caller, wanted = await self._admit(scope, headers)
        except LlmTracingError as error:
            await refusal(error, scope["path"], headers)(scope, receive, send)
            return
        scope[CALLER], scope[NEEDED] = caller, wanted
        if wanted == "admin":
            send = self._recording(scope, caller, send)
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers) -> tuple[Caller, str]:
        """Raises CrossOrigin or AccessError."""
        writes = scope["method"] not in _SAFE_METHODS
        if writes and not same_origin(headers):
            raise CrossOrigin(headers.get("origin", ""))
        wanted = needed(scope["method"], scope["path"])
        presented, cookie = presented_key(headers), login_of(headers, scope["scheme"])
        chosen = headers.get(CHOSEN_PROJECT)
        address = scope["client"][0] if scope.get("client") else "(unknown)"
        if (presented is None and cookie is None) or self._gate.remembers(presented):
            caller = self._gate.admit(wanted, presented, cookie, address, chosen)
        else:
            caller = await asyncio.to_thread(self._gate.admit, wanted, presented, cookie, address, chosen)
        if caller.project is None and wanted != OPEN and not of_the_server(scope["path"]):
            raise ProjectMissing(caller.name)
        # The browser sends a cookie by itself; only a page of ours says where it comes from.
        if writes and caller.by_cookie and not same_origin(headers, must_say=True):
            raise CrossOrigin(headers.get("origin", "an unnamed address"))
        return caller, wanted

    def _recording(self, scope: Scope, caller: Caller, send: Send) -> Send:
        """Note an administrative act once it is answered, if it was done."""

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                usual = (f"{scope['method']} {scope['path']}", scope["query_string"].decode())
                act, subject = scope.get(NOTED, usual)
                await asyncio.to_thread(self._gate.keyring.record, caller.name, act, subject, caller.project)
            await send(message)

        return record if scope["method"] not in _SAFE_METHODS else send


def _misdirected() -> Response:
    return error_response(
        421,
        "misdirected_request",
        "This Host header is not one of ours.",
        "Add the name to LLM_TRACING_ALLOWED_HOSTS if you meant to come here.",
    )


def refusal(error: LlmTracingError, path: str, headers: Headers) -> Response:
    """In the form of who asks: OTLP's, LangSmith's or our own."""
    if isinstance(error, AccessError):
        status, code, retry_after_s = error.status, error.code, error.retry_after_s
        refused: LlmTracingError = ReceiveError(
            status, _GRPC_CODES[status], error.message, error.hint, retry_after_s=retry_after_s
        )
    elif isinstance(error, StoreError):
        status, code, retry_after_s, refused = 503, "store_unavailable", 1, error
    else:
        assert isinstance(error, CrossOrigin)
        return error_response(error.status, error.code, error.message, error.hint)
    if path.endswith(("/v1/traces", "/v1/logs", "/v1/metrics")) and not path.startswith("/api/v1/"):
        answer = otlp.failure(refused, JSON if JSON in headers.get("content-type", "").lower() else PROTOBUF)
    elif path.startswith(langsmith.PREFIXES[0]):
        answer = langsmith.failure(refused)
    else:
        answer = error_response(status, code, error.message, error.hint)
    if retry_after_s:
        answer.headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="LLM Tracing"'
    return answer
