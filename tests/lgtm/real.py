"""Tempo, Loki and Prometheus as processes of their own, built from their Go modules by deploy/tools/build.sh.

Each with a disk folder of its own and on loopback. Tempo is the newest version that can be had as a Go module (2.8 of
May 2025); Tempo 3's answers are in the recordings.
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
_LATE = {"storage": {"tsdb": {"out_of_order_time_window": "10m"}}}
_IN_MEMORY = {"kvstore": {"store": "inmemory"}}


def build() -> None:
    """Cold, with empty caches, this takes some ten minutes; the test is skipped without Go, and in CI failed."""
    built_with_go("deploy/tools/build.sh", "prometheus", "loki", "tempo")


class RealLgtm:
    """The three, started and ready; `tempo_url` and so on are their addresses, for reading and for OTLP."""

    def __init__(self, folder: Path, *, max_attribute_bytes: int = 2048) -> None:
        self._folder = folder
        self._limit = max_attribute_bytes
        self._stack = ExitStack()
        ports = {name: free_port() for name in ("tempo", "tempo_otlp", "tempo_grpc", "loki", "loki_grpc", "prometheus")}
        self._ports = ports
        self.tempo_url = f"http://127.0.0.1:{ports['tempo']}"
        self.tempo_otlp_url = f"http://127.0.0.1:{ports['tempo_otlp']}"
        self.loki_url = f"http://127.0.0.1:{ports['loki']}"
        self.prometheus_url = f"http://127.0.0.1:{ports['prometheus']}"

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
                f"--config.file={self._written('prometheus', _LATE)}",
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
        endpoint = {"endpoint": f"127.0.0.1:{self._ports['tempo_otlp']}"}
        return {
            "server": self._server("tempo"),
            "distributor": {
                "receivers": {"otlp": {"protocols": {"http": endpoint}}},
                "max_attribute_bytes": self._limit,
                "ring": ring,
            },
            "ingester": {
                "lifecycler": {"address": "127.0.0.1", "ring": {**_IN_MEMORY, "replication_factor": 1}},
                "trace_idle_period": "1s",
                "flush_check_period": "1s",
                "max_block_duration": "10s",
            },
            "query_frontend": {"search": {"query_backend_after": "0s"}},
            "compactor": {"ring": ring},
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
        folder = self._folder / "loki"
        return {
            "auth_enabled": False,
            "analytics": {"reporting_enabled": False},
            "server": self._server("loki"),
            "common": {
                "instance_addr": "127.0.0.1",
                "path_prefix": str(folder),
                "storage": {
                    "filesystem": {
                        "chunks_directory": str(folder / "chunks"),
                        "rules_directory": str(folder / "rules"),
                    }
                },
                "replication_factor": 1,
                "ring": _IN_MEMORY,
            },
            "schema_config": {
                "configs": [
                    {
                        "from": "2024-01-01",
                        "store": "tsdb",
                        "object_store": "filesystem",
                        "schema": "v13",
                        "index": {"prefix": "index_", "period": "24h"},
                    }
                ]
            },
            "memberlist": {"bind_addr": ["127.0.0.1"], "bind_port": 0},
        }


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(40)  # Tempo writes what it holds
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
