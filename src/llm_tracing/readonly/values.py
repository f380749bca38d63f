"""A database's values in JSON: exact where JSON can be, text where it cannot, of bounded size."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

MAX_CELL_CHARS = 10_000
# JavaScript's safe integers; a larger one would be shown wrongly, so it goes as text.
_MAX_INTEGER = 2**53 - 1

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def to_json(value: object) -> Json:
    """`value` in JSON; times in ISO 8601 with a space, bytes as 0x and hex, unknown types by their str()."""
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) <= _MAX_INTEGER else str(value)
        case float():
            return _float(value)
        case Decimal():
            return _decimal(value)
        case str():
            return _cut(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return _bytes(bytes(value))
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
        case _:
            return _cut(str(value))


def _float(value: float) -> Json:
    # 15 digits are what a double holds for certain: 2328.6000000000004, a sum of prices, is 2328.6 again.
    return float(f"{value:.15g}") if math.isfinite(value) else str(value)


def _decimal(value: Decimal) -> Json:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and abs(value) <= _MAX_INTEGER:
        return int(value)
    return float(value) if len(value.normalize().as_tuple().digits) <= 15 else str(value)


def _bytes(value: bytes) -> str:
    shown = value[: MAX_CELL_CHARS // 2]
    rest = f"... ({len(value):,} bytes)" if len(shown) < len(value) else ""
    return f"0x{shown.hex()}{rest}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL_CHARS else f"{text[:MAX_CELL_CHARS]}... ({len(text):,} characters)"
