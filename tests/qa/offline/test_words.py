"""Words and tokens."""

import pytest

from llm_tracing.qa.offline.words import canonical, event_of, identifier_words, opened, singular, tokenise


@pytest.mark.parametrize(
    ("word", "one"),
    [("albums", "album"), ("countries", "country"), ("boxes", "box"), ("people", "person"), ("status", "status")],
)
def test_plurals_become_singular(word: str, one: str) -> None:
    assert singular(word) == one


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("InvoiceLine", ("invoice", "line")),
        ("BillingPostalCode", ("billing", "postal", "code")),
        ("tbl_shp_ln", ("tbl", "shipment", "line")),
        ("HTTPStatus", ("http", "status")),
    ],
)
def test_identifiers_are_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert identifier_words(name) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("clients", "customer"),
        ("hired", "hire"),
        ("returned", "return"),
        ("delivered", "delivery"),
        ("born", "birth"),
        ("songs", "track"),
        ("shipped", "shipment"),
    ],
)
def test_forms_and_synonyms_of_a_word_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_verbs_stand_for_events() -> None:
    assert event_of("bought") == "buy"
    assert event_of("borrowed") == "borrow"
    assert event_of("painted") is None


def test_tokens_keep_names_numbers_and_quotes_whole() -> None:
    found = [(t.text, t.kind) for t in tokenise(opened("What's AC/DC's \"Big Gun\" of 1,500.25 on 2010-01-05?"))]
    assert found == [
        ("What", "word"),
        ("is", "word"),
        ("AC/DC", "word"),
        ("'s", "possessive"),
        ("Big Gun", "quoted"),
        ("of", "word"),
        ("1,500.25", "number"),
        ("on", "word"),
        ("2010-01-05", "date"),
    ]


def test_contractions_and_hyphens_are_opened() -> None:
    assert opened("best-selling albums that don't sell") == "best selling albums that do not sell"
