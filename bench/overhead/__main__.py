"""What observing costs, client by client: `python -m bench.overhead [--quick]`, or `make bench-overhead`.

Every client runs in a process of its own, against one model that answers at once and one sink that takes everything, in
rounds: each client once a round, another one first each time. From each number that of `bare` in the same round is
taken off. A client that is not installed is left out, and named.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from bench.overhead import tables
from bench.overhead.clients import CLIENTS, Client
from bench.overhead.loads import LOADS
from bench.overhead.places import ROOT, running

ROUNDS, WARM_UP = 7, 100
TIMES = {"call": 500, "request": 200}
MEMORY_WARM_UP, MEMORY_TIMES = 1_000, 10_000
_WITHIN_S = 600
_SETTINGS = ("OTEL_", "LANGSMITH_", "LANGCHAIN_", "LANGFUSE_", "LOGFIRE_", "MLFLOW_", "TRACELOOP_", "LLM_TRACING_")


@dataclass(frozen=True, slots=True)
class Places:
    model: str
    sink: str

    def measure(self, client: Client, load: str, warm_up: int, times: int) -> tables.Measured:
        """A measurement in a process of its own. RuntimeError with what it printed unless it ends well."""
        arguments = [client.name, load, self.model, self.sink, str(warm_up), str(times)]
        with TemporaryFile() as said, TemporaryDirectory(prefix="llm-tracing-bench-") as folder:
            ended = subprocess.run(
                [sys.executable, "-m", "bench.overhead.measure", *arguments],
                cwd=folder,
                env=self._environment(client),
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                timeout=_WITHIN_S,
            )
            if ended.returncode != 0:
                said.seek(0)
                raise RuntimeError(f"{client.name}, {load}: {said.read().decode()[-2_000:]}")
        return tables.Measured.read(json.loads(ended.stdout.splitlines()[-1]), times)

    def _environment(self, client: Client) -> dict[str, str]:
        """This one's without any setting of a client, and nothing that tells a maker about its users."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
        given = {name: value.format(sink=self.sink) for name, value in client.environment.items()}
        paths = [str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]
        return {**kept, "DO_NOT_TRACK": "true", "PYTHONPATH": os.pathsep.join(paths), **given}


def in_rounds(
    places: Places, clients: Sequence[Client], load: str, rounds: int, times: int
) -> dict[str, list[tables.Measured]]:
    found: dict[str, list[tables.Measured]] = defaultdict(list)
    for number in range(rounds):
        first = number % len(clients)
        for client in [*clients[first:], *clients[:first]]:
            found[client.name].append(places.measure(client, load, WARM_UP, times))
        print(f"{load}: round {number + 1} of {rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    return {client.name: found[client.name] for client in clients}


def installed(names: Iterable[str] | None) -> list[Client]:
    """`bare` and the clients of these names (or all) that can be imported here."""
    wanted = [client for client in CLIENTS if names is None or client.name in names or client.name == "bare"]
    missing = {client.name: [name for name in client.modules if not _is_there(name)] for client in wanted}
    for name, modules in missing.items():
        if modules:
            print(f"left out: {name}, which needs {', '.join(modules)}", file=sys.stderr)
    return [client for client in wanted if not missing[client.name]]


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", help="names, by comma; `bare` is always among them")
    parser.add_argument("--loads", default="call,request,memory", help="call, request, memory; by comma")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--times", type=int, help="pieces of work a measurement")
    parser.add_argument("--quick", action="store_true", help="two rounds of few calls")
    given = parser.parse_args(arguments)
    rounds = 2 if given.quick else given.rounds
    clients = installed(given.clients.split(",") if given.clients else None)
    print(f"{os.cpu_count()} cores of {_processor()}, Python {platform.python_version()}")
    with running("model") as model, running("sink") as sink:
        places = Places(model, sink)
        for load in given.loads.split(","):
            if load == "memory":
                times = given.times or MEMORY_TIMES
                warm_up = min(MEMORY_WARM_UP, times)
                measured = {client.name: places.measure(client, "call", warm_up, times) for client in clients}
                tables.show_memory(measured, warm_up, times)
                continue
            assert load in LOADS, f"{load}: one of {', '.join(LOADS)}, memory"
            times = given.times or (50 if given.quick else TIMES[load])
            tables.show_load(load, in_rounds(places, clients, load, rounds, times), times)


if __name__ == "__main__":
    main()
