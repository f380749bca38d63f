"""Attribute values as clients send them to the types of the canonical model: lenient in, exact out.

A value that cannot be what a field needs reads as None; nothing here raises.
"""

import math
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from llm_tracing.model import PICO_USD, Attributes
from llm_tracing.receive import json_text

MAX_COUNT = 10**12  # no call has a trillion tokens; sums of millions of such calls still fit 64 bits
MAX_DEPTH = 100  # JSON text that nests deeper stays text: what reads it may be recursive


def first(attributes: Attributes, names: Iterable[str]) -> Any:
    """The value of the first name that is there and holds something; an empty text holds nothing."""
    for name in names:
        value = attributes.get(name)
        if value is not None and value != "":
            return value
    return None


# What Logfire writes over a value whose attribute's name or text looks like a secret; `session` is such a word.
_SCRUBBED = "[Scrubbed due to "


def first_id(attributes: Attributes, names: Iterable[str]) -> str | None:
    """The first name's value as text, where it names somebody or something: a value scrubbed by the client does not."""
    for name in names:
        value = as_text(attributes.get(name))
        if value is not None and not value.startswith(_SCRUBBED):
            return value
    return None


def as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else str(value)


def as_int(value: Any) -> int | None:
    """A count: whole and not negative. Some clients send doubles or decimal text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    number = int(value)
    return number if number <= MAX_COUNT else None


def as_bool(value: Any) -> bool | None:
    """A truth value, or Python's or JSON's word for one."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pico_usd(value: Any) -> int | None:
    """An amount of USD as whole pico-USD; the sign and what is not a number are refused."""
    if value is None or isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value)) * PICO_USD
    except (InvalidOperation, ValueError):
        return None
    return int(amount) if amount.is_finite() and 0 <= amount < 2**63 else None


def seconds_to_ns(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    nanoseconds = value * 1_000_000_000
    return round(nanoseconds) if 0 <= nanoseconds < 2**63 else None


def from_json_text(value: Any) -> Any:
    """A JSON value where `value` is JSON text of an object or array; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            tree = json_text.parse(value)
        except ValueError:
            return value
        return tree if value.count("[") + value.count("{") <= MAX_DEPTH or _is_shallow(tree) else value
    return value


def _is_shallow(tree: Any) -> bool:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for node in level
            for item in (node.values() if isinstance(node, dict) else node)
            if isinstance(item, dict | list)
        ]
        if not level:
            return True
    return False
