"""The people of a stack's shop: an operator, and the service as the console's process has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from peyk.bootstrap import build
from peyk.domain.staff import Operator, Role
from peyk.services import HandOff
from peyk.settings import Settings
from peyk.store.staff import StoredStaff
from tests.conversations.checks import store_of
from tests.stack import Stack

SARA = Operator("sara", "Sara", "sara.of.tests", Role.AGENT)


def add_operator(stack: Stack) -> None:
    """Give the shop its first operator; nobody needs to log in."""
    with store_of(stack) as engine:
        assert StoredStaff(engine).add(SARA, "no password", datetime.now(UTC))


@contextmanager
def people(stack: Stack) -> Iterator[HandOff]:
    """Give the service as the console's process has it."""
    url = stack.programs.env().get("PEYK_DATABASE_URL") or f"sqlite:///{stack.programs.data_dir / 'peyk.db'}"
    app = build(Settings(database_url=url, secret_key=stack.programs.secret_key, _env_file=None))  # type: ignore[call-arg,arg-type]
    try:
        yield app.services.handoff
    finally:
        app.close()
