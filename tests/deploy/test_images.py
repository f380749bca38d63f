"""What the Dockerfiles do, done without an engine: the scripts they run, and the programs that come out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.deploy.collector import ROOT, until
from tests.running import Running
from tests.telemetry.program import environment

IMAGES = ROOT / "deploy" / "images"
DOCKERFILES = sorted(IMAGES.glob("*.Dockerfile"))
# What the Operator's image of this version installs, as far as the reference service needs it.
STOCK_SDK, STOCK_CONTRIB = "1.44.0", "0.65b0"
STOCK = (
    *(f"opentelemetry-{name}=={STOCK_SDK}" for name in ("api", "sdk", "exporter-otlp-proto-http")),
    f"opentelemetry-distro=={STOCK_CONTRIB}",
    *(
        f"opentelemetry-instrumentation-{name}=={STOCK_CONTRIB}"
        for name in ("fastapi", "httpx", "logging", "sqlalchemy", "sqlite3")
    ),
)


def last_stage(path: Path) -> list[str]:
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    start = max(at for at, line in enumerate(lines) if line.startswith("FROM "))
    return lines[start:]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_images_are_pinned_and_run_as_nobody(path: Path) -> None:
    for line in re.findall(r"^FROM (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert re.search(r":v?\d+\.\d+", line), line
    stage = last_stage(path)
    assert "USER 10001:10001" in stage
    assert not any("pip install" in line or "apt-get" in line for line in stage)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_what_a_dockerfile_copies_and_runs_is_there(path: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    for script in re.findall(r"(?:deploy/images|scripts)/\w+\.sh", text):
        assert os.access(ROOT / script, os.X_OK), script
    for lock in re.findall(r"\S+\.lock", text):
        assert (ROOT / lock).is_file(), lock
    for source in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists(), source


def run(*command: str) -> None:
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    run("deploy/images/wheel.sh", str(folder))
    return folder


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1_000_000


def serving(program: list[str], **settings: str) -> tuple["subprocess.Popen[str]", str]:
    """A program of an image, ready, and its address, the first that it prints."""
    process = subprocess.Popen(
        program, env=environment("http://127.0.0.1:1", **settings), stdout=subprocess.PIPE, text=True, cwd="/"
    )
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return process, found[0]
    raise AssertionError(f"{program} ended with {process.wait()}")


def ended(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate(timeout=10)


@pytest.mark.long
def test_the_server_of_its_image_runs(wheels: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    run("deploy/images/install.sh", "requirements-server.lock", str(wheels), str(prefix))
    assert megabytes(prefix) < 400
    for package in ("genai_prices", "llm_tracing"):  # no start compiles them
        assert list(prefix.glob(f"lib/python*/site-packages/{package}/__pycache__/__init__.*.pyc")), package
    command = [str(prefix / "bin/llm-tracing"), "serve", "--port", "0", "--grpc-port", "0"]
    process, url = serving(command, LLM_TRACING_DATA=str(tmp_path / "data"))
    try:
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        assert "<title>" in httpx.get(f"{url}/", trust_env=False).text
    finally:
        ended(process)


@pytest.mark.long
def test_the_service_of_its_image_answers(wheels: Path, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    run("deploy/images/install.sh", "requirements-qa.lock", str(wheels), str(prefix))
    assert (prefix / "bin" / "opentelemetry-instrument").exists()
    command = [str(prefix / "bin/llm-tracing"), "qa", "--qa-port", "0"]
    process, url = serving(command, LLM_TRACING_DATA=str(tmp_path / "data"), LLM_TRACING_APPROACH="none")
    try:
        asked = {"question": "list the most popular albums"}
        assert "Minha Historia" in httpx.post(f"{url}/ask", json=asked, trust_env=False, timeout=60).text
    finally:
        ended(process)


@pytest.mark.long
def test_injected_over_an_older_sdk_a_question_is_a_story(wheels: Path, tmp_path: Path, server: Running) -> None:
    """The Operator's order: its starter, its packages with their older SDK, the service's own packages last."""
    injected = tmp_path / "injected"
    run(sys.executable, "-m", "pip", "--quiet", "install", "--target", str(injected), "--only-binary", ":all:", *STOCK)
    run("deploy/images/injected.sh", str(wheels), str(injected))
    others = ("opentelemetry_", "openinference_", "llm_tracing-")
    own = tmp_path / "own"
    own.mkdir()
    for place in Path(httpx.__file__).parents[1].iterdir():
        if not (place.name.endswith(".dist-info") and place.name.startswith(others)):
            (own / place.name).symlink_to(place)
    settings = {
        "PYTHONPATH": f"{injected}/opentelemetry/instrumentation/auto_instrumentation:{injected}:{own}",
        "OTEL_SERVICE_NAME": "injected",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http,database,gen_ai_latest_experimental",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY",
        "LLM_TRACING_APPROACH": "none",
        "LLM_TRACING_DATA": str(tmp_path / "data"),
    }
    program = (
        "import sitecustomize, opentelemetry.sdk.version as sdk\n"
        f"assert sdk.__version__ == '{STOCK_SDK}', sdk.__version__\n"
        "from llm_tracing.qa.service import run\nfrom llm_tracing.qa.settings import load_settings\n"
        "run(load_settings(port=0), on_ready=lambda url: print(url, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", program],
        env=environment(server.addresses.http, **settings),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, process.wait(10)
        asked = {"question": "list the most popular albums"}
        assert httpx.post(f"{url}/ask", json=asked, trust_env=False, timeout=60).json()["answer"]
        until(lambda: any(trace.llm_call_count == 2 for trace in server.traces()), "no story arrives")
    finally:
        ended(process)
    [trace] = [trace for trace in server.traces() if trace.llm_call_count == 2]
    assert any("write SQL" in one.name for one in server.trace(trace.trace_id).spans)
