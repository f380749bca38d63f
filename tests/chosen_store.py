"""The store that tests run over: the embedded one, or with TEST_STORE=lgtm the LGTM store over stand-ins of its own.

Each server has stand-ins of its own, and one that is started again in the same folder gets the same.
"""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.lgtm.fakes import Stack, serving_stack
from tests.lgtm.opened import settings_over

LGTM = os.environ.get("TEST_STORE") == "lgtm"
_running = ExitStack()  # to the end of the tests
_stacks: dict[Path, Stack] = {}


def store_settings(folder: Path) -> dict[str, Any]:
    """Settings of ServerSettings for a server in a folder; none for the embedded store."""
    if not LGTM:
        return {}
    if folder not in _stacks:
        _stacks[folder] = _running.enter_context(serving_stack())
        _stacks[folder].prometheus.takes_delta = True
    return settings_over(_stacks[folder])


def store_environment(folder: Path) -> dict[str, str]:
    """The same for a process."""
    return {f"LLM_TRACING_{name.upper()}": str(value) for name, value in store_settings(folder).items()}
