"""Which libraries can be observed, and by whom: the base table of `instrument.py`, and more.

A row names the official instrumentation first, OpenLLMetry's (Traceloop) next, OpenInference's (Arize) last, as their
packages name them in their entry points; the first that is installed and takes the library's version is used.
"""

from dataclasses import replace

from llm_tracing.telemetry.instrument import INSTRUMENTATIONS, Instrumentation

_OTEL = "opentelemetry.instrumentation"
_INFERENCE = "openinference.instrumentation"
_OURS = "llm_tracing.telemetry"

# More instrumentors for rows of the base table.
_OTHERS: dict[str, tuple[str, ...]] = {
    "openai": (
        f"{_OTEL}.openai_v2:OpenAIInstrumentor",
        f"{_OTEL}.openai:OpenAIInstrumentor",
        f"{_INFERENCE}.openai:OpenAIInstrumentor",
    ),
    "langchain": (
        f"{_OTEL}.langchain:LangchainInstrumentor",
        f"{_INFERENCE}.langchain:LangChainInstrumentor",
    ),
}

# name, package, instrumentors in order
_LLM: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("anthropic", "anthropic", (
        f"{_OTEL}.genai.anthropic:AnthropicInstrumentor",
        f"{_OTEL}.anthropic:AnthropicInstrumentor",
        f"{_INFERENCE}.anthropic:AnthropicInstrumentor",
    )),
    ("google_genai", "google.genai", (
        f"{_OTEL}.google_genai:GoogleGenAiSdkInstrumentor",
        f"{_INFERENCE}.google_genai:GoogleGenAIInstrumentor",
    )),
    ("google_generativeai", "google.generativeai", (
        f"{_OTEL}.google_generativeai:GoogleGenerativeAiInstrumentor",
    )),
    ("vertexai", "vertexai", (
        f"{_OTEL}.vertexai:VertexAIInstrumentor",
        f"{_INFERENCE}.vertexai:VertexAIInstrumentor",
    )),
    # The plain botocore instrumentation tells of Bedrock too: it is one of them, and not beside them.
    ("bedrock", "botocore", (
        f"{_OTEL}.genai.bedrock:BedrockInstrumentor",
        f"{_OTEL}.bedrock:BedrockInstrumentor",
        f"{_INFERENCE}.bedrock:BedrockInstrumentor",
        f"{_OTEL}.botocore:BotocoreInstrumentor",
    )),
    ("mistralai", "mistralai", (
        f"{_OTEL}.mistralai:MistralAiInstrumentor",
        f"{_INFERENCE}.mistralai:MistralAIInstrumentor",
    )),
    ("groq", "groq", (f"{_OTEL}.groq:GroqInstrumentor", f"{_INFERENCE}.groq:GroqInstrumentor")),
    ("cohere", "cohere", (f"{_OTEL}.cohere:CohereInstrumentor",)),
    ("ollama", "ollama", (f"{_OTEL}.ollama:OllamaInstrumentor",)),
    ("litellm", "litellm", (f"{_OTEL}.litellm:LiteLLMInstrumentor", f"{_INFERENCE}.litellm:LiteLLMInstrumentor")),
    ("llama_index", "llama_index.core", (
        f"{_OTEL}.genai.llama_index:LlamaIndexInstrumentor",
        f"{_OTEL}.llamaindex:LlamaIndexInstrumentor",
        f"{_INFERENCE}.llama_index:LlamaIndexInstrumentor",
    )),
    ("openai_agents", "agents", (
        f"{_OTEL}.genai.openai_agents:OpenAIAgentsInstrumentor",
        f"{_OTEL}.openai_agents:OpenAIAgentsInstrumentor",
        f"{_INFERENCE}.openai_agents:OpenAIAgentsInstrumentor",
    )),
    ("crewai", "crewai", (f"{_OTEL}.crewai:CrewAIInstrumentor", f"{_INFERENCE}.crewai:CrewAIInstrumentor")),
    ("dspy", "dspy", (f"{_OTEL}.genai.dspy:DSPyInstrumentor", f"{_INFERENCE}.dspy:DSPyInstrumentor")),
    ("smolagents", "smolagents", (
        f"{_OTEL}.genai.smolagents:SmolagentsInstrumentor",
        f"{_INFERENCE}.smolagents:SmolagentsInstrumentor",
    )),
    ("agno", "agno", (
        f"{_OTEL}.genai.agno:AgnoInstrumentor",
        f"{_OTEL}.agno:AgnoInstrumentor",
        f"{_INFERENCE}.agno:AgnoInstrumentor",
    )),
    ("mcp", "mcp", (f"{_OTEL}.mcp:McpInstrumentor", f"{_INFERENCE}.mcp:MCPInstrumentor")),
    ("chromadb", "chromadb", (f"{_OTEL}.chromadb:ChromaInstrumentor",)),
    ("pydantic_ai", "pydantic_ai", (f"{_OURS}.pydantic_ai_agents:PydanticAIAgents",)),
)  # fmt: skip

_OTHER: tuple[tuple[str, str, str], ...] = (
    ("flask", "flask", f"{_OTEL}.flask:FlaskInstrumentor"),
    # Its settings are complete when it loads its middleware, and not when it is imported.
    ("django", "django.core.handlers.base", f"{_OURS}.django_apps:DjangoApps"),
    ("starlette", "starlette.applications", f"{_OURS}.starlette_apps:StarletteApps"),
    ("requests", "requests", f"{_OTEL}.requests:RequestsInstrumentor"),
    ("urllib3", "urllib3", f"{_OTEL}.urllib3:URLLib3Instrumentor"),
    ("urllib", "urllib.request", f"{_OTEL}.urllib:URLLibInstrumentor"),
    ("aiohttp-client", "aiohttp", f"{_OTEL}.aiohttp_client:AioHttpClientInstrumentor"),
    ("redis", "redis", f"{_OTEL}.redis:RedisInstrumentor"),
    ("pymongo", "pymongo", f"{_OTEL}.pymongo:PymongoInstrumentor"),
    ("celery", "celery", f"{_OTEL}.celery:CeleryInstrumentor"),
)

# Drivers: where SQLAlchemy is in use it tells each statement, and they would tell it again.
_DRIVERS: tuple[tuple[str, str, str], ...] = (
    ("sqlite3", "sqlite3", f"{_OTEL}.sqlite3:SQLite3Instrumentor"),
    ("psycopg", "psycopg", f"{_OTEL}.psycopg:PsycopgInstrumentor"),
    ("psycopg2", "psycopg2", f"{_OTEL}.psycopg2:Psycopg2Instrumentor"),
    ("asyncpg", "asyncpg", f"{_OTEL}.asyncpg:AsyncPGInstrumentor"),
    ("pymysql", "pymysql", f"{_OTEL}.pymysql:PyMySQLInstrumentor"),
)

LLM = frozenset({"openai", "langchain", "langchain_steps", *(name for name, _, _ in _LLM)} - {"chromadb", "mcp"})
"""The rows that tell calls of models: left out where LangSmith's own tracing tells them."""

QUIET = frozenset({"sqlite3", "requests", "urllib3", "urllib", "starlette", "langchain_steps", "httpx2"})
"""Rows of which nobody misses anything: parts of other libraries, or of Python itself."""


def libraries() -> tuple[Instrumentation, ...]:
    base = [replace(row, others=_OTHERS.get(row.name, ())) for row in INSTRUMENTATIONS]
    llm = [Instrumentation(name, package, first, "", tuple(more)) for name, package, (first, *more) in _LLM]
    other = [Instrumentation(name, package, instrumentor, "") for name, package, instrumentor in _OTHER]
    drivers = [
        Instrumentation(name, package, instrumentor, "", under=("sqlalchemy",))
        for name, package, instrumentor in _DRIVERS
    ]
    return (*base, *llm, *other, *drivers)


def install_hint(row: Instrumentation) -> str:
    """The PyPI package of a row's first instrumentor: their modules are named like them."""
    module = row.instrumentor.partition(":")[0]
    if module.startswith(_OURS):
        return f"opentelemetry-instrumentation-{row.name}"
    return module.replace(".", "-").replace("_", "-")
