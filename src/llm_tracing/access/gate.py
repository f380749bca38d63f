"""The one place that says whether somebody may do something; HTTP and gRPC ask it alike."""

import base64
import binascii
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import SCOPES, Key, Scope, hash_of, is_ours
from llm_tracing.access.policy import ANY, OPEN, Needed
from llm_tracing.access.projects import DEFAULT
from llm_tracing.access.throttle import Throttle
from llm_tracing.errors import NoKey, OtherProject, ScopeMissing, TooManyFailures

_REMEMBER_S = 1.0  # how long a key that was found right is not looked up again; a revoked one ends within it
_MAX_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name for the record, what they may do, whether a cookie said so, and in which project.

    Without a project it is somebody with a key of the server who named none.
    """

    name: str
    scopes: frozenset[Scope]
    by_cookie: bool = False
    key: Key | None = None
    project: str | None = DEFAULT


ANYONE = Caller("(no key)", frozenset(SCOPES))
NOBODY = Caller("(no key)", frozenset())


class Gate:
    """`required` False lets everybody do everything in the project `default`, as on a laptop's loopback.

    Every other project opens to its own keys alone, whether keys are required or not.
    """

    def __init__(self, keyring: Keyring, *, required: bool, given: Mapping[Scope, str] | None = None) -> None:
        self.keyring = keyring
        self.required = required
        self._given = {
            hash_of(secret): Key(f"env-{scope}", f"LLM_TRACING_{scope.upper()}_KEY", frozenset({scope}), 0)
            for scope, secret in (given or {}).items()
        }
        self._throttle = Throttle()
        self._remembered: OrderedDict[bytes, tuple[float, Key]] = OrderedDict()
        self._lock = Lock()

    def admit(
        self, needed: Needed, presented: str | None, cookie: str | None, address: str, chosen: str | None = None
    ) -> Caller:
        """Who asks, if they may; `chosen` is the project that they name.

        Raises NoKey, ScopeMissing, TooManyFailures or OtherProject.
        """
        caller = self._caller(presented, cookie)
        if not self.required and (caller is None or caller.project == DEFAULT):
            if caller is None and needed != OPEN and presented is not None and is_ours(presented):
                raise self.refusal(address, wrong=True)  # of a project, perhaps: it may not land in another one
            return _in_project(ANYONE, chosen)
        if caller is None and needed == OPEN:
            return NOBODY
        if caller is None:
            raise self.refusal(address, wrong=presented is not None or cookie is not None)
        if needed not in (OPEN, ANY) and not _allows(caller, needed):
            raise ScopeMissing(needed, caller.name)
        return _in_project(caller, chosen)

    def refusal(self, address: str, *, wrong: bool) -> NoKey | TooManyFailures:
        """The error for somebody without a right key; a wrong one counts against the address."""
        wait = self._throttle.fail(address) if wrong else 0
        return TooManyFailures(wait) if wait else NoKey(wrong=wrong)

    def key(self, secret: str) -> Key | None:
        """The active key with this secret."""
        digest = hash_of(secret)
        for known, key in self._given.items():
            if hmac.compare_digest(known, digest):
                return key
        now = time.monotonic()
        with self._lock:
            at, remembered = self._remembered.get(digest, (0.0, None))
        if remembered is not None and now - at < _REMEMBER_S:
            return remembered
        found = self.keyring.find(secret)
        with self._lock:
            self._remembered.pop(digest, None)
            if found is not None:
                self._remembered[digest] = (now, found)
                if len(self._remembered) > _MAX_REMEMBERED:
                    self._remembered.popitem(last=False)
        return found

    def remembers(self, secret: str | None) -> bool:
        """Whether the next look at this key needs no file."""
        with self._lock:
            return secret is not None and hash_of(secret) in self._remembered

    def _caller(self, presented: str | None, cookie: str | None) -> Caller | None:
        key: Key | None = None
        project: str | None = None
        if presented is not None:
            key = self.key(presented)
        elif cookie is not None:
            key, project = self._key_of_login(cookie)
        if key is None:
            return None
        return Caller(f"{key.name} ({key.key_id})", key.scopes, presented is None, key, project or key.project)

    def _key_of_login(self, cookie: str) -> tuple[Key | None, str | None]:
        """The key behind a login, and the project that it is for."""
        login = self.keyring.login(cookie)
        if login is None:
            return None, None
        key_id, project = login
        given = next((key for key in self._given.values() if key.key_id == key_id), None)
        key = given or self.keyring.key(key_id)
        return (key if key is not None and key.is_active(time.time_ns()) else None), project


def _allows(caller: Caller, needed: Scope) -> bool:
    return needed in caller.scopes or "admin" in caller.scopes


def _in_project(caller: Caller, chosen: str | None) -> Caller:
    """Only a key of the server may choose. Raises OtherProject."""
    if chosen is None or chosen == caller.project:
        return caller
    if caller.key is None or caller.key.project is not None:
        raise OtherProject
    return replace(caller, project=chosen)


def presented_key(headers: Mapping[str, str]) -> str | None:
    """The key that a request shows: `Authorization: Bearer KEY`, `Basic` with it as password, or `x-api-key: KEY`.

    Source: RFC 6750 and RFC 7617; LangSmith's clients send `x-api-key`, Langfuse's SDK sends Basic.
    """
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer" and value:
        return value
    if scheme.lower() == "basic" and value:
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return headers.get("x-api-key", "").strip() or None
