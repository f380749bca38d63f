"""Tempo, Loki and Prometheus as processes of their own, built from their Go modules by deploy/tools/build.sh.

Each with a disk folder of its own and on loopback; Loki and Prometheus with the configuration of compose. Tempo is the
newest version that can be had as a Go module (2.8 of May 2025); Tempo 3's answers are in the recordings.
"""

import subprocess
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import yaml

from tests.deploy.collector import ROOT, built_with_go, free_port, until

_PROGRAMS = ROOT / ".build" / "tools"
_PORTS = ("tempo", "tempo_otlp", "tempo_otlp_grpc", "tempo_grpc", "loki", "loki_grpc", "prometheus")
_AT_ONCE: dict[str, Any] = {"min_ready_duration": "0s"}  # there are no others that they could wait for
_IN_MEMORY = {"kvstore": {"store": "inmemory"}}


def build() -> None:
    """Cold, with empty caches, this takes some ten minutes; the test is skipped without Go, and in CI failed."""
    built_with_go("deploy/tools/build.sh", "prometheus", "loki", "tempo")


class RealLgtm:
    """The three, started and ready; `tempo_url` and so on are their addresses, for reading and for OTLP.

    Prometheus scrapes the targets ({job: address}) and evaluates the rule files that are given to observe().
    """

    def __init__(self, folder: Path, *, max_attribute_bytes: int = 2048) -> None:
        self._folder = folder
        self._targets: dict[str, str] = {}
        self._rules: list[Path] = []
        self._limit = max_attribute_bytes
        self._stack = ExitStack()
        ports = {name: free_port() for name in _PORTS}
        self._ports = ports
        self.tempo_url = f"http://127.0.0.1:{ports['tempo']}"
        self.tempo_otlp_url = f"http://127.0.0.1:{ports['tempo_otlp']}"
        self.tempo_otlp_grpc = f"127.0.0.1:{ports['tempo_otlp_grpc']}"
        self.loki_url = f"http://127.0.0.1:{ports['loki']}"
        self.prometheus_url = f"http://127.0.0.1:{ports['prometheus']}"

    def observe(self, targets: dict[str, str], rules: list[Path]) -> None:
        """Before the start."""
        self._targets, self._rules = targets, rules

    @property
    def settings(self) -> dict[str, Any]:
        """What a server is started with to lie over them."""
        return {
            "store": "lgtm",
            "tempo_url": self.tempo_url,
            "tempo_otlp_url": self.tempo_otlp_url,
            "loki_url": self.loki_url,
            "prometheus_url": self.prometheus_url,
        }

    def __enter__(self) -> "RealLgtm":
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            self._start(undo, "tempo", f"-config.file={self._written('tempo', self._tempo())}")
            self._start(undo, "loki", f"-config.file={self._written('loki', self._loki())}")
            self._start(
                undo,
                "prometheus",
                f"--config.file={self._written('prometheus', self._prometheus())}",
                f"--storage.tsdb.path={self._folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{self._ports['prometheus']}",
                "--web.enable-otlp-receiver",
                "--enable-feature=exemplar-storage",
            )
            for name, address in (
                ("Tempo", f"{self.tempo_url}/ready"),
                ("Loki", f"{self.loki_url}/ready"),
                ("Prometheus", f"{self.prometheus_url}/-/ready"),
            ):
                until(partial(_answers, address), f"{name} does not get ready", seconds=90)
            self._stack = undo.pop_all()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def _written(self, name: str, config: dict[str, Any]) -> Path:
        path = self._folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    def _start(self, undo: ExitStack, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen([_PROGRAMS / name, *arguments], stdout=log, stderr=log, cwd=self._folder)
        undo.callback(_end, process)

    def _server(self, name: str) -> dict[str, Any]:
        return {
            "http_listen_address": "127.0.0.1",
            "http_listen_port": self._ports[name],
            "grpc_listen_address": "127.0.0.1",
            "grpc_listen_port": self._ports[f"{name}_grpc"],
            "log_level": "warn",
        }

    def _tempo(self) -> dict[str, Any]:
        folder = self._folder / "tempo"
        ring = {"kvstore": {"store": "inmemory"}, "instance_addr": "127.0.0.1"}
        http = {"endpoint": f"127.0.0.1:{self._ports['tempo_otlp']}"}
        grpc = {"endpoint": self.tempo_otlp_grpc}
        return {
            "server": self._server("tempo"),
            "distributor": {
                "receivers": {"otlp": {"protocols": {"http": http, "grpc": grpc}}},
                "max_attribute_bytes": self._limit,
                "ring": ring,
            },
            "ingester": {
                "lifecycler": {"address": "127.0.0.1", "ring": {**_IN_MEMORY, "replication_factor": 1}, **_AT_ONCE},
                "trace_idle_period": "1s",
                "flush_check_period": "1s",
                "max_block_duration": "10s",
            },
            "query_frontend": {"search": {"query_backend_after": "0s"}},
            "compactor": {"ring": {**ring, "wait_stability_min_duration": "0s", "wait_stability_max_duration": "0s"}},
            "metrics_generator": {
                "ring": ring,
                "storage": {"path": str(folder / "generator")},
                "traces_storage": {"path": str(folder / "generator-traces")},
                "processor": {"local_blocks": {"filter_server_spans": False}},
            },
            "overrides": {"defaults": {"metrics_generator": {"processors": ["local-blocks"]}}},
            "memberlist": {"bind_addr": ["127.0.0.1"], "bind_port": 0},
            "storage": {
                "trace": {
                    "backend": "local",
                    "wal": {"path": str(folder / "wal")},
                    "local": {"path": str(folder / "blocks")},
                }
            },
            "usage_report": {"reporting_enabled": False},
        }

    def _loki(self) -> dict[str, Any]:
        """Compose's file, with folders and addresses of our own."""
        config = _of_compose("loki")
        folder = self._folder / "loki"
        config["server"] = self._server("loki")
        config["common"] |= {"instance_addr": "127.0.0.1", "path_prefix": str(folder)}
        config["common"]["storage"]["filesystem"] = {
            "chunks_directory": str(folder / "chunks"),
            "rules_directory": str(folder / "rules"),
        }
        config["compactor"]["working_directory"] = str(folder / "compactor")
        config["ingester"] = {"lifecycler": _AT_ONCE}
        config["memberlist"] = {"bind_addr": ["127.0.0.1"], "bind_port": 0}
        return config

    def _prometheus(self) -> dict[str, Any]:
        """Compose's file, with targets of our own; what is waited for comes sooner."""
        config = _of_compose("prometheus")
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(path) for path in self._rules]
        config["scrape_configs"] = [
            {"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in self._targets.items()
        ]
        return config


def _of_compose(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose" / f"{name}.yaml").read_text(encoding="utf-8"))
    return read


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(5)  # Tempo would take half a minute to write what nobody reads any more
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
