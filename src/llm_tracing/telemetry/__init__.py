"""The app side: what a service imports, or runs under, to be observed. It knows nothing of the server.

    configure.py      the one call: providers, instrumentations, log handler, and the handle that ends them
    settings.py       every setting in one table: name, default, meaning
    resource.py       who is sending: one resource for the three signals
    exporters.py      protocol -> OTLP exporters
    delivery.py       says once that telemetry cannot be delivered, and once that it can again
    logs.py           standard-library logging -> OTLP log records
    instrument.py     the table of instrumentations, applied when their package is imported

and one module each for what an official instrumentation leaves open: `fastapi_apps.py`, `httpx_calls.py`,
`sqlalchemy_engines.py`, `langchain_steps.py`, `starlette_apps.py`, `django_apps.py`, `pydantic_ai_agents.py`.

`bootstrap/` starts all this in a Python that knows nothing of it, for `llm-tracing run`.

`injected.py` is for processes in which somebody else sets OpenTelemetry up: `opentelemetry-instrument`, Kubernetes'
operator.

`configure()` is the approach `otel`. `approaches/` has the others, each a module with a `start()`, and the switch; they
share `console.py` (one console handler on the root), `masking.py`, `request_ids.py`, `borrowed.py` (what is changed in
the process for a time), `providers.py` (taking processors off again) and `errors.py`.
"""
