"""The names of model providers: many spellings in, the OpenTelemetry name out.

Source: the values that OpenTelemetry's GenAI conventions list for gen_ai.provider.name. Clients also send a capitalised
product name (`OpenAI`), an npm package's name with the API in use (`openai.responses`, `@ai-sdk/google`), LangChain's
names (`google_genai`), or the name of a framework, which is no provider of models.
"""

from functools import lru_cache
from typing import Any

KNOWN = frozenset(
    {
        "openai", "anthropic", "aws.bedrock", "azure.ai.openai", "azure.ai.inference", "cohere", "deepseek",
        "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai", "groq", "ibm.watsonx.ai", "mistral_ai", "moonshot_ai",
        "perplexity", "x_ai",
    }
)  # fmt: skip

# Spelling, in lower case and with `_` for each mark between words -> provider. Longer spellings are asked first:
# `azure_openai_responses` is found as `azure_openai`, `openai_responses` as `openai`.
SPELLINGS: dict[str, str] = {
    **{name.replace(".", "_"): name for name in KNOWN},
    "open_ai": "openai",
    "claude": "anthropic",
    "aws": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "amazon": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "az_ai_openai": "azure.ai.openai",
    "az_ai_inference": "azure.ai.inference",
    "azure_ai": "azure.ai.inference",
    "google": "gcp.gen_ai",
    "google_genai": "gcp.gen_ai",
    "google_generativeai": "gcp.gen_ai",
    "google_generative_ai": "gcp.gen_ai",
    "gemini": "gcp.gemini",
    "google_gemini": "gcp.gemini",
    "google_ai_studio": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "google_vertex": "gcp.vertex_ai",
    "google_vertexai": "gcp.vertex_ai",
    "google_vertex_ai": "gcp.vertex_ai",
    "google_anthropic_vertex": "gcp.vertex_ai",
    "ibm": "ibm.watsonx.ai",
    "watsonx": "ibm.watsonx.ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "moonshot": "moonshot_ai",
    "moonshotai": "moonshot_ai",
    "xai": "x_ai",
    "grok": "x_ai",
}

# Not among OpenTelemetry's names; clients write them with capitals.
UNLISTED = frozenset({"ollama", "huggingface", "openrouter", "replicate", "together"})

# Frameworks, routers of no one's models and vector stores that stand where a provider should.
NOT_PROVIDERS = frozenset(
    {
        "langchain", "langgraph", "llamaindex", "llama_index", "haystack", "crewai", "dspy", "smolagents", "litellm",
        "pydantic_ai", "openai_agents", "agno", "autogen", "ai", "vercel", "unknown", "none", "strands",
        "strands_agents", "gcp_vertex_agent", "microsoft_agent_framework", "semantic_kernel", "google_adk", "beeai",
        "spring_ai", "mastra",
        "inmemoryvectorstore", "chroma", "faiss", "pinecone", "qdrant", "weaviate", "milvus", "pgvector",
    }
)  # fmt: skip

# Providers whose own usage leaves cached tokens out of the input. Source: Amazon Bedrock, Converse API, TokenUsage.
CACHE_BESIDE_INPUT = frozenset({"aws.bedrock"})

# Providers whose models answer under the name in the request's address, and whose answers may name no other. Source:
# Amazon Bedrock, Converse and InvokeModel; Gemini and Vertex AI, generateContent (`modelVersion` is optional).
MODEL_NOT_IN_ANSWER = frozenset({"aws.bedrock", "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"})

# Providers whose own count of the answer leaves its thoughts out. Source: Gemini and Vertex AI, UsageMetadata.
THOUGHTS_BESIDE_OUTPUT = frozenset({"gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"})

_MARKS = str.maketrans(dict.fromkeys(".-/: ", "_"))
_NPM_PREFIX = "@ai-sdk/"


def provider_name(sent: Any) -> str | None:
    """OpenTelemetry's name of a provider; None for a framework; a provider nobody knows keeps its own name."""
    return _folded(sent) if isinstance(sent, str) else None


@lru_cache(maxsize=1024)
def _folded(sent: str) -> str | None:
    name = sent.strip()
    if name in KNOWN:
        return name
    spelling = name.lower().removeprefix(_NPM_PREFIX).translate(_MARKS)
    if not spelling or spelling in NOT_PROVIDERS:
        return None
    words = spelling.split("_")
    for count in range(len(words), 0, -1):
        known = SPELLINGS.get("_".join(words[:count]))
        if known is not None:
            return known
    return spelling if spelling in UNLISTED else name
