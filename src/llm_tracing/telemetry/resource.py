"""Who is sending: one resource for traces, logs and metrics."""

import sys
from collections.abc import Mapping
from pathlib import Path

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.util.types import AttributeValue


class HashedOnce(Resource):
    """A resource whose hash is worked out once.

    The SDK's writes all of it as JSON each time, and the exporters ask for it for each span and log record: 36 us for
    a call of a model (docs/benchmarks.md).
    """

    _hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = super().__hash__()
        return self._hash


def script_name() -> str:
    """The name of what was started: `app` for `python app.py`, the package's for `python -m package`."""
    started = Path(sys.argv[0] if sys.argv else "")
    name = started.parent.name if started.stem == "__main__" else started.stem
    return name if name not in ("", "-c", "-m", "-") else "python"


def service_resource(
    service_name: str | None = None,
    service_version: str | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Resource:
    """The resource; an argument wins over the environment, and the environment over what was found.

    The SDK adds `service.instance.id`, a random UUID, and what OTEL_EXPERIMENTAL_RESOURCE_DETECTORS names; both
    are found anew in a forked child.
    """
    from_env = OTELResourceDetector().detect().attributes
    found = {"service.name": from_env.get("service.name") or script_name()}
    given = dict(attributes or {})
    if service_name:
        given["service.name"] = service_name
    if service_version:
        given["service.version"] = service_version
    made = Resource.create({**found, **given})
    return HashedOnce(dict(made.attributes), made.schema_url)
