"""Debian's Prometheus as a process of its own, for what its newer siblings do too: series, rules, PromQL."""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import pytest
import yaml

from tests.deploy.collector import free_port, until


def program(name: str) -> str:
    """`prometheus` or `promtool`; without it the test is skipped, and in CI failed."""
    found = shutil.which(name)
    if found is None:
        reason = f"no {name} is installed (Debian: apt-get install prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Prometheus:
    """Takes remote writes at /api/v1/write, scrapes `targets` ({job: address}), evaluates the rule files."""

    def __init__(self, folder: Path, targets: dict[str, str], rules: list[Path]) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in rules],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in targets.items()
            ],
        }
        folder.mkdir()
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))

    def __enter__(self) -> "Prometheus":
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                program("prometheus"),
                f"--config.file={self._folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                "--web.enable-remote-write-receiver",
                "--enable-feature=exemplar-storage",
            ],
            stdout=log,
            stderr=log,
        )
        log.close()
        until(self._is_ready, "Prometheus does not start")
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()[-3000:]
        try:
            return httpx.get(f"{self.url}/-/ready", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def ask(self, path: str, **parameters: str) -> Any:
        """The `data` of an answer; a refused query fails with what Prometheus says of it."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def query(self, promql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("query", query=promql)["result"]
        return found

    def labels(self) -> dict[str, set[str]]:
        """Every metric with the labels that any of its series has."""
        names: dict[str, set[str]] = {}
        for one in self.ask("series", **{"match[]": '{__name__!=""}'}):
            names.setdefault(one["__name__"], set()).update(one)
        return names
