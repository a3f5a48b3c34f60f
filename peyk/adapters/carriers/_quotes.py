"""What a vendor asks for a parcel: settings, its codes of cities, and the table its prices are read by.

The table is YAML as in `_fields.py`. `prices` are looked for in the whole answer, the rest in one of them: `courier` is
the vendor's code of who carries, `service` and `service_en` what it calls the way, `price` the amount in rial, `days`
how many it takes at most.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, ClassVar

import yaml
from pydantic import Field

from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._names import carrier_id
from peyk.adapters.carriers._refusals import refusal
from peyk.adapters.carriers._vendor import FieldsSettings
from peyk.adapters.plugin import Parts
from peyk.domain.shipping import ShippingQuote
from peyk.errors import BadAnswer, NotFound, SettingsError
from peyk.text.digits import to_ascii_digits
from peyk.text.places import find_city

MOST_DAYS = 365
MOST_RIAL = 10**12
SAMPLE_WEIGHT_G = 1000
_FLAGS = ("isSuccess", "IsSuccess", "success", "succeeded")
_WORDS = ("message", "Message", "errorMessage", "ErrorMessage", "error")

Json = Any


class QuoteSettings(FieldsSettings):
    """What prices need, beside what tracking does."""

    from_city: str = Field(default="", description="its code of the city your parcels leave; prices need it")
    cities: Path | None = Field(
        default=None, description="your file of its codes of cities; prices need it (docs/carriers.md)"
    )
    price_fields: Path | None = Field(
        default=None, description="your own file of the names in its prices (docs/carriers.md)"
    )


@dataclass(frozen=True, slots=True)
class Price:
    """One way to send a parcel, as a vendor tells it; only the amount is sure to be there."""

    rial: int
    courier: str = ""
    service: str = ""
    service_en: str = ""
    days: int | None = None


class PriceFields(Fields):
    """The names in one vendor's prices."""

    NAMES: ClassVar[frozenset[str]] = frozenset({"prices", "courier", "service", "service_en", "price", "days"})

    def prices(self, answer: Json) -> list[Price]:
        """Return the prices of an answer. Raises BadAnswer where none stand where they should."""
        found = self._find("prices", answer)
        if found is None:
            raise BadAnswer(self._system, "no prices where they should be")
        return [self._price(row) for row in self._objects("prices", found)]

    def _price(self, row: Json) -> Price:
        rial = _whole(self._find("price", row), MOST_RIAL)
        # Nothing is sent for nothing: a vendor's 0 is no price.
        if not rial:
            raise BadAnswer(self._system, "a price that is no amount")
        names = {name: self._text(name, row) for name in ("courier", "service", "service_en")}
        return Price(rial, **names, days=_whole(self._find("days", row), MOST_DAYS) or None)


class VendorQuotes(ABC):
    """One vendor's prices (the port `ShippingQuotes`); a subclass asks for them."""

    def __init__(self, system: str, package: str, settings: QuoteSettings, parts: Parts) -> None:
        """Read the tables; nothing is sent. Raises SettingsError."""
        prefix = settings.model_config.get("env_prefix", "")
        if not settings.from_city or settings.cities is None:
            raise SettingsError(f"{prefix}FROM_CITY and {prefix}CITIES must be set for prices (docs/carriers.md)")
        self.system = system
        self._from = settings.from_city
        self._cities = read_cities(settings.cities, f"{prefix}CITIES")
        self._fields = PriceFields.load(system, package, settings.price_fields, table="prices.yml")
        self._clock = parts.clock

    @abstractmethod
    def ask(self, origin: str, to: str, weight_g: int, basket_rial: int | None) -> Json:
        """Return the vendor's answer for a parcel between two of its codes of cities."""

    def quotes(self, city: str, weight_g: int, basket_rial: int | None = None) -> list[ShippingQuote]:
        """Return what one parcel to `city` costs by each way, cheapest first. Raises what the port says."""
        to = self._cities.get(city)
        if to is None:
            raise NotFound(self.system, "its code of this city is not known")
        answer = self.ask(self._from, to, weight_g, basket_rial)
        if isinstance(answer, dict) and any(answer.get(flag) is False for flag in _FLAGS):
            raise refusal(self.system, " ".join(str(answer[name]) for name in _WORDS if answer.get(name)))
        prices = self._fields.prices(answer)
        if not prices:
            raise NotFound(self.system, "it has no way there")
        return self._told(prices)

    def sample(self) -> str:
        """Ask for the first city of the shop's file; return what was read. Raises what `quotes` does."""
        city = next(iter(self._cities))
        return f"{city} for {self.quotes(city, SAMPLE_WEIGHT_G)[0].cost_rial} rial"

    def _told(self, prices: Sequence[Price]) -> list[ShippingQuote]:
        at = self._clock.now()
        return [
            ShippingQuote(
                carrier=(carrier_id(price.courier) or price.courier.lower()) if price.courier else self.system,
                cost_rial=price.rial,
                as_of=at,
                source=self.system,
                days=price.days,
                service_fa=price.service,
                service_en=price.service_en,
            )
            for price in sorted(prices, key=lambda price: price.rial)
        ]


def read_cities(path: Path, setting: str) -> dict[str, str]:
    """Return a vendor's codes by the English names of cities. Raises SettingsError with the line that is wrong."""
    try:
        rows: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise SettingsError(f"{setting}: {path} cannot be read: {type(exc).__name__}") from None
    if not isinstance(rows, dict) or not rows:
        raise SettingsError(f"{setting}: {path} must hold lines like `Shiraz: 409`")
    codes: dict[str, str] = {}
    for name, code in rows.items():
        city = find_city(str(name))
        if city is None:
            raise SettingsError(f"{setting}: there is no city `{name}`")
        if isinstance(code, bool) or not isinstance(code, (int, str)) or not str(code).strip():
            raise SettingsError(f"{setting}: `{name}` has no code")
        codes[city] = str(code).strip()
    return codes


def number_or_text(code: str) -> int | str:
    """Return a code as vendors want it in JSON: a number where it is one."""
    return int(code) if code.isascii() and code.isdecimal() else code


def _whole(value: Json, most: int) -> int | None:
    """Return an amount without parts, from a number or its digits; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = Decimal(to_ascii_digits(str(value)).strip())
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and 0 <= number <= most else None
