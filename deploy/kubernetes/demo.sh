#!/bin/sh
# demo.sh [up|down]: a cluster in Docker (k3d) with the stack, our server, and the reference service under injection.
# Needs docker, k3d, kubectl and helm 4; some 8 GB of memory. Single Tempo, so that no Kafka is needed for traces.
set -eu
cd "$(dirname "$0")"
cluster=llm-tracing version=0.1.0
for program in docker k3d kubectl helm; do
  command -v "$program" >/dev/null || { echo "$program is missing: it is needed for the demo on Kubernetes." >&2; exit 1; }
done
if [ "${1:-up}" = down ]; then exec k3d cluster delete "$cluster"; fi

k3d cluster list "$cluster" >/dev/null 2>&1 || k3d cluster create "$cluster" --agents 1 --wait
kubectl config use-context "k3d-$cluster"
for image in server:llm-tracing qa:llm-tracing-qa autoinstrumentation:llm-tracing-autoinstrumentation; do
  docker build -f "../images/${image%%:*}.Dockerfile" -t "${image#*:}:$version" ../..
done
k3d image import -c "$cluster" "llm-tracing:$version" "llm-tracing-qa:$version" "llm-tracing-autoinstrumentation:$version"

kubectl apply -f manifests/namespaces.yaml
observe="kubectl -n observability"
configmap() { # NAME FROM...: made anew from files
  name=$1; shift
  $observe create configmap "$name" "$@" --dry-run=client -o yaml | $observe apply --server-side -f -
}
configmap llm-tracing-datasources --from-file=../grafana/provisioning/datasources
configmap llm-tracing-dashboard-provider --from-file=../grafana/provisioning/dashboards
configmap llm-tracing-dashboards --from-file=../grafana/dashboards
configmap llm-tracing-rules --from-file=../grafana/rules
$observe get secret grafana-admin >/dev/null 2>&1 || $observe create secret generic grafana-admin \
  --from-literal=admin-user=admin --from-literal=admin-password="$(head -c 18 /dev/urandom | base64)"

helm repo add --force-update grafana https://grafana.github.io/helm-charts
helm repo add --force-update grafana-community https://grafana-community.github.io/helm-charts
helm repo add --force-update open-telemetry https://open-telemetry.github.io/opentelemetry-helm-charts
install() { # RELEASE CHART VERSION NAMESPACE VALUES...
  release=$1 chart=$2 pinned=$3 namespace=$4; shift 4
  helm upgrade --install "$release" "$chart" --version "$pinned" -n "$namespace" --create-namespace --wait --timeout 15m "$@"
}
install loki grafana-community/loki 18.11.0 observability -f values/loki.yaml
install tempo grafana-community/tempo 2.2.4 observability -f values/tempo.yaml
install mimir grafana/mimir-distributed '^6' observability -f values/mimir-distributed.yaml
install grafana grafana-community/grafana 12.11.1 observability -f values/grafana.yaml \
  --set env.TEMPO_URL=http://tempo.observability.svc:3200
install opentelemetry-operator open-telemetry/opentelemetry-operator 0.122.0 opentelemetry-operator-system \
  -f values/opentelemetry-operator.yaml

kubectl apply --server-side -k manifests
# The gateway writes to the single Tempo of this demo.
$observe patch opentelemetrycollector gateway --type=json \
  -p '[{"op": "add", "path": "/spec/env/-", "value": {"name": "TEMPO", "value": "tempo.observability.svc:4317"}}]'
$observe rollout status statefulset/gateway-collector --timeout=5m
$observe rollout status daemonset/agent-collector --timeout=5m
helm upgrade --install llm-tracing charts/llm-tracing -n llm-tracing --wait
helm upgrade --install qa charts/llm-tracing-qa -n qa --wait --set telemetry.inject=observability/python

cat <<'TEXT'
Ready. In a terminal each:
  kubectl -n llm-tracing port-forward service/llm-tracing 4318
  kubectl -n observability port-forward service/grafana 3000:80
  kubectl -n qa port-forward service/qa 8080
Then: curl -sG http://127.0.0.1:8080/ask --data-urlencode 'question=list the most popular albums'
Grafana's password: kubectl -n observability get secret grafana-admin -o jsonpath='{.data.admin-password}' | base64 -d
TEXT
