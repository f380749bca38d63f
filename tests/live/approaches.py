"""The clients, a line each: what is installed and what is set, as the client's own documentation says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Protocol = Literal["OTLP", "LangSmith"]
# Who sends: llm_tracing.configure(), OpenTelemetry's SDK as its manual sets it up, or the client by itself.
Sender = Literal["configure", "sdk", "client"]
# Who asks: the reference service as it is (LangChain), or the same two calls made with the `openai` client alone.
Asker = Literal["service", "openai client"]

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
LATEST = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}
LANGSMITH = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "any"}

BOTH: tuple[Protocol, ...] = ("OTLP", "LangSmith")

GENAI_OPENAI = "opentelemetry-instrumentation-genai-openai"
GENAI_LANGCHAIN = "opentelemetry-instrumentation-genai-langchain"
OPENAI_V2 = "opentelemetry-instrumentation-openai-v2"
OPENINFERENCE_LANGCHAIN = "openinference-instrumentation-langchain"
TRACELOOP_OPENAI = "opentelemetry-instrumentation-openai"
TRACELOOP_LANGCHAIN = "opentelemetry-instrumentation-langchain"

INSTRUMENTORS: Mapping[str, str] = {
    GENAI_OPENAI: "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
    GENAI_LANGCHAIN: "opentelemetry.instrumentation.genai.langchain:LangChainInstrumentor",
    OPENAI_V2: "opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor",
    OPENINFERENCE_LANGCHAIN: "openinference.instrumentation.langchain:LangChainInstrumentor",
    TRACELOOP_OPENAI: "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
    TRACELOOP_LANGCHAIN: "opentelemetry.instrumentation.langchain:LangchainInstrumentor",
}
"""Package -> `module:Class` with instrument(); packages without one are switched on by their environment."""

# openai-v2 2.4b0 imports a module that opentelemetry-util-genai 1.3 no longer has, and genai-openai needs 1.3. So it is
# in a folder of its own with the util it was made for (see the Makefile), first on the path of its process only.
APART = frozenset({OPENAI_V2})


@dataclass(frozen=True, slots=True)
class Approach:
    """One way to observe the service: `packages` see the calls, with `environment` set."""

    name: str
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    protocols: tuple[Protocol, ...] = ("OTLP",)
    sender: Sender = "sdk"
    asker: Asker = "service"

    @property
    def sources(self) -> list[str]:
        """As the API names them."""
        return [protocol.lower() for protocol in self.protocols]


APPROACHES: tuple[Approach, ...] = (
    Approach("otel", ("llm-tracing",), sender="configure"),
    Approach("genai-openai", (GENAI_OPENAI,), {CAPTURE: "SPAN_ONLY", **LATEST}),
    Approach("genai-openai-events", (GENAI_OPENAI,), {CAPTURE: "EVENT_ONLY", **LATEST}),
    Approach("genai-openai-both", (GENAI_OPENAI,), {CAPTURE: "SPAN_AND_EVENT", **LATEST}),
    Approach("genai-langchain", (GENAI_LANGCHAIN,), {CAPTURE: "SPAN_ONLY", **LATEST}),
    Approach("openai-v2", (OPENAI_V2,), {CAPTURE: "true"}),
    Approach("openinference-langchain", (OPENINFERENCE_LANGCHAIN,)),
    Approach(
        "openinference-langchain+openai", (OPENINFERENCE_LANGCHAIN, GENAI_OPENAI), {CAPTURE: "SPAN_ONLY", **LATEST}
    ),
    Approach("traceloop-openai", (TRACELOOP_OPENAI,)),
    Approach("traceloop-langchain", (TRACELOOP_LANGCHAIN,)),
    Approach("traceloop-langchain+openai", (TRACELOOP_LANGCHAIN, TRACELOOP_OPENAI)),
    Approach("langsmith-langchain", ("langsmith",), LANGSMITH, ("LangSmith",), "client"),
    Approach("langsmith-traceable", ("langsmith",), LANGSMITH, ("LangSmith",), "client", "openai client"),
    Approach("langsmith-hybrid", ("langsmith",), {**LANGSMITH, "LANGSMITH_OTEL_ENABLED": "true"}, BOTH),
    Approach("langsmith-otel-only", ("langsmith",), {**LANGSMITH, "LANGSMITH_OTEL_ONLY": "true"}, sender="client"),
)


def approach(name: str) -> Approach:
    return next(one for one in APPROACHES if one.name == name)
