"""What a call costs: unit prices found once per model, then plain arithmetic over its buckets.

Prices come, the first that knows the model, from the file that LLM_TRACING_PRICES names, from `prices.yaml` beside this
module (models that no list knows), and from the public list (`price_list.py`). A model that none of them knows has no
price, which is never 0.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path

from llm_tracing.errors import PriceFileError
from llm_tracing.model import CallRow, SpanFacts
from llm_tracing.normalize import price_list
from llm_tracing.normalize.buckets import buckets, from_local_cache
from llm_tracing.normalize.price_file import Entry, matching, parse
from llm_tracing.normalize.providers import provider_name
from llm_tracing.normalize.unit_prices import FROM_LOCAL_CACHE, Charge, UnitPrices, charge

_KEPT = 10_000
_RULES = "1"  # goes up when the arithmetic changes, so that history is priced again
_MAX_FILE = 4 * 1024 * 1024

Dated = Callable[[int], UnitPrices | None]
Models = tuple[str | None, ...]


class _Book:
    """All price sources at one time; never changed, but for the memory of what was found."""

    def __init__(self, path: Path | None) -> None:
        self._own_text = files("llm_tracing.normalize").joinpath("prices.yaml").read_text(encoding="utf-8")
        self._text = _read(path) if path else ""
        self.entries = (
            parse(self._text, str(path)) if path else [],
            parse(self._own_text, "prices.yaml", "prices that come with LLM Tracing"),
        )
        self.known: dict[tuple[str | None, Models], Sequence[Dated]] = {}

    @property
    def fingerprint(self) -> str:
        parts = (_RULES, price_list.VERSION, self._own_text, self._text)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

    def look_up(self, provider: str | None, models: Models) -> Sequence[Dated]:
        """Where to ask for a price, the first that has one at the time of the call is right."""
        names = [model for model in dict.fromkeys(models) if model]
        found: list[Dated] = []
        for entries in self.entries:
            for model in names:
                for group in matching(entries, provider, model):
                    if group[0].start_ns == 0 and len(group) == 1:
                        return [*found, partial(_always, group[0].prices)]
                    found.append(partial(_latest, group))
        found.extend(dated for model in names if (dated := price_list.find(provider, model)) is not None)
        return found


class Prices:
    """Prices and costs. Any thread may ask; `reload` swaps all prices at once."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises PriceFileError if there is a file that can't be used."""
        self.path = path
        self._book = _Book(path)

    def reload(self) -> None:
        """Read the file again. Raises PriceFileError; then the prices are as before."""
        self._book = _Book(self.path)

    @property
    def fingerprint(self) -> str:
        """Changes with anything that may change a price."""
        return self._book.fingerprint

    @property
    def entries(self) -> list[Entry]:
        """The entries of the files."""
        return [entry for entries in self._book.entries for entry in entries]

    def of(self, provider: str | None, models: Models, time_unix_nano: int) -> UnitPrices | None:
        """The prices of the first of these names of one model that any source knows; None if there is none."""
        book = self._book
        key = (provider, models)
        places = book.known.get(key)
        if places is None:
            if len(book.known) >= _KEPT:
                book.known.clear()
            places = book.known[key] = book.look_up(provider, models)
        for dated in places:
            prices = dated(time_unix_nano)
            if prices is not None:
                return prices
        return None

    def named(self, name: str, time_unix_nano: int) -> UnitPrices | None:
        """The prices of a model by its name, or by `provider/name`."""
        provider, _, model = name.partition("/")
        if model and self._is_provider(provider):
            prices = self.of(provider_name(provider) or provider, (model,), time_unix_nano)
            if prices is not None:
                return prices
        return self.of(None, (name,), time_unix_nano)

    def _is_provider(self, name: str) -> bool:
        folded = provider_name(name) or name
        return any(entry.provider == folded for entry in self.entries) or price_list.is_provider(name)

    def charge(self, span: SpanFacts) -> Charge | None:
        """What a call costs, bucket by bucket; None if its model has no price or it has no tokens to be priced."""
        if from_local_cache(span):
            return FROM_LOCAL_CACHE
        if not span.has_tokens:
            return None
        prices = self.of(span.provider, (span.response_model, span.request_model), span.start_time_unix_nano)
        return None if prices is None else charge(prices, buckets(span))

    def cost(self, span: SpanFacts) -> int | None:
        """Pico-USD of a call; None as for `charge`."""
        found = self.charge(span)
        return None if found is None else found.total

    def cost_of_stored(self, call: CallRow) -> int | None:
        """What `cost` says of the span that a stored call was made of."""
        if from_local_cache(call):
            return 0
        if not call.has_tokens:
            return None
        prices = self.of(call.provider, (call.model, call.request_model), call.start_time_unix_nano)
        return None if prices is None else charge(prices, buckets(call)).total


def _always(prices: UnitPrices, _: int) -> UnitPrices:
    return prices


def _latest(group: list[Entry], time_unix_nano: int) -> UnitPrices | None:
    return next((entry.prices for entry in reversed(group) if entry.start_ns <= time_unix_nano), None)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE).decode("utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    raise PriceFileError(
        f"The price file {path} can't be read ({reason}).", "Put it there, or unset LLM_TRACING_PRICES."
    )
