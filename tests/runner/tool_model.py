"""An OpenAI-compatible endpoint that calls the tool it is offered once, and then answers."""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler

from tests.http_endpoint import openai_endpoint


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        results = [message["content"] for message in asked["messages"] if message["role"] == "tool"]
        call = {"name": "count_albums", "arguments": '{"artist": "Queen"}'}
        message = (
            {"role": "assistant", "content": f"Queen has {results[0]}."}
            if results
            else {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
            }
        )
        choice = {"index": 0, "message": message, "finish_reason": "stop" if results else "tool_calls"}
        body = json.dumps(
            {
                "id": f"chatcmpl-{len(results)}",
                "object": "chat.completion",
                "created": 1,
                "model": asked["model"],
                "choices": [choice],
                "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def tool_model() -> AbstractContextManager[str]:
    """The base URL of a running endpoint, ending in /v1."""
    return openai_endpoint(_Handler)
