"""The folding rules in force: those that somebody set, in a file of the data folder, or the default ones."""

import logging
from collections.abc import Callable
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
        self._keep: Callable[[bytes | None], None] = self.take

    @property
    def rules(self) -> FoldRules:
        return self._set or default_rules()

    @property
    def is_default(self) -> bool:
        return self._set is None

    @property
    def content(self) -> bytes | None:
        """The rules that somebody set, as JSON."""
        rules = self._set
        return None if rules is None else _content(rules)

    @property
    def set_at_unix_nano(self) -> int:
        """When they were set; 0 if nobody did."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def keep_with(self, keep: Callable[[bytes | None], None]) -> None:
        """`keep` is to call `take` once others know of what it gets, and raises what a change is refused with."""
        self._keep = keep

    def put(self, rules: FoldRules) -> None:
        """Raises FolderNotWritable; the old rules then stay."""
        self._keep(_content(rules))

    def reset(self) -> None:
        """Back to the default rules. Raises FolderNotWritable."""
        self._keep(None)

    def take(self, content: bytes | None) -> None:
        """Set the rules of this JSON, or the default ones. Raises FolderNotWritable; ValueError for what are none."""
        try:
            rules = None if content is None else read_rules(orjson.loads(content))
        except Unprocessable as error:
            raise ValueError(error.message) from error
        with self._lock:
            if content is None:
                remove_file(self._path)
            else:
                replace_file(self._path, content)
            self._set = rules

    def _stored(self) -> FoldRules | None:
        content = read_file(self._path, MAX_BYTES)
        if content is None:
            return None
        try:
            return read_rules(orjson.loads(content))
        except (orjson.JSONDecodeError, Unprocessable) as error:
            logger.warning("%s cannot be read (%s): the default folding rules hold.", self._path, error)
            return None


def _content(rules: FoldRules) -> bytes:
    return rules.model_dump_json(indent=2).encode()
