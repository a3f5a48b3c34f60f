"""Carriers of vendors, each on its local server: the subjects of their contract suite.

A carrier is added by its fake (whose `codes` stand for the cases it can show) and the settings that lead there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

from peyk.adapters.carriers.chapar import ChaparSettings
from peyk.adapters.carriers.iran_post import PostSettings, ServiceKind
from peyk.adapters.carriers.mahex import MahexSettings
from peyk.adapters.carriers.postex import PostexSettings
from peyk.adapters.carriers.tipax import TipaxSettings
from peyk.adapters.plugin import AdapterSettings, Parts
from peyk.adapters.registry import AnyPlugin, plugin
from peyk.domain.systems import SystemKind, UnknownCode
from peyk.ports.carrier import Carrier
from tests.fakes import chapar, iran_post, mahex, postex, tipax
from tests.fakes.carrier_stories import Case, FakeCarrierVendor
from tests.fakes.iran_post import FakeIranPost
from tests.unit.services.fakes import FakeClock

# Longer than an answer takes here, shorter than anybody waits.
DEADLINE_S = 1.0
SECRET_KEY = "k" * 32


class Counted:
    """The codes nobody knows (the port `UnknownCodes`)."""

    def __init__(self) -> None:
        self.codes: Counter[tuple[str, str]] = Counter()

    def count(self, system: str, code: str, words: str) -> None:
        self.codes[system, code] += 1

    def all(self, limit: int = 100) -> list[UnknownCode]:
        raise NotImplementedError


@dataclass(frozen=True)
class Vendor:
    """A carrier's plug-in, its fake, and the settings that lead to it; `calls` are what one look-up is made of."""

    name: str
    fake: Callable[[], FakeCarrierVendor]
    settings: Callable[[str], AdapterSettings]
    codes: Mapping[Case, str]
    # (method, part of the path): every fault is tried on each.
    calls: tuple[tuple[str, str], ...] = (("GET", ""),)
    credentials: bool = True
    # What it calls the code that no table knows, as it is counted.
    unknown: str = "QX7"
    # Whether a call that failed is made again.
    asks_again: bool = True
    # Whether it tells how the parcel came where it is.
    history: bool = True
    # What tells it from another of that name.
    what: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}-{self.what}" if self.what else self.name


@dataclass
class Subject:
    """A vendor, its running server, and a carrier that asks it."""

    vendor: Vendor
    server: FakeCarrierVendor
    clock: FakeClock = field(default_factory=FakeClock)
    unknown: Counted = field(default_factory=Counted)

    @property
    def plugin(self) -> AnyPlugin:
        return plugin(self.vendor.name, SystemKind.CARRIER)

    @property
    def parts(self) -> Parts:
        return Parts(self.clock, self.unknown, SecretStr(SECRET_KEY), DEADLINE_S, tries=1)

    def settings(self, **changes: Any) -> AdapterSettings:
        return self.vendor.settings(self.server.url).model_copy(update=changes)

    def carrier(self, *, tries: int = 1, **changes: Any) -> Carrier:
        made: Carrier = self.plugin.make(self.settings(**changes), replace(self.parts, tries=tries))
        return made


def _tipax(url: str) -> TipaxSettings:
    user, password, key = SecretStr(tipax.USER), SecretStr(tipax.PASSWORD), SecretStr(tipax.KEY)
    return TipaxSettings(user=user, password=password, api_key=key, url=f"{url}/api/OM/v3")


def _chapar(url: str) -> ChaparSettings:
    return ChaparSettings(user=SecretStr(chapar.USER), password=SecretStr(chapar.PASSWORD), url=f"{url}/v1")


def _service(kind: ServiceKind, url: str) -> PostSettings:
    return PostSettings(
        service=kind,
        service_url=url,
        service_user=SecretStr(iran_post.USER),
        service_password=SecretStr(iran_post.PASSWORD),
        service_key=SecretStr(iran_post.KEY),
    )


VENDORS = [
    Vendor(
        "post",
        FakeIranPost,
        lambda url: PostSettings(url=url),
        FakeIranPost.codes,
        calls=(("GET", "/search.aspx"), ("POST", "/search.aspx")),
        credentials=False,
        unknown="\u0631\u0633\u06cc\u062f\u06af\u06cc \u0628\u0647 \u0634\u06a9\u0627\u06cc\u062a",
    ),
    Vendor(
        "post",
        iran_post.FakePostCompany,
        lambda url: _service(ServiceKind.COMPANY, url),
        iran_post.FakePostCompany.codes,
        calls=(("POST", "/GetParcelTrace"),),
        unknown="\u0631\u0633\u06cc\u062f\u06af\u06cc \u0628\u0647 \u0634\u06a9\u0627\u06cc\u062a",
        what="company",
    ),
    Vendor(
        "post",
        iran_post.FakeEbazaar,
        lambda url: _service(ServiceKind.EBAZAAR, f"{url}/RestApi"),
        iran_post.FakeEbazaar.codes,
        calls=(("POST", "/token"), ("POST", "/ParcelStatus")),
        unknown="4",
        history=False,
        what="ebazaar",
    ),
    Vendor(
        "postex",
        postex.FakePostex,
        lambda url: PostexSettings(url=url, api_key=SecretStr(postex.KEY)),
        postex.FakePostex.codes,
        unknown="\u0631\u0633\u06cc\u062f\u06af\u06cc \u0628\u0647 \u0634\u06a9\u0627\u06cc\u062a",
    ),
    Vendor(
        "tipax",
        tipax.FakeTipax,
        _tipax,
        tipax.FakeTipax.codes,
        calls=(("POST", "/Account/token"), ("GET", "/Tracking/")),
    ),
    Vendor(
        "chapar", chapar.FakeChapar, _chapar, chapar.FakeChapar.codes, calls=(("POST", "/tracking"),), unknown="701"
    ),
    Vendor(
        "mahex",
        mahex.FakeMahex,
        lambda url: MahexSettings(url=f"{url}/v2", api_key=SecretStr(mahex.KEY)),
        mahex.FakeMahex.codes,
    ),
]


@contextmanager
def subject_of(vendor: Vendor) -> Iterator[Subject]:
    with vendor.fake() as server:
        yield Subject(vendor, server)


def of(name: str) -> pytest.MarkDecorator:
    """Run a test for one vendor alone."""
    return pytest.mark.parametrize("subject", [name], indirect=True)


def code(subject: Subject, case: Case = Case.DELIVERED) -> str:
    """Return the code of a parcel in a certain state."""
    return subject.vendor.codes[case]
