"""Times as LangSmith's clients write them, to nanoseconds since the epoch; None for what is no time.

- ISO 8601 with an offset, with `Z`, or without a zone, which is UTC.
- A number: milliseconds in JavaScript; seconds, microseconds and nanoseconds are told by their size.
- The time in a segment of `dotted_order`: `20261123T155429469549Z`.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX = 2**63 - 1  # the year 2262
# A number below the first bound is seconds until the year 5138, then milliseconds, then microseconds, likewise.
_UNITS = ((10**11, 1_000_000_000), (10**14, 1_000_000), (10**17, 1_000), (2**63, 1))
_LONGEST = 200  # characters; a time has fewer than 50
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)?\Z", re.IGNORECASE
)
_SEGMENT = re.compile(r"(\d{8}T\d{6})(\d{0,9})\d*Z\Z")


def unix_nano(value: Any) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdecimal() and len(text) < 20:
            return _of_number(int(text))
        return _of_iso(text) if len(text) <= _LONGEST else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return _of_number(value)


def segment_unix_nano(text: str) -> int | None:
    """The time at the head of a segment of dotted_order, without the uuid that follows it."""
    found = _SEGMENT.match(text)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)  # the basic form, like the extended one
    except ValueError:
        return None
    return _nano(moment, found[2])


def _of_number(value: float) -> int | None:
    if value <= 0:
        return None
    factor = next((factor for bound, factor in _UNITS if value < bound), None)
    found = None if factor is None else round(value * factor)
    return found if found is not None and found <= _MAX else None


@lru_cache(maxsize=4096)  # a run says its start when it starts, when it ends, and as an event each time
def _of_iso(text: str) -> int | None:
    found = _ISO.match(text)
    if found is None:
        return None
    zone = (found[3] or "Z").upper()
    try:
        moment = datetime.fromisoformat(found[1] + ("+00:00" if zone == "Z" else zone))
        return _nano(moment, found[2] or "")
    except (ValueError, OverflowError):
        return None


def _nano(moment: datetime, fraction: str) -> int | None:
    since = moment - _EPOCH
    found = (since.days * 86_400 + since.seconds) * 1_000_000_000 + int(fraction.ljust(9, "0") or 0)
    return found if 0 < found <= _MAX else None
