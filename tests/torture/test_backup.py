"""A backup of a running server under load is whole, starts, and holds what was acknowledged before it."""

import time
from pathlib import Path
from threading import Event, Thread

from llm_tracing.store.database import UNFINISHED
from tests.builders import chat, span, trace_hex, trace_request
from tests.running import PROTOBUF, Running
from tests.server.process import run


def _load(server: Running, acknowledged: list[int], stop: Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        trace = trace_hex(number)
        call = span("chat", 2, 1, trace=trace, attributes=chat(f"question {number}", "yes", tokens=(1, 1)))
        body = trace_request(span("root", 1, trace=trace), call).SerializeToString()
        assert server.http.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF}).status_code == 200
        acknowledged.append(number)


def test_a_backup_under_load_is_whole(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    stop = Event()
    with Running(tmp_path / "data") as server:
        sender = Thread(target=_load, args=(server, acknowledged, stop))
        sender.start()
        while len(acknowledged) < 20:
            time.sleep(0.01)
        before = len(acknowledged)
        port = server.addresses.http.rpartition(":")[2]
        done = run("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "data"), "--port", port)
        stop.set()
        sender.join()
        assert done.returncode == 0, done.stderr
        assert [path.name for path in (tmp_path / "data").iterdir() if path.name.startswith(UNFINISHED)] == []
        last = len(acknowledged)
    with Running(tmp_path / "copy") as restored:
        found = {trace.trace_id: trace for trace in restored.traces(limit=1000)}
        assert {trace_hex(number) for number in range(max(1, before - 900), before + 1)} <= found.keys()
        assert all(trace.span_count == 2 for trace in found.values())
        assert len(found) <= last
        assert restored.trace(trace_hex(before)).spans[1].output == "yes"


def test_a_folder_that_no_server_has_is_copied_too_and_never_over_another(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as server:
        server.export(trace_request(span("only", 1)))
    done = run("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    with Running(tmp_path / "copy") as restored:
        assert [trace.name for trace in restored.traces()] == ["only"]
    again = run("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "data"))
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_a_server_elsewhere_is_named_as_what_to_set(tmp_path: Path) -> None:
    with Running(tmp_path / "data"):
        done = run("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "data"), "--port", "1")
    assert (done.returncode, "--port" in done.stderr) == (1, True)
    assert list((tmp_path / "copy").iterdir()) == []
