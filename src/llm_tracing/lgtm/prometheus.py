"""What is asked of Prometheus."""

from __future__ import annotations

from llm_tracing.lgtm.backend import Backend


class Prometheus:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
