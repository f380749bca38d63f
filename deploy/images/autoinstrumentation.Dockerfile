# The Operator's Python auto-instrumentation and our package: LLM calls are seen under injection without a change.
#   docker build -f deploy/images/autoinstrumentation.Dockerfile -t llm-tracing-autoinstrumentation:0.1.0 .
FROM python:3.13.7-slim-bookworm AS build
WORKDIR /src
COPY . .
# The server's pages are left out, so they need not be built.
RUN mkdir -p src/llm_tracing/ui/dist && touch src/llm_tracing/ui/dist/index.html \
 && deploy/images/wheel.sh /wheels \
 && deploy/images/injected.sh /wheels /injected

FROM ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-python:0.65b0
LABEL org.opencontainers.image.title="LLM Tracing, auto-instrumentation" org.opencontainers.image.licenses="Apache-2.0"
# Pure Python, so the same for glibc and musl.
COPY --from=build --chown=10001:10001 /injected /autoinstrumentation
COPY --from=build --chown=10001:10001 /injected /autoinstrumentation-musl
USER 10001:10001
