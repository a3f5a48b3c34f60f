"""Admins keep the list of operators."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.queues import Queue
from peyk.domain.staff import Operator, Permission, Role
from peyk.i18n.catalogue import LANGUAGES
from peyk.services.operators import OperatorRefused
from peyk.web.console.gate import Gate, TurnedAway, Visit, redirect
from peyk.web.console.parts import Parts

PAGE = "/console/users"


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the page and its changes."""
    users = _Users(parts, gate)

    @router.get("/users")
    async def page(request: Request) -> Response:
        """Show who works here."""
        return await users.shown(await gate.enter(request, Permission.EDIT_USERS))

    @router.post("/users")
    async def add(request: Request) -> Response:
        """Add one, and show the generated password: the only time it can be seen."""
        return await users.add(await gate.form(request, Permission.EDIT_USERS))

    @router.post("/users/{user}/change")
    async def change(request: Request, user: str) -> Response:
        """Change name, role, languages and queues."""
        visit = await gate.form(request, Permission.EDIT_USERS)
        changes = {"name": visit.field("name", limit=120), "role": _role(gate, visit), **_details(visit)}
        return await users.change(visit, user, changes)

    @router.post("/users/{user}/active")
    async def switch(request: Request, user: str) -> Response:
        """Keep somebody out, at once, or let them in again."""
        visit = await gate.form(request, Permission.EDIT_USERS)
        return await users.change(visit, user, {"active": visit.field("active") == "yes"})

    @router.post("/users/{user}/reset")
    async def reset(request: Request, user: str) -> Response:
        """Give a new password, and show it once; the second factor is off and every session has ended."""
        return await users.reset(await gate.form(request, Permission.EDIT_USERS), user)


class _Users:
    def __init__(self, parts: Parts, gate: Gate) -> None:
        self._parts = parts
        self._gate = gate

    async def shown(
        self,
        visit: Visit,
        *,
        status: int = 200,
        refused: str = "",
        made_for: Operator | None = None,
        password: str = "",
    ) -> Response:
        everybody = await self._parts.run(self._parts.staff.everybody)
        return self._gate.show(
            visit,
            "users.html",
            status=status,
            everybody=everybody,
            roles=list(Role),
            queues=list(Queue),
            languages=LANGUAGES,
            refused=refused,
            made_for=made_for,
            password=password,
        )

    async def add(self, visit: Visit) -> Response:
        keep, by = self._parts.operators, visit.operator.login
        login, name = visit.field("login", limit=80), visit.field("name", limit=120)
        role, details = _role(self._gate, visit), _details(visit)
        try:
            made, password = await self._parts.run(lambda: keep.add(login, name, role, by=by, **details))
        except OperatorRefused as exc:
            return await self.shown(visit, status=422, refused=exc.code)
        return await self.shown(visit, made_for=made, password=password)

    async def change(self, visit: Visit, user: str, changes: dict[str, Any]) -> Response:
        keep, by = self._parts.operators, visit.operator.login
        try:
            done = await self._parts.run(lambda: keep.change(user, by=by, **changes))
        except OperatorRefused as exc:
            return await self.shown(visit, status=422, refused=exc.code)
        return redirect(visit.request, PAGE) if done else self._gate.problem(visit, "no_operator", 404)

    async def reset(self, visit: Visit, user: str) -> Response:
        keep, by = self._parts.operators, visit.operator.login
        person = await self._parts.run(lambda: self._parts.staff.operator(user))
        if person is None:
            return self._gate.problem(visit, "no_operator", 404)
        if person.id == visit.operator.id:
            # One's own password is changed where the old one is asked for.
            return self._gate.problem(visit, "forbidden", 403)
        password = await self._parts.run(lambda: keep.reset(user, by=by))
        return await self.shown(visit, made_for=person, password=password)


def _role(gate: Gate, visit: Visit) -> Role:
    value = visit.field("role")
    if value not in list(Role):
        raise TurnedAway(gate.problem(visit, "form_expired", 422))
    return Role(value)


def _details(visit: Visit) -> dict[str, Any]:
    language = visit.field("language")
    spoken = tuple(each for each in visit.fields("languages") if each in LANGUAGES)
    return {
        "language": language if language in LANGUAGES else "fa",
        "languages": spoken or LANGUAGES,
        "queues": tuple(each for each in visit.fields("queues") if each in list(Queue)),
    }
