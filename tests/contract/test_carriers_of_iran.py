"""What each of Iran's carriers has of its own, on its fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from peyk.adapters.carriers.iran_post import IranPostCarrier, PostSettings
from peyk.adapters.carriers.tipax.client import Flavour
from peyk.adapters.plugin import read_settings
from peyk.adapters.registry import plugin
from peyk.bootstrap import App, build
from peyk.domain.shipments import DeliveryStatus
from peyk.domain.systems import SystemKind
from peyk.errors import AccessRefused, BadAnswer, NotFound, RateLimited, SettingsError, Unavailable
from peyk.settings import Settings
from peyk.store.migrate import upgrade
from tests.contract.carrier_subjects import VENDORS, Subject, of, subject_of
from tests.fakes import postex, tipax
from tests.fakes.carrier_stories import Case
from tests.fakes.iran_post import FakeEbazaar, FakeIranPost
from tests.fakes.mahex import FakeMahex
from tests.fakes.vendor_http import Answer, Fault
from tests.unit.services.fakes import CALLER


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(next(vendor for vendor in VENDORS if vendor.id == request.param)) as made:
        yield made


def delivered(subject: Subject) -> str:
    return subject.vendor.codes[Case.DELIVERED]


@of("post")
def test_post_is_told_who_asks(subject: Subject) -> None:
    subject.carrier(contact="it@shop.example").track(delivered(subject))
    for call in subject.server.calls:
        assert call.headers["User-Agent"] == "Peyk (order tracking of a shop; it@shop.example)"
    assert len(subject.server.calls) == 2


@of("post")
@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, raw=b"<html>Forbidden</html>", content_type="text/html"),
        Answer(403, {"message": "no"}),
        Answer(401, raw=b"<html>who</html>", content_type="text/html"),
        Answer(429, raw=b"", headers={"Retry-After": "5"}),
    ],
)
def test_post_is_left_alone_once_it_refuses(subject: Subject, answer: Answer) -> None:
    assert isinstance(subject.server, FakeIranPost)
    subject.server.filter = answer
    with pytest.raises(RateLimited) as caught:
        subject.carrier(refused_minutes=20).track(delivered(subject))
    assert caught.value.retry_after_s == 20 * 60


@of("post")
@pytest.mark.parametrize("raw", [b"", b"<html>404</html>", b'{"error": "none"}'])
def test_a_form_that_is_gone_is_no_missing_parcel(subject: Subject, raw: bytes) -> None:
    assert isinstance(subject.server, FakeIranPost)
    kind = "application/json" if raw.startswith(b"{") else "text/html"
    subject.server.filter = Answer(404, raw=raw, content_type=kind)
    with pytest.raises(BadAnswer):
        subject.carrier().track(delivered(subject))


@of("post")
def test_post_has_polite_defaults(subject: Subject) -> None:
    settings = subject.settings()
    assert (settings.at_once, settings.fresh_minutes, settings.pace) == (1, 45, "20/minute")  # type: ignore[attr-defined]


@of("mahex")
def test_the_contract_service_of_post_is_asked_in_the_place_of_its_page(subject: Subject, tmp_path: Path) -> None:
    own = tmp_path / "fields.yml"
    own.write_text(
        "events: [data.events]\ncode: []\nwords: [description]\ndate: [date]\nplace: [location]\n", encoding="utf-8"
    )
    assert isinstance(subject.server, FakeMahex)
    # Some service of JSON; it wants its key in a header the shop names.
    settings = PostSettings(
        service_url=subject.server.url,
        service_path="/v2/track/{code}",
        service_header="Authorization",
        service_key=SecretStr("x"),
        fields=own,
    )
    subject.server.refusal = lambda call: None  # type: ignore[method-assign]
    found = IranPostCarrier(settings, subject.parts).track(delivered(subject))
    assert (found.carrier, found.status) == ("post", DeliveryStatus.DELIVERED)
    assert subject.server.calls[-1].headers["Authorization"] == "x"
    with pytest.raises(SettingsError, match="PEYK_POST_FIELDS"):
        IranPostCarrier(settings.model_copy(update={"fields": None}), subject.parts)


@pytest.mark.parametrize(
    ("code", "error"),
    [(21, NotFound), (17, NotFound), (-1, RateLimited), (-2, Unavailable), (14, BadAnswer), (999, BadAnswer)],
)
@of("post-ebazaar")
def test_the_bazaar_says_no_with_a_number(subject: Subject, code: int, error: type[Exception]) -> None:
    subject.server.error_body = {"ResCode": code, "ResMsg": "", "Data": None}
    subject.server.fail(Fault.ERROR_BODY, part="/ParcelStatus")
    with pytest.raises(error):
        subject.carrier().track(delivered(subject))


@pytest.mark.parametrize(
    ("why", "error"), [("405", AccessRefused), ("408", AccessRefused), ("406", Unavailable), ("407", Unavailable)]
)
@of("post-ebazaar")
def test_the_bazaar_gives_no_token(subject: Subject, why: str, error: type[Exception]) -> None:
    assert isinstance(subject.server, FakeEbazaar)
    subject.server.token_error = why
    with pytest.raises(error) as caught:
        subject.carrier().track(delivered(subject))
    assert not [secret for secret in subject.server.secrets if secret in str(caught.value)]


@of("post-ebazaar")
def test_the_bazaar_gives_one_token_for_many_calls_and_tells_a_state_alone(subject: Subject) -> None:
    carrier = subject.carrier()
    for _ in range(3):
        found = carrier.track(delivered(subject))
        assert (found.status, found.events) == (DeliveryStatus.DELIVERED, ())
    assert len(subject.server.made("POST", "/token")) == 1
    assert subject.server.calls[-1].body == [delivered(subject)]


@of("post-ebazaar")
def test_a_barcode_the_bazaar_says_nothing_of_is_not_found(subject: Subject) -> None:
    subject.server.error_body = {"ResCode": 0, "ResMsg": "", "Data": []}
    subject.server.fail(Fault.ERROR_BODY, part="/ParcelStatus")
    with pytest.raises(NotFound):
        subject.carrier().track(delivered(subject))


@of("post-company")
def test_names_of_fields_the_shop_has_seen_replace_likely_ones(subject: Subject, tmp_path: Path) -> None:
    own = tmp_path / "fields.yml"
    own.write_text("words: [Location]\n", encoding="utf-8")
    found = subject.carrier(fields=own).track(delivered(subject))
    assert found.status is DeliveryStatus.UNKNOWN


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("post-company", "service_user"),
        ("post-company", "service_password"),
        ("post-company", "service_key"),
        ("post-ebazaar", "service_user"),
        ("post-ebazaar", "service_password"),
    ],
)
def test_a_service_of_post_names_the_setting_it_misses(name: str, missing: str) -> None:
    changes: dict[str, Any] = {missing: SecretStr("")}
    with (
        subject_of(next(vendor for vendor in VENDORS if vendor.id == name)) as subject,
        pytest.raises(SettingsError, match=f"PEYK_POST_{missing.upper()}"),
    ):
        subject.carrier(**changes)


@pytest.mark.parametrize("name", ["post-company", "post-ebazaar"])
def test_no_password_of_posts_service_travels_over_plain_http(name: str) -> None:
    with (
        subject_of(next(vendor for vendor in VENDORS if vendor.id == name)) as subject,
        pytest.raises(SettingsError, match="https://"),
    ):
        subject.carrier(service_url="http://svc.example.com/RestApi")


def test_the_path_of_a_service_has_a_place_for_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEYK_POST_SERVICE_PATH", "/track")
    with pytest.raises(SettingsError, match="SERVICE_PATH"):
        read_settings(plugin("post", SystemKind.CARRIER))


@of("tipax")
def test_tipax_gives_one_token_for_many_calls_and_a_new_one_when_it_is_refused(subject: Subject) -> None:
    assert isinstance(subject.server, tipax.FakeTipax)
    carrier = subject.carrier()
    for _ in range(3):
        carrier.track(delivered(subject))
    assert len(subject.server.made("POST", "/Account/token")) == 1
    subject.server.revoke()
    assert carrier.track(delivered(subject)).status is DeliveryStatus.DELIVERED
    assert len(subject.server.made("POST", "/Account/token")) == 2


@of("tipax")
def test_the_gateway_of_tipax_wants_its_key_in_a_header(subject: Subject) -> None:
    gateway: dict[str, Any] = {"flavour": Flavour.GATEWAY, "token_url": f"{subject.server.url}/Token"}
    assert subject.carrier(**gateway).track(delivered(subject)).status is DeliveryStatus.DELIVERED
    [grant] = subject.server.made("POST", "/Token")
    assert (grant.form["grant_type"], grant.headers["APIkey"]) == ("password", tipax.KEY)


@of("tipax")
@pytest.mark.parametrize("flavour", Flavour)
def test_a_wrong_password_of_tipax_is_refused_and_not_repeated_to_anybody(subject: Subject, flavour: Flavour) -> None:
    token_url = f"{subject.server.url}/Token" if flavour is Flavour.GATEWAY else ""
    wrong: dict[str, Any] = {"flavour": flavour, "token_url": token_url, "password": SecretStr("wrong-one-4")}
    with pytest.raises(AccessRefused) as caught:
        subject.carrier(**wrong).track(delivered(subject))
    assert "wrong-one-4" not in str(caught.value)
    assert subject.plugin.check(subject.settings(**wrong), subject.parts).credentials is False


@of("postex")
def test_postex_needs_no_key_and_may_answer_for_post(subject: Subject) -> None:
    carrier = subject.carrier(api_key=SecretStr(""), carrier="post")
    assert (carrier.id, carrier.track(delivered(subject)).carrier) == ("post", "post")
    assert "x-api-key" not in subject.server.calls[-1].headers
    with pytest.raises(NotFound) as caught:
        carrier.track(subject.vendor.codes[Case.NOT_FOUND])
    assert caught.value.system == "post"
    assert postex.KEY not in repr(subject.settings())


@of("mahex")
def test_mahex_over_plain_http_has_to_be_allowed(subject: Subject) -> None:
    away = subject.settings(url="http://api.mahex.com/v2")
    with pytest.raises(SettingsError, match="https://"):
        subject.plugin.make(away, subject.parts)
    assert subject.plugin.make(away, replace(subject.parts, allow_http=True)).id == "mahex"


@pytest.mark.parametrize("subject", ["tipax", "mahex", "chapar", "postex"], indirect=True)
def test_an_address_where_nothing_answers_is_no_missing_parcel(subject: Subject) -> None:
    subject.server.handle = lambda call: Answer(404, raw=b"")  # type: ignore[method-assign]
    with pytest.raises(BadAnswer):
        subject.carrier().track(delivered(subject))


@pytest.mark.parametrize(
    ("subject", "empty"),
    [
        ("postex", {"events": []}),
        ("tipax", {"data": []}),
        ("chapar", {"result": True, "objects": []}),
        ("mahex", {"status": {"code": 200}, "data": {"events": []}}),
    ],
    indirect=["subject"],
)
def test_an_empty_list_vouches_for_nobodys_code(subject: Subject, empty: object) -> None:
    good = subject.server.handle
    subject.server.handle = lambda call: good(call) if "token" in call.path else Answer(200, empty)  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        subject.carrier().track(delivered(subject))


@pytest.fixture
def wired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., App]]:
    """Peyk as it runs, with these carriers connected."""
    made: list[App] = []

    def connect(carriers: str, **env: str) -> App:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        folder: dict[str, Any] = {"data_dir": tmp_path, "database_url": f"sqlite:///{tmp_path / 'peyk.db'}"}
        secrets: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32}
        app = build(Settings(**secrets, **folder, carriers=carriers))
        upgrade(app.engine)
        made.append(app)
        return app

    yield connect
    for app in made:
        app.engine.dispose()


@of("post")
def test_a_code_goes_the_whole_way_once(subject: Subject, wired: Callable[..., App]) -> None:
    app = wired("post", PEYK_POST_URL=subject.server.url)
    code = subject.vendor.codes[Case.OUT_FOR_DELIVERY]
    for _ in range(3):
        result = app.services.tracking.by_code(CALLER, code)
        assert (result.outcome, result.situation) == ("found", "out_for_delivery")
        assert result.as_of is not None
    assert len(subject.server.made("POST")) == 1
    for _ in range(2):
        assert app.services.tracking.by_code(CALLER, subject.vendor.codes[Case.NOT_FOUND]).outcome == "not_found"
    assert len(subject.server.made("POST")) == 2


@of("post")
def test_once_refused_nobody_else_asks(subject: Subject, wired: Callable[..., App]) -> None:
    app = wired("post", PEYK_POST_URL=subject.server.url)
    assert isinstance(subject.server, FakeIranPost)
    subject.server.filter = Answer(403, raw=b"<html>no</html>", content_type="text/html")
    for case in (Case.DELIVERED, Case.IN_TRANSIT):
        result = app.services.tracking.by_code(CALLER, subject.vendor.codes[case])
        assert result.outcome == "rate_limited"
        assert result.page == f"https://tracking.post.ir/?id={subject.vendor.codes[case]}"
    assert subject.server.unauthorised == 1


@of("postex")
def test_two_that_answer_for_one_carrier_are_refused(subject: Subject, wired: Callable[..., App]) -> None:
    with pytest.raises(SettingsError, match=r"two adapters .* answer for post"):
        wired("post,postex", PEYK_POSTEX_CARRIER="post", PEYK_POSTEX_URL=subject.server.url)


@of("mahex")
def test_an_address_without_a_place_for_the_code_is_refused(subject: Subject, wired: Callable[..., App]) -> None:
    with pytest.raises(SettingsError, match="PEYK_MAHEX_TRACK_PATH"):
        wired("mahex", PEYK_MAHEX_API_KEY="k", PEYK_MAHEX_TRACK_PATH="/track")


@of("tipax")
def test_codes_are_asked_for_as_the_carrier_writes_them(subject: Subject) -> None:
    code = delivered(subject)
    parted = f" {code[:7]} {code[7:14]} {code[14:]} "
    found = subject.carrier().track(parted)
    assert (found.code, found.status) == (parted, DeliveryStatus.DELIVERED)
    assert found.url == f"https://tipaxco.com/tracking?id={code}"


@of("tipax")
def test_a_price_goes_the_whole_way_once(
    subject: Subject, wired: Callable[..., App], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cities = tmp_path / "cities.yml"
    cities.write_text(f"Shiraz: {tipax.SHIRAZ}", encoding="utf-8")
    monkeypatch.setenv("PEYK_QUOTES", "tipax")
    app = wired(
        "",
        PEYK_TIPAX_URL=f"{subject.server.url}/api/OM/v3",
        PEYK_TIPAX_USER=tipax.USER,
        PEYK_TIPAX_PASSWORD=tipax.PASSWORD,
        PEYK_TIPAX_API_KEY=tipax.KEY,
        PEYK_TIPAX_FROM_CITY=str(tipax.TEHRAN),
        PEYK_TIPAX_CITIES=str(cities),
    )
    for _ in range(3):
        answer = app.services.shipping.cost("Shiraz", "tipax")
        assert [way.cost_rial for way in answer.ways if way.quote] == [900_000]
    assert len(subject.server.made("POST", "/Pricing")) == 1
    monkeypatch.setenv("PEYK_QUOTES", "mahex")
    monkeypatch.setenv("PEYK_MAHEX_API_KEY", "k")
    with pytest.raises(SettingsError, match="tells no prices"):
        wired("")
