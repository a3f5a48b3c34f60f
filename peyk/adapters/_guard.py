"""A deadline and a circuit breaker for one outside system."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TypeVar

import structlog
from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from peyk.adapters._pace import UsedUp
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    ExternalError,
    NotFound,
    NotOffered,
    NotYet,
    RateLimited,
    Unavailable,
    Unsure,
)
from peyk.ports.systems import SystemStates
from peyk.threads import in_thread

log = structlog.get_logger(__name__)

T = TypeVar("T")
PLACES = 32
SHOWN_FRAMES = 3


def unexpected(system: str, exc: BaseException) -> BadAnswer:
    """Return what an exception nobody has foreseen comes out as.

    The log says which one and where, never its message: an adapter's own may quote a credential or a customer.
    """
    frames = traceback.extract_tb(exc.__traceback__)[-SHOWN_FRAMES:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    log.error("adapter.failed", system=system, error=type(exc).__name__, where=where)
    return BadAnswer(system, type(exc).__name__)


def spared(system: str, call: Callable[[], T], otherwise: T) -> T:
    """Return what a call of an adapter that asks nobody returns; `otherwise` where it fails."""
    try:
        return call()
    except Exception as exc:  # noqa: BLE001 - somebody else's code may raise anything
        unexpected(system, exc)
        return otherwise


class Guard:
    """Lets calls to one system through, never longer than the deadline and not at all while it is down.

    After `failures` calls in a row that found it down (or asking for a pause) calls are refused with the
    last failure for `reset_s`, then one call may try. What our own limits refuse counts as nothing. A
    slow call holds one of the guard's own `at_once` places until it ends, so one system cannot use up
    the threads of another. `states` is told of every change.
    """

    def __init__(
        self,
        system: str,
        *,
        deadline_s: float,
        failures: int,
        reset_s: float,
        at_once: int = PLACES,
        states: SystemStates | None = None,
    ) -> None:
        self.system = system
        self._deadline_s = deadline_s
        self._states = states
        self._reset = timedelta(seconds=reset_s)
        self._places = threading.BoundedSemaphore(at_once)
        self._trying = threading.Lock()
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._last_failure: type[ExternalError] = Unavailable
        self._breaker = CircuitBreaker(
            fail_max=failures,
            reset_timeout=reset_s,
            # These are answers: whoever gives them is there.
            exclude=[NotFound, NotYet, BadAnswer, AccessRefused],
            state_storage=self._storage,
            name=system,
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> str:
        """`closed` while calls go through, `open` while none does, `half-open` while one tries."""
        return str(self._breaker.current_state)

    def call(self, call: Callable[[], T]) -> T:
        """Return what `call` returns.

        Raises the ExternalError it raised, Unsure when it was slower than the deadline, UsedUp when no
        place became free, or the system's last failure without calling while the breaker is open. Any
        other exception is an answer we could not read: BadAnswer.
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
        before = self._opened()
        try:
            result = self._in_time(call)
        except (NotOffered, UsedUp):
            # It says nothing of how the system is: neither a failure nor an answer that ends a row of them.
            raise
        except ExternalError as exc:
            if isinstance(exc, (Unavailable, RateLimited)):
                # Whoever is refused while it is held off has not asked: nothing is unsure then.
                self._last_failure = RateLimited if isinstance(exc, RateLimited) else Unavailable
            self._tell(exc)
            self._note(before)
            raise
        self._tell(None)
        self._note(before)
        return result

    def _in_time(self, call: Callable[[], T]) -> T:
        until = monotonic() + self._deadline_s
        if not self._places.acquire(timeout=self._deadline_s):
            raise UsedUp(self.system, "as many calls as may be are under way")

        def in_a_place() -> T:
            try:
                return call()
            finally:
                self._places.release()

        future = in_thread(in_a_place)
        try:
            return future.result(timeout=max(0.0, until - monotonic()))
        except ExternalError:
            raise
        except FutureTimeoutError:
            raise Unsure(self.system, "slower than the deadline") from None
        except (Exception, SystemExit) as exc:  # noqa: BLE001 - somebody else's code may raise anything
            failure = unexpected(self.system, exc)
        # Outside the handler, or the message would travel with it.
        raise failure

    def _may_try(self) -> bool:
        opened_at = self._storage.opened_at
        return opened_at is None or datetime.now(UTC) >= opened_at + self._reset

    def _note(self, before: datetime | None) -> None:
        """Note where the breaker has gone since it was opened at `before`, if it was."""
        opened_at = self._opened()
        if opened_at == before:
            return
        if opened_at is None:
            log.info("system.let_in", system=self.system)
        else:
            log.warning("system.held_off", system=self.system, kind=self._last_failure.kind)
        if self._states is None:
            return
        if opened_at is None:
            self._states.let_in(self.system)
        else:
            self._states.hold_off(self.system, self._last_failure.kind, opened_at, opened_at + self._reset)

    def _opened(self) -> datetime | None:
        return self._storage.opened_at if self._breaker.current_state != STATE_CLOSED else None

    def _tell(self, outcome: ExternalError | None) -> None:
        """Tell the breaker how a call went; it keeps its lock while it calls, so it gets no slow call itself."""

        def replay() -> None:
            if outcome is not None:
                raise outcome

        try:
            self._breaker.call(replay)
        except (ExternalError, CircuitBreakerError):
            return
