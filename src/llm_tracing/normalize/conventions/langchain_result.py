"""LangChain's `LLMResult` as JSON: what older instrumentations leave inside a generic output.

Source: langchain-core, `LLMResult` and `AIMessage`: {"generations": [[{generation_info, message}]], "llm_output"}; the
message's fields are in `kwargs` (or beside its type, where a client dumps the message itself), with `response_metadata`
and `usage_metadata`.
"""

from typing import Any

from llm_tracing.normalize.conventions.flattened import below
from llm_tracing.normalize.values import as_int, from_json_text

_SEEN_IN = 100  # characters: the key that tells one from other JSON stands at the beginning

# Canonical field -> places in the message's usage_metadata, whose input includes cached tokens.
USAGE: dict[str, tuple[tuple[str, ...], ...]] = {
    "input_tokens": (("input_tokens",),),
    "output_tokens": (("output_tokens",),),
    "cache_read_tokens": (("input_token_details", "cache_read"),),
    "cache_write_tokens": (
        ("input_token_details", "cache_creation"),
        ("input_token_details", "ephemeral_5m_input_tokens"),
        ("input_token_details", "ephemeral_1h_input_tokens"),
    ),
    "reasoning_tokens": (("output_token_details", "reasoning"),),
}
MODEL = ("model_name", "model")
FINISH_REASON = ("finish_reason", "stop_reason")
RESPONSE_ID = ("id", "response_id")
# Beginnings of the ids that LangChain gives a message itself, where the provider's answer had none or came in pieces.
_OWN_IDS = ("run-", "lc_")


def langchain_result(value: Any) -> dict[str, Any] | None:
    """The result in JSON text; None if it is something else."""
    if not isinstance(value, str) or '"generations"' not in value[:_SEEN_IN]:
        return None
    tree = from_json_text(value)
    return tree if isinstance(tree, dict) and _generation(tree) else None


def _generation(result: dict[str, Any]) -> dict[str, Any]:
    """The first generation of the first prompt."""
    found = result.get("generations")
    while isinstance(found, list) and found:
        found = found[0]
    return found if isinstance(found, dict) else {}


def _message_fields(result: dict[str, Any]) -> Any:
    sent = _generation(result).get("message")
    return below(sent, "kwargs") or sent


def model(result: dict[str, Any]) -> Any:
    return _named(MODEL, *_metadata(result))


def finish_reason(result: dict[str, Any]) -> Any:
    return _named(FINISH_REASON, *_metadata(result))


def response_id(result: dict[str, Any]) -> str | None:
    """The provider's id of its answer; never one of LangChain's own."""
    found = _named(RESPONSE_ID, *_metadata(result)) or below(_message_fields(result), "id")
    return found if isinstance(found, str) and found and not found.startswith(_OWN_IDS) else None


def usage(result: dict[str, Any]) -> dict[str, int]:
    """Token counts by canonical field; of the classes of cache writes the sum of those that are counted apart."""
    sent = below(_message_fields(result), "usage_metadata")
    found: dict[str, int] = {}
    for field, paths in USAGE.items():
        counts = [count for path in paths if (count := as_int(below(sent, *path))) is not None]
        if counts:  # cache_creation is the sum of its classes, or 0 where only they are filled in
            found[field] = max(counts[0], sum(counts[1:]))
    return found


def message(result: dict[str, Any]) -> Any:
    """The serialised message, or the text of a plain completion."""
    generation = _generation(result)
    return generation.get("message") or generation.get("text")


def _metadata(result: dict[str, Any]) -> tuple[Any, ...]:
    generation = _generation(result)
    said = below(_message_fields(result), "response_metadata")
    return said, generation.get("generation_info"), result.get("llm_output")


def _named(names: tuple[str, ...], *places: Any) -> Any:
    return next((place[name] for place in places if isinstance(place, dict) for name in names if place.get(name)), None)
