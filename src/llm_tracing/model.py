"""The canonical model: OpenTelemetry's fields under their own names, and the meaning worked out from them.

Imports no stage. Inside the process ids are ints or bytes-backed UUIDs; at the edges they are lower-case hex.
"""

from typing import Literal, get_args

GenAIKind = Literal[
    "llm", "embedding", "retriever", "reranker", "tool", "agent", "chain", "prompt", "guardrail", "evaluator"
]
InfrastructureKind = Literal["server", "client", "db", "messaging", "internal"]
SpanKindName = Literal[
    "llm", "embedding", "retriever", "reranker", "tool", "agent", "chain", "prompt", "guardrail", "evaluator",
    "server", "client", "db", "messaging", "internal",
]  # fmt: skip

GENAI_KINDS: frozenset[str] = frozenset(get_args(GenAIKind))
