"""What was acknowledged is on disk: the server is killed at any moment, started again, and everything is there once."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import httpx
import pytest

from llm_tracing.store.journal import FILE_NAME as JOURNAL
from tests.builders import NOON, hex_id, span, trace_hex, trace_request
from tests.langsmith_requests import MULTIPART, run_id
from tests.running import PROTOBUF, Running, stubs
from tests.server.process import serving
from tests.torture.senders import WAYS, Acknowledged, Sender, Way, lost_or_doubled, run_parts

ENOUGH = 8  # acknowledged requests of each sender before a kill
_ROUND = 1_000_000  # numbers of one round


# Checkpoints are rare, and requests are answered from the journal meanwhile: with so little log there are many.
_OFTEN = {"LLM_TRACING_CHECKPOINT_BYTES": "200000"}


def _round(folder: Path, turn: int, wait: Callable[[], None], **environment: str) -> list[Acknowledged]:
    """Load in all three ways, and a kill after every way had some of it acknowledged, and after `wait`."""
    with serving(folder, **environment) as server:
        senders = [Sender(server, 1 + _ROUND * turn + 100_000 * place, way) for place, way in enumerate(WAYS)]
        for sender in senders:
            sender.start()
        until = time.monotonic() + 60
        while time.monotonic() < until and min(len(sender.acknowledged) for sender in senders) < ENOUGH:
            time.sleep(0.005)
        wait()
        server.kill()
        for sender in senders:
            sender.join(60)
    assert [sender.failure for sender in senders if sender.failure] == []
    assert all(len(sender.acknowledged) >= ENOUGH for sender in senders)
    return [ack for sender in senders for ack in sender.acknowledged]


def _torture(folder: Path, rounds: int, **environment: str) -> list[Acknowledged]:
    moments = random.Random(rounds)
    acknowledged: list[Acknowledged] = []
    for turn in range(rounds):
        acknowledged += _round(folder, turn, lambda: time.sleep(moments.uniform(0, 0.3)), **environment)
    return acknowledged


def _journal_torture(folder: Path, rounds: int) -> list[tuple[Acknowledged, int]]:
    """Each kill comes right after requests went into the journal; what is lost or doubled in the end."""
    moments = random.Random(rounds)

    def wait() -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until and not (folder / JOURNAL).exists():
            time.sleep(0.0005)
        time.sleep(moments.uniform(0, 0.02))

    acknowledged: list[Acknowledged] = []
    left = 0
    for turn in range(rounds):
        acknowledged += _round(folder, turn, wait, **_OFTEN)
        left += (folder / JOURNAL).exists()
    assert left > 0
    with Running(folder) as restarted:  # which stores what the last one left
        assert not (folder / JOURNAL).exists()
        assert restarted.traces()
    return lost_or_doubled(folder, acknowledged)


def test_all_that_was_acknowledged_under_load_survives_a_kill_once(tmp_path: Path) -> None:
    acknowledged = _torture(tmp_path, 2)
    with Running(tmp_path) as restarted:
        _, number = next(ack for ack in acknowledged if ack[0] == "traces")
        detail = restarted.trace(trace_hex(number))
        assert [found.name for found in detail.spans] == ["root", "chat", "SELECT"]
        assert detail.spans[1].output == "yes"
        assert detail.trace.usage.total_tokens == 7
    assert lost_or_doubled(tmp_path, acknowledged) == []


def test_a_kill_while_requests_are_answered_from_the_journal_loses_nothing(tmp_path: Path) -> None:
    assert _journal_torture(tmp_path, 4) == []


@pytest.mark.long
def test_a_hundred_kills_while_requests_are_answered_from_the_journal_lose_nothing(tmp_path: Path) -> None:
    assert _journal_torture(tmp_path, 100) == []


@pytest.mark.long
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    assert lost_or_doubled(tmp_path, _torture(tmp_path, 100)) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_right_after_the_answer_loses_nothing(way: Way, tmp_path: Path) -> None:
    request = trace_request(span("only", 1, trace=trace_hex(1)))
    with serving(tmp_path) as server:
        if way == "grpc":
            with grpc.insecure_channel(server.grpc) as channel:
                stubs(channel)["traces"].Export(request, timeout=30)
                server.kill()
        else:
            langsmith = way == "langsmith"
            path = "/langsmith/runs/multipart" if langsmith else "/v1/traces"
            bodies = [body for _, body in run_parts(1)] if langsmith else [request.SerializeToString()]
            with httpx.Client(base_url=server.http, trust_env=False, timeout=30) as client:
                for body in bodies:
                    headers = {"Content-Type": MULTIPART if langsmith else PROTOBUF}
                    assert client.post(path, content=body, headers=headers).is_success
                server.kill()
    with Running(tmp_path) as restarted:
        [trace] = restarted.traces()
        detail = restarted.trace(trace.trace_id)
        if way == "langsmith":
            assert [found.attributes["langsmith.run_id"] for found in detail.spans] == [run_id(3)]
        else:
            assert (trace.trace_id, trace.start_time_unix_nano) == (trace_hex(1), str(NOON))
            assert detail.spans[0].span_id == hex_id(1)
