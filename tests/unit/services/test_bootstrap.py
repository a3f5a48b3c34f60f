"""The real wiring on a real store with the demo shop: every story, every fault, production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peyk.adapters.demo_shop.seed import seed
from peyk.bootstrap import App, build
from peyk.bootstrap_words import code_message
from peyk.domain.conversations import Caller
from peyk.domain.identity import Level, OtpOutcome
from peyk.domain.queues import Priority
from peyk.domain.situations import Situation
from peyk.domain.sla import Colour
from peyk.domain.tickets import TicketReason
from peyk.errors import SettingsError
from peyk.i18n.payload import reply_values
from peyk.services.helped import Outcome
from peyk.services.last_good import KEPT_AGAIN
from peyk.services.tracking import TrackOutcome
from peyk.settings import Mode, Settings
from peyk.store.audit import verify
from peyk.store.migrate import upgrade
from tests.unit.services.fakes import NOW

STORIES = {
    "TS-104233": ("09121234567", "in_transit"),
    "TS-104234": ("09121234567", "preparing"),
    "TS-104201": ("09121234567", "delivered"),
    "TS-104180": ("09351112233", "late"),
    "TS-104160": ("09121110000", "late"),
    "TS-104175": ("09361112244", "returned"),
    "TS-104170": ("09371112255", "address_incomplete"),
    "TS-104165": ("09381112266", "delivered"),
    "TS-104163": ("09381112277", "lost"),
    "TS-104190": ("09101112299", "stalled"),
    "TS-104240": ("09391112277", "payment_failed"),
    "TS-104241": ("09121112288", "registered"),
    "TS-104242": ("09391112288", "payment_unverified"),
    "TS-104210": ("09331112211", "out_for_delivery"),
    "TS-104220": ("09331112222", "ready_for_pickup"),
    "TS-104150": ("+447700900123", "customs"),
    "TS-104155": ("09121112299", "refund_pending"),
    "TS-104250": ("09121113300", "split"),
}


def made(folder: Path, **changes: Any) -> App:
    plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32}
    url = f"sqlite:///{folder / 'peyk.db'}"
    return build(Settings(**(plain | {"database_url": url, "data_dir": folder} | changes)))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The demo's Peyk on a fresh store, shared by the tests: each speaks in a conversation of its own."""
    app = made(tmp_path_factory.mktemp("demo"))
    upgrade(app.engine)
    seed(app.engine, app.clock, orders=50)
    yield app
    app.close()


@pytest.fixture
def mended(app: App) -> Iterator[App]:
    """The same, mended afterwards."""
    yield app
    assert app.faults is not None
    app.faults.switch_off()


def prove(app: App, mobile: str, caller: Caller, language: str = "fa") -> OtpOutcome:
    """Prove a mobile the way a customer does: ask, look at the telephone, type."""
    assert app.outbox is not None
    assert app.services.identity.request(caller, mobile, language).outcome is OtpOutcome.SENT
    return app.services.identity.check(caller, app.outbox.messages(mobile)[0].code).outcome


@pytest.mark.parametrize("number", STORIES)
def test_every_story_has_its_situation(app: App, number: str) -> None:
    result = app.services.tracking.by_number(Caller(f"stage-{number}"), number)
    assert (result.level, result.situation) == (Level.ANONYMOUS, Situation(STORIES[number][1]))


@pytest.mark.parametrize("number", STORIES)
def test_every_story_can_be_proven_and_put_into_words(app: App, number: str) -> None:
    mobile, situation = STORIES[number]
    caller = Caller(f"whole-{number}")
    assert prove(app, mobile, caller) is OtpOutcome.VERIFIED
    result = app.services.tracking.by_number(caller, number)
    assert (result.level, result.situation) == (Level.VERIFIED, Situation(situation))
    for language in ("fa", "en"):
        values = reply_values(result, language, "toman")
        assert values["items"]
        assert values["placed_on"]


@pytest.mark.parametrize(
    ("number", "key", "phrase"),
    [
        ("TS-104233", "eta", "in 2 to 4 working days"),
        ("TS-104234", "ready_on", "tomorrow"),
        ("TS-104234", "delay_reason", "a large number of orders"),
        ("TS-104180", "days_late", "5 days"),
        ("TS-104160", "days_late", "3 days"),
        ("TS-104163", "quiet_for", "12 days"),
        ("TS-104190", "quiet_for", "80 hours"),
        ("TS-104175", "attempts", "3 times"),
        ("TS-104220", "pickup_days_left", "4 days"),
    ],
)
def test_the_stories_in_words(app: App, number: str, key: str, phrase: str) -> None:
    mobile = STORIES[number][0]
    caller = Caller(f"words-{number}-{key}")
    prove(app, mobile, caller)
    assert reply_values(app.services.tracking.by_number(caller, number), "en", "toman")[key] == phrase


def test_vip_tickets_come_first(app: App) -> None:
    caller = Caller("vip")
    prove(app, "09121110000", caller)
    assert app.services.tickets.open(caller, TicketReason.LATE, "TS-104160").priority is Priority.VIP


def test_a_ticket_is_worked_on_where_it_was_opened(app: App) -> None:
    number = app.services.tickets.open(Caller("desk"), TicketReason.COMPLAINT).number
    assert app.desk.take(number, "sara").assignee == "sara"
    app.ticket_timers.tick(app.clock.now())
    assert app.desk.get(number).colour is Colour.OK
    assert app.did_it_help.helped(Caller("else"), number, yes=False).outcome is Outcome.UNKNOWN
    assert app.office_hours.current().is_open(NOW), "a Saturday at noon"


@pytest.mark.parametrize(("kind", "trouble"), [("down", "unavailable"), ("garbage", "bad_answer")])
def test_a_carrier_that_fails_costs_a_sentence(mended: App, kind: str, trouble: str) -> None:
    assert mended.faults is not None
    caller = Caller(f"fault-{kind}")
    prove(mended, "09121234567", caller)
    fresh = mended.services.tracking.by_number(caller, "TS-104233")
    mended.faults.switch_on("post", kind)
    result = mended.services.tracking.by_number(caller, "TS-104233")
    assert (result.outcome, result.carrier_trouble) == (TrackOutcome.FOUND, trouble)
    assert result.parcels[0].trouble == trouble
    assert fresh.as_of is not None
    assert result.as_of is not None
    assert fresh.as_of - KEPT_AGAIN < result.as_of <= fresh.as_of, "never younger than it is, hardly older"


@pytest.mark.parametrize("kind", ["down", "garbage", "rate_limited", "refused"])
def test_a_shop_that_fails_leaves_its_last_word(mended: App, kind: str) -> None:
    assert mended.faults is not None
    caller = Caller(f"shop-{kind}")
    first = mended.services.tracking.by_number(caller, "TS-104233")
    assert (first.outcome, first.shop_as_of) == (TrackOutcome.FOUND, None)
    mended.faults.switch_on("shop", kind)
    again = mended.services.tracking.by_number(caller, "TS-104233")
    assert (again.outcome, again.level, again.situation) == (TrackOutcome.FOUND, Level.ANONYMOUS, first.situation)
    assert again.shop_as_of is not None
    assert again.as_of is not None
    assert again.as_of <= again.shop_as_of <= mended.clock.now()
    assert mended.services.tracking.by_number(caller, "TS-999999").outcome.value != "not_found"


def test_the_text_message(mended: App) -> None:
    assert mended.outbox is not None
    prove(mended, "09120000000", Caller("sms"), "en")
    message = mended.outbox.messages("09120000000")[0]
    assert message.text == code_message(mended.settings)("en", message.code)
    assert "2 minutes" in message.text
    assert message.text.startswith("Demo Shop")


def test_the_audit_is_whole(app: App) -> None:
    prove(app, "09121234567", Caller("audit"))
    app.services.tracking.recent(Caller("audit"))
    assert verify(app.engine, "s" * 32) is None


def test_production_shows_no_demo_and_says_so_honestly(tmp_path: Path) -> None:
    app = made(tmp_path, mode=Mode.PRODUCTION)
    upgrade(app.engine)
    seed(app.engine, app.clock, orders=0)
    caller = Caller("production")
    try:
        assert (app.outbox, app.faults) == (None, None)
        assert app.services.tracking.by_number(caller, "TS-104233").outcome is TrackOutcome.UNAVAILABLE
        assert app.services.identity.request(caller, "09121234567", "fa").outcome is OtpOutcome.UNDELIVERABLE
        assert app.services.shipping.coverage("Tehran").kind == "unavailable"
        assert app.services.tickets.open(caller, TicketReason.TALK_TO_HUMAN).created_now
    finally:
        app.close()


def test_a_database_url_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        made(tmp_path, database_url="mysql://nowhere")
