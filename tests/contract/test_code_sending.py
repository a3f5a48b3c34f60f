"""One-time codes by several vendors: once a key, by the first that takes them, within the shop's caps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from peyk.domain.code_sends import SendState
from peyk.errors import ExternalError, RateLimited, Unavailable
from peyk.ports.messenger import Handed
from peyk.services.code_sending import ASKED_AT_ONCE, SendCodes
from peyk.settings import Settings
from peyk.store.code_sends import StoredCodeSends
from peyk.store.engine import make_engine, reading
from peyk.store.tables import code_sends
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock

MOBILE, CODE = "09121234567", "483920"
DEADLINE_S = 4.0


class Vendor:
    """Takes every code unless told otherwise."""

    def __init__(self, system: str, cost_rial: int = 100) -> None:
        self.system = system
        self.cost_rial = cost_rial
        self.codes: list[str] = []
        self.error: ExternalError | None = None
        self.state: SendState | ExternalError = SendState.HANDED_OVER
        self.asked: list[str] = []

    def send(self, mobile: str, code: str, language: str) -> Handed:
        if self.error:
            raise self.error
        self.codes.append(code)
        return Handed(f"{self.system}-{len(self.codes)}")

    def delivery(self, message_id: str) -> SendState:
        self.asked.append(message_id)
        if isinstance(self.state, ExternalError):
            raise self.state
        return self.state


class World:
    """Two vendors and what they are asked by."""

    def __init__(self, engine: Engine, clock: FakeClock, **settings: int) -> None:
        self.first, self.second = Vendor("kavenegar"), Vendor("smsir", cost_rial=250)
        self.engine = engine
        self.sends = StoredCodeSends(engine)
        self.clock = clock
        chosen = Settings().model_copy(update=settings)
        self.messenger = SendCodes([self.first, self.second], self.sends, clock, chosen, DEADLINE_S)

    def send(self, key: str = "key-1", code: str = CODE) -> None:
        self.messenger.send_code(MOBILE, code, "fa", key)

    def states(self) -> list[tuple[str, str]]:
        with reading(self.engine) as connection:
            rows = connection.execute(select(code_sends.c.system, code_sends.c.state).order_by(code_sends.c.key))
            return [(row.system, row.state) for row in rows]


@pytest.fixture
def world(engine: Engine, clock: FakeClock) -> World:
    return World(engine, clock)


def test_the_first_vendor_sends(world: World) -> None:
    world.send()
    assert (world.first.codes, world.second.codes) == ([CODE], [])
    assert world.states() == [("kavenegar", "handed_over")]


@pytest.mark.parametrize("error", [Unavailable("kavenegar"), RateLimited("kavenegar")])
def test_the_next_takes_over_when_it_fails(world: World, error: ExternalError) -> None:
    world.first.error = error
    world.send()
    assert world.second.codes == [CODE]
    assert world.states() == [("smsir", "handed_over")]


def test_when_all_fail_it_is_told_and_may_be_tried_again(world: World) -> None:
    world.first.error, world.second.error = Unavailable("kavenegar"), RateLimited("smsir")
    with pytest.raises(RateLimited):
        world.send()
    assert world.states() == []
    world.first.error = None
    world.send()
    assert world.first.codes == [CODE]


def test_the_same_key_sends_once(world: World) -> None:
    world.send()
    world.send()
    world.send("key-2")
    assert len(world.first.codes) == 2


def test_the_same_key_sends_once_also_at_the_same_time(world: World) -> None:
    in_parallel(lambda _: world.send())
    assert len(world.first.codes) == 1


def test_a_process_that_died_while_sending_holds_the_key_for_a_while_only(world: World) -> None:
    assert world.sends.begin("key-1", NOW, 2 * DEADLINE_S)
    world.send()
    assert world.first.codes == []
    world.clock.advance(seconds=2 * DEADLINE_S)
    world.send()
    assert world.first.codes == [CODE]


def test_the_shops_cap_of_messages_holds(engine: Engine, clock: FakeClock) -> None:
    world = World(engine, clock, sms_per_day=2)
    world.send("key-1")
    world.send("key-2")
    with pytest.raises(RateLimited):
        world.send("key-3")
    assert len(world.first.codes) == 2
    clock.advance(days=1, seconds=1)
    world.send("key-3")


def test_the_shops_cap_of_money_counts_what_each_vendor_costs(engine: Engine, clock: FakeClock) -> None:
    world = World(engine, clock, sms_rial_per_day=300)
    world.first.error = Unavailable("kavenegar")
    world.send("key-1")
    assert world.sends.spent(NOW - timedelta(days=1)) == (1, 250)
    world.send("key-2")
    with pytest.raises(RateLimited):
        world.send("key-3")


@pytest.mark.parametrize("state", [SendState.DELIVERED, SendState.FAILED, SendState.TAKEN])
def test_what_became_of_a_message_is_kept(world: World, state: SendState) -> None:
    world.send()
    world.messenger.tick(world.clock.now())
    assert world.states() == [("kavenegar", "handed_over")]
    world.first.state = state
    world.messenger.tick(world.clock.now())
    assert world.states() == [("kavenegar", state.value)]


def test_a_vendor_that_does_not_know_is_asked_later_and_not_for_ever(world: World) -> None:
    world.send()
    world.first.state = Unavailable("kavenegar")
    world.messenger.tick(world.clock.now())
    assert len(world.sends.open(NOW - timedelta(hours=1))) == 1
    world.clock.advance(hours=1, seconds=1)
    world.first.state = SendState.DELIVERED
    world.messenger.tick(world.clock.now())
    assert world.states() == [("kavenegar", "handed_over")]


def test_messages_nothing_is_heard_of_hold_up_no_newer_ones(world: World) -> None:
    for number in range(ASKED_AT_ONCE + 10):
        world.send(f"key-{number}")
        world.clock.advance(seconds=1)
    for _ in range(2):
        world.clock.advance(seconds=30)
        world.messenger.tick(world.clock.now())
    every = [f"kavenegar-{number + 1}" for number in range(ASKED_AT_ONCE + 10)]
    # All in their turn, and then from the first again.
    assert world.first.asked == (every * 2)[: 2 * ASKED_AT_ONCE]


def test_of_a_vendor_that_is_not_connected_any_more_nothing_is_asked(world: World, clock: FakeClock) -> None:
    world.send()
    SendCodes([world.second], world.sends, clock, Settings(), DEADLINE_S).tick(clock.now())
    assert world.states() == [("kavenegar", "taken")]


def test_neither_code_nor_mobile_is_kept(world: World) -> None:
    world.send()
    with reading(world.engine) as connection:
        kept = str(connection.execute(select(code_sends)).all())
    assert CODE not in kept
    assert MOBILE not in kept


def test_a_code_that_is_out_is_not_called_unsent_because_the_store_went_away(world: World, clock: FakeClock) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/nothing")

    class Forgetful(StoredCodeSends):
        def done(self, key: str, system: str, handed: Handed | None, cost_rial: int) -> None:
            StoredCodeSends(away).done(key, system, handed, cost_rial)

    SendCodes([world.first], Forgetful(world.engine), clock, Settings(), DEADLINE_S).send_code(MOBILE, CODE, "fa", "k")
    assert world.first.codes == [CODE]
    away.dispose()
