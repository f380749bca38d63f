"""The service as a process of its own, as the command line starts it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PROGRAM = """
from llm_tracing.qa.service import run
from llm_tracing.qa.settings import load_settings
run(load_settings(port=0), on_ready=lambda url: print(url, flush=True))
print("stopped", flush=True)
"""


@dataclass
class Running:
    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def running_service(**environment: str) -> Iterator[Running]:
    """Started and ready; killed at the end if it has not ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, process.communicate(timeout=10)[1]
        yield Running(url, process)
    finally:
        process.kill()
        process.communicate(timeout=10)
