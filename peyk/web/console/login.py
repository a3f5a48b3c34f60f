"""Log in and out."""

from __future__ import annotations

import re
import secrets

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from peyk.errors import Throttled
from peyk.i18n import localise_digits
from peyk.i18n.catalogue import LANGUAGES
from peyk.web.console.gate import COOKIE, FORM_FIELD, HOME, LOGIN, Gate, is_https
from peyk.web.console.parts import Parts

# A form needs something of the browser's own to be bound to before there is a session.
FORM_COOKIE = "peyk_console_form"
SECONDS_PER_MINUTE = 60
_INSIDE = re.compile(r"/console/[A-Za-z0-9/_.:%~-]*", re.ASCII)


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the log-in."""
    sign_in = parts.sign_in

    def language_of(request: Request) -> str:
        asked = request.query_params.get("lang", "")
        return asked if asked in LANGUAGES else parts.settings.default_language

    def form(request: Request, *, status: int = 200, error: str = "", minutes: int = 0, login: str = "") -> Response:
        language = language_of(request)
        own = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
        response = gate.pages.page(
            "login.html",
            language,
            status=status,
            csrf=sign_in.form_token(own),
            error=error,
            minutes=localise_digits(str(minutes), language),
            login=login,
            next=inside(request.query_params.get("next", "")),
        )
        response.set_cookie(FORM_COOKIE, own, path=LOGIN, httponly=True, samesite="strict", secure=is_https(request))
        return response

    @router.get("/login")
    async def show(request: Request) -> Response:
        """Show the form."""
        return form(request)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        """Check what was typed, and begin a session with a new id."""
        typed = await request.form(max_fields=10, max_files=0)
        login, password, code, token, wanted = (
            str(typed.get(name, "")) for name in ("login", "password", "code", FORM_FIELD, "next")
        )
        if not sign_in.form_is_ours(request.cookies.get(FORM_COOKIE, ""), token):
            return form(request, status=403, error="form_expired", login=login)
        address = parts.addresses.hashed(request)
        try:
            done = await parts.run(lambda: sign_in.log_in(login, password, code, address))
        except Throttled as exc:
            minutes = -(-exc.retry_after_s // SECONDS_PER_MINUTE)
            return form(request, status=429, error="too_many_tries", minutes=minutes, login=login)
        if done is None:
            return form(request, status=401, error="wrong_login", login=login)
        response = RedirectResponse(inside(wanted), 303)
        response.set_cookie(
            COOKIE, done.token, path="/console", httponly=True, samesite="lax", secure=is_https(request)
        )
        response.delete_cookie(FORM_COOKIE, path=LOGIN)
        return response

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        """End the session, for the server and for the browser."""
        visit = await gate.form(request)
        await parts.run(lambda: sign_in.log_out(visit.token))
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(COOKIE, path="/console")
        return response


def inside(wanted: str) -> str:
    """Return the page of the console to go to; anything that could lead elsewhere leads to the first page."""
    return wanted if _INSIDE.fullmatch(wanted) and "//" not in wanted and ".." not in wanted else HOME
