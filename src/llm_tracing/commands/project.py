"""`llm-tracing project`: make, list, change and delete the projects of a data folder, while a server runs or not."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.projects import DEFAULT, Project, ProjectSettings, checked_settings, folder_of
from llm_tracing.commands.keys import Data, day, err, opened, out, who
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, FolderInUse, LlmTracingError, StoreError
from llm_tracing.normalize.cost import Prices
from llm_tracing.redaction.rules import read_rules
from llm_tracing.serving.projects import remove_files
from llm_tracing.store.database import FILE_NAME, Database

project_app = typer.Typer(no_args_is_help=True, help="Make, list, change and delete the projects of a data folder.")
_WAIT_S, _LOOK_S = 60.0, 0.25

Name = Annotated[str, typer.Argument(help="1 to 40 of a-z, 0-9 and -.")]
KeepDays = Annotated[float | None, typer.Option(min=0, help="Days that traces are kept; 0 for good.")]
KeepDaysLogs = Annotated[float | None, typer.Option(min=0, help="Days that log records are kept; 0 for good.")]
KeepDaysMetrics = Annotated[float | None, typer.Option(min=0, help="Days that data points are kept; 0 for good.")]
MaxSize = Annotated[int | None, typer.Option(min=0, help="Bytes that its data may have on disk; 0 for no limit.")]
PriceFile = Annotated[Path | None, typer.Option(help="A YAML file with prices of its own.")]
Redact = Annotated[str | None, typer.Option(help="Take out before storing: email,card,key or a file of rules.")]
LensDatabase = Annotated[str | None, typer.Option(help="SQLAlchemy URL of the database that its traced SQL ran on.")]


@project_app.command()
def create(
    name: Name,
    keep_days: KeepDays = None,
    keep_days_logs: KeepDaysLogs = None,
    keep_days_metrics: KeepDaysMetrics = None,
    max_size: MaxSize = None,
    prices: PriceFile = None,
    redact: Redact = None,
    lens_database: LensDatabase = None,
    data: Data = None,
) -> None:
    """Make a project; what is not given is the server's. A running server opens it within a second."""
    given = _given(keep_days, keep_days_logs, keep_days_metrics, max_size, prices, redact, lens_database)
    with opened(data) as keyring:
        server = ServerSettings()
        if server.store != "embedded":
            raise ConfigError("Projects need the embedded store.", "Serve each from a server of its own.")
        keyring.create_project(name, _checked(given), server.max_projects)
        keyring.record(who(), "create project", _said(given), name)
    out.print(f"Made {name}. It opens to keys of its own:", markup=False)
    out.print(f"llm-tracing keys create --project {name} --scope ingest", markup=False)


@project_app.command("list")
def list_projects(data: Data = None) -> None:
    """Show the projects and what each has of its own."""
    with opened(data) as keyring:
        projects = keyring.projects()
        keys = [key for key in keyring.all() if key.is_active(time.time_ns())]
    table = Table("project", "made", "keys", box=None, pad_edge=False)
    table.add_column("its own settings", overflow="fold")
    for one in (Project(DEFAULT, 0, ProjectSettings()), *projects):
        count = sum(key.project == one.name for key in keys)
        own = "is being deleted" if one.deleting else _said(one.settings.model_dump(exclude_none=True))
        table.add_row(one.name, day(one.created_at) if one.created_at else "", f"{count}", own)
    out.print(table)


@project_app.command("set")
def set_project(
    name: Name,
    keep_days: KeepDays = None,
    keep_days_logs: KeepDaysLogs = None,
    keep_days_metrics: KeepDaysMetrics = None,
    max_size: MaxSize = None,
    prices: PriceFile = None,
    redact: Redact = None,
    lens_database: LensDatabase = None,
    inherit: Annotated[
        list[str] | None, typer.Option(help="A setting to take from the server again, as keep-days; more than once.")
    ] = None,
    data: Data = None,
) -> None:
    """Change what a project has of its own. A running server opens the project anew with it."""
    given = _given(keep_days, keep_days_logs, keep_days_metrics, max_size, prices, redact, lens_database)
    with opened(data) as keyring:
        if name == DEFAULT:
            raise ConfigError("default has the server's settings.", "Set LLM_TRACING_KEEP_DAYS and the like instead.")
        dropped = _dropped(inherit or [])
        kept = keyring.project(name).settings.model_dump(exclude_none=True)
        settings = {key: value for key, value in {**kept, **given}.items() if key not in dropped}
        keyring.set_project(name, _checked(settings))
        keyring.record(who(), "set project", _said(settings), name)
    out.print(f"{name}: {_said(settings)}.", markup=False)


@project_app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
) -> None:
    """Delete a project: its keys end, and all its data and files are removed. There is no way back."""
    with opened(data) as keyring:
        if name == DEFAULT:
            raise ConfigError("default can't be deleted.", "It is the data folder itself.")
        if not any(one.name == name for one in keyring.projects()):  # one whose files could not be removed may be there
            keyring.project(name)
        folder = folder_of(keyring.folder, name)
        if not yes:
            typer.confirm(f"Delete the project {name} with all its data in {folder}?", abort=True)
        keyring.end_project(name)
        keyring.record(who(), "delete project", name, None)
        _removed(keyring, folder, name)
    out.print(f"Deleted {name}.", markup=False)


def _removed(keyring: Keyring, folder: Path, name: str) -> None:
    """Wait until its files are gone: removed by the server that has them open, or here. Raises LlmTracingError."""
    until = time.monotonic() + _WAIT_S
    while any(one.name == name for one in keyring.projects()):
        if not _in_use(folder):
            try:
                remove_files(keyring.folder, name)
            except FileNotFoundError:
                continue  # a server removes them too
            except OSError as error:
                raise LlmTracingError(
                    f"Its keys have ended, and its files can't be removed ({error.strerror or error}).",
                    "Give back the right to, then delete it again.",
                ) from error
            keyring.forget_project(name)
        elif time.monotonic() > until:
            raise LlmTracingError(
                "Its keys have ended, and a server has its files open still.",
                "The server removes them when it can, at the latest at its next start.",
            )
        else:
            err.print("Waiting for the server to let its files go.", style="dim")
            time.sleep(_LOOK_S)


def _in_use(folder: Path) -> bool:
    if not (folder / FILE_NAME).exists():
        return False
    try:
        Database(folder).close()
    except FolderInUse:
        return True
    except StoreError:  # damaged, or of another version: nobody has it open
        return False
    return False


def _given(*values: Any) -> dict[str, Any]:
    """What was given on the command line, by the setting's name; a path without the folder it was typed in is none."""
    found = {name: value for name, value in zip(ProjectSettings.model_fields, values, strict=True) if value is not None}
    for name in ("prices", "redact"):
        if name in found and Path(found[name]).is_file():
            found[name] = str(Path(found[name]).absolute())
    return found


def _checked(settings: dict[str, Any]) -> ProjectSettings:
    """Raises ConfigError for what the project could not be opened with."""
    checked = checked_settings(**settings)
    if checked.prices is not None:
        Prices(checked.prices)
    if checked.redact is not None:
        read_rules(checked.redact)
    return checked


def _dropped(names: list[str]) -> set[str]:
    fields = {name.replace("_", "-"): name for name in ProjectSettings.model_fields}
    for name in names:
        if name not in fields:
            raise ConfigError(f"{name} is no setting of a project.", f"These are: {', '.join(fields)}.")
    return {fields[name] for name in names}


def _said(settings: dict[str, Any]) -> str:
    # The address of a database may hold a password.
    shown = {name: "set" if name == "lens_database" else value for name, value in settings.items()}
    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in shown.items()) or "all as the server"
