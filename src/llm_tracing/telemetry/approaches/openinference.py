"""`openinference`: the set-up of `otel` with the LLM spans of OpenInference (Arize) instead of ours.

Only its LangChain instrumentation: it records the calls of the OpenAI client that LangChain makes. It sends its
makers nothing.
"""

from llm_tracing.telemetry.approaches.otel import start_with
from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.instrument import Instrumentation, without_llm

INSTRUMENTATIONS = (
    *without_llm(),
    Instrumentation(
        "langchain",
        "langchain_core",
        "openinference.instrumentation.langchain:LangChainInstrumentor",
        "chain, tool, retriever and LLM spans of LangChain",
    ),
)


def start(service_name: str, service_version: str | None) -> Together:
    return start_with(INSTRUMENTATIONS, service_name, service_version)
