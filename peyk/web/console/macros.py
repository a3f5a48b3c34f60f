"""Canned answers: chosen in a conversation, edited by leads."""

from __future__ import annotations

import secrets

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from peyk.domain.macros import VARIABLES, fill, unknown_variables
from peyk.domain.staff import CannedAnswer, Permission
from peyk.i18n.catalogue import LANGUAGES
from peyk.web.console.gate import Gate, Visit, redirect
from peyk.web.console.parts import Parts
from peyk.web.console.sight import seen
from peyk.web.console.variables import values_for

PAGE = "/console/macros"
TITLE_MAX, TEXT_MAX = 80, 2000


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the picker and the editor."""

    @router.get("/conversations/{here}/macros")
    async def pick(request: Request, here: str, lang: str = "") -> Response:
        """Return the answers with their variables filled, in the customer's language or the one asked for."""
        visit = await gate.enter(request, there=False)
        case = await seen(parts, gate, visit, here)
        language = lang if lang in LANGUAGES else case.about.language or "fa"
        values = await parts.run(lambda: values_for(parts, case, visit.operator, language))
        answers = [(each, fill(each.text(language), values)) for each in await parts.run(parts.canned.all)]
        return gate.show(visit, "_macros.html", case=case, answers=answers, spoken=language)

    @router.get("/macros")
    async def page(request: Request) -> Response:
        """Show the editor."""
        visit = await gate.enter(request, Permission.EDIT_MACROS)
        return await shown(visit)

    @router.post("/macros")
    async def save(request: Request) -> Response:
        """Keep a new or changed answer."""
        visit = await gate.form(request, Permission.EDIT_MACROS)
        answer = CannedAnswer(
            visit.field("id", limit=32) or secrets.token_hex(8),
            visit.field("title", limit=TITLE_MAX),
            visit.field("fa", limit=TEXT_MAX),
            visit.field("en", limit=TEXT_MAX),
        )
        wrong = unknown_variables(answer.fa) + unknown_variables(answer.en)
        if wrong or not (answer.title and answer.fa and answer.en):
            return await shown(visit, wrong=wrong, draft=answer)
        await parts.run(lambda: parts.canned.save(answer))
        return redirect(request, PAGE)

    @router.post("/macros/{answer_id}/remove")
    async def remove(request: Request, answer_id: str) -> Response:
        """Forget one."""
        await gate.form(request, Permission.EDIT_MACROS)
        await parts.run(lambda: parts.canned.remove(answer_id))
        return redirect(request, PAGE)

    async def shown(visit: Visit, *, wrong: tuple[str, ...] = (), draft: CannedAnswer | None = None) -> Response:
        answers = await parts.run(parts.canned.all)
        status = 200 if draft is None else 422
        blank = CannedAnswer("", "", "", "")
        return gate.show(
            visit,
            "macros.html",
            status=status,
            answers=answers,
            wrong=wrong,
            draft=draft,
            blank=blank,
            variables=VARIABLES,
        )
