"""One-time codes by mail, to the addresses the shop knows; it belongs after the vendors that reach phones."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from peyk.adapters._check import looked
from peyk.adapters.messaging.smtp.adapter import SmtpSender
from peyk.adapters.messaging.smtp.client import MailServer, Security, is_address
from peyk.adapters.plugin import AdapterSettings, Parts, Plugin, SystemKind, settings_config
from peyk.domain.systems import Health


class SmtpSettings(AdapterSettings):
    """What a mail server needs."""

    model_config = settings_config("SMTP")

    host: str = Field(min_length=1, description="the mail server")
    sender: str = Field(description="the address mails come from; the server must allow it")
    sender_name: str = Field(default="", description="the name that stands beside it")
    port: int = Field(default=587, ge=1, le=65535, description="its port: 587 for starttls, 465 for tls")
    security: Security = Field(
        default=Security.STARTTLS, description="starttls, tls, or none for a server in the shop's own network"
    )
    user: str = Field(default="", description="the login; empty: the server takes mails of this machine without one")
    password: SecretStr = Field(default=SecretStr(""), description="the password of the login")
    ca_file: Path | None = Field(default=None, description="certificates to trust, for a server with one of its own")

    @field_validator("sender")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("must be an address, like shop@example.com")
        return value

    @field_validator("sender_name")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line")
        return value


def _server(settings: SmtpSettings, parts: Parts) -> MailServer:
    return MailServer(
        settings.host,
        settings.port,
        settings.security,
        sender=settings.sender,
        user=settings.user,
        password=settings.password,
        ca_file=settings.ca_file,
        deadline_s=parts.deadline_s,
        allow_plain=parts.allow_http,
    )


def _make(settings: SmtpSettings, parts: Parts) -> SmtpSender:
    return SmtpSender(_server(settings, parts), parts, settings.sender, settings.sender_name)


def _check(settings: SmtpSettings, parts: Parts) -> Health:
    server = _server(settings, parts)

    def sample() -> str:
        with server.conversation():
            return f"takes mails from {settings.sender}"

    return looked(None, sample)


PLUGIN = Plugin("smtp", SystemKind.SMS, "one-time codes by mail", SmtpSettings, _make, _check)
