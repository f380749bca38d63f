"""`llm-tracing keys` and `llm-tracing audit`: make, list and revoke keys, and read who did what."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import SCOPES, Key, scopes_of
from llm_tracing.access.projects import DEFAULT
from llm_tracing.config import ServerSettings
from llm_tracing.errors import LlmTracingError

keys_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of a data folder.")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[Path | None, typer.Option(help="The data folder [LLM_TRACING_DATA].")]


@keys_app.command()
def create(
    scope: Annotated[
        list[str], typer.Option(help=f"What it may do: {', '.join(SCOPES)}; may be given more than once.")
    ],
    name: Annotated[str, typer.Option(help="Whose or what it is for.")] = "",
    days: Annotated[float | None, typer.Option(min=0.001, help="Days after which it ends.")] = None,
    project: Annotated[str, typer.Option(help="The project that it opens.")] = DEFAULT,
    no_project: Annotated[
        bool, typer.Option("--no-project", help="A key of the server, with admin: it names a project each time.")
    ] = False,
    data: Data = None,
) -> None:
    """Make a key and print it, this once. A running server knows it at once."""
    with opened(data) as keyring:
        place = None if no_project else project
        key, secret = keyring.create(name or "unnamed", scopes_of(scope), days, place)
        keyring.record(who(), "create key", f"{key.name} ({key.key_id}): {', '.join(sorted(key.scopes))}", place)
    where = {DEFAULT: "", None: " of the server"}.get(place, f" in {place}")
    err.print(f"Key {key.key_id} with {', '.join(sorted(key.scopes))}{where}. It is shown only now:")
    print(secret)  # noqa: T201


@keys_app.command("list")
def list_keys(data: Data = None) -> None:
    """Show the keys, without their secrets."""
    with opened(data) as keyring:
        keys = keyring.all()
    if not keys:
        err.print("No keys. Make one with: llm-tracing keys create --scope admin")
        return
    table = Table("id", "name", "scopes", "project", "made", "ends", "last used", "state", box=None, pad_edge=False)
    for key in keys:
        table.add_row(
            key.key_id,
            key.name,
            ", ".join(sorted(key.scopes)),
            key.project or "(server)",
            day(key.created_at),
            day(key.expires_at),
            day(key.last_used_at),
            _state(key),
        )
    out.print(table)


@keys_app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The id that `list` shows.")], data: Data = None) -> None:
    """Take a key back, and the logins that were made with it. A running server heeds it within a second."""
    with opened(data) as keyring:
        key = keyring.revoke(key_id)
        keyring.record(who(), "revoke key", f"{key.name} ({key.key_id})", key.project)
    out.print(f"Revoked {key.key_id} ({key.name}).", markup=False)


def audit(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 100,
    project: Annotated[str | None, typer.Option(help="Only those on this project.")] = None,
    data: Data = None,
) -> None:
    """Show administrative acts, newest first: keys made and revoked, logins, what was deleted or changed."""
    with opened(data) as keyring:
        acts = keyring.acts(limit, project)
    table = Table("time", "who", "project", "act", "on", box=None, pad_edge=False)
    for act in acts:
        table.add_row(_moment(act.time_unix_nano), act.who, act.project or "(server)", act.act, act.subject)
    out.print(table)


class opened:
    """The keyring of the data folder; what goes wrong is one line and exit code 1."""

    def __init__(self, data: Path | None) -> None:
        self._folder = data or ServerSettings().data

    def __enter__(self) -> Keyring:
        try:
            self._keyring = Keyring(self._folder)
        except LlmTracingError as error:
            raise _failed(error) from None
        return self._keyring

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._keyring.close()
        if isinstance(error, LlmTracingError):
            raise _failed(error) from None


def _failed(error: LlmTracingError) -> typer.Exit:
    err.print("[red]error[/]", end=" ")
    err.print(error.line(), markup=False)
    return typer.Exit(1)


def who() -> str:
    """The name for the record of somebody at the command line."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a user without a name, as containers have
        return "command line"


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "active" if key.is_active(int(datetime.now(UTC).timestamp() * 1e9)) else "ended"


def day(time_unix_nano: int | None) -> str:
    """In UTC, for people."""
    return "never" if time_unix_nano is None else f"{_utc(time_unix_nano):%Y-%m-%d}"


def _moment(time_unix_nano: int) -> str:
    return f"{_utc(time_unix_nano):%Y-%m-%d %H:%M:%S}"


def _utc(time_unix_nano: int) -> datetime:
    return datetime.fromtimestamp(time_unix_nano / 1e9, UTC)
