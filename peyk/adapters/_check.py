"""A look at an outside system for `peyk doctor`: every error becomes a finding with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from peyk.adapters._http import NothingThere
from peyk.domain.systems import Health
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited
from peyk.ports.shops import OrderFeed

REFUSED = "the credentials are refused ({why}): look at them in the system's own panel"
PAUSED = "it asks for a pause: look again {when}"
UNREADABLE = "its answer cannot be read ({why}): is the address right, and are the names of its fields?"
NOTHING = "there is nothing at this address: check it, path and all"
DOWN = "it does not answer ({why}): is the address right, and may this machine reach it?"


class HasClock(Protocol):
    """Whoever has seen a system's clock: an `Http`, or a client that has one."""

    @property
    def clock_s(self) -> float | None:
        """How many seconds the clock was ahead of ours at the last answer; None when it did not say."""
        ...


def looked(seen: HasClock | None, call: Callable[[], str], *, credentials: bool = True, example: bool = True) -> Health:
    """Return what `call` has shown, which returns a sample of what it read. Raises no ExternalError.

    `credentials`: it was asked with some. `example`: for one thing of its own, so that not to know it is an answer too;
    else nothing is where the API should be.
    """
    taken = True if credentials else None

    def clock_s() -> float | None:
        return seen.clock_s if seen is not None else None

    try:
        return Health(reachable=True, credentials=taken, sample=call(), clock_s=clock_s())
    except (NotFound, NotYet):
        return Health(reachable=True, credentials=taken, clock_s=clock_s(), advice="" if example else NOTHING)
    except AccessRefused as exc:
        return Health(reachable=True, credentials=False, clock_s=clock_s(), advice=REFUSED.format(why=exc))
    except RateLimited as exc:
        when = f"in {exc.retry_after_s} s" if exc.retry_after_s else "later"
        return Health(reachable=True, clock_s=clock_s(), quota="none", advice=PAUSED.format(when=when))
    except NothingThere:
        return Health(reachable=True, clock_s=clock_s(), advice=NOTHING)
    except BadAnswer as exc:
        return Health(reachable=True, clock_s=clock_s(), advice=UNREADABLE.format(why=exc))
    except ExternalError as exc:
        return Health(reachable=False, advice=DOWN.format(why=exc))


def first_order(feed: OrderFeed) -> str:
    """Return what the first page of a shop's orders shows. Raises what the feed does."""
    page = feed.page(None, None)
    if page.orders:
        return f"order {page.orders[0].order.number} of {page.total}"
    return f"order {page.unreadable[0]}, which cannot be read" if page.unreadable else "no orders yet"
