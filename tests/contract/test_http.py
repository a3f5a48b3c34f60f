"""The ground adapters stand on: credentials, safe repeats, pauses asked for, and nothing secret in an error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from email.utils import formatdate
from time import time
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from pydantic import SecretStr

from peyk.adapters._auth import Auth, BasicAuth, HeaderAuth, QueryAuth, TokenAuth
from peyk.adapters._http import Body, Http, NothingThere
from peyk.adapters._signed import SignedAuth
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    ExternalError,
    NotFound,
    RateLimited,
    SettingsError,
    Unavailable,
    Unsure,
)
from tests.fakes.oauth1 import OAuth1
from tests.fakes.vendor_http import Answer, Call, FakeVendor, Fault

KEY = "Key7fK2mQ9xW4vB8nL3"
PASSWORD = "Word9xW4vB8nL37fK2mQ"


class Vendor(FakeVendor):
    """Answers whoever asks with what was asked; a token is good until it is spent."""

    def __init__(self) -> None:
        super().__init__(KEY, PASSWORD)
        self.good_tokens: set[str] = set()

    def refusal(self, call: Call) -> Answer | None:
        if not call.path.startswith("/bearer"):
            return None
        token = call.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if token in self.good_tokens else Answer(401, {"message": f"bad token {token}"})

    def handle(self, call: Call) -> Answer:
        if call.path == "/missing":
            return Answer(404, {"message": "no such thing"})
        if call.path == "/forbidden":
            return Answer(403, {"message": f"{KEY} may not"})
        return Answer(200, {"query": call.query, "auth": call.headers.get("Authorization"), "form": call.form})


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as running:
        yield running


def http(vendor: Vendor, auth: Auth | None = None, **options: object) -> Http:
    return Http("vendor", vendor.url, auth, **{"deadline_s": 5.0, **options})  # type: ignore[arg-type]


def test_each_credential_goes_where_its_api_wants_it(vendor: Vendor) -> None:
    basic = BasicAuth(SecretStr("user"), SecretStr(PASSWORD))
    assert http(vendor, basic).get("/")["auth"] == "Basic dXNlcjpXb3JkOXhXNHZCOG5MMzdmSzJtUQ=="
    query = QueryAuth(consumer_key=SecretStr(KEY))
    assert http(vendor, query).get("/", {"page": 2})["query"] == {"page": "2", "consumer_key": KEY}
    header = HeaderAuth("vendor", "Authorization", SecretStr(KEY), "Token token=")
    assert http(vendor, header).get("/")["auth"] == f"Token token={KEY}"


HARD = {
    "since": "2026-01-01 10:00:00",
    "a[0][b]": "1,2",
    "plus": "1+1",
    "percent": "100%",
    "empty": "",
    "city": "شیراز",
}


@pytest.mark.parametrize("in_query", [True, False])
@pytest.mark.parametrize("seen_as", ["", "http"])
def test_a_signature_is_over_what_is_sent(in_query: bool, seen_as: str, caplog: pytest.LogCaptureFixture) -> None:
    names = ("Key-1", "S&=+%1", "Token-1", "T&=+%2")
    signing = SignedAuth(*map(SecretStr, names), in_query=in_query, seen_as=seen_as)
    with caplog.at_level(logging.DEBUG):
        sent = requests.Request("GET", "https://shop.example:8443/rest/V1/orders", params=HARD, auth=signing).prepare()
    address = urlsplit(str(sent.url))
    assert (address.scheme, address.netloc) == ("https", "shop.example:8443")
    call = Call("GET", address.path, {}, b"", sent.headers, asked=address.query)
    assert OAuth1(*names).accepts(call, f"{seen_as or 'https'}://shop.example:8443/rest/V1/orders")
    again = dict(parse_qsl(address.query, keep_blank_values=True))
    assert {name: again[name] for name in HARD} == HARD
    assert ("Authorization" in sent.headers) is not in_query
    assert not any(name in f"{sent.url} {sent.headers} {caplog.text}" for name in (names[1], names[3]))
    assert not any(name in caplog.text for name in names)


def test_fields_travel_as_multipart_and_forms_as_urlencoded(vendor: Vendor) -> None:
    reply = http(vendor).send("POST", "/", Body(fields={"input": '{"order": "\u0633"}'}))
    assert http(vendor).read(reply)["form"] == {"input": '{"order": "\u0633"}'}
    reply = http(vendor).send("POST", "/", Body(form={"token": "1 2"}))
    assert http(vendor).read(reply)["form"] == {"token": "1 2"}


def test_a_token_is_fetched_once_and_again_when_it_is_refused(vendor: Vendor) -> None:
    fetched: list[str] = []

    def fetch() -> tuple[str, timedelta]:
        fetched.append(f"token{len(fetched)}")
        vendor.good_tokens = {fetched[-1]}
        return fetched[-1], timedelta(hours=1)

    api = http(vendor, TokenAuth(fetch))
    assert [api.get("/bearer")["auth"] for _ in range(3)] == ["Bearer token0"] * 3
    vendor.good_tokens = set()
    assert api.get("/bearer")["auth"] == "Bearer token1"
    assert fetched == ["token0", "token1"]


def test_a_token_near_its_end_is_fetched_anew(vendor: Vendor) -> None:
    fetched: list[str] = []

    def fetch() -> tuple[str, timedelta]:
        fetched.append(f"token{len(fetched)}")
        vendor.good_tokens = {fetched[-1]}
        return fetched[-1], timedelta(seconds=30)

    api = http(vendor, TokenAuth(fetch))
    api.get("/bearer")
    api.get("/bearer")
    assert len(fetched) == 2


def test_a_token_that_is_always_refused_is_asked_for_twice_and_told(vendor: Vendor) -> None:
    fetched: list[int] = []

    def fetch() -> tuple[str, timedelta]:
        fetched.append(1)
        return "SecretToken123", timedelta(hours=1)

    with pytest.raises(AccessRefused) as caught:
        http(vendor, TokenAuth(fetch)).get("/bearer")
    assert len(fetched) == 2
    assert "SecretToken123" not in str(caught.value)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RESET, Fault.CUT_OFF, Fault.BAD_GATEWAY])
def test_what_is_safe_is_asked_again(vendor: Vendor, fault: Fault) -> None:
    vendor.fail(fault, times=2)
    assert http(vendor, tries=3).get("/")["query"] == {}
    assert len(vendor.calls) == 3


def test_what_may_do_something_is_asked_once(vendor: Vendor) -> None:
    vendor.fail(Fault.SERVER_ERROR)
    with pytest.raises(Unsure):
        http(vendor, tries=3).call("POST", "/", {})
    assert len(vendor.calls) == 1
    vendor.fail(Fault.SERVER_ERROR)
    http(vendor, tries=3).call("POST", "/", {}, safe=True)


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.HTML, Fault.REDIRECT, Fault.HUGE, Fault.ENCODING])
def test_an_answer_that_cannot_be_read_is_not_asked_for_again(vendor: Vendor, fault: Fault) -> None:
    vendor.fail(fault)
    with pytest.raises(BadAnswer):
        http(vendor, tries=3).get("/")
    assert len(vendor.calls) == 1


def test_the_pause_that_is_asked_for_is_kept_within_the_deadline(vendor: Vendor) -> None:
    vendor.fail(Fault.RATE_LIMITED, retry_after="1")
    assert http(vendor, tries=3).get("/")["query"] == {}
    assert len(vendor.calls) == 2


@pytest.mark.parametrize(("header", "told"), [("3600", 3600), ("999999", 3600), (None, None), ("soon", None)])
def test_a_longer_pause_or_an_unknown_one_is_told_an_hour_at_most(
    vendor: Vendor, header: str | None, told: int | None
) -> None:
    vendor.fail(Fault.RATE_LIMITED, retry_after=header)
    with pytest.raises(RateLimited) as caught:
        http(vendor, tries=3).get("/")
    assert caught.value.retry_after_s == told
    assert len(vendor.calls) == 1


def test_a_pause_may_be_a_date(vendor: Vendor) -> None:
    vendor.fail(Fault.RATE_LIMITED, retry_after=formatdate(time() + 600, usegmt=True))
    with pytest.raises(RateLimited) as caught:
        http(vendor).get("/")
    assert caught.value.retry_after_s is not None
    assert 590 <= caught.value.retry_after_s <= 601
    vendor.fail(Fault.RATE_LIMITED, retry_after=formatdate(time() + 10**7, usegmt=True))
    with pytest.raises(RateLimited) as caught:
        http(vendor).get("/")
    assert caught.value.retry_after_s == 3600


def test_repeats_end_with_the_deadline(vendor: Vendor) -> None:
    vendor.fail(Fault.SLOW, times=9)
    with pytest.raises(Unavailable):
        http(vendor, tries=9, deadline_s=0.5).get("/")
    assert len(vendor.calls) == 1


def test_not_there_and_not_allowed_are_told_apart(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        http(vendor, knows_404=True).get("/missing")
    auth = HeaderAuth("vendor", "X-Key", SecretStr(KEY))
    with pytest.raises(AccessRefused, match="HTTP 403") as caught:
        http(vendor, auth).get("/forbidden")
    assert KEY not in str(caught.value)


def test_a_404_says_nothing_of_who_does_not_say_so_with_it(vendor: Vendor) -> None:
    with pytest.raises(NothingThere) as caught:
        http(vendor).get("/missing")
    assert isinstance(caught.value, BadAnswer)
    assert caught.value.words == "no such thing"


@pytest.mark.parametrize(
    "said",
    [
        {"code": "rest_no_route", "message": "\u0645\u0633\u06cc\u0631", "data": {"status": 404}},
        {"error": "No route matches [GET] /api/v1/tickets"},
        {"message": "Request does not match any route."},
        {"message": "no Route matched with those values"},
    ],
)
def test_a_404_that_speaks_of_a_route_is_of_the_address(vendor: Vendor, said: object) -> None:
    vendor.handle = lambda call: Answer(404, said)  # type: ignore[method-assign]
    with pytest.raises(NothingThere):
        http(vendor, knows_404=True).get("/orders/7")


def test_a_clock_that_is_off_is_seen(vendor: Vendor) -> None:
    api = http(vendor)
    vendor.clock_ahead_s = 600
    api.get("/")
    assert api.clock_s is not None
    assert 590 < api.clock_s < 610
    assert http(vendor).clock_s is None


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.HTML, Fault.SLOW, Fault.RESET, Fault.REDIRECT])
def test_a_key_in_the_address_stands_in_no_error_and_no_log(
    vendor: Vendor, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    api, mobile = Http("vendor", f"{vendor.url}/v1/{KEY}", deadline_s=0.5, base_secret=KEY), "0912" + "1234567"
    vendor.fail(fault)
    with pytest.raises(ExternalError) as caught:
        api.get("/verify/lookup.json", {"receptor": mobile})
    whole = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(api)
    assert KEY not in whole
    assert mobile not in whole
    assert caught.value.__context__ is None


@pytest.mark.parametrize("secret", ["", "two words", "line\nbreak", "\u06a9\u0644\u06cc\u062f"])
def test_a_key_that_cannot_stand_in_a_header_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="one word"):
        HeaderAuth("vendor", "X-Key", SecretStr(secret))
