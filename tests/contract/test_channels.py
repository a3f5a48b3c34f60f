"""Every channel keeps the same promises: order, once, bursts, long texts, buttons, cards, language, files."""

from __future__ import annotations

import pytest

from peyk.domain.conversations import Author, Entry
from peyk.i18n import localise_digits, text
from tests.contract.channel_drivers import DRIVERS, WITHOUT_FILES, Driver
from tests.fakes.evidence import SECRET_PLACE, photo
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.unit.web.conftest import (
    Edge,
    FakeRasa,
    StartEdge,
    _closed_sockets,
    clock,
    empty_store,
    rasa,
    start_edge,
    telegram,
)

# The edge's fixtures, here too.
__all__ = ["_closed_sockets", "clock", "empty_store", "rasa", "start_edge", "telegram"]

SENTENCES = [f"This is sentence number {place} of an answer that is very long indeed." for place in range(150)]


@pytest.fixture
def edge(start_edge: StartEdge, telegram: FakeTelegram) -> Edge:
    """An edge with every channel open."""
    return start_edge(telegram_token=TOKEN, telegram_api=telegram.url)


@pytest.fixture(params=DRIVERS)
def name(request: pytest.FixtureRequest) -> str:
    """The channel's name."""
    return str(request.param)


@pytest.fixture
def customer(name: str, edge: Edge, telegram: FakeTelegram) -> Driver:
    """A customer on the channel."""
    return DRIVERS[name](edge, telegram)


def kept(edge: Edge, customer: Driver) -> list[Entry]:
    """Return what the journal has of the conversation."""
    now = edge.parts.clock.now()
    return edge.parts.journal.entries(customer.conversation_id, after_seq=0, now=now, limit=500)


def asked(edge: Edge, customer: Driver) -> list[str | None]:
    """Return what stands in the journal as the customer's."""
    return [entry.text for entry in kept(edge, customer) if entry.author is Author.CUSTOMER]


class TestOrder:
    def test_each_message_is_answered_in_its_turn(self, edge: Edge, customer: Driver, rasa: FakeRasa) -> None:
        for place in range(5):
            customer.say(f"question {place}")
            assert len(customer.said(place + 1)) == place + 1
        assert customer.said(5) == [f"echo question {place}" for place in range(5)]
        assert asked(edge, customer) == rasa.texts == [f"question {place}" for place in range(5)]

    def test_a_burst_is_answered_in_order_one_at_a_time(self, edge: Edge, customer: Driver, rasa: FakeRasa) -> None:
        said = [f"question {place}" for place in range(12)]
        rasa.hold(said[0])
        customer.say(said[0])
        rasa.wait_for(said[0])
        for each in said[1:]:
            customer.say(each)
        # Two of one conversation at once would wait for Rasa's lock, a second at a time.
        assert rasa.texts == said[:1]
        rasa.release(said[0])
        assert customer.said(12) == [f"echo {each}" for each in said]
        assert rasa.texts == said

    def test_an_answer_of_several_messages_stays_together(self, customer: Driver, rasa: FakeRasa) -> None:
        rasa.answer = lambda body: [{"text": f"{body['text']}: {part}"} for part in ("a", "b", "c")]
        for question in ("one", "two"):
            customer.say(question)
        assert customer.said(6) == [f"{question}: {part}" for question in ("one", "two") for part in ("a", "b", "c")]


class TestOnce:
    def test_sent_twice_is_kept_and_answered_once(self, edge: Edge, customer: Driver, rasa: FakeRasa) -> None:
        first = customer.say("where is it?")
        assert customer.said(1) == ["echo where is it?"]
        customer.again(first)
        customer.say("and now?")
        assert customer.said(2) == ["echo where is it?", "echo and now?"]
        assert rasa.texts == ["where is it?", "and now?"]
        assert [(entry.seq, entry.author.value) for entry in kept(edge, customer)] == [
            (1, "customer"),
            (2, "bot"),
            (3, "customer"),
            (4, "bot"),
        ]

    def test_sent_again_while_it_is_answered_is_answered_once(
        self, edge: Edge, customer: Driver, rasa: FakeRasa
    ) -> None:
        rasa.hold("where is it?")
        first = customer.say("where is it?")
        rasa.wait_for("where is it?")
        customer.again(first)
        rasa.release("where is it?")
        customer.said(1)
        customer.say("and now?")
        assert customer.said(2) == ["echo where is it?", "echo and now?"]
        assert rasa.texts == ["where is it?", "and now?"]
        assert asked(edge, customer) == ["where is it?", "and now?"]


class TestLong:
    def test_a_long_answer_is_cut_at_the_ends_of_sentences_where_it_must_be(
        self, customer: Driver, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda _: [{"text": " ".join(SENTENCES)}]
        customer.say("tell me everything")
        if customer.longest is None:
            assert customer.said(1) == [" ".join(SENTENCES)]
            return
        parts = customer.said(1 + len(" ".join(SENTENCES)) // customer.longest)
        assert " ".join(parts) == " ".join(SENTENCES)
        for part in parts:
            assert len(part.encode("utf-16-le")) // 2 <= customer.longest
            assert part.endswith("indeed.")

    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_a_long_question_is_refused_in_the_customers_language(
        self, edge: Edge, customer: Driver, rasa: FakeRasa, language: str
    ) -> None:
        customer.say({"fa": "سفارش من کجاست؟", "en": "Where is my order?"}[language])
        customer.said(1)
        customer.say("104233 " * 400)
        limit = localise_digits("2000", language)
        refusal = customer.said(2)[1].replace("\u2066", "").replace("\u2069", "")
        assert refusal == text("edge_too_long", language, limit=limit)
        assert len(rasa.texts) == 1
        assert len(asked(edge, customer)) == 1


class TestContent:
    def test_a_button_says_its_payload_to_the_bot_and_its_title_to_people(
        self, edge: Edge, customer: Driver, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda body: (
            [{"text": "Shall I?", "buttons": [{"title": "Yes, please", "payload": "/affirm"}]}]
            if body.get("text")
            else [{"text": "Done."}]
        )
        customer.say("do it")
        customer.said(1)
        customer.tap()
        assert customer.said(2)[1] == "Done."
        assert rasa.texts == ["do it", "/affirm"]
        assert asked(edge, customer) == ["do it", "Yes, please"]

    def test_typed_payloads_stay_text(self, customer: Driver, rasa: FakeRasa) -> None:
        customer.say("/affirm")
        customer.said(1)
        assert "payload" not in rasa.requests[0]

    def test_an_order_is_shown_as_a_card(self, customer: Driver, rasa: FakeRasa) -> None:
        card = {"order": {"orderId": "TS-104233", "status": "in_transit", "statusFa": "در راه"}}
        rasa.answer = lambda _: [{"text": "Order TS-104233 is on its way.", "custom": card}]
        customer.say("where is it?")
        customer.said(1)
        assert customer.order() == "TS-104233"

    def test_the_conversation_has_the_language_it_is_written_in(self, edge: Edge, customer: Driver) -> None:
        customer.say("سفارش من کجاست؟")
        customer.said(1)
        about = edge.parts.journal.about(customer.conversation_id)
        assert about is not None
        assert about.language == "fa"

    def test_a_file_is_kept_clean_and_acknowledged_without_the_bot(
        self, name: str, edge: Edge, customer: Driver, rasa: FakeRasa
    ) -> None:
        if name in WITHOUT_FILES:
            pytest.skip(f"{name}: a customer cannot send files")
        customer.send_file(photo())
        (said,) = customer.said(1)
        assert said in {text("files.received", language) for language in ("fa", "en")}
        question, answer = kept(edge, customer)
        ((file,), words) = question.custom["files"], question.text
        assert (question.author, words, file["type"], answer.text) == (Author.CUSTOMER, None, "image/jpeg", said)
        assert SECRET_PLACE.encode() not in edge.parts.files.read(file["id"])[1].read_bytes()
        assert rasa.requests == []
