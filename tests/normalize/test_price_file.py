"""The file of one's own prices: who matches, from when, and what is said where it can't be used."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llm_tracing.errors import PriceFileError
from llm_tracing.model import SpanFacts
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.price_file import parse
from tests.builders import chat, records, span

MILLION = 1_000_000
USD = 1_000_000_000_000


def _ns(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


def _call(
    model: str = "gpt-4o", day: str = "2026-11-23", provider: str = "openai", tokens: tuple[int, int] = (MILLION, 0)
) -> SpanFacts:
    attributes = chat(model=model, provider=provider, tokens=tokens)
    return records(span(attributes=attributes, start=_ns(day)))[0].facts()


@pytest.fixture
def prices_of(tmp_path: Path) -> Callable[[str], Prices]:
    def made(text: str) -> Prices:
        path = tmp_path / "prices.yaml"
        path.write_text(text, encoding="utf-8")
        return Prices(path)

    return made


RULES = """
models:
  - {model: "gpt-4*", input: 1, output: 0}
  - {model: "gpt-4o*", input: 2, output: 0}
  - {model: gpt-4o, input: 3, output: 0}
  - {model: "*", provider: azure, input: 4, output: 0}
  - {model: GPT-4o, provider: Azure OpenAI, input: 5, output: 0}
  - {model: gpt-5, start: 2026-07-01, input: 6, output: 0}
  - {model: gpt-5, start: 2026-09-01, input: 7, output: 0}
"""


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("gpt-4.1", "openai", 1),
        ("gpt-4o-mini", "openai", 2),
        ("gpt-4o", "openai", 3),
        ("GPT-4O", "openai", 3),
        ("gpt-4o-mini", "azure.ai.openai", 4),
        ("gpt-4o", "azure.ai.openai", 5),
        ("gpt-5", "openai", 7),
    ],
)
def test_the_entry_that_says_most_about_a_model_wins(
    prices_of: Callable[[str], Prices], model: str, provider: str, expected: int
) -> None:
    assert prices_of(RULES).cost(_call(model, provider=provider)) == expected * USD


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-06-30", None), ("2026-07-01", 6), ("2026-08-31", 6), ("2026-09-01", 7)]
)
def test_an_entry_holds_from_its_day_on(prices_of: Callable[[str], Prices], day: str, expected: int | None) -> None:
    """Before the first of them the public list says what it costs."""
    listed = Prices().cost(_call("gpt-5", day))
    assert listed not in (None, 6 * USD, 7 * USD)
    assert prices_of(RULES).cost(_call("gpt-5", day)) == (listed if expected is None else expected * USD)


def test_an_entry_for_the_requested_model_wins_over_the_list_of_the_returned_one(
    prices_of: Callable[[str], Prices],
) -> None:
    call = _call("gpt-4o")._replace(response_model="gpt-4o-2024-08-06")
    assert prices_of("models: [{model: gpt-4o, input: 3, output: 0}]").cost(call) == 3 * USD


def test_what_an_entry_leaves_out_costs_as_the_next_wider_price(prices_of: Callable[[str], Prices]) -> None:
    prices = prices_of("models: [{model: m, input: 2, cache_read: 0.5, output: 8, reasoning: 9, request: 0.25}]")
    found = prices.of(None, ("m",), 0)
    assert found is not None
    tokens = [int(price) for price in found.per_token]
    assert (
        tokens
        == [2 * MILLION] * 3 + [MILLION // 2] * 2 + [2 * MILLION] * 3 + [8 * MILLION, 9 * MILLION] + [8 * MILLION] * 2
    )
    assert prices.cost(_call("m", tokens=(0, 0))) == USD // 4


def test_the_bill_names_the_file_and_the_entry(prices_of: Callable[[str], Prices]) -> None:
    prices = prices_of("models:\n- {model: x, input: 1, output: 1}\n- {model: m, input: 2, output: 1}\n")
    found = prices.of(None, ("m",), 0)
    assert found is not None
    assert found.source == f"{prices.path}, entry 2"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("models: [\n", 2, "this is not YAML"),
        ("a: 1", 1, "one list named `models`"),
        ("- 1", 1, "one list named `models`"),
        ("models: 3", 1, "one list named `models`"),
        ("models:\n - 5", 2, "entry 1: it must have the form"),
        ("models:\n - {input: 1, output: 1}", 2, "`model` must name a model"),
        ("models:\n - {model: 5, input: 1, output: 1}", 2, "`model` must name a model"),
        ("models:\n\n - model: x\n   input: 1", 3, "entry 1 (x): `output` is missing; 0 says that it costs nothing"),
        ("models:\n - {model: x, input: -1, output: 1}", 2, "`input: -1` is no price"),
        ("models:\n - {model: x, input: .nan, output: 1}", 2, "`input: nan` is no price"),
        ("models:\n - {model: x, input: true, output: 1}", 2, "`input: True` is no price"),
        ("models:\n - {model: x, input: cheap, output: 1}", 2, "`input: cheap` is no price"),
        ("models:\n - {model: x, input: [1], output: 1}", 2, "is no price"),
        ("models:\n - {model: x, inputs: 1, output: 1}", 2, "`inputs` is not known; there are model, provider"),
        ("models:\n - {model: x, start: soon, input: 1, output: 1}", 2, "`start: soon` is no day"),
        ("models:\n - {model: x, start: 2026-13-01, input: 1, output: 1}", 2, "month must be in 1..12"),
        ("models:\n - {model: x, provider: 7, input: 1, output: 1}", 2, "`provider` must be a name"),
        ("models:\n - &a [*a]", 2, "entry 1"),
        ("models:\n - {{}: 3}", 2, "entry 1: found unhashable key"),
        ("models:\n - {model: x, input: 1, output: 1}\n - {model: X, input: 2, output: 1}", 3, "an entry above"),
        ("models: \x00", 1, "this is not YAML"),
        ("[" * 5_000, 1, "this is not YAML"),
    ],
)
def test_a_file_that_cant_be_used_says_where_and_what_to_do(text: str, line: int, says: str) -> None:
    with pytest.raises(PriceFileError) as caught:
        parse(text, "/etc/prices.yaml")
    assert caught.value.message.startswith(f"The price file /etc/prices.yaml can't be used, line {line}: ")
    assert says in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint == "Mend it, or unset LLM_TRACING_PRICES; docs/prices.md has the form."


@pytest.mark.parametrize("text", ["", "# nothing\n", "models: []"])
def test_an_empty_file_has_no_prices(text: str) -> None:
    assert parse(text, "prices.yaml") == []


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match="can't be read \\(No such file or directory\\)"):
        Prices(tmp_path / "none.yaml")
    (tmp_path / "latin").write_bytes(b"models: [{model: \xe9}]")
    with pytest.raises(PriceFileError, match="it is not UTF-8 text"):
        Prices(tmp_path / "latin")


def test_a_bad_file_leaves_the_prices_as_they_were(prices_of: Callable[[str], Prices]) -> None:
    prices = prices_of("models: [{model: m, input: 3, output: 0}]")
    before = prices.fingerprint
    assert prices.path is not None
    prices.path.write_text("models: [", encoding="utf-8")
    with pytest.raises(PriceFileError):
        prices.reload()
    assert (prices.fingerprint, prices.cost(_call("m"))) == (before, 3 * USD)
    prices.path.write_text("models: [{model: m, input: 4, output: 0}]", encoding="utf-8")
    prices.reload()
    assert prices.fingerprint != before
    assert prices.cost(_call("m")) == 4 * USD
