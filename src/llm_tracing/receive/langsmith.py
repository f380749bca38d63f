"""The write side of LangSmith's protocol, under /langsmith and, for a copied cloud address, /langsmith/api/v1.

The clients act on status codes only. 4xx: tried once and dropped, so it is the answer to what will never be readable.
429 with Retry-After: sent again when it says. 5xx: tried a few times within seconds, by some versions with an empty
body; so a full queue and a full disk are a 429 here. Errors have `detail` beside our own shape, for the
clients that show it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from llm_tracing.errors import LlmTracingError, ReceiveError
from llm_tracing.receive.decode import INVALID_ARGUMENT, decompress
from llm_tracing.receive.http import Body, keep, note_refusal, retry_after
from llm_tracing.receive.in_flight import InFlight
from llm_tracing.receive.runs import RunsRequest, batch_of_runs, multipart_runs, one_run, unreadable
from llm_tracing.receive.sink import LANGSMITH, Sink
from llm_tracing.receive.threads import in_thread
from llm_tracing.version import __version__

PREFIXES = ("/langsmith", "/langsmith/api/v1")
Decode = Callable[[Request, bytes], RunsRequest]
Endpoint = Callable[[Request], Awaitable[Response]]

_RUNS_PER_REQUEST = 100
_BYTES_PER_REQUEST = 20 * 1024 * 1024
_CODES = {
    400: "bad_request",
    413: "too_large",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "queue_full",
    503: "store_unavailable",
}


def info(max_body: int) -> dict[str, Any]:
    """What the clients ask before their first upload: how to send, and how much at once."""
    return {
        "version": __version__,
        "license_expiration_time": None,
        "batch_ingest_config": {
            "use_multipart_endpoint": True,
            "size_limit": _RUNS_PER_REQUEST,
            "size_limit_bytes": min(_BYTES_PER_REQUEST, max_body),
            "scale_up_qsize_trigger": 1000,
            "scale_up_nthreads_limit": 16,
            "scale_down_nempty_trigger": 4,
        },
        "instance_flags": {"zstd_compression_enabled": True},
    }


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def failure(error: LlmTracingError) -> Response:
    """{"detail", "error": {"code", "message", "hint"}}; see the head of the module for the statuses."""
    status, retry = 429, retry_after(error)  # a store that can't write now is a reason to wait, as a full queue is
    if isinstance(error, ReceiveError):
        status = error.status
        if status == 503:
            status = 429
        elif status >= 500:  # it failed on what this request holds: it would fail again
            status = 422
    body = {
        "detail": error.line(),
        "error": {"code": _CODES.get(status, "error"), "message": error.message, "hint": error.hint},
    }
    return json_response(status, body, {"Retry-After": str(retry)} if retry else None)


def _of_type(request: Request, wanted: str) -> None:
    found = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if found != wanted and (found or wanted != "application/json"):
        raise unreadable(f"Content-Type {found or '(none)'} is not taken here.", f"Send {wanted}.", 415)


def _multipart(request: Request, body: bytes) -> RunsRequest:
    return multipart_runs(body, request.headers.get("content-type", ""))


def _batch(_: Request, body: bytes) -> RunsRequest:
    return batch_of_runs(body)


def _post(_: Request, body: bytes) -> RunsRequest:
    return one_run(body, "post")


def _patch(request: Request, body: bytes) -> RunsRequest:
    return one_run(body, "patch", request.path_params["run_id"])


def _first_refused(runs: RunsRequest) -> str:
    first = runs.refused[0]
    more = f" and {len(runs.refused) - 1} more" if len(runs.refused) > 1 else ""
    return f"Refused: {first.name}{more} ({first.reason})."


def _all_refused(runs: RunsRequest) -> ReceiveError:
    return ReceiveError(422, INVALID_ARGUMENT, _first_refused(runs), "Nothing was stored.")


def runs_endpoint(sink: Sink, max_body: int, in_flight: InFlight, media: str, decode: Decode) -> Endpoint:
    async def take(request: Request) -> Response:
        with Body(request, in_flight) as whole:
            return await _take(request, whole)

    async def _take(request: Request, whole: Body) -> Response:
        try:
            sent = await whole.read(max_body)
            _of_type(request, media)

            def decoded() -> tuple[RunsRequest, int]:
                body = decompress(sent, request.headers.get("content-encoding"), max_body) if sent else b""
                if body is not sent:
                    whole.hold(len(body))
                return decode(request, body), len(body)

            runs, size = await in_thread(decoded)
            if runs.is_empty and runs.refused:
                raise _all_refused(runs)
            if not runs.is_empty:
                await asyncio.wrap_future(sink.submit("runs", runs, size, LANGSMITH))
        except ClientDisconnect:
            return Response(status_code=400)
        except LlmTracingError as error:
            await note_refusal(sink.senders, request, error, whole.sent)
            return failure(error)
        if runs.refused:
            sender, message = request.headers.get("user-agent", "(no User-Agent)")[:200], _first_refused(runs)
            await keep(sink.senders, request, whole.sent, sender=sender, reason="partial", message=message, status=202)
        return json_response(202, _answer(runs))

    return take


def _answer(runs: RunsRequest) -> dict[str, Any]:
    """Nothing to say, or what was not taken."""
    if not runs.refused:
        return {}
    return {"refused": [{"id": name, "reason": reason} for name, reason in runs.refused]}


def run_routes(sink: Sink, max_body: int, in_flight: InFlight) -> list[Route]:
    """The routes that a tracing client writes to."""
    about = orjson.dumps(info(max_body))

    async def get_info(_: Request) -> Response:
        return Response(about, media_type="application/json")

    def runs(media: str, decode: Decode) -> Endpoint:
        return runs_endpoint(sink, max_body, in_flight, media, decode)

    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/info", get_info),
        ("POST", "/runs", runs("application/json", _post)),
        ("PATCH", "/runs/{run_id}", runs("application/json", _patch)),
        ("POST", "/runs/batch", runs("application/json", _batch)),
        ("POST", "/runs/multipart", runs("multipart/form-data", _multipart)),
    ]
    return [Route(prefix + path, endpoint, methods=[method]) for prefix in PREFIXES for method, path, endpoint in table]
