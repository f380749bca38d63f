"""An S3 server as a process of its own, built from its Go module: buckets are folders, on loopback."""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import httpx

from tests.deploy.collector import ROOT, built_with_go, free_port, until

ACCESS, SECRET, REGION = "tester", "a-secret-of-the-tests", "eu-central-1"


def build() -> None:
    built_with_go("deploy/tools/build.sh", "versitygw")


class S3Server:
    """`endpoint` stays the same when it is stopped and started again, and so does what is stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running = ExitStack()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        for name in ("buckets", "metadata"):
            (folder / name).mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a client of it is to be told."""
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def make_bucket(self, name: str) -> Path:
        """Where its objects are seen as files."""
        bucket = self._folder / "buckets" / name
        bucket.mkdir()
        return bucket

    def start(self) -> None:
        with (self._folder / "s3.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    *(ROOT / ".build/tools/versitygw", "--port", f"127.0.0.1:{self._port}", "--region", REGION),
                    # Not every file system has extended attributes.
                    *("posix", "--sidecar", self._folder / "metadata", self._folder / "buckets"),
                ],
                env={**os.environ, "ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET},
                stdout=log,
                stderr=log,
            )
        self._running.callback(_end, process)
        until(self._answers, f"the S3 server does not start: {self._folder / 's3.log'}", 60)

    def stop(self) -> None:
        self._running.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(self.endpoint, timeout=2, trust_env=False).status_code == 403  # it wants a signature
        except httpx.HTTPError:
            return False

    def __enter__(self) -> "S3Server":
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
