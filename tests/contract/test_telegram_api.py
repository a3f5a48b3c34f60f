"""The client of the Bot API against a server on a real socket: every method, every fault, and the token nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import SecretStr

from peyk.channels.telegram import errors
from peyk.channels.telegram.api import BotApi, Encoding, RemoteFile
from peyk.channels.telegram.render import render
from peyk.errors import BadAnswer, ExternalError, NotFound, RateLimited, SettingsError, Unavailable
from tests.fakes.http_ends import answering, listening
from tests.fakes.telegram import CUSTOMER, TOKEN, FakeTelegram
from tests.fakes.telegram_http import Fault

T = TypeVar("T")
Use = Callable[[BotApi], Awaitable[T]]
HELLO = {"text": "سلام"}
SECRET_PART = TOKEN.partition(":")[2]


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    yield fake
    fake.stop()


def ask(server: FakeTelegram, use: Use[T], *, token: str = TOKEN, **options: Any) -> T:
    """Return what a fresh client answers."""

    async def run() -> T:
        api = BotApi(SecretStr(token), base_url=options.pop("base_url", server.url), **options)
        try:
            return await use(api)
        finally:
            await api.close()

    return asyncio.run(run())


def refused(server: FakeTelegram, use: Use[Any], **options: Any) -> ExternalError:
    """Return the error a client raises."""
    with pytest.raises(ExternalError) as caught:
        ask(server, use, **options)
    return caught.value


async def send(api: BotApi) -> int:
    return await api.send_message(CUSTOMER, HELLO)


async def poll(api: BotApi) -> Any:
    return await api.get_updates(wait_s=0)


class TestMethods:
    @pytest.mark.parametrize("encoding", Encoding)
    def test_what_render_makes_is_taken(self, server: FakeTelegram, encoding: Encoding) -> None:
        said = {"text": "سفارش TS-1 <&> 👍", "buttons": [{"title": "خیر", "payload": "b:Zk3vQm0uT1xYh8sA"}]}
        (body,) = render([said], "fa")
        message_id = ask(server, lambda api: api.send_message(CUSTOMER, body), encoding=encoding)
        assert server.sent == [{"chat_id": CUSTOMER, **body}]
        assert (CUSTOMER, message_id) in server.keyboards

    @pytest.mark.parametrize(
        ("encoding", "content_type"),
        [(Encoding.JSON, "application/json"), (Encoding.FORM, "application/x-www-form-urlencoded")],
    )
    def test_encodings(self, server: FakeTelegram, encoding: Encoding, content_type: str) -> None:
        ask(
            server,
            lambda api: api.send_message(CUSTOMER, {"text": "104233", "protect_content": True}),
            encoding=encoding,
        )
        (call,) = server.calls
        assert call.content_type == content_type
        assert call.params == {"chat_id": CUSTOMER, "text": "104233", "protect_content": True}

    def test_a_lone_surrogate_does_not_stop_a_message(self, server: FakeTelegram) -> None:
        for encoding in Encoding:
            ask(server, lambda api: api.send_message(CUSTOMER, {"text": "a\ud800"}), encoding=encoding)
        assert len(server.sent) == 2

    def test_webhook_with_its_secret(self, server: FakeTelegram) -> None:
        with listening() as (url, arrived):
            ask(server, lambda api: api.set_webhook(url, SecretStr("s3cret_-x"), max_connections=7))
            assert server.webhook is not None
            assert server.webhook["allowed_updates"] == ["message", "edited_message", "callback_query"]
            assert server.webhook["max_connections"] == 7
            update = server.say("سلام")
            assert server.deliver() == [200]
            assert server.deliver([update, update]) == [200, 200]
            assert arrived == [("s3cret_-x", update)] * 3
            ask(server, lambda api: api.delete_webhook(drop_pending=True))
            assert server.webhook is None

    def test_polling_from_an_offset(self, server: FakeTelegram) -> None:
        first, second, third = server.say("یک"), server.say("دو"), server.say("سه")
        assert ask(server, poll) == [first, second, third]
        fetched = ask(server, lambda api: api.get_updates(second["update_id"], wait_s=0, limit=1))
        assert fetched == [second]
        assert ask(server, poll) == [second, third], "what is before the offset is forgotten"

    def test_updates_twice_and_in_the_wrong_order_come_as_they_are(self, server: FakeTelegram) -> None:
        newer, older = {"update_id": 9}, {"update_id": 8}
        server.queue(newer, older, newer)
        assert ask(server, poll) == [newer, older, newer]

    def test_a_long_poll_ends_with_the_first_update(self, server: FakeTelegram) -> None:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ask, server, lambda api: api.get_updates(wait_s=15))
            server.wait_for(lambda: any(call.method == "getUpdates" for call in server.calls))
            update = server.say("سلام")
            assert waiting.result(15) == [update]

    def test_a_long_poll_may_take_longer_than_other_calls(self, server: FakeTelegram) -> None:
        assert ask(server, lambda api: api.get_updates(wait_s=1), timeout_s=0.2) == []

    def test_a_keyboard_is_taken_away_once(self, server: FakeTelegram) -> None:
        (body,) = render([{"text": "?", "buttons": [{"title": "خیر", "payload": "b:1"}]}], "fa")

        async def twice(api: BotApi) -> list[bool]:
            message_id = await api.send_message(CUSTOMER, body)
            return [await api.edit_reply_markup(CUSTOMER, message_id) for _ in range(2)]

        assert ask(server, twice) == [True, False]
        assert isinstance(refused(server, lambda api: api.edit_reply_markup(CUSTOMER, 999)), errors.BadRequest)

    def test_a_callback_is_answered_once(self, server: FakeTelegram) -> None:
        query = server.tap("b:1", 5)["callback_query"]

        async def twice(api: BotApi) -> list[bool]:
            return [await api.answer_callback(query["id"]) for _ in range(2)]

        assert ask(server, twice) == [True, False]

    def test_typing(self, server: FakeTelegram) -> None:
        ask(server, lambda api: api.send_chat_action(CUSTOMER))
        assert server.calls[-1].params == {"chat_id": CUSTOMER, "action": "typing"}


class TestFiles:
    def test_download(self, server: FakeTelegram) -> None:
        file_id = server.add_file(b"%PDF-1.7", "documents/a b#?.pdf", told_size=8)
        assert ask(server, lambda api: api.get_file(file_id)) == RemoteFile("documents/a b#?.pdf", 8)
        assert ask(server, lambda api: api.download(file_id)) == b"%PDF-1.7"

    @pytest.mark.parametrize("told_size", [101, None, 1])
    def test_too_big_however_large_it_says_it_is(self, server: FakeTelegram, told_size: int | None) -> None:
        file_id = server.add_file(b"x" * 101, told_size=told_size)
        assert isinstance(refused(server, lambda api: api.download(file_id, max_bytes=100)), errors.TooBig)
        fetched = [path for path in server.paths if path.startswith("/file/")]
        assert len(fetched) == (0 if told_size == 101 else 1), "what says it is too big is not fetched"

    def test_exactly_as_big_as_allowed(self, server: FakeTelegram) -> None:
        file_id = server.add_file(b"x" * 100, told_size=100)
        assert len(ask(server, lambda api: api.download(file_id, max_bytes=100))) == 100

    def test_larger_than_the_api_hands_out(self, server: FakeTelegram) -> None:
        file_id = server.add_file(b"x", told_size=21 * 1024 * 1024)
        assert isinstance(refused(server, lambda api: api.get_file(file_id)), errors.TooBig)

    @pytest.mark.parametrize("path", ["/var/lib/secret", "../../secret", "a/../../b", ""])
    def test_a_path_that_leads_elsewhere_is_not_followed(self, server: FakeTelegram, path: str) -> None:
        file_id = server.add_file(b"x", path)
        assert isinstance(refused(server, lambda api: api.download(file_id)), BadAnswer)
        assert not [path for path in server.paths if path.startswith("/file/")]

    def test_gone(self, server: FakeTelegram) -> None:
        async def late(api: BotApi) -> bytes:
            file_id = server.add_file(b"x", told_size=None)
            server.fail(Fault.HTML, "file", status=404)
            return await api.download(file_id)

        assert isinstance(refused(server, late), NotFound)

    @pytest.mark.parametrize(
        ("fault", "error"),
        [(Fault.SERVER_ERROR, Unavailable), (Fault.RESET, errors.Unanswered), (Fault.RATE_LIMITED, RateLimited)],
    )
    def test_faults(self, server: FakeTelegram, fault: Fault, error: type[ExternalError]) -> None:
        file_id = server.add_file(b"x")
        server.fail(fault, "file")
        assert type(refused(server, lambda api: api.download(file_id))) in {error, errors.SlowDown}


class TestFaults:
    @pytest.mark.parametrize(("told", "waits"), [(3, 3), (0, 1), (-4, 1), (None, 5), (True, 5)])
    def test_too_many(self, server: FakeTelegram, told: int | None, waits: int) -> None:
        server.fail(Fault.RATE_LIMITED, retry_after=told)
        error = refused(server, send)
        assert isinstance(error, errors.SlowDown)
        assert isinstance(error, RateLimited)
        assert error.retry_after_s == waits

    def test_too_many_of_a_proxy(self, server: FakeTelegram) -> None:
        server.fail(Fault.HTML, status=429)
        error = refused(server, send)
        assert isinstance(error, errors.SlowDown)
        assert error.retry_after_s == 7

    def test_blocked_by_the_customer(self, server: FakeTelegram) -> None:
        server.blocked.add(CUSTOMER)
        assert isinstance(refused(server, send), errors.ChatGone)
        assert ask(server, lambda api: api.send_message(CUSTOMER + 1, HELLO))

    def test_a_wrong_request(self, server: FakeTelegram) -> None:
        error = refused(server, lambda api: api.send_message(CUSTOMER, {"text": "<b>", "parse_mode": "HTML"}))
        assert isinstance(error, errors.BadRequest)
        assert "can't parse entities" in str(error)

    @pytest.mark.parametrize("token", ["110201543:AAwrongwrongwrong", "1234567890"])
    def test_a_wrong_token(self, server: FakeTelegram, token: str) -> None:
        assert isinstance(refused(server, poll, token=token), errors.WrongToken)

    def test_polling_beside_a_webhook(self, server: FakeTelegram) -> None:
        ask(server, lambda api: api.set_webhook("http://127.0.0.1:1/", SecretStr("s")))
        assert isinstance(refused(server, poll), errors.Conflict)

    def test_two_pollers(self, server: FakeTelegram) -> None:
        with ThreadPoolExecutor(1) as pool:
            older = pool.submit(refused, server, lambda api: api.get_updates(wait_s=15))
            server.wait_for(lambda: any(call.method == "getUpdates" for call in server.calls))
            while not older.done():
                ask(server, poll)
            assert isinstance(older.result(15), errors.Conflict)

    @pytest.mark.parametrize("status", [500, 502, 504])
    @pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.HTML])
    def test_a_broken_server(self, server: FakeTelegram, fault: Fault, status: int) -> None:
        server.fail(fault, status=status)
        assert type(refused(server, send)) is Unavailable

    @pytest.mark.parametrize("status", [200, 401, 403, 409])
    def test_a_page_of_somebody_in_between_says_nothing_of_the_chat(self, server: FakeTelegram, status: int) -> None:
        server.fail(Fault.HTML, status=status)
        assert type(refused(server, send)) is BadAnswer

    @pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT_OFF])
    def test_an_answer_that_breaks_off(self, server: FakeTelegram, fault: Fault) -> None:
        server.fail(fault)
        assert isinstance(refused(server, send), errors.Unanswered)

    def test_an_answer_that_does_not_come(self, server: FakeTelegram) -> None:
        server.fail(Fault.SLOW)
        assert isinstance(refused(server, send, timeout_s=0.2), errors.Unanswered)
        server.release()

    def test_nobody_there(self, server: FakeTelegram) -> None:
        server.stop()
        error = refused(server, send)
        assert type(error) is Unavailable, "nothing was sent, so nothing can have been done"

    @pytest.mark.parametrize("use", [send, poll, lambda api: api.get_file("f")])
    @pytest.mark.parametrize("result", [None, 1, "x", [], {}])
    def test_a_result_of_another_shape(self, server: FakeTelegram, use: Use[Any], result: object) -> None:
        if use is poll and result == []:
            return
        with answering(json.dumps({"ok": True, "result": result}).encode()) as url:
            assert isinstance(refused(server, use, base_url=url), BadAnswer)

    @pytest.mark.parametrize(
        "content", [b"", b"null", b"[]", b"{}", b'{"ok": 1, "result": 1}', b'{"ok": true}', b"\xff", b"[" * 100_000]
    )
    def test_an_answer_of_another_kind(self, server: FakeTelegram, content: bytes) -> None:
        with answering(content) as url:
            assert isinstance(refused(server, send, base_url=url), BadAnswer)

    def test_an_endless_answer(self, server: FakeTelegram) -> None:
        with answering(b" " * (8 * 1024 * 1024 + 1)) as url:
            assert isinstance(refused(server, send, base_url=url), BadAnswer)

    def test_a_refusal_under_status_200(self, server: FakeTelegram) -> None:
        with answering(b'{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked"}') as url:
            assert isinstance(refused(server, send, base_url=url), errors.ChatGone)

    def test_after_a_fault_all_is_well(self, server: FakeTelegram) -> None:
        async def again(api: BotApi) -> int:
            with pytest.raises(errors.Unanswered):
                await send(api)
            return await send(api)

        server.fail(Fault.RESET)
        assert ask(server, again)


class TestToken:
    @pytest.mark.parametrize("fault", [None, *Fault])
    @pytest.mark.parametrize("method", ["sendMessage", "file"])
    def test_it_is_nowhere(
        self, server: FakeTelegram, caplog: pytest.LogCaptureFixture, fault: Fault | None, method: str
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for name in ("httpx", "httpcore", "asyncio"):
            caplog.set_level(logging.DEBUG, logger=name)
        file_id = server.add_file(b"x")
        if fault:
            server.fail(fault, method, times=5)
        written = [repr(ask(server, _represented))]

        async def use(api: BotApi) -> None:
            await (api.download(file_id) if method == "file" else send(api))

        try:
            ask(server, use, timeout_s=0.3)
        except ExternalError as exc:
            written += [*traceback.format_exception(exc), *chain(exc)]
        server.release()
        written += [record.getMessage() for record in caplog.records]
        written += [repr(record.args) for record in caplog.records]
        if (fault, method) != (Fault.SLOW, "sendMessage"):
            assert any("bot***" in line for line in written), "the addresses are logged, without the token"
        assert not [line for line in written if SECRET_PART in line]

    def test_not_in_what_the_api_itself_says(self, server: FakeTelegram) -> None:
        words = json.dumps(
            {"ok": False, "error_code": 400, "description": f"Bad Request: {TOKEN} {SECRET_PART} is odd"}
        )
        with answering(words.encode()) as url:
            error = refused(server, send, base_url=url)
        assert SECRET_PART not in str(error)
        assert "is odd" in str(error)

    @pytest.mark.parametrize("token", ["", "x", "1:abc/../../x", "1:abcdefgh?x", "1:abcdefgh\n", "۱۱۰۲۰۱۵۴۳:AAH"])
    def test_what_cannot_be_one_is_refused_without_being_told(self, token: str) -> None:
        with pytest.raises(SettingsError) as caught:
            BotApi(SecretStr(token))
        assert not token or token not in str(caught.value) or len(token) < 2


class TestAddress:
    @pytest.mark.parametrize("url", ["https://api.telegram.org", "https://tapi.bale.ai/", "http://127.0.0.1:1/x"])
    def test_safe_ones(self, url: str) -> None:
        assert url.rstrip("/") in repr(BotApi(SecretStr(TOKEN), base_url=url))

    @pytest.mark.parametrize(
        "url", ["http://api.telegram.org", "ftp://x", "", "https://", "https://a:b@x", "https://x?y=1"]
    )
    def test_unsafe_ones(self, url: str) -> None:
        with pytest.raises(SettingsError):
            BotApi(SecretStr(TOKEN), base_url=url)

    def test_a_path_before_the_token(self, server: FakeTelegram) -> None:
        refused(server, poll, base_url=f"{server.url}/relay/")
        assert server.paths == [f"/relay/bot{TOKEN}/getUpdates"]

    def test_a_proxy_of_the_environment_is_not_asked(
        self, server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert ask(server, poll) == []

    def test_a_proxy_of_the_settings_is(self, server: FakeTelegram) -> None:
        assert ask(server, poll, proxy=SecretStr(server.url), base_url="http://localhost:9") == []
        assert server.paths[0].startswith("http://localhost:9/bot")

    def test_a_wrong_proxy_is_told_without_its_login(self) -> None:
        with pytest.raises(SettingsError) as caught:
            BotApi(SecretStr(TOKEN), proxy=SecretStr("gopher://ali:hunter22@x"))
        assert "hunter22" not in str(caught.value)


async def _represented(api: BotApi) -> list[str]:
    return [repr(api), str(api), repr(vars(api))]


def chain(error: BaseException | None) -> Iterator[str]:
    """Everything that hangs on an exception, its request included."""
    while error is not None:
        yield repr(error)
        yield repr(vars(error))
        request = getattr(error, "_request", None)
        if isinstance(request, httpx.Request):
            yield f"{request.url} {request.headers}"
        error = error.__cause__ or error.__context__
