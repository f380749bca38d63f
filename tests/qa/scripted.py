"""An OpenAI-compatible endpoint that says what a test gave it, over a real socket."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llm_tracing.qa.local_server import serving


@dataclass(frozen=True)
class Failure:
    """An HTTP error, or a reply that comes late."""

    status: int = 500
    message: str = "the endpoint is broken"
    delay_s: float = 0.0


@dataclass
class Scripted:
    """Replies in order; the last one again when they run out. `requests` are the bodies that came."""

    replies: list[str | Failure]
    base_url: str = ""
    usage: bool = True
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def messages(self, call: int) -> list[tuple[str, str]]:
        return [(message["role"], message["content"]) for message in self.requests[call]["messages"]]

    def reply(self, body: dict[str, Any], authorization: str) -> Response:
        with self._lock:
            reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
            self.requests.append(body)
            self.authorizations.append(authorization)
        if isinstance(reply, Failure):
            time.sleep(reply.delay_s)
            return JSONResponse({"error": {"message": reply.message, "type": "server"}}, reply.status)
        answer: dict[str, Any] = {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": body["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}],
        }
        if self.usage:
            answer["usage"] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        # ASCII only, so that a test can send what UTF-8 cannot: half a character.
        return Response(json.dumps(answer), media_type="application/json")


@contextmanager
def scripted_endpoint(*replies: str | Failure, usage: bool = True) -> Iterator[Scripted]:
    script = Scripted(list(replies), usage=usage)

    async def completions(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        body = await request.json()
        return await run_in_threadpool(script.reply, body, request.headers.get("authorization", ""))

    app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
    with serving(app) as address:
        script.base_url = f"{address}/v1"
        yield script
