from llm_tracing.model import FACTS, SpanFacts, SpanRecord, usd


def test_a_record_begins_with_the_fields_of_its_facts() -> None:
    assert SpanRecord._fields[:FACTS] == SpanFacts._fields


def test_money_is_plain_decimal_text() -> None:
    assert [usd(pico) for pico in (0, 1, 1_500_000_000, 3_000_000_000_000)] == ["0", "0.000000000001", "0.0015", "3"]
