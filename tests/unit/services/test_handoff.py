"""A conversation on its way to a person and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.conversations import Author, Caller, Owner, Ownership
from peyk.domain.handoff import HandoffReason
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketReason
from peyk.errors import Unavailable
from peyk.store.tables import audit
from tests.unit.services.fakes import MOBILE, FakeClock, order
from tests.unit.services.handoff_shop import BOT, HERE, QUEUE, SARA, Shop


@pytest.fixture
def shop(engine_of: Callable[[str], Engine], clock: FakeClock) -> Shop:
    return Shop(engine_of("sqlite"), clock)


class TestPrepare:
    def test_nobody_is_there(self, shop: Shop) -> None:
        shop.desk.there = False
        shop.hear("a person please")
        assert not shop.people.available()
        assert shop.people.prepare(HERE, HandoffReason.ASKED) is None
        assert shop.people.packet("c1") is None

    def test_a_conversation_nobody_knows(self, shop: Shop) -> None:
        assert shop.people.prepare(HERE, HandoffReason.ASKED) is None

    def test_a_reason_the_shop_does_not_want(self, engine_of: Callable[[str], Engine], clock: FakeClock) -> None:
        shop = Shop(engine_of("sqlite"), clock, {"handoff_triggers": "angry"})
        shop.hear("?")
        assert shop.people.prepare(HERE, HandoffReason.SECOND_MISS) is None
        assert shop.people.prepare(HERE, HandoffReason.ASKED) is not None

    def test_it_is_the_bots_until_the_answer_is_kept(self, shop: Shop) -> None:
        shop.hear("a person please")
        shop.people.prepare(HERE, HandoffReason.ASKED)
        assert shop.journal.owner("c1") == BOT
        assert shop.people.waiting() == []

    def test_places_and_order_of_work(self, shop: Shop) -> None:
        assert shop.hand("c1").place == 1
        shop.clock.advance(minutes=1)
        assert shop.hand("c2").place == 2
        shop.clock.advance(minutes=1)
        assert shop.hand("c3", HandoffReason.URGENT).place == 1
        assert [each.handoff.conversation_id for each in shop.people.waiting()] == ["c3", "c1", "c2"]

    def test_how_long_it_takes_is_measured(self, shop: Shop) -> None:
        for number in range(5):
            prepared = shop.hand(f"c{number}")
            assert prepared.wait_minutes is None
            shop.clock.advance(minutes=4)
            assert shop.people.take(f"c{number}", "sara")
        assert shop.hand("c9").wait_minutes == 4

    def test_after_hours_nothing_but_when_somebody_is_back(self, shop: Shop) -> None:
        shop.hours.closed_until = shop.clock.now() + timedelta(hours=12)
        prepared = shop.hand()
        assert (prepared.wait_minutes, prepared.opens_at) == (None, shop.hours.closed_until)

    def test_a_vip_has_people_of_their_own(self, shop: Shop) -> None:
        shop.orders.orders.append(order(vip=True))
        shop.hear("hello")
        shop.prove()
        handoff = shop.hand().handoff
        assert (handoff.queue, handoff.priority) == (Queue.VIP, Priority.VIP)

    def test_a_shop_that_does_not_answer_is_no_obstacle(self, shop: Shop) -> None:
        shop.hear("hello")
        shop.prove()
        shop.orders.error = Unavailable("shop")
        handoff = shop.hand(order_number="TS-104233").handoff
        assert (handoff.queue, handoff.packet.order) == (Queue.L1, None)


class TestPacket:
    def test_what_a_person_has_to_know(self, shop: Shop) -> None:
        shop.orders.orders.append(order(shipments=()))
        shop.hear("سفارشم کجاست؟", language="fa")
        shop.hear("کد من 482913 است و شماره‌ام 09121234567")
        shop.prove()
        shop.hear("یک نفر را وصل کنید")
        prepared = shop.people.prepare(
            HERE,
            HandoffReason.LEVEL3,
            order_number="TS-104233",
            words="نشانی‌ام عوض شده",
            tried=("action_track_order", "action_fix_address"),
            ticket_number="PK-1001",
        )
        assert prepared is not None
        packet = prepared.handoff.packet
        assert (packet.wanted, packet.reason) == ("نشانی‌ام عوض شده", HandoffReason.LEVEL3)
        assert (packet.language, packet.channel, packet.level, packet.mobile) == ("fa", "rest", 2, "0912***67")
        assert packet.tried == ("action_track_order", "action_fix_address")
        assert packet.words[0] == "سفارشم کجاست؟"
        assert packet.order is not None
        assert (packet.order["orderId"], len(packet.order["items"])) == ("TS-104233", 1)
        assert prepared.handoff.ticket_number == "PK-1001"
        kept = str(shop.current().packet)
        assert "482913" not in kept
        assert MOBILE not in kept

    def test_who_has_proven_nothing_gives_away_nothing(self, shop: Shop) -> None:
        shop.orders.orders.append(order())
        shop.hear("where is it?", language="en")
        prepared = shop.people.prepare(HERE, HandoffReason.ASKED, order_number="TS-104233")
        assert prepared is not None
        packet = prepared.handoff.packet
        assert packet.order is not None
        assert set(packet.order) == {"orderId", "status", "statusFa"}
        assert (packet.level, packet.mobile, packet.wanted) == (1, None, "where is it?")

    def test_the_order_of_somebody_else_is_told_by_its_stage_only(self, shop: Shop) -> None:
        shop.orders.orders.append(order(mobile="09351112233"))
        shop.hear("where is it?")
        shop.prove()
        prepared = shop.people.prepare(HERE, HandoffReason.ASKED, order_number="TS-104233")
        assert prepared is not None
        assert set(prepared.handoff.packet.order or {}) == {"orderId", "status", "statusFa"}


class TestTriggers:
    def test_a_stop_word(self, strict: Shop) -> None:
        seq = strict.hear("می‌رم تعزیرات")
        assert strict.people.triggers.reason_in(HERE, seq, "می‌رم تعزیرات") is HandoffReason.STOP_WORD
        assert not strict.people.triggers.listens_to("سفارشم کجاست؟")

    def test_anger_counts_the_second_time(self, shop: Shop) -> None:
        first = shop.hear("این مسخره‌ست")
        assert shop.people.triggers.reason_in(HERE, first, "این مسخره‌ست") is None
        shop.hear("سفارشم کجاست؟")
        second = shop.hear("this is ridiculous")
        assert shop.people.triggers.reason_in(HERE, second, "this is ridiculous") is HandoffReason.ANGRY
        other = shop.hear("ridiculous", "c2")
        assert shop.people.triggers.reason_in(Caller("c2"), other, "ridiculous") is None

    def test_anger_of_another_day_is_over(self, shop: Shop) -> None:
        shop.hear("مسخره‌ست")
        shop.clock.advance(hours=25)
        second = shop.hear("مسخره‌ست")
        assert shop.people.triggers.reason_in(HERE, second, "مسخره‌ست") is None

    def test_anger_of_before_a_person_helped_is_over(self, shop: Shop) -> None:
        shop.hear("مسخره‌ست")
        shop.hand()
        shop.clock.advance(minutes=1)
        shop.people.take("c1", "sara")
        shop.people.resolve("c1", "sara", "")
        shop.clock.advance(minutes=1)
        second = shop.hear("مسخره‌ست")
        assert shop.people.triggers.reason_in(HERE, second, "مسخره‌ست") is None

    def test_vips_are_looked_after(self, strict: Shop) -> None:
        strict.orders.orders.append(order(vip=True))
        triggers = strict.people.triggers
        # Who has proven nothing may be anybody.
        assert triggers.care(HERE) is None
        strict.hear("hello")
        strict.prove()
        assert triggers.care(HERE) is HandoffReason.VIP
        assert triggers.reason_of(HERE, TicketReason.LATE, "TS-104233") is HandoffReason.VIP
        assert triggers.reason_of(HERE, TicketReason.CANCEL, "TS-104233") is HandoffReason.LEVEL3
        seq = strict.hear("ridiculous")
        assert triggers.reason_in(HERE, seq, "ridiculous") is HandoffReason.VIP

    def test_a_city_is_looked_after(self, strict: Shop) -> None:
        strict.orders.orders += [order(city="Kish"), order("TS-104234", city="Tehran")]
        strict.hear("hello")
        strict.prove()
        triggers = strict.people.triggers
        assert triggers.care(HERE) is HandoffReason.CITY
        assert triggers.care(HERE, "TS-104233") is HandoffReason.CITY
        assert triggers.care(HERE, "TS-104234") is None
        strict.orders.error = Unavailable("shop")
        assert triggers.care(HERE) is None

    def test_by_itself_nobody_is_special(self, shop: Shop) -> None:
        shop.orders.orders.append(order(vip=True, city="Kish"))
        shop.hear("hello")
        shop.prove()
        calls = shop.orders.calls
        assert shop.people.triggers.care(HERE) is None
        assert shop.orders.calls == calls


class TestPeople:
    def test_one_takes_it_and_says_so(self, shop: Shop) -> None:
        shop.hand()
        assert shop.people.take("c1", "sara")
        assert not shop.people.take("c1", "reza")
        assert not shop.people.take("nobody", "reza")
        assert shop.journal.owner("c1") == SARA
        assert (shop.last().author, shop.last().text) == (Author.SYSTEM, "سارا به گفت‌وگو پیوست.")
        assert shop.last().custom == {"handoff": {"state": "agent", "agent": "سارا"}}
        assert (shop.current().agent, shop.current().taken_at) == ("sara", shop.clock.now())

    def test_what_the_bot_still_has_is_nobodys(self, shop: Shop) -> None:
        shop.hear("hello")
        shop.people.prepare(HERE, HandoffReason.ASKED)
        assert not shop.people.take("c1", "sara")

    def test_only_whose_it_is_speaks(self, shop: Shop) -> None:
        shop.hand()
        assert shop.people.reply("c1", "sara", "hello", message_id="r1") is None
        shop.people.take("c1", "sara")
        shop.clock.advance(minutes=1)
        seq = shop.people.reply("c1", "sara", "hello", message_id="r1")
        assert shop.people.reply("c1", "sara", "hello", message_id="r1") == seq
        assert shop.people.reply("c1", "reza", "hello", message_id="r2") is None
        assert [entry.text for entry in shop.said() if entry.author is Author.AGENT] == ["hello"]
        answered = shop.clock.now()
        shop.clock.advance(minutes=1)
        shop.people.reply("c1", "sara", "", message_id="r3", files=[{"id": "f1", "name": "a.png"}])
        assert shop.last().custom == {"files": [{"id": "f1", "name": "a.png"}]}
        assert shop.current().first_answer_at == answered

    def test_notes_are_for_colleagues(self, shop: Shop) -> None:
        shop.hand()
        before = len(shop.said())
        shop.people.note("c1", "sara", "checked with the post office")
        assert [each.text for each in shop.people.notes("c1")] == ["checked with the post office"]
        assert len(shop.said()) == before

    def test_it_goes_to_a_colleague(self, shop: Shop) -> None:
        shop.hand()
        assert not shop.people.transfer("c1", "sara", to_agent="reza")
        shop.people.take("c1", "sara")
        assert not shop.people.transfer("c1", "sara", to_agent="sara")
        assert not shop.people.transfer("c1", "sara")
        assert not shop.people.transfer("c1", "reza", to_agent="reza2")
        assert shop.people.transfer("c1", "sara", to_agent="reza", note="needs a call")
        assert shop.journal.owner("c1") == Ownership(Owner.AGENT, "reza")
        assert (shop.last().text, shop.current().agent) == ("از این‌جا به بعد رضا پاسخ شما را می‌دهد.", "reza")
        assert [each.text for each in shop.people.notes("c1")] == ["needs a call"]

    def test_it_goes_to_another_queue(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        assert shop.people.transfer("c1", "sara", to_queue=Queue.SECURITY)
        assert (shop.journal.owner("c1"), shop.current().queue) == (QUEUE, Queue.SECURITY)
        assert shop.last().custom["handoff"] == {"state": "queued", "place": 1}
        assert not shop.people.transfer("c1", "sara", to_queue=Queue.L1)

    def test_it_goes_back_to_its_place(self, shop: Shop) -> None:
        shop.hand("c1")
        shop.clock.advance(minutes=1)
        shop.hand("c2")
        shop.people.take("c1", "sara")
        assert not shop.people.release("c1", "reza")
        assert shop.people.release("c1", "sara")
        assert shop.journal.owner("c1") == QUEUE
        assert shop.last().custom["handoff"]["place"] == 1

    def test_who_moved_it_is_written_down(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        assert not shop.people.transfer("c1", "reza", to_queue=Queue.L2)
        assert not shop.people.release("c1", "reza")
        shop.people.transfer("c1", "sara", to_agent="reza", by="lea")
        shop.people.transfer("c1", "reza", to_queue=Queue.SECURITY)
        shop.people.take("c1", "sara")
        shop.people.release("c1", "sara", by="lea")
        with shop.engine.begin() as connection:
            rows = connection.execute(
                audit.select()
                .where(audit.c.event.in_(["handoff.transferred", "handoff.released"]))
                .order_by(audit.c.seq)
            )
            found = [(row.event, row.conversation_id, row.subject, json.loads(row.detail)) for row in rows]
        assert found == [
            ("handoff.transferred", "c1", "lea", {"was": "sara", "to": "reza"}),
            ("handoff.transferred", "c1", "reza", {"was": "reza", "to": "security"}),
            ("handoff.released", "c1", "lea", {"was": "sara"}),
        ]

    def test_resolved(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        assert not shop.people.resolve("c1", "reza", "done")
        assert shop.people.resolve("c1", "sara", "نشانی‌تان {اصلاح} شد.")
        assert not shop.people.resolve("c1", "sara", "again")
        assert shop.journal.owner("c1") == BOT
        assert str(shop.last().text).startswith("نشانی‌تان {اصلاح} شد.\n")
        assert len(shop.last().buttons) == 5
        closed = shop.current()
        assert (closed.summary, closed.closed_at) == ("نشانی‌تان {اصلاح} شد.", shop.clock.now())
        assert shop.people.waiting() == []
        assert shop.people.unsettled("c1")

    def test_how_it_was(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        shop.people.resolve("c1", "sara", "")
        thanks = shop.people.rate("c1", shop.current().id, 4)
        assert thanks is not None
        assert "۴" in str(thanks.text)
        assert shop.current().csat == 4
        assert shop.people.rate("c2", shop.current().id, 1) is None
        assert shop.current().csat == 4

    def test_the_customer_goes_on_with_the_assistant(self, shop: Shop) -> None:
        shop.hand()
        said, utterance = shop.people.back_to_bot("c1")
        assert said
        assert (shop.journal.owner("c1"), shop.last().text) == (BOT, utterance.text)
        assert shop.current().closed_at is not None
        again, _ = shop.people.back_to_bot("c1")
        assert not again

    def test_nobody_is_taken_from_a_person(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        said, utterance = shop.people.back_to_bot("c1")
        assert not said
        assert "همکارم" in str(utterance.text)
        assert shop.journal.owner("c1") == SARA
