"""Kubernetes' own schemas and the Operator's, read strictly: a field that they do not have is an error."""

import copy
import json
import subprocess
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.deploy.collector import ROOT

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kubernetes_validate

VERSIONS = ("1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34")
CRDS = ROOT / "tests" / "data" / "crds"
KUBERNETES = ROOT / "deploy" / "kubernetes"


def documents(text: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(text) if document]


def render(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`helm template` with the real Helm."""
    helm = ROOT / ".build" / "tools" / "helm"
    return subprocess.run(
        [str(helm), "template", "release", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def _strict(node: Any) -> Any:
    """Objects with known fields take no others; the Operator's open places stay open."""
    if isinstance(node, dict):
        made = {key: _strict(value) for key, value in node.items()}
        if "properties" in made and not made.keys() & {"additionalProperties", "x-kubernetes-preserve-unknown-fields"}:
            made["additionalProperties"] = False
        if made.pop("x-kubernetes-int-or-string", False):
            made.pop("type", None)
            made.pop("anyOf", None)
            made["type"] = ["integer", "string"]
        return made
    return [_strict(item) for item in node] if isinstance(node, list) else node


@cache
def _custom() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for path in CRDS.glob("*.json"):
        crd = json.loads(path.read_text(encoding="utf-8"))
        schema = _strict(copy.deepcopy(crd["schema"]))
        schema["properties"]["metadata"] = {"type": "object", "required": ["name"]}
        found[f"{crd['group']}/{crd['version']}", crd["kind"]] = schema
    return found


# Of the Prometheus operator, whose schema is not here: only rendered.
_UNKNOWN = {("monitoring.coreos.com/v1", "ServiceMonitor")}


def mistakes(document: dict[str, Any], version: str) -> Iterator[str]:
    """What is wrong with one resource, in a line each."""
    kind = (document["apiVersion"], document["kind"])
    if kind in _UNKNOWN:
        return
    if kind in _custom():
        for error in jsonschema.Draft7Validator(_custom()[kind]).iter_errors(document):
            yield f"{kind[1]} {document['metadata']['name']}: {error.json_path}: {error.message[:300]}"
        return
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{kind[1]} {document['metadata'].get('name')}: {error.message[:300]}"


def manifest_files() -> list[Path]:
    return [path for path in sorted((KUBERNETES / "manifests").glob("*.yaml")) if path.name != "kustomization.yaml"]
