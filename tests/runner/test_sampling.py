import os
import subprocess
import sys

import pytest

from llm_tracing.runner import sampling

pytestmark = pytest.mark.skipif(not sampling.SUPPORTED, reason="/proc is Linux's")
BUSY = """
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", "print(sum(range(3_000_000)), flush=True); input()"], stdin=0)
sum(range(3_000_000))
print("ready", flush=True)
inner.wait()
"""


def test_a_process_and_those_below_it_are_summed() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        found = sampling.sample(process.pid)
        process.communicate(b"\n", timeout=30)
    assert found is not None
    assert (found.processes, found.threads >= 2) == (2, True)
    assert found.resident_bytes > 8 * 1024 * 1024
    assert found.user_s > 0.02


def test_a_process_that_is_gone_has_none() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert sampling.sample(process.pid) is None


def test_without_the_kernels_list_of_children_every_process_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_children", lambda _pid: None)
    with subprocess.Popen(["sleep", "30"]) as process:
        found = sampling.sample(os.getpid())
        process.kill()
    assert found is not None
    assert found.processes >= 2
