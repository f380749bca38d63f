"""The service name of a command: what its author would call it."""

import re
import sys
from collections.abc import Sequence
from pathlib import PurePath

# Programs that run another command, and how many words of theirs stand before it.
_WRAPPERS = {
    "uv": ("run",), "poetry": ("run",), "pipenv": ("run",), "hatch": ("run",), "pdm": ("run",), "rye": ("run",),
    "env": (), "nice": (), "nohup": (), "time": (), "exec": (), "stdbuf": (), "setsid": (), "xvfb-run": (),
    "opentelemetry-instrument": (), "ddtrace-run": (), "coverage": ("run",),
}  # fmt: skip
# Programs that serve an application named `module:attribute` or `module`.
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "celery", "chainlit"})
_PYTHON = re.compile(r"^(python|pypy)[\d.]*t?$")
_PYTHON_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish"})
# Module names that say what is in them and not whose it is.
_PLAIN = frozenset({"main", "app", "wsgi", "asgi", "application", "server", "api", "__main__"})
_TARGET = re.compile(r"[A-Za-z_][\w./]*:[A-Za-z_]\w*(\(.*\))?")
_ASSIGNMENT = re.compile(r"^\w+=")


def service_name(command: Sequence[str]) -> str:
    """`app` for `python app.py`, `shop` for `uvicorn shop.main:app` and for `python -m shop`."""
    words = _unwrapped(list(command))
    if not words:
        return "command"
    program, rest = PurePath(words[0]).name, words[1:]
    if _PYTHON.match(program):
        return _of_python(rest) or "python"
    if program in _SHELLS:
        script = next((word for word in rest if not word.startswith("-")), None)
        return _stem(script) if script and "-c" not in rest else program
    return _of_program(program, rest)


def _unwrapped(words: list[str]) -> list[str]:
    """The command within its wrappers: `env A=1 uv run app.py` runs `app.py`."""
    while words:
        program = PurePath(words[0]).name
        before = _WRAPPERS.get(program)
        if before is None or tuple(words[1 : 1 + len(before)]) != before:
            return words
        inner = words[1 + len(before) :]
        while inner and (inner[0].startswith("-") or _ASSIGNMENT.match(inner[0])):
            inner = inner[1:]
        if not inner:
            return words
        words = inner
    return words


def _of_python(words: list[str]) -> str | None:
    while words and words[0].startswith("-"):
        option = words[0]
        if option == "-m" and len(words) > 1:
            return _of_program(words[1], words[2:])
        if option.startswith("-c") or option == "-":
            return None
        words = words[2:] if option in _PYTHON_WITH_VALUE else words[1:]
    return _stem(words[0]) if words else None


def _of_program(program: str, words: list[str]) -> str:
    if program in _SERVERS or program in ("flask", "fastapi"):
        target = _option(words, ("--app", "-A", "--factory")) or next(
            (word for word in words if _TARGET.fullmatch(word)), None
        )
        if target is None and program in ("fastapi", "chainlit"):
            target = next((word for word in words if word.endswith(".py")), None)
        if target:
            return _of_module(target)
    return _of_module(program) if not program.endswith((".py", ".sh")) else _stem(program)


def _option(words: list[str], names: tuple[str, ...]) -> str | None:
    for place, word in enumerate(words):
        if word in names and place + 1 < len(words):
            return words[place + 1]
        name, _, value = word.partition("=")
        if name in names and value:
            return value
    return None


def _of_module(target: str) -> str:
    name = target.partition(":")[0].removesuffix(".py").strip("./").replace("/", ".")
    *packages, last = name.split(".")
    plain = last in _PLAIN and packages and packages[0] not in sys.stdlib_module_names
    return ".".join(packages) if plain else name or "python"


def _stem(script: str) -> str:
    path = PurePath(script)
    name = path.stem if path.suffix in (".py", ".pyw", ".pyz", ".sh", ".bash") else path.name
    return (path.parent.name or name) if name == "__main__" else name
