"""Settings of the reference service: one line each, read from the environment, arguments win."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from llm_tracing.qa.errors import SettingsProblem
from llm_tracing.telemetry.approaches import APPROACHES, find_approach
from llm_tracing.telemetry.errors import TelemetryError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _default_data() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "llm-tracing"


class QaSettings(BaseSettings):
    """Environment names are `LLM_TRACING_QA_` and the field in capitals, but for the two shared ones."""

    model_config = SettingsConfigDict(
        env_prefix="LLM_TRACING_QA_",
        env_ignore_empty=True,
        env_parse_none_str="none",
        populate_by_name=True,
        extra="ignore",
        protected_namespaces=(),
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="Host headers to accept (JSON list). Empty: loopback names on loopback, else any.",
    )
    data: Path = Field(
        default_factory=_default_data,
        validation_alias="LLM_TRACING_DATA",
        description="Folder for the SQLite file that is built at the first start.",
    )
    ui_url: str = Field(
        "http://127.0.0.1:4318",
        validation_alias="LLM_TRACING_UI_URL",
        description="Where the traces are shown; answers link to {ui_url}/traces/{trace_id}.",
    )
    approach: str = Field(
        "otel",
        validation_alias="LLM_TRACING_APPROACH",
        description=f"How the service is observed: {', '.join(APPROACHES)}; see [steps](steps/README.md).",
    )
    service_name: str = Field("qa", description="service.name of its telemetry; OTEL_SERVICE_NAME wins.")

    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the database to ask. Unset: SQLite with the Chinook data."
    )
    row_limit: int = Field(200, ge=1, le=100_000, description="Rows read from a result at most.")
    time_limit: float = Field(10.0, gt=0, le=3600, description="Seconds a statement may run.")

    model: str | None = Field(
        None,
        description="provider:name, e.g. openai:gpt-4o-mini or anthropic:NAME. Unset: the offline model.",
    )
    base_url: str | None = Field(None, description="Address of an OpenAI-compatible endpoint, ending in /v1.")
    api_key: SecretStr | None = Field(None, description="Key of the model; unset: the provider's own variable.")
    temperature: float | None = Field(0.0, ge=0, le=2, description="Sampling temperature; none leaves it out.")
    model_timeout: float = Field(60.0, gt=0, le=3600, description="Seconds one call of the model may take.")
    max_question_chars: int = Field(2000, ge=1, description="Longest question taken, in characters.")

    @field_validator("approach", mode="before")
    @classmethod
    def _none_is_a_name(cls, value: object) -> object:
        """The word that unsets the other settings is the name of an approach here."""
        return "none" if value is None else value

    @property
    def accepted_hosts(self) -> list[str]:
        """Host headers to accept; a page elsewhere must not reach a loopback service under its own name."""
        if self.allowed_hosts:
            return self.allowed_hosts
        return [*LOOPBACK, "[::1]"] if self.host in LOOPBACK else ["*"]


def load_settings(**given: object) -> QaSettings:
    """Settings from the environment, arguments win. Raises SettingsProblem that names the bad one."""
    try:
        settings = QaSettings(**given)  # type: ignore[arg-type]  # checked by pydantic, field by field
        find_approach(settings.approach)
        return settings
    except TelemetryError as error:
        raise SettingsProblem(error.message, hint=error.hint) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        variable = name if name.startswith("LLM_TRACING") else f"LLM_TRACING_QA_{name.upper()}"
        raise SettingsProblem(f"{variable}: {first['msg']}.", hint="Correct or unset it.") from error


def settings_table() -> str:
    """Every setting as a line of a Markdown table: name, default, meaning."""
    lines = ["| name | default | meaning |", "| --- | --- | --- |"]
    for name, given in QaSettings.model_fields.items():
        variable = str(given.validation_alias or f"LLM_TRACING_QA_{name.upper()}")
        default = "unset" if given.is_required() or given.default is None else f"`{given.default}`"
        if given.default_factory is not None:
            default = "`~/.local/share/llm-tracing`" if name == "data" else "none"
        lines.append(f"| `{variable}` | {default} | {given.description} |")
    return "\n".join(lines)
