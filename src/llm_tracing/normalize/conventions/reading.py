"""What the readers of the conventions share."""

from collections.abc import Mapping
from typing import Any

from llm_tracing.model import Attributes
from llm_tracing.normalize.values import as_int

Sources = tuple[tuple[str, str], ...]


def read_tokens(attributes: Attributes, names: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, Any], Sources]:
    """Token counts by canonical field, and for each field the attribute it came from: the first that has a count."""
    tokens: dict[str, Any] = {}
    sources: list[tuple[str, str]] = []
    for field, spellings in names.items():
        for attribute in spellings:
            count = as_int(attributes.get(attribute))
            if count is not None:
                tokens[field] = count
                sources.append((field, attribute))
                break
    return tokens, tuple(sources)
