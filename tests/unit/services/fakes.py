"""Hand-written fakes of every port the services use, and builders of orders and trackings."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from peyk.domain.conversations import Caller
from peyk.domain.identity import Verification
from peyk.domain.money import Money
from peyk.domain.orders import Order, OrderItem, OrderStatus, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.domain.queues import Priority, Queue
from peyk.domain.shipments import DeliveryStatus, Tracking, TrackingEvent
from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingMethod, ShippingZone
from peyk.domain.tickets import Clocks, Ticket, TicketReason, TicketState
from peyk.errors import NotFound, Throttled
from peyk.ports.records import OtpChallenge, Window
from peyk.services.assess import Rules

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
MOBILE = "09121234567"
OTHER_MOBILE = "09351112233"
CALLER = Caller("conversation-1", "address-1", "correlation-1")
RULES = Rules(stalled_after=timedelta(hours=72), lost_after=timedelta(days=10))


class FakeClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


def order(number: str = "TS-104233", **changes: Any) -> Order:
    """An order of MOBILE with one item, shipped by post unless told otherwise."""
    plain = Order(
        number=number,
        mobile=MOBILE,
        status=OrderStatus.SHIPPED,
        customer_name="سارا نمونه",
        city="Tehran",
        address="تهران، خیابان نمونه، پلاک ۱",
        items=(OrderItem("HP-1", "هدفون بی‌سیم", "Wireless headphones", 1, Money.rial(12_500_000)),),
        total=Money.rial(12_500_000),
        placed_at=NOW - timedelta(days=3),
        paid_at=NOW - timedelta(days=3),
        shipments=(ShipmentRef("post", "TRK-88392011", NOW - timedelta(days=2)),),
    )
    return replace(plain, **changes)


def tracking(status: DeliveryStatus = DeliveryStatus.IN_TRANSIT, *, scan_age_h: float = 5, **changes: Any) -> Tracking:
    """What post says of TRK-88392011, with one scan `scan_age_h` hours ago."""
    scan = TrackingEvent(NOW - timedelta(hours=scan_age_h), status, "تحویل به مرکز مبادلات", "At the hub", "Tehran")
    plain = Tracking("post", "TRK-88392011", status, NOW, "https://post.example/TRK-88392011", events=(scan,))
    return replace(plain, **changes)


class FakeOrders:
    """The shop's orders in a list; `error` makes every call fail; `calls` counts them."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.error: Exception | None = None
        self.calls = 0

    def _all(self) -> list[Order]:
        self.calls += 1
        if self.error:
            raise self.error
        return self.orders

    def by_number(self, number: str) -> Order:
        return self._one([each for each in self._all() if each.number == number])

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        return [each for each in self._all() if each.number.endswith(digits)][:limit]

    def by_mobile(self, mobile: str, limit: int = 3) -> list[Order]:
        own = [each for each in self._all() if each.mobile == mobile]
        return sorted(own, key=lambda each: each.placed_at, reverse=True)[:limit]

    def by_tracking_code(self, code: str) -> Order:
        return self._one([o for o in self._all() if any(ref.tracking_code == code for ref in o.shipments)])

    @staticmethod
    def _one(found: list[Order]) -> Order:
        if not found:
            raise NotFound("shop")
        return found[0]


class FakeCarrier:
    """A carrier whose answers are set by code; an exception is raised, a function is called."""

    def __init__(self, carrier_id: str, starts: str = "TRK-") -> None:
        self.id = carrier_id
        self.starts = starts
        self.pages = ""
        self.answers: dict[str, Tracking | Exception | Callable[[], Tracking]] = {}

    def recognises(self, code: str) -> bool:
        return code.startswith(self.starts)

    def page(self, code: str) -> str:
        return f"{self.pages}{code}" if self.pages else ""

    def track(self, code: str) -> Tracking:
        answer = self.answers.get(code, NotFound(self.id))
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Tracking) else answer()


class FakePayments:
    """The bank; orders it has no entry for are unknown to it."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.error: Exception | None = None
        self.calls = 0

    def inquire(self, order_number: str) -> Payment:
        self.calls += 1
        if self.error:
            raise self.error
        if order_number not in self.payments:
            raise NotFound("payments")
        return self.payments[order_number]


def payment(number: str = "TS-104240", state: PaymentState = PaymentState.FAILED, **changes: Any) -> Payment:
    """A payment attempt of half an hour ago."""
    return replace(Payment(number, state, Money.rial(5_000_000), NOW - timedelta(minutes=30), "RF-771"), **changes)


class FakeHelpdesk:
    """Tickets in a list, one unresolved ticket an order (or conversation) and reason."""

    def __init__(self, clock: FakeClock) -> None:
        self.tickets: list[Ticket] = []
        self._clock = clock

    def open(
        self,
        *,
        conversation_id: str,
        reason: TicketReason,
        order_number: str | None,
        mobile: str | None,
        note: str,
        priority: Priority,
        queue: Queue = Queue.L1,
        clocks: Clocks | None = None,
    ) -> Ticket:
        for ticket in self.tickets:
            same = ticket.order_number == order_number if order_number else ticket.conversation_id == conversation_id
            if same and ticket.reason is reason and ticket.state is not TicketState.RESOLVED:
                return replace(ticket, created_now=False)
        now = self._clock.now()
        number = f"PK-{1001 + len(self.tickets)}"
        state = TicketState.OPEN
        due = clocks or Clocks()
        ticket = Ticket(
            number,
            reason,
            state,
            conversation_id,
            now,
            now,
            order_number,
            mobile,
            note,
            priority,
            created_now=True,
            queue=queue,
            due_first_answer_at=due.first_answer_at,
            due_solution_at=due.solution_at,
        )
        self.tickets.append(ticket)
        return ticket

    def tickets_of(self, *, conversation_id: str, mobile: str | None, limit: int = 3) -> list[Ticket]:
        mine = [
            ticket
            for ticket in self.tickets
            if ticket.conversation_id == conversation_id or (mobile and ticket.mobile == mobile)
        ]
        return mine[::-1][:limit]


class FakeMessenger:
    """Keeps what was sent, once per key."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str, str]] = {}
        self.error: Exception | None = None
        self.by_mail = False

    def send_code(self, mobile: str, code: str, language: str, key: str) -> bool:
        if self.error:
            raise self.error
        self.sent.setdefault(key, (mobile, code, language))
        return self.by_mail

    @property
    def last_code(self) -> str:
        return list(self.sent.values())[-1][1]


class FakeStorefront:
    """The shop's tables before buying."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        post = ShippingMethod("post", 450_000, 80_000, 3, 5, free_from_rial=10_000_000, cash_on_delivery=True)
        tipax = ShippingMethod("tipax", 900_000, 150_000, 1, 2)
        self.table = [
            ShippingZone("centre", ("Tehran", "Karaj"), (post, tipax)),
            ShippingZone("north", ("Rasht",), (post,)),
            ShippingZone("abroad", ("London",), (ShippingMethod("dhl", 30_000_000, 9_000_000, 5, 9),), domestic=False),
        ]
        self.days: dict[tuple[str, str], list[int]] = {}
        self.days_error: Exception | None = None
        self.headphones = Product(
            "HP-1", "هدفون", "Headphones", 1, True, "پلاستیک", "Plastic", (), 18, 250, words=("headphones",)
        )

    def zones(self) -> list[ShippingZone]:
        if self.error:
            raise self.error
        return self.table

    def delivered_days(self, city: str, carrier: str | None = None) -> list[int]:
        if self.days_error:
            raise self.days_error
        return self.days.get((city, carrier or ""), [])

    def find_products(self, text: str, limit: int = 3) -> list[Product]:
        self.zones()
        return [self.headphones] if "headphones" in text else []

    def return_policy(self) -> ReturnPolicy:
        self.zones()
        return ReturnPolicy(7, True, True, 5)

    def payment_methods(self) -> PaymentMethods:
        self.zones()
        return PaymentMethods(("gateway", "card"))


class FakeOtp:
    """One open challenge a conversation."""

    def __init__(self) -> None:
        self.open: dict[str, OtpChallenge] = {}

    def replace(self, challenge: OtpChallenge) -> None:
        self.open[challenge.conversation_id] = challenge

    def current(self, conversation_id: str) -> OtpChallenge | None:
        return self.open.get(conversation_id)

    def use(self, conversation_id: str, code_hash: str, now: datetime) -> OtpChallenge | None:
        challenge = self.open.get(conversation_id)
        if challenge is None:
            return None
        if challenge.code_hash == code_hash and challenge.tries_left > 0 and now < challenge.expires_at:
            return self.open.pop(conversation_id)
        self.open[conversation_id] = replace(challenge, tries_left=max(0, challenge.tries_left - 1))
        return None

    def void(self, conversation_id: str) -> None:
        self.open.pop(conversation_id, None)


class FakeVerifications:
    """Proofs by conversation."""

    def __init__(self) -> None:
        self.proofs: dict[str, Verification] = {}
        self.error: Exception | None = None

    def grant(self, verification: Verification) -> None:
        self.proofs[verification.conversation_id] = verification

    def current(self, conversation_id: str, now: datetime) -> Verification | None:
        if self.error:
            raise self.error
        proof = self.proofs.get(conversation_id)
        return proof if proof and now < proof.expires_at else None


class FakeLimiter:
    """Sliding windows on the fake clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.events: dict[tuple[str, str], list[datetime]] = defaultdict(list)

    def check(self, windows: Sequence[Window]) -> None:
        for window in windows:
            start = self._clock.now() - timedelta(seconds=window.window_s)
            recent = [at for at in self.events[window.scope, window.key] if at > start]
            if len(recent) >= window.limit:
                raise Throttled(window.scope, math.ceil((recent[-window.limit] - start).total_seconds()))

    def hit(self, windows: Sequence[Window], *, once: str | None = None) -> None:
        if once is not None:
            windows = [window for window in windows if not self._is_known(window, once)]
        self.check(windows)
        for window in windows:
            self.events[window.scope, window.key].append(self._clock.now())
            if once is not None:
                self.events[self._mark(window, once)].append(self._clock.now())

    def _is_known(self, window: Window, once: str) -> bool:
        start = self._clock.now() - timedelta(seconds=window.window_s)
        return any(at > start for at in self.events[self._mark(window, once)])

    @staticmethod
    def _mark(window: Window, once: str) -> tuple[str, str]:
        return f"{window.scope}.known", str(hash((window.scope, window.key, once)))


class FakeRatings:
    """Ratings by order and conversation."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[int, bool]] = {}

    def save(self, order_number: str, rating: int, conversation_id: str, verified: bool, at: datetime) -> bool:
        first = (order_number, conversation_id) not in self.kept
        self.kept[order_number, conversation_id] = (rating, verified)
        return first


class FakeSnapshots:
    """Last good answers; `error` makes the store fail."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Tracking] = {}
        self.error: Exception | None = None

    def save(self, tracking: Tracking) -> None:
        if self.error:
            raise self.error
        self.kept[tracking.carrier, tracking.code] = tracking

    def last(self, carrier: str, code: str) -> Tracking | None:
        if self.error:
            raise self.error
        return self.kept.get((carrier, code))


@dataclass
class AuditRow:
    """A row of the audit."""

    event: str
    subject: str
    detail: dict[str, str]
    conversation_id: str


class FakeAudit:
    """Rows in a list; `error` makes the store fail."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []
        self.error: Exception | None = None

    def append(
        self, *, at: datetime, conversation_id: str, event: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        if self.error:
            raise self.error
        self.rows.append(AuditRow(event, subject, dict(detail), conversation_id))

    def events(self) -> list[str]:
        return [row.event for row in self.rows]
