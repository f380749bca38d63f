"""`llm-tracing serve`, `demo`, `qa` and `dice`: what goes on until it is stopped."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from llm_tracing.commands.options import (
    Approach,
    Data,
    DicePort,
    GrpcPort,
    Host,
    LensDatabase,
    Port,
    QaPort,
    err,
    fail,
    out,
    server_settings,
)
from llm_tracing.commands.stop import Stop


def _say_ready(url: str) -> None:
    print(f"ready {url}", flush=True)  # noqa: T201


def _start_server(settings: Any) -> tuple[Any, Any]:
    """A running server and its addresses."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.server import Server, settle_interpreter

    server = Server(settings)
    try:
        addresses = server.start()
    except LlmTracingError as error:
        fail(error.line())
    settle_interpreter()
    return server, addresses


def serve(
    port: Port = None,
    grpc_port: GrpcPort = None,
    host: Host = None,
    data: Data = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Speak TLS with this certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The private key of the certificate (PEM).")] = None,
    redact: Annotated[
        str | None,
        typer.Option(help="Take out before storing: email,card,key or a file of rules [LLM_TRACING_REDACT]."),
    ] = None,
    require_keys: Annotated[bool | None, typer.Option("--require-keys", help="Ask for keys on loopback too.")] = None,
    lens_database: LensDatabase = None,
    store: Annotated[
        str | None, typer.Option(help="embedded, or lgtm: over Tempo, Loki and Prometheus [LLM_TRACING_STORE].")
    ] = None,
    trace_self: Annotated[
        str | None,
        typer.Option(help="Send the server's own traces to this other OTLP/HTTP address [LLM_TRACING_TRACE_SELF]."),
    ] = None,
) -> None:
    """Run the server: OTLP in, the web UI and its API out."""
    stop = Stop()
    settings = server_settings(
        port=port,
        grpc_port=grpc_port,
        host=host,
        data=data,
        tls_cert=tls_cert,
        tls_key=tls_key,
        redact=redact,
        require_keys=require_keys,
        lens_database=lens_database,
        store=store,
        trace_self=trace_self,
    )
    server, addresses = _start_server(settings)
    out.print(f"[bold]LLM Tracing[/]  {addresses.http}")
    out.print(f"OTLP/HTTP    {addresses.http}")
    out.print(f"OTLP/gRPC    {addresses.grpc}")
    out.print(f"Data         {escape(addresses.data)}")
    if addresses.not_written:
        out.print(f"Only reading {escape(addresses.not_written)}")
    out.print("Ctrl-C stops it.", style="dim")
    sys.stdout.flush()
    stop.wait()
    server.stop()


def qa(qa_port: QaPort = None, host: Host = None, data: Data = None, approach: Approach = None) -> None:
    """Run the reference service: questions about a database in plain words."""
    try:
        from llm_tracing.qa import service
        from llm_tracing.qa.errors import QaError
        from llm_tracing.qa.settings import load_settings
    except ImportError as error:
        fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")

    given = {"port": qa_port, "host": host, "LLM_TRACING_DATA": data, "LLM_TRACING_APPROACH": approach}
    try:
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        service.run(settings, on_ready=_say_ready)
    except QaError as error:
        fail(f"{error.message} {error.hint}".strip())


def dice(port: DicePort = 8090, host: Host = None, approach: Approach = None) -> None:
    """Run a plain Flask service that rolls a die: the smallest one to observe."""
    try:
        import flask  # noqa: F401

        from llm_tracing.qa import dice_service
        from llm_tracing.qa.errors import QaError
    except ImportError as error:
        fail(f"The dice service needs {error.name}: pip install 'llm-tracing[auto]'")
    try:
        dice_service.run(approach, host or "127.0.0.1", port, on_ready=_say_ready)
    except QaError as error:
        fail(f"{error.message} {error.hint}".strip())


def demo(port: Port = None, grpc_port: GrpcPort = None, qa_port: QaPort = None, data: Data = None) -> None:
    """Run the server, the reference service and the offline model, and print the links."""
    from llm_tracing.comparison.reference_service import ReferenceService, with_its_database
    from llm_tracing.errors import LlmTracingError

    stop = Stop()
    settings = with_its_database(server_settings(port=port, grpc_port=grpc_port, data=data))
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
        fail(error.line())
    finally:
        with err.status("Stopping"):
            service.stop()
            server.stop()
    if not stop.requested:
        fail("The reference service ended by itself; its last lines say why.")
