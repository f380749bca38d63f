"""The folding rules in force: those that somebody set, in a file of the data folder, or the default ones."""

import logging
from pathlib import Path
from threading import Lock

import orjson

from llm_tracing.errors import Unprocessable
from llm_tracing.query.fold_rules import FoldRules, default_rules, read_rules
from llm_tracing.store.small_files import read_file, remove_file, replace_file

FILE_NAME = "fold-rules.json"
MAX_BYTES = 1_000_000

logger = logging.getLogger(__name__)


class FoldBook:
    """Read once, then kept in memory; any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = Lock()
        self._set = self._stored()

    @property
    def rules(self) -> FoldRules:
        return self._set or default_rules()

    @property
    def is_default(self) -> bool:
        return self._set is None

    def put(self, rules: FoldRules) -> None:
        """Raises FolderNotWritable; the old rules then stay."""
        with self._lock:
            replace_file(self._path, rules.model_dump_json(indent=2).encode())
            self._set = rules

    def reset(self) -> None:
        """Back to the default rules. Raises FolderNotWritable."""
        with self._lock:
            remove_file(self._path)
            self._set = None

    def _stored(self) -> FoldRules | None:
        content = read_file(self._path, MAX_BYTES)
        if content is None:
            return None
        try:
            return read_rules(orjson.loads(content))
        except (orjson.JSONDecodeError, Unprocessable) as error:
            logger.warning("%s cannot be read (%s): the default folding rules hold.", self._path, error)
            return None
