"""For commands that use a data folder without a server: what a killed one answered is written before they see it."""

from contextlib import suppress

from llm_tracing.config import ServerSettings
from llm_tracing.errors import StoreError
from llm_tracing.figures import Figures
from llm_tracing.ingest.ahead import Ahead
from llm_tracing.ingest.commits import Commits
from llm_tracing.normalize.cost import Prices
from llm_tracing.normalize.limits import Limits
from llm_tracing.normalize.shared import SharedRows
from llm_tracing.own_traces import OwnTraces
from llm_tracing.receive.kept import KeptErrors
from llm_tracing.receive.senders import Senders
from llm_tracing.store.duck import DuckDBStore


def open_whole(settings: ServerSettings) -> DuckDBStore:
    """The store of a data folder with all that was answered. Raises as DuckDBStore does."""
    prices = Prices(settings.prices)
    store = DuckDBStore(settings.data, prices, settings.memory_limit_mb)
    shared = SharedRows(Limits(settings.max_attributes, settings.max_attribute_bytes))
    senders = Senders(KeptErrors(settings.data / "refused"))
    ahead = Ahead(settings.data, store)
    commits = Commits(store, senders, shared, None, ahead, Figures(of_process=False), OwnTraces())
    try:
        commits.take_up()
    except StoreError:
        store.close()
        raise
    with suppress(StoreError):  # take_up said so
        commits.stop()
    return store
