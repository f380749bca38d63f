"""Files out of and into a real Chromium: the list's, a trace's, and back in."""

from pathlib import Path

import orjson
import pytest
from playwright.sync_api import Page, expect

from tests.builders import TRACE, chat, span, trace_hex, trace_request
from tests.running import Running

pytestmark = pytest.mark.browser


def _two_traces(server: Running) -> None:
    failed = span("bad", 5, trace=trace_hex(5), status=2, message="broken")
    server.export(trace_request(span("ask", 1), span("chat", 2, 1, attributes=chat("hello", "hi")), failed))


def test_the_list_is_had_as_a_file_with_its_filter(page: Page, server: Running) -> None:
    _two_traces(server)
    page.goto(f"{server.addresses.http}/?q=status%3Aerror")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="JSON lines").click()
    assert taken.value.suggested_filename.startswith("traces-")
    lines = Path(taken.value.path()).read_bytes().splitlines()
    assert [orjson.loads(line)["name"] for line in lines] == ["bad"]


def test_a_trace_goes_out_as_otlp_json_and_comes_in_elsewhere(page: Page, server: Running, tmp_path: Path) -> None:
    _two_traces(server)
    page.goto(f"{server.addresses.http}/traces/{TRACE}")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="OTLP JSON").click()
    file = tmp_path / taken.value.suggested_filename
    file.write_bytes(Path(taken.value.path()).read_bytes() + b"not json\n")
    whole = tmp_path / "whole.json"
    whole.write_bytes(Path(taken.value.path()).read_bytes())
    with Running(tmp_path / "other") as other:
        page.goto(other.addresses.http)
        page.get_by_role("button", name="Import a file").click()
        page.get_by_label("Files to import").set_input_files([whole, file])
        done = page.get_by_test_id("import-done")
        expect(done).to_contain_text("2 spans of 1 line")
        expect(done).to_contain_text("line 1: not JSON")
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_test_id("trace-row")).to_have_count(1)
