"""A mapping of the user's own: attributes of an in-house convention to canonical fields, out of a YAML file.

attributes:                 # attribute -> field
  acme.model: request_model
  acme.prompt: input_messages
  acme.step: kind
values:                     # field -> what is sent -> the canonical word; only where they differ
  kind:
    COMPLETION: llm

What it names wins over every other convention. Fields are those of FIELDS.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from llm_tracing.errors import ConfigError
from llm_tracing.model import SPAN_KINDS, USAGE_DETAILS, Attributes
from llm_tracing.normalize.conventions.contract import Content, Facts, Sent, ToolUse
from llm_tracing.normalize.conventions.reading import read_tokens
from llm_tracing.normalize.messages import messages_of
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.values import as_list, as_text, first, from_json_text, pico_usd, seconds_to_ns
from llm_tracing.normalize.words import finish_reasons

TEXTS = ("operation", "request_model", "response_model", "response_id", "session_id", "user_id")
TOKENS = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens",
    *sorted(USAGE_DETAILS - {"from_local_cache"}),
)  # fmt: skip
CONTENT = (
    "input", "output", "input_messages", "output_messages", "system_instructions", "documents", "tool_arguments",
    "tool_result",
)  # fmt: skip
FIELDS = frozenset(
    {
        "kind", "provider", *TEXTS, *TOKENS, "cost_usd", "time_to_first_token_s", "finish_reasons", "streaming",
        "tool_name", "tool_call_id", *CONTENT,
    }
)  # fmt: skip
_HINT = "See docs/conventions.md, Your own attributes."

Names = Mapping[str, tuple[str, ...]]


class OwnMapping:
    """The convention that a mapping file describes; `names` is field -> attributes, first named first."""

    name = "own"
    marker_events: frozenset[str] = frozenset()
    content_roots: frozenset[str] = frozenset()

    def __init__(self, names: Names, words: Mapping[str, Mapping[str, str]]) -> None:
        self._names = {field: names.get(field, ()) for field in FIELDS}
        self._words = words
        self.markers = frozenset(name for many in names.values() for name in many)
        self.content_attributes = frozenset(name for field in CONTENT for name in names.get(field, ()))

    def facts(self, sent: Sent) -> Facts:
        found = sent.attributes
        texts: dict[str, Any] = {field: self._word(field, found) for field in TEXTS}
        tokens, sources = read_tokens(found, {field: self._names[field] for field in TOKENS})
        kind = self._word("kind", found)
        if kind not in SPAN_KINDS:
            kind = "llm" if texts["request_model"] or tokens else None
        return Facts(
            kind=kind,
            provider=provider_name(self._word("provider", found)),
            client_cost_pico_usd=pico_usd(self._value("cost_usd", found)),
            time_to_first_token_ns=seconds_to_ns(self._value("time_to_first_token_s", found)),
            usage_sources=sources,
            **texts,
            **tokens,
        )

    def content(self, sent: Sent) -> Content:
        found = sent.attributes
        documents = from_json_text(self._value("documents", found))
        system = from_json_text(self._value("system_instructions", found))
        streaming = self._value("streaming", found)
        return Content(
            input=from_json_text(self._value("input", found)),
            output=from_json_text(self._value("output", found)),
            input_messages=messages_of(self._value("input_messages", found), "user"),
            output_messages=messages_of(self._value("output_messages", found), "assistant"),
            system_instructions=[p if isinstance(p, dict) else {"type": "text", "content": p} for p in as_list(system)]
            or None,
            tool=self._tool(found),
            documents=documents if isinstance(documents, list) else None,
            streaming=streaming if isinstance(streaming, bool) else None,
            finish_reasons=finish_reasons(from_json_text(self._value("finish_reasons", found))),
        )

    def _tool(self, found: Attributes) -> ToolUse | None:
        use = ToolUse(
            as_text(self._value("tool_name", found)),
            as_text(self._value("tool_call_id", found)),
            from_json_text(self._value("tool_arguments", found)),
            from_json_text(self._value("tool_result", found)),
        )
        return None if use == ToolUse(None, None, None, None) else use

    def _value(self, field: str, found: Attributes) -> Any:
        return first(found, self._names[field])

    def _word(self, field: str, found: Attributes) -> str | None:
        text = as_text(self._value(field, found))
        return self._words.get(field, {}).get(text, text) if text is not None else None


def read_mapping(path: Path) -> OwnMapping:
    """The mapping in a file. Raises ConfigError that names the entry to mend."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The mapping file {path} can't be read ({error.strerror}).", _HINT) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"The mapping file {path} is not YAML ({' '.join(str(error).split())}).", _HINT) from error
    if not isinstance(tree, dict) or not isinstance(tree.get("attributes"), dict):
        raise ConfigError(f"The mapping file {path} has no `attributes`, a map of attribute to field.", _HINT)
    unknown = sorted(set(map(str, tree)) - {"attributes", "values"})
    if unknown:
        raise ConfigError(f"The mapping file {path} has {unknown[0]}; it takes `attributes` and `values`.", _HINT)
    names: dict[str, tuple[str, ...]] = {}
    for attribute, field in tree["attributes"].items():
        _check_field(path, f"attributes, {attribute}", field)
        names[field] = (*names.get(field, ()), str(attribute))
    return OwnMapping(names, _words(path, tree.get("values") or {}))


def _words(path: Path, sent: Any) -> dict[str, dict[str, str]]:
    if not isinstance(sent, dict) or not all(isinstance(words, dict) for words in sent.values()):
        raise ConfigError(f"The mapping file {path}: `values` is a map of field to a map of words.", _HINT)
    for field in sent:
        _check_field(path, "values", field)
    return {field: {str(word): str(ours) for word, ours in words.items()} for field, words in sent.items()}


def _check_field(path: Path, place: str, field: Any) -> None:
    if field not in FIELDS:
        known = ", ".join(sorted(FIELDS))
        raise ConfigError(f"The mapping file {path}, {place}: {field} is no field.", f"Fields are {known}.")
