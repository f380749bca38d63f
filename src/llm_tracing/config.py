"""Settings of the server: one line each with name, environment variable, default and meaning.

Environment names have the prefix `LLM_TRACING_`; flags of the command line win over them.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
MIB = 1024 * 1024
MIN_KEY = 20  # characters of a key that a person chose


def default_data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "llm-tracing"


class ServerSettings(BaseSettings):
    """What `llm-tracing serve` and `demo` run with. Sizes are bytes, times seconds, unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="LLM_TRACING_", env_ignore_empty=True, extra="ignore")

    host: Annotated[str, Field(description="Address to listen on, for HTTP and gRPC.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="UI, JSON API and OTLP/HTTP; 0 picks a free one.")] = 4318
    grpc_port: Annotated[int, Field(ge=0, le=65535, description="OTLP/gRPC; 0 picks a free one.")] = 4317
    data: Annotated[Path, Field(description="The data folder.", default_factory=default_data_folder)]
    allow_unauthenticated: Annotated[
        bool, Field(description="Listen beyond loopback although nothing checks who asks.")
    ] = False
    require_keys: Annotated[bool, Field(description="Ask for keys on loopback too.")] = False
    admin_key: Annotated[
        SecretStr | None,
        Field(min_length=MIN_KEY, description="A key with the scope admin, for where no command can make one."),
    ] = None
    ingest_key: Annotated[
        SecretStr | None, Field(min_length=MIN_KEY, description="A key with the scope ingest, likewise.")
    ] = None
    read_key: Annotated[
        SecretStr | None, Field(min_length=MIN_KEY, description="A key with the scope read, likewise.")
    ] = None
    tls_cert: Annotated[
        Path | None, Field(description="PEM file with the certificate chain: HTTP and gRPC speak TLS.")
    ] = None
    tls_key: Annotated[Path | None, Field(description="PEM file with the private key of the certificate.")] = None
    allowed_hosts: Annotated[
        str,
        Field(description="Host names, comma-separated, accepted in the Host header beside loopback and `host`."),
    ] = ""
    redact: Annotated[
        str | None,
        Field(description="What is taken out before anything is stored, see [redaction.md](redaction.md)."),
    ] = None
    mappings: Annotated[
        Path | None, Field(description="YAML file that maps attributes of your own, see docs/conventions.md.")
    ] = None
    max_body: Annotated[int, Field(gt=0, description="Largest request body, compressed or not.")] = 64 * MIB
    max_queue: Annotated[int, Field(gt=0, description="Bytes that may wait to be written before senders get 503.")] = (
        256 * MIB
    )
    max_attributes: Annotated[
        int, Field(gt=0, description="Attributes of a span, an event or a log record; those beyond are left out.")
    ] = 1_024
    max_attribute_bytes: Annotated[
        int, Field(gt=0, description="Bytes of one attribute's value; a longer one is cut and marked as cut.")
    ] = 16 * MIB
    max_trace_spans: Annotated[int, Field(gt=0, description="Spans of one trace; those beyond are refused.")] = 50_000
    min_free_disk: Annotated[
        int, Field(ge=0, description="Bytes kept free on the data folder's disk: below it nothing more is taken.")
    ] = 256 * MIB
    checkpoint_bytes: Annotated[
        int,
        Field(
            gt=0,
            description="Size of the write-ahead log at which it is written into the file: with less, a start after a "
            "kill is quicker and ingest costs more.",
        ),
    ] = 64_000_000
    memory_limit_mb: Annotated[int, Field(ge=64, description="DuckDB's memory limit in MiB.")] = 256
    max_projects: Annotated[
        int, Field(ge=1, le=64, description="Projects at most, `default` too, see [projects.md](projects.md).")
    ] = 8
    query_timeout: Annotated[float, Field(gt=0, description="Longest time a query may run.")] = 15.0
    keep_days: Annotated[
        float,
        Field(
            ge=0,
            description="Days that traces are kept, pinned ones always; 0 keeps them for good. "
            "With `lgtm`, this and the next three are of what was read alone: the backends keep what theirs say.",
        ),
    ] = 0
    keep_days_logs: Annotated[float, Field(ge=0, description="Days that log records are kept; 0 for good.")] = 0
    keep_days_metrics: Annotated[float, Field(ge=0, description="Days that data points are kept; 0 for good.")] = 0
    max_size: Annotated[
        int, Field(ge=0, description="Bytes that the data may have on disk: beyond it the oldest goes; 0 for no limit.")
    ] = 0
    prices: Annotated[
        Path | None, Field(description="A YAML file with prices of your own, see [prices.md](prices.md).")
    ] = None
    trace_self: Annotated[
        str | None,
        Field(description="OTLP/HTTP address of another server that gets this one's own traces; unset: none are made."),
    ] = None
    lens_database: Annotated[
        str | None,
        Field(description="SQLAlchemy URL of the database that traced SQL ran on, see [lens.md](lens.md). Only read."),
    ] = None

    store: Annotated[
        Literal["embedded", "lgtm"],
        Field(description="Where the data lies: `embedded` in the data folder, or `lgtm`, see [lgtm.md](lgtm.md)."),
    ] = "embedded"
    tempo_url: Annotated[str | None, Field(description="Tempo's query frontend, like `http://tempo:3200`.")] = None
    tempo_otlp_url: Annotated[
        str | None, Field(description="Where Tempo takes OTLP/HTTP; unset: port 4318 of the same host.")
    ] = None
    tempo_tenant: Annotated[
        str | None, Field(description="Sent as X-Scope-OrgID; several with `|` are read and not written.")
    ] = None
    tempo_headers: Annotated[
        SecretStr | None, Field(description="More headers for Tempo, as `Authorization=Basic%20abc,name=value`.")
    ] = None
    loki_url: Annotated[str | None, Field(description="Loki, like `http://loki:3100`.")] = None
    loki_otlp_url: Annotated[
        str | None, Field(description="Where Loki takes OTLP/HTTP; unset: `/otlp` below its address.")
    ] = None
    loki_tenant: Annotated[str | None, Field(description="As for Tempo.")] = None
    loki_headers: Annotated[SecretStr | None, Field(description="As for Tempo.")] = None
    prometheus_url: Annotated[
        str | None, Field(description="Prometheus, like `http://prometheus:9090`, or Mimir with its `/prometheus`.")
    ] = None
    prometheus_otlp_url: Annotated[
        str | None,
        Field(description="Where it takes OTLP/HTTP; unset: `/api/v1/otlp` below its address, of Mimir `/otlp`."),
    ] = None
    prometheus_tenant: Annotated[str | None, Field(description="As for Tempo.")] = None
    prometheus_headers: Annotated[SecretStr | None, Field(description="As for Tempo.")] = None
    lgtm_objects: Annotated[
        str | None,
        Field(
            description="Where long texts lie whole, and what several servers share (annotations, views, pins): "
            "`s3://bucket/folder` or `file:///folder`; unset: in `data`."
        ),
    ] = None
    lgtm_inline_bytes: Annotated[
        int, Field(ge=256, description="Bytes of a text that stays in a span; a longer one becomes an object.")
    ] = 2_048
    lgtm_search_lag: Annotated[float, Field(ge=0, description="How far Tempo's search is behind.")] = 30.0
    lgtm_budget: Annotated[
        int, Field(gt=0, description="Traces that are fetched from Tempo at most for the figures of one page.")
    ] = 2_000

    def accepted_hosts(self) -> frozenset[str]:
        """Host names accepted in the Host header (DNS rebinding), lower case."""
        own = {name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip()}
        return LOOPBACK_HOSTS | own | {self.host.lower()}


def settings_table() -> str:
    """Every setting as a line of a Markdown table: name, default, meaning."""
    lines = ["| name | default | meaning |", "| --- | --- | --- |"]
    for name, field in ServerSettings.model_fields.items():
        default = "`~/.local/share/llm-tracing`" if name == "data" else f"`{field.default}`"
        default = "unset" if field.default is None else default
        lines.append(f"| `LLM_TRACING_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines)
