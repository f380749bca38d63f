"""The reference service: questions about a SQL database in plain words.

question -> a model writes SQL -> guarded, read-only execution -> the model words the answer. The service
knows nothing of the tracing server; it is observed through `llm_tracing.configure()` and OpenTelemetry's API.
"""
