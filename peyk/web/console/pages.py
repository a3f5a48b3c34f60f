"""Pages from templates, in the operator's language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from peyk.i18n import format_date, format_moment, localise_digits, named, text
from peyk.logging import mask
from peyk.ports import Clock
from peyk.text.isolate import has_persian, left_to_right_runs, without_isolation
from peyk.web.console.masking import hide

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# No styles and no code made from text: the policy above would stop both. A refusal's body is shown, too.
HTMX = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        "historyEnabled": False,
        "defaultSettleDelay": 0,
        "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
    }
)
DIRECTIONS = {"fa": "rtl", "en": "ltr"}


class Pages:
    """Renders templates; everything in them is escaped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def render(self, name: str, language: str, **values: Any) -> str:
        """Return a template as HTML."""
        return environment().get_template(name).render({**self._tools(language), **values})

    def page(
        self, name: str, language: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """Return a template as an answer."""
        return HTMLResponse(self.render(name, language, **values), status, headers=dict(headers or {}))

    def _tools(self, language: str) -> dict[str, Any]:
        now = self._clock.now()

        def say(key: str, **values: object) -> str:
            return text(f"console.{key}", language, **values)

        def when(moment: datetime | None) -> str:
            return format_moment(moment, now, language) if moment else ""

        return {
            "t": say,
            "lang": language,
            "dir": DIRECTIONS[language],
            "when": when,
            "moment": lambda iso: when(datetime.fromisoformat(iso)),
            "day": lambda iso: format_date(datetime.fromisoformat(iso), language),
            "digits": lambda value: localise_digits(str(value), language),
            "ltr": ltr,
            "mask": mask,
            "named": lambda key: named(key, language),
            "static": address_of,
            "htmx_config": HTMX,
            "now": now,
        }


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return where templates come from; each is compiled once a process."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["hide"] = hide
    made.filters["isolated"] = isolated
    made.filters["quoted"] = lambda value: quote(str(value), safe="")
    return made


def ltr(value: object) -> Markup:
    """Return an identifier that reads from left to right in any text."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(value)


def isolated(words: str) -> Markup:
    """Return what somebody wrote with numbers and names that keep their own order inside Persian."""
    plain, parts, end = without_isolation(words), [Markup()], 0
    if has_persian(plain):
        for start, stop in left_to_right_runs(plain):
            parts += [escape(plain[end:start]), ltr(plain[start:stop])]
            end = stop
    return Markup().join([*parts, escape(plain[end:])])


@lru_cache(maxsize=8)
def address_of(name: str) -> str:
    """Return where a file of the console is; the address changes with its content, so browsers may keep it."""
    path = STATIC / name
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "none"
    return f"/console/static/{name}?v={version}"
