"""`python -m peyk.web`: the edge as a process of its own."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys

import structlog

from peyk.bootstrap import build
from peyk.bootstrap_console import whole_console
from peyk.errors import ExternalError, SettingsError
from peyk.garbage import settle
from peyk.i18n.catalogue import catalogue
from peyk.logging import configure_logging
from peyk.settings import Settings, load_settings
from peyk.web.app import create_app
from peyk.web.server import EdgeServer, configured, without_addresses

log = structlog.get_logger(__name__)

GRACE_S = 25
BACKLOG = 2048
KEEPALIVE_S = 65


def main() -> int:
    """Serve until told to stop; what keeps it from starting is said in one line."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # While serving uvicorn ends in order and then repeats the signal.
        signal.signal(number, _leave)
    try:
        settings = load_settings()
        configure_logging(settings, "edge")
        # They write every address they call.
        for noisy in ("httpx", "httpcore"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        logging.getLogger("uvicorn.error").addFilter(without_addresses)
        with listening_socket(settings) as listening:
            serve(settings, listening)
    except (SettingsError, ExternalError) as exc:
        sys.stderr.write(f"peyk.web: {exc}\n")
        return 1
    return 0


def listening_socket(settings: Settings) -> socket.socket:
    """Bind the port. Raises SettingsError that says what is wrong with it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(BACKLOG)
    except OSError as exc:
        listening.close()
        raise SettingsError(_why_not(exc, settings)) from None
    return listening


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a socket that listens already."""
    app = build(settings)
    try:
        web = create_app(app, console=whole_console(app))
        config = configured(
            web,
            loop="uvloop",
            http="httptools",
            timeout_keep_alive=KEEPALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        # Read before the first customer waits for it.
        catalogue()
        settle()
        log.info("edge.listening", host=settings.host, port=listening.getsockname()[1])
        EdgeServer(config, web.state.goodbye).run(sockets=[listening])
    finally:
        app.close()


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def _why_not(exc: OSError, settings: Settings) -> str:
    where = f"{settings.host}:{settings.port}"
    if exc.errno == errno.EADDRINUSE:
        return f"PEYK_PORT: {where} is in use by another program; choose another port"
    if exc.errno == errno.EACCES:
        return f"PEYK_PORT: no permission to listen on {where}; choose a port above 1023"
    return f"PEYK_HOST: cannot listen on {where}: {exc.strerror or exc}"


if __name__ == "__main__":
    sys.exit(main())
