"""`llm-tracing redaction`: what rules would take out of what a running server has stored."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from llm_tracing.client_key import API_KEY, key_header
from llm_tracing.config import ServerSettings

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
_TIMEOUT_S = 120.0


def redaction(
    rules: Annotated[str, typer.Argument(help="email,card,key,ip,phone, or a YAML file of rules.")] = "email,card,key",
    traces: Annotated[int, typer.Option(min=1, max=1_000, help="So many of the newest traces.")] = 200,
    port: Annotated[int | None, typer.Option(help="Of the server [LLM_TRACING_PORT, 4318].")] = None,
) -> None:
    """Show what rules would take out of what a running server has stored; nothing is changed."""
    asked: dict[str, Any] = {"traces": traces}
    path = Path(rules)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        try:
            asked["rules"] = path.read_text(encoding="utf-8")
        except OSError as error:
            raise _failed(f"{path} can't be read ({error.strerror or error}).") from None
    else:
        asked["builtin"] = [name.strip() for name in rules.split(",") if name.strip()]
    settings = ServerSettings()
    _show(_ask(f"http://127.0.0.1:{port or settings.port}", asked))


def _ask(server: str, asked: dict[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **key_header()}
    request = urllib.request.Request(  # noqa: S310
        f"{server}/api/v1/redaction/dry-run", json.dumps(asked).encode(), headers
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise _failed(_words_of(error)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise _failed(f"No server answers at {server} ({reason}). Start one: llm-tracing serve") from None


def _words_of(error: urllib.error.HTTPError) -> str:
    if error.code in (401, 403):
        return f"The server wants a key with the scope admin: put it in {API_KEY}."
    try:
        said = json.load(error)["error"]
        return f"{said['message']} {said['hint'] or ''}".strip()
    except (ValueError, KeyError, TypeError):
        return f"The server answers {error.code}."


def _show(found: dict[str, Any]) -> None:
    looked = f"{found['trace_count']:,} traces, {found['text_count']:,} texts"
    if not found["counts"]:
        out.print(f"Nothing would go from {looked}.")
        return
    out.print(f"From {looked} would go:")
    for one in found["counts"]:
        out.print(f"  {one['count']:>6,}  {one['rule']}")
    for sample in found["samples"]:
        out.print(f"\n{sample['rule']} in trace {sample['trace_id']}")
        out.print(f"  - {_line(sample['before'])}")
        out.print(f"  + {_line(sample['after'])}")


def _line(text: str) -> str:
    """On one line, without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def _failed(line: str) -> typer.Exit:
    err.print(f"error {line}")
    return typer.Exit(1)
