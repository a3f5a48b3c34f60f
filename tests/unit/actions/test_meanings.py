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


@pytest.mark.parametrize("intent", ["affirm", "deny", "stop"])
def test_yes_and_no_answer_a_question(chat: Chat, intent: str) -> None:
    assert OFFER not in chat.say("…", intent, others=["complain"]).responses


@pytest.mark.parametrize("question", ["choose", "rating"])
def test_the_answer_to_our_own_question_has_one_meaning(chat: Chat, question: str) -> None:
    chat.slots["pending_offer"] = question
    assert OFFER not in chat.say("…", "ask_payment_methods", others=["complain"]).responses


def test_a_button_has_one_meaning(chat: Chat) -> None:
    chat.say("…", "ask_payment_methods", others=["complain"])
    assert OFFER not in chat.press_turn("/ask_return_policy{}").responses


def test_nothing_is_offered_while_a_proof_is_asked_for(chat: Chat) -> None:
    assert OFFER not in chat.say("…", "cancel_order", order_id=NUMBER, others=["complain"]).responses
