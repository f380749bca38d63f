"""Prices in a YAML file: our own of models that no list knows, and those that somebody sets over the public list.

    models:
      - model: gpt-4o*            # exact, or with `*` for any characters
        provider: openai          # optional
        start: 2026-07-01         # optional: holds from that day on, UTC
        input: 2.50               # USD per million tokens
        output: 10
        request: 0.001            # USD per call, beside its tokens

Of the entries that match a model, those that name the provider come first, then exact names, then longer patterns; of
entries for the same name, the one that started last.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import yaml

from llm_tracing.errors import PriceFileError
from llm_tracing.model import PICO_USD
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.unit_prices import UnitPrices, per_token

# Name in the file -> bucket. What is left out costs as unit_prices.FALLBACKS says.
PRICES: dict[str, str] = {
    "input": "fresh_input",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "cache_write_1h": "cache_write_1h",
    "output": "output",
    "reasoning": "reasoning",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}
REQUIRED = ("input", "output")
KEYS = ("model", "provider", "start", *PRICES, "request", "source", "checked")
MAX_PRICE = Decimal(1_000_000)  # USD per million tokens: a dollar a token
_HINT = "Mend it, or unset LLM_TRACING_PRICES; docs/prices.md has the form."


class Entry(NamedTuple):
    """One entry; `start_ns` is 0 where it holds from the beginning."""

    model: str
    provider: str | None
    start_ns: int
    prices: UnitPrices
    pattern: re.Pattern[str] | None  # None: an exact name

    def matches(self, provider: str | None, model: str) -> bool:
        if self.provider is not None and self.provider != provider:
            return False
        return self.pattern.fullmatch(model) is not None if self.pattern else self.model == model

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Lower comes first."""
        return self.provider is None, self.pattern is not None, -len(self.model)


def parse(text: str, name: str, source: str | None = None) -> list[Entry]:
    """The entries of a file; `name` is what errors call it. Raises PriceFileError, with the line."""
    found: list[Entry] = []
    seen: set[tuple[str, str | None, int]] = set()
    loader, nodes = _entry_nodes(text, name)
    for number, node in enumerate(nodes, 1):
        value: Any = None
        try:
            value = loader.construct_document(node)
            entry = _entry(value, source or f"{name}, entry {number}")
            if entry[:3] in seen:
                raise ValueError("an entry above has the same model, provider and start")
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            who = f" ({value['model']})" if isinstance(value, dict) and isinstance(value.get("model"), str) else ""
            wrong = getattr(error, "problem", None) or error
            raise _error(name, node.start_mark.line + 1, f"entry {number}{who}: {wrong}") from None
        seen.add(entry[:3])
        found.append(entry)
    return sorted(found, key=lambda entry: (entry.rank, entry.start_ns))


def _entry_nodes(text: str, name: str) -> tuple[Any, list[Any]]:
    """What makes values of YAML nodes, and the node of each entry."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it nests too deep"
        raise _error(name, mark.line + 1 if mark else 1, f"this is not YAML ({problem})") from None
    if root is None:
        return loader, []
    keys = root.value if isinstance(root, yaml.MappingNode) else []
    if [key.value for key, _ in keys] != ["models"] or not isinstance(keys[0][1], yaml.SequenceNode):
        raise _error(name, root.start_mark.line + 1, "the file must hold one list named `models`")
    return loader, list(keys[0][1].value)


def matching(entries: Iterable[Entry], provider: str | None, model: str) -> list[list[Entry]]:
    """The entries for a model in groups of one name each, the group to be asked first first; starts ascend."""
    model = model.lower()
    groups: dict[tuple[str, str | None], list[Entry]] = {}
    for entry in entries:
        if entry.matches(provider, model):
            groups.setdefault((entry.model, entry.provider), []).append(entry)
    return list(groups.values())


def _error(name: str, line: int, what: str) -> PriceFileError:
    return PriceFileError(f"The price file {name} can't be used, line {line}: {what}.", _HINT)


def _entry(value: Any, source: str) -> Entry:
    """Raises ValueError with what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("it must have the form `name: value`")
    unknown = [str(key) for key in value if key not in KEYS]
    if unknown:
        raise ValueError(f"`{unknown[0]}` is not known; there are {', '.join(KEYS)}")
    model = value.get("model")
    if not isinstance(model, str) or not model.strip():
        raise ValueError("`model` must name a model, in quotes if it looks like a number or begins with `*`")
    model = model.strip().lower()
    missing = next((key for key in REQUIRED if value.get(key) is None), None)
    if missing:
        raise ValueError(f"`{missing}` is missing; 0 says that it costs nothing")
    provider = value.get("provider")
    if provider is not None and not isinstance(provider, str):
        raise ValueError("`provider` must be a name")
    tokens = per_token({PRICES[key]: _price(key, value[key]) for key in PRICES if value.get(key) is not None})
    request = _price("request", value["request"]) if value.get("request") is not None else Decimal(0)
    folded = provider_name(provider) or provider
    return Entry(
        model,
        folded,
        _start(value.get("start")),
        UnitPrices(tokens, request * PICO_USD, (), source, folded, model),
        re.compile(".*".join(map(re.escape, re.split(r"\*+", model))), re.DOTALL) if "*" in model else None,
    )


def _price(key: str, value: Any) -> Decimal:
    try:
        price = Decimal("NaN" if isinstance(value, bool) else str(value))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= MAX_PRICE:
        raise ValueError(f"`{key}: {value}` is no price; it is a number of USD, 0 or more")
    return price


def _start(value: Any) -> int:
    """Midnight UTC of a day as nanoseconds."""
    if value is None:
        return 0
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"`start: {value}` is no day; write it as 2026-07-01")
    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return max(0, int(midnight.timestamp()) * 1_000_000_000)
