"""The form of a request in the journal says all that the request said."""

import pytest
from google.protobuf.message import Message

from llm_tracing.receive.as_bytes import from_bytes, to_bytes
from llm_tracing.receive.runs import RunsRequest, batch_of_runs, multipart_runs, one_run
from tests.builders import counter, log, log_request, metric_request, span, trace_request
from tests.langsmith_requests import MULTIPART, multipart, part, run, run_id, split_off
from tests.running import signal_of


@pytest.mark.parametrize(
    "request_", [trace_request(span("one", 1)), log_request(log("said")), metric_request(counter("count", 1))]
)
def test_a_request_of_otlp_comes_back(request_: Message) -> None:
    assert from_bytes(signal_of(request_), to_bytes(request_)) == request_


RUN = run(
    1, name="asked", inputs={"q": 'why "this"?\n\u2028 \U0001f600'}, extra={"metadata": {"big": 2**60}}, error=None
)
FULL = multipart(
    *split_off("post", RUN),
    *split_off("patch", run(1, 2, outputs={"a": [1.5, None, True]}, events=[{"name": "new_token"}], error="it broke")),
    part(f"attachment.{run_id(1)}.a picture.png", "\x00\xff", 'Content-Type: image/png; x="y"'),
    part(f"feedback.{run_id(9)}", {"run_id": run_id(1), "key": "right", "score": 1}),
    part(f"patch.{run_id(3)}.outputs", {}),
)


@pytest.mark.parametrize(
    "runs",
    [
        multipart_runs(FULL, MULTIPART),
        batch_of_runs(
            b'{"post": [{"id": "%s", "inputs": {"n": 1e400, "deep": %s}}]}'
            % (run_id(5).encode(), b"[" * 300 + b"]" * 300)
        ),
        one_run(b'{"outputs": {"a": "\\ud800"}, "unknown": NaN}', "patch", run_id(6)),
    ],
)
def test_runs_come_back(runs: RunsRequest) -> None:
    assert not runs.is_empty
    found = from_bytes("runs", to_bytes(runs))
    assert isinstance(found, RunsRequest)
    assert (found.operations, found.feedback) == (runs.operations, runs.feedback)
