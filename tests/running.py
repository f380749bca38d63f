"""A real server for tests: started on free ports, spoken to over its sockets."""

from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import grpc
import httpx
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from pydantic import BaseModel

from llm_tracing.api import schema
from llm_tracing.config import ServerSettings
from llm_tracing.server import Addresses, Server
from tests.chosen_store import store_settings

Shape = TypeVar("Shape", bound=BaseModel)
Signal = Literal["traces", "logs", "metrics"]
PROTOBUF = "application/x-protobuf"


def signal_of(request: Message) -> Signal:
    if isinstance(request, ExportTraceServiceRequest):
        return "traces"
    return "logs" if isinstance(request, ExportLogsServiceRequest) else "metrics"


def stubs(channel: Any) -> dict[str, Any]:
    """The three collector services of a gRPC channel by signal."""
    made = {"traces": TraceServiceStub, "logs": LogsServiceStub, "metrics": MetricsServiceStub}
    return {signal: stub(channel) for signal, stub in made.items()}  # type: ignore[no-untyped-call]


class Running:
    """A server that answers, and a client of it. Every answer of the API is held against its shape."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.data = data
        self.server = Server(
            ServerSettings(**{"port": 0, "grpc_port": 0, "data": data, **store_settings(data), **settings})
        )
        self.addresses: Addresses = self.server.start()
        self.http = httpx.Client(base_url=self.addresses.http, trust_env=False, timeout=20)

    def export(self, *requests: Message) -> None:
        """Send requests that must be taken whole."""
        for request in requests:
            answer = self.post(f"/v1/{signal_of(request)}", request.SerializeToString())
            assert (answer.status_code, answer.content) == (200, b"")

    def post(self, path: str, body: bytes, content_type: str = PROTOBUF, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, content=body, headers={"Content-Type": content_type, **named})

    def export_grpc(self, request: Message, **options: Any) -> Any:
        """The answer of OTLP/gRPC; grpc.RpcError if it is refused."""
        with grpc.insecure_channel(self.addresses.grpc.removeprefix("http://")) as channel:
            return stubs(channel)[signal_of(request)].Export(request, timeout=10, **options)

    def get(self, path: str, shape: type[Shape], **parameters: Any) -> Shape:
        """A 200 of the API, read into its shape: an unknown, missing or mistyped field fails."""
        answer = self.http.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return shape.model_validate_json(answer.content, strict=True)

    def refused(self, path: str, **parameters: Any) -> tuple[int, schema.ApiErrorBody]:
        """The status and the error of a request that must not be answered with 200."""
        answer = self.http.get(f"/api/v1{path}", params=parameters)
        return answer.status_code, schema.ApiError.model_validate_json(answer.content, strict=True).error

    def traces(self, **parameters: Any) -> list[schema.TraceSummary]:
        return self.get("/traces", schema.TraceList, **parameters).traces

    def trace(self, trace_id: str, **parameters: Any) -> schema.TraceDetail:
        return self.get(f"/traces/{trace_id}", schema.TraceDetail, **parameters)

    def logs(self, **parameters: Any) -> list[schema.LogRecord]:
        return self.get("/logs", schema.LogList, **parameters).logs

    def metrics(self) -> list[schema.MetricSummary]:
        return self.get("/metrics", schema.MetricList).metrics

    def stop(self) -> None:
        self.http.close()
        self.server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
