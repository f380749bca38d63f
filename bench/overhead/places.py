"""The model that answers at once and the sink that takes everything: `python -m bench.overhead.places model|sink`.

The sink answers the POSTs of every protocol with success: OTLP over HTTP (also under Langfuse's and MLflow's
addresses), LangSmith's `/info` and `/runs/*`, and what MLflow's tracking client asks for. `GET /taken` gives what has
come since the last time, and forgets it.
"""

import gzip
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import zstandard
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.overhead import words
from bench.overhead.endpoint import Answer, Request, Response, serve

ROOT = Path(__file__).parents[2]
_MLFLOW_VERSION = b"3.17.2"
_MLFLOW_EXPERIMENT = {
    "experiment": {
        "experiment_id": "1",
        "name": "overhead",
        "artifact_location": "mlflow-artifacts:/1",
        "lifecycle_stage": "active",
    }
}
_LANGSMITH_INFO = {
    "version": "0.12.0",
    "batch_ingest_config": {
        "use_multipart_endpoint": True,
        "size_limit": 100,
        "size_limit_bytes": 20_971_520,
        "scale_up_qsize_trigger": 1000,
        "scale_up_nthreads_limit": 16,
        "scale_down_nempty_trigger": 4,
    },
    "instance_flags": {"zstd_compression_enabled": True},
}
_RUN = re.compile(rb'name="post\.[0-9a-f-]{36}"')


def model() -> Answer:
    """Chat completions: SQL where the prompt asks for it, otherwise the next of some answers of 200 tokens."""
    statement = _completion(words.STATEMENT)
    answers = cycle([_completion(answer) for answer in words.answers()])

    def answer(request: Request) -> Response:
        return Response(statement if words.ASKS_FOR_SQL.encode() in request.body else next(answers))

    return answer


def _completion(text: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 510, "completion_tokens": 200, "total_tokens": 710}
    return json.dumps(
        {
            "id": "chatcmpl-CkT0000000000000000000000000000",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [choice],
            "usage": usage,
        }
    ).encode()


class Sink:
    """Counts: requests, bytes on the wire and unpacked, spans, runs, log records, points, marks of the texts."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def answer(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if request.method == "GET":
            return self._read(path)
        plain = _unpacked(request)
        self._taken.update(requests=1, wire_bytes=len(request.body), plain_bytes=len(plain))
        self._taken[f"POST {path}"] += 1
        self._taken.update(prompts=plain.count(words.PROMPT_MARK), answers=plain.count(words.ANSWER_MARK))
        if "/v1/" in path and "protobuf" in request.headers.get("content-type", ""):
            self._taken.update(_counted(path, plain))
            return Response(b"", kind="application/x-protobuf")
        self._taken["runs"] += len(_RUN.findall(plain))
        if path.endswith("/mlflow/traces"):
            return _mlflow_trace(plain)
        return Response(status=202 if "/runs/" in path else 200)

    def _read(self, path: str) -> Response:
        if path == "/taken":
            taken, self._taken = self._taken, Counter()
            return Response(json.dumps(taken).encode())
        if path.endswith("/info"):
            return Response(json.dumps(_LANGSMITH_INFO).encode())
        if path == "/version":
            return Response(_MLFLOW_VERSION, kind="text/plain")
        if "/experiments/get" in path:
            return Response(json.dumps(_MLFLOW_EXPERIMENT).encode())
        return Response(status=404)


def _counted(path: str, body: bytes) -> dict[str, int]:
    message: Any
    if path.endswith("/v1/traces"):
        message = ExportTraceServiceRequest.FromString(body)
        scopes = [scope for resource in message.resource_spans for scope in resource.scope_spans]
        return {"spans": sum(len(scope.spans) for scope in scopes)}
    if path.endswith("/v1/logs"):
        message = ExportLogsServiceRequest.FromString(body)
        scopes = [scope for resource in message.resource_logs for scope in resource.scope_logs]
        return {"log_records": sum(len(scope.log_records) for scope in scopes)}
    message = ExportMetricsServiceRequest.FromString(body)
    scopes = [scope for resource in message.resource_metrics for scope in resource.scope_metrics]
    return {"metrics": sum(len(scope.metrics) for scope in scopes)}


def _mlflow_trace(body: bytes) -> Response:
    """As a server with a SQL store answers: what was sent, with the note that the spans are there already."""
    told = json.loads(body)
    info = told["trace"]["trace_info"]
    info.setdefault("tags", {})["mlflow.trace.spansLocation"] = "TRACKING_STORE"
    return Response(json.dumps(told).encode())


def _unpacked(request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "")
    if encoding == "gzip":
        return gzip.decompress(request.body)
    if encoding == "deflate":
        return zlib.decompress(request.body)
    if encoding == "zstd":
        with zstandard.ZstdDecompressor().stream_reader(request.body, read_across_frames=True) as reader:
            return reader.read()
    return request.body


@contextmanager
def running(name: str) -> Iterator[str]:
    """The base address of a model or sink in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.overhead.places", name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


if __name__ == "__main__":
    serve(model() if sys.argv[1] == "model" else Sink().answer)
