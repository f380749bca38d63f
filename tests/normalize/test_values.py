"""Odd attribute values, read leniently or as not said."""

from typing import Any

import pytest

from llm_tracing.normalize.values import as_bool, first_id, seconds_to_ns

SCRUBBED = "[Scrubbed due to 'session']"


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"a": "s-1", "b": "s-2"}, "s-1"),
        ({"a": SCRUBBED, "b": "s-2"}, "s-2"),
        ({"a": "", "b": 42}, "42"),
        ({"a": SCRUBBED}, None),
        ({}, None),
    ],
)
def test_what_a_client_has_scrubbed_names_nobody(attributes: dict[str, Any], named: str | None) -> None:
    assert first_id(attributes, ("a", "b")) == named


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (True, True),
        ("True", True),
        (" false", False),
        (False, False),
        ("yes", None),
        (1, None),
        (None, None),
        ([], None),
    ],
)
def test_a_truth_value_may_come_as_a_word(sent: Any, read: bool | None) -> None:
    assert as_bool(sent) is read


@pytest.mark.parametrize(
    ("sent", "read"), [(0.25, 250_000_000), (-1, None), (1e300, None), (float("nan"), None), ("1", None)]
)
def test_seconds_that_are_no_time_are_not_said(sent: Any, read: int | None) -> None:
    assert seconds_to_ns(sent) == read
