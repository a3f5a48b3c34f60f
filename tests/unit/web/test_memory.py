"""What the edge finds in the journal when another edge was first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import Engine

from peyk.channels import Incoming
from peyk.domain.conversations import Utterance
from peyk.domain.identity import Verification
from peyk.ports.journal import BotAnswer
from peyk.store.identity import StoredVerifications
from peyk.store.journal import StoredJournal
from peyk.store.prune import StoreUpkeep
from peyk.web.memory import Memory
from tests.unit.services.fakes import NOW, FakeClock


def test_the_answer_to_a_message_is_its_own_and_only_while_it_may_be_shown(engine: Engine) -> None:
    clock = FakeClock()
    memory = Memory(StoredJournal(engine), StoreUpkeep(engine, "k" * 32), clock)
    StoredVerifications(engine).grant(Verification("c1", "09121234567", "otp", NOW + timedelta(minutes=30)))

    async def talk() -> list[list[str | None]]:
        for text in ("one", "two"):
            await memory.accept(Incoming("c1", "rest", text), None)
        for seq in (2, 1):
            await memory.answer("c1", seq, BotAnswer((Utterance(f"to {seq}"),)))
        found = [[entry.text for entry in await memory.answered("c1", seq)] for seq in (1, 2)]
        clock.advance(minutes=30)
        return [*found, [entry.text for entry in await memory.answered("c1", 1)]]

    assert asyncio.run(talk()) == [["to 1"], ["to 2"], []]
    memory.stop()
