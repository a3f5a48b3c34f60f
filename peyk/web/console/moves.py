"""What an operator does with a conversation: take, reply, note, transfer, release, resolve."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.macros import fill, unfilled
from peyk.domain.queues import Queue
from peyk.ports.files import FileRefused
from peyk.web.console.conversation import composer, noted
from peyk.web.console.gate import HOME, Gate, Visit, redirect
from peyk.web.console.parts import Parts
from peyk.web.console.sight import Case, seen
from peyk.web.console.variables import values_for

TEXT_MAX = 4000
CHANGED = {"HX-Trigger": "peyk:changed"}


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add them."""
    _replies(router, parts, gate)
    _changes_of_owner(router, parts, gate)

    @router.post("/conversations/{here}/typing")
    async def typing(request: Request, here: str) -> Response:
        """Let the customer know that who has the conversation is writing."""
        visit = await gate.form(request)
        case = await seen(parts, gate, visit, here)
        if case.mine:
            parts.signs.agent_writes(here)
        return Response(status_code=204)

    @router.post("/conversations/{here}/notes")
    async def note(request: Request, here: str) -> Response:
        """Keep a note for colleagues; customers never see it."""
        visit = await gate.form(request)
        case = await seen(parts, gate, visit, here)
        text = visit.field("text", limit=TEXT_MAX)
        if text:
            await parts.run(lambda: parts.desk.note(here, visit.operator.id, text))
        if not visit.htmx:
            return redirect(request, _page(here))
        return gate.show(visit, "_notes.html", notes=await parts.run(lambda: noted(parts, case)))


def _replies(router: APIRouter, parts: Parts, gate: Gate) -> None:
    # Where the edge lets files in; without one a body is as small as everywhere.
    @router.post("/conversations/{here}/reply/files")
    @router.post("/conversations/{here}/reply")
    async def reply(request: Request, here: str) -> Response:
        """Say something to the customer; the same form sent twice says it once."""
        visit = await gate.form(request)
        case = await seen(parts, gate, visit, here)
        text, form_id = visit.field("text", limit=TEXT_MAX + 1), visit.field("message_id", limit=64)
        values = await parts.run(lambda: values_for(parts, case, visit.operator, case.about.language or "fa"))
        text = fill(text, values)
        problem, missing = _problem(text, form_id), unfilled(text)
        files: tuple[dict[str, str | int], ...] = ()
        upload = visit.upload("file")
        if upload is not None and case.mine and problem in {"", "empty_reply"}:
            files, problem = await _received(parts, case, visit, upload.filename or "", await upload.read())
        if problem or missing:
            return _again(parts, gate, visit, case, text, problem or "unfilled", missing)
        agent, message_id = visit.operator.id, f"{visit.operator.id}:{form_id}"
        said = await parts.run(lambda: parts.desk.reply(here, agent, text, message_id=message_id, files=files))
        if said is None:
            return _again(parts, gate, visit, case, text, "not_yours", ())
        parts.live.nudge(here)
        if not visit.htmx:
            return redirect(request, _page(here))
        response = gate.show(visit, "_composer.html", case=case, has_files=parts.files is not None, **composer())
        response.headers.update(CHANGED)
        return response


def _problem(text: str, form_id: str) -> str:
    if not text:
        return "empty_reply"
    if len(text) > TEXT_MAX:
        return "long_reply"
    return "" if form_id else "form_expired"


async def _received(
    parts: Parts, case: Case, visit: Visit, name: str, raw: bytes
) -> tuple[tuple[dict[str, str | int], ...], str]:
    """Keep the file of a reply; return how an entry names it, or why it is not taken."""
    if parts.files is None:
        return (), "no_files"
    keep = parts.files
    try:
        kept = await parts.run(lambda: keep.receive(case.id, name, raw, by=visit.operator.id))
    except FileRefused:
        return (), "file_refused"
    return (kept.as_custom(),), ""


def _again(
    parts: Parts, gate: Gate, visit: Visit, case: Case, text: str, problem: str, missing: tuple[str, ...]
) -> Response:
    """Show the form again with what was written: nothing an operator types is lost."""
    status = 409 if problem == "not_yours" else 422
    if not visit.htmx:
        return gate.problem(visit, problem, status)
    shown, has_files = composer(text, problem, missing), parts.files is not None
    return gate.show(visit, "_composer.html", status=status, case=case, has_files=has_files, **shown)


def _changes_of_owner(router: APIRouter, parts: Parts, gate: Gate) -> None:
    async def move(request: Request, here: str, step: Callable[[Visit, Case], bool], *, away: bool = True) -> Response:
        visit = await gate.form(request)
        case = await seen(parts, gate, visit, here)
        if not await parts.run(lambda: step(visit, case)):
            return gate.problem(visit, "too_late", 409)
        parts.live.nudge(here)
        if not away and visit.htmx:
            # The page stays: whoever begins to write at once would lose it to a reload.
            return Response(status_code=204, headers=CHANGED)
        return redirect(request, HOME if away else _page(here))

    @router.post("/conversations/{here}/take")
    async def take(request: Request, here: str) -> Response:
        """Take a waiting conversation."""
        return await move(request, here, lambda visit, _: parts.desk.take(here, visit.operator.id), away=False)

    @router.post("/conversations/{here}/release")
    async def release(request: Request, here: str) -> Response:
        """Put it back into the queue."""

        def step(visit: Visit, case: Case) -> bool:
            return case.movable and parts.desk.release(here, _agent(case), by=visit.operator.id)

        return await move(request, here, step)

    @router.post("/conversations/{here}/transfer")
    async def transfer(request: Request, here: str) -> Response:
        """Give it to a colleague or into a queue, with a note."""
        return await move(request, here, lambda visit, case: case.movable and _transfer(parts, visit, case))

    @router.post("/conversations/{here}/resolve")
    async def resolve(request: Request, here: str) -> Response:
        """Say the summary and give it back to the bot."""

        def step(visit: Visit, case: Case) -> bool:
            summary = visit.field("summary", limit=TEXT_MAX)
            return case.mine and bool(summary) and parts.desk.resolve(here, visit.operator.id, summary)

        return await move(request, here, step)


def _transfer(parts: Parts, visit: Visit, case: Case) -> bool:
    kind, _, to = visit.field("to", limit=80).partition(":")
    colleague = parts.staff.operator(to) if kind == "agent" else None
    queue = Queue(to) if kind == "queue" and to in list(Queue) else None
    if not (queue or (colleague and colleague.active)):
        return False
    return parts.desk.transfer(
        case.id,
        _agent(case),
        to_agent=colleague.id if colleague else None,
        to_queue=queue,
        note=visit.field("note", limit=TEXT_MAX),
        by=visit.operator.id,
    )


def _agent(case: Case) -> str:
    """Return who has it: who leads moves it in their name."""
    return case.about.ownership.agent or ""


def _page(here: str) -> str:
    return f"/console/conversations/{here}"
