"""What else a message may have meant is offered below an answer that was not sure."""

from __future__ import annotations

import pytest

from peyk.domain.meanings import other_meanings
from peyk.domain.situations import Situation
from tests.unit.actions.fakes import Chat, Line
from tests.unit.actions.stories import NUMBER, TELL

OFFER = "utter_general_other_meanings"


@pytest.fixture
def chat(chat: Chat) -> Chat:
    TELL[Situation.IN_TRANSIT](chat.world)
    return chat


@pytest.mark.parametrize(
    ("ranking", "offered"),
    [
        (
            [("track_order", 0.7), ("cancel_order", 0.2), ("complain", 0.05), ("report_delay", 0.03)],
            ["cancel_order", "complain"],
        ),
        ([("track_order", 0.7), ("greet", 0.2), ("cancel_order", 0.05)], ["cancel_order"]),
        ([("track_order", 0.89), ("cancel_order", 0.01)], []),
        ([("track_order", 0.9), ("cancel_order", 0.1)], []),
        ([], []),
    ],
)
def test_the_next_likely_meanings_that_make_a_button(ranking: list[tuple[str, float]], offered: list[str]) -> None:
    assert other_meanings(ranking, 0.9) == offered


@pytest.mark.parametrize("language", ["fa", "en"])
def test_they_stand_below_the_answer(chat: Chat, language: str) -> None:
    chat.slots["language"] = language
    answer = chat.say("…", "track_order", order_id=NUMBER, others=["cancel_order", "complain"])
    assert answer.responses == ["utter_tracking_stage_in_transit", OFFER]
    assert answer.said[-1] == Line(OFFER, ("/cancel_order{}", "/complain{}"))


def test_a_sure_answer_stands_alone(chat: Chat) -> None:
    assert OFFER not in chat.say("…", "track_order", order_id=NUMBER, others=[]).responses


def test_a_second_wish_goes_before(chat: Chat) -> None:
    chat.say("…", "track_order", order_id=NUMBER)
    answer = chat.say("…", "ask_payment_methods", wish="ask_return_policy", others=["complain"])
    assert OFFER not in answer.responses


@pytest.mark.parametrize("intent", ["affirm", "deny", "stop", "goodbye", "talk_to_human"])
def test_after_these_it_is_not(chat: Chat, intent: str) -> None:
    assert OFFER not in chat.say("…", intent, others=["report_damaged"]).responses


def test_what_answered_our_question_has_one_meaning(chat: Chat) -> None:
    chat.slots["pending_offer"] = "rating"
    chat.say("…", "ask_payment_methods", others=["ask_return_policy"])
    answer = chat.say("4", "out_of_scope", lone=4, others=["ask_return_policy"])
    assert OFFER not in answer.responses


def test_a_question_of_ours_stands_last(chat: Chat) -> None:
    """Which order it is about is asked: buttons with other meanings would hide it."""
    assert OFFER not in chat.say("…", "cancel_order", others=["change_order"]).responses


def test_it_is_not_offered_below_what_was_done(chat: Chat) -> None:
    answer = chat.say("…", "open_ticket", others=["request_document"])
    assert len(chat.world.helpdesk.tickets) == 1
    assert OFFER not in answer.responses


@pytest.mark.parametrize("other", ["confirm_order", "talk_to_human"])
def test_the_same_answer_or_button_is_not_offered_twice(chat: Chat, other: str) -> None:
    answer = chat.say("…", "track_order", order_id=NUMBER, others=[other])
    assert OFFER not in answer.responses


def test_the_button_stands_for_the_words(chat: Chat) -> None:
    chat.say("جعبه‌اش له شده بود", "ask_payment_methods", others=["complain"])
    chat.press_turn("/complain{}")
    assert [ticket.note for ticket in chat.world.helpdesk.tickets] == ["جعبه‌اش له شده بود"]


def test_asked_back_the_button_stands_for_the_words_too(chat: Chat) -> None:
    chat.say("جعبه‌اش له شده بود", "nlu_fallback", ranking=[("complain", 0.4), ("report_damaged", 0.3)])
    chat.press_turn("/complain{}")
    assert [ticket.note for ticket in chat.world.helpdesk.tickets] == ["جعبه‌اش له شده بود"]


def test_the_words_are_forgotten_with_the_next_message(chat: Chat) -> None:
    chat.say("جعبه‌اش له شده بود", "ask_payment_methods", others=["complain"])
    chat.say("…", "ask_return_policy")
    assert chat.slots.get("meaning_words") is None


def test_nothing_is_offered_while_a_proof_is_asked_for(chat: Chat) -> None:
    chat.say("…", "cancel_order", order_id=NUMBER)
    assert OFFER not in chat.say("…", "ask_payment_methods", others=["complain"]).responses
