"""What the readers of the conventions share."""

from collections.abc import Mapping
from typing import Any

from llm_tracing.model import USAGE_DETAILS, Attributes
from llm_tracing.normalize.values import as_int

Sources = tuple[tuple[str, str], ...]


def read_tokens(attributes: Attributes, names: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, Any], Sources]:
    """Token counts as fields of Facts, and for each bucket the attribute it came from: the first that has a count.

    `names` is canonical bucket -> attributes; the buckets of model.USAGE_DETAILS come together in the field `details`.
    """
    tokens: dict[str, Any] = {}
    details: dict[str, int] = {}
    sources: list[tuple[str, str]] = []
    for bucket, spellings in names.items():
        for attribute in spellings:
            sent = attributes.get(attribute)
            if sent is not None and (count := as_int(sent)) is not None:
                (details if bucket in USAGE_DETAILS else tokens)[bucket] = count
                sources.append((bucket, attribute))
                break
    if details:
        tokens["details"] = details
    return tokens, tuple(sources)
