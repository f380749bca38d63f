# The server. Each step is a script that runs without an engine too: tests/deploy/test_images.py.
#   docker build -f deploy/images/server.Dockerfile -t llm-tracing:0.1.0 .
FROM node:22.20.0-bookworm-slim AS ui
WORKDIR /src
COPY scripts/with_node.sh scripts/
COPY frontend frontend
RUN scripts/with_node.sh npm --prefix frontend ci --no-audit --no-fund --loglevel=error \
 && scripts/with_node.sh npm --prefix frontend run --silent build

FROM python:3.13.7-slim-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=ui /src/src/llm_tracing/ui/dist src/llm_tracing/ui/dist
RUN deploy/images/wheel.sh /wheels \
 && deploy/images/install.sh requirements-server.lock /wheels /opt/llm-tracing

FROM python:3.13.7-slim-bookworm
LABEL org.opencontainers.image.title="LLM Tracing" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --home-dir /data --no-log-init app \
 && install -d -o app -g app /data \
 && python -m compileall -qq --invalidation-mode unchecked-hash -x site-packages /usr/local/lib/python3.13
COPY --from=build /opt/llm-tracing /opt/llm-tracing
ENV PATH=/opt/llm-tracing/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LLM_TRACING_DATA=/data
USER 10001:10001
VOLUME /data
EXPOSE 4317 4318
ENTRYPOINT ["llm-tracing"]
CMD ["serve"]
