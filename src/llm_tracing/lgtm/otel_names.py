"""Names of attributes as OpenTelemetry writes them, for backends that turn every dot into an underscore.

`gen_ai_request_model` may be `gen_ai.request.model` or `gen.ai.request.model`: only a list can tell. What is not in it
keeps its underscores. Source: OpenTelemetry semantic conventions, and the attributes that normalize/ reads.
"""

from __future__ import annotations

import re

from llm_tracing.normalize.conventions import MARKERS

_RESOURCE = """
service.name service.namespace service.version service.instance.id deployment.environment deployment.environment.name
telemetry.sdk.language telemetry.sdk.name telemetry.sdk.version telemetry.distro.name telemetry.distro.version
host.name host.id host.arch host.type host.ip os.type os.name os.version os.description
process.pid process.parent_pid process.command process.command_line process.command_args process.executable.name
process.executable.path process.owner process.runtime.name process.runtime.version process.runtime.description
container.id container.name container.image.name container.image.tags container.runtime
k8s.cluster.name k8s.cluster.uid k8s.namespace.name k8s.node.name k8s.node.uid k8s.pod.name k8s.pod.uid k8s.pod.ip
k8s.pod.start_time k8s.container.name k8s.container.restart_count k8s.deployment.name k8s.replicaset.name
k8s.statefulset.name k8s.daemonset.name k8s.job.name k8s.cronjob.name
cloud.provider cloud.account.id cloud.region cloud.availability_zone cloud.platform cloud.resource_id
faas.name faas.version faas.instance webengine.name webengine.version webengine.description
"""
_OTHERS = """
event.name exception.type exception.message exception.stacktrace exception.escaped error.type error.message
code.function code.function.name code.file.path code.filepath code.line.number code.lineno code.namespace
code.stacktrace thread.id thread.name log.file.name log.file.path log.iostream log.record.uid log.record.original
gen_ai.conversation.id gen_ai.data_source.id gen_ai.input.messages gen_ai.output.messages gen_ai.output.type
gen_ai.operation.name gen_ai.provider.name gen_ai.system gen_ai.system_instructions gen_ai.token.type gen_ai.agent.id
gen_ai.agent.name gen_ai.agent.description gen_ai.prompt gen_ai.completion gen_ai.prompt.name
gen_ai.request.model gen_ai.request.choice.count gen_ai.request.encoding_formats gen_ai.request.frequency_penalty
gen_ai.request.max_tokens gen_ai.request.presence_penalty gen_ai.request.seed gen_ai.request.stop_sequences
gen_ai.request.stream gen_ai.request.temperature gen_ai.request.top_k gen_ai.request.top_p
gen_ai.response.finish_reasons gen_ai.response.id gen_ai.response.model gen_ai.response.time_to_first_chunk
gen_ai.tool.call.id gen_ai.tool.call.arguments gen_ai.tool.call.result gen_ai.tool.definitions
gen_ai.tool.description gen_ai.tool.name gen_ai.tool.type gen_ai.usage.cost
gen_ai.usage.input_tokens gen_ai.usage.output_tokens gen_ai.usage.cache_read.input_tokens
gen_ai.usage.cache_creation.input_tokens gen_ai.usage.cache_write.input_tokens gen_ai.usage.reasoning.output_tokens
gen_ai.evaluation.name gen_ai.evaluation.score.value gen_ai.evaluation.score.label gen_ai.evaluation.explanation
session.id session.previous_id user.id user.name user.email enduser.id
server.address server.port client.address client.port network.protocol.name network.protocol.version
network.transport network.peer.address network.peer.port network.type url.full url.path url.query url.scheme
url.template http.route http.request.method http.request.body.size http.response.status_code
http.response.body.size http.method http.status_code http.url http.target http.scheme user_agent.original
db.system db.system.name db.name db.namespace db.statement db.query.text db.query.summary db.operation
db.operation.name db.collection.name db.response.returned_rows db.response.status_code db.client.connection.state
db.client.connection.pool.name messaging.system messaging.operation.name messaging.operation.type
messaging.destination.name rpc.system rpc.service rpc.method rpc.grpc.status_code cpu.mode cpu.state system.device
disk.io.direction network.io.direction process.cpu.state process.context_switch.type process.paging.fault_type
cpython.gc.generation openai.api.type openai.response.service_tier openai.request.service_tier
openai.response.system_fingerprint
"""
_NUMBERS = re.compile(
    r".*(_tokens|\.port|status_code|\.max_tokens|\.seed|\.count|\.returned_rows|\.lineno|\.line\.number|pid"
    r"|\.temperature|\.top_p|\.top_k|_penalty|thread\.id|\.size)"
)


RESOURCE_NAMES = frozenset(_RESOURCE.split())


def flat(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


_BY_FLAT: dict[str, str] = {
    flat(name): name
    for name in (*sorted(name for name in MARKERS if "." in name), *_RESOURCE.split(), *_OTHERS.split())
}


def name_of(label: str) -> str:
    """A label as the attribute that it was; itself where nothing is known of it."""
    return _BY_FLAT.get(label, label)


def value_of(name: str, value: str) -> str | int | float:
    """A value that came as text, as the number that the conventions say it is."""
    if not _NUMBERS.fullmatch(name):
        return value
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return value
