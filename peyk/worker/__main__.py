"""`python -m peyk.worker`: the regular tasks as a process of their own. The edge does them too; both may run."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog

from peyk.bootstrap import build
from peyk.errors import ExternalError, SettingsError
from peyk.logging import configure_logging
from peyk.settings import load_settings

log = structlog.get_logger(__name__)


def main() -> int:
    """Work until told to stop; what keeps it from starting is said in one line."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        settings = load_settings()
        configure_logging(settings, "worker")
        app = build(settings)
    except (SettingsError, ExternalError) as exc:
        sys.stderr.write(f"peyk.worker: {exc}\n")
        return 1
    log.info("worker.started")
    try:
        asyncio.run(app.worker.run())
    except (KeyboardInterrupt, SystemExit):
        log.info("worker.stopped")
    finally:
        app.close()
    return 0


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
