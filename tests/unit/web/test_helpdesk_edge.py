"""The edge beside outside desks: their webhooks only with a secret, their work on threads of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from peyk.services.helpdesks import Helpdesks
from peyk.settings import Settings
from peyk.web.background import Background
from peyk.web.helpdesks import HelpdeskEdge
from tests.unit.services.fakes import FakeClock

CHATWOOT: dict[str, Any] = {
    "helpdesk": "chatwoot",
    "chatwoot_url": "https://c.example",
    "chatwoot_token": "t",
    "chatwoot_account": 1,
    "chatwoot_inbox": 2,
}
PATIENCE_S = 20


class Looking:
    """A mirror or a desk that has some ids."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self.asked: list[str] = []

    def nudge(self, external_id: str, *, written: bool = False) -> bool:
        self.asked.append(external_id)
        return external_id in self.ids

    def tick(self) -> int:
        return 0


def settings_with(**values: Any) -> Settings:
    return Settings(**values)


def edge(settings: Settings, mirror: object = None, chats: object = None) -> HelpdeskEdge:
    desks = Helpdesks(mirror, chats)  # type: ignore[arg-type]
    return HelpdeskEdge(settings, desks, None, None, FakeClock())  # type: ignore[arg-type]


def paths(made: HelpdeskEdge) -> list[str]:
    return [getattr(route, "path", "") for route in made.routes().routes]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_without_a_secret_there_is_no_webhook() -> None:
    assert paths(edge(settings_with(**CHATWOOT), Looking())) == []
    assert paths(edge(settings_with(chatwoot_webhook_secret="s"))) == []


def test_with_a_secret_there_is_the_webhook_of_the_desk_that_is_connected() -> None:
    assert paths(edge(settings_with(**CHATWOOT, chatwoot_webhook_secret="s"), Looking())) == ["/webhooks/chatwoot"]
    zammad = settings_with(
        helpdesk="zammad", zammad_url="https://z.example", zammad_token="t", zammad_webhook_secret="s"
    )
    assert paths(edge(zammad, Looking())) == ["/webhooks/zammad"]


def test_a_webhook_is_about_a_chat_or_about_a_ticket() -> None:
    mirror, chats = Looking("7"), Looking("8")
    made = edge(settings_with(**CHATWOOT, chatwoot_webhook_secret="s"), mirror, chats)
    assert made._look_chatwoot("7", False)
    assert made._look_chatwoot("8", True)
    assert not made._look_chatwoot("9", False)
    assert (mirror.asked, chats.asked) == (["7", "9"], ["7", "8", "9"])


def test_each_desk_has_a_thread_of_its_own() -> None:
    assert len(edge(settings_with(**CHATWOOT), Looking(), Looking())._work) == 2
    assert edge(Settings())._work == []


@pytest.mark.anyio
async def test_work_is_done_at_once_when_woken_and_off_the_loop() -> None:
    done: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    results: Iterator[int | Exception] = iter([1, RuntimeError("once"), 0, 0])

    def work() -> int:
        loop.call_soon_threadsafe(done.put_nowait, threading.current_thread().name)
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    background = Background("desk-test", work, every_s=3600)
    background.start()
    async with asyncio.timeout(PATIENCE_S):
        # It has found something, so it looks again without a pause; the failure ends that.
        names = [await done.get(), await done.get()]
        background.wake()
        names.append(await done.get())
    await background.stop()
    assert all(name.startswith("desk-test") for name in names)
