"""The captures of real clients, sent to a running server over HTTP as the clients sent them."""

from urllib.request import Request, urlopen

from tests.normalize.corpus import Case

LANGSMITH, OTLP = "/langsmith", ""
_NOT_OURS = {
    "host",
    "connection",
    "content-length",
    "authorization",
    "x-api-key",
    "transfer-encoding",
    "accept-encoding",
}


def replay(case: Case, server: str) -> None:
    """Every request of a case in the order in which they arrived; what came by gRPC goes as a body of HTTP."""
    for row in case.requests():
        if row["file"] is None:
            continue
        body = (case.folder / row["file"]).read_bytes()
        headers = {name: value for name, value in row["headers"].items() if name.lower() not in _NOT_OURS}
        if row["method"] == "GRPC":
            headers = {"content-type": "application/x-protobuf"}
        with urlopen(Request(server + _path(row["path"]), body, headers), timeout=60) as response:
            assert response.status in (200, 202), row["path"]


def _path(sent: str) -> str:
    """The path at our server: LangSmith's below its own, OpenTelemetry's as it names it, wherever a vendor put it."""
    path = sent.split("?")[0]
    return f"/langsmith{path}" if path.startswith("/runs/") else path[path.index("/v1/") :]
