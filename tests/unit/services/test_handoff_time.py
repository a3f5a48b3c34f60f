"""What time does to conversations people have, and what a crash left."""

from __future__ import annotations

from peyk.domain.handoff import HandoffReason
from tests.unit.services.handoff_shop import BOT, HERE, QUEUE, SARA, Shop


class TestTime:
    def test_unanswered_goes_back_to_the_queue(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        shop.after(9.9)
        assert shop.journal.owner("c1") == SARA
        shop.after(0.1)
        assert shop.journal.owner("c1") == QUEUE
        assert str(shop.last().text).startswith("ببخشید که پاسختان دیر شد.")
        entries = len(shop.said())
        shop.after(30)
        # Nobody has it: nothing more is due, and nothing is said again.
        assert (shop.journal.owner("c1"), len(shop.said())) == (QUEUE, entries)

    def test_the_clock_runs_while_the_customer_waits(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        shop.clock.advance(minutes=5)
        shop.people.reply("c1", "sara", "one moment", message_id="r1")
        shop.after(20)
        assert shop.journal.owner("c1") == SARA
        shop.hear("are you there?")
        shop.after(9)
        shop.hear("hello?")
        shop.after(1)
        assert shop.journal.owner("c1") == QUEUE
        # Whoever takes it now has their own time.
        shop.people.take("c1", "reza")
        shop.after(9)
        assert shop.journal.owner("c1").agent == "reza"

    def test_idle_is_the_bots_again(self, shop: Shop) -> None:
        shop.hand()
        shop.people.take("c1", "sara")
        shop.people.reply("c1", "sara", "anything else?", message_id="r1")
        shop.after(59)
        assert shop.journal.owner("c1") == SARA
        shop.after(1)
        assert shop.journal.owner("c1") == BOT
        assert shop.last().custom == {"handoff": {"state": "bot"}}
        assert shop.current().closed_at is not None
        entries = len(shop.said())
        shop.after(120)
        assert len(shop.said()) == entries

    def test_who_waits_in_the_queue_is_never_given_up(self, shop: Shop) -> None:
        shop.hand()
        shop.after(60 * 24)
        assert shop.journal.owner("c1") == QUEUE

    def test_what_a_crash_left(self, shop: Shop) -> None:
        shop.hand()
        # Taken, and the process died before it was noted.
        shop.journal.change_owner("c1", QUEUE, SARA, shop.clock.now())
        shop.after(1)
        assert shop.current().agent == "sara"
        shop.journal.change_owner("c1", SARA, BOT, shop.clock.now())
        shop.after(1)
        assert shop.current().closed_at is not None

    def test_resolving_one_that_was_lost(self, shop: Shop) -> None:
        shop.hear("hello")
        for before, after in ((BOT, QUEUE), (QUEUE, SARA)):
            shop.journal.change_owner("c1", before, after, shop.clock.now())
        assert shop.people.resolve("c1", "sara", "done")
        assert shop.current().summary == "done"

    def test_a_hand_off_that_never_came_to_be(self, shop: Shop) -> None:
        shop.hear("hello")
        shop.people.prepare(HERE, HandoffReason.ASKED)
        shop.after(9)
        assert shop.current().closed_at is None
        shop.after(2)
        assert shop.current().closed_at is not None
