"""The demo's Telegram: what its telephones show, what its API takes, and that it is nowhere but in the demo."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from peyk.launcher.ports import free_ports
from peyk.launcher.stack import demo_telegram
from peyk.settings import Settings
from peyk.tls import trusted
from peyk.web.demo_bot.chats import MAX_CHATS, MAX_FILES, DemoTelegram, demo_bot
from peyk.web.demo_bot.rules import Html
from peyk.web.demo_bot.server import PATIENCE_S
from tests.unit.web.conftest import Edge, FakeRasa, StartEdge

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
CHAT = 4711
PHOTO = b"\xff\xd8\xff and so on"
ASK = {"keyboard": [[{"text": "شمارهٔ من", "request_contact": True}]], "one_time_keyboard": True}


class Now:
    """A clock that stands."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def bot(now: Now) -> Iterator[DemoTelegram]:
    bot = DemoTelegram(TOKEN, 0, now)
    bot.start()
    yield bot
    bot.stop()


def call(bot: DemoTelegram, method: str, **params: object) -> httpx.Response:
    """Call the API as a bot does."""
    return httpx.post(f"{bot.url}/bot{TOKEN}/{method}", json=params, trust_env=False, verify=trusted())


def send(bot: DemoTelegram, text: str = "سلام", **params: object) -> int:
    """Let the bot write and return the message's id."""
    answer = call(bot, "sendMessage", chat_id=CHAT, text=text, parse_mode="HTML", **params)
    return int(answer.json()["result"]["message_id"])


def updates(bot: DemoTelegram) -> list[dict[str, object]]:
    """Return what waits for the bot."""
    found: list[dict[str, object]] = call(bot, "getUpdates", timeout=0).json()["result"]
    return found


class TestTelephone:
    def test_both_sides_are_kept_in_order(self, bot: DemoTelegram) -> None:
        bot.write(CHAT, " سفارشم کجاست؟ ", "fa")
        send(bot, "در راه <b>است</b>")
        asked, answered = bot.state(CHAT)["entries"]
        assert (asked["mine"], [run["text"] for run in asked["runs"]]) == (True, ["سفارشم کجاست؟"])
        assert [(run["text"], list(run["marks"])) for run in answered["runs"]] == [("در راه ", []), ("است", ["b"])]
        assert bot.state(CHAT + 1)["entries"] == []
        message = updates(bot)[0]["message"]
        assert isinstance(message, dict)
        assert (message["text"], message["chat"]["id"], message["from"]["id"]) == ("سفارشم کجاست؟", CHAT, CHAT)

    @pytest.mark.parametrize("text", ["", " \n", "ا" * 4097])
    def test_what_no_app_would_send(self, bot: DemoTelegram, text: str) -> None:
        with pytest.raises(ValueError, match="no message"):
            bot.write(CHAT, text, "fa")
        assert updates(bot) == bot.state(CHAT)["entries"] == []

    def test_only_a_button_that_is_there_can_be_pressed(self, bot: DemoTelegram) -> None:
        rows = [[{"text": "جزئیات", "callback_data": "b:1"}]]
        message_id = send(bot, reply_markup={"inline_keyboard": rows})
        for place, data in ((message_id, "b:2"), (message_id + 1, "b:1")):
            with pytest.raises(ValueError, match="no such button"):
                bot.press(CHAT, place, data)
        with pytest.raises(ValueError, match="no such button"):
            bot.press(CHAT + 1, message_id, "b:1")
        assert updates(bot) == []
        bot.press(CHAT, message_id, "b:1")
        query = updates(bot)[0]["callback_query"]
        assert isinstance(query, dict)
        assert (query["data"], query["message"]["message_id"], query["from"]["id"]) == ("b:1", message_id, CHAT)
        assert call(bot, "answerCallbackQuery", callback_query_id=query["id"]).json()["ok"]

        assert bot.state(CHAT)["entries"][0]["rows"] == rows
        call(bot, "editMessageReplyMarkup", chat_id=CHAT, message_id=message_id, reply_markup={"inline_keyboard": []})
        assert bot.state(CHAT)["entries"][0]["rows"] == []

    @pytest.mark.parametrize(("mobile", "number"), [("09121234567", "989121234567"), ("+447700900123", "447700900123")])
    def test_the_own_number_where_it_is_asked_for(self, bot: DemoTelegram, mobile: str, number: str) -> None:
        with pytest.raises(ValueError, match="no number"):
            bot.give_number(CHAT, mobile)
        send(bot, reply_markup=ASK)
        assert bot.state(CHAT)["keyboard"] == ASK["keyboard"]
        bot.give_number(CHAT, mobile)
        assert bot.state(CHAT)["keyboard"] == []
        message = updates(bot)[0]["message"]
        assert isinstance(message, dict)
        assert (message["contact"]["phone_number"], message["contact"]["user_id"]) == (number, CHAT)

    def test_a_number_that_is_none(self, bot: DemoTelegram) -> None:
        send(bot, reply_markup=ASK)
        with pytest.raises(ValueError, match="no number"):
            bot.give_number(CHAT, "<b>")

    def test_the_bot_takes_its_keyboard_away(self, bot: DemoTelegram) -> None:
        send(bot, reply_markup=ASK)
        send(bot)
        assert bot.state(CHAT)["keyboard"] == ASK["keyboard"]
        send(bot, reply_markup={"remove_keyboard": True})
        assert bot.state(CHAT)["keyboard"] == []

    def test_typing_ends_with_the_answer_or_after_a_while(self, bot: DemoTelegram, now: Now) -> None:
        call(bot, "sendChatAction", chat_id=CHAT, action="typing")
        assert bot.state(CHAT)["typing"]
        now.at = 5.0
        assert not bot.state(CHAT)["typing"]
        call(bot, "sendChatAction", chat_id=CHAT, action="typing")
        send(bot)
        assert not bot.state(CHAT)["typing"]

    def test_a_photo_comes_as_telegram_sends_one(self, bot: DemoTelegram) -> None:
        with pytest.raises(ValueError, match="no photo"):
            bot.give_photo(CHAT, b"<svg onload=alert(1)>")
        bot.give_photo(CHAT, PHOTO)
        message = updates(bot)[0]["message"]
        assert isinstance(message, dict)
        file_id = message["photo"][-1]["file_id"]
        path = call(bot, "getFile", file_id=file_id).json()["result"]["file_path"]
        assert httpx.get(f"{bot.url}/file/bot{TOKEN}/{path}", trust_env=False, verify=trusted()).content == PHOTO
        assert bot.state(CHAT)["entries"][0]["photo"] == file_id

    def test_a_file_of_the_bot(self, bot: DemoTelegram) -> None:
        file = {"document": ("رسید.pdf", b"%PDF", "application/pdf")}
        url = f"{bot.url}/bot{TOKEN}/sendDocument"
        assert httpx.post(url, data={"chat_id": str(CHAT)}, files=file, trust_env=False, verify=trusted()).json()["ok"]
        shown = bot.state(CHAT)["entries"][0]["file"]
        assert shown["name"] == "رسید.pdf"
        assert bot.shown_file(shown["id"]) == b"%PDF"

    def test_memory_has_an_end(self, bot: DemoTelegram) -> None:
        for chat in range(1, MAX_CHATS + 2):
            bot.write(chat, "سلام", "fa")
        assert bot.state(1)["entries"] == []
        assert bot.state(2)["entries"]
        for _ in range(MAX_FILES + 5):
            bot.add_file(PHOTO)
        assert len(bot.files) == MAX_FILES


class TestApi:
    @pytest.mark.parametrize("token", ["110201543:wrong", "", "1:2"])
    def test_nobody_without_the_token(self, bot: DemoTelegram, token: str) -> None:
        assert httpx.post(f"{bot.url}/bot{token}/getMe", trust_env=False, verify=trusted()).status_code in {401, 404}

    def test_what_it_cannot_read(self, bot: DemoTelegram) -> None:
        for body in (b"{", b"[1]", b"\xff"):
            headers = {"Content-Type": "application/json"}
            url = f"{bot.url}/bot{TOKEN}/getMe"
            assert httpx.post(url, content=body, headers=headers, trust_env=False, verify=trusted()).status_code == 400

    def test_a_body_without_end_is_not_read(self, bot: DemoTelegram) -> None:
        with closing(HTTPConnection(urlsplit(bot.url).netloc, timeout=PATIENCE_S)) as connection:
            connection.putrequest("POST", f"/demo/telegram/bot{TOKEN}/getMe")
            connection.putheader("Content-Length", str(10**12))
            connection.endheaders()
            assert connection.getresponse().status == 413

    def test_links_lead_to_the_web_only(self) -> None:
        html = Html()
        html.read('<a href="javascript:alert(1)">a</a><a href="https://shop.example/"><b>b</b></a>')
        assert [(run.text, run.url, run.marks) for run in html.runs] == [
            ("a", "", ()),
            ("b", "https://shop.example/", ("b",)),
        ]


class TestWhereItIs:
    def chosen(self, **settings: object) -> Settings:
        env = {name.removeprefix("PEYK_").lower(): value for name, value in demo_telegram().items()}
        values: dict[str, Any] = {"_env_file": None, "secret_key": "k" * 32, "run_secret": "r" * 32}
        return Settings(**{**values, **env, **settings})

    def test_the_launchers_settings_are_its_own(self) -> None:
        settings = self.chosen()
        bot = demo_bot(settings)
        assert bot is not None
        assert (bot.url, bot.token) == (settings.telegram_api, settings.telegram_token.get_secret_value())
        assert settings.contacts_prove
        assert demo_telegram()["PEYK_TELEGRAM_TOKEN"] != settings.telegram_token.get_secret_value()

    @pytest.mark.parametrize(
        "settings",
        [
            {"mode": "production"},
            {"telegram_token": ""},
            {"telegram_api": "https://api.telegram.org"},
            {"telegram_api": "https://127.0.0.1:8081/demo/telegram"},
            {"telegram_api": "http://127.0.0.1:8081"},
            {"telegram_api": "http://127.0.0.1/demo/telegram"},
        ],
    )
    def test_nowhere_else(self, settings: dict[str, str]) -> None:
        assert demo_bot(self.chosen(**settings)) is None

    def test_production_has_neither_the_api_nor_the_telephone(self, start_edge: StartEdge) -> None:
        port = free_ports(1)[0]
        api = f"http://127.0.0.1:{port}/demo/telegram"
        edge = start_edge(mode="production", telegram_token=TOKEN, telegram_api=api)
        for path in (f"/demo/telegram/chats/{CHAT}", "/demo/telegram.js", "/demo/page", "/demo/telegram/files/file-1"):
            assert edge.client.get(path).status_code == 404
        assert edge.client.post(f"/demo/telegram/chats/{CHAT}/messages", json={"text": "سلام"}).status_code == 404
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{api}/bot{TOKEN}/getMe", trust_env=False, verify=trusted())

    def test_a_demo_with_a_real_bot_shows_no_telephone(self, edge: Edge) -> None:
        assert edge.client.get("/demo/page").json()["telegram"] is False
        assert edge.client.get(f"/demo/telegram/chats/{CHAT}").status_code == 404


class TestPanel:
    @pytest.fixture
    def edge(self, start_edge: StartEdge) -> Edge:
        api = f"http://127.0.0.1:{free_ports(1)[0]}/demo/telegram"
        return start_edge(telegram_token=TOKEN, telegram_api=api, telegram_trust_contacts=True)

    def test_a_question_is_answered_through_the_real_channel(self, edge: Edge, rasa: FakeRasa) -> None:
        chat = f"/demo/telegram/chats/{CHAT}"
        assert edge.client.get("/demo/page").json()["telegram"] is True
        state = edge.client.post(f"{chat}/messages", json={"text": "سلام", "language": "fa"}).json()
        assert len(state["entries"]) == 1
        until = time.monotonic() + PATIENCE_S
        while len(state["entries"]) < 2 and time.monotonic() < until:
            state = edge.client.get(chat).json()
        assert [entry["mine"] for entry in state["entries"][:2]] == [True, False]

    @pytest.mark.parametrize("chat", ["0", "-1", str(2**52), "x"])
    def test_no_such_chat(self, edge: Edge, chat: str) -> None:
        assert edge.client.get(f"/demo/telegram/chats/{chat}").status_code in {404, 422}

    @pytest.mark.parametrize("part", ["messages", "taps", "contacts", "photos"])
    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", json.dumps({"message": [], "data": {}}).encode()])
    def test_what_cannot_be_sent(self, edge: Edge, part: str, body: bytes) -> None:
        assert edge.client.post(f"/demo/telegram/chats/{CHAT}/{part}", content=body).status_code == 422

    def test_files(self, edge: Edge) -> None:
        state = edge.client.post(f"/demo/telegram/chats/{CHAT}/photos", content=PHOTO).json()
        found = edge.client.get(f"/demo/telegram/files/{state['entries'][0]['photo']}")
        assert (found.content, found.headers["content-type"]) == (PHOTO, "image/jpeg")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert edge.client.get("/demo/telegram/files/file-0").status_code == 404
