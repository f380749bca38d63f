"""List prices as recording rules, so that Prometheus alone can say what calls cost.

Models of their own makers only: a resale has other prices under the same name, and a name must have one price.
Cached and reasoned tokens have no label in the token metric, so this is an estimate; the server's bill is exact.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import yaml

from llm_tracing.model import PICO_USD
from llm_tracing.normalize import price_list
from llm_tracing.normalize.buckets import Buckets

MAKERS = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere", "moonshotai")
METRIC = "llm_tracing:price_usd_per_token"
AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
"""A fixed day, so that the same code writes the same file; moved on when the list is."""
_HEAD = f"""# US dollars per token on {AS_OF:%Y-%m-%d}, from {price_list.SOURCE}; see scripts/dashboards.
# Models that are missing, or cheaper for you: add a rule of the same form to a file of your own.
"""


def prices() -> Iterator[tuple[str, str, str]]:
    """Model, type of token, US dollars for one; each pair once."""
    yield "offline-sql", "input", "0"
    yield "offline-sql", "output", "0"
    now = int(AS_OF.timestamp()) * 1_000_000_000
    seen: set[str] = set()
    for maker in MAKERS:
        for provider, model in price_list.listed():
            if provider != maker or model.id in seen:
                continue
            found = at(now) if (at := price_list.dated(provider, model)) else None
            if found is None:
                continue
            seen.add(model.id)
            for kind, bucket in (("input", "fresh_input"), ("output", "output")):
                price = found.per_token[Buckets._fields.index(bucket)]
                yield model.id, kind, format((Decimal(price) / PICO_USD).normalize(), "f")


def text() -> str:
    rules = [
        {
            "record": METRIC,
            "expr": f"vector({price})",
            "labels": {"gen_ai_request_model": model, "gen_ai_token_type": kind},
        }
        for model, kind, price in prices()
    ]
    group = {"name": "llm-tracing-prices", "interval": "1m", "rules": rules}
    return _HEAD + yaml.safe_dump({"groups": [group]}, sort_keys=False, width=200)
