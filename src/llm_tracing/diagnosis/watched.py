"""Runs a program for a while, with its environment as it is, and says why nothing of it shows."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from llm_tracing.diagnosis.check import PROBE_SERVICE, Check
from llm_tracing.diagnosis.server import ServerApi, ServerUnreachable, findings_of
from llm_tracing.diagnosis.tap.sitecustomize import HERE, VARIABLE
from llm_tracing.diagnosis.tapped import Tapped, read_tap, why

STOP_S = 5.0  # from SIGTERM to SIGKILL
SETTLE_S = 2.0  # for what is on its way when the program ends


def watch(command: Sequence[str], seconds: float, api: ServerApi | None, *, quiet: bool) -> list[Check]:
    """Its checks; its output goes where ours goes, with `quiet` to standard error."""
    before = _arrivals(api)
    with tempfile.TemporaryDirectory() as folder:
        tap_file = Path(folder) / "tap"
        tap_file.touch()
        try:
            ending = _run(command, seconds, tap_file, quiet)
        except OSError as error:
            title = f"{command[0]} can't be started ({error.strerror or error})."
            return [Check("program", "error", title, "Look at the spelling, and whether it is in PATH.")]
        tap = read_tap(tap_file.read_text("utf-8", "replace").splitlines())
    names, arrived = _came(api, before, tap)
    checks = [ending, *why(tap, arrived, api.base if api else "the server", sorted(names))]
    if api is not None and arrived:
        with suppress(ServerUnreachable):
            checks += findings_of(api.doctor(), names)
    return checks


def _run(command: Sequence[str], seconds: float, tap_file: Path, quiet: bool) -> Check:
    path = os.pathsep.join([HERE, *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, "PYTHONPATH": path, VARIABLE: str(tap_file)}
    with subprocess.Popen(command, env=env, stdout=sys.stderr if quiet else None) as process:  # noqa: S603
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _stop(process)
            return Check("program", "info", f"It ran for {seconds:g} s and was stopped (--seconds).")
        except BaseException:
            _stop(process)
            raise
    if code == 0:
        return Check("program", "ok", "It ended by itself with exit code 0.")
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return Check("program", "warning", f"It {how}.", "Its own output says why.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _arrivals(api: ServerApi | None) -> dict[str, int]:
    """Spans and runs by sender; empty where nobody can be asked."""
    if api is None:
        return {}
    try:
        return _counts(api.doctor())
    except ServerUnreachable:
        return {}


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    senders = (one for one in report["senders"] if one["sender"] != PROBE_SERVICE)
    return {one["sender"]: one["received"].get("traces", 0) + one["received"].get("runs", 0) for one in senders}


def _came(api: ServerApi | None, before: Mapping[str, int], tap: Tapped) -> tuple[frozenset[str], int]:
    """Who sent since then, and how much: the program's own services where it told them, else everybody's."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        now = _arrivals(api)
        more = {name: count - before.get(name, 0) for name, count in now.items() if count > before.get(name, 0)}
        own = {name: count for name, count in more.items() if name in tap.services}
        found = own if tap.services and not tap.langsmith else more
        if found or api is None or time.monotonic() > deadline:
            return frozenset(found), sum(found.values())
        time.sleep(0.2)
