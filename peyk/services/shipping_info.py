"""Answers before buying: time, coverage, ways, cost, returns, payment, products.

Only what the shop's tables, its delivered parcels and the carriers it has connected for prices say; where they say
nothing, so does the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar

import structlog

from peyk.domain.shipping import (
    DeliveryTimes,
    PaymentMethods,
    Product,
    ReturnPolicy,
    ShippingMethod,
    ShippingQuote,
    ShippingZone,
)
from peyk.errors import ExternalError, NotFound
from peyk.ports.quotes import ShippingQuotes
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

    `cost_rial` is None where nobody asked for the cost; 0 is free shipping. `quote` is what a carrier asks for it: then
    it promises what the quote says, and no more.
    """

    method: ShippingMethod
    measured: DeliveryTimes | None = None
    cost_rial: int | None = None
    quote: ShippingQuote | None = None


@dataclass(frozen=True, slots=True)
class ShippingAnswer:
    """An answer about shipping.

    `kind` is "ok", "no_city" (the city is needed; `ways` holds what the whole country has), "not_served",
    "carrier_not_here" (`ways` holds what the city has instead) or "unavailable". `ways` are in the shop's order, prices
    of carriers it has no line for behind them. `silent` are those that were asked for prices and gave none.
    """

    kind: Kind
    city: str | None = None
    carrier: str | None = None
    ways: tuple[MethodAnswer, ...] = ()
    domestic: bool = True
    basket_rial: int | None = None
    weight_g: int = GRAMS_PER_KG
    silent: tuple[str, ...] = ()


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

    def __init__(self, *, storefront: Storefront, settings: Settings, quotes: Sequence[ShippingQuotes] = ()) -> None:
        self._storefront = storefront
        self._settings = settings
        self._quotes = quotes

    def delivery_time(self, city: str | None, carrier: str | None = None) -> ShippingAnswer:
        """Return how long delivery to `city` takes, measured where enough parcels were delivered."""
        deadline = Deadline(self._settings.deadline_s)
        answer = _only(self._table(city, deadline), carrier)
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
        return self._table_or_quotes(city)

    def methods(self, city: str | None) -> ShippingAnswer:
        """Return the ways to ship to `city`."""
        return self._table_or_quotes(city)

    def cost(
        self,
        city: str | None,
        carrier: str | None = None,
        basket_rial: int | None = None,
        weight_g: int = GRAMS_PER_KG,
    ) -> ShippingAnswer:
        """Return what a parcel of `weight_g` to `city` costs by each way, for a basket of `basket_rial`."""
        deadline = Deadline(self._settings.deadline_s)
        asked = self._ask_quotes(city, weight_g, basket_rial, deadline)
        answer = replace(self._table(city, deadline), basket_rial=basket_rial, weight_g=weight_g)
        if city is not None:
            ways = (replace(way, cost_rial=cost_rial(way.method, weight_g, basket_rial)) for way in answer.ways)
            answer = _with_quotes(replace(answer, ways=tuple(ways)), asked)
        return _only(answer, carrier)

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

    def _table(self, city: str | None, deadline: Deadline) -> ShippingAnswer:
        try:
            zones = deadline.ask("shop", self._storefront.zones).answer()
        except ExternalError as exc:
            log.warning("storefront.failed", kind=exc.kind)
            # Whoever is asked for prices has to know the city, too.
            return ShippingAnswer("no_city" if city is None and self._quotes else "unavailable", city)
        if city is None:
            return ShippingAnswer("no_city", None, ways=_everywhere(zones))
        zone = next((zone for zone in zones if city in zone.cities), None)
        if zone is None:
            return ShippingAnswer("not_served", city)
        ways = tuple(MethodAnswer(method) for method in zone.methods)
        return ShippingAnswer("ok", city, ways=ways, domestic=zone.domestic)

    def _table_or_quotes(self, city: str | None) -> ShippingAnswer:
        """Return the ways of the shop's table; where it says nothing, those carriers tell prices for."""
        deadline = Deadline(self._settings.deadline_s)
        answer = self._table(city, deadline)
        if answer.kind != "unavailable":
            return answer
        return _with_quotes(answer, self._ask_quotes(city, GRAMS_PER_KG, None, deadline))

    def _ask_quotes(
        self, city: str | None, weight_g: int, basket_rial: int | None, deadline: Deadline
    ) -> list[Question[list[ShippingQuote]]]:
        if city is None:
            return []
        return [
            deadline.ask(source.system, partial(source.quotes, city, weight_g, basket_rial)) for source in self._quotes
        ]

    def _ask_days(self, city: str, carrier: str, deadline: Deadline) -> Question[list[int]]:
        return deadline.ask("shop", lambda: self._storefront.delivered_days(city, carrier))

    def _ask(self, call: Callable[[], T]) -> T:
        return Deadline(self._settings.deadline_s).ask("shop", call).answer()


def _only(answer: ShippingAnswer, carrier: str | None) -> ShippingAnswer:
    """Return the ways of one carrier, where one was named."""
    answer = replace(answer, carrier=carrier)
    if answer.kind != "ok" or carrier is None:
        return answer
    wanted = tuple(way for way in answer.ways if way.method.carrier == carrier)
    silent = tuple(each for each in answer.silent if each == carrier)
    if wanted or silent:
        return replace(answer, ways=wanted, silent=silent)
    return replace(answer, kind="carrier_not_here", silent=())


def _with_quotes(answer: ShippingAnswer, asked: Sequence[Question[list[ShippingQuote]]]) -> ShippingAnswer:
    """Return the answer with what carriers ask in the place of the table's lines for them.

    What the shop gives away stays free, and where it does not ship no carrier's price makes it.
    """
    quotes: dict[str, list[ShippingQuote]] = {}
    silent: list[str] = []
    for question in asked:
        try:
            for quote in question.answer():
                quotes.setdefault(quote.carrier, []).append(quote)
        except NotFound:
            continue
        except ExternalError as exc:
            log.warning("quotes.failed", system=question.system, kind=exc.kind)
            silent.append(question.system)
    if answer.kind not in ("ok", "unavailable"):
        return answer
    ways: list[MethodAnswer] = []
    for way in answer.ways:
        told = quotes.pop(way.method.carrier, []) if way.cost_rial != 0 else []
        ways += [_quoted(quote) for quote in told] or [way]
        if way.cost_rial == 0:
            quotes.pop(way.method.carrier, None)
    ways += [_quoted(quote) for told in quotes.values() for quote in told]
    named = {way.method.carrier for way in ways}
    still = tuple(system for system in silent if system not in named)
    return replace(answer, kind="ok" if ways else "unavailable", ways=tuple(ways), silent=still)


def _quoted(quote: ShippingQuote) -> MethodAnswer:
    method = ShippingMethod(quote.carrier, quote.cost_rial, 0, 0, quote.days or 0)
    return MethodAnswer(method, cost_rial=quote.cost_rial, quote=quote)


def _everywhere(zones: Sequence[ShippingZone]) -> tuple[MethodAnswer, ...]:
    first: dict[str, ShippingMethod] = {}
    for zone in zones:
        for method in zone.methods if zone.domestic else ():
            first.setdefault(method.carrier, method)
    return tuple(MethodAnswer(method) for method in first.values())
