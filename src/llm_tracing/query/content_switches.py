"""How the text of calls is switched on, by the scope that made their spans.

Sources: OpenTelemetry GenAI semantic conventions and opentelemetry-util-genai (environment variables), OpenInference
(configuration), OpenLLMetry, LangSmith, OpenLIT, Pydantic AI, Vercel AI SDK and LiteLLM, each in its own documentation.
"""

_OTEL = (
    "Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY and "
    "OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental in the app's environment. Older versions take `true` "
    "and send the text as log records, which OTEL_LOGS_EXPORTER=otlp lets through."
)
_TRACELOOP = "Set TRACELOOP_TRACE_CONTENT=true in the app's environment, or remove it."
_OPENINFERENCE = (
    "Remove OPENINFERENCE_HIDE_INPUTS, OPENINFERENCE_HIDE_OUTPUTS and the other OPENINFERENCE_HIDE_ variables from the "
    "app's environment."
)
_LANGSMITH = "Remove LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS from the app's environment."

# Beginning of a scope's name -> what to do; the first that fits.
SWITCHES: tuple[tuple[str, str], ...] = (
    ("openinference", _OPENINFERENCE),
    ("@arizeai/", _OPENINFERENCE),
    ("langsmith", _LANGSMITH),
    ("@traceloop/", _TRACELOOP),
    ("opentelemetry.instrumentation.genai", _OTEL),
    ("opentelemetry.util.genai", _OTEL),
    ("opentelemetry.instrumentation.openai_v2", _OTEL),
    ("opentelemetry.instrumentation.openai_agents", _OTEL),
    ("opentelemetry.instrumentation.google_genai", _OTEL),
    ("opentelemetry.instrumentation.vertexai_v2", _OTEL),
    ("opentelemetry.instrumentation.botocore", _OTEL),
    ("@opentelemetry/", _OTEL),
    ("opentelemetry.instrumentation.", _TRACELOOP),
    ("openlit", "Call openlit.init(capture_message_content=True)."),
    ("pydantic", "Give InstrumentationSettings include_content=True, or leave it out."),
    (
        "litellm",
        "Set litellm.turn_off_message_logging = False, and `message_logging: true` for its OpenTelemetry callback.",
    ),
    ("ai", "Leave recordInputs and recordOutputs of experimental_telemetry at true."),
)
_ANY = (
    "Switch it on where the app is instrumented: OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY "
    "(OpenTelemetry), TRACELOOP_TRACE_CONTENT=true (OpenLLMetry), no OPENINFERENCE_HIDE_ or LANGSMITH_HIDE_ variable."
)


def how_to_capture(scope: str) -> str:
    """One or two sentences for who wants to see prompts and answers of this scope's calls."""
    name = scope.lower()
    return next((todo for start, todo in SWITCHES if name.startswith(start) and (start != "ai" or name == "ai")), _ANY)
