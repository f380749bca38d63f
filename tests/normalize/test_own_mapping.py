"""Attributes of one's own, mapped by a file: no code, and an error that names the entry to mend."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_tracing.errors import ConfigError
from llm_tracing.normalize.conventions import read_content, read_facts, use_mapping
from llm_tracing.normalize.conventions.own import read_mapping
from llm_tracing.normalize.unmapped import forget, unmapped
from tests.builders import TRACE, chat, span, trace_request
from tests.running import Running

MAPPING = """
attributes:
  acme.model: request_model
  gen_ai.acme.step: kind
  acme.tokens.in: input_tokens
  acme.tokens.out: output_tokens
  acme.tokens.fresh: input_tokens
  acme.prompt: input_messages
  acme.reply: output_messages
  acme.vendor: provider
  acme.usd: cost_usd
  acme.wait: time_to_first_token_s
  acme.customer: user_id
values:
  kind:
    COMPLETION: llm
"""
SENT = {
    "acme.model": "gpt-4o-mini",
    "gen_ai.acme.step": "COMPLETION",
    "acme.tokens.in": 12,
    "acme.tokens.out": "3",
    "acme.prompt": "Which albums?",
    "acme.reply": '[{"role": "assistant", "content": "Unplugged"}]',
    "acme.vendor": "OpenAI",
    "acme.usd": 0.5,
    "acme.wait": 0.25,
    "acme.customer": "u7",
}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    yield path
    use_mapping(None)
    forget()


def test_mapped_attributes_become_canonical_fields(file: Path) -> None:
    assert read_facts(SENT) is None
    use_mapping(read_mapping(file))
    facts, content = read_facts(SENT), read_content(SENT)
    assert facts is not None
    assert (facts.kind, facts.provider, facts.request_model, facts.user_id) == ("llm", "openai", "gpt-4o-mini", "u7")
    assert (facts.input_tokens, facts.output_tokens) == (12, 3)
    assert dict(facts.usage_sources) == {"input_tokens": "acme.tokens.in", "output_tokens": "acme.tokens.out"}
    assert (facts.client_cost_pico_usd, facts.time_to_first_token_ns) == (500_000_000_000, 250_000_000)
    assert [message["role"] for message in content.input_messages or []] == ["user"]
    assert content.output_messages == [{"role": "assistant", "parts": [{"type": "text", "content": "Unplugged"}]}]


def test_a_mapping_wins_over_the_conventions(file: Path) -> None:
    use_mapping(read_mapping(file))
    both = {**chat("A longer question, in\ntwo lines", model="other", tokens=(99, 9)), **SENT}
    facts, content = read_facts(both), read_content(both)
    assert facts is not None
    assert (facts.request_model, facts.input_tokens) == ("gpt-4o-mini", 12)
    assert content.input_messages == [{"role": "user", "parts": [{"type": "text", "content": "Which albums?"}]}]


def test_a_kind_nobody_knows_is_worked_out(file: Path) -> None:
    use_mapping(read_mapping(file))
    facts = read_facts({**SENT, "gen_ai.acme.step": "dance"})
    assert facts is not None
    assert facts.kind == "llm"


def test_a_server_reads_the_file_of_its_settings(file: Path, tmp_path: Path) -> None:
    assert unmapped(SENT) == ("gen_ai.acme.step",)
    with Running(tmp_path / "data", mappings=file) as server:
        server.export(trace_request(span("acme", 1, attributes=SENT)))
        [shown] = server.trace(TRACE).spans
        assert (shown.kind, shown.request_model, shown.counted) == ("llm", "gpt-4o-mini", True)
        assert server.traces(q="Unplugged")
    assert unmapped(SENT) == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("attributes: [", "not YAML"),
        ("- a", "no `attributes`"),
        ("attributes: {acme.x: colour}", "acme.x: colour is no field. Fields are cache_read"),
        ("attributes: {}\nvalues: {colour: {}}", "values: colour is no field"),
        ("attributes: {}\nvalues: {kind: llm}", "a map of field to a map of words"),
        ("attributes: {}\nvalue: {}", "has value; it takes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read_mapping(path)
    assert named in raised.value.line()
    assert str(path) in raised.value.line()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read"):
        read_mapping(tmp_path / "nothing.yaml")
