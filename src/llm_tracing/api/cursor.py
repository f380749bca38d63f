"""Cursors: where a list goes on, as opaque text. They hold the time and the id of the last row."""

import base64
import binascii

from llm_tracing.errors import QueryError


def encode_cursor(time_unix_nano: int, tie: str) -> str:
    return base64.urlsafe_b64encode(f"{time_unix_nano}.{tie}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str, tie_base: int) -> tuple[int, str]:
    """(time, id) of a cursor; `tie_base` is 16 for hex ids, 10 for numbers. Raises QueryError."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        time, _, tie = text.partition(".")
        if not 0 <= int(time) < 2**64 or not 0 <= int(tie, tie_base) < 2**128:
            raise ValueError(cursor)
        return int(time), tie
    except (ValueError, binascii.Error) as error:
        raise QueryError("This cursor is none of ours.", "Take next_cursor as it is, or start without one.") from error
