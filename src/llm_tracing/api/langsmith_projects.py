"""LangSmith's projects (it calls them sessions too): services that have its runs, and those that a client created."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from llm_tracing.api.langsmith_runs import TENANT, Json, iso, project_id
from llm_tracing.errors import Conflict, NotFound, Unprocessable
from llm_tracing.model import ProjectRow
from llm_tracing.normalize.anyvalue import from_json
from llm_tracing.normalize.langsmith_feedback import clean, clean_or_none, iso_ns, json_text
from llm_tracing.store.contract import RunProject, Store

MAX_NAME = 500


class Projects:
    """Every project at one moment, by id."""

    def __init__(self, runs: Sequence[RunProject], created: Sequence[ProjectRow]) -> None:
        self.runs = {project_id(found.name): found for found in runs}
        self.created = {UUID(bytes=row.project_id): row for row in created}

    @classmethod
    def read(cls, store: Store) -> "Projects":
        return cls(store.run_projects(), store.projects())

    def names(self) -> list[str]:
        return [*(found.name for found in self.runs.values()), *(row.name for row in self.created.values())]

    def all(self) -> list[Json]:
        """The newest first."""
        found = [self.json(identifier) for identifier in self.runs.keys() | self.created.keys()]
        return sorted(found, key=lambda project: (project["start_time"], project["id"]), reverse=True)

    def json(self, identifier: UUID) -> Json:
        """One project. Raises NotFound."""
        row, runs = self.created.get(identifier), self.runs.get(identifier)
        if row is None and runs is None:
            raise NotFound(f"No project {identifier} is here.", "A project is there with its first run.")
        starts = [runs.first_start_unix_nano] if runs else []
        return {
            "id": str(identifier),
            "tenant_id": str(TENANT),
            "name": row.name if row else runs.name if runs else None,
            "start_time": iso(min(starts + ([row.created_at_unix_nano] if row else []))),
            "end_time": iso(row.end_time_unix_nano) if row and row.end_time_unix_nano is not None else None,
            "description": row.description if row else None,
            "extra": from_json(row.extra) if row else {},
            "reference_dataset_id": None,
            "run_count": runs.run_count if runs else 0,
            "last_run_start_time": iso(runs.last_start_unix_nano) if runs else None,
        }


def matching(projects: Sequence[Json], parameters: Mapping[str, list[str]]) -> list[Json]:
    """What the parameters of GET /sessions leave. No project here has a reference dataset."""
    found = list(projects)
    if ids := parameters.get("id"):
        found = [project for project in found if project["id"] in {one.lower() for one in ids}]
    if names := parameters.get("name"):
        found = [project for project in found if project["name"] in names]
    for text in parameters.get("name_contains", ()):
        found = [project for project in found if text.lower() in project["name"].lower()]
    for text in parameters.get("metadata", ()):
        found = [project for project in found if _has_metadata(project, text)]
    return [] if parameters.get("reference_dataset") else found


def _has_metadata(project: Json, text: str) -> bool:
    try:
        wanted = json.loads(text)
    except (ValueError, RecursionError):
        raise Unprocessable("metadata must be JSON.") from None
    metadata = project["extra"].get("metadata")
    return (
        isinstance(wanted, dict)
        and isinstance(metadata, dict)
        and all(metadata.get(key) == value for key, value in wanted.items())
    )


def create(store: Store, body: Mapping[str, Any], *, upsert: bool) -> UUID:
    """Store a project that a client creates; a job of the writer's thread. Raises Unprocessable, Conflict."""
    name = body.get("name")
    if not isinstance(name, str) or not name or len(name) > MAX_NAME:
        raise Unprocessable(f"A project needs a name of at most {MAX_NAME} characters.")
    identifier = project_id(clean(name))
    known = Projects.read(store)
    if not upsert and (identifier in known.created or identifier in known.runs):
        raise Conflict(f"A project {name} is here already.", "Use it, or create it with upsert.")
    start = iso_ns(body.get("start_time")) or time.time_ns()
    row = known.created.get(identifier) or ProjectRow(identifier.bytes, clean(name), start, None, None, "{}")
    store.put_project(_with(row, body))
    return identifier


def change(store: Store, identifier: UUID, body: Mapping[str, Any]) -> None:
    """Change what was said of a project; null is not said. A job of the writer's thread. Raises NotFound."""
    known = Projects.read(store)
    found = known.json(identifier)
    if body.get("name") not in (None, found["name"]):
        raise Unprocessable("A project keeps its name: its id and its runs go by it.", "Create another one.")
    row = known.created.get(identifier) or ProjectRow(
        identifier.bytes, found["name"], iso_ns(found["start_time"]) or 0, None, None, "{}"
    )
    store.put_project(_with(row, body))


def forget(store: Store, identifier: UUID) -> str:
    """Delete what was said of a project, and say what stays; a job of the writer's thread. Raises NotFound."""
    project = Projects.read(store).json(identifier)
    forgotten = store.delete_project(identifier.bytes)
    if not project["run_count"]:
        return "The project is forgotten."
    said = "What was said of the project is forgotten" if forgotten else "Nothing was said of the project"
    return f"{said}; its {project['run_count']:,} runs stay, and with them the project."


def _with(row: ProjectRow, body: Mapping[str, Any]) -> ProjectRow:
    extra = body.get("extra")
    return row._replace(
        description=clean_or_none(body.get("description")) or row.description,
        end_time_unix_nano=iso_ns(body.get("end_time")) or row.end_time_unix_nano,
        extra=(json_text(extra) if isinstance(extra, dict) else None) or row.extra,
    )
