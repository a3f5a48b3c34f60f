"""A message sent again, and messages that come while one is answered: each answered once, in order."""

from __future__ import annotations

from datetime import timedelta

from peyk.domain.identity import Verification
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, Json, StartEdge
from tests.unit.web.test_rest import check


class TestRepeats:
    def test_the_same_message_id_is_processed_once(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": f"answer {len(rasa.requests)}", "buttons": [{"title": "a", "payload": "/a"}]}]
        first, second = edge.say("hello", message_id="m1"), edge.say("hello", message_id="m1")
        assert first.json() == second.json()
        assert len(rasa.requests) == 1
        assert edge.say("hello", message_id="m2").json() != first.json()

    def test_a_message_id_is_the_conversations_own(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say("hello", message_id="m1")
        edge.say("hello", message_id="m1", sender="sara")
        assert len(rasa.requests) == 2

    def test_an_answer_is_replayed_after_a_restart(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "first", "buttons": [{"title": "a", "payload": "/a"}]}]
        first = start_edge().say("hello", message_id="m1").json()
        again = start_edge()
        assert again.say("hello", message_id="m1").json() == first
        again.say(first[0]["buttons"][0]["payload"])
        assert rasa.texts == ["hello", "/a"]

    def test_a_proven_customers_answer_is_not_repeated_after_the_proof(
        self, edge: Edge, rasa: FakeRasa, clock: FakeClock
    ) -> None:
        ends = clock.now() + timedelta(minutes=30)

        def shown(body: Json) -> Json:
            edge.parts.verifications.grant(Verification(body["conversation_id"], "09121234567", "otp", ends))
            return [{"text": "your address"}]

        rasa.answer = shown
        assert edge.say("my order", message_id="m1").json()[0]["text"] == "your address"
        rasa.answer = lambda _: [{"text": "please prove your mobile"}]
        clock.advance(minutes=29)
        assert edge.say("my order", message_id="m1").json()[0]["text"] == "your address"
        clock.advance(minutes=1)
        assert edge.say("my order", message_id="m1").json()[0]["text"] == "please prove your mobile"

    def test_the_same_text_while_it_is_answered_shares_the_answer(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("hello")
        same = [edge.begin("hello") for _ in range(4)]
        unlike = [edge.begin("hello", "sara"), edge.begin("hello", message_id="x"), edge.begin("hello there")]
        rasa.release("hello")
        assert len({future.result().text for future in same}) == 1
        assert {future.result().status_code for future in unlike} == {200}
        assert sorted(rasa.texts) == ["hello", "hello", "hello", "hello there"]

    def test_the_same_id_at_once_is_processed_once(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("hello")
        futures = [edge.begin("hello", message_id="m1") for _ in range(5)]
        rasa.release("hello")
        assert len({future.result().text for future in futures}) == 1
        assert rasa.texts == ["hello"]

    def test_after_the_answer_the_same_text_is_a_new_message(self, edge: Edge, rasa: FakeRasa) -> None:
        edge.say("hello")
        edge.say("hello")
        assert rasa.texts == ["hello", "hello"]


class TestOrder:
    def test_messages_of_a_conversation_are_answered_one_after_the_other(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("one")
        answers = [edge.begin(text) for text in ("one", "two", "three", "four")]
        rasa.wait_for("one")
        assert edge.say("aside", "sara").status_code == 200
        assert rasa.texts == ["one", "aside"]
        rasa.release("one")
        assert [future.result().json()[0]["text"] for future in answers] == [
            "echo one",
            "echo two",
            "echo three",
            "echo four",
        ]
        assert rasa.texts == ["one", "aside", "two", "three", "four"]

    def test_too_many_waiting_messages_are_refused(self, edge: Edge, rasa: FakeRasa) -> None:
        rasa.hold("message 0")
        waiting = [edge.begin(f"message {number}") for number in range(20)]
        refused = edge.say("one more message")
        check(refused, 429, "busy")
        assert int(refused.headers["retry-after"]) > 0
        assert edge.say("hello", "sara").status_code == 200
        rasa.release("message 0")
        assert {future.result().status_code for future in waiting} == {200}
        assert edge.say("one more message").status_code == 200
