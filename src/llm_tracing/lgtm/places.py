"""Where the backends are, out of the settings: what each is asked at, and where it takes OTLP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from opentelemetry.util.re import parse_env_headers
from pydantic import SecretStr

from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError
from llm_tracing.exchange.replay import target as otlp
from llm_tracing.lgtm.backend import TENANT_HEADER, BackendName, Target

NAMES: tuple[BackendName, ...] = ("Tempo", "Loki", "Prometheus")
_OTLP_PORT = 4318


@dataclass(frozen=True, slots=True)
class Place:
    """One backend: `reads` is how it is asked, `writes` where OTLP goes, `setting` the start of its settings' names."""

    name: BackendName
    reads: Target
    writes: otlp.Target
    setting: str


@dataclass(frozen=True, slots=True)
class Places:
    tempo: Place
    loki: Place
    prometheus: Place

    def __iter__(self) -> Iterator[Place]:
        return iter((self.tempo, self.loki, self.prometheus))


def places(settings: ServerSettings) -> Places:
    """Raises ConfigError for an address that is missing or is none, and for headers that cannot be read."""
    missing = [_variable(name, "URL") for name in NAMES if not _setting(settings, name, "url")]
    if missing:
        raise ConfigError(
            f"The store lgtm needs {' and '.join(missing)}.",
            "Name where Tempo, Loki and Prometheus (or Mimir) answer, such as LLM_TRACING_TEMPO_URL=http://tempo:3200.",
        )
    return Places(*(_place(settings, name) for name in NAMES))


def _place(settings: ServerSettings, name: BackendName) -> Place:
    url = _address(_setting(settings, name, "url"), _variable(name, "URL"))
    written = _setting(settings, name, "otlp_url")
    to = _address(written, _variable(name, "OTLP_URL")) if written else _usual_otlp(name, url)
    tenant = _tenant(_setting(settings, name, "tenant"), _variable(name, "TENANT"))
    headers = _headers(_setting(settings, name, "headers"), _variable(name, "HEADERS"))
    # Of several tenants that are read together one is written: the first.
    first = (tenant or "").partition("|")[0]
    sent = {**headers, **({TENANT_HEADER.lower(): first} if first else {})}
    return Place(
        name,
        Target(name, url, _variable(name, "URL"), tenant, headers, settings.query_timeout),
        otlp.Target(to, "http/protobuf", sent, None, _without_user(to)),
        _variable(name, "").removesuffix("_"),
    )


def _setting(settings: ServerSettings, name: BackendName, what: str) -> str | None:
    value: str | SecretStr | None = getattr(settings, f"{name.lower()}_{what}")
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _variable(name: BackendName, what: str) -> str:
    return f"LLM_TRACING_{name.upper()}_{what}"


def _address(text: str | None, variable: str) -> str:
    """An address of HTTP without a slash at its end."""
    try:
        parts = urlsplit((text or "").strip())
        known = parts.scheme in ("http", "https") and parts.hostname
        _ = parts.port
    except ValueError:
        known = None
    if not known:
        raise ConfigError(f"{variable} is no address of HTTP.", "Write it like http://tempo:3200.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{variable} has more than host, port and path.",
            f"Give credentials with {variable.partition('_URL')[0].removesuffix('_OTLP')}_HEADERS.",
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _usual_otlp(name: BackendName, url: str) -> str:
    parts = urlsplit(url)
    if name == "Tempo":
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{parts.scheme}://{host}:{_OTLP_PORT}"
    if name == "Loki":
        return f"{url}/otlp"
    return f"{url.removesuffix('/prometheus')}/otlp" if url.endswith("/prometheus") else f"{url}/api/v1/otlp"


def _tenant(text: str | None, variable: str) -> str | None:
    if text and not (text.isascii() and text.isprintable()):
        raise ConfigError(f"{variable} has a value that no header can have.", "Use printable ASCII.")
    return text or None


def _headers(text: str | None, variable: str) -> dict[str, str]:
    if not text:
        return {}
    headers = parse_env_headers(text, liberal=True)
    if len(headers) != len([part for part in text.split(",") if part.strip()]):
        raise ConfigError(f"{variable} cannot be read.", "Write it like Authorization=Basic%20abc,name=value.")
    return dict(headers)


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
