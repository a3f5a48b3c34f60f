"""What every outside system is wrapped in: a deadline and a circuit breaker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog
from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from peyk.domain.conversations import Utterance
from peyk.domain.orders import Order
from peyk.domain.outside import HandOffBrief, Line, OutsideNote, OutsideTicket, ThreadNews, TicketDraft
from peyk.domain.payments import Payment
from peyk.domain.shipments import Tracking
from peyk.domain.shipping import PaymentMethods, Product, ReturnPolicy, ShippingZone
from peyk.errors import BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Unavailable
from peyk.ports.bot_desk import BotDesk
from peyk.ports.carrier import Carrier
from peyk.ports.handoff_desk import HandOffDesk
from peyk.ports.helpdesk import OutsideHelpdesk
from peyk.ports.messenger import Messenger
from peyk.ports.orders import OrderSource
from peyk.ports.payments import PaymentGateway
from peyk.ports.storefront import Storefront

log = structlog.get_logger(__name__)

T = TypeVar("T")
PLACES = 32


class Guard:
    """Lets calls to one system through, never longer than the deadline and not at all while it is down.

    After `failures` calls in a row that found it down (or asking for a pause) calls are refused with the
    last failure for `reset_s`, then one call may try. A slow call holds one of the guard's own `PLACES`
    until it ends, so one system cannot use up the threads of another.
    """

    def __init__(self, system: str, *, deadline_s: float, failures: int, reset_s: float) -> None:
        self.system = system
        self._deadline_s = deadline_s
        self._reset = timedelta(seconds=reset_s)
        self._places = threading.BoundedSemaphore(PLACES)
        self._trying = threading.Lock()
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._last_failure: type[ExternalError] = Unavailable
        self._breaker = CircuitBreaker(
            fail_max=failures,
            reset_timeout=reset_s,
            # These are answers: whoever gives them is there.
            exclude=[NotFound, NotYet, BadAnswer],
            state_storage=self._storage,
            name=system,
            throw_new_error_on_trip=False,
        )

    def call(self, call: Callable[[], T]) -> T:
        """Return what `call` returns.

        Raises the ExternalError it raised, Unavailable when it was slower than the deadline, or the
        system's last failure without calling while the breaker is open. Any other exception is an
        answer we could not read: BadAnswer.
        """
        if self._breaker.current_state == STATE_CLOSED:
            return self._judged(call)
        if not self._may_try() or not self._trying.acquire(blocking=False):
            raise self._last_failure(self.system, "refused while it is down")
        try:
            return self._judged(call)
        finally:
            self._trying.release()

    def _judged(self, call: Callable[[], T]) -> T:
        try:
            result = self._in_time(call)
        except ExternalError as exc:
            if isinstance(exc, (Unavailable, RateLimited)):
                self._last_failure = type(exc)
            self._tell(exc)
            raise
        self._tell(None)
        return result

    def _in_time(self, call: Callable[[], T]) -> T:
        until = monotonic() + self._deadline_s
        if not self._places.acquire(timeout=self._deadline_s):
            raise Unavailable(self.system, "too many slow calls under way")
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(call())
            except BaseException as exc:  # noqa: BLE001 - it is raised again where the answer is awaited
                future.set_exception(exc)
            finally:
                self._places.release()

        # A daemon: a system that never answers must not keep the process from ending.
        threading.Thread(target=run, name=f"guard-{self.system}", daemon=True).start()
        try:
            return future.result(timeout=max(0.0, until - monotonic()))
        except ExternalError:
            raise
        except FutureTimeoutError:
            raise Unavailable(self.system, "slower than the deadline") from None
        except Exception as exc:
            log.exception("adapter.failed", system=self.system)
            raise BadAnswer(self.system, type(exc).__name__) from exc

    def _may_try(self) -> bool:
        opened_at = self._storage.opened_at
        return opened_at is None or datetime.now(UTC) >= opened_at + self._reset

    def _tell(self, outcome: ExternalError | None) -> None:
        """Tell the breaker how a call went; it keeps its lock while it calls, so it gets no slow call itself."""

        def replay() -> None:
            if outcome is not None:
                raise outcome

        try:
            self._breaker.call(replay)
        except (ExternalError, CircuitBreakerError):
            return


class ResilientCarrier:
    """A carrier behind a guard. Its last good answers are the services' to keep: they know why one is stale."""

    def __init__(self, inner: Carrier, guard: Guard) -> None:
        self.id = inner.id
        self._inner = inner
        self._guard = guard

    def recognises(self, code: str) -> bool:
        """Tell whether `code` has the shape of this carrier's codes; no I/O."""
        return self._inner.recognises(code)

    def track(self, code: str) -> Tracking:
        """Return what the carrier says now. Raises what the port says."""
        return self._guard.call(lambda: self._inner.track(code))


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


class GuardedPayments:
    """A payment gateway behind a guard."""

    def __init__(self, inner: PaymentGateway, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def inquire(self, order_number: str) -> Payment:
        """Return the newest payment attempt of an order. Raises NotFound."""
        return self._guard.call(lambda: self._inner.inquire(order_number))


class GuardedMessenger:
    """A messenger behind a guard; the key keeps a late delivery from becoming a second one."""

    def __init__(self, inner: Messenger, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    def send_code(self, mobile: str, code: str, language: str, key: str) -> None:
        """Send `code` once per `key`."""
        self._guard.call(lambda: self._inner.send_code(mobile, code, language, key))


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

    def is_pending(self, conversation: int) -> bool | None:
        """Tell whether the bot has the conversation now."""
        return self._guard.call(lambda: self._inner.is_pending(conversation))

    def hand_over(self, conversation: int) -> None:
        """Give the conversation to people."""
        self._guard.call(lambda: self._inner.hand_over(conversation))
