"""The end of the edge with consoles open, on a real server."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from peyk.web.app import create_app
from peyk.web.console import routes
from peyk.web.console.desk import Signs
from peyk.web.console.gate import COOKIE
from peyk.web.live import Live
from peyk.web.server import EdgeServer, configured
from tests.fakes.serving import PATIENCE_S, serving
from tests.unit.web.conftest import Edge
from tests.unit.web.console.conftest import Console


def test_an_open_page_does_not_hold_the_end(
    edge: Edge,
    console: Console,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cookie = console.inside("sara").cookies[COOKIE]

    def pages(live: Live, signs: Signs, *leaving: Any) -> APIRouter:
        told = {"told_to_leave": leaving[0]} if leaving else {}
        return routes(replace(console.parts, live=live, signs=signs, **told))

    app = create_app(edge.parts, console=pages)
    server = EdgeServer(configured(app, timeout_graceful_shutdown=PATIENCE_S), app.state.goodbye)
    with (
        caplog.at_level(logging.INFO),
        httpx.Client(timeout=PATIENCE_S, trust_env=False, cookies={COOKIE: cookie}) as client,
    ):
        with serving(server) as url, client.stream("GET", f"{url}/console/events") as stream:
            parts = stream.iter_text()
            assert "changed" in next(parts)
            server.should_exit = True
            began = time.monotonic()
            assert "bye" not in "".join(parts)
        assert time.monotonic() - began < 3
    assert [
        record.getMessage() for record in caplog.records if record.levelno > logging.WARNING or record.exc_info
    ] == []
