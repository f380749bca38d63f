"""The three configurations: what they share is the same, what they use is there, and the real collector takes them."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.collector import CONFIGS, ROOT

PLACES = ("compose.yaml", "gateway.yaml", "agent.yaml")


def config(place: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CONFIGS / place).read_text(encoding="utf-8"))
    return read


def manifest() -> dict[str, Any]:
    return config("manifest.yaml")


@pytest.mark.parametrize("part", ["filter/sql_noise", "redaction", "tail_sampling", "transform/loki", "memory_limiter"])
def test_compose_and_gateway_decide_alike(part: str) -> None:
    assert config("compose.yaml")["processors"][part] == config("gateway.yaml")["processors"][part]


@pytest.mark.parametrize("place", PLACES)
def test_memory_is_limited_first_and_nothing_is_batched_before_the_queue(place: str) -> None:
    for name, pipeline in config(place)["service"]["pipelines"].items():
        assert pipeline["processors"][0] == "memory_limiter", name
        assert "batch" not in pipeline["processors"], name


@pytest.mark.parametrize("place", PLACES)
def test_every_exporter_has_a_queue_on_disk(place: str) -> None:
    exporters = config(place)["exporters"]
    assert exporters
    for name, exporter in exporters.items():
        if name == "debug":  # keeps nothing
            continue
        assert exporter["sending_queue"]["storage"] == "file_storage", name
        assert exporter["sending_queue"]["block_on_overflow"] is True, name


@pytest.mark.parametrize("place", PLACES)
def test_what_is_configured_is_used(place: str) -> None:
    read = config(place)
    pipelines = read["service"]["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        used = {name for pipeline in pipelines for name in _names(pipeline[kind])}
        assert used == set(read[kind]) - {"debug"}, kind  # which a setting may name


def _names(listed: list[str] | str) -> list[str]:
    """A list, or the one that stands for a setting's default."""
    if isinstance(listed, list):
        return listed
    found: list[str] = yaml.safe_load(listed.partition(":-")[2].removesuffix("}"))
    return found


def test_decisions_wait_longer_than_a_call_of_a_model() -> None:
    """A trace that is decided before its root has ended is decided without its end."""
    from llm_tracing.qa.settings import QaSettings

    wait = config("compose.yaml")["processors"]["tail_sampling"]["decision_wait"]
    assert float(wait.removeprefix("${env:TAIL_WAIT:-").removesuffix("s}")) > QaSettings().model_timeout


def test_the_distribution_has_the_version_of_the_compose_image() -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text(encoding="utf-8"))
    version = manifest()["dist"]["version"]
    assert compose["services"]["collector"]["image"] == f"otel/opentelemetry-collector-contrib:{version}"
    modules = [
        part["gomod"] for kind in ("receivers", "processors", "exporters", "extensions") for part in manifest()[kind]
    ]
    assert all(module.endswith(f" v{version}") for module in modules)


def validate(program: Path, *configs: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), "validate", *(f"--config={one}" for one in configs)],
        env={**os.environ, "K8S_NODE_NAME": "node"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_the_collector_takes_the_configuration(collector_program: Path, place: str) -> None:
    ended = validate(collector_program, str(CONFIGS / place))
    assert ended.returncode == 0, ended.stderr
    assert "deprecated" not in ended.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("place", "mistake"),
    [
        ("compose.yaml", "exporters::otlp_http/loki::endpont: http://loki"),
        ("gateway.yaml", "processors::tail_sampling::decison_wait: 1s"),
        ("agent.yaml", "processors::k8s_attributes::pasthrough: true"),
    ],
)
def test_a_misspelt_key_is_refused(collector_program: Path, place: str, mistake: str) -> None:
    ended = validate(collector_program, str(CONFIGS / place), f"yaml:{mistake}")
    assert ended.returncode != 0
    assert mistake.split("::")[-1].split(":")[0] in ended.stderr
