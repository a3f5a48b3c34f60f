"""A shop that is connected by settings, whole: from its server through the index to an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, text

from peyk.bootstrap import App, build
from peyk.domain.conversations import Caller
from peyk.domain.orders import OrderStatus
from peyk.domain.situations import Situation
from peyk.errors import SettingsError, Unavailable
from peyk.services.shipping_info import ProductAnswer
from peyk.services.tracking import TrackOutcome
from peyk.settings import Settings
from peyk.store.migrate import upgrade
from tests.fakes.vendor_http import Fault
from tests.fakes.woocommerce import KEY, SECRET, WEBHOOK_SECRET, FakeWooCommerce


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(lambda: datetime.now(UTC)) as server:
        for name, value in {"URL": server.url, "KEY": KEY, "SECRET": SECRET, "WEBHOOK_SECRET": WEBHOOK_SECRET}.items():
            monkeypatch.setenv(f"PEYK_WOOCOMMERCE_{name}", value)
        yield server


def made(folder: Path, **changes: Any) -> App:
    plain: dict[str, Any] = {"_env_file": None, "secret_key": "s" * 32, "run_secret": "r" * 32, "mode": "production"}
    plain |= {"data_dir": folder, "shop": "woocommerce", "systems_tries": 1}
    app = build(Settings(**(plain | changes)))
    upgrade(app.engine)
    return app


def work(app: App) -> None:
    """Have the worker do what is due."""
    for job in app.worker.jobs:
        app.worker.turn(job)


def look(app: App) -> None:
    """Have the index look at the shop if that is due, whoever has worked a moment ago."""
    next(job for job in app.worker.jobs if job.name == "shop").run(datetime.now(UTC))


def test_a_connected_shop_answers(shop: FakeWooCommerce, tmp_path: Path) -> None:
    number = shop.add(placed_at=datetime.now(UTC) - timedelta(days=1))["number"]
    app = made(tmp_path)
    caller = Caller("c1", "a1", "x1")
    assert app.services.tracking.by_number(caller, number).outcome is TrackOutcome.UNAVAILABLE
    work(app)
    found = app.services.tracking.by_number(caller, number)
    assert (found.outcome, found.situation) == (TrackOutcome.FOUND, Situation.PREPARING)
    assert app.orders.by_mobile("09121234567")[0].number == number
    assert app.services.tracking.by_number(caller, "TS-999999").outcome is TrackOutcome.NOT_FOUND
    assert app.shop_doors.intake is not None
    assert app.shop_doors.connect is not None
    app.close()


def test_a_shop_that_is_down_leaves_its_last_word(shop: FakeWooCommerce, tmp_path: Path) -> None:
    number = shop.add()["number"]
    app = made(tmp_path, shop_fresh_s=0)
    work(app)
    shop.fail(Fault.SERVER_ERROR, times=99)
    found = app.services.tracking.by_number(Caller("c1", "a1", "x1"), number)
    assert found.outcome is TrackOutcome.FOUND
    assert found.as_of is not None
    assert found.asked_at is not None
    assert found.as_of < found.asked_at
    app.close()


def test_what_woocommerce_never_offers_holds_back_no_zones(
    shop: FakeWooCommerce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = tmp_path / "tables.yml"
    tables.write_text("methods: {flat_rate: {carrier: post, min_days: 2, max_days: 5}}\n", encoding="utf-8")
    monkeypatch.setenv("PEYK_WOOCOMMERCE_TABLES", str(tables))
    method = {"id": 3, "title": "Post", "method_id": "flat_rate", "settings": {"cost": {"value": "45000"}}}
    shop.zones = {1: {"name": "Iran", "locations": [{"code": "IR", "type": "country"}], "methods": [method]}}
    app = made(tmp_path)
    for _ in range(app.settings.breaker_failures + 1):
        assert app.services.shipping.products("headphones") == ProductAnswer("unavailable")
    answer = app.services.shipping.delivery_time("Tehran")
    assert (answer.kind, [way.method.carrier for way in answer.ways]) == ("ok", ["post"])
    app.close()


def test_what_the_index_cannot_say_holds_back_nothing_it_has(shop: FakeWooCommerce, tmp_path: Path) -> None:
    app = made(tmp_path)
    assert app.shop_doors.intake is not None
    order = shop.add()
    app.shop_doors.intake.take(*shop.delivery(order))
    for guess in range(app.settings.breaker_failures + 1):
        with pytest.raises(Unavailable, match="still being read"):
            app.orders.by_number(f"TS-99999{guess}")
    assert app.orders.by_number(order["number"]).number == order["number"]
    app.close()


def test_tables_that_have_changed_reach_what_is_indexed(
    shop: FakeWooCommerce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = shop.add(status="packed-twice", placed_at=datetime.now(UTC) - timedelta(days=9))["number"]
    app = made(tmp_path)
    look(app)
    assert app.orders.by_number(number).status is OrderStatus.PAID
    app.close()
    tables = tmp_path / "tables.yml"
    tables.write_text("statuses: {packed-twice: preparing}\n", encoding="utf-8")
    monkeypatch.setenv("PEYK_WOOCOMMERCE_TABLES", str(tables))
    app = made(tmp_path)
    look(app)
    assert app.orders.by_number(number).status is OrderStatus.PREPARING
    calls = len(shop.calls)
    app.close()
    app = made(tmp_path)
    look(app)
    assert len(shop.calls) == calls
    app.close()


def test_who_waits_and_who_reads_page_by_page_are_held_off_apart(shop: FakeWooCommerce, tmp_path: Path) -> None:
    def held_off(app: App) -> list[str]:
        return [each.system for each in app.system_states.held_off()]

    number = shop.add()["number"]
    app = made(tmp_path, breaker_failures=1, shop_fresh_s=0)
    shop.fail(Fault.SERVER_ERROR, times=99)
    work(app)
    assert held_off(app) == ["woocommerce:index"]
    app.close()
    # Another process, after it was mended, and broken again.
    shop.mend()
    (tmp_path / "second").mkdir()
    app = made(tmp_path / "second", breaker_failures=1, shop_fresh_s=0)
    work(app)
    shop.fail(Fault.SERVER_ERROR, times=99)
    assert app.services.tracking.by_number(Caller("c1", "a1", "x1"), number).outcome is TrackOutcome.FOUND
    assert held_off(app) == ["woocommerce"]
    app.close()


def test_a_shop_that_is_asked_directly_leaves_its_last_word_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {"number": "n", "mobile": "phone", "status": "state", "placed_at": "at", "total": "sum"}
    mapping = {"money": "toman", "orders": {"table": "orders", "columns": columns}, "statuses": {"new": "paid"}}
    (tmp_path / "mapping.yml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    own = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with own.begin() as connection:
        connection.execute(text("CREATE TABLE orders (n TEXT, phone TEXT, state TEXT, at TEXT, sum INTEGER)"))
        for number in ("TS-104000", "TS-104001"):
            row = {"n": number, "at": "2026-11-20 10:00:00"}
            connection.execute(text("INSERT INTO orders VALUES (:n, '09121234567', 'new', :at, 5)"), row)
    monkeypatch.setenv("PEYK_SQL_URL", f"sqlite:///{tmp_path / 'shop.db'}")
    monkeypatch.setenv("PEYK_SQL_MAPPING", str(tmp_path / "mapping.yml"))
    app, caller = made(tmp_path, shop="sql"), Caller("c1", "a1", "x1")
    first = app.services.tracking.by_number(caller, "TS-104000")
    with own.begin() as connection:
        connection.execute(text("DROP TABLE orders"))
    again = app.services.tracking.by_number(caller, "TS-104000")
    assert (first.situation, again.situation) == (Situation.REGISTERED, Situation.REGISTERED)
    assert (first.shop_as_of, again.shop_as_of is None) == (None, False)
    assert app.services.tracking.by_number(caller, "TS-104001").outcome is TrackOutcome.BAD_ANSWER
    own.dispose()
    app.close()


@pytest.mark.parametrize("named", ["nobody", "woocommerce,woocommerce2", "WooCommerce, nobody"])
def test_a_shop_that_is_none_is_told(shop: FakeWooCommerce, tmp_path: Path, named: str) -> None:
    with pytest.raises(SettingsError):
        made(tmp_path, shop=named)


def test_a_setting_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEYK_WOOCOMMERCE_URL", raising=False)
    with pytest.raises(SettingsError, match="PEYK_WOOCOMMERCE_URL: must be set"):
        made(tmp_path)
