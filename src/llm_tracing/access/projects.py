"""The projects of a server: their names, and what each has set otherwise than the server.

`default` is the data folder itself and has the server's settings. Each other one has a folder below `projects/`.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError

DEFAULT = "default"
FOLDER = "projects"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")

Days = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ProjectSettings(BaseModel):
    """What a project has of its own; None is the server's. The database of the lens is never the server's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    keep_days: Days | None = None
    keep_days_logs: Days | None = None
    keep_days_metrics: Days | None = None
    max_size: Annotated[int, Field(ge=0)] | None = None
    prices: Path | None = None
    redact: str | None = None
    lens_database: str | None = None

    def in_effect(self, server: ServerSettings, name: str) -> ServerSettings:
        """The settings that a project runs with."""
        own = {field: value for field, value in self if value is not None}
        return server.model_copy(update={"lens_database": None, **own, "data": folder_of(server.data, name)})


@dataclass(frozen=True, slots=True)
class Project:
    """One project beside `default`."""

    name: str
    created_at: int
    settings: ProjectSettings
    deleting: bool = False


def checked_name(name: str) -> str:
    """Raises ConfigError for what may not name a project: the name is that of a folder too."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name[:100]!r} can't name a project.", "Use 1 to 40 of a-z, 0-9 and -, with no - at an end."
        )
    return name


def folder_of(data: Path, name: str) -> Path:
    """The data folder of a project. Raises ConfigError."""
    return data if name == DEFAULT else data / FOLDER / checked_name(name)


def read_settings(text: str) -> ProjectSettings:
    """Settings as they are stored. Raises ConfigError."""
    try:
        return ProjectSettings.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "settings"
        raise ConfigError(f"The settings of a project can't be read: {place}: {first['msg']}.") from error


def checked_settings(**values: object) -> ProjectSettings:
    """Settings as somebody gives them. Raises ConfigError, which names the one that cannot be."""
    try:
        return ProjectSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ConfigError(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}.") from error
