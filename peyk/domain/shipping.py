"""What the shop says before buying: zones, methods, policies, products. Amounts in rial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """One way to ship into a zone.

    Cost: `base_rial` up to `base_weight_g`, then `per_kg_rial` for each further kilogram begun; nothing at or
    above `free_from_rial` of basket value. Times in working days as the shop promises them.
    """

    carrier: str
    base_rial: int
    per_kg_rial: int
    min_days: int
    max_days: int
    base_weight_g: int = 1000
    free_from_rial: int | None = None
    cash_on_delivery: bool = False


@dataclass(frozen=True, slots=True)
class ShippingZone:
    """Cities (English names of the gazetteer) served alike; `domestic` is False for other countries."""

    name: str
    cities: tuple[str, ...]
    methods: tuple[ShippingMethod, ...]
    domestic: bool = True


@dataclass(frozen=True, slots=True)
class ShippingQuote:
    """What `source` asks for one parcel by one way, as it said at `as_of` (UTC); `days` at most, None: not told.

    `service_fa` and `service_en` are its own names of the way, empty where it has none.
    """

    carrier: str
    cost_rial: int
    as_of: datetime
    source: str
    days: int | None = None
    service_fa: str = ""
    service_en: str = ""

    def service(self, language: str) -> str:
        """Return the name of the way in `language`, else in the other one."""
        names = (self.service_en, self.service_fa) if language == "en" else (self.service_fa, self.service_en)
        return names[0] or names[1]


@dataclass(frozen=True, slots=True)
class DeliveryTimes:
    """Measured days from hand-over to delivery: half and nine tenths of `parcels` arrived within."""

    parcels: int
    p50_days: int
    p90_days: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product's facts, as the shop's table has them; `words` are what customers call it."""

    sku: str
    title_fa: str
    title_en: str
    price_rial: int
    in_stock: bool
    material_fa: str
    material_en: str
    sizes: tuple[str, ...]
    warranty_months: int
    weight_g: int
    words: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the title in `language` ("fa" or "en")."""
        return self.title_en if language == "en" else self.title_fa


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """The shop's rule for returns: how many days after delivery, and who pays the way back."""

    days: int
    unopened_only: bool
    shop_pays_when_faulty: bool
    refund_days: int


@dataclass(frozen=True, slots=True)
class PaymentMethods:
    """How one may pay: ids out of `card`, `gateway`, `cash_on_delivery`, `instalments`, `wallet`."""

    methods: tuple[str, ...]
