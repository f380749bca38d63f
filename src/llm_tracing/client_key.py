"""The key that our own commands show a server that asks for one."""

import os

API_KEY = "LLM_TRACING_API_KEY"


def key_header() -> dict[str, str]:
    """The header with the key of the environment; empty if there is none."""
    key = os.environ.get(API_KEY, "").strip()
    return {"Authorization": f"Bearer {key}"} if key else {}
