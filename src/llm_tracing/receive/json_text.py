"""JSON as clients write it: Python's NaN, half a surrogate pair and integers without bounds beside what JSON has."""

import json
import math
from typing import Any

import orjson


def parse(text: str | bytes) -> Any:
    """The value in JSON text. NaN and Infinity read as words, numbers past all bounds as text, half a surrogate as `?`.

    Raises ValueError for what is not JSON, and for what nests deeper than Python can follow.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        tree = json.loads(text, parse_constant=str, parse_float=_number, parse_int=_number)
        return orjson.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _number(text: str) -> int | float | str:
    number = float(text)
    if not math.isfinite(number):
        return text
    return int(text) if text.lstrip("-").isdecimal() and abs(number) < 2**63 else number


def to_text(value: Any) -> str:
    """A value out of `parse` as JSON text, without spaces; ValueError for what nests deeper than Python can follow."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # nested deeper than 254 levels
        pass
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
