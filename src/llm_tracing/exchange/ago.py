"""How long ago, as a time that the API takes."""

import re
import time

from llm_tracing.errors import QueryError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def time_text(text: str) -> str:
    """`24h` as nanoseconds since the epoch; what is a time already stays. Raises QueryError."""
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip().lower())
    if found:
        return str(time.time_ns() - int(found[1]) * _UNITS[found[2]] * 1_000_000_000)
    if text and not text[:1].isdigit():
        raise QueryError(f"{text} is no time.", "Write 30m, 24h, 7d, or 2026-11-01T12:00:00Z.")
    return text
