"""What is asked of Loki."""

from __future__ import annotations

from llm_tracing.lgtm.backend import Backend


class Loki:
    def __init__(self, backend: Backend) -> None:
        self.backend = backend
