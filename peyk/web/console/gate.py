"""Who may come in: sessions, what each may do, and forms that are really ours."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import structlog
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from peyk.domain.staff import Operator, Permission
from peyk.errors import ExternalError
from peyk.web.console.pages import POLICY, Pages
from peyk.web.console.parts import Parts

log = structlog.get_logger(__name__)

COOKIE = "peyk_console"
HOME = "/console/"
LOGIN = "/console/login"
ACCOUNT = "/console/account"
# Where who has a generated password may go before choosing one.
FIRST_STEPS = frozenset({ACCOUNT, f"{ACCOUNT}/password", f"{ACCOUNT}/language", "/console/logout"})
FORM_FIELD = "csrf"
FORM_HEADER = "X-CSRF-Token"
MAX_FIELDS = 60


class TurnedAway(Exception):
    """This request is not served; `response` is what is said instead."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True)
class Visit:
    """A request of somebody who is in."""

    request: Request
    operator: Operator
    token: str = field(repr=False)
    form_token: str = field(repr=False)
    form: FormData = field(default_factory=FormData, repr=False)

    @property
    def language(self) -> str:
        """The console's language for this person."""
        return self.operator.language

    @property
    def htmx(self) -> bool:
        """Whether a part of a page is asked for, not a whole one."""
        return is_htmx(self.request)

    def field(self, name: str, *, limit: int = 4000) -> str:
        """Return a field of the form as text; what is longer than may be is cut."""
        value = self.form.get(name, "")
        return value[:limit].strip().replace("\r\n", "\n").replace("\x00", "") if isinstance(value, str) else ""

    def secret(self, name: str) -> str:
        """Return a password as it was typed."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def fields(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for value in self.form.getlist(name) if isinstance(value, str))

    def upload(self, name: str) -> UploadFile | None:
        """Return the file of a form, None when none was chosen."""
        value = self.form.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


class Gate:
    """Lets people in and checks what they send."""

    def __init__(self, parts: Parts, pages: Pages) -> None:
        self._parts = parts
        self.pages = pages

    async def enter(self, request: Request, permission: Permission = Permission.WORK, *, there: bool = True) -> Visit:
        """Return who asks. Raises TurnedAway (to the log-in, or 403).

        `there` says that a person asks; what a page fetches by itself keeps nobody logged in.
        """
        token = request.cookies.get(COOKIE, "")
        sign_in = self._parts.sign_in
        operator = await self._parts.run(lambda: sign_in.who(token, there=there))
        if operator is None:
            raise TurnedAway(self._to_log_in(request))
        visit = Visit(request, operator, token, sign_in.form_token(token))
        if operator.must_change_password and request.url.path not in FIRST_STEPS:
            raise TurnedAway(redirect(request, ACCOUNT))
        if not operator.may(permission):
            raise TurnedAway(self.problem(visit, "forbidden", 403))
        return visit

    async def form(self, request: Request, permission: Permission = Permission.WORK) -> Visit:
        """Return who sends a form, with its fields. Raises TurnedAway: without this session's token it is not ours."""
        visit = await self.enter(request, permission)
        form = await request.form(max_fields=MAX_FIELDS, max_files=1)
        given = request.headers.get(FORM_HEADER) or form.get(FORM_FIELD, "")
        if not isinstance(given, str) or not self._parts.sign_in.form_is_ours(visit.token, given):
            log.warning("console.form_refused", path=request.url.path)
            raise TurnedAway(self.problem(visit, "form_expired", 403))
        return Visit(request, visit.operator, visit.token, visit.form_token, form)

    def show(self, visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return a page or a part of one."""
        return self.pages.page(template, visit.language, status=status, **self._frame(visit), **values)

    def render(self, visit: Visit, template: str, **values: Any) -> str:
        """Return a part of a page as text."""
        return self.pages.render(template, visit.language, **self._frame(visit), **values)

    def problem(self, visit: Visit, code: str, status: int, **values: object) -> Response:
        """Return why something was not done: a page, or a line at the top of the one that is open."""
        name = "_problem.html" if visit.htmx else "problem.html"
        response = self.show(visit, name, status=status, code=code, values=values)
        if visit.htmx:
            response.headers["HX-Retarget"] = "#problems"
            response.headers["HX-Reswap"] = "innerHTML"
        return response

    def _frame(self, visit: Visit) -> dict[str, Any]:
        return {
            "operator": visit.operator,
            "csrf": visit.form_token,
            "path": visit.request.url.path,
            "most_bytes": self._parts.settings.file_max_bytes,
        }

    @staticmethod
    def _to_log_in(request: Request) -> Response:
        if is_htmx(request):
            # The browser follows it whatever the status is.
            return Response(status_code=401, headers={"HX-Redirect": LOGIN})
        path = request.url.path if request.method == "GET" else HOME
        return RedirectResponse(LOGIN if path == HOME else f"{LOGIN}?next={quote(path, safe='/')}", 303)


def is_htmx(request: Request) -> bool:
    """Tell whether a part of a page is asked for."""
    return request.headers.get("HX-Request") == "true"


def redirect(request: Request, path: str) -> Response:
    """Lead on to another page of the console."""
    if is_htmx(request):
        return Response(status_code=200, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def is_https(request: Request) -> bool:
    """Tell whether the browser speaks TLS; whoever forges the header spoils only their own cookie."""
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return request.url.scheme == "https" or forwarded == "https"


def route_class(pages: Pages, language: str) -> type[APIRoute]:
    """Return how the console's routes answer what goes wrong, and the policy of its pages."""

    class ConsoleRoute(APIRoute):
        """A route of the console."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Return the handler with the console's own refusals."""
            handler = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    response = await handler(request)
                except TurnedAway as away:
                    response = away.response
                except ExternalError as exc:
                    log.warning("console.unavailable", system=exc.system)
                    response = pages.page("away.html", language, status=503)
                    if is_htmx(request):
                        response.headers["HX-Reswap"] = "none"
                response.headers.setdefault("Content-Security-Policy", POLICY)
                return response

            return guarded

    return ConsoleRoute
