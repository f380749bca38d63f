"""Manifests and charts against the schemas of Kubernetes 1.28 to 1.34 and of the Operator's resources."""

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.write_manifests import files

from tests.deploy.collector import ROOT, built_with_go
from tests.deploy.schemas import KUBERNETES, VERSIONS, documents, manifest_files, mistakes, render

CHARTS = KUBERNETES / "charts"
# Every way a chart can be set up: what is rendered must be valid in each.
SETUPS: dict[str, tuple[str, ...]] = {
    "llm-tracing": (),
    "llm-tracing over LGTM": ("--set", "store=lgtm,lgtm.objects=s3://bucket/texts,lgtm.tenant=team"),
    "llm-tracing with all": (
        "--set", "ingress.enabled=true,ingress.host=traces.example.org,ingress.tlsSecret=tls,ingress.className=nginx",
        "--set", "serviceMonitor.enabled=true,persistence.storageClass=fast,envFromSecret=keys",
        "--set-json", 'tolerations=[{"key":"k","operator":"Exists"}]', "--set-json", 'nodeSelector={"disk":"ssd"}',
        "--set", "networkPolicy.enabled=false,podDisruptionBudget.enabled=false",
    ),
    "llm-tracing-qa": (),
    "llm-tracing-qa injected": ("--set", "telemetry.inject=observability/python"),
    "llm-tracing-qa with a key": (
        "--set", "model.name=openai:gpt-4o-mini,model.apiKey=k,ingress.enabled=true,ingress.host=h",
    ),
    "llm-tracing-qa with a Secret": ("--set", "model.name=openai:gpt-4o-mini,model.existingSecret=mine"),
}  # fmt: skip


@pytest.fixture(scope="session")
def helm() -> None:
    """The real Helm. Cold, its build takes minutes."""
    built_with_go("deploy/tools/build.sh", "helm")


def rendered(setup: str) -> list[dict[str, Any]]:
    chart = setup.split()[0]
    ended = render(str(CHARTS / chart), "--namespace", chart, *SETUPS[setup])
    assert ended.returncode == 0, ended.stderr
    return documents(ended.stdout)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_the_collectors_have_the_configuration_that_was_checked(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == files()[path], "run `python -m scripts.write_manifests`"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", manifest_files(), ids=lambda path: path.name)
def test_manifests_are_valid(path: Path, version: str) -> None:
    read = documents(path.read_text(encoding="utf-8"))
    assert read
    assert [line for document in read for line in mistakes(document, version)] == []


@pytest.mark.parametrize(
    ("file", "place", "field"),
    [
        ("instrumentation.yaml", ["spec", "exporter"], "endpont"),
        ("instrumentation.yaml", ["spec", "python"], "imgae"),
        ("collector-gateway.yaml", ["spec"], "replcas"),
        ("rbac.yaml", [], "rulez"),
        ("namespaces.yaml", ["spec"], "finalizer"),
    ],
)
def test_a_misspelt_field_is_a_mistake(file: str, place: list[str], field: str) -> None:
    document = copy.deepcopy(documents((KUBERNETES / "manifests" / file).read_text(encoding="utf-8"))[0])
    inside = document
    for step in place:
        inside = inside.setdefault(step, {})
    inside[field] = ["x"]
    assert any(field in line for line in mistakes(document, "1.34"))


def test_the_kustomization_names_every_manifest() -> None:
    read = yaml.safe_load((KUBERNETES / "manifests/kustomization.yaml").read_text(encoding="utf-8"))
    assert set(read["resources"]) == {path.name for path in manifest_files()}


def test_the_fake_app_has_the_shape_of_a_question() -> None:
    """Its script is JavaScript of k6: a syntax check with node, and attribute names that the server knows."""
    [script] = [
        document["data"]["template.js"]
        for document in documents((KUBERNETES / "manifests/fake-traces.yaml").read_text(encoding="utf-8"))
        if document["kind"] == "ConfigMap"
    ]
    node = shutil.which("node")
    if node is not None:
        checked = subprocess.run(
            [node, "--input-type=module", "--check"], input=script, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
    for name in ("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.usage.input_tokens"):
        assert name in script


@pytest.mark.long
@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("setup", SETUPS)
def test_charts_are_valid_in_every_setup(setup: str) -> None:
    read = rendered(setup)
    for version in VERSIONS:
        assert [line for document in read for line in mistakes(document, version)] == [], version


@pytest.mark.long
@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("setup", SETUPS)
def test_pods_are_as_restricted_as_can_be(setup: str) -> None:
    pods = [one["spec"]["template"]["spec"] for one in rendered(setup) if one["kind"] in ("Deployment", "StatefulSet")]
    assert pods
    for pod in pods:
        assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
        for container in pod["containers"]:
            context = container["securityContext"]
            assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
            assert {"requests", "limits"} <= container["resources"].keys()


@pytest.mark.long
@pytest.mark.usefixtures("helm")
def test_a_key_is_in_a_secret_and_nowhere_else() -> None:
    read = rendered("llm-tracing-qa with a key")
    [secret] = [one for one in read if one["kind"] == "Secret"]
    assert secret["stringData"] == {"api-key": "k"}
    rest = json.dumps([one for one in read if one["kind"] != "Secret"])
    assert '"value": "k"' not in rest
    assert '"secretKeyRef"' in rest


@pytest.mark.long
@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("chart", "value", "said"),
    [
        ("llm-tracing", "stroe=lgtm", "stroe"),
        ("llm-tracing", "store=elastic", "embedded"),
        ("llm-tracing", "persistence.size=20", "persistence"),
        ("llm-tracing", "ingress.enabled=true", "the name that browsers use"),
        ("llm-tracing-qa", "model.apikey=x", "apikey"),
        ("llm-tracing-qa", "telemetry.approach=otle", "approach"),
        ("llm-tracing-qa", "model.apiKey=a,model.existingSecret=b", "set one of them"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(chart: str, value: str, said: str) -> None:
    ended = render(str(CHARTS / chart), "--set", value)
    assert ended.returncode != 0
    assert said in ended.stderr


@pytest.mark.parametrize("chart", ["llm-tracing", "llm-tracing-qa"])
def test_the_schema_knows_every_value(chart: str) -> None:
    def paths(node: Any, schema: dict[str, Any], at: str = "") -> list[str]:
        if not isinstance(node, dict) or schema.get("additionalProperties") is not False:
            return []
        known = schema["properties"]
        return [f"{at}.{key}" for key in node if key not in known] + [
            line for key, value in node.items() if key in known for line in paths(value, known[key], f"{at}.{key}")
        ]

    values = yaml.safe_load((CHARTS / chart / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((CHARTS / chart / "values.schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    assert paths(values, schema) == []


def test_the_charts_carry_the_version_of_the_package() -> None:
    version = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split('version = "')[1].split('"')[0]
    for chart in CHARTS.iterdir():
        assert yaml.safe_load((chart / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"] == version
