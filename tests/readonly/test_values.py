import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from llm_tracing.readonly.values import MAX_CELL_CHARS, to_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (2**53, "9007199254740992"),
        (2328.6000000000004, 2328.6),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (Decimal("1.98"), 1.98),
        (Decimal("10.00"), 10),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (Decimal("NaN"), "NaN"),
        ("Acústico", "Acústico"),
        (date(2007, 1, 2), "2007-01-02"),
        (datetime(2007, 1, 2, 3, 4, 5), "2007-01-02 03:04:05"),
        (datetime(2007, 1, 2, tzinfo=UTC), "2007-01-02 00:00:00+00:00"),
        (time(3, 4), "03:04:00"),
        (timedelta(days=1, seconds=5), "1 day, 0:00:05"),
        (b"\x00\xff", "0x00ff"),
        (memoryview(b"ab"), "0x6162"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"a": [Decimal("1.5"), None]}, {"a": [1.5, None]}),
        ((1, {2}), [1, [2]]),
    ],
)
def test_a_value_becomes_json(value: object, expected: object) -> None:
    assert to_json(value) == expected
    json.dumps(to_json(value), allow_nan=False)


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    cut = to_json("x" * 20_000)
    assert isinstance(cut, str)
    assert cut == "x" * MAX_CELL_CHARS + "... (20,000 characters)"


def test_long_bytes_are_cut_and_say_how_long_they_were() -> None:
    cut = to_json(bytes(20_000))
    assert isinstance(cut, str)
    assert cut.endswith("... (20,000 bytes)")
    assert len(cut) < MAX_CELL_CHARS + 50
