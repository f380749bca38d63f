"""`llm-tracing repair`, `backup` and `erase`: commands on the data folder itself."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from llm_tracing.commands.options import Data, ServerPort, fail, out, server_settings

InProject = Annotated[str | None, typer.Option("--project", help="The project; without it default.")]


def add_commands(app: typer.Typer) -> None:
    from llm_tracing.commands.replay import replay

    app.command()(repair)
    app.command()(backup)
    app.command()(erase)
    app.command()(replay)


def repair(project: InProject = None, data: Data = None) -> None:
    """Save what can be read of a damaged data folder into a new file; the old one is kept under another name."""
    from llm_tracing.commands.in_project import in_project
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.normalize.cost import Prices
    from llm_tracing.store.salvage import salvage

    try:
        with in_project(server_settings(data=data), project) as settings:
            saved = salvage(settings.data, Prices(settings.prices))
    except LlmTracingError as error:
        fail(error.line())
    table = Table("table", "rows saved", "rows lost", "values lost")
    for one in saved.tables:
        emptied = ", ".join(f"{name} of {count:,}" for name, count in one.emptied.items())
        table.add_row(one.table, f"{one.rows:,}", f"{one.lost:,}", emptied or one.unreadable)
    out.print(table)
    if saved.log_bytes_lost:
        out.print(f"The last {saved.log_bytes_lost:,} bytes of the write-ahead log could not be read.")
    if saved.rolled_up_again:
        out.print(f"{saved.rolled_up_again:,} traces were rolled up again from their spans.")
    out.print(
        "Nothing was lost." if saved.is_whole else "What is lost above is lost; senders were told that it was kept."
    )
    for path in saved.kept:
        out.print(f"Kept  {escape(str(path))}")
    sys.stdout.flush()


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy; a server can be started on it.")],
    project: InProject = None,
    data: Data = None,
    port: ServerPort = None,
) -> None:
    """Copy everything into a new folder, while the server runs or not."""
    from llm_tracing.commands.backing_up import back_up
    from llm_tracing.commands.in_project import in_project
    from llm_tracing.errors import LlmTracingError

    try:
        with in_project(server_settings(data=data, port=port), project) as settings:
            size = back_up(settings, folder)
    except LlmTracingError as error:
        fail(error.line())
    out.print(f"{size:,} bytes in {escape(str(folder))}. To use it: llm-tracing serve --data {escape(str(folder))}")


def erase(
    trace: Annotated[str | None, typer.Option(help="A trace id, 32 hex digits.")] = None,
    session: Annotated[str | None, typer.Option(help="A session id.")] = None,
    user: Annotated[str | None, typer.Option(help="A user id.")] = None,
    project: InProject = None,
    data: Data = None,
    port: ServerPort = None,
) -> None:
    """Erase a trace, a session or a user from the data and from its files, while the server runs or not."""
    from llm_tracing.commands.erasing import erase_stored
    from llm_tracing.commands.in_project import in_project
    from llm_tracing.errors import LlmTracingError

    named = {"trace": trace, "session": session, "user": user}
    chosen = [(what, name) for what, name in named.items() if name]
    if len(chosen) != 1:
        fail("Name one of --trace, --session and --user.")
    try:
        server = server_settings(data=data, port=port)
        with in_project(server, project) as settings:
            gone = erase_stored(settings, *chosen[0], keys=server.data, project=project or "default")
    except LlmTracingError as error:
        fail(error.line())
    out.print(", ".join(f"{count:,} {name}" for name, count in gone.items()) + " erased.")
