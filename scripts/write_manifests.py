"""Write the custom resources of the collectors from deploy/collector: python -m scripts.write_manifests [--check].

The Operator wants a collector's configuration inside its resource; kept apart, the collector itself can check it.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parent.parent / "deploy"
MANIFESTS = DEPLOY / "kubernetes" / "manifests"
_HEAD = "# Made from deploy/collector/{name}.yaml by scripts/write_manifests.py.\n"
IMAGE = "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.159.0"

_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
}


def _env(name: str, field: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": field}}}


def _resource(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    config = yaml.safe_load((DEPLOY / "collector" / f"{name}.yaml").read_text(encoding="utf-8"))
    return {
        "apiVersion": "opentelemetry.io/v1beta1",
        "kind": "OpenTelemetryCollector",
        "metadata": {"name": name, "namespace": "observability"},
        "spec": {
            "image": IMAGE,
            "serviceAccount": "otel-collector",
            "securityContext": _SECURITY,
            "podSecurityContext": {"fsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
            **spec,
            "config": config,
        },
    }


def gateway() -> dict[str, Any]:
    """Several replicas, each with a disk for its queue."""
    return _resource(
        "gateway",
        {
            "mode": "statefulset",
            "replicas": 2,
            "resources": {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
            "env": [
                {"name": "GOMEMLIMIT", "value": "1600MiB"},
                {"name": "QUEUE_FOLDER", "value": "/var/lib/otelcol/queue"},
                _env("POD_NAME", "metadata.name"),
            ],
            "volumeMounts": [{"name": "queue", "mountPath": "/var/lib/otelcol"}],
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "queue"},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}},
                }
            ],
            "podDisruptionBudget": {"maxUnavailable": 1},
        },
    )


def agent() -> dict[str, Any]:
    """One on each node; its queue outlives its container, not its pod: the gateway has the disks."""
    return _resource(
        "agent",
        {
            "mode": "daemonset",
            "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
            "env": [
                {"name": "GOMEMLIMIT", "value": "400MiB"},
                {"name": "QUEUE_FOLDER", "value": "/var/lib/otelcol/queue"},
                _env("K8S_NODE_NAME", "spec.nodeName"),
            ],
            "volumes": [{"name": "queue", "emptyDir": {"sizeLimit": "2Gi"}}],
            "volumeMounts": [{"name": "queue", "mountPath": "/var/lib/otelcol"}],
        },
    )


def files() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        MANIFESTS / f"collector-{name}.yaml": _HEAD.format(name=name)
        + yaml.safe_dump(resource, sort_keys=False, width=110, allow_unicode=True)
        for name, resource in (("gateway", gateway()), ("agent", agent()))
    }


def main() -> int:
    stale = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run `python -m scripts.write_manifests`.")
        return 1 if stale else 0
    for path in stale:
        path.write_text(files()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
