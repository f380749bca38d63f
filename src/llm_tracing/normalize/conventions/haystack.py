"""Haystack's own tracing: a span for each pipeline, agent and component, with what went in and out as JSON.

Source: deepset-ai/haystack 2, `haystack.tracing`, `Pipeline` and `Agent`; inputs and outputs are sent where
HAYSTACK_CONTENT_TRACING_ENABLED is on. What a component is shows in the end of its class's name. A message is {role,
name, meta, content: [{text} | {tool_call: {id, tool_name, arguments}} | {tool_call_result: {result, origin}}]}; before
2.9 `content` is a text. A generator gives back {replies: [message | text], meta?}; `meta` has the model and the
provider's usage.
"""

from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize import words
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent
from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.conventions.provider_usage import token_fields, usage_of
from llm_tracing.normalize.conventions.python_repr import objects
from llm_tracing.normalize.conventions.serialized import documents_in
from llm_tracing.normalize.messages import Messages, Part, call_part, result_part, text_part
from llm_tracing.normalize.values import as_list, as_text, first, from_json_text

COMPONENT = "haystack.component.type"
# The end of a component's class -> kind, and the operation that OpenTelemetry would name.
KINDS: dict[str, tuple[str, str | None]] = {
    "Generator": ("llm", "chat"),
    "Embedder": ("embedding", "embeddings"),
    "Retriever": ("retriever", "retrieval"),
    "Ranker": ("reranker", None),
    "PromptBuilder": ("prompt", None),
}
AGENT = ("haystack.agent.input", "haystack.agent.max_steps", "haystack.agent.tools")
PIPELINE = ("haystack.pipeline.input_data", "haystack.pipeline.max_runs_per_component")
INPUT = ("haystack.component.input", AGENT[0], PIPELINE[0])
OUTPUT = ("haystack.component.output", "haystack.agent.output", "haystack.pipeline.output_data")
# Keys of a component's input or output.
ASKED, GIVEN = ("messages", "prompt"), ("replies", "messages", "tool_messages")
EMBEDDED, QUERY, DOCUMENTS = ("text", "documents"), ("query", "query_embedding"), "documents"


class Haystack:
    name = "haystack"
    markers = frozenset({COMPONENT, *AGENT, *PIPELINE})
    marker_events: frozenset[str] = frozenset()
    content_attributes = frozenset({*INPUT, *OUTPUT})
    content_roots: frozenset[str] = frozenset()

    def facts(self, sent: Sent) -> Facts:
        attributes = sent.attributes
        kind, operation = _kind(attributes)
        if kind not in ("llm", "embedding"):
            return Facts(kind=kind, operation=operation)
        meta = _meta(_object(attributes, OUTPUT))
        counts = usage_of(below(meta, "usage"))
        return Facts(
            kind=kind,
            operation=operation,
            response_model=as_text(below(meta, "model")),
            **token_fields(counts, tuple((bucket, OUTPUT[0]) for bucket in counts)),
        )

    def content(self, sent: Sent) -> Content:
        attributes = sent.attributes
        kind, _ = _kind(attributes)
        asked, given = _object(attributes, INPUT), _object(attributes, OUTPUT)
        if kind in ("embedding", "retriever", "reranker"):
            documents = None if kind == "embedding" else documents_in(given.get(DOCUMENTS))
            wanted = EMBEDDED if kind == "embedding" else QUERY
            query = next((asked[key] for key in wanted if asked.get(key) is not None), asked or None)
            return Content(input=query, documents=documents or None)
        said, told = _messages(asked, ASKED, "user"), _messages(given, GIVEN, "assistant")
        if kind == "agent" and said and told and told[: len(said)] == said:
            told = told[len(said) :]
        return Content(
            input=None if said else asked or None,
            output=None if told else given or None,
            input_messages=said,
            output_messages=told,
            finish_reasons=words.finish_reasons(below(_meta(given), "finish_reason")) if kind == "llm" else (),
        )


def _kind(attributes: Attributes) -> tuple[str | None, str | None]:
    if not attributes.keys().isdisjoint(AGENT):
        return "agent", "invoke_agent"
    component = str(attributes.get(COMPONENT, ""))
    return next((found for end, found in KINDS.items() if component.endswith(end)), ("chain", None))


def _object(attributes: Attributes, names: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object, or Python's `repr` of one, which an agent writes of what its model is asked."""
    found = objects(from_json_text(first(attributes, names)))
    return found if isinstance(found, dict) else {}


def _meta(given: dict[str, Any]) -> Any:
    """Of the first reply, or beside replies that are plain texts; of an embedder one for all."""
    replies, beside = as_list(given.get("replies")), given.get("meta")
    meta = below(replies[0], "meta") if replies else None
    return meta or next(iter(beside), None) if isinstance(beside, list) else meta or beside


def _messages(place: dict[str, Any], names: tuple[str, ...], role: str) -> Messages | None:
    sent = next((place[name] for name in names if place.get(name)), None)
    return [_message(one, role) for one in as_list(sent) if isinstance(one, dict | str)] or None


def _message(sent: dict[str, Any] | str, default_role: str) -> dict[str, Any]:
    if isinstance(sent, str):
        return {"role": default_role, "parts": [text_part(sent)]}
    fields = {name.removeprefix("_"): value for name, value in sent.items()}  # the `repr` has the private names
    parts = [part for block in as_list(fields.get("content")) if (part := _part(block)) is not None]
    message = {"role": words.role(fields.get("role"), default_role), "parts": parts}
    reason = words.finish_reason(below(fields.get("meta"), "finish_reason"))
    return {**message, "finish_reason": reason} if reason else message


def _part(block: Any) -> Part | None:
    if isinstance(block, str):
        return text_part(block)
    if not isinstance(block, dict):
        return None
    if isinstance(call := block if "tool_name" in block else block.get("tool_call"), dict):
        return call_part(call.get("id"), call.get("tool_name"), call.get("arguments"))
    if isinstance(result := block if "origin" in block else block.get("tool_call_result"), dict):
        return result_part(below(result, "origin", "id"), result.get("result"))
    if isinstance(reasoning := block.get("reasoning"), dict):
        return {"type": "reasoning", "content": reasoning.get("reasoning_text")}
    return text_part(block["text"]) if isinstance(block.get("text"), str) else block
