"""`llm-tracing run` and `doctor`: a program under observation."""

from typing import Annotated

import typer

from llm_tracing.commands.options import Data, GrpcPort, Host, Port, err, server_settings


def doctor(
    command: Annotated[list[str] | None, typer.Argument(help="A program to run and to look into, after --.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Where spans go [OTEL_EXPORTER_OTLP_ENDPOINT].")] = None,
    server: Annotated[str | None, typer.Option(help="The server, where that is another address.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long the program may run.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Say why nothing shows: environment, ports, protocols, clocks, senders. Exit code 1 if something is wrong."""
    from llm_tracing.diagnosis.doctor import Asked, run

    raise typer.Exit(run(Asked(endpoint, server, command or (), seconds, as_json)))


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

    settings = server_settings(port=port, grpc_port=grpc_port, host=host, data=data)
    raise typer.Exit(observe(command, Options(settings, service, endpoint, protocol, keep, quiet, output)))
