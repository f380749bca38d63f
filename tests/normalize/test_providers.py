"""The names of model providers, and the words of roles and finish reasons, folded to OpenTelemetry's."""

import pytest

from llm_tracing.normalize import words
from llm_tracing.normalize.conventions import read_facts
from llm_tracing.normalize.providers import KNOWN, NOT_PROVIDERS, SPELLINGS, provider_name


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_name_of_the_conventions_stays_what_it_is(name: str) -> None:
    assert provider_name(name) == name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("Ollama", "ollama"),
        ("OpenAI", "openai"),
        ("openai.responses", "openai"),
        ("Anthropic", "anthropic"),
        ("@ai-sdk/anthropic", "anthropic"),
        ("aws_bedrock", "aws.bedrock"),
        ("AWS", "aws.bedrock"),
        ("azure", "azure.ai.openai"),
        ("azure-openai.responses", "azure.ai.openai"),
        ("az.ai.inference", "azure.ai.inference"),
        ("gemini", "gcp.gemini"),
        ("google_genai", "gcp.gen_ai"),
        ("google.generative-ai", "gcp.gen_ai"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("VertexAI", "gcp.vertex_ai"),
        ("mistralai", "mistral_ai"),
        ("xai.chat", "x_ai"),
        (" Cohere ", "cohere"),
    ],
)
def test_spellings_of_clients_are_folded(sent: str, name: str) -> None:
    assert provider_name(sent) == name


@pytest.mark.parametrize("sent", ["langchain", "LangGraph", "InMemoryVectorStore", "", " ", None, 7, ["openai"]])
def test_a_framework_or_a_vector_store_is_no_model_provider(sent: object) -> None:
    assert provider_name(sent) is None


def test_a_provider_nobody_knows_keeps_its_name() -> None:
    assert provider_name("Acme.Models") == "Acme.Models"


def test_every_spelling_leads_to_a_name_of_the_conventions() -> None:
    assert set(SPELLINGS.values()) <= KNOWN
    assert not NOT_PROVIDERS & set(SPELLINGS)


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "chat", "gen_ai.system": "OpenAI"},
        {"openinference.span.kind": "LLM", "llm.system": "OpenAI"},
        {"llm.request.type": "chat", "llm.vendor": "OpenAI"},
    ],
)
def test_every_convention_folds_its_provider(attributes: dict[str, str]) -> None:
    facts = read_facts(attributes)
    assert facts is not None
    assert facts.provider == "openai"


@pytest.mark.parametrize("cached", [{}, {"gen_ai.usage.cache_read.input_tokens": 256}])
def test_input_of_bedrock_includes_the_cached_tokens_that_it_reports_beside(cached: dict[str, int]) -> None:
    usage = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 277, **cached}
    bedrock = read_facts({**usage, "gen_ai.provider.name": "aws.bedrock"})
    other = read_facts({**usage, "gen_ai.provider.name": "openai"})
    assert bedrock is not None
    assert other is not None
    assert bedrock.input_tokens == 277 + sum(cached.values())
    assert other.input_tokens == 277


@pytest.mark.parametrize(
    ("sent", "role"),
    [
        ("human", "user"),
        ("ai", "assistant"),
        ("model", "assistant"),
        ("AIMessageChunk", "assistant"),
        ("developer", "system"),
        ("function_call_output", "tool"),
        ("tool-call", "assistant"),
        ("tool-response", "tool"),
        ("unknown", "user"),
        (None, "user"),
        ("narrator", "narrator"),
    ],
)
def test_roles_are_the_four_of_the_conventions(sent: str | None, role: str) -> None:
    assert words.role(sent, "user") == role


@pytest.mark.parametrize(
    ("sent", "reasons"),
    [
        (["tool_calls", "end_turn"], ("tool_call", "stop")),
        ("tool-calls", ("tool_call",)),
        ("FinishReason.MAX_TOKENS", ("length",)),
        (["", None, "None"], ()),
        (None, ()),
        ("STOP", ("stop",)),
    ],
)
def test_finish_reasons_have_one_spelling(sent: object, reasons: tuple[str, ...]) -> None:
    assert words.finish_reasons(sent) == reasons


@pytest.mark.parametrize(
    ("provider", "more", "output", "reasoning"),
    [
        ("gcp.gemini", {"gen_ai.usage.total_tokens": 50}, 10, 7),
        ("gcp.gemini", {"gen_ai.usage.total_tokens": 43}, 3, None),
        ("gcp.gemini", {}, 3, None),
        ("gcp.gemini", {"gen_ai.usage.total_tokens": 50, "gen_ai.usage.reasoning.output_tokens": 2}, 3, 2),
        ("openai", {"gen_ai.usage.total_tokens": 50}, 3, None),
    ],
)
def test_thoughts_that_only_the_total_tells_are_output(
    provider: str, more: dict[str, int], output: int, reasoning: int | None
) -> None:
    tokens = {"gen_ai.usage.input_tokens": 40, "gen_ai.usage.output_tokens": 3}
    facts = read_facts({"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, **tokens, **more})
    assert facts is not None
    assert (facts.output_tokens, facts.reasoning_tokens) == (output, reasoning)
