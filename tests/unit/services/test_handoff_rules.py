"""What hands over, where it waits, how long it takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peyk.domain.handoff import OPTIONAL_TRIGGERS, Handoff, HandoffReason, Packet
from peyk.domain.queues import Priority, Queue
from peyk.domain.tickets import TicketReason
from peyk.errors import SettingsError
from peyk.services.handoff_rules import (
    Words,
    angry_words,
    priority_of,
    queue_of,
    reason_of_ticket,
    rules_of,
    wait_minutes,
)
from peyk.settings import Settings, load_settings
from tests.unit.services.fakes import NOW
from tests.unit.services.handoffs import FakeHours

MINUTE = timedelta(minutes=1)


def settings(**changes: Any) -> Settings:
    return Settings(**{"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32, **changes})


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "این چه وضعشه، مسخره‌ست!",
            "مسخرهههههه",
            "واقعا افتضاحه",
            "شما كلاهبرداريد",
            "کلاه برداری می‌کنید",
            "This is RIDICULOUS",
            "what a scam",
            "I am fed  up with you",
            "kheili maskharast",
            "asabam khord shod",
        ],
    )
    def test_anger(self, text: str) -> None:
        assert angry_words().found_in(text)

    @pytest.mark.parametrize(
        "text",
        [
            "سفارشم کجاست؟",
            "دزدگیر ماشین سفارش دادم",
            "where is my order TS-104233?",
            "I ordered a scampi knife",
            "sefaresham kojast",
            "هدفون بی‌سیم",
            "",
        ],
    )
    def test_no_anger(self, text: str) -> None:
        assert not angry_words().found_in(text)

    def test_half_spaces_may_be_left_out_or_typed_as_spaces(self) -> None:
        stops = Words(["سازمان حمایت", "تعزیرات", "به‌دادم برسید"])
        assert stops.found_in("می‌رم تعزیرات!")
        assert stops.found_in("سازمان   حمایت")
        assert all(stops.found_in(each) for each in ("به‌دادم برسید", "بهدادم برسید", "به دادم برسید"))
        assert not stops.found_in("سازمان")
        assert not Words([]).found_in("anything")


class TestSettings:
    def test_a_shop_sets_its_own(self) -> None:
        rules = rules_of(
            settings(
                handoff_triggers="angry, level3",
                handoff_stop_words="تعزیرات، police",
                handoff_vip=True,
                handoff_cities="کیش, Tehran",
            )
        )
        assert rules.cities == {"Kish", "Tehran"}
        assert rules.stop_words.found_in("I call the Police")
        wanted = {reason for reason in HandoffReason if rules.wants(reason)}
        assert wanted == {
            HandoffReason.ASKED,
            HandoffReason.ANGRY,
            HandoffReason.LEVEL3,
            HandoffReason.VIP,
            HandoffReason.CITY,
        }

    def test_by_itself_all_but_vips_and_cities(self) -> None:
        rules = rules_of(settings())
        assert {reason for reason in HandoffReason if rules.wants(reason)} == {HandoffReason.ASKED, *OPTIONAL_TRIGGERS}

    def test_who_asks_gets_a_person_whatever_is_set(self) -> None:
        rules = rules_of(settings(handoff_triggers=""))
        assert {reason for reason in HandoffReason if rules.wants(reason)} == {HandoffReason.ASKED}

    @pytest.mark.parametrize(("name", "value"), [("TRIGGERS", "angry,hungry"), ("CITIES", "تهران,Atlantis")])
    def test_what_there_is_not_is_refused(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv("PEYK_MODE", "demo")
        monkeypatch.setenv(f"PEYK_HANDOFF_{name}", value)
        with pytest.raises(SettingsError, match=f"PEYK_HANDOFF_{name}: no such"):
            load_settings()


class TestQueues:
    @pytest.mark.parametrize(
        ("reason", "queue", "vip_queue", "priority", "vip_priority"),
        [
            (HandoffReason.ASKED, Queue.L1, Queue.VIP, Priority.NORMAL, Priority.VIP),
            (HandoffReason.BOT_DOWN, Queue.L1, Queue.VIP, Priority.NORMAL, Priority.VIP),
            (HandoffReason.ANGRY, Queue.L1, Queue.VIP, Priority.TOPIC, Priority.VIP),
            (HandoffReason.LEVEL3, Queue.L2, Queue.VIP, Priority.TOPIC, Priority.VIP),
            (HandoffReason.URGENT, Queue.L2, Queue.VIP, Priority.CRITICAL, Priority.CRITICAL),
            (HandoffReason.PAYMENT, Queue.SECURITY, Queue.SECURITY, Priority.TOPIC, Priority.VIP),
        ],
    )
    def test_where_and_how_soon(
        self, reason: HandoffReason, queue: Queue, vip_queue: Queue, priority: Priority, vip_priority: Priority
    ) -> None:
        assert (queue_of(reason, vip=False), queue_of(reason, vip=True)) == (queue, vip_queue)
        assert (priority_of(reason, vip=False), priority_of(reason, vip=True)) == (priority, vip_priority)

    def test_what_is_worked_on_first(self) -> None:
        def at(number: int, minutes: int, priority: Priority) -> Handoff:
            since = NOW + minutes * MINUTE
            return Handoff(number, f"c{number}", HandoffReason.ASKED, Queue.L1, priority, since, Packet())

        line = [
            at(1, 0, Priority.NORMAL),
            at(2, 1, Priority.TOPIC),
            at(3, 1, Priority.NORMAL),
            at(4, 5, Priority.VIP),
            at(5, 9, Priority.CRITICAL),
        ]
        assert [each.id for each in sorted(line, key=lambda each: each.rank)] == [5, 4, 1, 2, 3]

    @pytest.mark.parametrize("reason", TicketReason)
    def test_tickets_that_cannot_wait(self, reason: TicketReason) -> None:
        level3 = {"fix_address", "return_request", "cancel", "change_order", "returned"}
        urgent = {"not_received", "lost", "damaged"}
        expected = {**dict.fromkeys(level3, "level3"), **dict.fromkeys(urgent, "urgent"), "payment": "payment"}
        assert reason_of_ticket(reason) == expected.get(reason.value)


class TestWaits:
    @staticmethod
    def waits(*minutes: int) -> list[tuple[Any, Any]]:
        return [(NOW - timedelta(hours=1), NOW - timedelta(hours=1) + each * MINUTE) for each in minutes]

    def test_three_of_four_came_sooner(self) -> None:
        assert wait_minutes(self.waits(1, 2, 3, 4, 60, 2, 1, 2), [], FakeHours(), NOW) == 3

    def test_longer_ones_are_rounded_up(self) -> None:
        assert wait_minutes(self.waits(*[11] * 5), [], FakeHours(), NOW) == 15

    def test_too_few_promise_nothing(self) -> None:
        assert wait_minutes(self.waits(1, 2, 3, 4), [], FakeHours(), NOW) is None
        assert wait_minutes(self.waits(1, 2, 3, 4, 5), [], FakeHours(), NOW) is not None

    def test_whoever_waits_longer_is_believed(self) -> None:
        assert wait_minutes(self.waits(*[2] * 5), [NOW - 18 * MINUTE], FakeHours(), NOW) == 20

    def test_nights_do_not_count(self) -> None:
        opened = NOW - timedelta(minutes=30)
        night = self.waits(*[600] * 9)
        assert wait_minutes(night, [], FakeHours(opened_at=opened), NOW) is None
        morning = [(NOW - 20 * MINUTE, NOW - 17 * MINUTE)] * 5
        hours = FakeHours(opened_at=opened)
        assert wait_minutes([*night, *morning], [NOW - timedelta(hours=9)], hours, NOW) == 3
