"""GET /api/v1/doctor: what each sender sent since the start, and what became of it."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.parts import json_response
from llm_tracing.receive.senders import Sender, Senders


def doctor_router(senders: Senders) -> APIRouter:
    api = APIRouter(prefix="/api/v1")

    @api.get("/doctor", response_model=schema.Doctor, tags=["doctor"])
    async def doctor() -> Response:
        """What each sender sent since the server's start: taken, refused, not understood; the busiest first."""
        return json_response(
            {
                "since_unix_nano": str(senders.since_unix_nano),
                "senders": [_sender(name, sender) for name, sender in senders.all().items()],
            }
        )

    return api


def _sender(name: str, sender: Sender) -> dict[str, Any]:
    error = sender.last_error
    return {
        "sender": name,
        "received": dict(sender.received),
        "refused": dict(sender.refused),
        "unmapped": [{"attribute": key, "spans": count} for key, count in sender.unmapped.most_common()],
        "last_seen_unix_nano": str(sender.last_seen_unix_nano),
        "last_error": None
        if error is None
        else {"time_unix_nano": str(error.time_unix_nano), "reason": error.reason, "message": error.message},
    }
