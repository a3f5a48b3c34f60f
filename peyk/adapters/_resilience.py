"""Every port behind a guard (`_guard.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from peyk.adapters._guard import Guard, spared, unexpected
from peyk.domain.code_sends import SendState
from peyk.domain.contacts import Tagged
from peyk.domain.conversations import Utterance
from peyk.domain.orders import Order
from peyk.domain.outside import HandOffBrief, Line, OutsideNote, OutsideTicket, PersonSays, ThreadNews, TicketDraft
from peyk.domain.payments import Payment
from peyk.domain.shipments import Tracking
from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingQuote, ShippingZone
from peyk.errors import BadAnswer, ExternalError
from peyk.ports.bot_desk import BotDesk
from peyk.ports.carrier import Carrier
from peyk.ports.crm import Crm
from peyk.ports.handoff_desk import HandOffDesk
from peyk.ports.helpdesk import OutsideHelpdesk
from peyk.ports.messenger import CodeSender, Handed, Messenger
from peyk.ports.orders import OrderSource
from peyk.ports.payments import PaymentGateway, PaymentInquiry
from peyk.ports.quotes import ShippingQuotes
from peyk.ports.shops import Forged, OrderFeed, OrdersPage, ShopNews, ShopOrder, ShopWebhooks
from peyk.ports.storefront import Storefront


class ResilientCarrier:
    """A carrier behind a guard. Its last good answers are the services' to keep: they know why one is stale."""

    def __init__(self, inner: Carrier, guard: Guard) -> None:
        self.id = inner.id
        self._inner = inner
        self._guard = guard

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes; no I/O."""
        # Who cannot tell is asked: "nobody knows this code" would be a guess.
        return spared(self.id, lambda: self._inner.recognises(code), otherwise=True)

    def page(self, code: str) -> str:
        """Return the page where people see a parcel for themselves; no I/O."""
        return spared(self.id, lambda: self._inner.page(code) or "", otherwise="")

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now. Raises what the port says."""
        found: object = self._guard.call(lambda: self._inner.track(code))
        if not isinstance(found, Tracking):
            raise BadAnswer(self.id, f"its adapter returned {type(found).__name__}, not a Tracking")
        return found


class GuardedOrders:
    """An order source behind a guard."""

    def __init__(self, inner: OrderSource, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def by_number(self, number: str) -> Order:
        """Return the order called `number` exactly. Raises NotFound."""
        return self._guard.call(lambda: self._inner.by_number(number))

    def by_suffix(self, digits: str, limit: int = 2) -> list[Order]:
        """Return at most `limit` orders whose number ends in `digits`."""
        return self._guard.call(lambda: self._inner.by_suffix(digits, limit))

    def by_mobile(self, mobile: str, limit: int = 3) -> list[Order]:
        """Return the newest orders of a mobile, newest first."""
        return self._guard.call(lambda: self._inner.by_mobile(mobile, limit))

    def by_tracking_code(self, code: str) -> Order:
        """Return the order a tracking code belongs to. Raises NotFound."""
        return self._guard.call(lambda: self._inner.by_tracking_code(code))


class GuardedFeed:
    """A feed of a shop's orders behind a guard."""

    def __init__(self, inner: OrderFeed, guard: Guard) -> None:
        self.system = inner.system
        self._inner = inner
        self._guard = guard

    def page(self, changed_since: datetime | None, cursor: str | None) -> OrdersPage:
        """Return a page of what changed at or after a moment."""
        return self._guard.call(lambda: self._inner.page(changed_since, cursor))

    def one(self, source_id: str) -> ShopOrder:
        """Return an order as it is now. Raises NotFound."""
        return self._guard.call(lambda: self._inner.one(source_id))


class GuardedWebhooks:
    """A reader of a shop's webhooks. It asks nobody, so all there is to guard against is what nobody has foreseen."""

    def __init__(self, inner: ShopWebhooks, system: str) -> None:
        self._inner = inner
        self._system = system

    def read(self, headers: Mapping[str, str], body: bytes) -> ShopNews:
        """Return what a delivery says. Raises Forged, or BadAnswer for one that cannot be read."""
        try:
            return self._inner.read(headers, body)
        except (Forged, ExternalError):
            raise
        except Exception as exc:  # noqa: BLE001 - somebody else's code may raise anything
            failure = unexpected(self._system, exc)
        raise failure


class GuardedPayments:
    """A payment gateway behind a guard."""

    def __init__(self, inner: PaymentGateway, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order. Raises NotFound."""
        return self._guard.call(lambda: self._inner.inquire(order_number))


class GuardedInquiry:
    """A gateway that is asked of payments the shop knows, behind a guard."""

    def __init__(self, inner: PaymentInquiry, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def inquire(self, payment: Payment) -> Payment:
        """Return the attempt with the state the gateway gives it."""
        return self._guard.call(lambda: self._inner.inquire(payment))


class GuardedMessenger:
    """A messenger behind a guard; the key keeps a late delivery from becoming a second one."""

    def __init__(self, inner: Messenger, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def send_code(self, mobile: str, code: str, language: str, key: str) -> bool:
        """Send `code` once per `key`."""
        return self._guard.call(lambda: self._inner.send_code(mobile, code, language, key))


class GuardedCrm:
    """A CRM behind a guard."""

    def __init__(self, inner: Crm, guard: Guard) -> None:
        self.system = inner.system
        self._inner = inner
        self._guard = guard

    def tag(self, tagged: Tagged, words: str) -> None:
        """Give a contact a tag."""
        self._guard.call(lambda: self._inner.tag(tagged, words))


class GuardedSender:
    """A vendor of codes behind a guard."""

    def __init__(self, inner: CodeSender, guard: Guard) -> None:
        self.system = inner.system
        self.cost_rial = inner.cost_rial
        self._inner = inner
        self._guard = guard

    def send(self, mobile: str, code: str, language: str) -> Handed:
        """Hand a code over."""
        return self._guard.call(lambda: self._inner.send(mobile, code, language))

    def delivery(self, message_id: str) -> SendState:
        """Return how far a message has come."""
        return self._guard.call(lambda: self._inner.delivery(message_id))


class GuardedStorefront:
    """A storefront behind a guard."""

    def __init__(self, inner: Storefront, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def zones(self) -> list[ShippingZone]:
        """Return the shipping zones with their methods."""
        return self._guard.call(self._inner.zones)

    def delivered_days(self, city: str, carrier: str | None = None) -> list[int]:
        """Return the days from hand-over to delivery of delivered parcels to `city`."""
        return self._guard.call(lambda: self._inner.delivered_days(city, carrier))

    def find_products(self, text: str, limit: int = 3) -> list[Product]:
        """Return the products `text` names, best first."""
        return self._guard.call(lambda: self._inner.find_products(text, limit))

    def return_policy(self) -> ReturnPolicy:
        """Return the shop's rule for returns."""
        return self._guard.call(self._inner.return_policy)

    def payment_methods(self) -> PaymentMethods:
        """Return how one may pay."""
        return self._guard.call(self._inner.payment_methods)


class GuardedQuotes:
    """A vendor's prices behind a guard."""

    def __init__(self, inner: ShippingQuotes, guard: Guard) -> None:
        self.system = inner.system
        self._inner = inner
        self._guard = guard

    def quotes(self, city: str, weight_g: int, basket_rial: int | None = None) -> list[ShippingQuote]:
        """Return what one parcel to a city costs by each way. Raises NotFound where there is none."""
        return self._guard.call(lambda: self._inner.quotes(city, weight_g, basket_rial))


class GuardedHelpdesk:
    """An outside help desk behind a guard. Nobody waits for it, so the guard's deadline is that of many calls."""

    def __init__(self, inner: OutsideHelpdesk, guard: Guard) -> None:
        self.system = inner.system
        self.states = inner.states
        self.settle_s = inner.settle_s
        self._inner = inner
        self._guard = guard

    def find(self, draft: TicketDraft) -> OutsideTicket | None:
        """Return the ticket with the draft's key, or None when there is none."""
        return self._guard.call(lambda: self._inner.find(draft))

    def create(self, draft: TicketDraft) -> OutsideTicket:
        """Make a ticket."""
        return self._guard.call(lambda: self._inner.create(draft))

    def complete(self, external_id: str, draft: TicketDraft) -> None:
        """Write what the ticket says, unless it is there."""
        self._guard.call(lambda: self._inner.complete(external_id, draft))

    def add_note(self, external_id: str, note: OutsideNote) -> None:
        """Add a note, unless one with its key is there."""
        self._guard.call(lambda: self._inner.add_note(external_id, note))

    def read(self, external_id: str) -> OutsideTicket:
        """Return how the ticket stands. Raises NotFound."""
        return self._guard.call(lambda: self._inner.read(external_id))

    def said(self, external_id: str) -> tuple[PersonSays, ...]:
        """Return what people there wrote to the customer. Raises NotFound."""
        return self._guard.call(lambda: self._inner.said(external_id))

    def set_state(self, external_id: str, state: str) -> OutsideTicket:
        """Move the ticket; return how it stands then. Raises NotFound."""
        return self._guard.call(lambda: self._inner.set_state(external_id, state))


class GuardedHandOffDesk:
    """An outside desk for chats behind a guard, whose deadline is that of many calls."""

    def __init__(self, inner: HandOffDesk, guard: Guard) -> None:
        self.system = inner.system
        self._inner = inner
        self._guard = guard

    def open(self, key: str, brief: HandOffBrief, lines: Sequence[Line]) -> str:
        """Give a chat to people; return its id there."""
        return self._guard.call(lambda: self._inner.open(key, brief, lines))

    def forward(self, external_id: str, lines: Sequence[Line]) -> None:
        """Tell people what was said since."""
        self._guard.call(lambda: self._inner.forward(external_id, lines))

    def read(self, external_id: str, after: int) -> ThreadNews:
        """Return how the chat stands there, and what people wrote. Raises NotFound."""
        return self._guard.call(lambda: self._inner.read(external_id, after))

    def tell(self, external_id: str, key: str, text: str) -> None:
        """Tell people something the customer does not see."""
        self._guard.call(lambda: self._inner.tell(external_id, key, text))

    def close(self, external_id: str) -> None:
        """Mark the chat as done."""
        self._guard.call(lambda: self._inner.close(external_id))


class GuardedBotDesk:
    """A desk whose bot we are, behind a guard."""

    def __init__(self, inner: BotDesk, guard: Guard) -> None:
        self.system = inner.system
        self._inner = inner
        self._guard = guard

    def say(self, conversation: int, utterance: Utterance) -> None:
        """Say something to the customer."""
        self._guard.call(lambda: self._inner.say(conversation, utterance))

    def has_bot(self, conversation: int, assignee: int | None) -> bool | None:
        """Tell whether the bot has the conversation now."""
        return self._guard.call(lambda: self._inner.has_bot(conversation, assignee))

    def hand_over(self, conversation: int) -> None:
        """Give the conversation to people."""
        self._guard.call(lambda: self._inner.hand_over(conversation))
