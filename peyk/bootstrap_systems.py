"""Which systems stand outside: the shop's own by the settings, the demo's in demo mode, and nobody's otherwise.

Outside demo mode a kind without an adapter stays behind a closed gate: every question to it gets the honest "does not
answer", never the demo's orders and never "not found".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Engine

from peyk import i18n
from peyk.adapters._pace import Pace, patience_s
from peyk.adapters._resilience import (
    GuardedCrm,
    GuardedInquiry,
    GuardedMessenger,
    GuardedOrders,
    GuardedPayments,
    GuardedQuotes,
    GuardedSender,
    GuardedStorefront,
    ResilientCarrier,
)
from peyk.adapters.carriers._cached import CachedCarrier
from peyk.adapters.carriers._kept_quotes import KeptQuotes
from peyk.adapters.carriers._paced import PacedCarrier
from peyk.adapters.carriers.demo import demo_carriers
from peyk.adapters.demo_shop.faults import FaultGate
from peyk.adapters.messaging.demo import DemoMessenger, Wording
from peyk.adapters.orders.demo import DemoOrders
from peyk.adapters.payments.checked import CheckedPayments
from peyk.adapters.payments.demo import DemoPayments
from peyk.adapters.plugin import CarrierSettings, Parts, brought, brought_quotes, read_settings
from peyk.adapters.registry import plugin
from peyk.adapters.storefront.demo import DemoStorefront
from peyk.bootstrap_guards import Guards
from peyk.bootstrap_shop import ConnectedShop, make_shop, remembered
from peyk.bootstrap_words import code_mail
from peyk.domain.systems import SystemKind
from peyk.errors import SettingsError, Unavailable
from peyk.ports import Carrier, Clock, Messenger, OrderSource, PaymentGateway, Storefront
from peyk.ports.crm import Crm
from peyk.ports.messenger import CodeSender
from peyk.ports.payments import PaymentInquiry
from peyk.ports.quotes import ShippingQuotes
from peyk.ports.records import TrackingSnapshots
from peyk.services.code_sending import SendCodes
from peyk.settings import Settings
from peyk.store.code_sends import StoredCodeSends
from peyk.store.limits import StoredLimiter
from peyk.store.system_states import StoredSystemStates
from peyk.store.unknown_codes import StoredUnknownCodes


class ClosedGate(FaultGate):
    """Keeps everybody out of the demo shop: outside demo mode it is nobody's shop."""

    def pass_as(self, system: str) -> None:
        """Raise Unavailable(system)."""
        raise Unavailable(system, "no adapter outside demo mode")


@dataclass(frozen=True)
class Outside:
    """The systems outside Peyk, each behind its guard."""

    orders: OrderSource
    carriers: Mapping[str, Carrier]
    payments: PaymentGateway
    messenger: Messenger
    storefront: Storefront
    # What sends codes by vendors outside, None while nobody is connected.
    codes: SendCodes | None = None
    # None where no shop is connected.
    shop: ConnectedShop | None = None
    # The CRM outside, None where Peyk's own record is all.
    crm: Crm | None = None
    # Carriers that are asked for prices before buying.
    quotes: tuple[ShippingQuotes, ...] = ()


def make_parts(settings: Settings, engine: Engine, clock: Clock) -> Parts:
    """Return what every adapter is given."""
    return Parts(
        clock=clock,
        unknown=StoredUnknownCodes(engine, clock),
        secret_key=settings.secret_key,
        deadline_s=settings.deadline_s,
        tries=settings.systems_tries,
        redis_url=settings.redis_url,
        limiter=StoredLimiter(engine, clock),
        allow_http=settings.systems_allow_http,
        default_language=settings.default_language,
        data_dir=settings.data_dir,
        code_mail=code_mail(settings),
    )


def make_outside(
    settings: Settings,
    engine: Engine,
    clock: Clock,
    gate: FaultGate,
    snapshots: TrackingSnapshots,
    wording: Wording,
) -> Outside:
    """Connect what the settings name; nothing is sent yet. Raises SettingsError."""
    guards = Guards(settings, StoredSystemStates(engine, clock))
    parts = make_parts(settings, engine, clock)
    shop = make_shop(settings, engine, clock, parts, guards)
    if shop is not None and shop.email_of is not None:
        parts = replace(parts, email_of=shop.email_of)
    codes = _codes(settings, engine, parts, guards)
    orders, payments, storefront = _of_the_demo(engine, gate, guards)
    if settings.demo:
        orders = remembered(orders, "demo", settings, engine, clock)
    sms_of_the_demo = GuardedMessenger(DemoMessenger(engine, clock, gate, wording), guards.of("messenger"))
    # Whose parcels they are is the shop's to say: beside its carriers the demo's would be strangers.
    stay = not settings.adapters(SystemKind.CARRIER) or (settings.demo and settings.demo_carriers)
    of_the_demo = demo_carriers(engine, clock, gate) if stay else {}
    return Outside(
        orders=shop.orders if shop else orders,
        # The services keep the carriers' last good answers: they know why one is stale.
        carriers={
            **{name: ResilientCarrier(carrier, guards.of(name)) for name, carrier in of_the_demo.items()},
            **_carriers(settings, parts, guards, snapshots),
        },
        payments=_checked(settings, parts, guards, (shop and shop.payments) or payments),
        messenger=codes or sms_of_the_demo,
        codes=codes,
        crm=_crm(settings, parts, guards),
        storefront=(shop and shop.storefront) or storefront,
        shop=shop,
        quotes=tuple(_quotes(settings, parts, guards)),
    )


def _carriers(settings: Settings, parts: Parts, guards: Guards, snapshots: TrackingSnapshots) -> dict[str, Carrier]:
    """Return the carriers the settings name, by the id each answers for."""
    carriers: dict[str, Carrier] = {}
    for name in settings.adapters(SystemKind.CARRIER):
        found = plugin(name, SystemKind.CARRIER)
        own = read_settings(found)
        if not isinstance(own, CarrierSettings):
            raise SettingsError(f"the adapter {name} has no settings of a carrier")
        carrier: Carrier = brought(found, parts, own)
        if carrier.id in carriers:
            raise SettingsError(f"two adapters of PEYK_CARRIERS answer for {carrier.id}; the second is {name}")
        wait_s = patience_s(settings.deadline_s)
        pace = Pace(name, own.pace, settings.redis_url, limiter=parts.limiter, wait_s=wait_s)
        paced = PacedCarrier(carrier, pace, parts.clock)
        i18n.name_carrier(carrier.id, found.names)
        guarded = ResilientCarrier(paced, guards.of(name, at_once=own.at_once))
        carriers[carrier.id] = CachedCarrier(guarded, snapshots, parts.clock, timedelta(minutes=own.fresh_minutes))
    return carriers


def _of_the_demo(engine: Engine, gate: FaultGate, guards: Guards) -> tuple[OrderSource, PaymentGateway, Storefront]:
    """Return the demo shop, behind a gate that is closed outside demo mode."""
    return (
        GuardedOrders(DemoOrders(engine, gate), guards.of("shop")),
        GuardedPayments(DemoPayments(engine, gate), guards.of("payments")),
        GuardedStorefront(DemoStorefront(engine, gate), guards.of("storefront")),
    )


def _checked(settings: Settings, parts: Parts, guards: Guards, shops: PaymentGateway) -> PaymentGateway:
    """Return the shop's word on payments, checked with the gateway where one is connected."""
    names = settings.adapters(SystemKind.PAYMENTS)
    if not names:
        return shops
    if len(names) > 1:
        raise SettingsError("PEYK_PAYMENTS: one gateway alone can be connected")
    found = plugin(names[0], SystemKind.PAYMENTS)
    gateway: PaymentInquiry = brought(found, parts)
    return CheckedPayments(shops, GuardedInquiry(gateway, guards.of(names[0])))


def _quotes(settings: Settings, parts: Parts, guards: Guards) -> Iterator[ShippingQuotes]:
    for name in settings.quoting:
        found = plugin(name, SystemKind.CARRIER)
        own = read_settings(found)
        quotes = brought_quotes(found, parts, own)
        pace = Pace(name, own.pace, settings.redis_url, what="quotes", wait_s=patience_s(settings.deadline_s))
        i18n.name_carrier(name, found.names)
        guarded = GuardedQuotes(quotes, guards.of(f"{name}-quotes", at_once=own.at_once))
        yield KeptQuotes(guarded, pace, parts.clock)


def _crm(settings: Settings, parts: Parts, guards: Guards) -> Crm | None:
    names = settings.adapters(SystemKind.CRM)
    if not names:
        return None
    found = plugin(names[0], SystemKind.CRM)
    crm: Crm = brought(found, parts)
    return GuardedCrm(crm, guards.of(names[0]))


def _codes(settings: Settings, engine: Engine, parts: Parts, guards: Guards) -> SendCodes | None:
    names = settings.adapters(SystemKind.SMS)
    if not names:
        return None
    # A customer waits for all of them together.
    each_s = settings.deadline_s / len(names)
    senders: list[CodeSender] = []
    for name in names:
        found = plugin(name, SystemKind.SMS)
        # A little less than the guard's, so that a vendor nobody reaches is told from one that does not answer.
        sender: CodeSender = brought(found, replace(parts, deadline_s=0.9 * each_s))
        if settings.sms_rial_per_day and sender.cost_rial is None:
            setting = f"{found.settings.model_config.get('env_prefix', '')}COST_RIAL"
            raise SettingsError(f"{setting}: must be set, or PEYK_SMS_RIAL_PER_DAY has nothing to count")
        senders.append(GuardedSender(sender, guards.of(name, deadline_s=each_s)))
    return SendCodes(senders, StoredCodeSends(engine), parts.clock, settings, each_s)
