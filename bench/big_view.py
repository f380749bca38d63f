"""CPU of the answers about one trace of 50,000 spans, without HTTP: the first time, and while its view is kept.

`python -m bench.big_view [--spans N]`.
"""

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ingest import send_http
from bench.server import serving
from bench.table import show
from bench.ui.big_trace import TRACE_ID, bodies
from llm_tracing.api.tree_routes import Reader
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.fold_book import FoldBook
from llm_tracing.query.kept_views import KeptViews
from llm_tracing.store.duck import DuckDBStore

ROUNDS = 3


def _cpu_ms(ask: Callable[[], object]) -> float:
    begun = time.process_time()
    ask()
    return (time.process_time() - begun) * 1000


def main(spans: int) -> None:
    with TemporaryDirectory(prefix="llm-tracing-bench-") as name:
        folder = Path(name)
        with serving(folder) as server:
            send_http(server, list(bodies(spans)))
        gc.disable()  # in the server it is nearly so
        store = DuckDBStore(folder)
        reader = Reader(store, Prices(), book := FoldBook(folder), KeptViews(store, book))
        asks: dict[str, Callable[[], object]] = {
            "/tree": lambda: reader.tree(TRACE_ID),
            "/ledger": lambda: reader.bill(TRACE_ID),
            "/badges": lambda: reader.badges(TRACE_ID),
            "/find": lambda: reader.find(TRACE_ID, "popular", 100),
        }
        rows: list[list[str]] = []
        for path, ask in asks.items():
            first, again = [], []
            for _ in range(ROUNDS):
                store.changes.tell()  # as a write to the trace does
                first.append(_cpu_ms(ask))
                again.append(_cpu_ms(ask))
            rows.append([path, f"{min(first):.0f}", f"{min(again):.0f}"])
        store.close()
    show(f"CPU ms of an answer about a trace of {spans:,} spans", ["", "first", "again"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=50_000)
    main(parser.parse_args().spans)
