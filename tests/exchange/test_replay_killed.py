"""A replay that is killed goes on where it was: nothing that was acknowledged twice, nothing that was not left out."""

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.builders import log, log_request, span, trace_hex, trace_request
from tests.exchange.otlp_target import OK, Said, Target, otlp_target
from tests.exchange.test_replay import replayed
from tests.running import Running

SPANS, RECORDS = 60, 40
COMMAND = [sys.executable, "-c", "from llm_tracing.cli import main; main()", "replay"]


def _bodies(target: Target) -> list[str]:
    return [
        record.body.string_value
        for kind, message in target.requests
        if kind == "logs"
        for resource in message.resource_logs  # type: ignore[attr-defined]
        for scope in resource.scope_logs
        for record in scope.log_records
    ]


@pytest.mark.parametrize("killed_at", [0, 3, 7])
def test_after_a_kill_only_the_request_in_flight_is_sent_again(killed_at: int, tmp_path: Path) -> None:
    """Six requests of spans, four of log records; the process dies while one is unanswered."""
    data = tmp_path / "data"
    with Running(data) as server:
        server.export(
            trace_request(*(span(f"span {n}", n + 1, trace=trace_hex(1 + n // 3)) for n in range(SPANS))),
            log_request(*(log(f"line {n}") for n in range(RECORDS))),
        )
    arrived, gone = Event(), Event()

    def answer(number: int) -> Said:
        if number == killed_at:
            arrived.set()
            gone.wait(60)
        return OK

    with otlp_target(answer) as target:
        asked = ["--data", str(data), "--to", target.address, "--batch", "10"]
        process = subprocess.Popen([*COMMAND, *asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert arrived.wait(120)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        gone.set()
        # A request comes only when the one before is on record, so exactly those before the last one are.
        assert len(target.requests) == killed_at + 1
        in_flight = target.requests.pop()
        code, said = replayed(*asked)
        assert code == 0, said
        assert target.requests[killed_at] == in_flight
        assert sorted(target.span_names()) == sorted(f"span {n}" for n in range(SPANS))
        assert sorted(_bodies(target)) == sorted(f"line {n}" for n in range(RECORDS))
        assert target.items() == [10] * 10


def test_what_arrives_late_between_two_runs_is_sent_by_the_second(tmp_path: Path) -> None:
    """Also what is older than all that was sent."""
    data = tmp_path / "data"
    with otlp_target() as target:
        for number in (5, 9, 1):
            with Running(data) as server:
                server.export(trace_request(span(f"at {number}", number, start=number * 1_000_000_000)))
            code, said = replayed("--data", str(data), "--to", target.address)
            assert code == 0, said
        assert target.span_names() == ["at 5", "at 9", "at 1"]
