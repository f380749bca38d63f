"""What the environment's variables keep from being seen. Pure: an environment and what is installed in, checks out.

Sources: OpenTelemetry specification, "Environment Variable Specification"; OpenTelemetry's GenAI conventions;
OpenLLMetry's, OpenInference's and LangSmith's documentation of their clients.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from urllib.parse import urlsplit

from llm_tracing.diagnosis.check import Check, Level
from llm_tracing.diagnosis.target import first_of, is_true

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURE_WORDS = ("NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT")
LATEST = "gen_ai_latest_experimental"
LONG_DELAY_MS = 10_000  # the SDK's own is 5,000
_CLOUD = ("smith.langchain.com",)


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """One that `opentelemetry-instrument` would switch on: its name, package and module."""

    name: str
    package: str
    module: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks look at. `host` is the endpoint's, `auto` whether opentelemetry-instrument starts it."""

    env: Mapping[str, str]
    instrumentations: Sequence[Instrumentation] = ()
    host: str = "localhost"
    auto: bool = False


def installed() -> list[Instrumentation]:
    """The instrumentations of this Python."""
    found = entry_points(group="opentelemetry_instrumentor")
    return [Instrumentation(one.name, one.dist.name if one.dist else one.module, one.module) for one in found]


def check_environment(around: Surroundings) -> list[Check]:
    return [Check("environment", level, title, todo) for look in CHECKS for level, title, todo in look(around)]


Found = Iterator[tuple[Level, str, str]]


def _switched_off(around: Surroundings) -> Found:
    env = around.env
    if is_true(env, "OTEL_SDK_DISABLED"):
        yield "error", "OTEL_SDK_DISABLED=true: OpenTelemetry does nothing at all.", "Remove OTEL_SDK_DISABLED."
    exporters = env.get("OTEL_TRACES_EXPORTER", "").replace(" ", "").lower()
    if exporters == "none":
        yield "error", "OTEL_TRACES_EXPORTER=none: no span is sent.", "Set OTEL_TRACES_EXPORTER=otlp, or remove it."
    elif exporters and "otlp" not in exporters:
        title = f"OTEL_TRACES_EXPORTER={env['OTEL_TRACES_EXPORTER']}: spans go somewhere else."
        yield "warning", title, "Set OTEL_TRACES_EXPORTER=otlp."


def _sampled(around: Surroundings) -> Found:
    sampler = around.env.get("OTEL_TRACES_SAMPLER", "").strip().lower()
    argument = around.env.get("OTEL_TRACES_SAMPLER_ARG", "").strip()
    if sampler.endswith("always_off"):
        title = f"OTEL_TRACES_SAMPLER={sampler}: traces that begin here are not recorded."
        yield "error", title, "Set OTEL_TRACES_SAMPLER=parentbased_always_on, or remove it."
    elif sampler.endswith("traceidratio"):
        try:
            share = float(argument or 1)
        except ValueError:
            title = f"OTEL_TRACES_SAMPLER_ARG={argument} is no number; the SDK takes 1."
            yield "warning", title, "Set it to a share from 0 to 1."
            return
        if share <= 0:
            title = f"OTEL_TRACES_SAMPLER_ARG={argument}: every trace is sampled out."
            yield "error", title, "Set OTEL_TRACES_SAMPLER_ARG=1."
        elif share < 1:
            title = f"OTEL_TRACES_SAMPLER_ARG={argument}: of 100 traces about {100 - share * 100:.0f} are not recorded."
            yield "warning", title, "Set OTEL_TRACES_SAMPLER_ARG=1 while you look for one."


def _content(around: Surroundings) -> Found:
    env = around.env
    official = [one.package for one in around.instrumentations if _follows_capture(one)]
    said = env.get(CAPTURE, "").strip()
    word = said.upper()
    if official:
        named = ", ".join(sorted(set(official))[:3])
        opted_in = LATEST in env.get("OTEL_SEMCONV_STABILITY_OPT_IN", "")
        todo = f"Set {CAPTURE}=SPAN_ONLY and OTEL_SEMCONV_STABILITY_OPT_IN={LATEST}."
        if word in ("", "NO_CONTENT", "FALSE"):
            title = f"Prompts and answers are not captured: {CAPTURE} is {said or 'not set'} ({named})."
            if said or around.auto:  # a program may set it itself, as llm_tracing.configure() does
                yield "warning", title, todo
        elif word not in (*CAPTURE_WORDS, "TRUE"):
            yield "warning", f"{CAPTURE}={said} is none of {', '.join(CAPTURE_WORDS)}: nothing is captured.", todo
        elif word == "TRUE" and opted_in:
            yield "warning", f"{CAPTURE}=true is the old word; with {LATEST} it captures nothing.", todo
    if word in ("EVENT_ONLY", "TRUE") and env.get("OTEL_LOGS_EXPORTER", "").strip().lower() == "none":
        title = "Prompts and answers go out as log records, and OTEL_LOGS_EXPORTER=none drops them."
        yield "warning", title, f"Set OTEL_LOGS_EXPORTER=otlp, or {CAPTURE}=SPAN_ONLY."
    if env.get("TRACELOOP_TRACE_CONTENT", "").strip().lower() == "false":
        title = "TRACELOOP_TRACE_CONTENT=false: OpenLLMetry sends no prompts and answers."
        yield "warning", title, "Set TRACELOOP_TRACE_CONTENT=true."
    hidden = sorted(name for name in env if name.startswith("OPENINFERENCE_HIDE_") and is_true(env, name))
    if hidden:
        yield "warning", f"{', '.join(hidden)}: OpenInference hides text.", "Remove it, or set it to false."
    names = ("LANGSMITH_HIDE_INPUTS", "LANGSMITH_HIDE_OUTPUTS", "LANGCHAIN_HIDE_INPUTS", "LANGCHAIN_HIDE_OUTPUTS")
    hidden = [name for name in names if is_true(env, name)]
    if hidden:
        yield "warning", f"{', '.join(hidden)}: LangSmith's client hides text.", "Remove it, or set it to false."


def _follows_capture(one: Instrumentation) -> bool:
    return ".genai." in one.module or one.module.rpartition(".")[2] in ("openai_v2", "google_genai", "vertexai")


def _cut(around: Surroundings) -> Found:
    names = ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")
    said, name = first_of(around.env, *names)
    if said.isdigit():
        title = f"{name}={said}: longer prompts and answers are cut, and JSON that is cut cannot be read."
        yield "warning", title, f"Remove {name}."


def _twice(around: Surroundings) -> Found:
    """Two instrumentations of one library: `opentelemetry-instrument` switches both on."""
    if not around.auto:
        return
    disabled = {name.strip() for name in around.env.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")}
    by_library: dict[str, set[str]] = {}
    for one in around.instrumentations:
        if one.name not in disabled and "*" not in disabled:
            by_library.setdefault(one.name.removesuffix("_v2"), set()).add(one.package)
    for library, packages in sorted(by_library.items()):
        if len(packages) > 1:
            title = f"{len(packages)} instrumentations of {library} are installed: {', '.join(sorted(packages))}."
            todo = "Keep one of them: opentelemetry-instrument switches all on, and each call is told by each."
            yield "warning", title, todo


def _langsmith(around: Surroundings) -> Found:
    env = around.env
    on, _ = first_of(env, "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING")
    key, _ = first_of(env, "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")
    endpoint, named = first_of(env, "LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT")
    if (key or endpoint) and on.lower() != "true":
        name = named or ("LANGSMITH_API_KEY" if env.get("LANGSMITH_API_KEY") else "LANGCHAIN_API_KEY")
        yield "warning", f"{name} is set, but tracing is not on: no run is sent.", "Set LANGSMITH_TRACING=true."
    if on.lower() != "true":
        return
    if not endpoint:
        title = "LangSmith's client sends to LangSmith's cloud: LANGSMITH_ENDPOINT is not set."
        yield "info", title, "Set LANGSMITH_ENDPOINT=http://127.0.0.1:4318/langsmith to see the runs here."
    elif not any(cloud in endpoint for cloud in _CLOUD) and "/langsmith" not in urlsplit(endpoint).path:
        title = f"{named}={endpoint} lacks the path: this server takes runs under /langsmith."
        yield "warning", title, f"Set {named}={endpoint.rstrip('/')}/langsmith."
    if not key and (not endpoint or any(cloud in endpoint for cloud in _CLOUD)):
        yield "warning", "LANGSMITH_TRACING=true without LANGSMITH_API_KEY: the cloud refuses it.", "Set the key."
    for name in ("ENDPOINT", "API_KEY", "PROJECT"):
        new, old = env.get(f"LANGSMITH_{name}", ""), env.get(f"LANGCHAIN_{name}", "")
        if new and old and new != old:
            title = f"LANGSMITH_{name} and LANGCHAIN_{name} differ; versions disagree on which of them wins."
            yield "warning", title, f"Remove LANGCHAIN_{name}."


def _batches(around: Surroundings) -> Found:
    """Settings of the BatchSpanProcessor that lose spans of a program which ends soon."""
    delay = _number(around.env, "OTEL_BSP_SCHEDULE_DELAY")
    if delay is not None and delay > LONG_DELAY_MS:
        title = f"OTEL_BSP_SCHEDULE_DELAY={delay}: spans wait up to {delay / 1000:.0f} s; a killed program loses them."
        yield "warning", title, "Set OTEL_BSP_SCHEDULE_DELAY=500."
    queue, batch = (_number(around.env, f"OTEL_BSP_MAX_{name}") for name in ("QUEUE_SIZE", "EXPORT_BATCH_SIZE"))
    if queue is not None and queue < (batch or 512):
        title = f"OTEL_BSP_MAX_QUEUE_SIZE={queue} is smaller than a batch ({batch or 512}): the SDK refuses to start."
        yield "error", title, "Raise it to 2048, or lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE."
    timeout = _number(around.env, "OTEL_EXPORTER_OTLP_TIMEOUT")
    if timeout is not None and timeout >= 1_000:
        title = f"OTEL_EXPORTER_OTLP_TIMEOUT={timeout}: Python's exporters take it as seconds."
        yield "warning", title, "Set OTEL_EXPORTER_OTLP_TIMEOUT=10."


def _number(env: Mapping[str, str], name: str) -> int | None:
    said = env.get(name, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 15 else None


def _between(around: Surroundings) -> Found:
    """What stands between this process and the others."""
    env = around.env
    proxies = {name.lower(): value for name, value in env.items() if name.lower().endswith("_proxy") and value}
    by_proxy = bool(proxies.get("http_proxy") or proxies.get("all_proxy"))
    if by_proxy and not _bypassed(around.host, proxies.get("no_proxy", "")):
        title = f"HTTP_PROXY is set, and NO_PROXY does not name {around.host}: exports go through the proxy."
        yield "warning", title, f"Set NO_PROXY={around.host}."
    if env.get("OTEL_PROPAGATORS", "").strip().lower() == "none":
        title = "OTEL_PROPAGATORS=none: each service begins a trace of its own."
        yield "warning", title, "Set OTEL_PROPAGATORS=tracecontext,baggage, or remove it."
    if not env.get("OTEL_SERVICE_NAME") and "service.name=" not in env.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        title = "OTEL_SERVICE_NAME is not set: unless the program names itself, it shows as unknown_service."
        yield "info", title, "Set OTEL_SERVICE_NAME=my-service."


def _bypassed(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY names a host, or a domain that it is in."""
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",") if name.strip()]
    return any(name == "*" or host == name or host.endswith(f".{name}") for name in names)


CHECKS: tuple[Callable[[Surroundings], Found], ...] = (
    _switched_off,
    _sampled,
    _content,
    _cut,
    _twice,
    _langsmith,
    _batches,
    _between,
)
