"""What a LangSmith run means, in the attributes of OpenTelemetry's GenAI conventions beside its own.

LangSmith's fields are names that only LangSmith and we read. With these, Tempo, Grafana and others can search a run's
model and sum its tokens. What is there already is left as it is. docs/replay.md has the table.
Source: OpenTelemetry GenAI semantic conventions, spans section.
"""

from typing import Any

import orjson

from llm_tracing.exchange.fields import Fields

# field of the meaning (meaning.py) -> attribute
_SAME = {
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.provider.name",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "response_id": "gen_ai.response.id",
    "finish_reasons": "gen_ai.response.finish_reasons",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cache_read_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_write_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
    "session_id": "gen_ai.conversation.id",
    "user_id": "user.id",
}
# The conventions have structures here, and JSON text where an attribute holds none.
_JSON = {
    "input_messages": "gen_ai.input.messages",
    "output_messages": "gen_ai.output.messages",
    "system_instructions": "gen_ai.system_instructions",
    "documents": "gen_ai.retrieval.documents",
}
_TOOL = {
    "name": "gen_ai.tool.name",
    "call_id": "gen_ai.tool.call.id",
    "arguments": "gen_ai.tool.call.arguments",
    "result": "gen_ai.tool.call.result",
}
_NS = 1_000_000_000


def with_genai_names(row: Fields) -> Fields:
    """A copy with more attributes, of what came as a LangSmith run alone; every other span as it is."""
    if row["sources"] != ["langsmith"]:
        return row
    sent = row["attributes"]
    repeated = sent.get("$map") if len(sent) == 1 else None  # names that came twice, see normalize/anyvalue.py
    if isinstance(repeated, list):
        known = {name for name, _ in repeated}
        return {**row, "attributes": {"$map": repeated + [[n, v] for n, v in _named(row).items() if n not in known]}}
    return {**row, "attributes": {**_named(row), **sent}}


def _named(row: Fields) -> dict[str, Any]:
    named = {attribute: row[name] for name, attribute in _SAME.items()}
    named |= {attribute: _text(row[name]) for name, attribute in _JSON.items()}
    tool = row["tool"] or {}
    named |= {attribute: _text(tool.get(name)) for name, attribute in _TOOL.items()}
    if row["time_to_first_token_ns"] is not None:
        named["gen_ai.response.time_to_first_chunk"] = int(row["time_to_first_token_ns"]) / _NS
    return {name: value for name, value in named.items() if value is not None and value != []}


def _text(value: Any) -> str | None:
    if value is None or value == []:
        return None
    return value if isinstance(value, str) else orjson.dumps(value).decode()
