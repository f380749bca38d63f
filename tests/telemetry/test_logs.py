import logging

import pytest
from opentelemetry._logs import SeverityNumber

from llm_tracing.telemetry.logs import severity_of
from tests.telemetry.program import run_program
from tests.telemetry.sink import http_sink


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (logging.DEBUG, (SeverityNumber.DEBUG, "DEBUG")),
        (logging.INFO, (SeverityNumber.INFO, "INFO")),
        (25, (SeverityNumber.INFO, "INFO")),
        (logging.WARNING, (SeverityNumber.WARN, "WARN")),
        (logging.ERROR, (SeverityNumber.ERROR, "ERROR")),
        (logging.CRITICAL + 9, (SeverityNumber.FATAL, "FATAL")),
        (5, (SeverityNumber.TRACE, "TRACE")),
    ],
)
def test_a_level_belongs_to_the_severity_below_it(level: int, expected: tuple[SeverityNumber, str]) -> None:
    assert severity_of(level) == expected


def test_a_record_carries_its_place_its_extras_and_its_exception() -> None:
    program = """
    import logging, llm_tracing
    llm_tracing.configure()
    try:
        {}["key"]
    except KeyError:
        logging.getLogger("shop").exception("no %s", "key", extra={"order": 7, "kind": ["a"]})
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        [log] = sink.logs
    assert (log.body, log.severity_text, log.scope, log.trace_id) == ("no key", "ERROR", "shop", "")
    said = log.attributes
    assert (said["order"], said["kind"]) == (7, "['a']")
    assert (said["code.file.path"], said["code.function.name"], said["code.line.number"]) == ("<string>", "<module>", 7)
    assert (said["exception.type"], said["exception.message"]) == ("KeyError", "'key'")
    assert said["exception.stacktrace"].startswith("Traceback")


def test_logging_set_up_after_configure_still_counts_and_still_sends() -> None:
    program = """
    import logging, logging.config, llm_tracing
    llm_tracing.configure()
    logging.basicConfig(level=logging.INFO, format="basic %(message)s")
    logging.info("one")
    logging.config.dictConfig({
        "version": 1, "disable_existing_loggers": False, "root": {"level": "DEBUG", "handlers": ["console"]},
        "formatters": {"plain": {"format": "dict %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    })
    logging.info("two")
    """
    with http_sink() as sink:
        ended = run_program(program, sink.endpoint)
        assert [log.body for log in sink.logs] == ["one", "two"]
    assert [line for line in ended.stderr.splitlines() if line.startswith(("basic", "dict"))][:2] == [
        "basic one",
        "dict two",
    ]


def test_a_service_without_logging_set_up_still_prints_its_warnings_once() -> None:
    program = """
    import logging, llm_tracing
    llm_tracing.configure()
    logging.getLogger("a").warning("heard")
    logging.getLogger("a").info("below the level")
    """
    with http_sink() as sink:
        assert run_program(program, sink.endpoint).stderr == "heard\n"
        assert [log.body for log in sink.logs] == ["heard"]


def test_what_a_service_logs_while_it_suppresses_spans_is_still_sent() -> None:
    program = """
    import logging, llm_tracing
    from opentelemetry.instrumentation.utils import suppress_instrumentation
    llm_tracing.configure()
    with suppress_instrumentation():
        logging.warning("kept")
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        assert [log.body for log in sink.logs] == ["kept"]


def test_debug_logs_of_the_exporters_make_no_more_logs() -> None:
    program = """
    import logging, time, llm_tracing
    logging.basicConfig(level=logging.DEBUG)
    llm_tracing.configure()
    logging.debug("mine")
    logging.getLogger("urllib3").debug("the application's own use of urllib3")
    time.sleep(1.8)
    """
    with http_sink() as sink:
        ended = run_program(program, sink.endpoint)
        assert [log.body for log in sink.logs] == ["mine", "the application's own use of urllib3"]
        assert [path for path, _ in sink.requests].count("/v1/logs") == 1
    assert "urllib3.connectionpool" in ended.stderr  # the exporter did log; it was kept out, not absent
