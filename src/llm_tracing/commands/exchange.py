"""`llm-tracing export` and `import`: files out of a running server, and into it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from llm_tracing.commands.options import Data, Port, address, err, fail, out, server_settings


def export_command(
    what: Annotated[str, typer.Argument(help="traces, spans, logs, metrics, or the id of a trace.")] = "traces",
    form: Annotated[str, typer.Option("--format", help="jsonl, parquet or otlp (OTLP JSON).")] = "jsonl",
    q: Annotated[str, typer.Option("--q", help="The filter of the list, as in the UI.")] = "",
    since: Annotated[str, typer.Option(help="ISO 8601, nanoseconds, or how long ago: 30m, 24h, 7d.")] = "",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, in place of stdout.")] = None,
    server: Annotated[str | None, typer.Option("--from", help="The server, where that is another address.")] = None,
    project: Annotated[str | None, typer.Option(help="The project; without it that of the key, or default.")] = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Write traces, logs or metrics of a running server to a file: llm-tracing export --since 24h > traces.jsonl"""
    from llm_tracing.commands.in_project import in_project
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.ago import time_text
    from llm_tracing.exchange.client import export

    if form == "parquet" and output is None and sys.stdout.isatty():
        fail("Parquet is no text. Give a file: --output traces.parquet")
    try:
        asked = {"format": form, "q": q, "since": time_text(since), "until": time_text(until)}
        with in_project(server_settings(data=data), project, is_here=server is None):
            if output is None:
                export(address(server, port), what, asked, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                with output.open("wb") as file:
                    size = export(address(server, port), what, asked, file)
                err.print(f"{output}: {size:,} bytes")
    except LlmTracingError as error:
        fail(error.line())
    except OSError as error:
        fail(f"{output or 'stdout'} cannot be written: {error.strerror or error}.")


def import_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="OTLP JSON, or JSON lines of an export; .gz, .zst; - is stdin.")
    ] = None,
    server: Annotated[str | None, typer.Option("--to", help="The server, where that is another address.")] = None,
    from_tempo: Annotated[
        str | None, typer.Option("--from-tempo", help="Copy traces of this Tempo, such as http://tempo:3200.")
    ] = None,
    q: Annotated[
        str, typer.Option("--q", help="Of Tempo: TraceQL, such as '{ span.gen_ai.request.model != nil }'.")
    ] = "{}",
    since: Annotated[str, typer.Option(help="Of Tempo: ISO 8601, nanoseconds, or how long ago: 30m, 24h, 7d.")] = "24h",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    header: Annotated[list[str] | None, typer.Option(help="Of Tempo, such as 'X-Scope-OrgID: team'.")] = None,
    objects: Annotated[str | None, typer.Option(help="Where long texts lie, see LLM_TRACING_LGTM_OBJECTS.")] = None,
    port: Port = None,
) -> None:
    """Send files to a running server: llm-tracing import traces.json.gz. Or copy what a Tempo has: --from-tempo."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.client import send, told

    if (from_tempo is None) == (not files):
        fail("Name files to send, or a Tempo with --from-tempo.")
    if from_tempo is not None:
        _copy_from_tempo(from_tempo, address(server, port), q, since, until, header or (), objects)
        return
    whole = True
    for file in files or ():
        try:
            with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
                report = send(address(server, port), source)
        except LlmTracingError as error:
            fail(error.line())
        except OSError as error:
            fail(f"{file} cannot be read: {error.strerror or error}.")
        whole &= told(str(file), report, lambda line: out.print(escape(line)), lambda line: err.print(escape(line)))
    if not whole:
        raise typer.Exit(1)


def _copy_from_tempo(
    tempo: str, server: str, q: str, since: str, until: str, headers: Sequence[str], objects: str | None
) -> None:
    from llm_tracing.api.times import time_of
    from llm_tracing.commands.copying import Asked, copy, words_of
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.ago import time_text

    try:
        start, end = time_of("--since", time_text(since)), time_of("--until", time_text(until))
        with err.status("Looking") as status:
            copied = copy(
                Asked(tempo, server, q, start, end, headers, objects), lambda one: status.update(words_of(one))
            )
    except LlmTracingError as error:
        fail(error.line())
    out.print(escape(f"{tempo}: {words_of(copied)}"))
