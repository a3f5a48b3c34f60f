"""Whole conversations: a real Rasa, action server and edge, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema
import psycopg
import pytest

from tests.stack import ROOT, Answer, Stack, postgresql_database

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "docs/rest-answer.schema.json").read_text(encoding="utf-8"))
)
# Conversations of one test run come from one address and ask for many codes.
ENOUGH = {
    "PEYK_OTP_PER_MOBILE_HOUR": "10000",
    "PEYK_OTP_PER_ADDRESS_HOUR": "10000",
    "PEYK_OTP_WRONG_PER_ADDRESS_HOUR": "10000",
    "PEYK_GUESS_PER_ADDRESS": "10000",
    "PEYK_GUESS_TOTAL": "10000",
    "PEYK_GUESS_HITS_PER_ADDRESS": "10000",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares a Peyk in one process when tests run side by side: a database's tests, or those of a file."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and isinstance(item, pytest.Function):
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            item.add_marker(pytest.mark.xdist_group(parameters.get("peyk", item.path.stem)))


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def peyk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Peyk with the demo shop."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        with Stack(folder, env=ENOUGH) as stack:
            yield stack
        return
    try:
        database = postgresql_database()
        url = database.__enter__()
    except psycopg.OperationalError as exc:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
        pytest.skip(f"no PostgreSQL at PEYK_TEST_POSTGRESQL_URL: {exc}")
    try:
        with Stack(folder, database_url=url, env=ENOUGH) as stack:
            yield stack
    finally:
        database.__exit__(None, None, None)


@dataclass
class Customer:
    """One conversation; every answer is checked against the published schema."""

    stack: Stack
    name: str = field(default_factory=lambda: f"customer-{secrets.token_hex(6)}")

    def say(self, text: str) -> Answer:
        """Send a message."""
        return self._checked(self.stack.say(text, self.name))

    def press(self, title_or_id: str) -> Answer:
        """Press a button of the last answer."""
        return self._checked(self.stack.press(title_or_id, self.name))

    def code(self, mobile: str) -> str:
        """Return the newest code sent to a mobile."""
        return self.stack.code(mobile)

    def verify(self, mobile: str) -> Answer:
        """Give the mobile the form asks for, then the code that comes."""
        sent = self.say(mobile)
        assert sent.status == 200, sent.text
        return self.say(self.code(mobile))

    @staticmethod
    def _checked(answer: Answer) -> Answer:
        SCHEMA.validate(answer.messages)
        return answer


@pytest.fixture
def customer(peyk: Stack) -> Customer:
    """A customer who has not said anything yet."""
    return Customer(peyk)


@pytest.fixture
def sender() -> str:
    """A sender nobody has used."""
    return f"customer-{secrets.token_hex(6)}"
