"""Messages sent twice, two at once, many in a burst: each is answered, in order, and does its work once."""

from __future__ import annotations

import http.client
import json
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from peyk.store.engine import writing
from tests.conversations.checks import LANGUAGES, at_once, checked, heard, new_sender, rows, says, store_of
from tests.stack import WEBHOOK, Answer, Stack

ORDER, MOBILE = "TS-104233", "09121234567"
WHERE = {"fa": "سفارش {} کجاست؟", "en": "Where is order {}?"}
WHERE_IS_IT = {"fa": "کجاست؟", "en": "where is it?"}

pytestmark = pytest.mark.slow


def ask(stack: Stack, sender: str, order: str, language: str) -> Answer:
    return checked(stack.say(WHERE[language].format(order), sender))


def test_a_message_sent_twice_is_processed_once(peyk: Stack) -> None:
    sender, message_id = new_sender(), new_sender("message")
    ask(peyk, sender, ORDER, "en")
    checked(peyk.press("verify", sender))
    before = peyk.outbox(MOBILE)[:1]
    answers = at_once(lambda _: checked(peyk.say(MOBILE, sender, message_id=message_id)), range(4))
    answers.append(checked(peyk.say(MOBILE, sender, message_id=message_id)))
    assert all(answer.messages == answers[0].messages for answer in answers)
    assert says(answers[0], "utter_identity_sent", "en")
    assert peyk.outbox(MOBILE)[1:2] == before
    assert heard(peyk, sender).count(MOBILE) == 1


def test_an_answer_given_again_after_the_conversation_went_on(peyk: Stack) -> None:
    sender, message_id = new_sender(), new_sender("message")
    first = checked(peyk.say(WHERE["fa"].format(ORDER), sender, message_id=message_id))
    ask(peyk, sender, "TS-104180", "fa")
    assert checked(peyk.say(WHERE["fa"].format(ORDER), sender, message_id=message_id)).messages == first.messages
    assert "TS-104180" in checked(peyk.say(WHERE_IS_IT["fa"], sender)).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_messages_at_once_are_both_answered(peyk: Stack, language: str) -> None:
    sender = new_sender()
    numbers = [ORDER, "TS-104180"]
    answers = at_once(lambda number: ask(peyk, sender, number, language), numbers, 2)
    for number, answer in zip(numbers, answers, strict=True):
        assert answer.custom["order"]["orderId"] == number
    assert sorted(heard(peyk, sender)) == sorted(WHERE[language].format(number) for number in numbers)


def test_a_burst_is_answered_in_order(peyk: Stack) -> None:
    sender = new_sender()
    numbers = ["TS-104233", "TS-104180", "TS-104175", "TS-104190", "TS-104210"]
    texts = [WHERE["en"].format(number) for number in numbers]
    with ExitStack() as exits:
        connections = []
        for message in texts:
            connection = http.client.HTTPConnection("127.0.0.1", peyk.programs.edge_port, timeout=40)
            exits.callback(connection.close)
            body = json.dumps({"sender": sender, "message": message})
            connection.request("POST", WEBHOOK, body, {"Content-Type": "application/json"})
            connections.append(connection)
            # The edge has seen the message once it answers another request that came later.
            assert peyk.http.get("/healthz").status_code == 200
        answers = [json.loads(connection.getresponse().read()) for connection in connections]
    shown = [answer[-1]["custom"]["order"]["orderId"] for answer in answers]
    assert shown == numbers
    assert heard(peyk, sender) == texts
    assert numbers[-1] in checked(peyk.say(WHERE_IS_IT["en"], sender)).text


def test_a_person_asked_for_eight_times_at_once_is_one_ticket(peyk: Stack) -> None:
    sender = new_sender()
    answers = at_once(
        lambda number: checked(peyk.say("می‌خواهم با پشتیبان حرف بزنم", sender, message_id=f"{sender}-{number}")),
        range(8),
    )
    opened = [says(answer, "utter_handoff_ticket", "fa") for answer in answers]
    known = [says(answer, "utter_handoff_ticket_already", "fa") for answer in answers]
    assert (sum(map(bool, opened)), sum(map(bool, known))) == (1, 7)
    assert len({found[1] for found in (*opened, *known) if found}) == 1


def test_a_ticket_asked_for_in_eight_conversations_at_once_is_one_ticket(peyk: Stack) -> None:
    order, mobile, reason = "TS-104180", "09351112233", "late"
    with store_of(peyk) as engine, writing(engine) as connection:
        connection.execute(text("UPDATE tickets SET state = 'resolved'"))
    senders = [new_sender() for _ in range(8)]
    for sender in senders:
        ask(peyk, sender, order, "en")
        checked(peyk.press("verify", sender))
        checked(peyk.verify(mobile, sender))
    answers = at_once(lambda sender: checked(peyk.press("open_ticket", sender)), senders)
    opened = [says(answer, "utter_tickets_opened", "en") for answer in answers]
    known = [says(answer, "utter_tickets_open_already", "en") for answer in answers]
    assert (sum(map(bool, opened)), sum(map(bool, known))) == (1, 7)
    assert len({found[1] for found in (*opened, *known) if found}) == 1
    query = "SELECT count(*) FROM tickets WHERE order_number = :order AND reason = :reason AND state <> 'resolved'"
    assert rows(peyk, query, order=order, reason=reason) == [(1,)]
