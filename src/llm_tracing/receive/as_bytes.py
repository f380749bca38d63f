"""A decoded request as bytes and back: the form that the journal keeps it in."""

import base64
from typing import Any
from uuid import UUID

from llm_tracing.receive import json_text
from llm_tracing.receive.decode import PROTOBUF, decode
from llm_tracing.receive.runs import OPENED, Attachment, RunOperation, RunsRequest
from llm_tracing.receive.sink import Received, ReceivedSignal


def to_bytes(request: Received) -> bytes:
    """Protobuf of an OTLP request, JSON of runs. What the receiver refused of runs was told to the sender already."""
    if not isinstance(request, RunsRequest):
        return request.SerializeToString()
    operations = [_operation(one) for one in request.operations]
    return json_text.to_text({"operations": operations, "feedback": request.feedback}).encode("utf-8", "replace")


def from_bytes(signal: ReceivedSignal, data: bytes) -> Received:
    """The request that `to_bytes` made these of; raises ReceiveError or ValueError for others."""
    if signal != "runs":
        return decode(signal, data, PROTOBUF)
    tree = json_text.parse(data)
    return RunsRequest([_read(one) for one in tree["operations"]], tree["feedback"])


def _operation(one: RunOperation) -> dict[str, Any]:
    attachments = {
        name: [found.content_type, base64.b64encode(found.data).decode()] for name, found in one.attachments.items()
    }
    return {
        "verb": one.verb,
        "id": str(one.run_id),
        "fields": one.fields,
        "texts": one.texts,
        "attachments": attachments,
    }


def _read(tree: dict[str, Any]) -> RunOperation:
    texts = tree["texts"]
    opened = {name: json_text.parse(texts[name]) if texts[name] else None for name in OPENED & texts.keys()}
    attachments = {name: Attachment(kind, base64.b64decode(data)) for name, (kind, data) in tree["attachments"].items()}
    return RunOperation(tree["verb"], UUID(tree["id"]), tree["fields"], texts, opened, attachments)
