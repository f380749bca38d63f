"""What commands share: options, the settings that they make, and how they say what can't be."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Port = Annotated[int | None, typer.Option(help="UI, API and OTLP/HTTP [LLM_TRACING_PORT, 4318]; 0 picks a free one.")]
GrpcPort = Annotated[int | None, typer.Option(help="OTLP/gRPC [LLM_TRACING_GRPC_PORT, 4317].")]
Host = Annotated[str | None, typer.Option(help="Address to listen on [LLM_TRACING_HOST, 127.0.0.1].")]
Data = Annotated[Path | None, typer.Option(help="The data folder [LLM_TRACING_DATA].")]
LensDatabase = Annotated[
    str | None,
    typer.Option(help="SQLAlchemy URL of the database that traced SQL ran on [LLM_TRACING_LENS_DATABASE]; only read."),
]
Approach = Annotated[
    str | None, typer.Option(help="How the service is observed [LLM_TRACING_APPROACH, otel]; `none` not at all.")
]
DicePort = Annotated[int, typer.Option(envvar="LLM_TRACING_DICE_PORT", help="Port to listen on; 0 picks a free one.")]
QaPort = Annotated[int | None, typer.Option(help="The reference service [LLM_TRACING_QA_PORT, 8080].")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]
ServerPort = Annotated[int | None, typer.Option(help="Where the server listens [LLM_TRACING_PORT, 4318].")]


def server_settings(**flags: Any) -> Any:
    from pydantic import ValidationError

    from llm_tracing.config import ServerSettings

    try:
        return ServerSettings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        fail(f"LLM_TRACING_{name.upper()} (or its flag): {first['msg']}, not {first.get('input')!r}.")


def fail(line: str) -> NoReturn:
    err.print(f"[red]error[/] {escape(line)}", markup=True)
    raise typer.Exit(1)


def told(status: Any) -> Callable[[str], None]:
    """Where a command says what it does: a line that turns in a terminal, lines of their own elsewhere."""

    def tell(line: str) -> None:
        if err.is_terminal:
            status.update(line)
        else:
            err.print(line, style="dim")

    return tell


def address(server: str | None, port: int | None) -> str:
    """Of the server that is asked: as named, or this machine's."""
    from llm_tracing.comparison.keep import server_address

    return (server or server_address(server_settings(port=port))).rstrip("/")
