"""Ask one question with each client of tests/live and write the table of docs/conventions.md.

python -m scripts.compare_conventions           # write the table
python -m scripts.compare_conventions --print   # only show it
"""

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path

from tests.live.approaches import APPROACHES, Approach
from tests.live.place import CLIENTS, Place, Told, place
from tests.live.words import places_of, texts

DOCS = Path(__file__).parents[1] / "docs" / "conventions.md"
BEGIN, END = "<!-- table: make conventions -->", "<!-- end of the table -->"
HEAD = (
    "way", "client and version", "protocol", "spans sent", "LLM calls", "messages", "tokens in / out", "cost in USD",
    "where prompt and answer were",
)  # fmt: skip


def main() -> None:
    """Ask, and write what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--print", action="store_true", dest="only_print", help="print the table, write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, place(Path(folder)) as at, ThreadPoolExecutor(2) as pool:
        told = list(pool.map(partial(Place.ask, at), APPROACHES))
    table = "\n".join(_table(told))
    if options.only_print:
        print(table)
        return
    before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
    DOCS.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"{len(told)} clients asked; the table is in docs/{DOCS.name}")


def _table(told: list[Told]) -> list[str]:
    lines = [HEAD, ("---",) * len(HEAD), *(_line(a, one, told[0]) for a, one in zip(APPROACHES, told, strict=True))]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _line(approach: Approach, told: Told, first: Told) -> tuple[str, ...]:
    summary = told.trace.trace
    same = [texts(call) for call in told.calls] == [texts(call) for call in first.calls]
    return (
        f"`{approach.name}`",
        ", ".join(f"{package} {_version(package)}" for package in approach.packages),
        " and ".join(approach.protocols),
        str(sum(len(span.sources) for span in told.trace.spans)),
        str(summary.llm_call_count),
        "same" if same else "other",
        f"{summary.usage.input_tokens:,} / {summary.usage.output_tokens:,}",
        summary.cost.total_usd or "unpriced",
        ", ".join(places_of(told.calls[-1], told.logs)) or "nowhere",
    )


def _version(package: str) -> str:
    """Of the installed package, also where it is kept apart from the others."""
    apart = CLIENTS / package
    if apart.is_dir():
        [found] = apart.glob(f"{package.replace('-', '_')}-*.dist-info")
        return found.name.removesuffix(".dist-info").rpartition("-")[2]
    return version(package)


if __name__ == "__main__":
    main()
