"""What `--project NAME` of a command means: the folder of the project, and a key of it where a server is asked."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from llm_tracing.access.keyring import FILE, Keyring
from llm_tracing.access.policy import CHOSEN_PROJECT
from llm_tracing.access.projects import DEFAULT, checked_name
from llm_tracing.client_key import API_KEY, key_header, showing
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, FolderNotWritable

_HOUR = 1 / 24  # longer than any command takes; the key is removed when it ends


@contextmanager
def in_project(settings: ServerSettings, name: str | None, *, is_here: bool = True) -> Iterator[ServerSettings]:
    """The settings that the project runs with; without a name the server's, which are those of `default`.

    `is_here` says whether the server that may be asked has the data folder of the settings. A server that is asked
    meanwhile is shown the key of the environment together with the name, or, as whoever can write the key file may
    make keys, one that is made for the while. Raises ConfigError or NotFound.
    """
    if name is None:
        yield settings
        return
    if name == DEFAULT:
        with showing({**key_header(), CHOSEN_PROJECT: DEFAULT}):
            yield settings
        return
    checked_name(name)
    if not is_here or not (settings.data / FILE).exists():
        if not key_header():
            raise ConfigError(
                f"{settings.data} has no projects." if is_here else "Another server opens a project to its keys alone.",
                f"Set {API_KEY} to a key of the project, or name its data folder with --data or LLM_TRACING_DATA.",
            )
        with showing({**key_header(), CHOSEN_PROJECT: name}):
            yield settings
        return
    keyring = Keyring(settings.data)
    made: str | None = None
    try:
        own = keyring.project(name).settings.in_effect(settings, name)
        header = key_header()
        if not header:
            with suppress(FolderNotWritable):  # without a key no server answers, but files can be read
                key, secret = keyring.create("for one command", frozenset({"admin"}), _HOUR, name)
                made, header = key.key_id, {"Authorization": f"Bearer {secret}"}
        with showing({**header, CHOSEN_PROJECT: name}):
            yield own
    finally:
        if made is not None:
            keyring.discard(made)
        keyring.close()
