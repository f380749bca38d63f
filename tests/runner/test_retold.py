"""A line that is printed and logged is recorded once, and nothing that was printed is lost for it."""

import time
from collections import Counter
from pathlib import Path

from llm_tracing.runner.lines import Line
from llm_tracing.runner.notes import Notes
from llm_tracing.runner.retold import HOLD_NS, Held
from llm_tracing.telemetry.bootstrap.printed import digest
from tests.runner.harness import at, observe, printed, python, records
from tests.running import Running


def test_a_record_that_is_printed_too_is_there_once_with_its_stream(server: Running) -> None:
    source = """
    import logging, sys
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(message)s")
    log = logging.getLogger("shop")
    log.info("same")
    print("INFO:same")
    print("INFO:same", file=sys.stderr)
    log.info("same")
    log.warning("two\\nlines")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("it failed")
    quiet = logging.getLogger("quiet")
    quiet.propagate = False
    out = logging.StreamHandler(sys.stdout)
    out.setFormatter(logging.Formatter("\\x1b[31m%(message)s\\x1b[0m"))
    quiet.addHandler(out)
    quiet.warning("only printed")
    coloured = logging.getLogger("coloured")
    coloured.addHandler(out)
    coloured.warning("caf\\u00e9 in red")
    """
    ended = observe(at(server), *python(source))
    assert ended.returncode == 0, ended.stderr
    rich = {
        (str(record.body), record.attributes.get("log.iostream"), record.scope.name)
        for record in records(server)
        if record.scope.name != "llm_tracing.runner"
    }
    assert rich == {
        ("same", "stderr", "shop"),
        ("two\nlines", "stderr", "shop"),
        ("it failed", "stderr", "shop"),
        ("café in red", "stdout", "coloured"),
    }
    lines = Counter(
        (record.attributes["log.iostream"], record.body)
        for record in records(server)
        if record.scope.name == "llm_tracing.runner" and "log.iostream" in record.attributes
    )
    # The two that were printed by hand stay; each logged one was dropped once.
    assert lines == {("stdout", "INFO:same"): 1, ("stderr", "INFO:same"): 1, ("stdout", "only printed"): 1}
    [failed] = [record for record in records(server) if record.body == "it failed"]
    assert "ZeroDivisionError" in str(failed.attributes["exception.stacktrace"])
    assert Counter(str(record.body) for record in records(server))["same"] == 2


def test_a_record_that_was_never_delivered_stays_as_the_line_that_was_printed(server: Running) -> None:
    source = """
    import logging, os, signal
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info("last words")
    os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = observe(at(server), *python(source), OTEL_BLRP_SCHEDULE_DELAY="60000")
    assert ended.returncode == 137
    assert printed(server) == [("stderr", "last words", "WARN")]


def test_a_level_that_is_not_sent_is_not_waited_for(server: Running) -> None:
    ended = observe(at(server), *python("import logging; logging.warning('said')"), OTEL_LOGS_EXPORTER="none")
    assert ended.returncode == 0
    assert all(record.body != "said" for record in records(server))


def _notes(tmp_path: Path, *told: tuple[str, str]) -> Notes:
    notes = Notes(tmp_path)
    with notes.path.open("a") as file:
        file.write('{"kind": "bridged", "value": true}\n')
        pairs = ", ".join(f'["{stream}", "{digest(text.encode())}"]' for stream, text in told)
        file.write(f'{{"kind": "printed", "value": [{pairs}]}}\n')
    return notes


def _line(text: str, time_ns: int) -> Line:
    return Line(text, time_ns, raw=text.encode())


def test_a_line_waits_for_the_word_and_each_word_drops_one(tmp_path: Path) -> None:
    held = Held("stderr", _notes(tmp_path, ("stderr", "again"), ("stdout", "other stream")))
    now = time.time_ns()
    for text in ("again", "other stream", "again"):
        held.add(_line(text, now))
    assert list(held.released(now + HOLD_NS - 1)) == []
    assert [line.text for line in held.released(now + HOLD_NS)] == ["other stream", "again"]
    assert list(held.released(None)) == []


def test_lines_of_a_command_without_records_do_not_wait(tmp_path: Path) -> None:
    held = Held("stdout", Notes(tmp_path))
    now = time.time_ns()
    held.add(_line("at once", now))
    assert [line.text for line in held.released(now)] == ["at once"]
