"""Answers before buying: time, coverage, ways, cost, returns, payment, products.

Only what the shop's tables and its delivered parcels say; where they say nothing, so does the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import structlog

from peyk.domain.shipping import DeliveryTimes, PaymentMethods, Product, ReturnPolicy, ShippingMethod, ShippingZone
from peyk.errors import ExternalError
from peyk.ports.storefront import Storefront
from peyk.services.side_by_side import Deadline, Question
from peyk.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")
Kind = Literal["ok", "no_city", "not_served", "carrier_not_here", "no_product", "unavailable"]
# Fewer delivered parcels than this say little: nine tenths of ten parcels is one parcel's luck already.
MIN_PARCELS = 10
GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class MethodAnswer:
    """One way to ship: what it promises, what was measured (None: too few parcels), what it costs.

    `cost_rial` is None where nobody asked for the cost; 0 is free shipping.
    """

    method: ShippingMethod
    measured: DeliveryTimes | None = None
    cost_rial: int | None = None


@dataclass(frozen=True, slots=True)
class ShippingAnswer:
    """An answer about shipping.

    `kind` is "ok", "no_city" (the city is needed; `ways` holds what the whole country has), "not_served",
    "carrier_not_here" (`ways` holds what the city has instead) or "unavailable". `ways` are in the shop's order.
    """

    kind: Kind
    city: str | None = None
    carrier: str | None = None
    ways: tuple[MethodAnswer, ...] = ()
    domestic: bool = True
    basket_rial: int | None = None
    weight_g: int = GRAMS_PER_KG


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """The rule for returns; `policy` is None when `kind` is "unavailable"."""

    kind: Kind
    policy: ReturnPolicy | None = None


@dataclass(frozen=True, slots=True)
class PaymentAnswer:
    """The ways to pay; `methods` is None when `kind` is "unavailable"."""

    kind: Kind
    methods: PaymentMethods | None = None


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """The products a question names, best first; "no_product" when it names none the shop has."""

    kind: Kind
    products: tuple[Product, ...] = ()


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """Return the smallest value that `percent` of `values` do not exceed (nearest-rank; always a real value)."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(percent * len(ordered) / 100)) - 1]


def measure(days: Sequence[int]) -> DeliveryTimes | None:
    """Return half and nine tenths of the delivered parcels' days, or None for too few parcels."""
    if len(days) < MIN_PARCELS:
        return None
    return DeliveryTimes(len(days), nearest_rank(days, 50), nearest_rank(days, 90))


def cost_rial(method: ShippingMethod, weight_g: int, basket_rial: int | None = None) -> int:
    """Return what a parcel costs by this method: base, plus each further kilogram begun, or nothing."""
    if method.free_from_rial is not None and basket_rial is not None and basket_rial >= method.free_from_rial:
        return 0
    further_g = max(0, weight_g - method.base_weight_g)
    return method.base_rial + method.per_kg_rial * math.ceil(further_g / GRAMS_PER_KG)


class AnswerShipping:
    """Answers from the shop's tables. A shop that does not answer is the kind "unavailable"."""

    def __init__(self, *, storefront: Storefront, settings: Settings) -> None:
        self._storefront = storefront
        self._settings = settings

    def delivery_time(self, city: str | None, carrier: str | None = None) -> ShippingAnswer:
        """Return how long delivery to `city` takes, measured where enough parcels were delivered."""
        deadline = Deadline(self._settings.deadline_s)
        answer = self._ways(city, carrier, deadline)
        if answer.kind != "ok" or city is None:
            return answer
        asked = [self._ask_days(city, way.method.carrier, deadline) for way in answer.ways]
        ways = []
        for way, question in zip(answer.ways, asked, strict=True):
            try:
                ways.append(replace(way, measured=measure(question.answer())))
            except ExternalError as exc:
                # The promised days are known already: they are answer enough.
                log.warning("delivery_days.failed", kind=exc.kind)
                ways.append(way)
        return replace(answer, ways=tuple(ways))

    def coverage(self, city: str | None) -> ShippingAnswer:
        """Return whether `city` is served, and by which ways."""
        return self._ways(city, None, Deadline(self._settings.deadline_s))

    def methods(self, city: str | None) -> ShippingAnswer:
        """Return the ways to ship to `city`."""
        return self._ways(city, None, Deadline(self._settings.deadline_s))

    def cost(
        self,
        city: str | None,
        carrier: str | None = None,
        basket_rial: int | None = None,
        weight_g: int = GRAMS_PER_KG,
    ) -> ShippingAnswer:
        """Return what a parcel of `weight_g` to `city` costs by each way, for a basket of `basket_rial`."""
        answer = self._ways(city, carrier, Deadline(self._settings.deadline_s))
        answer = replace(answer, basket_rial=basket_rial, weight_g=weight_g)
        if answer.kind != "ok":
            return answer
        ways = (replace(way, cost_rial=cost_rial(way.method, weight_g, basket_rial)) for way in answer.ways)
        return replace(answer, ways=tuple(ways))

    def returns(self) -> ReturnAnswer:
        """Return the shop's rule for returns."""
        try:
            return ReturnAnswer("ok", self._ask(self._storefront.return_policy))
        except ExternalError:
            return ReturnAnswer("unavailable")

    def payments(self) -> PaymentAnswer:
        """Return how one may pay."""
        try:
            return PaymentAnswer("ok", self._ask(self._storefront.payment_methods))
        except ExternalError:
            return PaymentAnswer("unavailable")

    def products(self, text: str) -> ProductAnswer:
        """Return the facts of the products `text` names."""
        try:
            products = self._ask(lambda: self._storefront.find_products(text))
        except ExternalError:
            return ProductAnswer("unavailable")
        return ProductAnswer("ok" if products else "no_product", tuple(products))

    def _ways(self, city: str | None, carrier: str | None, deadline: Deadline) -> ShippingAnswer:
        try:
            zones = deadline.ask("shop", self._storefront.zones).answer()
        except ExternalError as exc:
            log.warning("storefront.failed", kind=exc.kind)
            return ShippingAnswer("unavailable", city, carrier)
        if city is None:
            return ShippingAnswer("no_city", None, carrier, _everywhere(zones))
        zone = next((zone for zone in zones if city in zone.cities), None)
        if zone is None:
            return ShippingAnswer("not_served", city, carrier)
        ways = tuple(MethodAnswer(method) for method in zone.methods)
        wanted = tuple(way for way in ways if carrier in (None, way.method.carrier))
        if not wanted:
            return ShippingAnswer("carrier_not_here", city, carrier, ways, zone.domestic)
        return ShippingAnswer("ok", city, carrier, wanted, zone.domestic)

    def _ask_days(self, city: str, carrier: str, deadline: Deadline) -> Question[list[int]]:
        return deadline.ask("shop", lambda: self._storefront.delivered_days(city, carrier))

    def _ask(self, call: Callable[[], T]) -> T:
        return Deadline(self._settings.deadline_s).ask("shop", call).answer()


def _everywhere(zones: Sequence[ShippingZone]) -> tuple[MethodAnswer, ...]:
    first: dict[str, ShippingMethod] = {}
    for zone in zones:
        for method in zone.methods if zone.domestic else ():
            first.setdefault(method.carrier, method)
    return tuple(MethodAnswer(method) for method in first.values())
