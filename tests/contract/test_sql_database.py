"""A home-made shop's database when it hangs, and when it writes things in other ways than customers do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from peyk.adapters.orders import sql
from peyk.adapters.orders._rows import RowRules
from peyk.adapters.orders.sql import client
from peyk.adapters.orders.sql.adapter import SqlOrders, SqlShop
from peyk.adapters.orders.sql.mapping import SqlMapping
from peyk.errors import Unavailable
from tests.conftest import STORES, MakeDatabase
from tests.contract.shop_subjects import parts
from tests.contract.test_sql_shop import MAPPING, Home, home_of
from tests.fakes.silent_line import SilentLine
from tests.unit.services.fakes import MOBILE, NOW


@pytest.fixture(params=STORES)
def subject(request: pytest.FixtureRequest, database: MakeDatabase, tmp_path: Path) -> Iterator[Home]:
    with home_of(request.param, database, tmp_path) as made:
        yield made


@pytest.mark.timeout(30)
@pytest.mark.parametrize("subject", [STORES[1]], indirect=True)
def test_a_database_that_hangs_costs_one_answer_and_no_place(subject: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "GRACE_S", 0.1)
    subject.place(MOBILE, NOW, "TS-1")
    server = make_url(subject.url)
    # Its system still takes what is sent, so nothing below the database notices.
    with SilentLine(server.host or "127.0.0.1", server.port or 5432, b"LIMIT") as line:
        url = server.set(host="127.0.0.1", port=line.port).update_query_dict({"sslmode": "disable"})
        database = client.Database(SecretStr(url.render_as_string(hide_password=False)), "UTC", 0.2)
        mapped = SqlMapping.model_validate(MAPPING)
        shop = SqlShop(database, mapped, RowRules.of("sql", mapped, subject.unknown))
        for _ in range(2):
            with pytest.raises(Unavailable):
                SqlOrders(shop).by_number("TS-1")
        assert database._engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        line.mend()
        assert SqlOrders(shop).by_number("TS-1").number == "TS-1"
        database.close()


@pytest.mark.parametrize("driver", ["mysql+pymysql", "mariadb+pymysql", "mysql+mysqldb", "mysql"])
def test_no_driver_of_mysql_waits_for_ever(driver: str) -> None:
    given = client._arguments(make_url(f"{driver}://reader@h/shop"), "UTC", 7.5)
    assert given == {"connect_timeout": 3, "read_timeout": 9, "write_timeout": 9}


@pytest.mark.parametrize("subject", ["sqlite"], indirect=True)
@pytest.mark.parametrize("read", ["direct", "index"])
def test_a_number_here_and_a_text_there_is_the_same_order(subject: Home, read: str) -> None:
    source_id = subject.place(MOBILE, NOW, "TS-1")
    subject.run("CREATE TABLE words (order_id TEXT, name TEXT, qty TEXT, unit_price TEXT, barcode TEXT)")
    subject.run("INSERT INTO words VALUES (:id, 'Cable', '3', '5', 'AB123')", id=source_id)
    items = {**MAPPING["items"], "table": "words"}
    parcels = {"table": "words", "columns": {"order": "order_id", "tracking_code": "barcode"}}
    shop = subject.shop(read, {**MAPPING, "items": items, "shipments": parcels})
    if shop.orders is not None:
        found = shop.orders.by_tracking_code("AB123")
    else:
        assert shop.feed is not None
        found = shop.feed.one(source_id).order
    assert [(item.title_fa, item.quantity) for item in found.items] == [("Cable", 3)]
    assert [ref.tracking_code for ref in found.shipments] == ["AB123"]


@pytest.mark.parametrize(
    ("column", "number", "code"),
    [
        ("number", "\u06f1\u06f2\u06f3", "AB123"),
        ("tracking_code", "TS-1", "ab 123"),
        ("tracking_code", "TS-1", "A1, B2"),
    ],
)
def test_the_doctor_tells_what_is_shown_and_not_found(subject: Home, column: str, number: str, code: str) -> None:
    subject.ship(subject.place(MOBILE, NOW, number), code)
    # The newest alone would tell nothing of parcels.
    subject.place(MOBILE, NOW, "TS-2")
    given = parts(subject.clock, subject.unknown)
    health = sql.PLUGIN.check(subject.settings("direct"), given)
    assert health.advice.startswith(f"{column} of an order is not found")
    assert "PEYK_SQL_READ=index" in health.advice
    assert sql.PLUGIN.check(subject.settings("index"), given).advice == ""


def test_the_doctor_is_content_with_what_is_found(subject: Home) -> None:
    subject.ship(subject.place(MOBILE, NOW, "TS-1"), "AB123")
    assert sql.PLUGIN.check(subject.settings("direct"), parts(subject.clock, subject.unknown)).advice == ""


@pytest.mark.parametrize("subject", ["sqlite"], indirect=True)
def test_the_doctor_tells_of_mobiles_with_spaces(subject: Home) -> None:
    subject.place(MOBILE, NOW, "TS-1")
    subject.run("UPDATE orders SET phone = '0912 123 4567'")
    advice = sql.PLUGIN.check(subject.settings("direct"), parts(subject.clock, subject.unknown)).advice
    assert advice.startswith("mobile of an order is not found")
