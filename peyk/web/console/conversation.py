"""One conversation: everything said in it, the packet of its hand-off, notes, the reply."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.conversations import Entry, Owner
from peyk.domain.handoff import Note
from peyk.domain.queues import Queue
from peyk.domain.staff import Operator
from peyk.errors import NotFound
from peyk.web.console.customers import card
from peyk.web.console.gate import Gate, redirect
from peyk.web.console.masking import hide
from peyk.web.console.parts import Parts
from peyk.web.console.queue import listed
from peyk.web.console.sight import Case, seen

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as it is shown; `files` have their names shown or hidden, `agent` is the name of who said it."""

    entry: Entry
    text: str
    offered: tuple[str, ...]
    files: tuple[dict[str, Any], ...]
    agent: str = ""


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the page and its parts."""

    @router.get("/conversations/{here}")
    async def page(request: Request, here: str) -> Response:
        """Show a conversation."""
        visit = await gate.enter(request)
        case = await seen(parts, gate, visit, here)
        after = max(0, case.about.last_seq - SHOWN)
        said = await parts.run(lambda: entries(parts, case, after))
        notes = await parts.run(lambda: noted(parts, case))
        read(parts, case, said[-1].entry.seq if said else 0)
        return gate.show(
            visit,
            "conversation.html",
            open_id=here,
            case=case,
            said=said,
            after=said[-1].entry.seq if said else 0,
            notes=notes,
            **await card(parts, case.id, opened=case.opened),
            **composer(),
            **choices(parts, visit.operator, await parts.run(parts.staff.everybody)),
            **await listed(parts, visit),
        )

    @router.get("/conversations/{here}/files/{file_id}")
    async def file(request: Request, here: str, file_id: str) -> Response:
        """Lead to a file of a conversation, by a link that is over soon: the page may have been open for hours."""
        visit = await gate.enter(request)
        case = await seen(parts, gate, visit, here)
        files = parts.files
        try:
            address = await parts.run(lambda: files.link_in(case.id, file_id)) if files else ""
        except NotFound:
            address = ""
        return redirect(request, address) if address else gate.problem(visit, "file_gone", 404)

    @router.get("/conversations/{here}/entries")
    async def more(request: Request, here: str, after: int = 0, looking: bool = False) -> Response:
        """Return what was said after a number, nothing (204) when nothing was.

        `looking` says that the page is on somebody's screen: what it gets has been read.
        """
        visit = await gate.enter(request, there=False)
        case = await seen(parts, gate, visit, here)
        said = await parts.run(lambda: entries(parts, case, max(0, after)))
        if looking:
            read(parts, case, said[-1].entry.seq if said else min(after, case.about.last_seq))
        if not said:
            return Response(status_code=204)
        return gate.show(
            visit, "_entries.html", case=case, said=said, has_files=parts.files is not None, after=said[-1].entry.seq
        )

    @router.get("/conversations/{here}/state")
    async def state(request: Request, here: str) -> Response:
        """Return who has it and what may be done."""
        visit = await gate.enter(request, there=False)
        case = await seen(parts, gate, visit, here)
        everybody = await parts.run(parts.staff.everybody)
        return gate.show(visit, "_state.html", case=case, **choices(parts, visit.operator, everybody))

    @router.get("/conversations/{here}/notes")
    async def colleagues(request: Request, here: str) -> Response:
        """Return the notes."""
        visit = await gate.enter(request, there=False)
        case = await seen(parts, gate, visit, here)
        return gate.show(visit, "_notes.html", notes=await parts.run(lambda: noted(parts, case)))


def read(parts: Parts, case: Case, seq: int) -> None:
    """Let the customer know that somebody has read up to `seq`, if it is for people to read."""
    if seq and case.about.ownership.owner is not Owner.BOT:
        parts.signs.agent_read(case.id, seq)


def entries(parts: Parts, case: Case, after: int) -> list[Said]:
    """Return what was said; personal data is hidden while it is not opened."""
    found = parts.words.entries(case.id, after_seq=after, now=parts.clock.now(), limit=SHOWN, for_people=True)
    names = {agent: parts.staff.name(agent) for agent in {entry.agent for entry in found if entry.agent}}
    return [_said(entry, names.get(entry.agent or "", ""), opened=case.opened) for entry in found]


def _said(entry: Entry, agent: str, *, opened: bool) -> Said:
    text = entry.text or ""
    files = entry.custom.get("files", ()) if isinstance(entry.custom.get("files", ()), Sequence) else ()
    shown: Callable[[str], str] = str if opened else hide
    named = tuple({**each, "name": shown(str(each.get("name", "")))} for each in files)
    return Said(entry, shown(text), tuple(shown(button.title) for button in entry.buttons), named, agent)


def noted(parts: Parts, case: Case) -> list[tuple[Note, str]]:
    """Return the notes with who wrote them, hidden like what was said."""
    shown: Callable[[str], str] = str if case.opened else hide
    return [(replace(note, text=shown(note.text)), parts.staff.name(note.agent)) for note in parts.desk.notes(case.id)]


def composer(text: str = "", problem: str = "", missing: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the form of a reply shows; its message id makes a reply that is sent twice one."""
    return {"message_id": secrets.token_hex(12), "text": text, "problem": problem, "missing": missing}


def choices(parts: Parts, operator: Operator, everybody: Sequence[Operator]) -> dict[str, Any]:
    """Return to whom a conversation may be given."""
    colleagues = [each for each in everybody if each.active and each.id != operator.id]
    return {"colleagues": colleagues, "queues": list(Queue), "has_files": parts.files is not None}
