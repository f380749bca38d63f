"""What a request of LangSmith's protocol says, decoded: operations on runs, feedback, and what had to be refused.

A part that cannot be read is refused by name and the rest is kept; a body of which nothing can be read is an error.
Source: the LangSmith SDKs for Python and JavaScript: `POST /runs/multipart`, `POST /runs/batch`, `POST /runs` and
`PATCH /runs/{id}` in their clients.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from llm_tracing.errors import ReceiveError
from llm_tracing.receive import json_text
from llm_tracing.receive.decode import INVALID_ARGUMENT
from llm_tracing.receive.multipart import Part, boundary_of, parts_of

Verb = Literal["post", "patch"]
VERBS: tuple[Verb, ...] = ("post", "patch")
# Fields of a run that may travel as parts of their own.
SPLIT_OFF = frozenset({"inputs", "outputs", "events", "extra", "error", "serialized"})
OPENED = frozenset({"events", "error"})  # of these the value is kept beside the text
_TEXT_ALONE = SPLIT_OFF - OPENED
_KEPT_AS_TEXT = frozenset({"inputs", "outputs", "serialized"})
_TOO_DEEP = "nested too deep"
_SHALLOW = 200  # with fewer brackets nothing nests deeper than can be written


class Attachment(NamedTuple):
    content_type: str
    data: bytes


@dataclass(slots=True)
class RunOperation:
    """`fields` are those of the run's core as JSON values, `texts` the JSON text of fields that came as parts.

    `opened` are the values in those texts that are looked into later, so that they are read once.
    """

    verb: Verb
    run_id: UUID
    fields: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    opened: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)


class Refused(NamedTuple):
    """One run, part or feedback that was not taken, by the id or name it was sent under."""

    name: str
    reason: str


@dataclass(slots=True)
class RunsRequest:
    operations: list[RunOperation] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.operations and not self.feedback


def unreadable(message: str, hint: str | None = "Nothing of it was stored.", status: int = 422) -> ReceiveError:
    return ReceiveError(status, INVALID_ARGUMENT, message, hint)


def run_id(sent: Any) -> UUID | None:
    """The uuid of a run; None for what is none, and for the one of zeros only."""
    try:
        found = UUID(sent) if isinstance(sent, str) else None
    except ValueError:
        return None
    return found if found is not None and found.int else None


def one_run(body: bytes, verb: Verb, identifier: str | None = None) -> RunsRequest:
    """`POST /runs` or, with the id of the path, `PATCH /runs/{id}`."""
    run = _json_object(body)
    request = RunsRequest()
    _add_run(request, verb, run if identifier is None else {**run, "id": identifier})
    return request


def batch_of_runs(body: bytes) -> RunsRequest:
    """`POST /runs/batch`: {"post": [run, ...], "patch": [run, ...]}."""
    tree = _json_object(body)
    request = RunsRequest()
    for verb in VERBS:
        runs = tree.get(verb)
        if runs is None:
            continue
        if not isinstance(runs, list):
            raise unreadable(f"`{verb}` is not a list of runs.")
        for run in runs:
            _add_run(request, verb, run)
    return request


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise unreadable("The body is empty.", "Send the runs again; nothing was stored.")
    try:
        tree = json_text.parse(body)
    except ValueError as error:
        raise unreadable(f"The body is not JSON: {str(error)[:200]}.", status=400) from error
    if not isinstance(tree, dict):
        raise unreadable("The body is not a JSON object.")
    return tree


def _add_run(request: RunsRequest, verb: Verb, run: Any) -> None:
    if not isinstance(run, dict):
        request.refused.append(Refused(verb, "a run is a JSON object"))
        return
    identifier = run_id(run.get("id"))
    if identifier is None:
        request.refused.append(Refused(str(run.get("id"))[:200], "the id of a run is a uuid"))
    elif not _writable(run):
        request.refused.append(Refused(str(identifier), _TOO_DEEP))
    else:
        request.operations.append(RunOperation(verb, identifier, run))


def _writable(value: Any) -> bool:
    """Whether a value can be stored: one that was read may nest deeper than can be written."""
    try:
        json_text.to_text(value)
    except ValueError:
        return False
    return True


def multipart_runs(body: bytes, content_type: str) -> RunsRequest:
    """`POST /runs/multipart`: parts `<verb>.<run id>[.<field>]`, `attachment.<run id>.<name>`, `feedback.<id>`."""
    if not body:
        raise unreadable("The body is empty.", "Send the runs again; nothing was stored.")
    try:
        parts = parts_of(body, boundary_of(content_type))
    except ValueError as error:
        raise unreadable(f"The body is not multipart/form-data: {error}.", status=400) from error
    request = RunsRequest()
    operations = _operations(parts, request)
    # An attachment belongs to what created its run, wherever in the body it stands.
    for part in parts:
        if part.name.startswith("attachment."):
            _attach(part, operations, request)
    return request


def _operations(parts: Iterable[Part], request: RunsRequest) -> dict[tuple[str, UUID], RunOperation]:
    found: dict[tuple[str, UUID], RunOperation] = {}
    ids: dict[str, UUID | None] = {}  # a run has some ten parts
    texts: dict[bytes, str] = {}
    for part in parts:
        verb, _, rest = part.name.partition(".")
        sent_id, _, name = rest.partition(".")
        if verb == "attachment":
            continue
        if sent_id not in ids:
            ids[sent_id] = run_id(sent_id)
        identifier = ids[sent_id]
        if identifier is None or verb not in ("post", "patch", "feedback"):
            reason = "a part is named <post|patch>.<uuid>[.<field>], attachment.<uuid>.<name> or feedback.<uuid>"
            request.refused.append(Refused(part.name[:200], reason))
        elif verb == "feedback":
            _add_feedback(part, identifier, request)
        else:
            known: Verb = "post" if verb == "post" else "patch"
            _add_part(part, name, known, identifier, found, request, texts)
    request.operations.extend(found.values())
    return found


def _add_part(
    part: Part,
    name: str,
    verb: Verb,
    identifier: UUID,
    found: dict[tuple[str, UUID], RunOperation],
    request: RunsRequest,
    read: dict[bytes, str],
) -> None:
    """`read` are texts of the request known to be JSON: the end of a run repeats its inputs, runs their settings."""
    operation = found.get((verb, identifier))
    if operation is not None and name in _TEXT_ALONE and (text := read.get(part.data)) is not None:
        operation.texts[name] = text
        return
    try:
        value = json_text.parse(part.data) if not name or part.data.strip() else None
    except ValueError as error:
        request.refused.append(Refused(part.name[:200], f"not JSON: {str(error)[:200]}"))
        return
    core = value if isinstance(value, dict) else {}
    if not name and core is not value:
        request.refused.append(Refused(part.name[:200], "a run is a JSON object"))
        return
    if name not in _KEPT_AS_TEXT and _may_be_deep(part.data) and not _writable(value):
        request.refused.append(Refused(part.name[:200], _TOO_DEEP))
        return
    if operation is None:
        operation = found[verb, identifier] = RunOperation(verb, identifier)
    if not name:
        operation.fields = {**operation.fields, **core} if operation.fields else core
    elif name in SPLIT_OFF:
        text = operation.texts[name] = part.data.decode("utf-8", "replace").strip()
        if name in OPENED:
            operation.opened[name] = value
        elif not _may_be_deep(part.data):
            read[part.data] = text
    else:
        operation.fields.setdefault(name, value)


def _may_be_deep(data: bytes) -> bool:
    return len(data) > _SHALLOW and data.count(b"[") + data.count(b"{") > _SHALLOW


def _add_feedback(part: Part, identifier: UUID, request: RunsRequest) -> None:
    try:
        feedback = json_text.parse(part.data)
    except ValueError as error:
        request.refused.append(Refused(part.name, f"not JSON: {str(error)[:200]}"))
        return
    if isinstance(feedback, dict) and _writable(feedback):
        request.feedback.append({**feedback, "id": str(identifier)})
    else:
        request.refused.append(Refused(part.name, "feedback is a JSON object"))


def _attach(part: Part, operations: dict[tuple[str, UUID], RunOperation], request: RunsRequest) -> None:
    _, _, rest = part.name.partition(".")
    sent_id, _, name = rest.partition(".")
    identifier = run_id(sent_id)
    if identifier is None or not name:
        request.refused.append(Refused(part.name[:200], "an attachment is named attachment.<uuid>.<name>"))
        return
    operation = operations.get(("post", identifier)) or operations.get(("patch", identifier))
    if operation is None:
        operation = operations["patch", identifier] = RunOperation("patch", identifier)
        request.operations.append(operation)
    operation.attachments[name] = Attachment(part.content_type, part.data)
