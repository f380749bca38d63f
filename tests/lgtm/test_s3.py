"""Long texts in a bucket of a real S3 server: whole after the window is gone, and never acknowledged if not stored."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.rpc.status_pb2 import Status

from tests.builders import TRACE, chat, span, trace_request
from tests.lgtm.fakes import Stack
from tests.lgtm.opened import settings_over
from tests.lgtm.s3 import S3Server, build
from tests.running import PROTOBUF, Running

pytestmark = pytest.mark.long
PROMPT = "Which albums are the most popular? " + "Think of every customer. " * 400
TRACES = "/v1/traces"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    build()
    with S3Server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("AWS_ALLOW_HTTP", raising=False)


@pytest.fixture
def bucket(s3: S3Server) -> Path:
    return s3.make_bucket(f"traces-{uuid4().hex[:8]}")


def over(fakes: Stack, folder: Path, bucket: str) -> Running:
    return Running(folder, **{**settings_over(fakes), "lgtm_objects": f"s3://{bucket}/llm-tracing"})


def question(prompt: str = PROMPT) -> Any:
    return trace_request(span("chat", 2, attributes=chat(prompt, "Minha Historia, 27.", tokens=(1200, 34))))


def prompt_of(server: Running) -> Any:
    [call] = server.trace(TRACE).spans
    assert call.input_messages is not None
    return call.input_messages[0]["parts"][0]["content"]


def refusal(server: Running, fakes: Stack) -> str:
    """What a sender is told; nothing may have been acknowledged, nor gone to Tempo."""
    answer = server.post(TRACES, question().SerializeToString())
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    assert fakes.tempo.writes() == []
    assert server.traces() == []
    # What an application that comes with short texts sends is not held up by it.
    short = trace_request(span("GET /", 9, trace="ab" * 16)).SerializeToString()
    assert server.post(TRACES, short).status_code == 200
    assert [trace.trace_id for trace in server.traces()] == ["ab" * 16]
    return str(Status.FromString(answer.content).message)


def test_a_long_prompt_is_whole_after_the_window_is_gone(fakes: Stack, tmp_path: Path, bucket: Path) -> None:
    with over(fakes, tmp_path / "data", bucket.name) as server:
        server.export(question())
        assert prompt_of(server) == PROMPT
    assert list((bucket / "llm-tracing" / "payloads").rglob("*.zst"))
    assert PROMPT.encode() not in fakes.tempo.writes()[0].body
    shutil.rmtree(tmp_path / "data")
    with over(fakes, tmp_path / "data", bucket.name) as server:
        assert prompt_of(server) == PROMPT


@pytest.mark.parametrize(
    ("setting", "value", "said", "hint"),
    [
        (
            "AWS_SECRET_ACCESS_KEY",
            "another",
            "SignatureDoesNotMatch",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        ("AWS_ACCESS_KEY_ID", "nobody", "answered", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ("AWS_REGION", "us-west-7", "us-west-7", "Set AWS_REGION to eu-central-1"),
        ("AWS_ENDPOINT", "http://127.0.0.1:9", "no connection (Connection refused)", "AWS_ENDPOINT"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_acknowledged(
    fakes: Stack,
    tmp_path: Path,
    bucket: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str,
    said: str,
    hint: str,
) -> None:
    monkeypatch.setenv(setting, value)
    with over(fakes, tmp_path / "data", bucket.name) as server:
        told = refusal(server, fakes)
    assert f"s3://{bucket.name}/llm-tracing" in told
    assert said in told
    assert hint in told


def test_a_bucket_that_is_missing_is_named_and_may_be_made_later(s3: S3Server, fakes: Stack, tmp_path: Path) -> None:
    with over(fakes, tmp_path / "data", "not-there-yet") as server:
        told = refusal(server, fakes)
        assert "NoSuchBucket" in told
        assert "Make the bucket not-there-yet, or name another in LLM_TRACING_LGTM_OBJECTS." in told
        s3.make_bucket("not-there-yet")
        server.export(question())
        assert prompt_of(server) == PROMPT


def test_a_server_that_stops_is_told_and_taken_up_again(s3: S3Server, fakes: Stack, tmp_path: Path) -> None:
    bucket = s3.make_bucket("stops")
    with over(fakes, tmp_path / "data", bucket.name) as server:
        s3.stop()
        try:
            answer = server.post(TRACES, question().SerializeToString())
            assert answer.status_code == 503
            assert fakes.tempo.writes() == []
        finally:
            s3.start()
        assert server.post(TRACES, question().SerializeToString(), PROTOBUF).status_code == 200
        assert prompt_of(server) == PROMPT


def test_without_credentials_it_says_which_to_set(
    fakes: Stack, tmp_path: Path, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")  # a machine without a role
    with over(fakes, tmp_path / "data", bucket.name) as server:
        told = refusal(server, fakes)
    assert "no credentials" in told
    assert "AWS_ACCESS_KEY_ID" in told
