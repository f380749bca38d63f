"""Ingest of LangSmith runs to durable and queryable, in runs per CPU second of the server process.

`python -m bench.runs [--requests N]`. The load is what the Python client sent for one question answered by a LangChain
chain (14 runs, each posted and patched, 55 kB before zstd; from tests/data/corpus), again and again with fresh ids: one
question a request, as when few are asked, and seven, about what the client puts together when many are.
"""

import argparse
import re
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import zstandard

from bench.ingest import CONNECTIONS, each
from bench.server import Running, serving
from bench.table import show

REQUESTS = 2_000
_CAPTURE = Path(__file__).parent.parent / "tests/data/corpus/langsmith-langchain-0.15.0/s4"
_BODY = _CAPTURE / "002-runs-multipart.multipart.zst"
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_POST = re.compile(rb'name="post\.([0-9a-f-]{36})"')


def _fresh(body: bytes, dice: Random) -> bytes:
    """The same with other ids: of version 7 as they were, so that ids of one trace share their first half."""
    half = dice.getrandbits(48) << 16 | 0x7000
    names: dict[bytes, bytes] = {}

    def other(found: re.Match[bytes]) -> bytes:
        if found[0] not in names:
            number = half << 64 | 0x8000_0000_0000_0000 | dice.getrandbits(60)
            names[found[0]] = str(uuid.UUID(int=number)).encode()
        return names[found[0]]

    return _UUID.sub(other, body)


def bodies(count: int, seed: int = 1, questions: int = 1) -> tuple[str, list[bytes], int]:
    """The boundary, compressed bodies of so many questions, and how many runs they hold."""
    sent = zstandard.ZstdDecompressor().stream_reader(_BODY.read_bytes()).read()
    boundary = sent.split(b"\r\n", 1)[0].removeprefix(b"--").decode()
    dice, pack = Random(seed), zstandard.ZstdCompressor()
    runs = len(set(_POST.findall(sent)))
    end = b"--" + boundary.encode() + b"--"
    parts = sent[: sent.rindex(end)]
    made = (b"".join(_fresh(parts, dice) for _ in range(questions)) + end + b"\r\n" for _ in range(count))
    return boundary, [pack.compress(body) for body in made], runs * questions * count


def send_runs(server: Running, boundary: str, sent: Sequence[bytes]) -> None:
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Encoding": "zstd",
        "x-api-key": "k",
    }

    def sender() -> Callable[[bytes], None]:
        connection = server.connection()

        def send(body: bytes) -> None:
            connection.request("POST", "/langsmith/runs/multipart", body, headers)
            response = connection.getresponse()
            answer = response.read()
            assert response.status == 202, (response.status, answer)

        return send

    each(sent, sender)


def measure(requests: int, questions: int) -> list[str]:
    boundary, sent, runs = bodies(requests, questions=questions)
    first = max(1, 20 // questions)  # imports and first prices are not what is measured
    with serving() as server:
        send_runs(server, boundary, sent[:first])
        cpu, clock = server.cpu_s(), time.perf_counter()
        send_runs(server, boundary, sent[first:])
        clock, cpu = time.perf_counter() - clock, server.cpu_s() - cpu
        measured = runs * (requests - first) // requests
        stored = server.counter("llm_tracing_receiver_spans_total")
        assert stored == runs, (stored, runs)
    return [f"{runs // requests} runs a request", f"{measured / cpu:,.0f}", f"{measured / clock:,.0f}"]


def main(requests: int = REQUESTS) -> None:
    show(
        f"LangSmith multipart, zstd: {requests:,} questions, {CONNECTIONS} connections",
        ["", "runs / server CPU s", "runs / s"],
        [measure(requests, 1), measure(max(2, requests // 7), 7)],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    main(parser.parse_args().requests)
