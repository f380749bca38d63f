"""What a server does not load before somebody needs it: memory and time to start, held by names instead of numbers."""

import re
import subprocess
import sys
from pathlib import Path

import httpx

MAIN = "from llm_tracing.cli import main; main()"
# With what each costs, resident.
NOT_LOADED = (
    "genai_prices.data",  # 6 MB, at the first call that has a price
    "httpx2",
    "llm_tracing.lgtm.store",  # 2 MB, for --store lgtm
    "urllib3",
    "websockets",
    "sqlalchemy",  # for the lens
    "sqlglot",
    "obstore",
    "opentelemetry.sdk",  # for --trace-self
    "langchain_core",  # what the app side and the reference service use
    "openai",
)


def test_an_idle_server_has_not_loaded_what_it_does_not_use(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-c", MAIN, "serve", "--port", "0", "--grpc-port", "0"]
    said = tmp_path / "imports"
    with said.open("w") as imports:
        process = subprocess.Popen(
            [*command, "--data", str(tmp_path / "data")], stdout=subprocess.PIPE, stderr=imports, text=True
        )
    try:
        assert process.stdout is not None
        found = next(match for line in process.stdout if (match := re.search(r"OTLP/HTTP +(\S+)", line)))
        assert httpx.get(f"{found[1]}/readyz", trust_env=False).status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=20)
    loaded = {line.rpartition("|")[2].strip() for line in said.read_text().splitlines()}
    assert {"llm_tracing.server", "duckdb", "fastapi"} <= loaded
    assert loaded.isdisjoint(NOT_LOADED), loaded & set(NOT_LOADED)
