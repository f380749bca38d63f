"""Traces of a Tempo into a server, by `llm-tracing import --from-tempo`."""

from pathlib import Path

import pytest

from llm_tracing.commands.copying import Asked, copy, words_of
from llm_tracing.errors import ConfigError, LlmTracingError
from llm_tracing.lgtm import copying
from tests.builders import NOON, SECOND, TRACE, batch_of, chat, messages, span, trace_hex, trace_request
from tests.lgtm.fakes import NO_ORG, Stack
from tests.lgtm.opened import open_store
from tests.running import Running

LONG = messages("user", "What is on the record? " * 300)


def _asked(fakes: Stack, server: Running, **more: object) -> Asked:
    times = {"since": NOON - 60 * SECOND, "until": NOON + 3_600 * SECOND}
    return Asked(fakes.tempo.url, server.addresses.http, **(times | more))  # type: ignore[arg-type]


def test_traces_come_with_every_field_and_their_long_texts(fakes: Stack, tmp_path: Path) -> None:
    store = open_store(fakes, tmp_path / "lgtm")
    store.write(batch_of(trace_request(span("chat", attributes=chat() | {"gen_ai.input.messages": LONG}))))
    store.close()
    with Running(tmp_path / "server", store="embedded") as server:
        asked = _asked(fakes, server, objects=(tmp_path / "lgtm" / "objects").as_uri())
        assert words_of(copy(asked, lambda _: None)) == "1 traces, 1 spans"
        copy(asked, lambda _: None)  # again: stored once
        [found] = server.trace(TRACE).spans
        assert found.attributes["gen_ai.input.messages"] == LONG
        assert found.input_messages is not None


def test_a_search_without_a_cursor_is_walked_to_its_end(
    fakes: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_STEP", 3)
    store = open_store(fakes, tmp_path / "lgtm")
    for number in range(1, 12):  # some of them within one second
        begun = NOON + (number // 4) * SECOND + number
        store.write(batch_of(trace_request(span("ask", number, trace=trace_hex(number), start=begun))))
    store.close()
    with Running(tmp_path / "server", store="embedded") as server:
        assert copy(_asked(fakes, server), lambda _: None).traces == 11
        assert len(server.traces()) == 11
        assert copy(_asked(fakes, server, query='{ name = "other" }'), lambda _: None).traces == 0


def test_what_is_wrong_is_said(fakes: Stack, tmp_path: Path) -> None:
    with Running(tmp_path / "server", store="embedded") as server:
        with pytest.raises(ConfigError, match="range"):
            copy(_asked(fakes, server, until=NOON - 100 * SECOND), lambda _: None)
        fakes.tempo.reads_trouble = NO_ORG
        with pytest.raises(LlmTracingError, match="no org id"):
            copy(_asked(fakes, server), lambda _: None)
        fakes.tempo.reads_trouble = None
        with pytest.raises(LlmTracingError, match="TraceQL"):
            copy(_asked(fakes, server, query="{ oops"), lambda _: None)
        fakes.tempo.tenant = "team"
        assert copy(_asked(fakes, server, headers=["X-Scope-OrgID: team"]), lambda _: None).traces == 0
