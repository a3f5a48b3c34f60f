"""Peyk's settings, from the environment (prefix `PEYK_`) and `.env`.

Demo mode is the only mode with defaults for secrets: they are made anew at each start.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from peyk.domain.handoff import OPTIONAL_TRIGGERS
from peyk.domain.office_plan import read_week, read_zone
from peyk.errors import SettingsError
from peyk.settings_helpdesk import HelpdeskSettings
from peyk.settings_systems import SystemsSettings, listed
from peyk.text.order_numbers import OrderFormat
from peyk.text.places import find_city

MIN_SECRET_LENGTH = 32
# Two numbers of minutes, neither of them none.
SLA_PATTERN = r"^[1-9]\d{0,5}/[1-9]\d{0,5}$"
TELEGRAM_URL = "https://api.telegram.org"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Mode(StrEnum):
    """How Peyk runs; only `demo` keeps SMS on the machine and shows them."""

    DEMO = "demo"
    PRODUCTION = "production"


class MoneyUnit(StrEnum):
    """The unit customers see; inside, money is always rial."""

    TOMAN = "toman"
    RIAL = "rial"


class BotEncoding(StrEnum):
    """How parameters are sent to the Bot API."""

    JSON = "json"
    FORM = "form"


class Settings(SystemsSettings, HelpdeskSettings):
    """Every setting of every process. Durations in seconds, limits as counts in their window."""

    model_config = SettingsConfigDict(env_prefix="PEYK_", env_file=".env", extra="ignore", frozen=True)

    mode: Mode = Mode.DEMO
    shop_name_fa: str = "فروشگاه نمونه"
    shop_name_en: str = "Demo Shop"
    money_unit: MoneyUnit = MoneyUnit.TOMAN
    order_prefix: str = "TS-"
    order_digits: str = Field(default="6", coerce_numbers_to_str=True)
    order_suffix: str = ""
    default_language: str = Field(default="fa", pattern="^(fa|en)$")

    data_dir: Path = Path("var")
    database_url: str = ""
    log_level: str = "INFO"
    log_file: Path | None = None

    # Secrets. `secret_key` signs the audit chain and hashes one-time codes; `run_secret` is what edge,
    # Rasa and action server show each other.
    secret_key: SecretStr = SecretStr("")
    run_secret: SecretStr = SecretStr("")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    rasa_url: str = "http://127.0.0.1:5005"
    action_url: str = "http://127.0.0.1:5055/webhook"
    rasa_timeout_s: float = Field(default=20.0, gt=0)
    trusted_proxies: str = ""

    # Outside systems: one total deadline for everything one answer needs.
    deadline_s: float = Field(default=8.0, gt=0)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_reset_s: int = Field(default=30, ge=1)
    stalled_after_h: int = Field(default=72, ge=1)
    lost_after_days: int = Field(default=10, ge=1)

    # One-time codes and verification.
    otp_ttl_s: int = Field(default=120, ge=1)
    otp_tries: int = Field(default=3, ge=1)
    otp_resend_s: int = Field(default=60, ge=0)
    otp_per_mobile_hour: int = Field(default=30, ge=1)
    otp_per_conversation_hour: int = Field(default=15, ge=1)
    otp_per_address_hour: int = Field(default=300, ge=1)
    otp_total_hour: int = Field(default=2000, ge=1)
    otp_wrong_per_address_hour: int = Field(default=100, ge=1)
    otp_wrong_total_hour: int = Field(default=1000, ge=1)
    verification_ttl_s: int = Field(default=1800, ge=1)

    # Guessing order numbers and tracking codes: misses in the window, and distinct hits on orders of others.
    guess_window_s: int = Field(default=600, ge=1, le=86_400)
    guess_per_conversation: int = Field(default=8, ge=1)
    guess_per_address: int = Field(default=60, ge=1)
    guess_total: int = Field(default=600, ge=1)
    guess_hits_per_conversation: int = Field(default=30, ge=1)
    guess_hits_per_address: int = Field(default=300, ge=1)

    # Bursts at the edge: messages in `burst_window_s`.
    message_max_chars: int = Field(default=2000, ge=1)
    burst_window_s: int = Field(default=10, ge=1)
    burst_per_sender: int = Field(default=60, ge=1)
    burst_per_address: int = Field(default=1500, ge=1)
    redis_url: str = ""

    # The public API: its description, and webhooks to the shop's own servers.
    api_docs: bool = True
    webhook_allow: str = ""
    webhook_timeout_s: float = Field(default=10.0, gt=0, le=60)
    webhook_dead_days: int = Field(default=5, ge=1)
    # Files as evidence; the bytes lie in `data_dir`/files. Per conversation and day, and how long a link opens one.
    file_max_bytes: int = Field(default=5 * 1024 * 1024, ge=1024, le=20 * 1024 * 1024)
    files_per_day: int = Field(default=20, ge=1)
    file_bytes_per_day: int = Field(default=60 * 1024 * 1024, ge=1024)
    file_link_ttl_s: int = Field(default=900, ge=1)
    # The web chat: other origins than the edge's own that may embed it, and how many may be connected.
    webchat_origins: str = ""
    webchat_sockets: int = Field(default=2000, ge=1)
    webchat_sockets_per_address: int = Field(default=500, ge=1)
    webchat_sessions_per_address: int = Field(default=300, ge=1)
    webchat_card_refresh_s: float = Field(default=30.0, gt=0)
    # Handing over to people; lists are parted by commas (docs/handoff.md).
    handoff_triggers: str = ",".join(OPTIONAL_TRIGGERS)
    handoff_stop_words: str = ""
    handoff_vip: bool = False
    handoff_cities: str = ""
    handoff_unanswered_minutes: int = Field(default=10, ge=1)
    handoff_idle_minutes: int = Field(default=60, ge=1)

    # Telegram, or a messenger that speaks its Bot API: without a token the channel is off.
    telegram_token: SecretStr = SecretStr("")
    telegram_api: str = TELEGRAM_URL
    telegram_encoding: BotEncoding = BotEncoding.JSON
    telegram_webhook_url: str = ""
    telegram_trust_contacts: bool = False

    # Tickets: minutes of working time until the first answer and until the solution, by queue; when people are there.
    sla_l1: str = Field(default="60/1440", pattern=SLA_PATTERN)
    sla_l2: str = Field(default="120/2880", pattern=SLA_PATTERN)
    sla_vip: str = Field(default="15/480", pattern=SLA_PATTERN)
    sla_security: str = Field(default="15/240", pattern=SLA_PATTERN)
    follow_ups: bool = True
    office_week: str = "sat-wed 09:00-17:00, thu 09:00-13:00"
    office_holidays: str = ""
    office_iranian_holidays: bool = True
    office_timezone: str = "Asia/Tehran"

    # The operators' console: how long a log-in lasts, and tries at it in a quarter of an hour.
    console_idle_min: int = Field(default=60, ge=1)
    console_session_h: int = Field(default=12, ge=1, le=720)
    console_tries: int = Field(default=10, ge=1)
    console_tries_address: int = Field(default=50, ge=1)

    @property
    def demo(self) -> bool:
        """Whether this is demo mode."""
        return self.mode is Mode.DEMO

    @property
    def order_format(self) -> OrderFormat:
        """How the shop numbers its orders."""
        return OrderFormat.read(self.order_prefix, str(self.order_digits), self.order_suffix)

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the store: the setting, or a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir / 'peyk.db'}"

    @property
    def contacts_prove(self) -> bool:
        """Whether the sender's own contact proves a mobile: Telegram's servers say whose it is, others' perhaps not."""
        return self.telegram_api == TELEGRAM_URL or self.telegram_trust_contacts

    @field_validator("order_digits")
    @classmethod
    def _digits(cls, value: str) -> str:
        OrderFormat.read("", value)
        return value

    @field_validator("handoff_triggers")
    @classmethod
    def _triggers(cls, value: str) -> str:
        unknown = set(listed(value)) - set(OPTIONAL_TRIGGERS)
        if unknown:
            known = ", ".join(OPTIONAL_TRIGGERS)
            raise ValueError(f"no such trigger: {', '.join(sorted(unknown))}; there are {known}")
        return value

    @field_validator("handoff_cities")
    @classmethod
    def _cities(cls, value: str) -> str:
        unknown = [name for name in listed(value) if find_city(name) is None]
        if unknown:
            raise ValueError(f"no such city: {', '.join(unknown)}")
        return value

    @field_validator("telegram_api", "telegram_webhook_url")
    @classmethod
    def _bot_address(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not value and info.field_name == "telegram_api":
            raise ValueError("must be the address of a Bot API")
        if value and not safe:
            raise ValueError("must begin with https:// (http:// on this machine only)")
        if value and (not parts.hostname or parts.username or parts.query or parts.fragment):
            raise ValueError("must be a host and at most a path")
        return value.rstrip("/")

    @field_validator("office_week")
    @classmethod
    def _week(cls, value: str) -> str:
        read_week(value)
        return value

    @field_validator("office_timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        read_zone(value)
        return value

    @model_validator(mode="after")
    def _secrets(self) -> Self:
        for name in ("secret_key", "run_secret"):
            value = getattr(self, name).get_secret_value()
            if not value and self.demo:
                object.__setattr__(self, name, SecretStr(secrets.token_urlsafe(MIN_SECRET_LENGTH)))
            elif len(value) < MIN_SECRET_LENGTH and not self.demo:
                raise ValueError(
                    f"PEYK_{name.upper()} must be set to at least {MIN_SECRET_LENGTH} characters outside demo mode"
                )
        return self


def load_settings() -> Settings:
    """Read the settings. Raises SettingsError with one line that names the bad one."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        where = "_".join(str(part) for part in first["loc"])
        name = f"PEYK_{where.upper()}: " if where else ""
        raise SettingsError(f"{name}{first['msg'].removeprefix('Value error, ')}") from None
