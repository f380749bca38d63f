"""The compose file against its schema and its own promises."""

import copy
import json
import os
import re
import subprocess
from typing import Any

import jsonschema
import pytest
import yaml

from tests.deploy.collector import ROOT, built_with_go

COMPOSE = ROOT / "deploy" / "compose"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))
)
PROFILES = ("lgtm", "local", "flask")


def read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((COMPOSE / "compose.yaml").read_text(encoding="utf-8"))
    return found


def services(profile: str) -> dict[str, Any]:
    return {name: one for name, one in read()["services"].items() if profile in one["profiles"]}


def test_the_file_is_valid() -> None:
    SCHEMA.validate(read())


@pytest.mark.parametrize("field", ["imgae", "heathcheck", "depends-on"])
def test_a_misspelt_field_is_refused(field: str) -> None:
    wrong = copy.deepcopy(read())
    wrong["services"]["tempo"][field] = "x"
    with pytest.raises(jsonschema.ValidationError, match=field):
        SCHEMA.validate(wrong)


def test_profiles_have_what_they_promise() -> None:
    assert set(services("lgtm")) >= {"qa", "collector", "tempo", "loki", "prometheus", "grafana", "llm-tracing"}
    assert set(services("local")) == {"qa-local", "llm-tracing"}
    assert set(services("flask")) == {"dice", "llm-tracing"}


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_waits_for_a_service_of_another_profile(profile: str) -> None:
    started = services(profile)
    for name, service in started.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in started, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in started[other], other


@pytest.mark.parametrize("name", read()["services"])
def test_images_are_pinned_and_ports_are_on_loopback(name: str) -> None:
    service = read()["services"][name]
    assert re.search(r":v?\d+\.\d+\.\d+\}?$", service["image"]), service["image"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_every_volume_is_declared_and_every_mounted_file_is_there() -> None:
    compose = read()
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (COMPOSE / source).exists(), (name, source)
            else:
                assert source in compose["volumes"], (name, source)
        if "build" in service:
            assert (COMPOSE / service["build"]["context"] / service["build"]["dockerfile"]).is_file(), name


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    used = set(re.findall(r"\$\{(\w+)", (COMPOSE / "compose.yaml").read_text(encoding="utf-8")))
    example = (COMPOSE / ".env.example").read_text(encoding="utf-8")
    named = {line.split("=")[0] for line in example.splitlines() if re.match(r"\w+=", line)}
    assert used - {"LLM_TRACING_IMAGE", "QA_IMAGE", "LLM_TRACING_APPROACH"} == named - {"COMPOSE_PROFILES"}


def test_prompts_reach_tempo_whole_and_names_reach_prometheus() -> None:
    tempo = yaml.safe_load((COMPOSE / "tempo.yaml").read_text(encoding="utf-8"))
    assert tempo["distributor"]["max_attribute_bytes"] == 0
    prometheus = yaml.safe_load((COMPOSE / "prometheus.yaml").read_text(encoding="utf-8"))
    assert "service.name" in prometheus["otlp"]["promote_resource_attributes"]
    flags = read()["services"]["prometheus"]["command"]
    assert {"--web.enable-otlp-receiver", "--enable-feature=exemplar-storage"} <= set(flags)


def test_the_collector_sends_where_the_services_listen() -> None:
    text = (ROOT / "deploy/collector/compose.yaml").read_text(encoding="utf-8")
    hosts = set(re.findall(r"\$\{env:\w+:-(?:http://)?([a-z-]+):\d+", text))
    assert hosts == {"tempo", "loki", "prometheus", "llm-tracing"} <= set(read()["services"])


@pytest.mark.long
@pytest.mark.parametrize("profile", PROFILES)
def test_compose_itself_reads_the_file(profile: str) -> None:
    """The library that `docker compose` is built on: interpolation, anchors, consistency."""
    built_with_go("deploy/tools/build.sh", "compose-config")
    ended = subprocess.run(
        [str(ROOT / ".build/tools/compose-config"), "compose.yaml"],
        cwd=COMPOSE,
        env={**os.environ, "COMPOSE_PROFILES": profile},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr + ended.stdout[-500:]
    assert yaml.safe_load(ended.stdout)["name"] == "llm-tracing"
