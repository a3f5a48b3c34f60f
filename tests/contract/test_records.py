"""Records: the store on both databases and the fakes keep alike; the store also under concurrent calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from peyk.domain.identity import Verification
from peyk.domain.shipments import DeliveryStatus, ExceptionReason
from peyk.errors import Throttled
from peyk.ports.records import OtpChallenge, Records, Window
from peyk.store.audit import verify
from peyk.store.engine import reading
from peyk.store.limits import StoredLimiter
from peyk.store.records import make_records
from peyk.store.tables import limit_hits
from tests.contract.conftest import SUBJECTS
from tests.fakes.parallel import in_parallel
from tests.fakes.statements import statements
from tests.unit.services.fakes import (
    NOW,
    FakeAudit,
    FakeClock,
    FakeLimiter,
    FakeOtp,
    FakeRatings,
    FakeSnapshots,
    FakeVerifications,
    tracking,
)

KEY = "k" * 32
CHALLENGE = OtpChallenge("c1", "09121234567", "hash", NOW, NOW + timedelta(minutes=2), 3)
PROOF = Verification("c1", "09121234567", "otp", NOW + timedelta(minutes=30))


@pytest.fixture(params=SUBJECTS)
def kept(request: pytest.FixtureRequest, engine_of: Callable[[str], Engine], clock: FakeClock) -> Records:
    if request.param == "fake":
        limiter = FakeLimiter(clock)
        return Records(FakeOtp(), FakeVerifications(), limiter, FakeRatings(), FakeSnapshots(), FakeAudit())
    return make_records(engine_of(request.param), clock, KEY)


@pytest.fixture
def stored(engine: Engine, clock: FakeClock) -> Records:
    return make_records(engine, clock, KEY)


class TestOneTimeCodes:
    def test_the_open_challenge_is_the_newest(self, kept: Records) -> None:
        assert kept.otp.current("c1") is None
        kept.otp.replace(CHALLENGE)
        newer = replace(CHALLENGE, code_hash="newer", mobile="+447700900123")
        kept.otp.replace(newer)
        assert kept.otp.current("c1") == newer
        assert kept.otp.use("c1", "hash", NOW) is None

    def test_the_right_code_is_spent(self, kept: Records) -> None:
        kept.otp.replace(CHALLENGE)
        assert kept.otp.use("c1", "hash", NOW) == CHALLENGE
        assert kept.otp.current("c1") is None
        assert kept.otp.use("c1", "hash", NOW) is None

    def test_a_wrong_code_takes_a_try_away_and_the_last_locks(self, kept: Records) -> None:
        kept.otp.replace(CHALLENGE)
        for left in (2, 1, 0, 0):
            assert kept.otp.use("c1", "wrong", NOW) is None
            current = kept.otp.current("c1")
            assert current is not None
            assert current.tries_left == left
        assert kept.otp.use("c1", "hash", NOW) is None

    def test_a_code_works_until_it_expires(self, kept: Records) -> None:
        kept.otp.replace(CHALLENGE)
        assert kept.otp.use("c1", "hash", CHALLENGE.expires_at) is None
        assert kept.otp.use("c1", "hash", CHALLENGE.expires_at - timedelta(microseconds=1)) is not None

    def test_a_code_works_in_its_own_conversation(self, kept: Records) -> None:
        kept.otp.replace(CHALLENGE)
        assert kept.otp.use("c2", "hash", NOW) is None
        assert kept.otp.current("c1") == CHALLENGE

    def test_a_void_challenge_is_gone(self, kept: Records) -> None:
        kept.otp.replace(CHALLENGE)
        kept.otp.void("c1")
        kept.otp.void("c2")
        assert kept.otp.current("c1") is None

    def test_of_concurrent_right_codes_one_succeeds(self, stored: Records) -> None:
        stored.otp.replace(CHALLENGE)
        results = in_parallel(lambda _: stored.otp.use("c1", "hash", NOW))
        assert [result for result in results if result] == [CHALLENGE]

    def test_concurrent_wrong_codes_all_count(self, stored: Records) -> None:
        stored.otp.replace(replace(CHALLENGE, tries_left=10))
        in_parallel(lambda _: stored.otp.use("c1", "wrong", NOW))
        current = stored.otp.current("c1")
        assert current is not None
        assert current.tries_left == 2


class TestVerifications:
    def test_a_proof_counts_until_it_expires_in_its_own_conversation(self, kept: Records) -> None:
        kept.verifications.grant(PROOF)
        assert kept.verifications.current("c1", NOW) == PROOF
        assert kept.verifications.current("c1", PROOF.expires_at) is None
        assert kept.verifications.current("c2", NOW) is None

    def test_a_new_proof_takes_the_place_of_the_old(self, kept: Records) -> None:
        kept.verifications.grant(PROOF)
        other = replace(PROOF, mobile="09351112233", method="telegram", expires_at=NOW + timedelta(hours=1))
        kept.verifications.grant(other)
        assert kept.verifications.current("c1", NOW) == other


class TestLimiter:
    def test_a_limit_is_reached_and_the_window_slides(self, kept: Records, clock: FakeClock) -> None:
        kept.limiter.hit(guesses(2))
        clock.advance(seconds=20)
        kept.limiter.hit(guesses(2))
        with pytest.raises(Throttled) as caught:
            kept.limiter.hit(guesses(2))
        assert (caught.value.scope, caught.value.retry_after_s) == ("guess", 40)
        clock.advance(seconds=40)
        kept.limiter.hit(guesses(2))
        with pytest.raises(Throttled) as caught:
            kept.limiter.check(guesses(2))
        assert caught.value.retry_after_s == 20

    def test_looking_counts_nothing(self, kept: Records) -> None:
        for _ in range(5):
            kept.limiter.check(guesses(1))
        kept.limiter.hit(guesses(1))

    def test_a_refused_event_counts_nothing(self, kept: Records, clock: FakeClock) -> None:
        kept.limiter.hit(guesses(1))
        clock.advance(seconds=59)
        with pytest.raises(Throttled):
            kept.limiter.hit(guesses(1))
        clock.advance(seconds=1)
        kept.limiter.hit(guesses(1))

    def test_scopes_and_keys_are_apart(self, kept: Records) -> None:
        kept.limiter.hit([*guesses(1), *guesses(1, "c2"), Window("otp", "c1", 1, 60)])
        kept.limiter.check([*guesses(1, "c3"), Window("otp", "c3", 1, 60)])

    def test_no_windows_are_never_used_up(self, kept: Records) -> None:
        kept.limiter.check([])
        kept.limiter.hit([])
        kept.limiter.hit([], once="TS-104233")

    def test_one_that_is_used_up_keeps_the_event_from_all(self, kept: Records) -> None:
        kept.limiter.hit(guesses(1, "c2"))
        with pytest.raises(Throttled):
            kept.limiter.hit([*guesses(1), *guesses(1, "c2")])
        kept.limiter.hit(guesses(1))

    def test_the_first_that_is_used_up_is_named(self, kept: Records) -> None:
        kept.limiter.hit([Window("otp", "c1", 1, 90), *guesses(1)])
        with pytest.raises(Throttled) as caught:
            kept.limiter.check([*guesses(1, "c2"), Window("otp", "c1", 1, 90), *guesses(1)])
        assert (caught.value.scope, caught.value.retry_after_s) == ("otp", 90)

    def test_the_same_once_counts_once_in_each_window(self, kept: Records, clock: FakeClock) -> None:
        for _ in range(3):
            kept.limiter.hit(guesses(2), once="TS-104233")
        kept.limiter.hit([*guesses(2), *guesses(2, "c2")], once="TS-104233")
        kept.limiter.hit(guesses(2), once="TS-104201")
        kept.limiter.hit(guesses(2), once="TS-104233")
        with pytest.raises(Throttled):
            kept.limiter.hit(guesses(2), once="TS-104180")
        kept.limiter.hit(guesses(2, "c2"), once="TS-104180")
        with pytest.raises(Throttled):
            kept.limiter.check(guesses(2, "c2"))
        clock.advance(seconds=60)
        kept.limiter.hit(guesses(1), once="TS-104233")
        with pytest.raises(Throttled):
            kept.limiter.check(guesses(1))

    def test_a_refused_once_is_not_remembered(self, kept: Records, clock: FakeClock) -> None:
        kept.limiter.hit(guesses(1), once="TS-104233")
        clock.advance(seconds=30)
        with pytest.raises(Throttled):
            kept.limiter.hit([*guesses(1, "c2"), *guesses(1)], once="TS-104201")
        clock.advance(seconds=30)
        kept.limiter.hit([*guesses(1, "c2"), *guesses(1)], once="TS-104201")
        with pytest.raises(Throttled):
            kept.limiter.check(guesses(1, "c2"))

    def test_a_known_once_costs_one_look_and_no_write(self, engine: Engine, stored: Records) -> None:
        windows = [*guesses(5), *guesses(5, "c2")]
        with statements(engine) as first:
            stored.limiter.hit(windows, once="TS-104233")
        assert any(each.startswith("INSERT") for each in first)
        with statements(engine) as again:
            stored.limiter.hit(windows, once="TS-104233")
        assert [each.split()[0] for each in again] == ["SELECT"]

    def test_several_windows_cost_one_look(self, engine: Engine, stored: Records) -> None:
        with statements(engine) as looked:
            stored.limiter.check([*guesses(5), *guesses(5, "c2"), Window("otp", "c1", 1, 90)])
        assert [each.split()[0] for each in looked] == ["SELECT"]

    def test_concurrent_events_never_pass_the_limit(self, stored: Records) -> None:
        results = in_parallel(lambda _: stored.limiter.hit(guesses(3)))
        assert sum(isinstance(result, Throttled) for result in results) == 5

    def test_concurrent_events_in_several_windows_never_pass_one(self, stored: Records) -> None:
        orders = ([*guesses(3), *guesses(9, "c2")], [*guesses(9, "c2"), *guesses(3)])
        results = in_parallel(lambda index: stored.limiter.hit(orders[index % 2]))
        assert sum(isinstance(result, Throttled) for result in results) == 5
        stored.limiter.check(guesses(4, "c2"))
        with pytest.raises(Throttled):
            stored.limiter.check(guesses(3, "c2"))

    def test_of_the_same_once_at_the_same_time_one_counts(self, stored: Records) -> None:
        assert in_parallel(lambda _: stored.limiter.hit(guesses(2), once="TS-104233")) == [None] * 8
        stored.limiter.check(guesses(2))

    def test_events_outlive_the_process(self, engine: Engine, clock: FakeClock) -> None:
        StoredLimiter(engine, clock).hit(guesses(1))
        with pytest.raises(Throttled):
            StoredLimiter(engine, clock).check(guesses(1))

    def test_old_events_of_a_key_are_dropped(self, engine: Engine, stored: Records, clock: FakeClock) -> None:
        for _ in range(5):
            stored.limiter.hit(guesses(5))
        clock.advance(seconds=60)
        stored.limiter.hit(guesses(5))
        assert _events(engine) == 1

    def test_a_limit_of_nothing_is_always_reached(self, stored: Records) -> None:
        with pytest.raises(Throttled):
            stored.limiter.check(guesses(0))
        with pytest.raises(Throttled):
            stored.limiter.hit(guesses(0), once="TS-104233")


class TestRatings:
    def test_the_first_rating_of_a_conversation_is_told_apart(self, kept: Records) -> None:
        assert kept.ratings.save("TS-104201", 5, "c1", True, NOW) is True
        assert kept.ratings.save("TS-104201", 2, "c1", True, NOW) is False
        assert kept.ratings.save("TS-104201", 2, "c2", False, NOW) is True
        assert kept.ratings.save("TS-104165", 1, "c1", True, NOW) is True

    @pytest.mark.parametrize("rating", [0, 6, -1])
    def test_other_numbers_are_refused(self, stored: Records, rating: int) -> None:
        with pytest.raises(ValueError, match="1 to 5"):
            stored.ratings.save("TS-104201", rating, "c1", True, NOW)

    def test_of_concurrent_ratings_one_is_the_first(self, stored: Records) -> None:
        firsts = in_parallel(lambda index: stored.ratings.save("TS-104201", 1 + index % 5, "c1", True, NOW))
        assert firsts.count(True) == 1


class TestSnapshots:
    def test_the_last_good_answer_comes_back_as_it_was(self, kept: Records) -> None:
        full = tracking(
            DeliveryStatus.READY_FOR_PICKUP,
            reason=ExceptionReason.CONSIGNEE_NOT_HOME,
            eta=NOW + timedelta(days=1),
            attempts=2,
            pickup_until=NOW + timedelta(days=4),
            pickup_place_fa="نمایندگی",
            pickup_place_en="Agency",
            signed_by_fa="پذیرش",
            signed_by_en="Reception",
            parts=(tracking(code="TRK-88392011 (1/2)"), tracking(DeliveryStatus.DELIVERED, code="TRK-88392011 (2/2)")),
        )
        assert all(getattr(full, field.name) for field in fields(full) if field.compare and field.name != "stale")
        kept.snapshots.save(full)
        assert kept.snapshots.last("post", "TRK-88392011") == full

    def test_a_plain_answer_comes_back_as_it_was(self, kept: Records) -> None:
        plain = tracking(events=())
        kept.snapshots.save(plain)
        assert kept.snapshots.last("post", "TRK-88392011") == plain

    def test_a_newer_answer_takes_the_place_of_the_old(self, kept: Records) -> None:
        kept.snapshots.save(tracking())
        newer = tracking(DeliveryStatus.DELIVERED, as_of=NOW + timedelta(hours=1))
        kept.snapshots.save(newer)
        assert kept.snapshots.last("post", "TRK-88392011") == newer

    def test_an_older_answer_that_comes_late_does_not(self, stored: Records) -> None:
        stored.snapshots.save(tracking())
        stored.snapshots.save(tracking(DeliveryStatus.PENDING, as_of=NOW - timedelta(seconds=1)))
        assert stored.snapshots.last("post", "TRK-88392011") == tracking()

    def test_other_codes_and_carriers_have_none(self, kept: Records) -> None:
        kept.snapshots.save(tracking())
        assert kept.snapshots.last("tipax", "TRK-88392011") is None
        assert kept.snapshots.last("post", "TRK-00000000") is None


class TestAudit:
    def test_rows_are_taken(self, kept: Records) -> None:
        kept.audit.append(at=NOW, conversation_id="c1", event="otp.sent", subject="0912***67", detail={})
        kept.audit.append(at=NOW, conversation_id="c1", event="order.shown", subject="TS-104233", detail={"level": "2"})

    def test_the_chain_is_signed_with_the_key_of_the_records(self, engine: Engine, stored: Records) -> None:
        stored.audit.append(at=NOW, conversation_id="c1", event="otp.sent", subject="0912***67", detail={"a": "b"})
        assert verify(engine, KEY) is None
        assert verify(engine, "another key") is not None


def guesses(limit: int, key: str = "c1") -> list[Window]:
    """Return the window most tests count in."""
    return [Window("guess", key, limit, 60)]


def _events(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(limit_hits)).scalar_one()
