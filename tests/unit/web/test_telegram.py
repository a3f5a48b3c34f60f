"""Telegram through a real edge: taken once, answered once, in order, whatever fails in between."""

from __future__ import annotations

import logging
import re
from typing import NoReturn

import httpx
import pytest

from peyk.channels.telegram.names import CHANNEL
from peyk.errors import SettingsError
from peyk.i18n import text
from peyk.web.demo_bot.rules import Refused
from peyk.web.telegram import PATH, SECRET_HEADER
from tests.fakes.telegram import CUSTOMER, TOKEN, FakeTelegram
from tests.fakes.telegram_http import Fault
from tests.unit.web.conftest import Edge, FakeRasa, Json, StartBot
from tests.unit.web.telegram_steps import MOBILE, NUMBER, OTHER, here, rows, settle, texts
from tests.unit.web.test_turns import away, away_for


def asked_from(telegram: FakeTelegram) -> int | None:
    """The offset of the newest call that fetches updates."""
    offsets = [call.params.get("offset") for call in telegram.calls if call.method == "getUpdates"]
    return offsets[-1] if offsets else None


class TestPolling:
    def test_a_message_is_answered(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        telegram.say("where is it?")
        settle(polling, telegram)
        assert texts(telegram) == ["echo where is it?"]
        assert rasa.requests[0]["conversation_id"] == here(polling)
        methods = [call.method for call in telegram.calls]
        assert methods.index("sendChatAction") < methods.index("sendMessage")

    def test_the_same_update_twice_is_answered_once(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        update = telegram.say("hello")
        settle(polling, telegram)
        telegram.queue({**update, "update_id": update["update_id"] + 5}, update)
        telegram.wait_for(lambda: len(telegram.sent) == 2)
        telegram.say("last")
        settle(polling, telegram, 1)
        assert rasa.texts == ["hello", "hello", "last"]

    def test_a_burst_is_answered_in_order(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        said = [f"message {number}" for number in range(25)]
        for each in said:
            telegram.say(each)
        telegram.wait_for(lambda: len(telegram.sent) == 25)
        assert rasa.texts == said
        assert texts(telegram) == [f"echo {each}" for each in said]
        telegram.wait_for(lambda: asked_from(telegram) == 10_000 + 25 + 1)

    def test_telegram_is_down_at_the_start_and_comes_back(self, start_bot: StartBot, telegram: FakeTelegram) -> None:
        telegram.fail(Fault.SERVER_ERROR, times=6)
        edge = start_bot()
        assert edge.client.get("/healthz").status_code == 200
        telegram.say("hello")
        telegram.wait_for(lambda: len(telegram.sent) == 1)
        assert edge.naps[:6] == [1, 2, 4, 8, 16, 32]

    def test_an_update_of_no_use_does_not_stop_the_others(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.push(poll={"id": "1"})
        telegram.wait_for(lambda: asked_from(telegram) == 10_000 + 2)
        telegram.push(message="x")
        telegram.say("hello")
        telegram.wait_for(lambda: len(telegram.sent) == 1)
        assert texts(telegram) == ["echo hello"]


class TestWebhook:
    def test_it_says_200_before_the_answer_is_there(self, hooked: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.hold("hello")
        telegram.say("hello")
        assert telegram.deliver() == [200]
        rasa.wait_for("hello")
        assert telegram.sent == []
        rasa.release("hello")
        settle(hooked, telegram)
        assert texts(telegram) == ["echo hello"]

    def test_the_same_update_again_is_answered_once(self, hooked: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        update = telegram.say("hello")
        assert telegram.deliver() == [200]
        assert telegram.deliver([update, update]) == [200, 200]
        settle(hooked, telegram)
        assert telegram.deliver([update, telegram.say("last")]) == [200, 200]
        settle(hooked, telegram)
        assert rasa.texts == ["hello", "last"]
        assert texts(telegram) == ["echo hello", "echo last"]

    @pytest.mark.parametrize("shown", [None, "", "wrong", "ü" * 40])
    def test_without_the_secret_nothing_is_taken(self, hooked: Edge, telegram: FakeTelegram, shown: str | None) -> None:
        headers = {} if shown is None else {SECRET_HEADER: shown.encode()}
        update = telegram.say("hello")
        response = hooked.client.post(PATH, json=update, headers=headers)  # type: ignore[arg-type]
        assert response.status_code == 403
        assert rows(hooked, "SELECT * FROM inbox") == []
        assert telegram.deliver() == [200]
        settle(hooked, telegram)
        assert len(telegram.sent) == 1

    def test_too_large_a_body_is_refused(self, hooked: Edge, telegram: FakeTelegram) -> None:
        telegram.say("x" * 70_000)
        assert telegram.deliver() == [413]

    def test_nonsense_with_the_secret_is_acknowledged(self, hooked: Edge, telegram: FakeTelegram) -> None:
        secret = (telegram.webhook or {})["secret_token"]
        for content in (b"", b"[", b"[]", b'{"update_id": 5}', b"[" * 20_000):
            response = hooked.client.post(PATH, content=content, headers={SECRET_HEADER: secret})
            assert response.status_code == 200
        assert hooked.parts.inbox.open(CHANNEL, limit=9) == []

    def test_there_is_no_webhook_while_it_polls(self, polling: Edge) -> None:
        assert polling.client.post(PATH, json={}).status_code == 404

    def test_two_chats_are_answered_side_by_side(self, hooked: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.hold("slow")
        telegram.say("slow")
        telegram.say("after it")
        telegram.say("quick", OTHER)
        assert telegram.deliver() == [200, 200, 200]
        telegram.wait_for(lambda: texts(telegram, OTHER) == ["echo quick"])
        assert texts(telegram) == []
        rasa.release("slow")
        settle(hooked, telegram)
        assert texts(telegram) == ["echo slow", "echo after it"]


class TestCrash:
    def test_what_was_only_in_the_inbox_is_answered_once(
        self, start_bot: StartBot, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", times=10**9)
        first = start_bot()
        telegram.say("hello")
        telegram.wait_for(lambda: any(call.method == "sendMessage" for call in telegram.calls))
        first.stop()
        assert len(first.parts.inbox.open(CHANNEL, limit=9)) == 1
        tried = len(telegram.sent)
        telegram.mend()
        second = start_bot()
        settle(second, telegram)
        assert len(telegram.sent) == tried + 1
        second.stop()
        third = start_bot()
        telegram.say("bye")
        settle(third, telegram)
        assert texts(telegram)[tried:] == ["echo hello", "echo bye"]
        assert rasa.texts == ["hello", "bye"]

    def test_what_has_gone_out_does_not_go_out_again(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rasa.answer = lambda _: [{"text": "one"}, {"text": "two"}]
        send, failed = telegram._send_message, list[str]()

        def flaky(params: Json) -> Json:
            if params["text"] == "two" and not failed:
                failed.append("two")
                raise Refused(500, "Internal Server Error")
            return send(params)

        monkeypatch.setattr(telegram, "_send_message", flaky)
        telegram.say("hello")
        settle(polling, telegram)
        assert texts(telegram) == ["one", "two", "two"]

    def test_what_is_done_is_forgotten_but_its_name(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.say("my secret")
        settle(polling, telegram)
        assert rows(polling, "SELECT body FROM inbox") == [("{}",)]


class TestFailures:
    def test_an_answer_is_shown_when_it_is_kept(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        away_for(polling, 5)
        telegram.say("hello there")
        settle(polling, telegram)
        assert rasa.texts == ["hello there"]
        assert texts(telegram) == ["echo hello there"]
        said = polling.parts.journal.entries(here(polling), after_seq=0, now=polling.parts.clock.now(), limit=9)
        assert [entry.text for entry in said] == ["hello there", "echo hello there"]

    def test_rasa_is_away(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.status = 500
        telegram.say("سلام")
        settle(polling, telegram)
        assert texts(telegram) == [text("edge_unavailable", "fa")]
        rasa.status = 200
        telegram.say("where is it please?")
        settle(polling, telegram)
        assert texts(telegram)[1:] == ["echo where is it please?"]

    def test_who_has_blocked_the_bot_gets_nothing_more(
        self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa
    ) -> None:
        rasa.answer = lambda _: [{"text": "one"}, {"text": "two"}]
        telegram.fail(Fault.BLOCKED, "sendMessage")
        telegram.say("hello")
        settle(polling, telegram)
        assert texts(telegram) == ["one"]

    def test_a_body_that_is_refused_is_left_out(self, polling: Edge, telegram: FakeTelegram, rasa: FakeRasa) -> None:
        rasa.answer = lambda _: [{"text": "one"}, {"text": "two"}]
        telegram.fail(Fault.SERVER_ERROR, "sendMessage", status=400)
        telegram.say("hello")
        settle(polling, telegram)
        assert texts(telegram) == ["one", "two"]

    def test_a_blocked_chat_does_not_hold_up_another(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.blocked.add(CUSTOMER)
        telegram.say("hello")
        telegram.say("hello", OTHER)
        settle(polling, telegram)
        assert texts(telegram, OTHER) == ["echo hello"]

    def test_a_fault_of_ours_holds_nothing_up(
        self, polling: Edge, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> NoReturn:
            raise RuntimeError

        monkeypatch.setattr(polling.parts.identity, "accept_contact", broken)
        telegram.share_contact(NUMBER, CUSTOMER)
        telegram.say("hello")
        settle(polling, telegram)
        assert texts(telegram) == ["echo hello"]

    def test_a_store_that_is_away_is_asked_again(
        self, hooked: Edge, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        update = telegram.say("hello")
        with monkeypatch.context() as broken:
            broken.setattr(hooked.parts.inbox, "put", away)
            assert telegram.deliver([update]) == [503]
        assert telegram.deliver([update]) == [200]
        settle(hooked, telegram)
        assert texts(telegram) == ["echo hello"]

    def test_it_waits_as_long_as_telegram_says(self, polling: Edge, telegram: FakeTelegram) -> None:
        telegram.fail(Fault.RATE_LIMITED, "sendMessage", retry_after=7)
        telegram.say("hello")
        settle(polling, telegram)
        assert texts(telegram) == ["echo hello", "echo hello"]
        assert any(nap > 6 for nap in polling.naps)

    def test_the_token_is_written_nowhere(
        self,
        start_bot: StartBot,
        telegram: FakeTelegram,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        telegram.fail(Fault.HTML, times=3)
        edge = start_bot()
        telegram.say("my mobile is 09121234567")
        settle(edge, telegram)
        captured = capfd.readouterr()
        said = [(record.msg, record.args) for record in caplog.records]
        written = caplog.text + captured.out + captured.err + str(said)
        assert "telegram.unavailable" in written
        for secret in (TOKEN, TOKEN.partition(":")[2], MOBILE):
            assert secret not in written
        # As a number by itself: ports and times hold any digits.
        assert not re.search(rf"\b{CUSTOMER}\b", written)


def test_without_a_token_there_is_no_channel(edge: Edge) -> None:
    assert httpx.post(f"{edge.url}{PATH}", json={}, trust_env=False).status_code == 404


def test_a_token_that_is_none_is_one_line(start_bot: StartBot) -> None:
    with pytest.raises(SettingsError, match=r"^PEYK_TELEGRAM_TOKEN: ") as caught:
        start_bot(telegram_token="my token")
    assert "my token" not in str(caught.value)
