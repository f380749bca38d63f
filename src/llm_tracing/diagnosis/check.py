"""What one check found, and what to do about it."""

from typing import Literal, NamedTuple

Level = Literal["ok", "info", "warning", "error"]
Section = Literal["environment", "delivery", "server", "program", "senders"]
PROBE_SERVICE = "llm-tracing-doctor"  # the server's doctor passes over it


class Check(NamedTuple):
    """`todo` is empty where there is nothing to do; `sender` is set where it is about one."""

    section: Section
    level: Level
    title: str
    todo: str = ""
    sender: str | None = None

    @property
    def is_wrong(self) -> bool:
        return self.level in ("warning", "error")
