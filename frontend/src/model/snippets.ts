/** How a first trace is sent, for the page of a server that has none. A test runs each of them against a real one. */

export interface Snippet {
  name: string;
  label: string;
  /** What must be there before. */
  first?: string;
  text: string;
}

export function snippets(origin: string): Snippet[] {
  return [
    {
      name: "Python",
      label: "Python",
      first: "pip install llm-tracing",
      text: `import logging

import llm_tracing

llm_tracing.configure("my-service", endpoint="${origin}")

from opentelemetry import trace

with trace.get_tracer("my-service").start_as_current_span("first span"):
    logging.getLogger("my-service").warning("a log record of this span")
`,
    },
    {
      name: "OpenTelemetry",
      label: "Any OpenTelemetry SDK: environment",
      first: "pip install opentelemetry-distro opentelemetry-exporter-otlp",
      text: `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_SERVICE_NAME=my-service
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY
export OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental
opentelemetry-instrument python app.py
`,
    },
    {
      name: "LangSmith",
      label: "A program that traces to LangSmith",
      first: "pip install langsmith",
      text: `import os

os.environ["LANGSMITH_TRACING"] = "true"
os.environ["LANGSMITH_ENDPOINT"] = "${origin}/langsmith"
os.environ["LANGSMITH_API_KEY"] = "anything"

from langsmith import Client, traceable


@traceable(run_type="llm")
def answer(question: str) -> str:
    return f"You asked: {question}"


print(answer("Does this arrive?"))
Client().flush()
`,
    },
    {
      name: "LangChain",
      label: "LangChain, without a model's key",
      first: "pip install llm-tracing langchain-core",
      text: `import llm_tracing

llm_tracing.configure("my-chain", endpoint="${origin}")

from langchain_core.language_models import FakeListChatModel
from langchain_core.prompts import ChatPromptTemplate

model = FakeListChatModel(responses=["Yes, it does."])
chain = ChatPromptTemplate.from_template("{question}") | model
print(chain.invoke({"question": "Does this arrive?"}).content)
`,
    },
    {
      name: "OpenAI",
      label: "The OpenAI SDK",
      first: "pip install llm-tracing openai",
      text: `import llm_tracing

llm_tracing.configure("my-bot", endpoint="${origin}")

from openai import OpenAI

answer = OpenAI().chat.completions.create(
    model="gpt-4o-mini", messages=[{"role": "user", "content": "Does this arrive?"}]
)
print(answer.choices[0].message.content)
`,
    },
    {
      name: "curl",
      label: "By hand: shell",
      text: `hex() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \\n'; }
now=$(date +%s)
curl ${origin}/v1/traces -H 'Content-Type: application/json' -d '{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]},
  "scopeSpans": [{"spans": [{
    "traceId": "'$(hex 16)'", "spanId": "'$(hex 8)'", "name": "first span", "kind": 2,
    "startTimeUnixNano": "'$now'000000000", "endTimeUnixNano": "'$now'250000000"
  }]}]
}]}'
`,
    },
  ];
}

/** How a sender gets its key and shows it, where the project wants one. */
export function keySteps(project: string): string {
  const place = project === "default" ? "" : ` --project ${project}`;
  return `KEY=$(llm-tracing keys create --scope ingest${place})
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$KEY"  # OpenTelemetry
export LANGSMITH_API_KEY="$KEY"                                  # LangSmith's clients`;
}
