"""`llm-tracing replay`: what is stored, to any endpoint that takes OTLP."""

import os
from pathlib import Path
from typing import Annotated

import typer

from llm_tracing.commands.options import Data, ServerPort, err, fail, out, server_settings

_INTERRUPTED = 130


def replay(
    to: Annotated[str, typer.Option(help="The endpoint, as for an exporter: http://127.0.0.1:4318.")],
    signal: Annotated[
        list[str] | None, typer.Option(help="traces, logs or metrics; may be given more than once. All without it.")
    ] = None,
    q: Annotated[str, typer.Option("--q", help="Only the traces that this filter finds, and their logs.")] = "",
    since: Annotated[str, typer.Option(help="ISO 8601, nanoseconds, or how long ago: 30m, 24h, 7d.")] = "",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    shift_to: Annotated[str | None, typer.Option(help="now: all times are moved so that the last one is now.")] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            help="http/protobuf or grpc [OTEL_EXPORTER_OTLP_PROTOCOL; grpc at port 4317, else http/protobuf]."
        ),
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="'Name: value', may be given more than once [OTEL_EXPORTER_OTLP_HEADERS].")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="Records of a request, at most.")] = 1_000,
    patience: Annotated[float, typer.Option(min=0, help="Seconds that one request may be put off.")] = 120,
    again: Annotated[bool, typer.Option("--again", help="Forget what this endpoint has taken before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    server: Annotated[str | None, typer.Option("--from", help="A running server, in place of the data folder.")] = None,
    state: Annotated[Path | None, typer.Option(help="Where is kept what was taken [the data folder].")] = None,
    data: Data = None,
    port: ServerPort = None,
) -> None:
    """Send what is stored to another OTLP endpoint: llm-tracing replay --to http://collector:4318"""
    from llm_tracing.commands.replaying import Wanted, run
    from llm_tracing.commands.replaying_shown import Shown
    from llm_tracing.errors import LlmTracingError

    if shift_to not in (None, "now"):
        fail(f"--shift-to {shift_to} is not known. Write --shift-to now, or leave it out to keep all times.")
    wanted = Wanted(
        to=to,
        signals=signal or [],
        q=q,
        since=since,
        until=until,
        shift_to_now=shift_to == "now",
        protocol=protocol,
        headers=header or [],
        batch=batch,
        patience_s=patience,
        again=again,
        dry_run=dry_run,
        server=server,
        state=state,
    )
    shown = Shown(out, err, dry_run)
    try:
        with shown:
            counts = run(wanted, server_settings(data=data, port=port), dict(os.environ), shown)
    except LlmTracingError as error:
        shown.summary()
        fail(error.line())
    except KeyboardInterrupt:
        shown.summary()
        err.print("Stopped. The same command goes on from here.")
        raise typer.Exit(_INTERRUPTED) from None
    shown.summary()
    if any(one.refused_count for one in counts.values()):
        raise typer.Exit(1)
