"""A home-made shop's database, on SQLite and PostgreSQL: the suites of feeds and of sources, and its own mistakes."""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import Engine, create_engine, text

from peyk.adapters.orders import sql
from peyk.adapters.plugin import Shop
from peyk.domain.orders import OrderStatus
from peyk.domain.payments import PaymentState
from peyk.errors import BadAnswer, ExternalError, NotFound, SettingsError, Unavailable
from peyk.ports import OrderSource
from peyk.ports.shops import OrderFeed
from tests.conftest import STORES, MakeDatabase
from tests.contract.shop_subjects import Unknown, indexed, parts

# The suites of the ports, run on this module's subjects.
from tests.contract.test_orders import (  # noqa: F401
    ORDERS,
    test_a_mobile_without_orders_has_none,
    test_an_order_by_its_exact_number,
    test_an_order_by_its_tracking_code,
    test_any_other_number_is_not_found,
    test_orders_by_the_end_of_their_number,
    test_the_end_of_numbers_is_limited,
    test_the_newest_orders_of_a_mobile_first,
)
from tests.contract.test_shop_feeds import (  # noqa: F401
    ids,
    passed,
    test_a_pass_meets_every_order,
    test_an_empty_shop_is_one_empty_pass,
    test_an_order_is_whole,
    test_an_order_nobody_can_read_keeps_none_of_the_others,
    test_only_what_changed_since,
    test_orders_placed_during_a_pass_push_none_out,
    test_orders_removed_during_a_pass_pull_none_past_it,
    test_what_is_not_there_is_not_found,
)
from tests.unit.services.fakes import MOBILE, NOW, FakeClock

TEHRAN = ZoneInfo("Asia/Tehran")
TABLES = (
    """CREATE TABLE orders (id {serial}, code VARCHAR(40) UNIQUE, phone {phone}, state INTEGER, amount VARCHAR(20),
       who VARCHAR(80), created_at {time}, paid_at {time}, updated_at {time})""",
    "CREATE INDEX ix_phone ON orders (phone)",
    "CREATE TABLE order_items (order_id INTEGER, name VARCHAR(80), qty INTEGER, unit_price INTEGER)",
    "CREATE INDEX ix_items ON order_items (order_id)",
    "CREATE TABLE parcels (order_id INTEGER, barcode VARCHAR(40), company VARCHAR(40), sent_at {time})",
    "CREATE INDEX ix_parcels ON parcels (order_id)",
    "CREATE INDEX ix_barcodes ON parcels (barcode)",
)
KINDS = {
    # Homes differ: SQLite with text, PostgreSQL with a number for the phone and times without a zone.
    "sqlite": {"serial": "INTEGER PRIMARY KEY", "phone": "VARCHAR(20)", "time": "TEXT"},
    "postgresql": {"serial": "SERIAL PRIMARY KEY", "phone": "BIGINT", "time": "TIMESTAMP"},
}
MAPPING: dict[str, Any] = {
    "money": "toman",
    "carrier": "post",
    "orders": {
        "table": "orders",
        "columns": {
            "id": "id",
            "number": "code",
            "mobile": "phone",
            "status": "state",
            "total": "amount",
            "customer_name": "who",
            "placed_at": "created_at",
            "paid_at": "paid_at",
            "changed_at": "updated_at",
        },
    },
    "items": {
        "table": "order_items",
        "columns": {"order": "order_id", "title": "name", "quantity": "qty", "price": "unit_price"},
    },
    "shipments": {
        "table": "parcels",
        "columns": {"order": "order_id", "tracking_code": "barcode", "carrier": "company", "shipped_at": "sent_at"},
    },
    "statuses": {0: "awaiting_payment", 1: {"status": "preparing"}, 2: "shipped"},
}


@dataclass
class Home:
    """A shop somebody made: its database, and Peyk's view of it."""

    url: str
    engine: Engine
    folder: Path
    clock: FakeClock
    unknown: Unknown
    page_size: int = 10
    remove: Callable[[str], None] | None = None

    def settings(self, read: str = "index", mapping: dict[str, Any] | None = None) -> sql.SqlSettings:
        file = self.folder / "mapping.yml"
        file.write_text(yaml.safe_dump(mapping or MAPPING, allow_unicode=True), encoding="utf-8")
        plain: dict[str, Any] = {"url": self.url, "mapping": file, "read": read, "_env_file": None}
        return sql.SqlSettings(**plain, page_size=self.page_size)

    def shop(self, read: str = "index", mapping: dict[str, Any] | None = None) -> Shop:
        made: Shop = sql.PLUGIN.make(self.settings(read, mapping), parts(self.clock, self.unknown))
        return made

    @cached_property
    def feed(self) -> OrderFeed:
        feed = self.shop().feed
        assert feed is not None
        return feed

    def place(self, mobile: str, at: datetime, number: str = "") -> str:
        phone = "".join(mobile.split())
        with self.engine.begin() as connection:
            source_id = connection.execute(
                text(
                    "INSERT INTO orders (code, phone, state, amount, who, created_at, paid_at, updated_at) "
                    "VALUES (:n, :phone, 1, '1,250,000', 'Sara', :at, :at, :at) RETURNING id"
                ),
                {
                    "n": number or secrets.token_hex(6),
                    "phone": int(phone) if self.engine.dialect.name == "postgresql" else phone,
                    "at": self.written(at),
                },
            ).scalar_one()
            connection.execute(text("INSERT INTO order_items VALUES (:id, 'Headphones', 2, 625000)"), {"id": source_id})
        return str(source_id)

    def ship(self, source_id: str, code: str) -> None:
        self.run("INSERT INTO parcels VALUES (:id, :code, 'tipax', :at)", id=int(source_id), code=code)
        self.run("UPDATE orders SET state = 2, updated_at = :at WHERE id = :id", id=int(source_id))

    def touch(self, source_id: str) -> None:
        self.run("UPDATE orders SET updated_at = :at WHERE id = :id", id=int(source_id))

    def break_one(self, source_id: str) -> None:
        self.run("UPDATE orders SET amount = 'free', updated_at = :at WHERE id = :id", id=int(source_id))

    def number(self, source_id: str) -> str:
        with self.engine.connect() as connection:
            query = text("SELECT code FROM orders WHERE id = :id")
            return str(connection.execute(query, {"id": int(source_id)}).scalar_one())

    def run(self, statement: str, **values: Any) -> None:
        given = {"at": self.written(self.clock.now()), **values}
        used = {name: value for name, value in given.items() if f":{name}" in statement}
        with self.engine.begin() as connection:
            connection.execute(text(statement), used)

    def written(self, at: datetime) -> Any:
        local = at.astimezone(TEHRAN).replace(tzinfo=None)
        return local if self.engine.dialect.name == "postgresql" else str(local)


@contextmanager
def home_of(kind: str, database: MakeDatabase, folder: Path) -> Iterator[Home]:
    """Make the tables of a shop in a schema or file of their own."""
    url = f"sqlite:///{folder}/a shop's.db"
    schema = f"shop_{secrets.token_hex(4)}"
    if kind == "postgresql":
        url = database(kind)
        admin = create_engine(url)
        role = f"ALTER ROLE CURRENT_USER IN DATABASE {admin.url.database}"
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
            connection.execute(
                text(f"ALTER ROLE CURRENT_USER IN DATABASE {admin.url.database} SET search_path={schema}")
            )
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(text(statement.format(**KINDS[kind])))
    try:
        yield Home(url, engine, folder, FakeClock(), Unknown())
    finally:
        engine.dispose()
        if kind == "postgresql":
            with admin.begin() as connection:
                connection.execute(text(f"{role} RESET search_path"))
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
            admin.dispose()


@pytest.fixture(params=STORES)
def subject(request: pytest.FixtureRequest, database: MakeDatabase, tmp_path: Path) -> Iterator[Home]:
    with home_of(request.param, database, tmp_path) as made:
        yield made


@pytest.fixture(params=["direct", "index"])
def source(request: pytest.FixtureRequest, subject: Home, engine_of: Callable[[str], Engine]) -> OrderSource:
    for number, (mobile, at, code) in ORDERS.items():
        source_id = subject.place(mobile, at, number)
        if code:
            subject.ship(source_id, code)
    if request.param == "direct":
        orders = subject.shop("direct").orders
        assert orders is not None
        return orders
    # The first connection may take its time; the suite is not about that.
    subject.feed.page(None, None)
    made = indexed(subject, engine_of("sqlite"))  # type: ignore[arg-type]
    made.sync.turn(NOW)
    return made.orders


def test_what_the_columns_say(subject: Home) -> None:
    source_id = subject.place(MOBILE, NOW - timedelta(days=1), "TS-1")
    subject.ship(source_id, "123")
    shop = subject.shop("direct")
    assert shop.orders is not None
    assert shop.payments is not None
    found = shop.orders.by_number("TS-1")
    assert (found.total.amount, found.status, found.customer_name) == (12_500_000, OrderStatus.SHIPPED, "Sara")
    assert [(it.title_fa, it.quantity, it.price.amount) for it in found.items] == [("Headphones", 2, 6_250_000)]
    assert [(ref.carrier, ref.tracking_code, ref.shipped_at) for ref in found.shipments] == [("tipax", "123", NOW)]
    assert shop.payments.inquire("TS-1").state is PaymentState.VERIFIED
    with pytest.raises(NotFound):
        shop.payments.inquire("TS-2")


@pytest.mark.parametrize("written", ["09121234567", "9121234567", "989121234567", "+989121234567", "00989121234567"])
def test_a_mobile_is_found_however_the_shop_writes_it(subject: Home, written: str) -> None:
    subject.place(written, NOW, "TS-1")
    orders = subject.shop("direct").orders
    assert orders is not None
    assert [each.number for each in orders.by_mobile(MOBILE)] == ["TS-1"]


def test_a_query_is_read_like_a_table(subject: Home) -> None:
    subject.place(MOBILE, NOW, "TS-1")
    query = (
        "SELECT o.code, o.phone, CASE WHEN o.state = 1 THEN 'ready: to go' ELSE 'other' END AS word, "
        "CAST(o.amount AS VARCHAR(20)) AS amount, o.created_at FROM orders o WHERE o.state > 0;"
    )
    columns = {"number": "code", "mobile": "phone", "status": "word", "total": "amount", "placed_at": "created_at"}
    mapping = {"money": "rial", "orders": {"query": query, "columns": columns}, "statuses": {"ready: to go": "paid"}}
    orders = subject.shop("direct", mapping).orders
    assert orders is not None
    found = orders.by_number("TS-1")
    assert (found.status, found.total.amount, found.placed_at) == (OrderStatus.PAID, 1_250_000, NOW)


def test_a_status_of_nobodys_is_counted_and_the_dates_speak(subject: Home) -> None:
    source_id = subject.place(MOBILE, NOW, "TS-1")
    subject.run("UPDATE orders SET state = 77 WHERE id = :id", id=int(source_id))
    assert subject.feed.one(source_id).order.status is OrderStatus.PAID
    assert subject.unknown.codes == ["77"]


def test_nothing_can_be_written(subject: Home) -> None:
    subject.place(MOBILE, NOW, "TS-1")
    query = "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone"
    mapping = {**MAPPING, "orders": {**MAPPING["orders"], "query": query, "table": ""}}
    feed = subject.shop("index", mapping).feed
    assert feed is not None
    with pytest.raises(ExternalError):
        feed.page(None, None)
    assert ids(passed(subject.feed))


CUTS: dict[str, tuple[dict[str, Any], str]] = {
    "money": ({"money": "dollars"}, "money"),
    "zone": ({"time_zone": "Tehran/Asia"}, "time zone"),
    "both": ({"orders": {**MAPPING["orders"], "query": "SELECT 1"}}, "either `table` or `query`"),
    "two statements": ({"orders": {"query": "SELECT 1; DROP TABLE x", "columns": {}}}, "one SELECT"),
    "no select": ({"orders": {"query": "DELETE FROM x", "columns": {}}}, "one SELECT"),
    "field": ({"orders": {"table": "orders", "columns": {"phone": "phone"}}}, "`phone` is no field"),
    "missing": ({"orders": {"table": "orders", "columns": {"number": "code"}}}, "must be named"),
    "status": ({"statuses": {3: "lost"}}, "must be one of"),
    "extra": ({"order": {}}, "order: is no part of a mapping"),
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_mistake_in_the_mapping_is_one_clear_line(tmp_path: Path, cut: str) -> None:
    change, words = CUTS[cut]
    home = Home(f"sqlite:///{tmp_path}/x.db", create_engine("sqlite://"), tmp_path, FakeClock(), Unknown())
    with pytest.raises(SettingsError) as caught:
        home.shop("direct", {**MAPPING, **change})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("written", ["money: [", "just words", "\u0000"])
def test_a_file_that_is_no_mapping_says_so(tmp_path: Path, written: str) -> None:
    file = tmp_path / "mapping.yml"
    file.write_text(written, encoding="utf-8")
    own = sql.SqlSettings(url="sqlite:///x.db", mapping=file, _env_file=None)  # type: ignore[call-arg, arg-type]
    with pytest.raises(SettingsError, match="mapping"):
        sql.PLUGIN.make(own, parts(FakeClock(), Unknown()))


URLS = ("nonsense", "sqlite://", "oddbase://h/x", "mysql+nodriver://u:hidden@h/x", "postgresql://p:a@b:hidden@h/x")


@pytest.mark.parametrize("url", URLS)
def test_a_url_that_is_none_says_so_without_its_password(tmp_path: Path, url: str) -> None:
    home = Home(url, create_engine("sqlite://"), tmp_path, FakeClock(), Unknown())
    with pytest.raises(SettingsError, match="PEYK_SQL_URL") as caught:
        home.shop("direct")
    assert "hidden" not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_named(subject: Home) -> None:
    columns = {**MAPPING["orders"]["columns"], "city": "town"}
    mapping = {**MAPPING, "orders": {"table": "orders", "columns": columns}}
    orders = subject.shop("direct", mapping).orders
    assert orders is not None
    with pytest.raises(BadAnswer, match="town") as caught:
        orders.by_mobile(MOBILE)
    assert MOBILE not in "".join(traceback.format_exception(caught.value))
    health = sql.PLUGIN.check(subject.settings("direct", mapping), parts(subject.clock, subject.unknown))
    assert "town" in health.advice


def test_times_that_cannot_be_compared_are_told(subject: Home) -> None:
    columns = {**MAPPING["orders"]["columns"], "changed_at": "who"}
    mapping = {**MAPPING, "orders": {"table": "orders", "columns": columns}}
    subject.run("INSERT INTO orders (code, phone, state, amount, who) VALUES ('a', 9121234567, 1, '1', '1405/08/30')")
    feed = subject.shop("index", mapping).feed
    assert feed is not None
    with pytest.raises(BadAnswer, match="changed_at"):
        feed.page(NOW, None)


def test_seconds_since_1970(subject: Home) -> None:
    subject.run("CREATE TABLE plain (code VARCHAR(9), phone VARCHAR(20), total INTEGER, made INTEGER)")
    for number, at in (("A-1", NOW - timedelta(days=2)), ("A-2", NOW)):
        made = int(at.timestamp())
        subject.run("INSERT INTO plain VALUES (:n, '9121234567', 5, :made)", n=number, made=made)
    columns = {
        "number": "code",
        "mobile": "phone",
        "status": "code",
        "total": "total",
        "placed_at": "made",
        "changed_at": "made",
    }
    mapping = {"money": "toman", "times": "unix", "orders": {"table": "plain", "columns": columns}}
    feed = subject.shop("index", mapping).feed
    assert feed is not None
    assert ids(passed(feed)) == {"A-1", "A-2"}
    assert ids(passed(feed, NOW - timedelta(days=1))) == {"A-2"}
    assert feed.one("A-2").order.placed_at == NOW


def test_the_doctor_reads_an_order_and_looks_for_indexes(subject: Home) -> None:
    given = parts(subject.clock, subject.unknown)
    assert sql.PLUGIN.check(subject.settings("direct"), given).sample == "no orders yet"
    subject.place(MOBILE, NOW, "TS-1")
    health = sql.PLUGIN.check(subject.settings("direct"), given)
    assert (health.advice, health.sample) == ("", "order TS-1 of 1")
    subject.run("DROP INDEX ix_phone")
    assert "orders.phone" in sql.PLUGIN.check(subject.settings("direct"), given).advice


def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", "postgresql://peyk:hidden@127.0.0.1:1/shop"):
        home = Home(url, create_engine("sqlite://"), tmp_path, FakeClock(), Unknown())
        orders = home.shop("direct").orders
        assert orders is not None
        with pytest.raises(Unavailable) as caught:
            orders.by_number("TS-1")
        whole = "".join(traceback.format_exception(caught.value)) + repr(orders.__dict__)
        assert "hidden" not in whole
        assert caught.value.__context__ is None
        assert not sql.PLUGIN.check(home.settings("direct"), parts(home.clock, home.unknown)).reachable


def test_jalali_dates_in_words(subject: Home) -> None:
    columns = {**MAPPING["orders"]["columns"], "placed_at": "who"}
    subject.run(
        "INSERT INTO orders (code, phone, state, amount, who, updated_at) "
        "VALUES ('J-1', 9121234567, 1, '5', '\u06f1\u06f4\u06f0\u06f5/\u06f0\u06f8/\u06f3\u06f0 12:00', :at)"
    )
    orders = subject.shop("direct", {**MAPPING, "orders": {"table": "orders", "columns": columns}}).orders
    assert orders is not None
    assert orders.by_number("J-1").placed_at == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
