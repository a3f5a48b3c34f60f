"""Who a conversation's customer is, for the people of the shop."""

from __future__ import annotations

from dataclasses import dataclass

from peyk.domain.contacts import Tag
from peyk.domain.orders import Order
from peyk.domain.tickets import Ticket
from peyk.errors import ExternalError
from peyk.ports import Clock, OrderSource
from peyk.ports.crm import Contacts
from peyk.ports.helpdesk import Helpdesk
from peyk.ports.records import Verifications

ORDERS, TICKETS, TAGS = 5, 10, 50


@dataclass(frozen=True, slots=True)
class Customer:
    """Who writes, as far as it is proven; `unavailable` says that the shop did not answer."""

    mobile: str | None = None
    name: str = ""
    vip: bool = False
    orders: tuple[Order, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    # What went wrong with orders of theirs, the newest first, each once.
    tags: tuple[Tag, ...] = ()
    unavailable: bool = False


class ShowCustomer:
    """Finds the customer by the mobile proven in the conversation; without a proof there are only its own tickets."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        orders: OrderSource,
        helpdesk: Helpdesk,
        contacts: Contacts,
        clock: Clock,
    ) -> None:
        self._verifications = verifications
        self._orders = orders
        self._helpdesk = helpdesk
        self._contacts = contacts
        self._clock = clock

    def of(self, conversation_id: str) -> Customer:
        """Return the customer of a conversation; a shop that does not answer takes nothing else away."""
        proof = self._verifications.current(conversation_id, self._clock.now())
        mobile = proof.mobile if proof else None
        tickets = tuple(self._helpdesk.tickets_of(conversation_id=conversation_id, mobile=mobile, limit=TICKETS))
        if mobile is None:
            return Customer(tickets=tickets)
        tags = tuple(dict.fromkeys(each.tag for each in self._contacts.of(mobile, TAGS)))
        try:
            orders = tuple(self._orders.by_mobile(mobile, ORDERS))
        except ExternalError:
            return Customer(mobile, tickets=tickets, tags=tags, unavailable=True)
        name = orders[0].customer_name if orders else ""
        return Customer(mobile, name, any(order.vip for order in orders), orders, tickets, tags)
