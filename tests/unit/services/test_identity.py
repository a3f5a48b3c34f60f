"""One-time codes: every rule has a row that fails when the rule is taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Thread

import pytest

from peyk.domain.conversations import Caller
from peyk.domain.identity import OtpOutcome, OtpResult
from peyk.errors import BadAnswer, RateLimited, Throttled, Unavailable
from peyk.ports.records import OtpChallenge
from tests.unit.services.fakes import CALLER, MOBILE, NOW, OTHER_MOBILE, order
from tests.unit.services.world import World

Asks = Callable[..., OtpResult]


def wrong(code: str) -> str:
    """A six-digit code that is not `code`."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def two_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first code is 111111, the second 222222."""
    codes = iter((111111, 222222))
    monkeypatch.setattr("peyk.services.identity.secrets.randbelow", lambda _: next(codes))


def send(world: World, mobile: str = MOBILE, caller: Caller = CALLER, *, resend: bool = False) -> OtpOutcome:
    return world.identity.request(caller, mobile, "fa", resend=resend).outcome


def test_sends_six_digits_to_the_mobile(world: World) -> None:
    result = world.identity.request(CALLER, MOBILE, "en")
    assert result == OtpResult(OtpOutcome.SENT, MOBILE, 3, 60, pending=True)
    ((mobile, code, language),) = world.messenger.sent.values()
    assert (mobile, language) == (MOBILE, "en")
    assert re.fullmatch(r"[0-9]{6}", code)


def test_by_mail_it_is_said_otherwise_first_and_again(world: World) -> None:
    world.messenger.by_mail = True
    assert send(world) is OtpOutcome.MAILED
    world.clock.advance(seconds=60)
    assert send(world, resend=True) is OtpOutcome.REMAILED


def test_codes_come_from_the_systems_randomness(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def draw(limit: int) -> int:
        asked.append(limit)
        return 42

    monkeypatch.setattr("peyk.services.identity.secrets.randbelow", draw)
    send(world)
    assert asked == [1_000_000]
    assert world.messenger.last_code == "000042"


def test_known_and_unknown_mobiles_answer_alike_and_nobody_looks_them_up(world: World) -> None:
    world.orders.orders.append(order())
    known = world.identity.request(Caller("a"), MOBILE, "fa")
    unknown = world.identity.request(Caller("b"), "09120000000", "fa")
    assert (known.outcome, known.tries_left, known.retry_after_s) == (unknown.outcome, 3, 60)
    assert world.orders.calls == 0
    assert len(world.messenger.sent) == 2


@pytest.mark.parametrize(
    "mobile", ["", "0912", "9121234567", "02112345678", "+0123456789", "09121234567; --", "۰۹۱۲۱۲۳۴۵۶۷"]
)
def test_no_mobile_no_code(world: World, mobile: str) -> None:
    assert send(world, mobile) is OtpOutcome.BAD_MOBILE
    assert not world.messenger.sent


def test_the_right_code_proves_the_mobile_for_half_an_hour(world: World) -> None:
    send(world)
    result = world.identity.check(CALLER, world.messenger.last_code)
    assert result == OtpResult(OtpOutcome.VERIFIED, MOBILE)
    proof = world.identity.current(CALLER)
    assert proof is not None
    assert (proof.mobile, proof.method, proof.expires_at) == (MOBILE, "otp", NOW + timedelta(seconds=1800))
    world.clock.advance(seconds=1800)
    assert world.identity.current(CALLER) is None


def test_persian_digits_and_spaces_are_fine(world: World) -> None:
    send(world)
    typed = " ".join(world.messenger.last_code).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert world.identity.check(CALLER, typed).outcome is OtpOutcome.VERIFIED


@pytest.mark.usefixtures("two_codes")
def test_a_code_works_in_its_conversation_only(world: World) -> None:
    other = Caller("conversation-2")
    send(world)
    assert world.identity.check(other, "111111").outcome is OtpOutcome.NOTHING_PENDING
    send(world, caller=other)
    assert world.identity.check(other, "111111").outcome is OtpOutcome.WRONG
    assert world.identity.current(other) is None


def test_the_hash_is_bound_to_conversation_mobile_code_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def hashed(conversation: str = "a", mobile: str = MOBILE, code: int = 1, key: str = "s" * 32) -> str:
        monkeypatch.setattr("peyk.services.identity.secrets.randbelow", lambda _: code)
        made = World({"secret_key": key})
        made.identity.request(Caller(conversation), mobile, "fa")
        return made.otp.open[conversation].code_hash

    hashes = [hashed(), hashed("b"), hashed(mobile=OTHER_MOBILE), hashed(code=2), hashed(key="k" * 32)]
    assert len(set(hashes)) == len(hashes)
    assert hashed() == hashes[0], "one key, one hash: every process can check it"
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes)


def test_a_code_works_once(world: World) -> None:
    send(world)
    code = world.messenger.last_code
    world.identity.check(CALLER, code)
    assert world.identity.check(CALLER, code).outcome is OtpOutcome.NOTHING_PENDING


def test_a_code_ends_after_two_minutes(world: World) -> None:
    send(world)
    world.clock.advance(seconds=120)
    result = world.identity.check(CALLER, world.messenger.last_code)
    assert (result.outcome, result.pending) == (OtpOutcome.EXPIRED, False)
    assert world.identity.current(CALLER) is None
    assert world.audit.events() == ["otp.sent", "otp.expired"]


def test_a_code_works_to_the_last_second(world: World) -> None:
    send(world)
    world.clock.advance(seconds=119)
    assert world.identity.check(CALLER, world.messenger.last_code).outcome is OtpOutcome.VERIFIED


def test_three_tries_and_then_not_even_the_right_one(world: World) -> None:
    send(world)
    code = world.messenger.last_code
    results = [world.identity.check(CALLER, wrong(code)) for _ in range(3)]
    assert [(result.outcome, result.tries_left, result.pending) for result in results] == [
        (OtpOutcome.WRONG, 2, True),
        (OtpOutcome.WRONG, 1, True),
        (OtpOutcome.LOCKED, 0, False),
    ]
    assert results[-1].retry_after_s == 60
    assert world.identity.check(CALLER, code).outcome is OtpOutcome.LOCKED
    assert world.identity.current(CALLER) is None
    assert world.audit.events() == ["otp.sent", *["otp.wrong"] * 3, "otp.locked", "otp.refused"]


def test_a_minute_between_sends(world: World) -> None:
    send(world)
    world.clock.advance(seconds=59)
    result = world.identity.request(CALLER, MOBILE, "fa", resend=True)
    assert result == OtpResult(OtpOutcome.TOO_SOON, MOBILE, 3, 1, pending=True)
    assert len(world.messenger.sent) == 1
    world.clock.advance(seconds=1)
    assert send(world, resend=True) is OtpOutcome.RESENT
    assert len(world.messenger.sent) == 2


def test_locked_is_no_way_round_the_minute(world: World) -> None:
    send(world)
    for _ in range(3):
        world.identity.check(CALLER, wrong(world.messenger.last_code))
    result = world.identity.request(CALLER, MOBILE, "fa")
    assert (result.outcome, result.pending) == (OtpOutcome.TOO_SOON, False)


@pytest.mark.usefixtures("two_codes")
def test_a_mistyped_mobile_can_be_mended_at_once(world: World) -> None:
    send(world, OTHER_MOBILE)
    assert send(world) is OtpOutcome.SENT
    assert world.identity.check(CALLER, "111111").outcome is OtpOutcome.WRONG
    assert world.identity.check(CALLER, "222222").mobile == MOBILE


@pytest.mark.usefixtures("two_codes")
def test_a_new_code_voids_the_old_one(world: World) -> None:
    send(world)
    world.clock.advance(seconds=60)
    send(world, resend=True)
    assert world.identity.check(CALLER, "111111").outcome is OtpOutcome.WRONG
    assert world.identity.check(CALLER, "222222").outcome is OtpOutcome.VERIFIED


def test_resend_knows_the_mobile(world: World) -> None:
    assert send(world, "", resend=True) is OtpOutcome.NOTHING_PENDING
    send(world)
    world.clock.advance(seconds=60)
    result = world.identity.request(CALLER, "", "fa", resend=True)
    assert (result.outcome, result.mobile) == (OtpOutcome.RESENT, MOBILE)


CAPS = [
    ("otp_per_mobile_hour", lambda turn: (Caller(f"c{turn}", f"a{turn}"), MOBILE)),
    ("otp_per_conversation_hour", lambda turn: (Caller("c", f"a{turn}"), f"0912000000{turn}")),
    ("otp_per_address_hour", lambda turn: (Caller(f"c{turn}", "a"), f"0912000000{turn}")),
    ("otp_total_hour", lambda turn: (Caller(f"c{turn}", f"a{turn}"), f"0912000000{turn}")),
]


@pytest.mark.parametrize(("cap", "who"), CAPS, ids=[cap for cap, _ in CAPS])
def test_caps_on_sends(cap: str, who: Callable[[int], tuple[Caller, str]]) -> None:
    world = World({cap: 3})
    outcomes = []
    for turn in range(4):
        caller, mobile = who(turn)
        outcomes.append(world.identity.request(caller, mobile, "fa"))
    assert [result.outcome for result in outcomes] == [*[OtpOutcome.SENT] * 3, OtpOutcome.TOO_MANY]
    assert outcomes[-1].retry_after_s > 0
    assert len(world.messenger.sent) == 3
    world.clock.advance(hours=1, seconds=1)
    caller, mobile = who(3)
    assert world.identity.request(caller, mobile, "fa").outcome is OtpOutcome.SENT


@pytest.mark.parametrize(
    ("cap", "caller", "mobile"),
    [
        ("otp_per_mobile_hour", Caller("c", "a"), OTHER_MOBILE),
        ("otp_per_conversation_hour", Caller("other", "a"), MOBILE),
        ("otp_per_address_hour", Caller("c", "other"), MOBILE),
        ("otp_per_address_hour", Caller("c", ""), MOBILE),
    ],
)
def test_a_cap_stops_its_own_only(cap: str, caller: Caller, mobile: str) -> None:
    world = World({cap: 1, "otp_resend_s": 0})
    send(world, caller=Caller("c", "a"))
    assert send(world, caller=Caller("c", "a")) is OtpOutcome.TOO_MANY
    assert send(world, mobile, caller) is OtpOutcome.SENT


def test_another_mobile_in_between_does_not_shorten_the_wait() -> None:
    world = World()
    send(world)
    send(world, OTHER_MOBILE)
    again = world.identity.request(CALLER, MOBILE, "fa")
    assert again.outcome is OtpOutcome.TOO_SOON
    assert not again.pending
    assert len(world.messenger.sent) == 2


def test_a_send_one_cap_refuses_does_not_use_up_the_others() -> None:
    world = World({"otp_total_hour": 1})
    send(world, caller=Caller("first", "a"))
    send(world, caller=Caller("second", "b"))
    counted = {scope for (scope, key), events in world.limiter.events.items() if key in ("second", "b") and events}
    assert counted == set()


@pytest.mark.parametrize(("cap", "address"), [("otp_wrong_per_address_hour", "a"), ("otp_wrong_total_hour", "")])
def test_caps_on_wrong_codes(cap: str, address: str) -> None:
    world = World({cap: 4})
    callers = [Caller(f"c{turn}", address) for turn in range(3)]
    codes = []
    for caller in callers:
        world.identity.request(caller, MOBILE, "fa")
        codes.append(world.messenger.last_code)
    outcomes = [
        world.identity.check(caller, wrong(code)).outcome
        for caller, code in zip(callers, codes, strict=True)
        for _ in range(2)
    ]
    assert outcomes == [*[OtpOutcome.WRONG] * 4, *[OtpOutcome.TOO_MANY] * 2]
    caller = callers[-1]
    assert world.identity.check(caller, codes[-1]).outcome is OtpOutcome.TOO_MANY, "not even the right one"
    assert send(world, OTHER_MOBILE, Caller("later", address)) is OtpOutcome.TOO_MANY, "nor is a new one sent"
    assert world.identity.current(caller) is None


def test_right_codes_are_not_counted_as_wrong() -> None:
    world = World({"otp_wrong_total_hour": 1})
    for turn in range(3):
        caller = Caller(f"c{turn}")
        world.identity.request(caller, MOBILE, "fa")
        assert world.identity.check(caller, world.messenger.last_code).outcome is OtpOutcome.VERIFIED


@pytest.mark.parametrize("error", [Unavailable, BadAnswer, RateLimited])
def test_an_undeliverable_code_is_void(world: World, error: type[Exception]) -> None:
    world.messenger.error = error("sms")
    assert send(world) is OtpOutcome.UNDELIVERABLE
    assert world.otp.current("conversation-1") is None
    assert world.identity.check(CALLER, "123456").outcome is OtpOutcome.NOTHING_PENDING
    world.messenger.error = None
    assert send(world) is OtpOutcome.SENT, "nothing was sent, so there is nothing to wait for"


def test_every_send_has_a_key_of_its_own_that_tells_nothing(world: World) -> None:
    send(world)
    code = world.messenger.last_code
    world.clock.advance(seconds=60)
    send(world, resend=True)
    assert len(world.messenger.sent) == 2
    for key in world.messenger.sent:
        assert MOBILE not in key
        assert code not in key


def test_two_requests_at_the_same_moment_send_one_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    both_looked = Barrier(2)
    outcomes: list[OtpOutcome] = []
    current = world.otp.current

    def look(conversation_id: str) -> OtpChallenge | None:
        seen = current(conversation_id)
        # Two that may look at the same time meet here; one that must wait its turn never comes.
        with suppress(BrokenBarrierError):
            both_looked.wait(0.2)
        return seen

    monkeypatch.setattr(world.otp, "current", look)
    threads = [Thread(target=lambda: outcomes.append(send(world))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["sent", "too_soon"]
    assert len(world.messenger.sent) == 1


def test_nothing_pending(world: World) -> None:
    assert world.identity.check(CALLER, "123456") == OtpResult(OtpOutcome.NOTHING_PENDING)


def test_a_code_with_nothing_pending_is_on_record(world: World) -> None:
    world.identity.check(CALLER, "123456")
    (row,) = world.audit.rows
    assert (row.event, row.subject, row.conversation_id) == ("otp.refused", "", "conversation-1")


def test_every_limit_that_is_met_is_on_record() -> None:
    world = World({"otp_total_hour": 1, "otp_wrong_total_hour": 1})
    send(world)
    world.identity.request(Caller("c2"), OTHER_MOBILE, "fa")
    code = world.messenger.last_code
    world.identity.check(CALLER, wrong(code))
    world.identity.check(CALLER, code)
    world.identity.request(Caller("c3"), OTHER_MOBILE, "fa")
    limited = [(row.conversation_id, row.subject, row.detail) for row in world.audit.rows if row.event == "otp.limited"]
    assert limited == [
        ("c2", "0935***33", {"scope": "otp.all"}),
        ("conversation-1", "0912***67", {"scope": "otp_wrong.all"}),
        ("c3", "0935***33", {"scope": "otp_wrong.all"}),
    ]


def test_a_wrong_code_that_meets_the_limit_first_is_on_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    send(world)

    def used_up(*_: object) -> None:
        raise Throttled("otp_wrong.all", 5)

    # Another wrong code comes between the look at the limit and the count.
    monkeypatch.setattr(world.limiter, "hit", used_up)
    assert world.identity.check(CALLER, wrong(world.messenger.last_code)).outcome is OtpOutcome.TOO_MANY
    assert world.audit.events() == ["otp.sent", "otp.limited"]


def test_the_audit_has_every_step_and_no_secret(world: World) -> None:
    send(world)
    code = world.messenger.last_code
    world.identity.check(CALLER, wrong(code))
    world.identity.check(CALLER, code)
    assert world.audit.events() == ["otp.sent", "otp.wrong", "otp.verified"]
    assert {row.subject for row in world.audit.rows} == {"0912***67"}
    for secret in (MOBILE, code, wrong(code)):
        assert secret not in repr(world.audit.rows)


def test_what_cannot_be_recorded_is_not_proven(world: World) -> None:
    send(world)
    world.audit.error = Unavailable("store")
    with pytest.raises(Unavailable):
        world.identity.check(CALLER, world.messenger.last_code)
    assert world.identity.current(CALLER) is None
