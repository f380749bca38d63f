"""The service as a process and as a thread: start, stop, and what stands in its way."""

import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from llm_tracing.qa.errors import DatabaseProblem, PortTaken, QaError, SettingsProblem
from llm_tracing.qa.service import serve
from llm_tracing.qa.settings import QaSettings
from tests.qa.process import running_service
from tests.qa.scripted import scripted_endpoint


def test_it_serves_in_a_thread_until_told_to_stop(settings: QaSettings) -> None:
    ready: list[str] = []
    is_ready, stop = threading.Event(), threading.Event()

    def on_ready(url: str) -> None:
        ready.append(url)
        is_ready.set()

    used = settings.model_copy(update={"model": "scripted", "base_url": "http://127.0.0.1:1/v1"})
    thread = threading.Thread(target=serve, args=(used, on_ready, stop))
    thread.start()
    try:
        assert is_ready.wait(20)
        assert not ready[0].endswith(":0")
        assert httpx.get(f"{ready[0]}/healthz", timeout=10).status_code == 200
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{ready[0]}/healthz", timeout=5)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_process_stops_cleanly_on_a_signal(data_folder: Path, end: signal.Signals) -> None:
    with (
        scripted_endpoint("SELECT COUNT(*) FROM Employee", "There are 8.") as model,
        running_service(
            LLM_TRACING_DATA=str(data_folder),
            LLM_TRACING_APPROACH="logging",
            LLM_TRACING_QA_MODEL="scripted",
            LLM_TRACING_QA_BASE_URL=model.base_url,
        ) as service,
    ):
        body = httpx.get(f"{service.url}/ask", params={"question": "How many employees?"}, timeout=30).json()
        assert body["rows"] == [[8]]
        service.process.send_signal(end)
        out, err = service.process.communicate(timeout=20)
    assert (service.process.returncode, out) == (0, "stopped\n")
    assert "Traceback" not in err


def test_a_taken_port_is_named_with_its_setting(settings: QaSettings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            serve(settings.model_copy(update={"port": port, "model": "scripted", "base_url": "http://127.0.0.1:1/v1"}))
    assert f"Port {port} on 127.0.0.1" in taken.value.message
    assert "--qa-port" in taken.value.hint
    assert "LLM_TRACING_QA_PORT" in taken.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_ours_is_told_with_its_setting(settings: QaSettings, host: str) -> None:
    with pytest.raises(QaError) as problem:
        serve(settings.model_copy(update={"host": host, "model": "scripted", "base_url": "http://x/v1"}))
    assert not isinstance(problem.value, PortTaken)
    assert host in problem.value.message
    assert "LLM_TRACING_QA_HOST" in problem.value.hint


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"database_url": "sqlite:////nowhere/x.sqlite"}, DatabaseProblem),
        ({"model": "nosuch", "base_url": None}, SettingsProblem),
    ],
)
def test_what_cannot_work_is_told_at_the_start(
    settings: QaSettings, changes: dict[str, object], problem: type[Exception]
) -> None:
    used = settings.model_copy(update={"model": "scripted", "base_url": "http://127.0.0.1:1/v1", **changes})
    with pytest.raises(problem):
        serve(used)
