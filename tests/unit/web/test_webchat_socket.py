"""The web chat on its WebSocket: what goes in is answered once and in order, what comes out follows the journal."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from peyk.domain.conversations import Owner, Ownership
from peyk.domain.identity import Verification
from peyk.web.webchat import socket as chat_socket
from tests.unit.web.chat_steps import Browser, Json, conversation_of, new_id, speak
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge


def is_entry(frame: Json) -> bool:
    return bool(frame["type"] == "entry")


class TestMessages:
    def test_a_message_is_kept_worked_on_and_answered(self, edge: Edge) -> None:
        browser = Browser(edge, language="en")
        assert browser.welcome["new"]
        assert (browser.welcome["owner"], browser.welcome["last_seq"], browser.welcome["entries"]) == ("bot", 0, [])
        own_id = browser.say("where is it?")
        browser.wait_for("entry", author="bot")
        kinds = [frame["type"] for frame in browser.frames]
        assert kinds.index("accepted") < kinds.index("entry")
        assert browser.frames[kinds.index("accepted")] == {"type": "accepted", "id": own_id, "seq": 1}
        assert {"type": "typing", "author": "bot"} in browser.frames
        assert {"type": "seen", "seq": 1} in browser.frames
        own, answer = [frame for frame in browser.frames if is_entry(frame)]
        assert (own["seq"], own["author"], own["text"]) == (1, "customer", "where is it?")
        assert (answer["seq"], answer["text"]) == (2, "echo where is it?")

    def test_the_same_message_again_is_stored_and_answered_once(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        own_id = browser.say("hello there")
        browser.wait_for("entry", author="bot")
        assert browser.say("hello there", id=own_id) == own_id
        assert browser.wait_for("accepted")["seq"] == 1
        browser.say("and now?")
        assert browser.entries(2) == ["echo hello there", "echo and now?"]
        assert rasa.texts == ["hello there", "and now?"]

    def test_what_is_sent_while_one_is_answered_is_answered_in_order(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        rasa.hold("number 0")
        said = [f"number {place}" for place in range(15)]
        for each in said:
            browser.say(each)
        rasa.wait_for("number 0")
        rasa.release("number 0")
        assert browser.entries(15) == [f"echo {each}" for each in said]
        assert browser.texts("customer") == said
        assert rasa.texts == said
        seqs = [frame["seq"] for frame in browser.frames if is_entry(frame)]
        assert seqs == list(range(1, 31))

    def test_one_too_many_is_refused_with_its_id_and_taken_later(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        rasa.hold("number 0")
        ids = [browser.say(f"number {place}") for place in range(21)]
        refused = browser.wait_for("refused")
        assert (refused["id"], refused["code"], refused["retry_after_s"]) == (ids[20], "busy", 2)
        rasa.release("number 0")
        browser.entries(20)
        browser.say("number 20", id=ids[20])
        assert browser.entries(21)[20] == "echo number 20"

    def test_a_button_goes_by_its_token_and_text_that_looks_like_one_stays_text(
        self, edge: Edge, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda _: [{"text": "?", "buttons": [{"title": "Track it", "payload": "/track_order"}]}]
        browser = Browser(edge)
        browser.say("hello there")
        (button,) = browser.wait_for("entry", author="bot")["buttons"]
        assert button["title"] == "Track it"
        browser.say(button["payload"])
        browser.wait_for("entry", author="bot")
        browser.say(token=button["payload"])
        assert browser.wait_for("entry", author="customer")["text"] == "Track it"
        browser.wait_for("entry", author="bot")
        assert rasa.texts == ["hello there", button["payload"], "/track_order"]

    def test_rasa_is_down_and_the_same_message_is_answered_when_it_is_back(self, edge: Edge, rasa: FakeRasa) -> None:
        browser = Browser(edge)
        rasa.status = 500
        own_id = browser.say("hello there")
        assert browser.wait_for("accepted")["id"] == own_id
        refused = browser.wait_for("refused")
        # It is kept: nothing for the browser to do.
        assert refused["code"] == "unanswered"
        assert "id" not in refused
        rasa.status = 200
        browser.say("hello there", id=own_id)
        assert browser.wait_for("entry", author="bot")["text"] == "echo hello there"
        assert browser.texts("customer") == ["hello there"]

    @pytest.mark.parametrize(("text", "code"), [("x" * 2001, "too_long"), (" \u200c ", "blank")])
    def test_what_cannot_be_taken_is_refused_kindly(self, edge: Edge, text: str, code: str) -> None:
        browser = Browser(edge, language="en")
        own_id = browser.say(text)
        refused = browser.wait_for("refused")
        assert (refused["id"], refused["code"]) == (own_id, code)
        assert "retry_after_s" not in refused
        assert refused["text"]


class TestTabs:
    def test_another_tab_sees_the_message_and_its_answer(self, edge: Edge) -> None:
        first = Browser(edge)
        second = Browser(edge, first.token)
        first.say("where is it?")
        assert second.entries(1) == ["echo where is it?"]
        assert second.texts("customer") == ["where is it?"]
        assert not [frame for frame in second.frames if frame["type"] == "accepted"]
        assert {"type": "seen", "seq": 1} in second.frames

    def test_after_a_break_nothing_is_missed_and_nothing_doubled(self, edge: Edge) -> None:
        browser = Browser(edge)
        browser.say("one")
        browser.entries(1)
        browser.close()
        here = conversation_of(edge, browser.token)
        for place in range(120):
            speak(edge, here, f"news {place}")
        again = Browser(edge, browser.token, after=2)
        assert not again.welcome["new"]
        received = [each["seq"] for each in again.welcome["entries"]]
        while received[-1] < 122:
            received.append(again.wait_for("entry")["seq"])
        assert received == list(range(3, 123))
        again.say("and now?")
        again.wait_for("entry", author="bot")
        assert [frame["seq"] for frame in again.frames if is_entry(frame)] == list(range(103, 125))

    def test_a_reload_shows_the_last_fifty(self, edge: Edge) -> None:
        browser = Browser(edge)
        browser.say("one")
        browser.entries(1)
        here = conversation_of(edge, browser.token)
        for place in range(60):
            speak(edge, here, f"news {place}")
        again = Browser(edge, browser.token)
        assert [each["seq"] for each in again.welcome["entries"]] == list(range(13, 63))

    def test_pending_messages_that_arrived_are_known(self, edge: Edge) -> None:
        browser = Browser(edge)
        own_id = browser.say("one")
        browser.entries(1)
        again = Browser(edge, browser.token, after=0, pending=[own_id, new_id()])
        assert again.welcome["known"] == {own_id: 1}

    def test_what_another_process_keeps_arrives_by_itself(self, edge: Edge) -> None:
        browser = Browser(edge)
        browser.say("one")
        browser.entries(1)
        speak(edge, conversation_of(edge, browser.token), "We will be with you shortly.")
        assert browser.wait_for("entry", author="system")["text"] == "We will be with you shortly."

    def test_what_a_proof_opened_keeps_its_place_only_when_it_has_ended(self, edge: Edge) -> None:
        browser = Browser(edge)
        browser.say("one")
        browser.entries(1)
        here = conversation_of(edge, browser.token)
        ends = edge.parts.clock.now() + timedelta(minutes=10)
        edge.parts.verifications.grant(Verification(here, "09121234567", "otp", ends))
        browser.say("two")
        browser.entries(2)
        speak(edge, here, "A person of the shop said this.")
        assert [each["text"] for each in Browser(edge, browser.token).welcome["entries"][3:]] == [
            "echo two",
            "A person of the shop said this.",
        ]
        edge.parts.clock.advance(minutes=11)
        hidden, persons = Browser(edge, browser.token).welcome["entries"][3:]
        assert set(hidden) == {"seq", "author", "at", "hidden"}
        assert hidden["hidden"]
        # What people say waits for the customer.
        assert persons["text"] == "A person of the shop said this."

    def test_a_history_that_is_gone_begins_anew(self, edge: Edge) -> None:
        browser = Browser(edge)
        assert Browser(edge, browser.token, after=7).welcome["new"]


class TestOwner:
    def test_who_has_the_conversation_is_said_when_it_changes(
        self, edge: Edge, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chat_socket, "OWNER_CHECK_S", 0.05)
        browser = Browser(edge)
        browser.say("one")
        browser.entries(1)
        here, now = conversation_of(edge, browser.token), edge.parts.clock.now()
        queue, sara = Ownership(Owner.QUEUE), Ownership(Owner.AGENT, "sara")
        assert edge.parts.journal.change_owner(here, Ownership(), queue, now)
        assert browser.wait_for("owner")["owner"] == "queue"
        assert edge.parts.journal.change_owner(here, queue, sara, now)
        assert browser.wait_for("owner")["owner"] == "agent"
        browser.say("are you there?")
        browser.wait_for("entry", author="customer")
        speak(edge, here, "Yes, I am.", agent="sara")
        assert browser.wait_for("entry", author="agent")["text"] == "Yes, I am."
        assert browser.wait_for("seen")["seq"] == 3
        assert rasa.texts == ["one"]
        assert Browser(edge, browser.token).welcome["owner"] == "agent"


class TestEnd:
    def test_a_stop_says_goodbye(self, start_edge: StartEdge) -> None:
        edge = start_edge()
        browser = Browser(edge)
        edge.stop()
        assert browser.socket.read_to_end()[-1] == {"type": "bye", "reason": "restart"}
        assert browser.socket.code == 1012

    def test_an_answer_under_way_is_there_after_a_restart(self, start_edge: StartEdge, rasa: FakeRasa) -> None:
        edge = start_edge()
        browser = Browser(edge)
        rasa.hold("one")
        own_id = browser.say("one")
        rasa.wait_for("one")

        def release_when_gone() -> None:
            browser.socket.read_to_end()
            rasa.release("one")

        when_gone = threading.Thread(target=release_when_gone)
        when_gone.start()
        edge.stop()
        when_gone.join()
        again = Browser(start_edge(), browser.token, pending=[own_id])
        assert again.welcome["known"] == {own_id: 1}
        assert [each["text"] for each in again.welcome["entries"]] == ["one", "echo one"]
        assert rasa.texts == ["one"]
