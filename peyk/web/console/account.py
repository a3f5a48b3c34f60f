"""One's own account: language, password, second factor."""

from __future__ import annotations

import io

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from peyk.errors import Throttled
from peyk.i18n.catalogue import LANGUAGES
from peyk.services.second_factor import SALT
from peyk.web.console.gate import ACCOUNT, Gate, Visit, redirect
from peyk.web.console.parts import Parts


def add_to(router: APIRouter, parts: Parts, gate: Gate) -> None:
    """Add the page and its changes."""
    account = _Account(parts, gate)

    @router.get("/account")
    async def page(request: Request, done: str = "") -> Response:
        """Show the account."""
        visit = await gate.enter(request)
        return account.shown(visit, done=done if done in {"password", "on", "off"} else "")

    @router.post("/account/language")
    async def language(request: Request) -> Response:
        """Change the console's language."""
        visit = await gate.form(request)
        wanted = visit.field("language")
        if wanted in LANGUAGES:
            await parts.run(lambda: parts.staff.change(visit.operator.id, language=wanted))
        return redirect(request, ACCOUNT)

    @router.post("/account/password")
    async def password(request: Request) -> Response:
        """Change the password; every other session of this person ends."""
        return await account.change_password(await gate.form(request))

    @router.post("/account/second-factor")
    async def second_factor(request: Request) -> Response:
        """Turn the second factor on with a first code, or off; both need the password."""
        return await account.change_second_factor(await gate.form(request))


class _Account:
    def __init__(self, parts: Parts, gate: Gate) -> None:
        self._parts = parts
        self._sign_in = parts.sign_in
        self._gate = gate

    def shown(self, visit: Visit, *, problem: str = "", done: str = "", salt: str = "") -> Response:
        factor, person = self._sign_in.second_factor, visit.operator
        salt = salt or factor.new_salt()
        return self._gate.show(
            visit,
            "account.html",
            status=422 if problem else 200,
            problem=problem,
            done=done,
            salt=salt,
            secret=factor.secret(person.id, salt),
            picture=_picture(factor.address(person.id, person.login, salt)),
            languages=LANGUAGES,
        )

    async def change_password(self, visit: Visit) -> Response:
        if not await self._knows_password(visit):
            return self.shown(visit, problem="wrong_password")
        new = visit.secret("new")
        if new != visit.secret("again"):
            return self.shown(visit, problem="not_the_same")
        if not await self._parts.run(lambda: self._sign_in.choose_password(visit.operator, new, visit.token)):
            return self.shown(visit, problem="weak_password")
        return redirect(visit.request, f"{ACCOUNT}?done=password")

    async def change_second_factor(self, visit: Visit) -> Response:
        if not await self._knows_password(visit):
            return self.shown(visit, problem="wrong_password")
        if visit.operator.totp:
            await self._parts.run(lambda: self._sign_in.turn_off_second_factor(visit.operator))
            return redirect(visit.request, f"{ACCOUNT}?done=off")
        salt, code = visit.field("salt"), visit.field("code", limit=20)
        if not SALT.fullmatch(salt):
            return self.shown(visit, problem="form_expired")
        if not await self._parts.run(lambda: self._sign_in.turn_on_second_factor(visit.operator, salt, code)):
            return self.shown(visit, problem="wrong_code", salt=salt)
        return redirect(visit.request, f"{ACCOUNT}?done=on")

    async def _knows_password(self, visit: Visit) -> bool:
        try:
            return await self._parts.run(lambda: self._sign_in.is_password(visit.operator, visit.secret("password")))
        except Throttled:
            return False


def _picture(address: str) -> Markup:
    """Return a QR code as SVG without any style."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=4, xmldecl=False, svgns=True, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    # Made by us from a secret and a login of plain characters: nothing in it was typed by anybody.
    return Markup(out.getvalue().decode())  # noqa: S704
