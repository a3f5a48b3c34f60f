"""The help desk outside on the command line: how its mirrors stand, and whether it can be reached."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from peyk import cli
from peyk.bootstrap import build
from peyk.domain.queues import Priority
from peyk.domain.tickets import TicketReason
from peyk.settings import load_settings
from peyk.store.migrate import upgrade
from peyk.store.tickets import BuiltinHelpdesk
from tests.fakes import zammad
from tests.fakes.chatwoot import BOT_TOKEN, FakeChatwoot
from tests.fakes.chatwoot import TOKEN as USER_TOKEN
from tests.fakes.vendor_http import Fault
from tests.fakes.zammad import FakeZammad

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PEYK_")]:
        monkeypatch.delenv(name)
    for name in ("PEYK_SECRET_KEY", "PEYK_ORDER_PREFIX", "PEYK_ORDER_DIGITS", "PEYK_ORDER_SUFFIX"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def call(*arguments: str, **settings: str) -> tuple[int, str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"PEYK_{name.upper()}", value)
        monkeypatch.setattr("sys.argv", ["peyk", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


def connected(server: FakeZammad) -> dict[str, str]:
    return {"helpdesk": "zammad", "zammad_url": server.url, "zammad_token": zammad.TOKEN}


def test_without_a_desk_it_says_so(run: Run) -> None:
    assert run("helpdesk", "status") == (0, "no help desk outside: PEYK_HELPDESK is builtin\n", "")
    assert run("helpdesk", "check")[1] == "no help desk outside: PEYK_HELPDESK is builtin\n"


def test_mirrors_are_listed_and_their_trouble_is_seen(run: Run) -> None:
    with FakeZammad() as server:
        assert run("migrate", **connected(server))[0] == 0
        app = build(load_settings())
        assert app.helpdesks.mirror is not None
        desk = BuiltinHelpdesk(app.engine, app.clock)
        desk.open(
            conversation_id="c1",
            reason=TicketReason.LATE,
            order_number="TS-1",
            mobile=None,
            note="x",
            priority=Priority.NORMAL,
        )
        assert run("helpdesk", "status")[1] == "nothing there yet\n"
        server.fail(Fault.SERVER_ERROR)
        app.helpdesks.mirror.tick()
        code, out, err = run("helpdesk", "status")
        assert (code, "not at zammad yet" in out, "HTTP 500" in out) == (1, True, True)
        assert "tried again" in err
        assert "outside   zammad (not there yet)" in run("tickets", "show", "PK-1001")[1]
        app.close()


def test_a_check_tells_whether_address_and_token_are_right(run: Run) -> None:
    with FakeZammad() as server:
        assert run("helpdesk", "check", **connected(server))[:2] == (0, "zammad answers, and takes the token\n")
        code, _, err = run("helpdesk", "check", zammad_token="wrong-token-9K")
        assert code == 1
        assert err.startswith("peyk: zammad: HTTP 401")
        assert "wrong-token-9K" not in err
        assert not server.tickets


def test_a_check_tells_whether_the_agent_bot_can_see_who_has_a_conversation(run: Run) -> None:
    with FakeChatwoot() as server:
        bot = {"chatwoot_url": server.url, "chatwoot_account": "3", "chatwoot_bot_token": BOT_TOKEN}
        bot |= {"chatwoot_bot_secret": "s", "chatwoot_token": USER_TOKEN}
        assert run("helpdesk", "check", **bot)[:2] == (0, "chatwoot answers the agent bot\n")
        code, _, err = run("helpdesk", "check", **{**bot, "chatwoot_token": BOT_TOKEN})
        assert (code, err.startswith("peyk: PEYK_CHATWOOT_TOKEN may not read conversations")) == (1, True)


def test_a_demo_without_a_desk_has_none(run: Run) -> None:
    app = build(load_settings())
    assert (app.helpdesks.mirror, app.helpdesks.chats) == (None, None)
    upgrade(app.engine)
    app.close()
