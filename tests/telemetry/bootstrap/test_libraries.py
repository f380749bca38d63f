import re

from llm_tracing.telemetry.bootstrap.libraries import LLM, QUIET, install_hint, libraries
from llm_tracing.telemetry.instrument import INSTRUMENTATIONS
from tests.telemetry.program import run_program

ROWS = {row.name: row for row in libraries()}


def test_every_row_is_well_formed_and_has_a_name_of_its_own() -> None:
    assert len(ROWS) == len(libraries())
    assert {row.name for row in INSTRUMENTATIONS} <= set(ROWS)
    assert set(ROWS) >= LLM
    assert set(ROWS) >= QUIET
    for row in ROWS.values():
        assert all(re.fullmatch(r"[\w.]+:\w+", place) for place in row.instrumentors), row
        assert set(row.under) <= set(ROWS)


def test_each_library_has_one_row() -> None:
    """So never two instrumentations are on for it; LangChain's steps only extend its own."""
    packages = [row.package for row in libraries() if row.name != "langchain_steps"]
    assert len(packages) == len(set(packages))


def test_what_to_install_is_a_package_of_pypi() -> None:
    assert install_hint(ROWS["anthropic"]) == "opentelemetry-instrumentation-genai-anthropic"
    assert install_hint(ROWS["google_genai"]) == "opentelemetry-instrumentation-google-genai"
    assert install_hint(ROWS["fastapi"]) == "opentelemetry-instrumentation-fastapi"


def test_the_first_that_is_installed_is_used_and_no_other() -> None:
    program = """
    import sys, warnings
    warnings.simplefilter("ignore")  # the older one warns of itself
    from llm_tracing.telemetry.bootstrap.libraries import libraries
    from llm_tracing.telemetry.configure import configure_for
    sys.modules["opentelemetry.instrumentation.genai.openai"] = None
    told = []
    configure_for(libraries(), lambda row, place: told.append((row.name, place)))
    import openai
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    assert OpenAIInstrumentor().is_instrumented_by_opentelemetry
    print([place for name, place in told if name == "openai"])
    """
    ended = run_program(program, "http://127.0.0.1:9")
    assert ended.stdout == "['opentelemetry.instrumentation.openai:OpenAIInstrumentor']\n"


def test_a_driver_is_left_to_sqlalchemy_where_that_is_in_use() -> None:
    program = """
    import sqlite3
    from llm_tracing.telemetry.bootstrap.libraries import libraries
    from llm_tracing.telemetry.configure import configure_for
    telemetry = configure_for(libraries(), None)
    before = "sqlite3" in telemetry.instrumented
    import sqlalchemy
    print(before, "sqlite3" in telemetry.instrumented, "sqlalchemy" in telemetry.instrumented)
    """
    assert run_program(program, "http://127.0.0.1:9").stdout == "True False True\n"
