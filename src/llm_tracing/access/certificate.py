"""What TLS is spoken with, by HTTP and gRPC alike."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two PEM files that belong together: the chain and the private key."""

    chain: Path
    key: Path


def certificate_of(settings: ServerSettings) -> Certificate | None:
    """The certificate of the settings, None if there is none. Raises ConfigError for one that cannot be used."""
    chain, key = settings.tls_cert, settings.tls_key
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise ConfigError(
            "TLS needs a certificate and its key.", "Give both LLM_TRACING_TLS_CERT and LLM_TRACING_TLS_KEY."
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=_no_pass_phrase)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise ConfigError(
            f"{chain} with {key} is no certificate that can be used ({error}).",
            "Give PEM files that belong together, the key without a pass phrase.",
        ) from error
    return Certificate(chain, key)


def _no_pass_phrase() -> str:
    """Asked for by OpenSSL if the key is encrypted; without this it would ask on the terminal."""
    raise ValueError("the key has a pass phrase")
