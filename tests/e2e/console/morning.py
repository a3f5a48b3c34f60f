"""A morning at the console: three customers wait, two tickets are open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from peyk.domain.conversations import Author
from peyk.domain.handoff import HandoffReason
from peyk.domain.queues import Priority, Queue
from peyk.domain.staff import CannedAnswer, Role
from peyk.domain.tickets import TicketReason
from tests.fakes.console import Surroundings
from tests.unit.services.fakes import order

ORDER = {
    "orderId": "TS-104233",
    "status": "out_for_delivery",
    "eta": "2026-11-22T08:30:00+00:00",
    "items": [{"title": "هدفون بی‌سیم", "quantity": 1}],
    "tracking": {"carrier": "post", "code": "TRK-88392011"},
}
ANGRY = "بسته‌ام خیس رسیده و کسی جواب نمی‌دهد"
MONEY_BACK = "I want my money back for TS-104180"
PERSON = "می‌خواهم با کسی حرف بزنم"
HELLO = CannedAnswer(
    "a1",
    "سلام و بررسی",
    "سلام، {agent} هستم. سفارش {order} را بررسی می‌کنم.",
    "Hello, this is {agent}. I am looking into order {order}.",
)
ARRIVAL = CannedAnswer("a2", "زمان تحویل", "سفارش {order} تا {eta} می‌رسد.", "Order {order} arrives by {eta}.")


class SteadyClock:
    """Saturday at noon in Tehran, when the office is open."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Desk(Surroundings):
    """A console with a morning's work."""

    url = ""

    def morning(self) -> None:
        """Fill the queue."""
        self.operator("sara", Role.ADMIN, name="سارا احمدی", language="fa")
        self.operator("daniel", Role.LEAD, name="Daniel", language="en")
        self.operator("ali", Role.AGENT, name="علی")
        self._conversations(self.clock.now())
        self.customers.add("c1", order(), vip=True)
        more = {"order_number": "TS-104233", "note": "بسته خیس بود", "mobile": "09121234567"}
        self.tickets.open(TicketReason.DAMAGED, "c1", **more)
        vip = {"priority": Priority.VIP, "queue": Queue.VIP}
        self.tickets.open(TicketReason.REFUND, "c2", order_number="TS-104180", **vip)
        for answer in (HELLO, ARRIVAL):
            self.canned.save(answer)

    def _conversations(self, now: datetime) -> None:
        tried = ("وضعیت سفارش", "رهگیری مرسوله")
        self.desk.begin(
            "c1",
            ANGRY,
            reason=HandoffReason.ANGRY,
            order=ORDER,
            level=2,
            mobile="0912***67",
            tried=tried,
            since=now - timedelta(minutes=14),
        )
        offered = ["جزئیات", "گفت‌وگو با پشتیبان"]
        picture = {"id": "f1", "name": "جعبه خیس.jpg", "type": "image/jpeg", "size": 9}
        self.desk.said("c1", Author.CUSTOMER, "سفارش TS-104233 کجاست؟")
        self.desk.said("c1", Author.BOT, "سفارش TS-104233 امروز بین 14:00-16:00 می‌رسد.", buttons=offered)
        self.desk.said("c1", Author.CUSTOMER, f"{ANGRY}. شماره‌ام 09121234567")
        self.desk.said("c1", Author.SYSTEM, "شما نفر دوم صف هستید.")
        self.desk.said("c1", Author.CUSTOMER, None, files=[picture])
        self.desk.begin(
            "c2",
            MONEY_BACK,
            reason=HandoffReason.LEVEL3,
            queue=Queue.VIP,
            priority=Priority.VIP,
            language="en",
            channel="telegram",
            since=now - timedelta(minutes=2),
            order={"orderId": "TS-104180", "status": "stalled"},
        )
        self.desk.said("c2", Author.CUSTOMER, MONEY_BACK)
        self.desk.begin("c3", PERSON, since=now - timedelta(minutes=6))
        self.desk.said("c3", Author.CUSTOMER, PERSON)
