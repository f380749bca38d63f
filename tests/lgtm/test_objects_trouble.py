"""What an object store answers badly, through obstore's own client over a socket: the reason, its words, what to set.

The answers are those of S3 (docs: "Error responses"), MinIO and versitygw; test_s3.py asks a real server.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llm_tracing.lgtm import bucket
from llm_tracing.lgtm.bucket import Bucket, ObjectsError


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "_RETRIES", {"max_retries": 0})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "top-secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@contextmanager
def s3_answering(status: int, body: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def xml(code: str, message: str, more: str = "") -> str:
    return f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'


def trouble_of(store: Bucket) -> ObjectsError:
    with pytest.raises(ObjectsError) as raised:
        store.put("a text", b"")
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "reason", "said", "hint"),
    [
        (
            403,
            xml("AccessDenied", "Access Denied."),
            "access",
            "answered 403 (AccessDenied: Access Denied)",
            "AWS_SECR",
        ),
        (403, xml("InvalidAccessKeyId", "No such key."), "access", "InvalidAccessKeyId", "Set AWS_ACCESS_KEY_ID"),
        (404, xml("NoSuchBucket", "There is none."), "address", "NoSuchBucket", "Make the bucket prompts, or name"),
        (
            400,
            xml("AuthorizationHeaderMalformed", "expecting &#34;eu-west-1&#34;", "<Region>eu-west-1</Region>"),
            "address",
            'expecting "eu-west-1"',
            "Set AWS_REGION to eu-west-1.",
        ),
        (400, xml("ExpiredToken", "It has expired."), "access", "ExpiredToken", "Set AWS_ACCESS_KEY_ID"),
        (503, xml("SlowDown", "Reduce your request rate."), "busy", "SlowDown", "limits"),
        (500, xml("InternalError", "Try again."), "failing", "answered 500", "log"),
        (404, "<!doctype html><title>Welcome</title>", "address", "answered 404", "AWS_ENDPOINT"),
    ],
)
def test_an_answer_is_told_with_what_to_set(
    monkeypatch: pytest.MonkeyPatch, status: int, body: str, reason: str, said: str, hint: str
) -> None:
    with s3_answering(status, body) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT", endpoint)
        trouble = trouble_of(Bucket("s3://prompts/here"))
    assert trouble.trouble.reason == reason
    assert said in trouble.trouble.said
    assert trouble.message == f"The object store s3://prompts/here failed: {trouble.trouble.said}."
    assert hint in (trouble.hint or "")
    assert "top-secret" not in trouble.line()


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{port}")
    trouble = trouble_of(Bucket("s3://prompts/here"))
    assert trouble.trouble[:2] == ("down", "no connection (Connection refused)")
    assert "AWS_ENDPOINT" in (trouble.hint or "")


def test_one_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "_client", lambda: {"timeout": "1s", "allow_http": "true"})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert trouble_of(Bucket("s3://prompts/here")).trouble.reason == "slow"


def test_a_text_that_is_missing_is_no_trouble_and_a_bucket_that_is_missing_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3_answering(404, xml("NoSuchKey", "It does not exist.")) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT", endpoint)
        assert Bucket("s3://prompts/here").get("a text") is None
    with s3_answering(404, xml("NoSuchBucket", "It does not exist.")) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT", endpoint)
        with pytest.raises(ObjectsError, match="NoSuchBucket"):
            Bucket("s3://prompts/here").get("a text")


def test_a_folder_in_the_way_of_the_texts(tmp_path: Path) -> None:
    (tmp_path / "payloads").write_text("a file")
    store = Bucket(tmp_path.as_uri())
    with pytest.raises(ObjectsError) as raised:
        store.put("payloads/a", b"")
    assert raised.value.trouble.reason == "failing"
    assert "LLM_TRACING_LGTM_OBJECTS" in (raised.value.hint or "")
    (tmp_path / "payloads").unlink()
    store.put("payloads/a", b"")
