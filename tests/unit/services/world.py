"""All fakes together, and the services over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

from peyk.domain.conversations import Caller
from peyk.domain.identity import Verification
from peyk.domain.shipments import Tracking
from peyk.ports.records import Records
from peyk.services import AnswerShipping, OpenTicket, RateOrder, TrackOrder, VerifyCustomer
from peyk.settings import Settings
from tests.unit.services.fakes import (
    CALLER,
    MOBILE,
    RULES,
    FakeAudit,
    FakeCarrier,
    FakeClock,
    FakeHelpdesk,
    FakeLimiter,
    FakeMessenger,
    FakeOrders,
    FakeOtp,
    FakePayments,
    FakeRatings,
    FakeSnapshots,
    FakeStorefront,
    FakeVerifications,
    order,
    tracking,
)
from tests.unit.services.people import people


@dataclass
class World:
    """All fakes, and the services over them; `settings` may be changed before the services are asked for."""

    overrides: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32, "deadline_s": 5.0}
        self.settings = Settings(**(plain | self.overrides))
        self.clock = FakeClock()
        self.orders = FakeOrders()
        self.post = FakeCarrier("post")
        self.tipax = FakeCarrier("tipax", starts="TPX")
        self.payments = FakePayments()
        self.helpdesk = FakeHelpdesk(self.clock)
        self.messenger = FakeMessenger()
        self.storefront = FakeStorefront()
        self.otp = FakeOtp()
        self.verifications = FakeVerifications()
        self.limiter = FakeLimiter(self.clock)
        self.ratings = FakeRatings()
        self.snapshots = FakeSnapshots()
        self.audit = FakeAudit()
        self.records = Records(self.otp, self.verifications, self.limiter, self.ratings, self.snapshots, self.audit)
        self.stuck = Event()
        self.tracking = TrackOrder(
            orders=self.orders,
            carriers={"post": self.post, "tipax": self.tipax},
            payments=self.payments,
            records=self.records,
            clock=self.clock,
            settings=self.settings,
            rules=RULES,
        )
        self.identity = VerifyCustomer(
            messenger=self.messenger, records=self.records, clock=self.clock, settings=self.settings
        )
        self.shipping = AnswerShipping(storefront=self.storefront, settings=self.settings)
        self.tickets = OpenTicket(
            helpdesk=self.helpdesk,
            orders=self.orders,
            records=self.records,
            clock=self.clock,
            settings=self.settings,
        )
        self.feedback = RateOrder(tracking=self.tracking, records=self.records, clock=self.clock)
        self.people = people(self.orders, self.records, self.clock, self.settings)

    def prove(self, mobile: str = MOBILE, caller: Caller = CALLER) -> None:
        """Prove a mobile in a conversation for half an hour."""
        expires_at = self.clock.now() + timedelta(minutes=30)
        self.verifications.grant(Verification(caller.conversation_id, mobile, "otp", expires_at))

    def hang(self) -> Tracking:
        """Answer only after the test has let go."""
        self.stuck.wait(30)
        return tracking()


def with_order(world: World, **changes: Any) -> World:
    """Give the world an order of MOBILE in transit with post."""
    world.orders.orders.append(order(**changes))
    world.post.answers["TRK-88392011"] = tracking()
    return world
