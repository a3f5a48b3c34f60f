"""When parts fail: one honest sentence, in the customer's language, and the conversation goes on afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from peyk.store.engine import writing
from tests.conversations.checks import (
    LANGUAGES,
    checked,
    new_sender,
    rows,
    says,
    store_of,
)
from tests.stack import Answer, Stack

DEADLINE_S = 1.0
# The shop has it shipped with the post; the customer is the one of MOBILE.
ORDER, MOBILE, CODE = "TS-104233", "09121234567", "TRK-88392011"
UNPAID = "TS-104240"
WHERE = {"fa": "سفارش {} کجاست؟", "en": "Where is order {}?"}
WHERE_IS_IT = {"fa": "کجاست؟", "en": "where is it?"}
GREET = {"fa": "سلام", "en": "hello"}
# Each way to fail, and what customers hear of it.
KINDS = {
    "down": "unavailable",
    "slow": "unavailable",
    "garbage": "bad_answer",
    "rate_limited": "rate_limited",
    "refused": "access_refused",
}
SHOP_SAYS = {kind: f"utter_tracking_{told}" for kind, told in KINDS.items()}
CARRIER_SAYS = {kind: f"utter_tracking_carrier_{told}" for kind, told in KINDS.items()}
ENOUGH = "100000"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Peyk whose outside systems have a second to answer; its own, for its processes are killed."""
    settings = {
        "PEYK_DEADLINE_S": str(DEADLINE_S),
        "PEYK_RASA_TIMEOUT_S": "8",
        # Each test sees the failure itself, not a breaker that another test has opened.
        "PEYK_BREAKER_FAILURES": ENOUGH,
        "PEYK_OTP_PER_MOBILE_HOUR": ENOUGH,
        "PEYK_OTP_PER_ADDRESS_HOUR": ENOUGH,
    }
    with Stack(tmp_path_factory.mktemp("failures"), env=settings, orders=20) as running:
        yield running


@pytest.fixture
def forgetful(stack: Stack) -> Stack:
    """The same Peyk, with no earlier answer of a carrier or the shop in mind."""
    with store_of(stack) as engine, engine.begin() as connection:
        connection.execute(text("DELETE FROM tracking_snapshots"))
        connection.execute(text("DELETE FROM shop_orders"))
    return stack


def ask(stack: Stack, sender: str, order: str, language: str) -> Answer:
    return checked(stack.say(WHERE[language].format(order), sender))


def verified(stack: Stack, sender: str, language: str) -> Answer:
    """Bring a conversation to the details of ORDER."""
    ask(stack, sender, ORDER, language)
    checked(stack.press("verify", sender))
    answer = checked(stack.verify(MOBILE, sender))
    assert answer.custom["security"]["level"] == 2
    return answer


@contextmanager
def without(stack: Stack, name: str) -> Iterator[None]:
    """Let a process be dead for a while."""
    stack.kill(name)
    try:
        yield
    finally:
        stack.restart(name)


def is_the_one_sentence(answer: Answer, language: str) -> None:
    """Rasa or the action server is gone: the edge says so, once, and when to come back."""
    checked(answer, 500, 503)
    assert says(answer, "edge_unavailable", language)
    assert len(answer.messages) == 1
    assert int(answer.headers["Retry-After"]) > 0


# --- Systems outside


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_carrier_that_was_never_heard_leaves_the_stage_of_the_shop(
    forgetful: Stack, language: str, kind: str
) -> None:
    sender = new_sender()
    with forgetful.fault("post", kind):
        begun = time.monotonic()
        answer = ask(forgetful, sender, ORDER, language)
        assert time.monotonic() - begun < DEADLINE_S + 5
    assert says(answer, "utter_tracking_stage_in_transit", language)
    assert says(answer, CARRIER_SAYS[kind], language)
    assert answer.custom["order"]["status"] == "in_transit"
    again = checked(forgetful.say(WHERE_IS_IT[language], sender))
    assert says(again, "utter_tracking_stage_in_transit", language)
    assert not any(says(again, each, language) for each in CARRIER_SAYS.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_carrier_that_was_heard_before_gives_its_last_answer_with_its_time(
    stack: Stack, language: str, kind: str
) -> None:
    sender = new_sender()
    before = verified(stack, sender, language).custom["order"]["tracking"]
    with stack.fault("post", kind):
        answer = ask(stack, sender, ORDER, language)
    stale = says(answer, f"{CARRIER_SAYS[kind]}_stale", language)
    assert stale
    assert stale[1].strip()
    assert not any(says(answer, each, language) for each in CARRIER_SAYS.values())
    now = answer.custom["order"]["tracking"]
    assert (now["code"], now["lastEvent"]) == (CODE, before["lastEvent"])
    # The same word is kept again once a minute: never younger than what was heard, and hardly older.
    age = datetime.fromisoformat(before["asOf"]) - datetime.fromisoformat(now["asOf"])
    assert timedelta(0) <= age <= timedelta(minutes=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tracking_code_whose_carrier_is_down(forgetful: Stack, language: str) -> None:
    sender = new_sender()
    checked(forgetful.say(GREET[language], sender))
    with forgetful.fault("post", "down"):
        answer = checked(forgetful.say(CODE, sender))
        assert not says(answer, "utter_tracking_code_not_found", language)
    checked(forgetful.say(CODE, sender))
    with forgetful.fault("post", "down"):
        answer = checked(forgetful.say(CODE, sender))
        assert says(answer, "utter_tracking_carrier_unavailable_stale", language)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shop_fails_and_the_order_stays_in_mind(forgetful: Stack, language: str, kind: str) -> None:
    sender = new_sender()
    with forgetful.fault("shop", kind):
        answer = ask(forgetful, sender, ORDER, language)
    assert says(answer, SHOP_SAYS[kind], language)
    assert not says(answer, "utter_tracking_not_found", language)
    again = checked(forgetful.say(WHERE_IS_IT[language], sender))
    assert says(again, "utter_tracking_stage_in_transit", language)
    assert ORDER in again.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shop_that_was_heard_before_gives_its_last_word_with_its_time(stack: Stack, language: str, kind: str) -> None:
    sender = new_sender()
    items = verified(stack, sender, language).custom["order"]["items"]
    stranger = new_sender()
    with stack.fault("shop", kind):
        mine, theirs = ask(stack, sender, ORDER, language), ask(stack, stranger, ORDER, language)
    for answer in (mine, theirs):
        aged = says(answer, "utter_tracking_shop_down", language)
        assert aged
        assert aged[1].strip()
        assert answer.custom["order"]["status"] == "in_transit"
    # Who proves nothing learns the stage of an old answer, too, and no more.
    assert (mine.custom["order"]["items"], "items" in theirs.custom["order"]) == (items, False)
    assert not says(ask(stack, sender, ORDER, language), "utter_tracking_shop_down", language)


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_is_called_unknown_while_the_shop_fails(forgetful: Stack, kind: str) -> None:
    sender = new_sender()
    with forgetful.fault("shop", kind):
        there, missing = ask(forgetful, sender, ORDER, "en"), ask(forgetful, sender, "TS-999999", "en")
    assert there.text == missing.text
    counted = rows(forgetful, "SELECT count(*) FROM limit_hits WHERE scope = 'order_guess.conversation'")
    assert says(ask(forgetful, sender, "TS-999999", "en"), "utter_tracking_not_found", "en")
    assert rows(forgetful, "SELECT count(*) FROM limit_hits WHERE scope = 'order_guess.conversation'")[0][0] == (
        counted[0][0] + 1
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bank_fails_and_not_paid_is_no_guess(stack: Stack, language: str) -> None:
    sender = new_sender()
    with stack.fault("payments", "down"):
        answer = ask(stack, sender, UNPAID, language)
        assert says(answer, "utter_tracking_unavailable", language)
        # An order that is paid needs no bank.
        assert says(ask(stack, new_sender(), ORDER, language), "utter_tracking_stage_in_transit", language)
    again = ask(stack, sender, UNPAID, language)
    assert says(again, "utter_tracking_stage_payment_failed", language)


@pytest.mark.parametrize("kind", ["down", "slow"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messenger_fails_inside_the_form(stack: Stack, language: str, kind: str) -> None:
    sender = new_sender()
    ask(stack, sender, ORDER, language)
    checked(stack.press("verify", sender))
    with stack.fault("messenger", kind):
        answer = checked(stack.say(MOBILE, sender))
    assert says(answer, "utter_identity_ended_undeliverable", language)
    again = ask(stack, sender, ORDER, language)
    assert again.custom["security"]["level"] == 1
    checked(stack.press("verify", sender))
    assert checked(stack.verify(MOBILE, sender)).custom["security"]["level"] == 2


# --- Processes of our own


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_action_server_dies_in_mid_conversation(stack: Stack, language: str) -> None:
    sender = new_sender()
    ask(stack, sender, ORDER, language)
    with without(stack, "actions"):
        is_the_one_sentence(stack.say(WHERE_IS_IT[language], sender), language)
    again = checked(stack.say(WHERE_IS_IT[language], sender))
    assert says(again, "utter_tracking_stage_in_transit", language)
    assert again.custom["order"]["orderId"] == ORDER


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_action_server_dies_while_the_mobile_is_asked_for(stack: Stack, language: str) -> None:
    sender = new_sender()
    ask(stack, sender, ORDER, language)
    checked(stack.press("verify", sender))
    with without(stack, "actions"):
        is_the_one_sentence(stack.say(MOBILE, sender), language)
    assert says(checked(stack.say(MOBILE, sender)), "utter_identity_sent", language)
    answer = checked(stack.say(stack.code(MOBILE), sender))
    assert answer.custom["security"]["level"] == 2
    assert answer.custom["order"]["orderId"] == ORDER


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_action_server_dies_while_the_code_is_asked_for(stack: Stack, language: str) -> None:
    sender = new_sender()
    ask(stack, sender, ORDER, language)
    checked(stack.press("verify", sender))
    checked(stack.say(MOBILE, sender))
    code = stack.code(MOBILE)
    with without(stack, "actions"):
        is_the_one_sentence(stack.say(code, sender), language)
    answer = checked(stack.say(code, sender))
    assert answer.custom["security"]["level"] == 2
    assert answer.custom["order"]["orderId"] == ORDER


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_pressed_while_the_action_server_is_dead_works_afterwards(stack: Stack, language: str) -> None:
    sender = new_sender()
    verify = ask(stack, sender, ORDER, language).payload("verify")
    with without(stack, "actions"):
        is_the_one_sentence(stack.say(verify, sender), language)
    assert says(checked(stack.say(verify, sender)), "utter_identity_ask_mobile_of_order", language)
    assert checked(stack.verify(MOBILE, sender)).custom["security"]["level"] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_rasa_dies_and_everything_is_remembered(stack: Stack, language: str) -> None:
    sender, in_form = new_sender(), new_sender()
    verified(stack, sender, language)
    ask(stack, in_form, ORDER, language)
    checked(stack.press("verify", in_form))
    checked(stack.say(MOBILE, in_form))
    code = stack.code(MOBILE)
    with without(stack, "rasa"):
        is_the_one_sentence(stack.say(WHERE_IS_IT[language], sender), language)
        is_the_one_sentence(stack.say(code, in_form), language)
    again = checked(stack.say(WHERE_IS_IT[language], sender))
    assert again.custom["security"]["level"] == 2
    assert again.custom["order"]["orderId"] == ORDER
    answer = checked(stack.say(code, in_form))
    assert answer.custom["security"]["level"] == 2
    assert answer.custom["order"]["orderId"] == ORDER


def test_a_refused_message_may_be_sent_again_with_its_id(stack: Stack) -> None:
    sender, message_id = new_sender(), new_sender("message")
    with without(stack, "actions"):
        is_the_one_sentence(stack.say(WHERE["en"].format(ORDER), sender, message_id=message_id), "en")
    answer = checked(stack.say(WHERE["en"].format(ORDER), sender, message_id=message_id))
    assert says(answer, "utter_tracking_stage_in_transit", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_edge_dies_and_everything_is_remembered(stack: Stack, language: str) -> None:
    sender = new_sender()
    verify = ask(stack, sender, ORDER, language).payload("verify")
    stack.kill("edge")
    stack.restart("edge")
    answer = checked(stack.say(verify, sender))
    assert says(answer, "utter_identity_ask_mobile_of_order", language)
    again = checked(stack.say("TS-104180", sender))
    assert says(again, "utter_tracking_stage_late", language)


# --- The database


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Hold what every write needs; each visit gives up after its own five seconds."""
    with store_of(stack) as engine, writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            tables = "limit_hits, otp_challenges, audit, tracking_snapshots"
            connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        yield


def is_sqlite(stack: Stack) -> bool:
    with store_of(stack) as engine:
        return engine.dialect.name == "sqlite"


def not_now(stack: Stack, answer: Answer, response: str, language: str) -> None:
    """On SQLite the whole file is locked: what cannot be kept is not passed on, and the edge says so."""
    if is_sqlite(stack):
        is_the_one_sentence(answer, language)
    else:
        assert says(checked(answer), response, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_is_sent_while_the_database_is_locked(peyk: Stack, language: str) -> None:
    sender = new_sender()
    ask(peyk, sender, ORDER, language)
    checked(peyk.press("verify", sender))
    sent = peyk.outbox(MOBILE)
    with locked(peyk):
        answer = peyk.say(MOBILE, sender)
    not_now(peyk, answer, "utter_identity_ended_unavailable", language)
    assert len(answer.messages) == 1
    # The outbox keeps the newest only, so its length says nothing.
    assert peyk.outbox(MOBILE) == sent
    assert verified(peyk, sender, language).custom["order"]["orderId"] == ORDER


def test_a_code_typed_while_the_database_is_locked_is_still_good(peyk: Stack) -> None:
    sender = new_sender()
    ask(peyk, sender, ORDER, "en")
    checked(peyk.press("verify", sender))
    checked(peyk.say(MOBILE, sender))
    code = peyk.code(MOBILE)
    with locked(peyk):
        not_now(peyk, peyk.say(code, sender), "utter_identity_ended_unavailable", "en")
    if is_sqlite(peyk):
        # Nobody has read it: the form still waits for it.
        assert checked(peyk.say(code, sender)).custom["security"]["level"] == 2
        return
    assert ask(peyk, sender, ORDER, "en").custom["security"]["level"] == 1
    checked(peyk.press("verify", sender))
    assert says(checked(peyk.say(MOBILE, sender)), "utter_identity_too_soon", "en")
    assert checked(peyk.say(code, sender)).custom["security"]["level"] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_asked_for_while_the_database_is_locked(peyk: Stack, language: str) -> None:
    sender = new_sender()
    checked(peyk.say(GREET[language], sender))
    with locked(peyk):
        answer = peyk.say(ORDER, sender)
    not_now(peyk, answer, "utter_tracking_unavailable", language)
    ask(peyk, sender, ORDER, language)
    again = checked(peyk.say(WHERE_IS_IT[language], sender))
    assert says(again, "utter_tracking_stage_in_transit", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rasas_own_database_is_locked(stack: Stack, language: str) -> None:
    sender = new_sender()
    ask(stack, sender, ORDER, language)
    engine = create_engine(stack.programs.env()["PEYK_TRACKER_URL"])
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        is_the_one_sentence(stack.say(WHERE_IS_IT[language], sender), language)
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()
    again = checked(stack.say(WHERE_IS_IT[language], sender))
    assert says(again, "utter_tracking_stage_in_transit", language)
