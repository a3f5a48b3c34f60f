"""Settings of the help desk outside, if the shop has one (docs/helpdesks.md)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from peyk.domain.tickets import TicketState

LOOPBACK = ("127.0.0.1", "::1", "localhost")
ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,62}")


class HelpdeskKind(StrEnum):
    """Where people of the shop work on tickets beside Peyk's own console."""

    BUILTIN = "builtin"
    CHATWOOT = "chatwoot"
    ZAMMAD = "zammad"


class HelpdeskSettings(BaseSettings):
    """What `Settings` has of help desks."""

    helpdesk: HelpdeskKind = HelpdeskKind.BUILTIN
    # How often an unresolved ticket is looked at outside, where no webhook says that it has changed.
    helpdesk_look_s: int = Field(default=300, ge=10)
    # A shop's own words: `<theirs>=<ours>` for what is read, `<ours>=<theirs>` for what is set; comma lists.
    helpdesk_states_read: str = ""
    helpdesk_states_set: str = ""
    # For desks in the shop's own network without https.
    helpdesk_allow_http: bool = False

    chatwoot_url: str = ""
    chatwoot_token: SecretStr = SecretStr("")
    chatwoot_account: int = Field(default=0, ge=0)
    chatwoot_inbox: int = Field(default=0, ge=0)
    chatwoot_webhook_secret: SecretStr = SecretStr("")
    # Chats are handed over to Chatwoot in the place of Peyk's console.
    chatwoot_handoff: bool = False
    # Peyk as the agent bot of Chatwoot's own channels.
    chatwoot_bot_token: SecretStr = SecretStr("")
    chatwoot_bot_secret: SecretStr = SecretStr("")

    zammad_url: str = ""
    zammad_token: SecretStr = SecretStr("")
    zammad_group: str = "Users"
    zammad_key_attribute: str = "peyk_key"
    zammad_webhook_secret: SecretStr = SecretStr("")

    @property
    def chatwoot_bot(self) -> bool:
        """Whether Peyk is an agent bot of Chatwoot."""
        return bool(self.chatwoot_bot_token.get_secret_value())

    @property
    def states_read(self) -> dict[str, TicketState]:
        """The shop's own words for states it reads."""
        return {theirs.lower(): TicketState(ours) for theirs, ours in _pairs(self.helpdesk_states_read)}

    @property
    def states_set(self) -> dict[TicketState, str]:
        """The shop's own words for states Peyk sets."""
        return {TicketState(ours): theirs for ours, theirs in _pairs(self.helpdesk_states_set)}

    @field_validator("chatwoot_url", "zammad_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be an address, like https://desk.example.com")
        if value and (parts.username or parts.password or parts.query or parts.fragment):
            raise ValueError("must be a host and at most a path")
        return value.rstrip("/")

    @field_validator("zammad_key_attribute")
    @classmethod
    def _attribute(cls, value: str) -> str:
        if not ATTRIBUTE.fullmatch(value):
            raise ValueError("must be the name of a ticket attribute: a-z, 0-9 and _")
        return value

    @field_validator("helpdesk_states_read", "helpdesk_states_set")
    @classmethod
    def _states(cls, value: str) -> str:
        known = {state.value for state in TicketState}
        for left, right in _pairs(value):
            if not left or not right or not known & {left, right}:
                raise ValueError(f"must be a comma list of pairs with {', '.join(sorted(known))}, like `waiting=open`")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Raise ValueError for the first setting that is missing for what is switched on."""
        chatwoot = self.helpdesk is HelpdeskKind.CHATWOOT or self.chatwoot_handoff
        needed: dict[str, bool] = {
            "chatwoot_url": chatwoot or self.chatwoot_bot,
            "chatwoot_token": chatwoot or self.chatwoot_bot,
            "chatwoot_account": chatwoot or self.chatwoot_bot,
            "chatwoot_inbox": chatwoot,
            "chatwoot_webhook_secret": self.chatwoot_handoff,
            "chatwoot_bot_secret": self.chatwoot_bot,
            "zammad_url": self.helpdesk is HelpdeskKind.ZAMMAD,
            "zammad_token": self.helpdesk is HelpdeskKind.ZAMMAD,
            "zammad_group": self.helpdesk is HelpdeskKind.ZAMMAD,
        }
        for name, is_needed in needed.items():
            value = getattr(self, name)
            if is_needed and not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                raise ValueError(f"PEYK_{name.upper()} must be set: see docs/helpdesks.md")
        for name in ("chatwoot_url", "zammad_url"):
            self._protected(name)
        _ = self.states_read, self.states_set
        return self

    def _protected(self, name: str) -> None:
        parts = urlsplit(getattr(self, name))
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not self.helpdesk_allow_http:
            raise ValueError(
                f"PEYK_{name.upper()} must begin with https:// (http:// on this machine, or with"
                " PEYK_HELPDESK_ALLOW_HTTP=true in a network of your own)"
            )


def _pairs(value: str) -> list[tuple[str, str]]:
    pairs = [each.partition("=") for each in value.split(",") if each.strip()]
    return [(left.strip(), right.strip()) for left, _, right in pairs]
