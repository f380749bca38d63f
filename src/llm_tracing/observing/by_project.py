"""The figures of several projects as one answer to Prometheus."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from llm_tracing.access.projects import DEFAULT


class _Together(Collector):
    """A family once, with the samples of each project: those of `default` as they are, others with `project`."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for name, registry in self._registries.items():
            for found in registry.collect():
                family = families.setdefault(
                    found.name, Metric(found.name, found.documentation, found.type, found.unit)
                )
                family.samples += [
                    one if name == DEFAULT else one._replace(labels={**one.labels, "project": name})
                    for one in found.samples
                ]
        yield from families.values()


def metrics_text(registries: Mapping[str, CollectorRegistry]) -> bytes:
    """All of it in Prometheus' text form, version 0.0.4."""
    return generate_latest(_Together(registries))
