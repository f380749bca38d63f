"""A tiny OpenAI-compatible chat endpoint over a real socket, plain and streaming.

It answers from the request alone: a system prompt that asks for SQL gets a SELECT over the first table the
prompt names; one that asks for words gets the rows repeated. A prompt with the word `overloaded` gets a
503.
"""

import json
import re
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.http_endpoint import openai_endpoint


def _answer(messages: list[dict[str, Any]]) -> str:
    system = str(messages[0]["content"])
    last = str(messages[-1]["content"])
    if "SQL" in system:
        table = re.search(r"CREATE TABLE (\w+)", system)
        return f"SELECT count(*) AS n FROM {table[1]}" if table else "SELECT 1 AS n"
    return f"The rows are: {last}"


def _tokens(text: str) -> int:
    return len(text.split())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        messages = asked["messages"]
        if any("overloaded" in str(message["content"]) for message in messages):
            self._send(503, "application/json", [json.dumps({"error": {"message": "overloaded"}})])
            return
        text = _answer(messages)
        prompt_tokens = sum(_tokens(str(message["content"])) for message in messages)
        usage = {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": _tokens(text),
            "total_tokens": prompt_tokens + _tokens(text),
        }
        base = {"id": "chatcmpl-test", "created": 1, "model": f"{asked['model']}-2026"}
        if asked.get("stream"):
            self._send(200, "text/event-stream", _stream(base, text, usage))
            return
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self._send(
            200,
            "application/json",
            [json.dumps({**base, "object": "chat.completion", "choices": [choice], "usage": usage})],
        )

    def _send(self, status: int, content_type: str, pieces: list[str]) -> None:
        body = "".join(pieces).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _stream(base: dict[str, Any], text: str, usage: dict[str, int]) -> list[str]:
    def event(choices: list[dict[str, Any]], **more: object) -> str:
        chunk = {**base, "object": "chat.completion.chunk", "choices": choices, **more}
        return f"data: {json.dumps(chunk)}\n\n"

    words = [
        event([{"index": 0, "delta": {"role": "assistant", "content": f"{word} "}, "finish_reason": None}])
        for word in text.split()
    ]
    end = event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    return [*words, end, event([], usage=usage), "data: [DONE]\n\n"]


def model_endpoint() -> AbstractContextManager[str]:
    """The base URL of a running endpoint, ending in /v1."""
    return openai_endpoint(_Handler)
