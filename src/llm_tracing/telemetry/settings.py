"""Every setting of the app side in one table, under OpenTelemetry's own names.

`SETTINGS` makes the table of `docs/configure.md`; a test compares the two. A default with `ours=True`
differs from the SDK's own: it is put into the environment for the time between `configure()` and
`shutdown()`, never over a value that is already there, because instrumentations read these names from the
environment and nowhere else.
"""

import os
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    default: str
    meaning: str
    ours: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("OTEL_SDK_DISABLED", "false", "`true`: `configure()` does nothing at all."),
    Setting("OTEL_SERVICE_NAME", "the script's name", "`service.name`; the argument `service_name` wins over it."),
    Setting("OTEL_RESOURCE_ATTRIBUTES", "", "More resource attributes, `key=value,key=value`."),
    Setting(
        "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS",
        "process,otel",
        "What is found out about the sender by itself; `process` gives the process id and the runtime.",
        ours=True,
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://localhost:4318",
        "Where telemetry goes; with gRPC http://localhost:4317.",
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http/protobuf",
        (
            "`http/protobuf` or, with the extra `grpc`, `grpc`. Also for one signal: "
            "`OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`, `..._LOGS_...`, `..._METRICS_...`."
        ),
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "",
        "Headers sent along, `key=value,key=value`: an API key, for example.",
    ),
    Setting("OTEL_EXPORTER_OTLP_TIMEOUT", "10", "Seconds until an export, its retries included, is given up."),
    Setting("OTEL_EXPORTER_OTLP_COMPRESSION", "none", "`gzip` makes requests smaller."),
    Setting("OTEL_EXPORTER_OTLP_CERTIFICATE", "", "A file with the certificates to trust."),
    Setting("OTEL_TRACES_EXPORTER", "otlp", "`otlp`, or `none` to send no spans; trace ids still reach the logs."),
    Setting("OTEL_LOGS_EXPORTER", "otlp", "`otlp`, or `none` to send no logs."),
    Setting("OTEL_METRICS_EXPORTER", "otlp", "`otlp`, or `none` to send no metrics."),
    Setting("OTEL_TRACES_SAMPLER", "parentbased_always_on", "Which traces are recorded."),
    Setting("OTEL_TRACES_SAMPLER_ARG", "", "The sampler's argument: a share such as `0.1`."),
    Setting("OTEL_BSP_SCHEDULE_DELAY", "500", "Milliseconds a span waits for others at most.", ours=True),
    Setting("OTEL_BSP_MAX_QUEUE_SIZE", "2048", "Spans kept while they cannot be delivered; more are lost."),
    Setting("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512", "Spans in one request at most."),
    Setting("OTEL_BLRP_SCHEDULE_DELAY", "500", "Milliseconds a log record waits for others at most.", ours=True),
    Setting("OTEL_BLRP_MAX_QUEUE_SIZE", "2048", "Log records kept while they cannot be delivered; more are lost."),
    Setting("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "512", "Log records in one request at most."),
    Setting("OTEL_METRIC_EXPORT_INTERVAL", "10000", "Milliseconds between two exports of the metrics.", ours=True),
    Setting(
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "SPAN_ONLY",
        (
            "Where prompts, answers, tool arguments and results go: `SPAN_ONLY`, `EVENT_ONLY`, "
            "`SPAN_AND_EVENT` or, to keep them out, `NO_CONTENT`."
        ),
        ours=True,
    ),
    Setting(
        "OTEL_SEMCONV_STABILITY_OPT_IN",
        "gen_ai_latest_experimental,http,database",
        "Which generation of attribute names is sent.",
        ours=True,
    ),
    Setting(
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        "",
        "Instrumentations to leave out, by comma; see the table below.",
    ),
    Setting(
        "OTEL_PYTHON_FASTAPI_EXCLUDED_URLS",
        "/healthz",
        (
            "Regular expressions, by comma, of addresses that give no span. "
            "`OTEL_PYTHON_EXCLUDED_URLS` stands in for it."
        ),
        ours=True,
    ),
)


def apply_defaults(environ: MutableMapping[str, str] = os.environ) -> tuple[str, ...]:
    """Put our own defaults where the user set nothing; returns the names that were set, for
    `withdraw_defaults`.
    """
    chosen = [setting for setting in SETTINGS if setting.ours and setting.name not in environ]
    if "OTEL_PYTHON_EXCLUDED_URLS" in environ:  # the wider name of the same setting: the user has decided
        chosen = [setting for setting in chosen if setting.name != "OTEL_PYTHON_FASTAPI_EXCLUDED_URLS"]
    for setting in chosen:
        environ[setting.name] = setting.default
    return tuple(setting.name for setting in chosen)


def withdraw_defaults(names: Iterable[str], environ: MutableMapping[str, str] = os.environ) -> None:
    for name in names:
        environ.pop(name, None)


def settings_table() -> str:
    """The settings as a Markdown table, a line each."""
    lines = ["| name | default | meaning |", "| --- | --- | --- |"]
    lines += [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else 'none'}"
        f"{' (ours)' if setting.ours else ''} | {setting.meaning} |"
        for setting in SETTINGS
    ]
    return "\n".join(lines)
