"""Settings of the shop's own systems: which adapters stand behind which port (docs/connect.md).

What an adapter itself needs is read by the adapter, from `PEYK_<NAME>_…`.
"""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from peyk.domain.systems import SystemKind


def listed(value: str) -> list[str]:
    """Return the parts of a list of a setting, which commas (Latin or Persian) part."""
    return [part.strip() for part in value.replace("\u060c", ",").split(",") if part.strip()]


class SystemsSettings(BaseSettings):
    """What `Settings` has of outside systems. Names of adapters; lists are parted by commas."""

    shop: str = ""
    carriers: str = ""
    # In demo mode: whoever is not named there stays the demo's.
    demo_carriers: bool = False
    payments: str = ""
    # The first is asked first; the next takes over when it fails.
    sms: str = ""
    # Caps of a day for messages with codes, in messages and in rial; 0: none.
    sms_per_day: int = Field(default=5000, ge=0)
    sms_rial_per_day: int = Field(default=0, ge=0)
    crm: str = ""
    # Carriers that are asked for prices before buying.
    quotes: str = ""
    # Credentials may go over plain http: for systems in the shop's own network alone.
    systems_allow_http: bool = False
    # How often a call that is safe to repeat is tried within the deadline.
    systems_tries: int = Field(default=3, ge=1, le=10)

    # The index of a shop's orders: how long it keeps them, and how often it looks for what has changed, how far back.
    shop_keep_days: int = Field(default=400, ge=1)
    shop_poll_s: int = Field(default=60, ge=5)
    shop_overlap_s: int = Field(default=600, ge=0)
    # What the index heard longer ago is asked for again, so long a call at most; for news the shop is asked so often.
    shop_fresh_s: int = Field(default=300, ge=0)
    shop_live_s: float = Field(default=2.5, gt=0)
    shop_look_s: int = Field(default=5, ge=1)

    @property
    def quoting(self) -> list[str]:
        """The names of the carriers that are asked for prices, in the order they were given."""
        return list(dict.fromkeys(name.lower() for name in listed(self.quotes)))

    def adapters(self, kind: SystemKind) -> list[str]:
        """Return the names of the adapters of a kind, in the order they were given."""
        value = {
            SystemKind.SHOP: self.shop,
            SystemKind.CARRIER: self.carriers,
            SystemKind.PAYMENTS: self.payments,
            SystemKind.SMS: self.sms,
            SystemKind.CRM: self.crm,
        }[kind]
        return list(dict.fromkeys(name.lower() for name in listed(value)))
