"""Langtrace: what its SDK adds to OpenTelemetry's GenAI names.

Source: Scale3-Labs/langtrace-python-sdk, `langtrace.trace_attributes`. The operation is a word of its own or the name
of the method that was called; prompts and answers come as events, which `events.py` reads.
"""

from llm_tracing.normalize.conventions.contract import Content, Facts, Sent
from llm_tracing.normalize.conventions.otel_genai import KINDS as OTEL_KINDS
from llm_tracing.normalize.values import as_text, first, from_json_text

TYPE = "langtrace.service.type"
OPERATION = ("gen_ai.operation.name",)
# The end of an operation -> kind, and the operation that OpenTelemetry would name.
OPERATIONS: dict[str, tuple[str, str | None]] = {
    "embed": ("embedding", "embeddings"),
    "rerank": ("reranker", None),
    "responses.create": ("llm", "chat"),
}
RESPONSE_ID = ("gen_ai.response_id",)
SYSTEM = ("instructions",)
EMBEDDED = ("gen_ai.request.embedding_inputs",)


class Langtrace:
    name = "langtrace"
    markers = frozenset({TYPE, "langtrace.service.name", "langtrace.sdk.name"})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*EMBEDDED, *SYSTEM})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        sent_operation = as_text(first(sent.attributes, OPERATION)) or ""
        kind, operation = next(
            (found for end, found in OPERATIONS.items() if sent_operation.endswith(end)), (None, None)
        )
        if kind is None and sent_operation not in OTEL_KINDS and sent.attributes.get(TYPE) == "framework":
            kind = "chain"
        return Facts(kind=kind, operation=operation, response_id=as_text(first(sent.attributes, RESPONSE_ID)))

    def content(self, sent: Sent) -> Content:
        system = as_text(first(sent.attributes, SYSTEM))
        inputs = from_json_text(first(sent.attributes, EMBEDDED))
        only = inputs[0] if isinstance(inputs, list) and len(inputs) == 1 else inputs
        return Content(input=only, system_instructions=[{"type": "text", "content": system}] if system else None)
