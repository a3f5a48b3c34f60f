"""The settings of help desks outside: what is wrong or missing is said in one line."""

from __future__ import annotations

import os

import pytest

from peyk.domain.tickets import TicketState
from peyk.errors import SettingsError
from peyk.settings import load_settings

CHATWOOT = {"CHATWOOT_URL": "https://c.example", "CHATWOOT_TOKEN": "t", "CHATWOOT_ACCOUNT": "1", "CHATWOOT_INBOX": "2"}
ZAMMAD = {"HELPDESK": "zammad", "ZAMMAD_URL": "https://z.example/", "ZAMMAD_TOKEN": "t"}


def given(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("PEYK_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"PEYK_{name}", value)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"HELPDESK": "zendesk"}, "PEYK_HELPDESK: Input should be 'builtin', 'chatwoot' or 'zammad'"),
        ({"HELPDESK": "chatwoot"}, "PEYK_CHATWOOT_URL must be set: see docs/helpdesks.md"),
        ({**CHATWOOT, "HELPDESK": "chatwoot", "CHATWOOT_TOKEN": ""}, "PEYK_CHATWOOT_TOKEN must be set"),
        ({**CHATWOOT, "HELPDESK": "chatwoot", "CHATWOOT_ACCOUNT": "0"}, "PEYK_CHATWOOT_ACCOUNT must be set"),
        ({**CHATWOOT, "HELPDESK": "chatwoot", "CHATWOOT_INBOX": "0"}, "PEYK_CHATWOOT_INBOX must be set"),
        ({**CHATWOOT, "CHATWOOT_HANDOFF": "true"}, "PEYK_CHATWOOT_WEBHOOK_SECRET must be set"),
        ({"CHATWOOT_BOT_TOKEN": "b"}, "PEYK_CHATWOOT_URL must be set"),
        ({**CHATWOOT, "CHATWOOT_BOT_TOKEN": "b"}, "PEYK_CHATWOOT_BOT_SECRET must be set"),
        ({**CHATWOOT, "CHATWOOT_BOT_TOKEN": "b", "CHATWOOT_TOKEN": ""}, "PEYK_CHATWOOT_TOKEN must be set"),
        ({**ZAMMAD, "ZAMMAD_TOKEN": ""}, "PEYK_ZAMMAD_TOKEN must be set"),
        ({**ZAMMAD, "ZAMMAD_GROUP": ""}, "PEYK_ZAMMAD_GROUP must be set"),
        ({**ZAMMAD, "ZAMMAD_URL": "http://z.example"}, "PEYK_ZAMMAD_URL must begin with https://"),
        ({**ZAMMAD, "ZAMMAD_URL": "z.example"}, "PEYK_ZAMMAD_URL: must be an address"),
        ({**ZAMMAD, "ZAMMAD_URL": "https://u:p@z.example"}, "PEYK_ZAMMAD_URL: must be a host"),
        (
            {**ZAMMAD, "ZAMMAD_KEY_ATTRIBUTE": "a b"},
            "PEYK_ZAMMAD_KEY_ATTRIBUTE: must be the name of a ticket attribute",
        ),
        ({"HELPDESK_STATES_READ": "closed"}, "PEYK_HELPDESK_STATES_READ: must be a comma list of pairs"),
        ({"HELPDESK_STATES_READ": "closed=done"}, "PEYK_HELPDESK_STATES_READ: must be a comma list of pairs"),
        ({"HELPDESK_STATES_READ": "open=moon"}, "'moon' is not a valid TicketState"),
    ],
)
def test_what_is_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], line: str) -> None:
    given(monkeypatch, settings)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_plain_http_may_be_allowed_and_is_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {**ZAMMAD, "ZAMMAD_URL": "http://z.lan", "HELPDESK_ALLOW_HTTP": "true"})
    assert load_settings().zammad_url == "http://z.lan"
    given(monkeypatch, {**ZAMMAD, "ZAMMAD_URL": "http://127.0.0.1:3000/"})
    assert load_settings().zammad_url == "http://127.0.0.1:3000"


def test_a_shop_has_words_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    given(
        monkeypatch,
        {"HELPDESK_STATES_READ": "Erledigt=resolved, wartet = in_progress", "HELPDESK_STATES_SET": "resolved=Erledigt"},
    )
    settings = load_settings()
    assert settings.states_read == {"erledigt": TicketState.RESOLVED, "wartet": TicketState.IN_PROGRESS}
    assert settings.states_set == {TicketState.RESOLVED: "Erledigt"}
