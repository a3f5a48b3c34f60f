"""Tells the channel that an action failed.

Rasa logs a failed action and goes on without its events: the customer would be left with silence.
Here the failure is also noted for the message that is being processed, so that the channel can say so.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction

logger = logging.getLogger(__name__)

_failed: ContextVar[list[str] | None] = ContextVar("peyk_failed_actions", default=None)


def collect() -> list[str]:
    """Begin a message: return the list that will hold the names of the actions that fail in it."""
    failed: list[str] = []
    _failed.set(failed)
    return failed


def install() -> None:
    """Make every remote action note its failures; a second call does nothing."""
    stock = RemoteAction.run
    if getattr(stock, "_peyk_noted", False):
        return
    if list(inspect.signature(stock).parameters) != ["self", "output_channel", "nlg", "tracker", "domain"]:
        logger.warning("This Rasa runs actions in another way; failed actions are not noticed.")
        return
    RemoteAction.run = _noting(stock)


def _noting(stock: Callable[..., Any]) -> Callable[..., Any]:
    async def run(self: Any, output_channel: Any, nlg: Any, tracker: Any, domain: Any) -> Any:
        try:
            return await stock(self, output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception:
            failed = _failed.get()
            if failed is not None:
                failed.append(self.name())
            raise

    run._peyk_noted = True  # type: ignore[attr-defined]
    return run
