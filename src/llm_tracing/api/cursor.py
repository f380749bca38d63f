"""Cursors: where a list goes on, as opaque text. They hold the time and the id of the last row."""

import base64
import binascii
import re
from typing import Literal

from llm_tracing.errors import QueryError

# What breaks ties of time in each list, see store.contract.Page.
List = Literal["traces", "spans", "logs", "annotations", "groups"]
_TIES: dict[List, str] = {
    "traces": "[0-9a-f]{32}",
    "spans": "[0-9a-f]{48}",
    "logs": "[0-9]{1,18}",
    "annotations": "[0-9a-f]{32}",
    "groups": "[0-9a-f]{32}",
}


def encode_cursor(time_unix_nano: int, tie: str) -> str:
    return base64.urlsafe_b64encode(f"{time_unix_nano}.{tie}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str, of: List) -> tuple[int, str]:
    """(time, id) of a cursor of one of the lists. Raises QueryError."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        found = re.fullmatch(rf"([0-9]{{1,20}})\.({_TIES[of]})", text)
        if found is None or int(found[1]) >= 2**64:
            raise ValueError(cursor)
        return int(found[1]), found[2]
    except (ValueError, binascii.Error) as error:
        raise QueryError("This cursor is none of ours.", "Take next_cursor as it is, or start without one.") from error
