"""JSON as clients write it: Python's NaN, half a surrogate pair and integers without bounds beside what JSON has."""

import json
from typing import Any

import orjson


def parse(text: str | bytes) -> Any:
    """The value in JSON text. NaN and Infinity read as words, half a surrogate pair as `?`.

    Raises ValueError for what is not JSON, and for what nests deeper than Python can follow.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        tree = json.loads(text, parse_constant=str)
        return orjson.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


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
