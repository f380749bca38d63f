"""Finding a model by a part of its name, for suggestions."""

import re
from collections.abc import Iterator

from llm_tracing.normalize import price_list
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.unit_prices import UnitPrices

# Providers whose own models they are come before those who resell them.
MAKERS: tuple[str, ...] = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "meta", "cohere")
_WORD = re.compile(r"[^\s/]+")


def search(prices: Prices, text: str, limit: int, now_ns: int) -> list[UnitPrices]:
    """At most `limit` models whose `provider/model` has every word of `text`, the likeliest first.

    Entries of the files come before the public list, and hide what they replace.
    """
    words = _WORD.findall(text.lower())
    found: dict[tuple[str | None, str], UnitPrices] = {}
    for entry in reversed(prices.entries):
        if entry.start_ns <= now_ns and _has(words, entry.provider, entry.model):
            found.setdefault((entry.provider, entry.model), entry.prices)
    own = list(found.values())[::-1]
    listed = sorted(_listed(words), key=lambda item: _rank(words, *item[:2]))
    for provider, model, info in listed:
        if len(own) >= limit:
            break
        dated = None if (provider, model) in found else price_list.dated(provider, info)
        unit_prices = dated(now_ns) if dated else None
        if unit_prices is not None:
            own.append(unit_prices)
    return own[:limit]


def _listed(words: list[str]) -> Iterator[tuple[str, str, object]]:
    for provider, info in price_list.listed():
        if not info.deprecated and _has(words, provider, info.id):
            yield provider, info.id, info


def _has(words: list[str], provider: str | None, model: str) -> bool:
    name = f"{provider or ''}/{model}".lower()
    return all(word in name for word in words)


def _rank(words: list[str], provider: str, model: str) -> tuple[int, int, int, str]:
    name = model.lower()
    begins = 0 if words and words[-1] == name else 1 if words and name.startswith(words[-1]) else 2
    maker = MAKERS.index(provider) if provider in MAKERS else len(MAKERS)
    return begins, maker, len(name) if words else 0, name
