"""Metrics by the names that Prometheus gives them: what they are called in OpenTelemetry, their unit and their type.

Prometheus keeps no unit and no description of what came by OTLP. A name that is not in the table stays as Prometheus
has it, with the unit that its end says. Source: OpenTelemetry semantic conventions, metrics; and "OTLP Metric points to
Prometheus" of the specification for how names are made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from llm_tracing.lgtm.otel_names import flat

Shape = Literal["sum", "updown", "gauge", "histogram"]

_TABLE = """
gen_ai.client.token.usage|{token}|histogram|Number of input and output tokens used
gen_ai.client.operation.duration|s|histogram|GenAI operation duration
gen_ai.client.operation.time_to_first_chunk|s|histogram|Time to the first chunk of a streamed answer
gen_ai.client.operation.time_per_output_chunk|s|histogram|Time per output chunk after the first
gen_ai.execute_tool.duration|s|histogram|Duration of tool executions
gen_ai.invoke_agent.duration|s|histogram|Duration of agent invocations
gen_ai.invoke_workflow.duration|s|histogram|Duration of workflow invocations
gen_ai.server.request.duration|s|histogram|Generative AI server request duration
gen_ai.server.time_per_output_token|s|histogram|Time per output token generated after the first token
gen_ai.server.time_to_first_token|s|histogram|Time to generate the first token
http.server.request.duration|s|histogram|Duration of HTTP server requests
http.server.active_requests|{request}|updown|Number of active HTTP server requests
http.server.request.body.size|By|histogram|Size of HTTP server request bodies
http.server.response.body.size|By|histogram|Size of HTTP server response bodies
http.server.duration|ms|histogram|Duration of HTTP server requests
http.client.request.duration|s|histogram|Duration of HTTP client requests
http.client.request.body.size|By|histogram|Size of HTTP client request bodies
http.client.response.body.size|By|histogram|Size of HTTP client response bodies
http.client.active_requests|{request}|updown|Number of active HTTP requests
http.client.open_connections|{connection}|updown|Number of outbound HTTP connections
http.client.duration|ms|histogram|Duration of HTTP client requests
db.client.operation.duration|s|histogram|Duration of database client operations
db.client.response.returned_rows|{row}|histogram|The actual number of records returned by the database operation
db.client.connection.count|{connection}|updown|The number of connections in a state
db.client.connections.usage|{connection}|updown|The number of connections in a state
rpc.server.duration|ms|histogram|Duration of inbound RPC
rpc.client.duration|ms|histogram|Duration of outbound RPC
process.cpu.time|s|sum|Total CPU seconds by mode
process.cpu.utilization|1|gauge|CPU time divided by elapsed time and processors
process.memory.usage|By|updown|The amount of physical memory in use
process.memory.virtual|By|updown|The amount of committed virtual memory
process.thread.count|{thread}|updown|Process threads count
process.open_file_descriptor.count|{file_descriptor}|updown|Number of file descriptors in use
process.unix.file_descriptor.count|{file_descriptor}|updown|Number of unix file descriptors in use
process.context_switches|{context_switch}|sum|Number of times the process has been context switched
process.runtime.memory|By|updown|Memory of the runtime
process.runtime.cpu.time|s|sum|CPU time of the runtime
process.runtime.gc_count|{collection}|sum|Garbage collections
process.runtime.thread_count|{thread}|updown|Threads of the runtime
process.uptime|s|gauge|The time the process has been running
cpython.gc.collections|{collection}|sum|The number of times a generation was collected
cpython.gc.collected_objects|{object}|sum|The number of objects collected inside a generation
cpython.gc.uncollectable_objects|{object}|sum|The number of uncollectable objects
system.cpu.time|s|sum|CPU seconds by mode
system.cpu.utilization|1|gauge|CPU time divided by elapsed time
system.memory.usage|By|updown|Memory in use by state
system.memory.utilization|1|gauge|Share of memory in use
system.swap.usage|By|updown|Swap in use
system.swap.utilization|1|gauge|Share of swap in use
system.disk.io|By|sum|Bytes read and written
system.disk.operations|{operation}|sum|Disk operations
system.network.io|By|sum|Bytes sent and received
system.network.errors|{error}|sum|Network errors
system.network.packets|{packet}|sum|Packets sent and received
system.network.connections|{connection}|updown|Network connections
system.thread_count|{thread}|gauge|Threads of the system
"""
_UNITS = {"s": "seconds", "ms": "milliseconds", "By": "bytes", "1": "ratio"}
_ENDS = {"seconds": "s", "milliseconds": "ms", "microseconds": "us", "bytes": "By", "ratio": "1", "percent": "%"}
# What no service sent: of alerts, of each scrape, and of recording rules, whose names have a colon by convention.
# Source: Prometheus's documentation, "Alerting rules", "Automatically generated labels and time series", "Naming".
NOT_SENT = (
    "ALERTS|ALERTS_FOR_STATE|up"
    "|scrape_(duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|timeout_seconds"
    "|sample_limit|body_size_bytes)"
    "|.*:.*"
)
_NOT_SENT = re.compile(NOT_SENT)
_PARTS = re.compile(r"(.+?)_(bucket|sum|count|total)")


class Family(NamedTuple):
    """A metric; `name` as OpenTelemetry has it, where that is known."""

    name: str
    unit: str
    shape: Shape
    description: str = ""


def prometheus_name(name: str, unit: str, shape: str) -> str:
    """The name of a metric in Prometheus, without the ends of a histogram's parts."""
    found = flat(name)
    suffix = _UNITS.get(unit, "")
    if suffix and not (suffix == "ratio" and shape != "gauge") and not found.endswith(f"_{suffix}"):
        found = f"{found}_{suffix}"
    return f"{found}_total" if shape == "sum" and not found.endswith("_total") else found


def _known() -> dict[str, Family]:
    rows = [line.split("|") for line in _TABLE.strip().splitlines()]
    return {
        prometheus_name(name, unit, shape): Family(name, unit, shape, description)  # type: ignore[arg-type]
        for name, unit, shape, description in rows
    }


KNOWN: dict[str, Family] = _known()


def is_sent(name: str) -> bool:
    """Whether a series can be a metric that a service sent, and not one that Prometheus or a scraper made."""
    return _NOT_SENT.fullmatch(name) is None


def split_name(name: str) -> tuple[str, str]:
    """(family, part): the part is bucket, sum, count, total or empty. A counter's family keeps its end."""
    found = None if name in KNOWN and KNOWN[name].shape != "sum" else _PARTS.fullmatch(name)
    if found is None:
        return name, ""
    return (name, "total") if found[2] == "total" else (found[1], found[2])


def family_of(name: str, *, is_histogram: bool, here: Mapping[str, Family] | None = None) -> Family:
    """What a family in Prometheus is; `here` are those that this server has been sent, by their name there."""
    known = (here or {}).get(name) or KNOWN.get(name)
    if known is not None and (known.shape == "histogram") == is_histogram:
        return known
    bare = name.removesuffix("_total")
    unit = next((unit for end, unit in _ENDS.items() if bare.endswith(f"_{end}")), "")
    shape: Shape = "histogram" if is_histogram else "sum" if name.endswith("_total") else "gauge"
    return Family(name, unit, shape)


def selector_of(name: str, here: Mapping[str, Family] | None = None) -> str:
    """A regular expression that the parts of a metric have in Prometheus; it may find others too."""
    known = next((prom for prom, family in {**KNOWN, **(here or {})}.items() if family.name == name), None)
    base = re.escape(known if known is not None else flat(name))
    units = "|".join(_ENDS)
    return f"{base}(_({units}))?(_total|_bucket|_sum|_count)?"
