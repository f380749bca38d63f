"""Several parts that an approach has started, ended in the opposite order."""

from collections.abc import Callable


class Together:
    """`shutdown()` calls each end, the last one first, also when one of them fails."""

    def __init__(self) -> None:
        self._ends: list[Callable[[], object]] = []

    def add(self, end: Callable[[], object]) -> None:
        self._ends.append(end)

    def shutdown(self) -> None:
        failed: BaseException | None = None
        while self._ends:
            try:
                self._ends.pop()()
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed
