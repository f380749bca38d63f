"""The command line: `llm-tracing serve`, `demo`, `qa`. Errors are one line and exit code 1."""

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

try:
    import typer
    from rich.console import Console
except ImportError:  # the base install is the app side alone
    sys.stderr.write("The command line needs the server: pip install 'llm-tracing[server]'\n")
    raise SystemExit(1) from None

app = typer.Typer(
    name="llm-tracing",
    help="See what happens inside an LLM service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Port = Annotated[int | None, typer.Option(help="UI, API and OTLP/HTTP [LLM_TRACING_PORT, 4318]; 0 picks a free one.")]
GrpcPort = Annotated[int | None, typer.Option(help="OTLP/gRPC [LLM_TRACING_GRPC_PORT, 4317].")]
Host = Annotated[str | None, typer.Option(help="Address to listen on [LLM_TRACING_HOST, 127.0.0.1].")]
Data = Annotated[Path | None, typer.Option(help="The data folder [LLM_TRACING_DATA].")]
QaPort = Annotated[int | None, typer.Option(help="The reference service [LLM_TRACING_QA_PORT, 8080].")]


def _server_settings(**flags: Any) -> Any:
    from pydantic import ValidationError

    from llm_tracing.config import ServerSettings

    try:
        return ServerSettings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        _fail(f"LLM_TRACING_{name.upper()} (or its flag): {first['msg']}, not {first.get('input')!r}.")


def _fail(line: str) -> Any:
    err.print(f"[red]error[/] {line}", markup=True)
    raise typer.Exit(1)


def _until_stopped() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C ends the process at once."""
    stopped = threading.Event()

    def stop(number: int, _: object) -> None:
        if stopped.is_set():
            raise SystemExit(128 + number)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def _wait(stopped: threading.Event, alive: Callable[[], bool] = lambda: True) -> None:
    while not stopped.wait(0.5) and alive():
        pass


@app.callback()
def _commands() -> None:
    """Several commands, even while there is only one."""


@app.command()
def serve(port: Port = None, grpc_port: GrpcPort = None, host: Host = None, data: Data = None) -> None:
    """Run the server: OTLP in, the web UI and its API out."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.server import Server

    stopped = _until_stopped()
    server = Server(_server_settings(port=port, grpc_port=grpc_port, host=host, data=data))
    try:
        addresses = server.start()
    except LlmTracingError as error:
        _fail(error.line())
    out.print(f"[bold]LLM Tracing[/]  {addresses.http}")
    out.print(f"OTLP/HTTP    {addresses.http}")
    out.print(f"OTLP/gRPC    {addresses.grpc}")
    out.print(f"Data         {addresses.data}")
    out.print("Ctrl-C stops it.", style="dim")
    sys.stdout.flush()
    _wait(stopped)
    server.stop()


def main() -> None:
    app()
