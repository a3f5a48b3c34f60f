"""The vendors `peyk demo --vendor` can put behind Peyk: servers, and settings that point the adapters at them.

A vendor is a line in VENDORS. Settings are asked for before there is a database, servers after it is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import yaml

from peyk.adapters.messaging.demo import DemoMessenger
from peyk.adapters.payments.zarinpal.adapter import STATES
from peyk.domain.systems import SystemKind
from peyk.errors import SettingsError
from tests.fakes import (
    chapar,
    dhl,
    fedex,
    iran_post,
    magento,
    mahex,
    postex,
    seventeentrack,
    shopify,
    sms,
    tipax,
    vendure,
    woocommerce,
    zarinpal,
)
from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Parcel
from tests.fakes.demo import shops
from tests.fakes.demo.book import Book
from tests.fakes.vendor_http import FakeVendor

TABLES = Path("vendors") / "woocommerce.yml"
KINDS = {
    SystemKind.SHOP: "PEYK_SHOP",
    SystemKind.CARRIER: "PEYK_CARRIERS",
    SystemKind.PAYMENTS: "PEYK_PAYMENTS",
    SystemKind.SMS: "PEYK_SMS",
}
# What is broken on purpose is to be seen at once, and to be over soon after it is mended.
IMPATIENT = {
    "PEYK_BREAKER_RESET_S": "5",
    "PEYK_POST_REFUSED_MINUTES": "1",
    "PEYK_SHOP_FRESH_S": "15",
}
POST = "post"


@dataclass(frozen=True)
class Parts:
    """What servers are made of: the demo's book, the customers' telephone, a folder for files that adapters read."""

    book: Book
    phone: DemoMessenger
    data_dir: Path


@dataclass(frozen=True)
class Vendor:
    """`settings` are for a server at an address, without `PEYK_<NAME>_`; `make` returns the server, filled."""

    kind: SystemKind
    about: str
    settings: Callable[[str], Mapping[str, str]]
    make: Callable[[Parts], FakeVendor]


@dataclass(frozen=True)
class CarrierVendor:
    """A carrier: it tells the demo's parcels of `instead_of`, or stories of its own where somebody else does."""

    fake: type[FakeCarrierVendor]
    settings: Callable[[str], Mapping[str, str]]
    instead_of: str = ""
    kind: SystemKind = SystemKind.CARRIER


def checked(names: Collection[str]) -> None:
    """Raise SettingsError for a name that is none, and for a second shop."""
    unknown = next((name for name in names if name not in VENDORS), None)
    if unknown is not None:
        raise SettingsError(f"there is no vendor `{unknown}` for the demo; there are: {', '.join(sorted(VENDORS))}")
    several = [name for name in names if VENDORS[name].kind is SystemKind.SHOP]
    if len(several) > 1:
        raise SettingsError(f"the demo has one shop at a time: choose one of {', '.join(several)}")


def settings_of(ports: Mapping[str, int], data_dir: Path) -> dict[str, str]:
    """Return the settings for servers at these ports."""
    found = {**IMPATIENT}
    for kind, setting in KINDS.items():
        if names := [name for name in ports if VENDORS[name].kind is kind]:
            found[setting] = ",".join(names)
    told = parcels_told(ports)
    for name, port in ports.items():
        own = {**VENDORS[name].settings(f"http://127.0.0.1:{port}")}
        if name in told:
            # An answer that counts as fresh would hide a fault, and so would a pace of our own.
            own |= {"FRESH_MINUTES": "0", "PACE": "", **_codes_of(name, told[name])}
        found |= {f"PEYK_{name.upper()}_{setting}": value for setting, value in own.items()}
    if told:
        found["PEYK_DEMO_CARRIERS"] = "true"
    if "woocommerce" in ports:
        found["PEYK_WOOCOMMERCE_TABLES"] = str(data_dir / TABLES)
    return found


def about(ports: Mapping[str, int]) -> dict[str, str]:
    """Return what each server has, in a few words."""
    told, found = parcels_told(ports), {}
    for name in ports:
        vendor = VENDORS[name]
        if isinstance(vendor, Vendor):
            found[name] = vendor.about
        elif told[name]:
            found[name] = f"the demo's parcels by {told[name]}"
        else:
            found[name] = f"parcel {vendor.fake.codes[Case.IN_TRANSIT]} is under way"
    return found


def parcels_told(names: Collection[str]) -> dict[str, str]:
    """Return whose parcels of the demo each carrier tells; empty for one that has stories of its own."""
    carriers = {name: each for name in names if isinstance(each := VENDORS[name], CarrierVendor)}
    told: dict[str, str] = {name: name for name, each in carriers.items() if each.instead_of == name}
    for name, each in carriers.items():
        if name not in told:
            told[name] = "" if each.instead_of in told.values() else each.instead_of
    return told


def _codes_of(name: str, carrier: str) -> dict[str, str]:
    """Return the setting for codes as the demo writes them, and for answering in the place of another carrier."""
    if not carrier:
        return {}
    text = files("peyk.adapters.carriers.demo").joinpath("carriers.yml").read_text(encoding="utf-8")
    pattern = {"PATTERN": str(yaml.safe_load(text)[carrier]["pattern"])}
    return pattern if carrier == name else {**pattern, "CARRIER": carrier}


def served(name: str, names: Collection[str], parts: Parts) -> FakeVendor:
    """Return the server of one of the vendors that are named."""
    vendor = VENDORS[name]
    if isinstance(vendor, Vendor):
        return vendor.make(parts)
    fake, carrier = vendor.fake(), parcels_told(names)[name]
    cases = {code: case for case, code in fake.codes.items() if case is not Case.NOT_FOUND}

    def own(code: str) -> Parcel | None:
        return parts.book.example(cases[code]) if code in cases else None

    fake.tell = (lambda code: parts.book.parcel(carrier, code)) if carrier else own
    return fake


def _woocommerce(parts: Parts) -> FakeVendor:
    fake = woocommerce.FakeWooCommerce(parts.book.clock.now)
    tables = parts.data_dir / TABLES
    tables.parent.mkdir(parents=True, exist_ok=True)
    tables.write_text(yaml.safe_dump(shops.zones_of_woocommerce(fake, parts.book.zones())), encoding="utf-8")
    return shops.kept(fake, parts.book, shops.of_woocommerce(fake))


def _shopify(parts: Parts) -> FakeVendor:
    fake = shopify.FakeShopify(parts.book.clock.now)
    shops.kept(fake, parts.book, shops.of_shopify())
    look = fake.before

    def before() -> None:
        # The bucket of points is full again long before a demo has emptied it.
        fake.points = 2000.0
        look()

    fake.before = before
    return fake


def _magento(parts: Parts) -> FakeVendor:
    fake = magento.FakeMagento(parts.book.clock.now)
    return shops.kept(fake, parts.book, shops.of_magento(fake))


def _vendure(parts: Parts) -> FakeVendor:
    return shops.kept(vendure.FakeVendure(parts.book.clock.now), parts.book, shops.of_vendure())


def _zarinpal(parts: Parts) -> FakeVendor:
    fake = zarinpal.FakeZarinpal()
    words = {state: word for word, state in STATES.items()}
    for payment in parts.book.unsure_payments():
        fake.states[payment.authority or ""] = words[payment.state]
    return fake


def _arriving(fake: sms.FakeKavenegar | sms.FakeSmsIr, parts: Parts, english: str, delivered: int) -> FakeVendor:
    """Let what is sent arrive at the telephone of the demo page."""

    def arrives(sent: sms.Sent) -> None:
        to = f"+{sent.to[2:]}" if sent.to.startswith("00") else sent.to
        parts.phone.send_code(to, sent.code, "en" if sent.template == english else "fa", uuid4().hex)
        sent.state = delivered

    fake.arrives = arrives
    return fake


# Zarinpal is asked where the shop keeps its id of a payment: by WooCommerce's orders and the demo's own.
VENDORS: dict[str, Vendor | CarrierVendor] = {
    "woocommerce": Vendor(
        SystemKind.SHOP,
        "the demo's orders and shipping zones",
        lambda url: {"URL": url, "KEY": woocommerce.KEY, "SECRET": woocommerce.SECRET},
        _woocommerce,
    ),
    "shopify": Vendor(SystemKind.SHOP, "the demo's orders", lambda url: {"URL": url, "TOKEN": shopify.TOKEN}, _shopify),
    "magento": Vendor(SystemKind.SHOP, "the demo's orders", lambda url: {"URL": url, "TOKEN": magento.TOKEN}, _magento),
    "vendure": Vendor(
        SystemKind.SHOP,
        "the demo's orders",
        lambda url: {"URL": f"{url}/admin-api", "USER": vendure.USER, "PASSWORD": vendure.PASSWORD},
        _vendure,
    ),
    POST: CarrierVendor(iran_post.FakeIranPost, lambda url: {"URL": url}, POST),
    "tipax": CarrierVendor(
        tipax.FakeTipax,
        lambda url: {"URL": url, "USER": tipax.USER, "PASSWORD": tipax.PASSWORD, "API_KEY": tipax.KEY},
        "tipax",
    ),
    "chapar": CarrierVendor(
        chapar.FakeChapar,
        lambda url: {"URL": f"{url}/v1", "USER": chapar.USER, "PASSWORD": chapar.PASSWORD},
        "chapar",
    ),
    "mahex": CarrierVendor(mahex.FakeMahex, lambda url: {"URL": f"{url}/v2", "API_KEY": mahex.KEY}, "mahex"),
    "dhl": CarrierVendor(dhl.FakeDhl, lambda url: {"URL": url, "API_KEY": dhl.KEY}, "dhl"),
    "postex": CarrierVendor(postex.FakePostex, lambda url: {"URL": url, "API_KEY": postex.KEY}, POST),
    "17track": CarrierVendor(
        seventeentrack.FakeSeventeenTrack,
        lambda url: {"URL": f"{url}/track/v2.4", "API_KEY": seventeentrack.KEY},
        POST,
    ),
    "fedex": CarrierVendor(
        fedex.FakeFedex, lambda url: {"URL": url, "CLIENT_ID": fedex.ID, "CLIENT_SECRET": fedex.SECRET}
    ),
    "zarinpal": Vendor(
        SystemKind.PAYMENTS,
        "payments the shop is not sure of",
        lambda url: {"URL": url, "MERCHANT": zarinpal.MERCHANT},
        _zarinpal,
    ),
    "kavenegar": Vendor(
        SystemKind.SMS,
        "codes, shown on the demo's telephone",
        lambda url: {"URL": url, "KEY": sms.KAVENEGAR_KEY, "TEMPLATE": sms.TEMPLATE, "TEMPLATE_EN": sms.TEMPLATE_EN},
        lambda parts: _arriving(sms.FakeKavenegar(), parts, sms.TEMPLATE_EN, 10),
    ),
    "smsir": Vendor(
        SystemKind.SMS,
        "codes, shown on the demo's telephone",
        lambda url: {
            "URL": url,
            "KEY": sms.SMSIR_KEY,
            "TEMPLATE": str(sms.TEMPLATE_ID),
            "TEMPLATE_EN": str(sms.TEMPLATE_ID_EN),
        },
        lambda parts: _arriving(sms.FakeSmsIr(), parts, str(sms.TEMPLATE_ID_EN), 1),
    ),
}
