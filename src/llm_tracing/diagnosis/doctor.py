"""All checks in order: the environment, whether what is sent arrives, what the server has, what a program does."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from llm_tracing.diagnosis import show
from llm_tracing.diagnosis.check import Check
from llm_tracing.diagnosis.delivery import check_path, check_probe, check_wire
from llm_tracing.diagnosis.environment import Surroundings, check_environment, installed
from llm_tracing.diagnosis.server import ServerApi, check_server, findings_of, first_that_answers
from llm_tracing.diagnosis.target import HTTP_PORT, PROTOCOL, TRACES_PROTOCOL, Target, first_of, target_of
from llm_tracing.diagnosis.watched import watch

AUTO = "opentelemetry-instrument"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said; `server` is the address of the API and the web UI."""

    endpoint: str | None = None
    server: str | None = None
    command: Sequence[str] = ()
    seconds: float = 30.0
    as_json: bool = False


def run(asked: Asked, env: Mapping[str, str] = os.environ) -> int:
    """Look, print, and return the exit code: 0 when all is well, 1 when something is wrong."""
    checks, report = examine(asked, env)
    wrong = any(check.is_wrong for check in checks)
    if asked.as_json:
        said = {
            "ok": not wrong,
            "checks": [check._asdict() for check in checks],
            "senders": report["senders"] if report else [],
        }
        sys.stdout.write(json.dumps(said, indent=2) + "\n")
    else:
        show.show(show.console(), checks, report)
    return int(wrong)


def examine(asked: Asked, env: Mapping[str, str]) -> tuple[list[Check], dict[str, Any] | None]:
    """The checks, and the server's own report, None if it could not be had."""
    auto = bool(asked.command) and PurePath(asked.command[0]).name == AUTO
    protocol, _ = first_of(env, TRACES_PROTOCOL, PROTOCOL)
    target: Target | None = None
    delivery: list[Check] = []
    try:
        # The distribution behind opentelemetry-instrument sends over gRPC unless told otherwise.
        target = target_of(env, asked.endpoint, "grpc" if auto and not protocol else "http/protobuf")
    except ValueError as error:
        delivery.append(Check("delivery", "error", str(error), "No exporter can use it as it is."))
    around = Surroundings(env, installed(), target.host if target else "localhost", auto)
    checks = check_environment(around)
    api = ServerApi(asked.server) if asked.server else first_that_answers(_server_addresses(target, env))
    server, report = check_server(api)
    known = api if report is not None else None
    if target is not None:
        delivery += check_path(target)
        delivery += check_wire(target) or check_probe(target, env, known)
    checks += delivery + server
    if asked.command:
        checks += watch(asked.command, asked.seconds, known, quiet=asked.as_json)
    if known is not None:
        report = known.doctor()  # with what has come since
        told = {check.sender for check in checks if check.section == "senders"}
        checks += [check for check in findings_of(report) if check.sender not in told]
    return checks, report


def _server_addresses(target: Target | None, env: Mapping[str, str]) -> list[str]:
    """Where the server may be: at the endpoint, whose port is its own for OTLP/HTTP and UI; else beside it."""
    port = env.get("LLM_TRACING_PORT")
    known = [f"http://127.0.0.1:{port}"] if port else []
    if target is None:
        return [*known, f"http://127.0.0.1:{HTTP_PORT}"]
    host = target.address.rpartition(":")[0]
    at_endpoint = [f"{'https' if target.tls else 'http'}://{target.address}"]
    beside = [f"http://{host}:{target.port + 1}"]  # 4317 and 4318
    return [*known, *beside, *at_endpoint] if target.is_grpc else [*at_endpoint, *known, *beside]
