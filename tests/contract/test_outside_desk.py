"""Chats handed over to Chatwoot: everything said arrives once on the other side, and the bot gets it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters._guard import Guard
from peyk.adapters._resilience import GuardedHandOffDesk
from peyk.adapters.helpdesk.chatwoot import ChatwootApi, ChatwootDesk
from peyk.domain.conversations import Author, Owner, Ownership, Utterance
from peyk.ports.journal import BotAnswer, CustomerMessage, Journal
from peyk.services.outside_desk import OutsideDesk
from peyk.store.desk_threads import StoredThreads
from peyk.store.engine import make_engine
from peyk.store.journal import StoredJournal
from tests.contract.outside_desks import chatwoot_place
from tests.fakes.chatwoot import FakeChatwoot
from tests.fakes.parallel import in_parallel
from tests.fakes.vendor_http import Fault
from tests.unit.services.fakes import FakeClock

BOT, QUEUE = Ownership(), Ownership(Owner.QUEUE)


@dataclass(frozen=True)
class FakePacket:
    wanted: str = "یک نفر جواب بدهد"
    reason: str = "asked"
    order: Mapping[str, Any] | None = field(default_factory=lambda: {"orderId": "TS-104180", "status": "late"})
    level: int = 2
    mobile: str | None = "0935***33"
    tried: tuple[str, ...] = ("action_track_order",)


@dataclass(frozen=True)
class FakeHandoff:
    packet: FakePacket = FakePacket()


class FakePeople:
    """The hand-off service as far as a desk uses it: who has a conversation stands in the journal."""

    def __init__(self, journal: Journal, clock: FakeClock) -> None:
        self._journal, self._clock = journal, clock

    def take(self, here: str, agent: str) -> bool:
        return self._journal.change_owner(here, QUEUE, Ownership(Owner.AGENT, agent), self._clock.now())

    def transfer(self, here: str, agent: str, *, to_agent: str | None = None) -> bool:
        mine, new = Ownership(Owner.AGENT, agent), Ownership(Owner.AGENT, to_agent)
        return self._journal.change_owner(here, mine, new, self._clock.now())

    def reply(self, here: str, agent: str, text: str, *, message_id: str) -> int | None:
        said = Utterance(text)
        return self._journal.say(here, said, agent=agent, now=self._clock.now(), message_id=message_id)

    def resolve(self, here: str, agent: str, summary: str) -> bool:
        saying = Utterance("راهنمایی تمام شد")
        mine = Ownership(Owner.AGENT, agent)
        return self._journal.change_owner(here, mine, BOT, self._clock.now(), saying=saying)

    def packet(self, here: str) -> FakeHandoff | None:
        return FakeHandoff()


class World:
    def __init__(self, server: FakeChatwoot, engine: Engine, clock: FakeClock) -> None:
        self.server, self.engine, self.clock = server, engine, clock
        self.journal = StoredJournal(engine)
        self.desk = self.process(engine)
        self._ids = 0

    def process(self, engine: Engine) -> OutsideDesk:
        journal = StoredJournal(engine)
        guard = Guard("chatwoot", deadline_s=30, failures=1000, reset_s=1)
        return OutsideDesk(
            desk=GuardedHandOffDesk(ChatwootDesk(ChatwootApi(chatwoot_place(self.server.url))), guard),
            threads=StoredThreads(engine),
            journal=journal,
            people=FakePeople(journal, self.clock),
            clock=self.clock,
            secret_key=SecretStr("k" * 32),
            language="fa",
        )

    def writes(self, text: str, here: str = "c1") -> int:
        self._ids += 1
        message = CustomerMessage(f"m{self._ids}", text)
        return self.journal.accept(here, "rest", message, language="fa", now=self.clock.now()).seq

    def hand_over(self, here: str = "c1") -> int:
        """Have the bot hand a conversation over; return its conversation in Chatwoot."""
        seq = self.writes("کد من 482913 است، می‌خواهم با یک نفر حرف بزنم", here)
        answer = BotAnswer((Utterance("شما را به همکارانم وصل می‌کنم"),), hand_over=True)
        assert self.journal.answer(here, seq, answer, self.clock.now())
        self.later()
        return max(self.server.conversations)

    def later(self, **passed: float) -> int:
        self.clock.advance(**(passed or {"minutes": 10}))
        return self.desk.tick()

    def said(self, author: Author = Author.AGENT, here: str = "c1") -> list[str | None]:
        entries = self.journal.entries(here, after_seq=0, now=self.clock.now(), limit=500, for_people=True)
        return [entry.text for entry in entries if entry.author is author]

    def owner(self, here: str = "c1") -> Ownership:
        return self.journal.owner(here)


@pytest.fixture
def world(engine: Engine, clock: FakeClock) -> Iterator[World]:
    with FakeChatwoot() as server:
        yield World(server, engine, clock)


def test_people_get_the_chat_with_all_they_need_to_know(world: World) -> None:
    chat = world.hand_over()
    assert world.server.conversations[chat]["status"] == "open"
    (brief, asked, *_rest) = world.server.texts(chat)
    assert brief[:2] == ("outgoing", True)
    for known in (
        "TS-104180",
        "خواستار گفت‌وگو با کارشناس",
        "0935***33",
        "پیگیری سفارش",
        "شما را به همکارانم وصل می‌کنم",
    ):
        assert known in brief[2]
    assert asked[:2] == ("incoming", False)
    # A code that was meant for the bot is nobody's else.
    assert "482913" not in brief[2]


def test_what_customers_write_arrives_once_and_in_order(world: World) -> None:
    chat = world.hand_over()
    before = len(world.server.texts(chat))
    for number in range(30):
        world.writes(f"پیام {number}")
        if number % 7 == 0:
            world.later()
    world.later()
    incoming = [text for kind, _, text in world.server.texts(chat)[before:] if kind == "incoming"]
    assert incoming == [f"پیام {number}" for number in range(30)]


def test_what_people_write_is_said_once_and_in_order(world: World) -> None:
    chat = world.hand_over()
    for number in range(45):
        world.server.person_writes(chat, f"پاسخ {number}")
    for _ in range(3):
        world.later()
    assert world.said() == [f"پاسخ {number}" for number in range(45)]
    assert world.owner() == Ownership(Owner.AGENT, "chatwoot:5")


def test_what_is_not_for_the_customer_is_not_said(world: World) -> None:
    chat = world.hand_over()
    world.server.person_writes(chat, "نکتهٔ همکاران", private=True)
    world.server.write(chat, "auto", sender={"id": 2, "name": "Captain", "type": "agent_bot"})
    world.server.messages[chat].append({**world.server.person_writes(chat, "x"), "id": 10**6, "message_type": 3})
    world.server.messages[chat] = [each for each in world.server.messages[chat] if each["content"] != "x"]
    world.later()
    assert world.said() == []
    assert world.owner() == QUEUE


def test_an_answer_from_a_telephone_has_no_sender_and_is_said(world: World) -> None:
    chat = world.hand_over()
    world.server.person_writes(chat, "از گوشی", agent=None)
    world.later()
    assert world.said() == ["از گوشی"]
    assert world.owner().agent == "chatwoot:0"


def test_a_colleague_who_writes_takes_over(world: World) -> None:
    chat = world.hand_over()
    world.server.person_writes(chat, "من", agent=5)
    world.later()
    world.server.person_writes(chat, "و من", agent=6)
    world.later()
    assert world.said() == ["من", "و من"]
    assert world.owner().agent == "chatwoot:6"


@pytest.mark.parametrize("status", ["resolved", "pending"])
@pytest.mark.parametrize("written", [True, False])
def test_when_people_are_done_the_bot_has_it_again_and_says_so_once(
    world: World, status: str, *, written: bool
) -> None:
    chat = world.hand_over()
    if written:
        world.server.person_writes(chat, "حل شد")
    world.server.conversations[chat]["status"] = status
    for _ in range(3):
        world.later()
    assert world.owner() == BOT
    assert world.said() == (["حل شد"] if written else [])
    assert world.said(Author.SYSTEM).count("راهنمایی تمام شد") == 1
    assert world.server.conversations[chat]["status"] == "resolved"
    assert world.later() == 0


def test_when_the_bot_gets_it_back_here_people_are_told(world: World) -> None:
    chat = world.hand_over()
    assert world.journal.change_owner("c1", QUEUE, BOT, world.clock.now())
    world.later()
    assert world.server.conversations[chat]["status"] == "resolved"
    assert world.later() == 0


def test_the_next_time_is_a_chat_of_its_own_with_the_same_contact(world: World) -> None:
    first = world.hand_over()
    world.server.conversations[first]["status"] = "resolved"
    world.later()
    second = world.hand_over()
    assert second != first
    assert len(world.server.contacts) == 1
    world.writes("برای دومی")
    world.later()
    assert "برای دومی" not in str(world.server.texts(first))


def test_a_late_word_in_a_chat_that_is_done_is_not_lost(world: World) -> None:
    chat = world.hand_over()
    world.server.conversations[chat]["status"] = "resolved"
    world.later()
    world.server.conversations[chat]["status"] = "open"
    world.server.person_writes(chat, "راستی، یک چیز دیگر")
    assert world.later() == 0
    assert world.desk.nudge(str(chat), written=True)
    world.later()
    assert world.said() == ["راستی، یک چیز دیگر"]
    assert world.owner() == Ownership(Owner.AGENT, "chatwoot:5")


def test_a_late_word_while_another_chat_is_open_is_not_said_and_that_is_told(world: World) -> None:
    first = world.hand_over()
    world.server.conversations[first]["status"] = "resolved"
    world.later()
    world.hand_over()
    world.server.person_writes(first, "دیر آمدم")
    world.desk.nudge(str(first), written=True)
    for _ in range(2):
        world.later()
    assert world.said() == []
    assert sum("دیر آمدم" in text and private for _, private, text in world.server.texts(first)) == 1


def test_a_status_of_a_chat_that_is_done_changes_nothing(world: World) -> None:
    chat = world.hand_over()
    world.server.conversations[chat]["status"] = "resolved"
    world.later()
    assert not world.desk.nudge(str(chat))
    assert not world.desk.nudge("4711", written=True)
    assert world.later() == 0


def test_while_a_colleague_at_our_console_has_it_nothing_is_said_from_outside(world: World) -> None:
    chat = world.hand_over()
    assert world.journal.change_owner("c1", QUEUE, Ownership(Owner.AGENT, "op-1"), world.clock.now())
    world.server.person_writes(chat, "من هم هستم")
    for _ in range(3):
        world.later()
    assert world.said() == []
    assert world.owner().agent == "op-1"
    assert sum("من هم هستم" in text and private for _, private, text in world.server.texts(chat)) == 1


def test_what_colleagues_at_our_console_took_at_once_stays_there(world: World) -> None:
    seq = world.writes("یک نفر لطفاً")
    assert world.journal.answer("c1", seq, BotAnswer((), hand_over=True), world.clock.now())
    assert world.journal.change_owner("c1", QUEUE, Ownership(Owner.AGENT, "op-1"), world.clock.now())
    assert world.later() == 0
    assert not world.server.conversations


def test_who_came_by_chatwoots_own_channels_is_there_already(world: World) -> None:
    now = world.clock.now()
    seq = world.journal.accept("w-1", "chatwoot", CustomerMessage("m1", "hi"), language="en", now=now).seq
    assert world.journal.answer("w-1", seq, BotAnswer((), hand_over=True), now)
    assert world.later() == 0
    assert not world.server.conversations


def test_without_a_webhook_it_is_found_within_half_a_minute(world: World) -> None:
    chat = world.hand_over()
    world.later(seconds=1)
    world.server.person_writes(chat, "سلام")
    assert world.later(seconds=1) == 0
    assert world.later(seconds=30) == 1
    assert world.said() == ["سلام"]


def test_with_a_webhook_at_once(world: World) -> None:
    chat = world.hand_over()
    world.later(seconds=1)
    world.server.person_writes(chat, "سلام")
    assert world.desk.nudge(str(chat))
    world.later(seconds=1)
    assert world.said() == ["سلام"]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SERVER_ERROR, Fault.RATE_LIMITED, Fault.TRUNCATED, Fault.HTML])
def test_whatever_breaks_nothing_is_lost_or_doubled(world: World, fault: Fault, *, done: bool) -> None:
    world.server.fail(fault, method="POST", times=4, done=done)
    seq = world.writes("یک نفر لطفاً")
    assert world.journal.answer("c1", seq, BotAnswer((), hand_over=True), world.clock.now())
    world.writes("الو؟")
    for _ in range(8):
        world.later()
    assert len(world.server.conversations) == 1
    chat = max(world.server.conversations)
    world.server.fail(fault, times=3, done=done)
    world.writes("هنوز هستم")
    world.server.person_writes(chat, "بفرمایید")
    for _ in range(8):
        world.later()
    incoming = [text for kind, _, text in world.server.texts(chat) if kind == "incoming"]
    assert incoming == ["الو؟", "هنوز هستم"]
    assert world.said() == ["بفرمایید"]


def test_a_process_that_died_after_it_said_something_does_not_say_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = world.hand_over()
    world.server.person_writes(chat, "سلام")

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(StoredThreads, "heard", dies)
        with pytest.raises(SystemExit):
            world.later()
    # Meanwhile the bot has it again: what was said before must not take it away.
    assert world.journal.change_owner("c1", world.owner(), BOT, world.clock.now())
    world.later()
    assert world.said() == ["سلام"]
    assert world.owner() == BOT


def test_of_many_processes_one_works_on_a_chat(world: World) -> None:
    engines = [make_engine(world.engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    processes = [world.process(engine) for engine in engines]
    for number in range(4):
        seq = world.writes("یک نفر لطفاً", f"c{number}")
        assert world.journal.answer(f"c{number}", seq, BotAnswer((), hand_over=True), world.clock.now())
    in_parallel(lambda index: [processes[index].tick() for _ in range(3)], 4)
    assert len(world.server.conversations) == 4
    for engine in engines:
        engine.dispose()


def test_a_chat_deleted_outside_is_begun_anew_while_somebody_waits(world: World) -> None:
    chat = world.hand_over()
    del world.server.conversations[chat]
    world.writes("کسی هست؟")
    for _ in range(2):
        world.later()
    again = max(world.server.conversations)
    assert again != chat
    assert "کسی هست؟" in str(world.server.texts(again))


def test_while_it_is_down_the_customer_waits_in_our_queue(world: World) -> None:
    world.server.fail(Fault.SERVER_ERROR, times=99)
    seq = world.writes("یک نفر لطفاً")
    assert world.journal.answer("c1", seq, BotAnswer((), hand_over=True), world.clock.now())
    world.later()
    assert world.owner() == QUEUE
    (thread,) = StoredThreads(world.engine).all("chatwoot", limit=9)
    assert "HTTP 500" in thread.error
    world.server.mend()
    world.later(minutes=3)
    assert len(world.server.conversations) == 1
