"""`openllmetry`: the set-up of `otel` with the LLM spans of OpenLLMetry (Traceloop) instead of ours."""

from llm_tracing.telemetry.approaches.otel import start_with
from llm_tracing.telemetry.approaches.together import Together
from llm_tracing.telemetry.borrowed import BorrowedEnvironment
from llm_tracing.telemetry.instrument import Instrumentation, without_llm

_OTEL = "opentelemetry.instrumentation"
INSTRUMENTATIONS = (
    *without_llm(),
    Instrumentation("openai", "openai", f"{_OTEL}.openai:OpenAIInstrumentor", "an LLM span per call of the client"),
    Instrumentation(
        "langchain",
        "langchain_core",
        f"{_OTEL}.langchain:LangchainInstrumentor",
        "workflow, task, tool and LLM spans of LangChain",
    ),
)


def start(service_name: str, service_version: str | None) -> Together:
    environment = BorrowedEnvironment()
    environment.default(("TRACELOOP_TELEMETRY",), "false")  # what the library tells its makers about its users
    try:
        started = start_with(INSTRUMENTATIONS, service_name, service_version)
    except ValueError:
        environment.restore()
        raise
    started.add(environment.restore)
    return started
