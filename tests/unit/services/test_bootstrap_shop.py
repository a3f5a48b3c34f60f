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
from peyk.domain.situations import Situation
from peyk.errors import SettingsError
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
