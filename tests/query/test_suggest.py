"""What is offered while a query is typed, and which part of it an offer replaces."""

import pytest

from llm_tracing.query.language import filters, keys_of
from llm_tracing.query.suggest import MEANINGS, Suggestions, suggest
from llm_tracing.store.contract import ValueCount, Words

STORED = {
    ("model", None): ["gpt-4o-mini", "gpt-4o"],
    ("name", None): ['GET "x"'],
    ("attribute", None): ["http.route", "not a name"],
    ("attribute", "http.route"): ["/ask", "/a b"],
    ("score", None): ["quality"],
}


def _read(wanted: Words) -> list[ValueCount]:
    values = STORED.get((wanted.field, wanted.key), [])
    return [ValueCount(value, 7) for value in values if wanted.part in value]


def _offered(query: str, at: int | None = None) -> tuple[str, list[str]]:
    """The query as it is with the first offer taken, and all offers."""
    found = suggest(query, len(query) if at is None else at, "traces", _read)
    texts = [one.text for one in found.found]
    return query[: found.start] + (texts[0] if texts else "") + query[found.end :], texts


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("sta", "status:"),
        ("albums mod", "albums model:"),
        ("-kin", "-kind:"),
        ("status:e", "status:error"),
        ("status:", "status:ok"),
        ("model:4o-", "model:gpt-4o-mini"),
        ("a -model:g b", "a -model:gpt-4o-mini b"),
        ("name:GET", r'name:"GET \"x\""'),
        ('name:"GET', r'name:"GET \"x\""'),
        ("attr", "attr."),
        ("attr.ro", "attr.http.route:"),
        ("attr.http.route:", "attr.http.route:/ask"),
        ("attr.http.route:/a ", "attr.http.route:/a kind:"),
        ("score.", "score.quality:"),
        ("score.quality:", "score.quality:>0.5"),
        ("has:unp", "has:unpriced"),
        ("duration:>1", "duration:>1s"),
    ],
)
def test_the_first_offer_completes_what_is_typed(query: str, taken: str) -> None:
    at = query.index(" b") if query.endswith(" b") else len(query)
    assert _offered(query, at)[0] == taken


def test_an_offer_replaces_the_whole_word_around_the_cursor() -> None:
    assert _offered("staXX other", 3)[0] == "status: other"
    assert _offered("model:gpt-3 x", 9)[0] == "model:gpt-4o-mini x"


def test_nothing_typed_offers_every_key() -> None:
    _, texts = _offered("")
    assert [text.rstrip(":") for text in texts] == keys_of("traces")
    assert {"severity:", "span:", "event:"}.isdisjoint(texts)


def test_every_key_has_its_meaning() -> None:
    assert set(MEANINGS) == set(keys_of(None))


def test_what_is_no_key_has_no_values() -> None:
    for query in ("colour:r", "http://x", 'x "open text kin', "trace:0af"):
        assert not suggest(query, len(query), "traces", _read).found
    assert suggest("attr:x", 6, "traces", _read) == Suggestions(5, 6)


def test_a_name_that_the_language_cannot_write_is_not_offered() -> None:
    assert _offered("attr.")[1] == ["attr.http.route:"]


@pytest.mark.parametrize("key", [key for key in keys_of("traces") if not key.endswith(".")])
def test_every_offered_value_can_be_read(key: str) -> None:
    for text in _offered(f"{key}:")[1]:
        assert filters(f"{key}:{text}", "traces")
