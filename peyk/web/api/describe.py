"""The description of the public API: `/openapi.json` for programs, `/docs` for people."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

FOLDER = Path(__file__).parent
# The one description of an answer, which other programs check against, too.
ANSWER_SCHEMA = FOLDER.parents[2] / "docs" / "rest-answer.schema.json"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def routes() -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def document() -> Response:
        """Return the OpenAPI document."""
        return JSONResponse(describe())

    @router.get("/docs")
    async def page() -> Response:
        """Return the same as a page."""
        return HTMLResponse(_page(), headers={"Content-Security-Policy": POLICY})

    @router.get("/docs/page.css")
    async def style() -> Response:
        """Return how the page looks."""
        return FileResponse(FOLDER / "page.css", media_type="text/css")

    return router


@lru_cache(maxsize=1)
def describe() -> dict[str, Any]:
    """Return the OpenAPI document of the public API."""
    document: dict[str, Any] = {}
    for name in ("openapi.yml", "webhooks.yml"):
        part = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
        _merge(document, part)
    schemas = document["components"]["schemas"]
    answer = json.loads(ANSWER_SCHEMA.read_text(encoding="utf-8").replace("#/$defs/", "#/components/schemas/"))
    schemas |= answer.pop("$defs")
    schemas["answer"] = {name: value for name, value in answer.items() if not name.startswith("$")}
    return document


def _merge(into: dict[str, Any], part: dict[str, Any]) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


@lru_cache(maxsize=1)
def _page() -> str:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
    environment.filters["resolved"] = _resolved
    environment.filters["marked"] = _marked
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    return environment.get_template("page.html").render(api=describe())


def _marked(text: str) -> Markup:
    """Return a description as HTML, with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  (it is escaped)


def _resolved(thing: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference stands for, or the thing itself."""
    while "$ref" in thing:
        found: Any = describe()
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing
