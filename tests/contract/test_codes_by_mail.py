"""A code by mail goes to the address the shop has for the mobile, and nobody learns whether it has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, text

from peyk.bootstrap import App, build
from peyk.domain.conversations import Caller
from peyk.domain.identity import OtpOutcome
from peyk.settings import Settings
from peyk.store.migrate import upgrade
from tests.fakes.mail import PASSWORD, USER, FakeMailServer, certificate
from tests.fakes.sms import KAVENEGAR_KEY, TEMPLATE, FakeKavenegar
from tests.fakes.woocommerce import KEY, SECRET, FakeWooCommerce

MOBILE, STRANGER, ADDRESS = "09121234567", "09350000000", "sara@example.com"
CODE = re.compile(r"\b[0-9]{6}\b")

# The fake's own, where it takes logins without TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMailServer]:
    with FakeMailServer() as server:
        values = {"HOST": "127.0.0.1", "PORT": str(server.port), "SENDER": "codes@peyk.example"}
        values |= {"CA_FILE": str(certificate()[0]), "USER": USER, "PASSWORD": PASSWORD}
        for name, value in values.items():
            monkeypatch.setenv(f"PEYK_SMTP_{name}", value)
        yield server


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKavenegar]:
    with FakeKavenegar() as server:
        for name, value in {"URL": server.url, "KEY": KAVENEGAR_KEY, "TEMPLATE": TEMPLATE}.items():
            monkeypatch.setenv(f"PEYK_KAVENEGAR_{name}", value)
        yield server


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(lambda: datetime.now(UTC)) as server:
        for name, value in {"URL": server.url, "KEY": KEY, "SECRET": SECRET}.items():
            monkeypatch.setenv(f"PEYK_WOOCOMMERCE_{name}", value)
        yield server


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """Return how to make a Peyk of a shop; its index is filled."""
    apps: list[App] = []

    def make(sms: str, *, shop: str = "woocommerce", fill: bool = True) -> App:
        plain: dict[str, Any] = {
            "_env_file": None,
            "secret_key": "s" * 32,
            "run_secret": "r" * 32,
            "mode": "production",
        }
        app = build(Settings(**plain, data_dir=tmp_path, shop=shop, sms=sms, systems_tries=1, systems_allow_http=True))
        apps.append(app)
        upgrade(app.engine)
        for job in app.worker.jobs if fill else ():
            app.worker.turn(job)
        return app

    yield make
    for app in apps:
        app.close()


def ask(app: App, mobile: str, here: str = "c1", *, resend: bool = False) -> OtpOutcome:
    return app.identity.request(Caller(here), mobile, "en", resend=resend).outcome


def test_it_goes_to_the_shops_address_and_proves_the_mobile(
    shop: FakeWooCommerce, mail: FakeMailServer, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("smtp")
    assert ask(app, MOBILE) is OtpOutcome.MAILED
    ((to, message),) = mail.mails
    assert to == ADDRESS
    found = CODE.search(message.get_content())
    assert found
    assert app.identity.check(Caller("c1"), found[0]).outcome is OtpOutcome.VERIFIED


def test_who_is_nobodys_customer_hears_the_same(
    shop: FakeWooCommerce, mail: FakeMailServer, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("smtp")
    known, unknown = (app.identity.request(Caller(each), each, "en") for each in (MOBILE, STRANGER))
    told = [(each.outcome, each.tries_left, each.retry_after_s, each.pending) for each in (known, unknown)]
    assert told == [(OtpOutcome.MAILED, 3, 60, True)] * 2
    assert len(mail.mails) == 1
    # What was sent nobody has, so it proves nothing.
    assert app.identity.check(Caller(STRANGER), "000000").outcome in {OtpOutcome.WRONG, OtpOutcome.LOCKED}


def test_one_order_of_a_strangers_with_an_address_of_their_own_gets_them_no_code(
    shop: FakeWooCommerce, mail: FakeMailServer, made: Callable[..., App]
) -> None:
    shop.add(placed_at=datetime.now(UTC) - timedelta(days=9))
    theirs = shop.add()
    theirs["billing"] = {**theirs["billing"], "email": "thief@else.example"}
    assert ask(made("smtp"), MOBILE) is OtpOutcome.MAILED
    assert mail.mails == []


@pytest.mark.parametrize("email", ["", "no address"])
def test_nor_where_an_earlier_order_has_none(
    shop: FakeWooCommerce, mail: FakeMailServer, made: Callable[..., App], email: str
) -> None:
    first = shop.add(placed_at=datetime.now(UTC) - timedelta(days=9))
    first["billing"] = {**first["billing"], "email": email}
    shop.add()
    assert ask(made("smtp"), MOBILE) is OtpOutcome.MAILED
    assert mail.mails == []


def test_before_all_orders_are_read_nothing_is_sent_to_anybody(
    shop: FakeWooCommerce, mail: FakeMailServer, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("smtp", fill=False)
    assert {ask(app, MOBILE, "c1"), ask(app, STRANGER, "c2")} == {OtpOutcome.UNDELIVERABLE}
    assert mail.mails == []


def test_after_the_phones_vendor_it_is_the_next(
    shop: FakeWooCommerce, mail: FakeMailServer, sms: FakeKavenegar, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("kavenegar,smtp")
    assert ask(app, MOBILE) is OtpOutcome.SENT
    assert (len(sms.sent), mail.mails) == (1, [])
    sms.refuse = 418
    assert {ask(app, MOBILE, "c2"), ask(app, STRANGER, "c3")} == {OtpOutcome.MAILED}
    assert [to for to, _ in mail.mails] == [ADDRESS]


def test_before_it_who_has_no_address_gets_a_text_message(
    shop: FakeWooCommerce, mail: FakeMailServer, sms: FakeKavenegar, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("smtp,kavenegar")
    assert {ask(app, MOBILE, "c1"), ask(app, STRANGER, "c2")} == {OtpOutcome.MAILED}, "the same words for both"
    assert [to for to, _ in mail.mails] == [ADDRESS]
    assert [each.to for each in sms.sent.values()] == [STRANGER]
    sms.refuse = 418
    assert ask(app, STRANGER, "c3") is OtpOutcome.MAILED, "a failure would tell that there is no address"


def test_when_both_fail_it_is_said(
    shop: FakeWooCommerce, mail: FakeMailServer, sms: FakeKavenegar, made: Callable[..., App]
) -> None:
    shop.add()
    app = made("kavenegar,smtp")
    sms.refuse, mail.refuse = 418, {"MAIL": "451 later"}
    assert {ask(app, MOBILE, "c1"), ask(app, STRANGER, "c2")} == {OtpOutcome.UNDELIVERABLE}


def sql_shop(folder: Path, setenv: Callable[[str, str], None], *addresses: tuple[str, str | None]) -> None:
    """Make a shop of one's own with an order for each mobile and address."""
    columns = {"number": "n", "mobile": "phone", "status": "state", "placed_at": "at", "total": "sum", "email": "mail"}
    mapping = {"money": "toman", "orders": {"table": "orders", "columns": columns}, "statuses": {"new": "paid"}}
    (folder / "mapping.yml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    engine = create_engine(f"sqlite:///{folder / 'shop.db'}")
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE orders (n TEXT, phone TEXT, state TEXT, at TEXT, sum INTEGER, mail TEXT)")
        )
        for place, (phone, address) in enumerate(addresses):
            row = {"n": f"TS-{104000 + place}", "p": phone, "m": address}
            connection.execute(text("INSERT INTO orders VALUES (:n, :p, 'new', '2026-11-20 10:00:00', 5, :m)"), row)
    engine.dispose()
    setenv("PEYK_SQL_URL", f"sqlite:///{folder / 'shop.db'}")
    setenv("PEYK_SQL_MAPPING", str(folder / "mapping.yml"))


@pytest.mark.parametrize(
    ("addresses", "gets"),
    [
        ([(MOBILE, ADDRESS), ("+989121234567", "Sara@Example.com"), (STRANGER, "else@example.com")], [ADDRESS]),
        ([(MOBILE, ADDRESS), (MOBILE, "thief@else.example")], []),
        ([(MOBILE, None), (MOBILE, "thief@else.example")], []),
        ([(STRANGER, ADDRESS)], []),
    ],
)
def test_a_shop_that_is_asked_directly_tells_its_own(
    mail: FakeMailServer,
    made: Callable[..., App],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[tuple[str, str | None]],
    gets: list[str],
) -> None:
    sql_shop(tmp_path, monkeypatch.setenv, *addresses)
    assert ask(made("smtp", shop="sql"), MOBILE) is OtpOutcome.MAILED
    assert [to for to, _ in mail.mails] == gets


def test_a_shop_that_does_not_answer_is_the_same_for_everybody(
    mail: FakeMailServer, made: Callable[..., App], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql_shop(tmp_path, monkeypatch.setenv, (MOBILE, ADDRESS))
    app = made("smtp", shop="sql")
    (tmp_path / "shop.db").unlink()
    assert {ask(app, MOBILE, "c1"), ask(app, STRANGER, "c2")} == {OtpOutcome.UNDELIVERABLE}
    assert mail.mails == []
