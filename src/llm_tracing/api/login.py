"""Logging a person in: a key is shown once, a cookie stands for it afterwards.

The cookie is out of reach of scripts (HttpOnly), is not sent along by other sites (SameSite=Strict) and ends after a
week, with its key, or when its owner logs out.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from llm_tracing.access.gate import Caller, Gate
from llm_tracing.access.keyring import LOGIN_NS
from llm_tracing.access.keys import Key
from llm_tracing.access.projects import DEFAULT, Project, ProjectSettings
from llm_tracing.api import schema_access as schema
from llm_tracing.api.entry import CALLER, cookie_name, login_of
from llm_tracing.api.guard import check_json_write
from llm_tracing.api.parts import ERRORS, json_response
from llm_tracing.errors import ProjectMissing, ScopeMissing


def login_router(gate: Gate) -> APIRouter:
    api = APIRouter(prefix="/api/v1", tags=["access"], responses=ERRORS)

    @api.get("/login", response_model=schema.Login)
    async def who(request: Request) -> Response:
        """Whether a key is needed here, and who asks."""
        return json_response(_login(gate, request.scope[CALLER]))

    @api.post("/login", response_model=schema.Login, dependencies=[Depends(check_json_write)])
    async def log_in(request: Request, shown: schema.NewLogin) -> Response:
        """Trade a key for a cookie. The key says which project is seen; who has one of the server names it."""
        address = request.client.host if request.client else "(unknown)"
        chosen = shown.project.strip() or None
        caller = await asyncio.to_thread(gate.admit, "any", shown.key.strip(), None, address, chosen)
        if caller.key is not None and not caller.key.allows("read"):
            raise ScopeMissing("read", caller.key.name)
        if caller.project is None:
            raise ProjectMissing(caller.name)
        await asyncio.to_thread(gate.keyring.project, caller.project)
        answer = json_response(_login(gate, caller))
        if caller.key is not None:
            token = await asyncio.to_thread(gate.keyring.log_in, caller.key.key_id, caller.project)
            await asyncio.to_thread(gate.keyring.record, caller.name, "log in", address, caller.project)
            secure = request.url.scheme == "https"
            answer.set_cookie(
                cookie_name(request.url.scheme),
                token,
                max_age=LOGIN_NS // 1_000_000_000,
                httponly=True,
                samesite="strict",
                secure=secure,
            )
        return answer

    @api.delete("/login", status_code=204, response_class=Response, dependencies=[Depends(check_json_write)])
    async def log_out(request: Request) -> Response:
        """End the login of this browser."""
        token = login_of(request.headers, request.url.scheme)
        if token is not None:
            await asyncio.to_thread(gate.keyring.log_out, token)
        answer = Response(status_code=204)
        answer.delete_cookie(
            cookie_name(request.url.scheme), httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    @api.get("/keys", response_model=schema.KeyList)
    async def list_keys(request: Request) -> Response:
        """The keys of the project without their secrets, to a key of the server all; `llm-tracing keys` makes them."""
        project = request.scope[CALLER].project
        keys = await asyncio.to_thread(gate.keyring.all)
        return json_response({"keys": [_key(key) for key in keys if project is None or key.project == project]})

    @api.get("/audit", response_model=schema.AuditLog)
    async def list_acts(request: Request, limit: Annotated[int, Query(ge=1, le=10_000)] = 200) -> Response:
        """Administrative acts on the project, to a key of the server all: whatever needed the scope `admin`."""
        acts = await asyncio.to_thread(gate.keyring.acts, limit, request.scope[CALLER].project)
        return json_response(
            {
                "acts": [
                    {
                        "time_unix_nano": str(act.time_unix_nano),
                        "who": act.who,
                        "act": act.act,
                        "subject": act.subject,
                        "project": act.project,
                    }
                    for act in acts
                ]
            }
        )

    @api.get("/projects", response_model=schema.ProjectList)
    async def list_projects(request: Request) -> Response:
        """The project of who asks, to a key of the server all; `llm-tracing project` makes and deletes them."""
        asked = request.scope[CALLER].project
        known = [Project(DEFAULT, 0, ProjectSettings()), *await asyncio.to_thread(gate.keyring.projects)]
        return json_response(
            {
                "projects": [
                    {"name": one.name, "created_at": str(one.created_at) if one.created_at else None}
                    for one in known
                    if not one.deleting and asked in (None, one.name)
                ]
            }
        )

    return api


def _login(gate: Gate, caller: Caller) -> dict[str, object]:
    return {
        "required": gate.required,
        "scopes": sorted(caller.scopes),
        "name": caller.name if caller.key is not None else None,
        "by_cookie": caller.by_cookie,
        "project": caller.project if caller.scopes else None,
    }


def _key(key: Key) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "project": key.project,
        "created_at": str(key.created_at),
        "expires_at": None if key.expires_at is None else str(key.expires_at),
        "revoked_at": None if key.revoked_at is None else str(key.revoked_at),
        "last_used_at": None if key.last_used_at is None else str(key.last_used_at),
    }
