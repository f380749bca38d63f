"""One JSON object a line, whoever speaks: tested through a real uvicorn in a process of its own."""

import json
from typing import Any

import pytest

from tests.telemetry.program import run_program

SERVICE = """
    import asyncio, logging, socket, threading, urllib.request, urllib.error, warnings
    from llm_tracing.telemetry.approaches import start_approach
    started = start_approach("{approach}", "shop", "1.2")
    import uvicorn
    log = logging.getLogger("shop")

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        log.info("asked with api_key=%s", "sk-abcdef123456", extra={{"password": "hunter2", "level": "mine", "n": 1}})
        await asyncio.get_running_loop().run_in_executor(None, __import__("contextvars").copy_context().run,
                                                         log.info, "in a worker\\nsecond line")
        if scope["path"] == "/boom":
            raise RuntimeError("boom with Bearer abcdefgh123")
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"ok"}})

    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off"{config}))
    thread = threading.Thread(target=server.run, kwargs={{"sockets": [bound]}}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{{bound.getsockname()[1]}}"

    def get(path, **headers):
        named = {{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            with urllib.request.urlopen(urllib.request.Request(base + path, headers=named), timeout=10) as answer:
                return answer.headers["x-request-id"]
        except urllib.error.HTTPError as error:
            return error.headers["x-request-id"]

    print(get("/one?token=abcdef", X_Request_ID="req-7"))
    print(get("/two", X_Request_ID="bad id\\t{{}}"))
    print(get("/three", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    print(get("/boom"))
    logging.getLogger("library").warning({{"a": 1, "secret": "s"}})
    logging.getLogger("library").error("odd %s", object(), extra={{"when": float("nan"), "message_": "m"}})
    warnings.warn("a warning", UserWarning)
    server.should_exit = True
    thread.join(10)
    started.shutdown()
    logging.getLogger("shop").warning("after the end")
"""


def lines_of(config: str = "") -> tuple[list[str], list[dict[str, Any]]]:
    ended = run_program(SERVICE.format(approach="json", config=config), "", warnings="default")
    *lines, last = ended.stderr.splitlines()
    assert last == "after the end"  # Python's own handler of last resort: ours is gone
    return ended.stdout.splitlines(), [json.loads(line) for line in lines]


@pytest.mark.parametrize("config", ["", ", log_config=None"], ids=["uvicorn's own log config", "none"])
def test_ours_uvicorns_and_libraries_lines_are_json_and_there_once(config: str) -> None:
    printed, lines = lines_of(config)
    by_logger: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        assert {"timestamp", "level", "logger", "message", "service.name", "service.instance.id"} <= set(line)
        assert (line["service.name"], line["service.version"]) == ("shop", "1.2")
        by_logger.setdefault(line["logger"], []).append(line)
    assert set(by_logger) == {"shop", "uvicorn.error", "uvicorn.access", "library", "py.warnings"}
    assert len(by_logger["shop"]) == 8
    assert len(by_logger["uvicorn.access"]) == 4
    text = json.dumps(lines)
    for secret in ("abcdef123456", "hunter2", "abcdefgh123", "token=abcdef"):
        assert secret not in text

    first, worker = by_logger["shop"][:2]
    assert first["request_id"] == worker["request_id"] == printed[0] == "req-7"
    assert worker["message"] == "in a worker\nsecond line"
    assert (first["password"], first["extra.level"], first["level"], first["n"]) == ("***", "mine", "INFO", 1)
    assert by_logger["shop"][2]["request_id"] == printed[1] != "bad id\t{}"
    assert by_logger["shop"][4]["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert "trace_id" not in first

    access = by_logger["uvicorn.access"][0]
    assert access["request_id"] == "req-7"
    assert (access["http.request.method"], access["url.path"]) == ("GET", "/one")
    assert access["http.response.status_code"] == 200
    [failed] = [line for line in by_logger["uvicorn.error"] if line["level"] == "ERROR"]
    assert "RuntimeError: boom with Bearer ***" in failed["exc_info"]
    mapping, odd = by_logger["library"]
    assert (mapping["a"], mapping["secret"]) == (1, "***")
    assert odd["when"] == "nan"


def test_plain_logging_has_each_line_once_through_the_root() -> None:
    ended = run_program(SERVICE.format(approach="logging", config=""), "", warnings="ignore")
    lines = [line for line in ended.stderr.splitlines() if "uvicorn" in line and "GET /one" in line]
    assert len(lines) == 1
    assert " INFO uvicorn.access: " in lines[0]
    assert len([line for line in ended.stderr.splitlines() if "INFO shop: asked" in line]) == 4
