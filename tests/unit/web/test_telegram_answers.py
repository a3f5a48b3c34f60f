"""What each kind of update is answered with: buttons, contacts, commands, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from peyk.channels.telegram.names import Names
from peyk.domain.conversations import Owner, Ownership
from peyk.i18n import text
from peyk.settings import Settings
from peyk.store.audit import verify
from tests.fakes.telegram import BOT, CUSTOMER, TOKEN, FakeTelegram
from tests.fakes.telegram_http import Fault
from tests.unit.web.conftest import Edge, FakeClock, FakeRasa, Json, StartBot
from tests.unit.web.telegram_steps import MOBILE, NUMBER, OTHER, here, rows, settle, texts, token_of

LEVEL_1 = {
    "text": "TS-104233 is on its way.",
    "buttons": [{"title": "Details", "payload": "/press_verify"}],
    "custom": {"order": {"orderId": "TS-104233"}, "nextActions": [{"id": "verify", "title": "Details"}]},
}


class TestButtons:
    def test_a_tap_is_answered(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "which?", "buttons": [{"title": "A", "payload": "/a"}]}]
        telegram.say("hello")
        settle(polling, telegram)
        token, message_id = token_of(telegram)
        assert "/a" not in token
        telegram.tap(token, message_id)
        settle(polling, telegram)
        assert rasa.texts == ["hello", "/a"]
        assert telegram.keyboards[CUSTOMER, message_id] == []
        assert telegram.callbacks == set()
        methods = [call.method for call in telegram.calls]
        assert methods.index("answerCallbackQuery") < [i for i, name in enumerate(methods) if name == "sendMessage"][1]

    def test_anothers_button_is_none(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "which?", "buttons": [{"title": "A", "payload": "/a"}]}]
        telegram.say("hello")
        settle(polling, telegram)
        token, _ = token_of(telegram)
        telegram.tap(token, 77, OTHER)
        settle(polling, telegram)
        assert texts(telegram, OTHER) == [text("edge_button_expired", "fa")]
        assert rasa.texts == ["hello"]

    def test_a_payload_is_no_token(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.tap("/press_verify", 77)
        settle(polling, telegram)
        assert texts(telegram) == [text("edge_button_expired", "fa")]
        assert rasa.requests == []


class TestContacts:
    def current(self, edge: Edge, chat_id: int = CUSTOMER) -> Any:
        return edge.parts.verifications.current(here(edge, chat_id), edge.parts.clock.now())

    def events(self, edge: Edge) -> list[str]:
        return [row.event for row in rows(edge, "SELECT event FROM audit ORDER BY seq")]

    def test_the_number_is_asked_for_once_and_opens_the_order(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda _: [LEVEL_1]
        telegram.say("where is TS-104233 please")
        telegram.say("and now please")
        settle(polling, telegram)
        asked = [sent for sent in telegram.sent if "keyboard" in sent.get("reply_markup", {})]
        assert [sent["text"] for sent in asked] == [text("telegram.ask_contact", "en")]
        rasa.answer = lambda body: [{"text": f"all about {body['text']}"}]
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(polling, telegram)
        proof = self.current(polling)
        assert (proof.mobile, proof.method) == (MOBILE, "telegram")
        assert self.events(polling) == ["contact.verified"]
        assert texts(telegram)[-2] == text("telegram.contact_received", "en")
        assert rasa.texts[-1] == text("telegram.track_words", "en", order_id="TS-104233")
        assert self.current(polling, OTHER) is None

    def test_a_restart_does_not_ask_again_and_forgets_nothing(
        self, start_bot: StartBot, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda _: [LEVEL_1]
        first = start_bot()
        telegram.say("where is TS-104233 please")
        settle(first, telegram)
        first.stop()
        second = start_bot()
        telegram.say("and now please")
        settle(second, telegram)
        assert sum("keyboard" in sent.get("reply_markup", {}) for sent in telegram.sent) == 1
        rasa.answer = lambda body: [{"text": f"all about {body['text']}"}]
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(second, telegram)
        assert rasa.texts[-1] == text("telegram.track_words", "en", order_id="TS-104233")

    def test_the_journal_says_what_the_customer_did_and_no_number(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(polling, telegram)
        telegram.share_contact(NUMBER, OTHER)
        settle(polling, telegram)
        own, _, _, others, refused = (row.text for row in rows(polling, "SELECT text FROM journal ORDER BY at, seq"))
        assert own == text("telegram.did_contact", "fa", mobile="0912***67")
        assert others == text("telegram.did_other_contact", "fa")
        assert refused == text("telegram.notice_contact_not_own", "fa")
        assert not any(MOBILE[4:9] in str(row.text) for row in rows(polling, "SELECT text FROM journal"))

    def test_the_keyboard_goes_away_also_when_a_person_has_the_conversation(
        self, polling: Edge, telegram: FakeTelegram
    ) -> None:
        telegram.say("hello there")
        settle(polling, telegram)
        queue, now = Ownership(Owner.QUEUE), polling.parts.clock.now()
        assert polling.parts.journal.change_owner(here(polling), Ownership(), queue, now)
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(polling, telegram)
        assert self.current(polling) is not None
        assert telegram.sent[-1]["reply_markup"] == {"remove_keyboard": True}

    def test_without_an_order_the_customer_asks_again(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(polling, telegram)
        assert self.current(polling) is not None
        assert texts(telegram)[-1] == text("telegram.notice_ask_again", "fa")

    @pytest.mark.parametrize(
        "change",
        [
            {"contact": {"phone_number": NUMBER, "first_name": "x", "user_id": OTHER}},
            {"contact": {"phone_number": NUMBER, "first_name": "x"}},
            {"forward_date": 1_790_000_000},
            {"forward_origin": {"type": "user"}},
            {"via_bot": BOT},
        ],
    )
    def test_any_other_contact_proves_nothing(self, polling: Edge, telegram: FakeTelegram, change: Json) -> None:
        own = {"contact": {"phone_number": NUMBER, "first_name": "x", "user_id": CUSTOMER}}
        telegram.push(message={**telegram.message(), **own, **change})
        settle(polling, telegram)
        assert self.current(polling) is None
        assert self.events(polling) == []
        assert texts(telegram) == [text("telegram.notice_contact_not_own", "fa")]

    def test_another_messengers_word_proves_nothing(
        self, start_bot: StartBot, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        edge = start_bot(telegram_trust_contacts=False)
        rasa.answer = lambda _: [LEVEL_1]
        telegram.share_contact(NUMBER, CUSTOMER)
        settle(edge, telegram)
        assert self.current(edge) is None
        assert rasa.texts == [MOBILE]
        assert not any("keyboard" in sent.get("reply_markup", {}) for sent in telegram.sent)

    def test_an_old_contact_proves_nothing(self, start_bot: StartBot, telegram: FakeTelegram, clock: FakeClock) -> None:
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", times=10**9)
        first = start_bot()
        telegram.share_contact(NUMBER, CUSTOMER)
        telegram.wait_for(lambda: any(call.method == "sendMessage" for call in telegram.calls))
        first.stop()
        telegram.mend()
        clock.advance(minutes=30)
        second = start_bot()
        settle(second, telegram)
        assert self.current(second) is None
        assert texts(telegram)[-1] == text("telegram.ask_contact", "fa")
        assert self.events(second) == ["contact.verified"]


class TestKinds:
    @pytest.mark.parametrize(
        ("said", "language", "asked"),
        [
            ("/start", "en", "Hello"),
            ("/start", "fa", "سلام"),
            ("/start track_TS-104233", "en", "Where is my order TS-104233?"),
            ("/help", "en", "What can you do?"),
            ("/language", "en", "لطفاً فارسی صحبت کن"),
            ("/language", "fa", "Please speak English"),
        ],
    )
    def test_commands_are_words(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, said: str, language: str, asked: str
    ) -> None:
        telegram.push(message={**telegram.message(language=language), "text": said})
        settle(polling, telegram)
        assert [body["text"] for body in rasa.requests] == [asked]
        assert all("payload" not in body for body in rasa.requests)

    @pytest.mark.parametrize("content", [{"sticker": {}}, {"voice": {}}, {"text": " "}])
    def test_what_cannot_be_read(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, content: Json) -> None:
        telegram.push(message={**telegram.message(), **content})
        settle(polling, telegram)
        assert texts(telegram) == [text("telegram.notice_not_understood", "fa")]
        assert rasa.requests == []

    def test_a_caption_and_an_edited_message_are_messages(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        telegram.push(message={**telegram.message(), "photo": [{"file_id": "f"}], "caption": "where is this?"})
        telegram.push(edited_message={**telegram.message(), "text": "and this?"})
        settle(polling, telegram)
        assert rasa.texts == ["where is this?", "and this?"]

    def test_a_message_that_is_too_long(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.say("x" * 2001)
        settle(polling, telegram)
        assert rasa.requests == []
        assert len(telegram.sent) == 1

    def test_a_group_is_told_once_also_after_a_restart(self, start_bot: StartBot, telegram: FakeTelegram) -> None:
        for _ in range(2):
            edge = start_bot()
            telegram.push(message={**telegram.message(), "text": "hello", "chat": {"id": -100, "type": "group"}})
            settle(edge, telegram)
            edge.stop()
        assert len(texts(telegram, -100)) == 1

    def test_a_group_is_told_once_that_it_is_one(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        group = {"chat": {"id": -100, "type": "supergroup"}}
        for said in ("where is TS-104233?", "hello"):
            telegram.push(message={**telegram.message(), "text": said, **group})
        settle(polling, telegram)
        assert texts(telegram, -100) == [text("telegram.notice_shared_chat", "fa")]
        assert rasa.requests == []


def test_names_are_nobodys_but_the_bots(polling: Edge) -> None:
    settings = polling.parts.settings
    name = here(polling)
    assert name.startswith("t-")
    assert str(CUSTOMER) not in name
    another_shop = Names(SecretStr("k" * 40), settings.telegram_api, settings.telegram_token)
    assert another_shop.conversation_id(CUSTOMER) != name
    assert (
        another_shop.webhook_secret()
        != Names(settings.secret_key, settings.telegram_api, settings.telegram_token).webhook_secret()
    )
    for api, token in (("https://tapi.bale.ai", TOKEN), (settings.telegram_api, "7:" + "x" * 30)):
        other = Names(settings.secret_key, api, type(settings.telegram_token)(token))
        assert other.conversation_id(CUSTOMER) != name
        assert other.key(1) != Names(settings.secret_key, settings.telegram_api, settings.telegram_token).key(1)


def test_the_audit_is_whole(polling: Edge, telegram: FakeTelegram) -> None:
    telegram.share_contact(NUMBER, CUSTOMER)
    settle(polling, telegram)
    assert verify(polling.parts.engine, polling.parts.settings.secret_key.get_secret_value()) is None


def test_only_telegrams_own_word_counts_by_itself() -> None:
    def prove(**given: Any) -> bool:
        return Settings(**{"_env_file": None, **given}).contacts_prove

    assert prove()
    assert prove(telegram_api="https://api.telegram.org/")
    assert not prove(telegram_api="https://tapi.bale.ai")
    assert not prove(telegram_api="https://api.telegram.org.example")
    assert prove(telegram_api="https://tapi.bale.ai", telegram_trust_contacts=True)
