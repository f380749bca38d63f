"""Python imports this by itself at its start, when its folder is on PYTHONPATH: `llm-tracing run` puts it there.

It runs in whichever Python the command uses, with whatever is installed there. So its syntax is that of old versions,
and it imports nothing but the standard library until it knows what it is in.
"""

import json
import os
import sys

NOTES = "LLM_TRACING_RUN_NOTES"
HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH120, PTH100 - pathlib costs a start twice as long
PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))  # noqa: PTH120
OLDEST = (3, 11)


def note(kind: str, value: object) -> None:
    """Tell the runner, in one write: many processes append to the file. It may be gone: the command has ended."""
    line = json.dumps({"kind": kind, "value": value, "python": sys.executable, "pid": os.getpid()}) + "\n"
    try:
        file = os.open(os.environ.get(NOTES, ""), os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, line.encode("utf-8", "replace"))
        finally:
            os.close(file)
    except OSError:
        pass


def chain() -> None:
    """Run the sitecustomize that this one stands in front of."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def lend() -> None:
    """Make our package importable where it is not installed, and nothing else of where it lives."""
    from importlib.util import find_spec, module_from_spec, spec_from_file_location

    if find_spec("llm_tracing") is not None:
        return
    init = os.path.join(PACKAGE, "__init__.py")  # noqa: PTH118
    spec = spec_from_file_location("llm_tracing", init, submodule_search_locations=[PACKAGE])
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["llm_tracing"] = module
        spec.loader.exec_module(module)


def observe() -> None:
    if NOTES not in os.environ:
        return
    if sys.version_info < OLDEST:
        version = ".".join(str(part) for part in sys.version_info[:2])
        note("missing", "Python " + version + " is older than 3.11, which LLM Tracing needs")
        return
    try:
        lend()
        from llm_tracing.telemetry.bootstrap.start import start
    except ImportError as error:
        note("missing", error.name or str(error))
        return
    start(note)


try:
    chain()
except Exception as error:
    sys.stderr.write("Error in sitecustomize: %s: %s\n" % (type(error).__name__, error))  # noqa: UP031
try:
    observe()
except Exception as error:
    note("warning", "%s is not observed: %s: %s" % (sys.executable, type(error).__name__, error))  # noqa: UP031
