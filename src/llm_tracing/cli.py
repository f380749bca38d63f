"""The command line: `llm-tracing serve`, `run`, `demo`, `qa`. What can't run is one line and exit code 1."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

try:
    import typer
    from rich.console import Console
    from rich.markup import escape
except ImportError:  # the base install is the app side alone
    sys.stderr.write("The command line needs the server: pip install 'llm-tracing[server]'\n")
    raise SystemExit(1) from None

_LOOK_SECONDS = 0.1  # how soon a stop is seen

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


def _fail(line: str) -> NoReturn:
    err.print(f"[red]error[/] {escape(line)}", markup=True)
    raise typer.Exit(1)


class Stop:
    """Whether Ctrl-C or SIGTERM came; a second one ends the process at once.

    A plain flag that is looked at again and again: a lock (threading.Event has one) could be held by the very code that
    the signal interrupts, and then nothing would ever end.
    """

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def _request(self, number: int, _: object) -> None:
        if self.requested:
            raise SystemExit(128 + number)
        self.requested = True

    def wait(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Return when a stop was asked for, or when `alive` says no."""
        while not self.requested and alive():
            time.sleep(_LOOK_SECONDS)


def _show_version(asked: bool) -> None:
    if asked:
        from llm_tracing.version import __version__

        out.print(f"llm-tracing {__version__}")
        raise typer.Exit


@app.callback()
def _commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """See what happens inside an LLM service."""


def _start_server(settings: Any) -> tuple[Any, Any]:
    """A running server and its addresses."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.server import Server, settle_collector

    server = Server(settings)
    try:
        addresses = server.start()
    except LlmTracingError as error:
        _fail(error.line())
    settle_collector()
    return server, addresses


@app.command()
def serve(port: Port = None, grpc_port: GrpcPort = None, host: Host = None, data: Data = None) -> None:
    """Run the server: OTLP in, the web UI and its API out."""
    stop = Stop()
    server, addresses = _start_server(_server_settings(port=port, grpc_port=grpc_port, host=host, data=data))
    out.print(f"[bold]LLM Tracing[/]  {addresses.http}")
    out.print(f"OTLP/HTTP    {addresses.http}")
    out.print(f"OTLP/gRPC    {addresses.grpc}")
    out.print(f"Data         {escape(addresses.data)}")
    out.print("Ctrl-C stops it.", style="dim")
    sys.stdout.flush()
    stop.wait()
    server.stop()


@app.command()
def qa(qa_port: QaPort = None, host: Host = None, data: Data = None) -> None:
    """Run the reference service: questions about a database in plain words."""
    try:
        from llm_tracing.qa import service
        from llm_tracing.qa.errors import QaError
        from llm_tracing.qa.settings import load_settings
    except ImportError as error:
        _fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")

    given = {"port": qa_port, "host": host, "LLM_TRACING_DATA": data}
    try:
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        service.run(settings, on_ready=lambda url: print(f"ready {url}", flush=True))  # noqa: T201
    except QaError as error:
        _fail(f"{error.message} {error.hint}".strip())


@app.command()
def demo(port: Port = None, grpc_port: GrpcPort = None, qa_port: QaPort = None, data: Data = None) -> None:
    """Run the server, the reference service and the offline model, and print the links."""
    from llm_tracing.demo import ReferenceService
    from llm_tracing.errors import LlmTracingError

    stop = Stop()
    settings = _server_settings(port=port, grpc_port=grpc_port, data=data)
    with err.status("Starting the server"):
        server, addresses = _start_server(settings)
    service = ReferenceService(addresses.http, settings.data, qa_port)
    try:
        with err.status("Starting the reference service and the offline model"):
            url = service.wait_ready()
        out.print()
        out.print(f"  [bold]Ask a question[/]      {url}")
        out.print(f"  [bold]See what happened[/]   {addresses.http}")
        out.print(f"  OTLP                {addresses.http} (HTTP), {addresses.grpc} (gRPC)")
        out.print(f"  Data                {escape(addresses.data)}")
        out.print("\n  Ctrl-C stops it.", style="dim")
        sys.stdout.flush()
        stop.wait(service.alive)
    except LlmTracingError as error:
        _fail(error.line())
    finally:
        with err.status("Stopping"):
            service.stop()
            server.stop()
    if not stop.requested:
        _fail("The reference service ended by itself; its last lines say why.")


@app.command(context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False})
def run(
    command: Annotated[list[str] | None, typer.Argument(help="The command and its arguments, after --.")] = None,
    service: Annotated[str | None, typer.Option(help="Service name [OTEL_SERVICE_NAME, the script's name].")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Send to this OTLP endpoint; no server is started [OTEL_EXPORTER_OTLP_ENDPOINT].")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="http/protobuf or grpc [OTEL_EXPORTER_OTLP_PROTOCOL, http/protobuf].")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running that was started here.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what is wrong.")] = False,
    output: Annotated[bool, typer.Option("--output/--no-output", help="Record stdout and stderr as logs.")] = True,
    port: Port = None,
    grpc_port: GrpcPort = None,
    host: Host = None,
    data: Data = None,
) -> None:
    """Run any command and record what it does: llm-tracing run -- python app.py"""
    if not command:
        err.print("Nothing to run. For example: llm-tracing run -- python app.py")
        raise typer.Exit(2)
    from llm_tracing.runner.command import Options
    from llm_tracing.runner.command import run as observe

    settings = _server_settings(port=port, grpc_port=grpc_port, host=host, data=data)
    raise typer.Exit(observe(command, Options(settings, service, endpoint, protocol, keep, quiet, output)))


def main() -> None:
    app()
