"""Builders for requests of LangSmith's protocol."""

import json
from typing import Any
from uuid import UUID

Json = Any
BOUNDARY = "b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def run_id(number: int) -> str:
    """A uuid of version 7 whose first half is the same for every number, as those of one millisecond are."""
    return str(UUID(int=0x01A2_0925_1B91_7000_8000_0000_0000_0000 + number))


def order(*numbers: int) -> str:
    """The dotted_order of a run below its ancestors, which start a second apart."""
    return ".".join(f"20261123T1600{place:02}000001Z{run_id(number)}" for place, number in enumerate(numbers))


def run(*path: int, **fields: Json) -> dict[str, Json]:
    """The core of a run at the end of a path from its root; a field of None is left out."""
    named = {
        "id": run_id(path[-1]),
        "trace_id": run_id(path[0]),
        "parent_run_id": run_id(path[-2]) if path[1:] else None,
        "dotted_order": order(*path),
        "name": f"run {path[-1]}",
        "run_type": "chain",
        "session_name": "shop",
        **fields,
    }
    return {key: value for key, value in named.items() if value is not None}


def part(name: str, value: Json, headers: str = "Content-Type: application/json") -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return f'Content-Disposition: form-data; name="{name}"\r\n{headers}\r\n\r\n'.encode() + data


def multipart(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def split_off(verb: str, sent: dict[str, Json]) -> list[bytes]:
    """The parts of a run as the clients cut it."""
    apart = ("inputs", "outputs", "events", "extra", "error", "serialized")
    core = {key: value for key, value in sent.items() if key not in apart}
    name = f"{verb}.{sent['id']}"
    return [part(name, core), *(part(f"{name}.{key}", sent[key]) for key in apart if key in sent)]
