"""`python -m actions --port N`: the action server, on loopback, for callers with this run's secret only.

rasa_sdk's own server listens to everybody and answers a failure with the whole request, in which the
conversation stands; this one does neither.
"""

from __future__ import annotations

import argparse
import hmac
import logging
import warnings
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic, response
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.server.socket import bind_socket

from actions._base import current_app
from actions._turn import read_placeholders
from peyk.errors import ExternalError, SettingsError
from peyk.garbage import settle
from peyk.i18n.catalogue import catalogue
from peyk.logging import configure_logging
from peyk.settings import Settings, load_settings

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
DEFAULT_PORT = 5055
SECRET_HEADER = "X-Peyk-Secret"
# Rasa keeps its connection open between calls; closing it under a call would lose the answer.
KEEP_ALIVE_S = 120
OPEN_PATHS = frozenset({"/health"})


class PeykExecutor(ActionExecutor):
    """Runs actions for Rasa 3.6.21, which sends the domain to those that ask for it and knows no digest.

    The 3.2x executor would answer the others with 449 and wait for a retry that 3.6.21 never makes.
    """

    def update_and_return_domain(self, payload: Mapping[str, Any], action_name: str) -> dict[str, Any]:
        """Return the domain that came with the call, or an empty one."""
        return dict(payload.get("domain") or {})


class QuietErrors(ErrorHandler):
    """Logs a failure, masked, and answers nothing but that there was one.

    It takes the place of rasa_sdk's handler: Sanic knows no second one for the same exception.
    """

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """Answer a refusal of Sanic's own with its status, anything else with 500."""
        if isinstance(exception, SanicException) and exception.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return response.json({"error": "refused"}, status=exception.status_code)
        log.error("action_server.failed", path=request.path, exc_info=exception)
        return response.json({"error": "failed"}, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def build_server(settings: Settings, package: str = "actions") -> Sanic[Any, Any]:
    """Return the server with every action of `package`, closed to callers without the run secret."""
    executor = PeykExecutor()
    executor.register_package(package)
    server: Sanic[Any, Any] = create_app(executor, cors_origins=[])
    server.error_handler = QuietErrors()
    server.config.KEEP_ALIVE_TIMEOUT = KEEP_ALIVE_S
    secret = settings.run_secret.get_secret_value().encode()

    @server.on_request
    async def guard(request: Request) -> HTTPResponse | None:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if request.path in OPEN_PATHS or hmac.compare_digest(given, secret):
            return None
        # 400 and 404 mean something else to Rasa.
        return response.json({"error": "forbidden"}, status=HTTPStatus.FORBIDDEN)

    return server


def serve(server: Sanic[Any, Any], port: int) -> None:
    """Listen on loopback until told to stop, in this one process. Raises SettingsError: the port is not to be had."""
    try:
        listening = bind_socket(HOST, port)
    except (OSError, OverflowError) as exc:
        why = getattr(exc, "strerror", None) or exc
        raise SettingsError(f"--port: cannot listen on {HOST}:{port} ({why}); choose another") from None
    log.info("action_server.starting", port=port)
    server.prepare(sock=listening, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(primary=server)


def prepare_logs(settings: Settings) -> None:
    """Log as Peyk does, and only what matters of the libraries."""
    # That Rasa 3.6 and a newer rasa_sdk work together is on purpose (docs/adr), and tested.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    configure_logging(settings, "actions")
    for noisy in ("sanic", "rasa_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def main() -> None:
    """Serve Peyk's actions; what keeps them from starting is said in one line."""
    parser = argparse.ArgumentParser(prog="actions", description="Peyk's action server")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    port: int = parser.parse_args().port
    try:
        settings = load_settings()
        prepare_logs(settings)
        server = build_server(settings)
        # Built and read before the first customer waits for it.
        current_app()
        catalogue()
        read_placeholders()
        settle()
        serve(server, port)
    except (SettingsError, ExternalError) as exc:
        raise SystemExit(f"peyk: {exc}") from None


if __name__ == "__main__":
    main()
