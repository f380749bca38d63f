"""Traces of real clients, one of each convention, as a person sees them: question, answer, tokens."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.replay import replay
from tests.normalize.corpus import CORPUS, Case
from tests.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.long]

# One client of each convention; "s1" asks for a greeting and gets it.
CLIENTS = (
    "bedrock-botocore-otel-0.66b2",
    "langfuse-openai-5.0.4",
    "langsmith-js-0.12.0",
    "langsmith-langchain-0.15.0",
    "litellm-otel-1.106.2",
    "logfire-anthropic-5.2.0",
    "mlflow-openai-3.17.2",
    "openinference-openai-0.1.66",
    "openlit-openai-1.45.0",
    "openlit-openai-old-1.33.20",
    "otel-genai-openai-span-1.3b0",
    "pydantic-ai-2.62.0",
    "pydantic-ai-old-logs-0.8.1",
    "traceloop-langchain-old-0.40.14",
    "traceloop-openai-0.62.4",
    "vercel-ai-sdk-6.0.326",
)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_trace_of_each_convention_shows_question_answer_and_tokens(page: Page, server: Running, client: str) -> None:
    case = Case(CORPUS / client / "s1")
    facts = case.meta()["expected"]
    replay(case, server.addresses.http)
    [exchange] = facts["provider_exchanges"]
    asked = next(message["text"] for message in exchange["input_messages"] if message["role"] == "user")
    [answer], usage = facts["final_texts"], facts["total_usage"]
    total = usage["input_tokens_total"] + usage["output_tokens_total"]

    page.goto(server.addresses.http)
    row = page.get_by_test_id("trace-row").filter(has_text=asked)
    expect(row).to_contain_text(answer)
    expect(row).to_contain_text(f"{total} tok")

    row.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(asked)
    expect(page.locator(".trace-header")).to_contain_text(answer)
    expect(page.locator(".totals")).to_contain_text(f"{total} tok")
    page.locator("[role=row]").filter(has=page.locator(".kind-llm")).first.click()
    panel = page.get_by_test_id("span-panel")
    expect(panel.get_by_test_id("message").filter(has_text=asked).first).to_be_visible()
    expect(panel.get_by_test_id("message").filter(has_text=answer).first).to_be_visible()
    panel.get_by_role("tab", name="Ledger").click()
    expect(panel).to_contain_text(re.compile(rf"\b{usage['output_tokens_total']}\b"))


def test_every_convention_of_the_captures_is_opened() -> None:
    families = {json.loads(meta.read_text())["convention_family"] for meta in CORPUS.glob("*/s1/meta.json")}
    opened = {Case(CORPUS / client / "s1").meta()["convention_family"] for client in CLIENTS}
    assert families - opened == set()
