"""Values for the charts of others, which are not here to be rendered: that the names in them are the ones used."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.deploy.collector import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
VALUES = sorted((KUBERNETES / "values").glob("*.yaml"))
DEMO = (KUBERNETES / "demo.sh").read_text(encoding="utf-8")


def values(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((KUBERNETES / "values" / name).read_text(encoding="utf-8"))
    return found


def test_each_file_is_a_chart_of_the_table() -> None:
    table = (KUBERNETES / "values/README.md").read_text(encoding="utf-8")
    for path in VALUES:
        assert f"`{path.name}`" in table
        assert isinstance(values(path.name), dict)


def test_the_gateway_writes_to_the_services_of_the_releases() -> None:
    gateway = (ROOT / "deploy/collector/gateway.yaml").read_text(encoding="utf-8")
    hosts = set(re.findall(r"(?<=[-/])([a-z]+-[a-z]+)\.observability\.svc", gateway))
    assert hosts == {"tempo-distributor", "loki-gateway", "mimir-gateway"}
    env = values("grafana.yaml")["env"]
    assert {name for name, value in env.items() if "gateway" in value} == {"LOKI_URL", "PROMETHEUS_URL"}
    sources = (ROOT / "deploy/grafana/provisioning/datasources/llm-tracing.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<!\$)\$\{(\w+)\}", sources)) == set(env)


def test_prompts_are_whole_and_otlp_is_on_in_every_tempo() -> None:
    assert values("tempo.yaml")["tempo"]["overrides"]["defaults"]["ingestion"]["max_attribute_bytes"] == 64 * 1024**2
    for tempo in (values("tempo-distributed.yaml"), values("lgtm-distributed.yaml")["tempo"]):
        assert tempo["distributor"]["config"]["max_attribute_bytes"] == 0
        assert tempo["traces"]["otlp"] == {"grpc": {"enabled": True}, "http": {"enabled": True}}
    replicas = values("tempo-distributed.yaml")
    partitions = replicas["ingest"]["kafka"]["auto_create_topic_default_partitions"]
    assert replicas["blockBuilder"]["replicas"] == replicas["liveStore"]["replicas"] == partitions


def test_the_deprecated_chart_is_used_without_its_loki() -> None:
    assert values("lgtm-distributed.yaml")["loki"] == {"enabled": False}


@pytest.mark.parametrize("configmap", ["datasources", "dashboard-provider", "dashboards", "rules"])
def test_what_charts_mount_the_demo_makes_from_the_files_of_compose(configmap: str) -> None:
    made = re.search(rf"^configmap llm-tracing-{configmap} --from-file=(\S+)$", DEMO, re.MULTILINE)
    assert made is not None
    assert (KUBERNETES / made[1]).is_dir()
    mounted = " ".join(path.read_text(encoding="utf-8") for path in VALUES)
    assert f"llm-tracing-{configmap}" in mounted


def test_the_demo_is_a_shell_script_and_its_files_are_there() -> None:
    shell = shutil.which("sh")
    assert shell is not None
    checked = subprocess.run([shell, "-n", str(KUBERNETES / "demo.sh")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    for name in re.findall(r"(?:values|charts|manifests)/[\w./-]+|\b-k (?:manifests)", DEMO):
        assert (KUBERNETES / name.removeprefix("-k ")).exists(), name
    for pinned in ("18.11.0", "2.2.4", "12.11.1", "0.122.0"):
        assert pinned in (KUBERNETES / "values/README.md").read_text(encoding="utf-8")
        assert pinned in DEMO
