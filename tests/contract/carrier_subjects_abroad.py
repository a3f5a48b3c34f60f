"""Carriers abroad for the contract suite of vendors (see `carrier_subjects`)."""

from __future__ import annotations

from pydantic import SecretStr

from peyk.adapters.carriers.dhl import DhlSettings
from peyk.adapters.carriers.fedex import FedexSettings
from peyk.adapters.carriers.seventeentrack import SeventeenTrackSettings
from tests.contract.carrier_subjects import Subject, Vendor
from tests.fakes import dhl, fedex, seventeentrack


def _fedex(url: str) -> FedexSettings:
    return FedexSettings(client_id=SecretStr(fedex.ID), client_secret=SecretStr(fedex.SECRET), url=url)


def _seventeen(url: str) -> SeventeenTrackSettings:
    return SeventeenTrackSettings(
        api_key=SecretStr(seventeentrack.KEY), url=f"{url}/track/v2.4", pace="1000/second", registrations=""
    )


ABROAD = [
    Vendor(
        "dhl",
        dhl.FakeDhl,
        lambda url: DhlSettings(url=url, api_key=SecretStr(dhl.KEY)),
        dhl.FakeDhl.codes,
        asks_again=False,
    ),
    Vendor(
        "fedex",
        fedex.FakeFedex,
        _fedex,
        fedex.FakeFedex.codes,
        calls=(("POST", "/oauth/token"), ("POST", "/track/v1/trackingnumbers")),
    ),
    Vendor(
        "17track",
        seventeentrack.FakeSeventeenTrack,
        _seventeen,
        seventeentrack.FakeSeventeenTrack.codes,
        calls=(("POST", "/register"), ("POST", "/gettrackinfo")),
    ),
]


def seventeen(subject: Subject) -> seventeentrack.FakeSeventeenTrack:
    """Return 17TRACK's own server of a subject."""
    assert isinstance(subject.server, seventeentrack.FakeSeventeenTrack)
    return subject.server
