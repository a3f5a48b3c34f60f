"""How answers before buying are put into lines: one line a way to ship or a product."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peyk import i18n
from peyk.domain.money import Money
from peyk.domain.shipping import Product, ShippingMethod, ShippingQuote
from peyk.services.shipping_info import MethodAnswer, ShippingAnswer


def shipping_values(answer: ShippingAnswer, topic: str, language: str, unit: str, now: datetime) -> dict[str, Any]:
    """Return the values of a shipping response: `lines`, `carrier`, `others`."""
    carriers = dict.fromkeys(way.method.carrier for way in answer.ways)
    lines = [
        _quote_line(way.quote, topic, language, unit, now) if way.quote else _LINES[topic](way, language, unit)
        for way in answer.ways
    ]
    lines += [
        i18n.text("shipping.silent", language, carrier=i18n.carrier_name(system, language)) for system in answer.silent
    ]
    return {
        "lines": "\n".join(lines),
        "carrier": i18n.carrier_name(answer.carrier, language) if answer.carrier else "",
        "others": i18n.join_names([i18n.carrier_name(carrier, language) for carrier in carriers], language),
    }


def _way(way: MethodAnswer, key: str, language: str, **values: Any) -> str:
    return i18n.text(
        f"shipping.{key}",
        language,
        carrier=i18n.carrier_name(way.method.carrier, language),
        promise=_promise(way.method, language),
        **values,
    )


def _promise(method: ShippingMethod, language: str) -> str:
    if method.min_days == method.max_days:
        return i18n.count("promise.exactly", method.max_days, language)
    fewest = i18n.localise_digits(str(method.min_days), language)
    most = i18n.localise_digits(str(method.max_days), language)
    return i18n.text("promise.between", language, fewest=fewest, most=most)


def _time_line(way: MethodAnswer, language: str, _unit: str) -> str:
    if way.measured is None:
        return _way(way, "time_promised", language)
    measured = {
        "p50": i18n.count("days", way.measured.p50_days, language),
        "p90": i18n.count("days", way.measured.p90_days, language),
        "parcels": i18n.format_number(way.measured.parcels, language),
    }
    return _way(way, "time_measured", language, **measured)


def _cost_line(way: MethodAnswer, language: str, unit: str) -> str:
    if way.cost_rial == 0:
        return _way(way, "cost_free", language)
    cost = i18n.format_money(Money.rial(way.cost_rial or 0), language, unit)
    if way.method.free_from_rial is None:
        return _way(way, "cost", language, cost=cost)
    free_from = i18n.format_money(Money.rial(way.method.free_from_rial), language, unit)
    return _way(way, "cost_or_free", language, cost=cost, free_from=free_from)


def _method_line(way: MethodAnswer, language: str, _unit: str) -> str:
    return _way(way, "method_cod" if way.method.cash_on_delivery else "method", language)


def _quote_line(quote: ShippingQuote, topic: str, language: str, unit: str, now: datetime) -> str:
    """Return what a carrier asks, who said so and when; how long it takes only where it said that, too."""
    values = {
        "carrier": i18n.carrier_name(quote.carrier, language),
        "days": i18n.count("promise.exactly", quote.days, language) if quote.days else "",
        "source": i18n.carrier_name(quote.source, language),
        "as_of": i18n.format_moment(quote.as_of, now, language),
        "cost": i18n.format_money(Money.rial(quote.cost_rial), language, unit),
    }
    if service := quote.service(language):
        values["carrier"] = i18n.text("shipping.service", language, carrier=values["carrier"], service=service)
    key = "quoted_cost" if topic == "shipping_cost" else "quoted"
    return i18n.text(f"shipping.{key}{'_days' if quote.days else ''}", language, **values)


_LINES = {
    "delivery_time": _time_line,
    "shipping_cost": _cost_line,
    "shipping_methods": _method_line,
    "coverage": _method_line,
}


def product_line(product: Product, language: str, unit: str) -> str:
    """Return the facts of a product in one line; what the shop has not said is left out."""
    facts = [
        i18n.format_money(Money.rial(product.price_rial), language, unit),
        i18n.text("product.in_stock" if product.in_stock else "product.out_of_stock", language),
        i18n.text("product.material", language, material=getattr(product, f"material_{language}")),
    ]
    if product.sizes:
        sizes = i18n.join_names(list(product.sizes), language)
        facts.append(i18n.text("product.sizes", language, sizes=sizes))
    months = i18n.localise_digits(str(product.warranty_months), language)
    facts.append(
        i18n.text("product.warranty", language, months=months)
        if product.warranty_months
        else i18n.text("product.no_warranty", language)
    )
    return i18n.text("product.line", language, title=product.title(language), facts=_listed(facts, language))


def _listed(facts: list[str], language: str) -> str:
    return i18n.text("list.separator", language).join(facts)
