"""Broken and hostile requests of LangSmith's protocol."""

import gzip
import json
import random
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import zstandard

from tests.hostile.case import JSON, Case, case
from tests.langsmith_requests import BOUNDARY, MULTIPART, multipart, part, run, run_id, split_off

PARTS, BATCH = "/langsmith/runs/multipart", "/langsmith/runs/batch"
_numbers = count(1_000_000)


def _good() -> tuple[list[bytes], str]:
    """The parts of an ordinary run, and its trace."""
    sent = run(next(_numbers), inputs={"q": "hello"}, outputs={"a": "yes"}, start_time="2026-11-23T16:00:00+00:00")
    return split_off("post", sent), UUID(sent["id"]).hex


def _among(name: str, *parts: bytes, status: int = 202) -> Case:
    good, trace = _good()
    return case(f"multipart: {name}", PARTS, multipart(*good, *parts), status, content_type=MULTIPART, keeps=(trace,))


def _odd_parts() -> Iterator[Case]:
    own = run_id(next(_numbers))
    yield _among("a part without meaning", part("what.is.this", {"a": 1}))
    yield _among("a path for a name", part("attachment." + own + ".../../../etc/passwd", b"root"))
    yield _among("an id that is none", part("post.not-a-uuid", {"name": "x"}))
    yield _among("an id of zeros", part(f"post.{UUID(int=0)}", {"name": "x"}))
    yield _among("a run that is a list", part(f"post.{own}", [1, 2]))
    yield _among("a run that is no JSON", part(f"post.{own}", b"{nope"))
    yield _among("inputs that are no JSON", part(f"post.{own}", {"name": "x"}), part(f"post.{own}.inputs", b"\xff\xfe"))
    yield _among("inputs that nest", part(f"post.{own}.inputs", b"[" * 50_000 + b"]" * 50_000))
    yield _among("wrong types", part(f"post.{run_id(next(_numbers))}", {
        "name": 5, "run_type": [], "start_time": {"a": 1}, "end_time": "yesterday", "trace_id": 7, "parent_run_id": "x",
        "tags": {"a": 1}, "extra": "none", "error": 3.5, "events": "e", "session_name": ["s"], "dotted_order": 9,
    }))  # fmt: skip
    yield _among("years that are none", part(f"post.{run_id(next(_numbers))}", {
        "name": "t", "start_time": "9999-12-31T23:59:59+00:00", "end_time": "0001-01-01T00:00:00+00:00"}))  # fmt: skip
    for number in ("NaN", "Infinity", "-1e400", "9" * 4_000):
        yield _among(f"the number {number[:9]}", part(f"post.{own}.outputs", f'{{"n": {number}}}'.encode()))
    yield _among("10 MB of a key", part(f"post.{run_id(next(_numbers))}.inputs", {"k" * 10_000_000: 1}))
    yield _among("the same part 500 times", *[part(f"patch.{own}.outputs", {"n": n}) for n in range(500)])
    yield _among("5,000 parts without meaning", *[part(f"x{n}", b"") for n in range(5_000)])
    self_parent = run_id(next(_numbers))
    yield _among(
        "its own parent",
        part(f"post.{self_parent}", {"name": "s", "trace_id": self_parent, "parent_run_id": self_parent}),
    )
    yield _among("feedback that is none", part(f"feedback.{own}", [1]), part("feedback.x", {}))


def _boundaries() -> Iterator[Case]:
    good, trace = _good()
    whole = multipart(*good)
    mark = f"--{BOUNDARY}".encode()

    def sent(name: str, body: bytes, *statuses: int, content_type: str = MULTIPART) -> Case:
        return case(f"boundary: {name}", PARTS, body, *statuses, content_type=content_type)

    yield sent("none named", whole, 400, 415, content_type="multipart/form-data")
    yield sent("another one named", whole, 400, content_type="multipart/form-data; boundary=other")
    yield sent("an empty one", whole, 400, content_type='multipart/form-data; boundary=""')
    yield sent("one of 100,000 characters", whole, 400, content_type="multipart/form-data; boundary=" + "b" * 50_000)
    yield sent("no end", whole[: -len(mark) - 6], 400)
    yield sent("only an end", mark + b"--\r\n", 202, 422)
    yield sent("only line feeds", whole.replace(b"\r\n", b"\n"), 400)
    yield sent("a part without a header", mark + b"\r\n\r\nbody\r\n" + mark + b"--\r\n", 400)
    yield sent("a header that does not end", mark + b"\r\nContent-Disposition: " + b"x" * 100_000, 400)
    yield sent("100,000 delimiters", (mark + b"\r\n") * 100_000, 400)
    inside = part(f"post.{run_id(next(_numbers))}", {"name": f"--{BOUNDARY}--", "x": f"--{BOUNDARY}"})
    good, trace = _good()
    yield case("boundary: inside a text", PARTS, multipart(*good, inside), 202, content_type=MULTIPART, keeps=(trace,))
    rng = random.Random(3)
    for cut in range(10, len(whole), max(1, len(whole) // 10)):
        yield sent(f"cut at {cut}", whole[:cut], 400)
    for turn in range(30):
        flipped = bytearray(whole)
        for _ in range(rng.randrange(1, 5)):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        yield sent(f"flipped {turn}", bytes(flipped), 202, 400, 422)


def _batches() -> Iterator[Case]:
    def sent(name: str, body: Any, *statuses: int, keeps: tuple[str, ...] = ()) -> Case:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return case(f"batch: {name}", BATCH, raw, *statuses, content_type=JSON, keeps=keeps)

    sane = run(next(_numbers), start_time="2026-11-23T16:00:00+00:00")
    trace = UUID(sane["id"]).hex
    yield sent("one of three is a run", {"post": [sane, 5, {"id": "x"}], "patch": None}, 202, keeps=(trace,))
    yield sent("no lists", {"post": {"a": 1}}, 422)
    yield sent("nothing", b"", 422)
    yield sent("not JSON", b"{", 400)
    yield sent("a list", [], 422)
    yield sent(
        "deep",
        b'{"post":[{"id":"' + run_id(1).encode() + b'","inputs":' + b"[" * 90_000 + b"]" * 90_000 + b"}]}",
        400,
        422,
    )
    cycle = [run(next(_numbers)) for _ in range(2)]
    cycle[0] |= {"parent_run_id": cycle[1]["id"], "trace_id": cycle[1]["id"]}
    cycle[1] |= {"parent_run_id": cycle[0]["id"], "trace_id": cycle[0]["id"]}
    yield sent("parents of each other", {"post": cycle}, 202)


def _bombs() -> Iterator[Case]:
    zeros = bytes(512 * 1024 * 1024)
    for encoding, body in (("gzip", gzip.compress(zeros, 1)), ("zstd", zstandard.compress(zeros, 1))):
        headers = {"Content-Encoding": encoding}
        yield case(f"{encoding}: a bomb", PARTS, body, 413, content_type=MULTIPART, headers=headers)


def langsmith_cases() -> Iterator[Case]:
    for some in (_odd_parts, _boundaries, _batches, _bombs):
        yield from some()
