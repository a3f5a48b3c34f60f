"""ShopIndex on each database: what is newer stays, what is gone goes, nothing is findable by who reads a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event, select, update

from peyk.domain.money import Money
from peyk.domain.orders import Order, OrderStatus, ShipmentRef
from peyk.domain.payments import Payment, PaymentState
from peyk.ports.shops import NewsKind, OrdersPage, ShopNews, ShopOrder, SyncState
from peyk.store.engine import make_engine, reading, writing
from peyk.store.prune import prune
from peyk.store.shop_index import Origin, StoredShopIndex
from peyk.store.tables import shop_codes, shop_deliveries, shop_orders, shop_syncs
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import MOBILE, NOW, OTHER_MOBILE, order

KEY = SecretStr("k" * 40)
MINUTE = timedelta(minutes=1)
CODE = "123456789012345678901234"


@pytest.fixture
def index(engine: Engine) -> StoredShopIndex:
    return StoredShopIndex(engine, "shop", KEY)


def shop_order(
    source_id: str = "7", changed_at: datetime = NOW, *, email: str | None = None, **changes: Any
) -> ShopOrder:
    return ShopOrder(source_id, order(**changes), changed_at, email)


def news(each: ShopOrder, delivery: str = "d1") -> ShopNews:
    return ShopNews(delivery, NewsKind.CHANGED, each.source_id, each)


def deleted(source_id: str = "7", delivery: str = "d9") -> ShopNews:
    return ShopNews(delivery, NewsKind.DELETED, source_id)


def found(index: StoredShopIndex, number: str = "TS-104233") -> Order | None:
    one = index.by_number(number)
    return one.shop_order.order if one is not None else None


def test_an_order_comes_back_as_it_was(index: StoredShopIndex) -> None:
    whole = replace(
        shop_order(email="sara@example.com"),
        payment=Payment("TS-104233", PaymentState.VERIFIED, Money.rial(5), NOW, "R"),
    )
    index.read([whole], [], NOW)
    one = index.by_number("TS-104233")
    assert one is not None
    assert (one.shop_order, one.seen_at) == (whole, NOW)
    assert index.count() == 1


ADDRESSES = [
    ([], None),
    ([None], None),
    (["sara@example.com"], "sara@example.com"),
    (["sara@example.com"] * 3, "sara@example.com"),
    (["sara@example.com", "else@example.com"], None),
    (["sara@example.com", None], None),
]


@pytest.mark.parametrize(("addresses", "known"), ADDRESSES)
def test_the_address_of_a_mobile_stands_in_every_order_of_it(
    index: StoredShopIndex, addresses: list[str | None], known: str | None
) -> None:
    theirs = [shop_order(str(n), number=f"TS-{n}", email=each) for n, each in enumerate(addresses)]
    others = shop_order("90", number="TS-90", mobile=OTHER_MOBILE, email="other@example.com")
    gone = shop_order("91", number="TS-91", email="old@example.com")
    index.read([*theirs, others, gone], [], NOW)
    index.hear(deleted("91"), NOW + MINUTE)
    assert index.email_of(MOBILE) == known
    assert index.email_of("") is None


def test_it_tells_whether_the_shop_knows_addresses_at_all(index: StoredShopIndex) -> None:
    index.read([shop_order("1", number="TS-1"), shop_order("2", number="TS-2", email="a@example.com")], [], NOW)
    assert index.has_emails()
    index.hear(deleted("2"), NOW + MINUTE)
    assert not index.has_emails()


@pytest.mark.parametrize("number", ["TS-999999", "104233", "ts-104233", "TS-104233 ", "", "TS-10423%", "' OR 1=1 --"])
def test_another_number_is_not_there(index: StoredShopIndex, number: str) -> None:
    index.read([shop_order()], [], NOW)
    assert index.by_number(number) is None


def test_what_customers_know_finds_it(index: StoredShopIndex) -> None:
    index.read([shop_order(email="sara@example.com", shipments=(ShipmentRef("post", CODE, NOW),))], [], NOW)
    assert [each.shop_order.source_id for each in index.by_suffix("104233", 2)] == ["7"]
    assert [each.shop_order.source_id for each in index.by_suffix("33", 2)] == ["7"]
    assert [each.shop_order.source_id for each in index.by_mobile(MOBILE, 3)] == ["7"]
    assert [each.shop_order.source_id for each in index.by_email(" Sara@Example.com", 3)] == ["7"]
    one = index.by_code(CODE)
    assert one is not None
    assert one.shop_order.source_id == "7"
    assert index.by_suffix("1042%%", 2) == index.by_suffix("______", 2) == index.by_suffix("", 2) == []
    assert index.by_suffix("9" * 99, 2) == index.by_suffix("34", 2) == index.by_suffix("104232", 2) == []
    assert index.by_mobile(OTHER_MOBILE, 3) == index.by_mobile("", 3) == index.by_email("", 3) == []
    assert index.by_code("TRK-88392011") is None


def test_the_newest_of_a_mobile_first(index: StoredShopIndex) -> None:
    days = [3, 1, 5, 2]
    index.read([shop_order(str(n), number=f"TS-{n}", placed_at=NOW - timedelta(days=n)) for n in days], [], NOW)
    assert [each.shop_order.source_id for each in index.by_mobile(MOBILE, 3)] == ["1", "2", "3"]


def test_an_order_without_a_mobile_is_nobodys(index: StoredShopIndex) -> None:
    index.read([shop_order(mobile="")], [], NOW)
    assert index.by_mobile("", 3) == []


def test_no_column_tells_a_mobile_or_an_address(index: StoredShopIndex, engine: Engine) -> None:
    index.read([shop_order(email="sara@example.com")], [], NOW)
    with reading(engine) as connection:
        row = dict(connection.execute(select(shop_orders)).mappings().one())
    del row["body"]
    assert not any(plain in str(row) for plain in (MOBILE, MOBILE[1:], "sara", "example"))
    assert StoredShopIndex(engine, "shop", SecretStr("j" * 40)).by_mobile(MOBILE, 3) == []


def test_shops_do_not_mix(index: StoredShopIndex, engine: Engine) -> None:
    other = StoredShopIndex(engine, "other", KEY)
    index.read([shop_order()], [], NOW)
    other.read([shop_order(number="X-1")], [], NOW)
    assert (found(index) is None, found(other) is None, other.count()) == (False, True, 1)
    other.read([], ["7"], NOW + MINUTE)
    assert found(index) is not None


def test_older_news_change_nothing(index: StoredShopIndex) -> None:
    newer = shop_order(changed_at=NOW, status=OrderStatus.SHIPPED)
    older = shop_order(changed_at=NOW - MINUTE, status=OrderStatus.PREPARING, shipments=())
    assert index.hear(news(newer, "d2"), NOW)
    assert index.hear(news(older, "d1"), NOW + MINUTE)
    index.read([older], [], NOW + 2 * MINUTE)
    assert found(index) == newer.order
    assert index.by_code("TRK-88392011") is not None


def test_codes_go_with_the_change_that_took_them_away(index: StoredShopIndex) -> None:
    index.read([shop_order()], [], NOW)
    index.read([shop_order(changed_at=NOW + MINUTE, shipments=(ShipmentRef("post", CODE, NOW),))], [], NOW)
    assert index.by_code("TRK-88392011") is None
    assert index.by_code(CODE) is not None


def test_the_same_order_twice_on_a_page_is_the_newer(index: StoredShopIndex) -> None:
    newer = shop_order(changed_at=NOW, customer_name="new")
    index.read([newer, shop_order(changed_at=NOW - MINUTE, customer_name="old")], [], NOW)
    assert found(index) == newer.order


def test_a_delivery_counts_once(index: StoredShopIndex) -> None:
    assert index.hear(news(shop_order()), NOW)
    assert not index.hear(news(shop_order(changed_at=NOW + MINUTE, customer_name="new")), NOW)
    one = found(index)
    assert one is not None
    assert one.customer_name != "new"


def test_what_is_deleted_leaves_nothing_but_its_id(index: StoredShopIndex, engine: Engine) -> None:
    index.read([shop_order(email="sara@example.com")], [], NOW)
    assert index.hear(deleted(), NOW + MINUTE)
    assert found(index) is None
    assert index.by_mobile(MOBILE, 3) == index.by_suffix("104233", 3) == []
    assert index.by_code("TRK-88392011") is None
    assert index.count() == 0
    with reading(engine) as connection:
        row = connection.execute(select(shop_orders)).mappings().one()
        assert connection.execute(select(shop_codes)).all() == []
    assert (row["body"], row["number"], row["mobile_key"], row["email_key"]) == ("{}", None, None, None)


def test_late_news_do_not_bring_a_deleted_order_back(index: StoredShopIndex) -> None:
    index.hear(deleted(), NOW)
    index.hear(news(shop_order(changed_at=NOW - MINUTE)), NOW + MINUTE)
    assert found(index) is None
    # A page that was asked for before the end was heard of.
    index.read([shop_order(changed_at=NOW - MINUTE)], [], NOW - MINUTE)
    assert found(index) is None


def test_an_order_taken_out_of_the_trash_comes_back(index: StoredShopIndex) -> None:
    index.read([shop_order(changed_at=NOW - MINUTE)], [], NOW - MINUTE)
    index.hear(deleted(), NOW)
    index.hear(news(shop_order(changed_at=NOW + MINUTE)), NOW + MINUTE)
    assert found(index) is not None
    assert index.by_code("TRK-88392011") is not None


def test_what_could_not_be_read_is_marked_until_it_can(index: StoredShopIndex) -> None:
    def marked(source_id: str) -> bool:
        return index.by_suffix(source_id, 1)[0].unreadable

    index.read([shop_order(each, number=f"TS-{each}") for each in ("1", "2", "3")], [], NOW)
    index.read([], [], NOW + MINUTE, ["1", "2", "9"])
    assert [marked("1"), marked("2"), marked("3")] == [True, True, False]
    index.read([shop_order("2", number="TS-2")], [], NOW + 2 * MINUTE)
    assert [marked("1"), marked("2")] == [True, False]
    # A page that was asked for before it was read.
    index.read([], [], NOW + MINUTE, ["2"])
    assert not marked("2")
    page = OrdersPage((), unreadable=("3",))
    index.hold("a", NOW, NOW + MINUTE)
    assert index.advance("a", page, NOW + MINUTE, SyncState())
    assert marked("3")
    index.read([], ["1"], NOW + 3 * MINUTE)
    index.read([shop_order("1", number="TS-1")], [], NOW + 4 * MINUTE)
    assert not marked("1")


def test_a_look_at_the_shop_finds_what_came_back_unchanged(index: StoredShopIndex) -> None:
    index.hear(deleted(), NOW)
    index.read([shop_order(changed_at=NOW - MINUTE)], [], NOW + MINUTE)
    assert found(index) is not None


def test_its_time_is_over(index: StoredShopIndex, engine: Engine) -> None:
    index.hear(news(shop_order("1", NOW - timedelta(days=401))), NOW)
    index.hear(news(shop_order("2", NOW - timedelta(days=399), number="TS-2"), "d2"), NOW)
    index.read([], ["3"], NOW - timedelta(days=8))
    index.read([], ["4"], NOW - timedelta(days=6))
    prune(engine, NOW)
    with reading(engine) as connection:
        assert set(connection.execute(select(shop_orders.c.source_id)).scalars()) == {"2", "4"}
        assert set(connection.execute(select(shop_codes.c.source_id)).scalars()) == {"2"}
        assert len(connection.execute(select(shop_deliveries)).all()) == 2
    prune(engine, NOW + timedelta(days=8), timedelta(days=100))
    with reading(engine) as connection:
        assert connection.execute(select(shop_orders)).all() == []
        assert connection.execute(select(shop_deliveries)).all() == []


def test_one_at_a_time_moves_the_state(index: StoredShopIndex) -> None:
    assert index.hold("a", NOW, NOW + MINUTE) == SyncState()
    assert index.hold("b", NOW, NOW + MINUTE) is None
    state = SyncState(cursor="2", began_at=NOW, done=5, total=9)
    page = OrdersPage((shop_order(),), "2", 9)
    assert not index.advance("b", page, NOW, state)
    assert found(index) is None
    assert index.advance("a", page, NOW, state)
    assert index.state() == state
    # Whoever holds it may hold it longer; whoever died is succeeded.
    assert index.hold("a", NOW, NOW + 2 * MINUTE) == state
    assert index.hold("b", NOW + MINUTE, NOW + 3 * MINUTE) is None
    assert index.hold("b", NOW + 2 * MINUTE, NOW + 3 * MINUTE) == state
    assert not index.advance("a", page, NOW, SyncState())
    index.release("a")
    assert index.hold("c", NOW + 2 * MINUTE, NOW + 3 * MINUTE) is None
    index.release("b")
    assert index.hold("c", NOW + 2 * MINUTE, NOW + 3 * MINUTE) == state


def test_with_another_key_it_is_filled_anew(index: StoredShopIndex, engine: Engine) -> None:
    index.hold("a", NOW, NOW + MINUTE)
    index.advance("a", None, NOW, SyncState(filled_at=NOW, mark=NOW, looked_at=NOW))
    index.release("a")
    other = StoredShopIndex(engine, "shop", SecretStr("j" * 40))
    assert other.state() == SyncState()
    assert other.hold("b", NOW, NOW + MINUTE) == SyncState()
    assert index.state() == SyncState()


def filled(index: StoredShopIndex) -> None:
    index.read([shop_order()], [], NOW)
    index.hold("a", NOW, NOW + MINUTE)
    index.advance("a", None, NOW, SyncState(filled_at=NOW, mark=NOW, looked_at=NOW))
    index.release("a")


def test_by_other_rules_it_is_filled_anew_and_answers_meanwhile(engine: Engine) -> None:
    before = StoredShopIndex(engine, "shop", KEY, Origin("https://shop.example", "sent: shipped"))
    filled(before)
    after = StoredShopIndex(engine, "shop", KEY, Origin("https://shop.example", "sent: delivered"))
    assert after.state() == SyncState()
    assert after.hold("b", NOW, NOW + MINUTE) == SyncState()
    assert found(after) is not None
    after.read([shop_order(status=OrderStatus.DELIVERED)], [], NOW + MINUTE)
    one = found(after)
    assert one is not None
    assert one.status is OrderStatus.DELIVERED
    again = StoredShopIndex(engine, "shop", KEY, Origin("https://shop.example", "sent: delivered"))
    assert again.hold("b", NOW, NOW + MINUTE) == SyncState()
    assert found(again) is not None


def test_another_shop_begins_empty(engine: Engine) -> None:
    before = StoredShopIndex(engine, "shop", KEY, Origin("https://test.shop.example", "r"))
    filled(before)
    before.hear(deleted("9"), NOW)
    other = StoredShopIndex(engine, "other", KEY, Origin("https://test.shop.example", "r"))
    filled(other)
    after = StoredShopIndex(engine, "shop", KEY, Origin("https://shop.example", "r"))
    assert after.hold("b", NOW, NOW + MINUTE) == SyncState()
    assert after.count() == 0
    assert after.by_code("TRK-88392011") is None
    # The other shop's deliveries and tombstones are not this one's.
    assert after.hear(news(shop_order("9", NOW - MINUTE), "d9"), NOW)
    assert after.count() == 1
    assert other.count() == 1


def test_an_index_of_before_is_filled_anew_and_keeps_its_orders(engine: Engine) -> None:
    index = StoredShopIndex(engine, "shop", KEY, Origin("https://shop.example", "r"))
    filled(index)
    with writing(engine) as connection:
        connection.execute(update(shop_syncs).values(fingerprint="0123456789abcdef"))
    assert index.hold("b", NOW, NOW + MINUTE) == SyncState()
    assert index.count() == 1


def test_eight_processes_leave_the_newest(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    engines = [make_engine(url) for _ in range(8)]
    indexes = [StoredShopIndex(each, "shop", KEY) for each in engines]

    def write(number: int) -> None:
        for turn in range(5):
            changed = NOW + timedelta(seconds=(number * 5 + turn) % 40)
            many = [shop_order(str(i), changed, customer_name=f"{changed:%S}") for i in range(1, 5)]
            indexes[number].read(many if number % 2 else many[::-1], [], NOW)
            indexes[number].hear(news(many[0], f"{number}-{turn}"), NOW)

    in_parallel(write)
    for source in range(1, 5):
        with reading(engine) as connection:
            row = connection.execute(select(shop_orders).filter_by(source_id=str(source))).one()
        assert row.changed_at == NOW + timedelta(seconds=39)
    for each in engines:
        each.dispose()


@pytest.mark.postgresql
def test_a_page_of_a_first_fill_does_not_read_what_is_there(engine_of: Callable[[str], Engine]) -> None:
    # PostgreSQL has no statistics of a table that has just been filled.
    engine = engine_of("postgresql")
    index = StoredShopIndex(engine, "shop", KEY)
    ref = ShipmentRef("post", CODE, NOW)
    many = [shop_order(str(i), number=f"TS-{i}", shipments=(ref,)) for i in range(3_000)]
    index.read(many, [], NOW)
    sent: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, sql, given, *_: sent.append((sql, given)))
    index.read([replace(each, changed_at=NOW + MINUTE) for each in many[:100]], [], NOW + MINUTE)
    ((sql, given),) = [each for each in sent if each[0].startswith("DELETE FROM shop_codes")]
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {sql}", given[0] if isinstance(given, list) else given).all()
    condition = next(row[0] for row in plan if "Index Cond" in row[0])
    assert "(source)" in condition
    assert "(source_id)" in condition


@pytest.mark.parametrize(
    ("table", "where", "name"),
    [
        ("shop_orders", "number = 'x'", "ix_shop_orders_number (source=? AND number=?)"),
        ("shop_orders", "ending BETWEEN '1' AND '19'", "ix_shop_orders_ending (source=? AND ending>? AND ending<?)"),
        ("shop_orders", "mobile_key = 'x'", "ix_shop_orders_mobile (source=? AND mobile_key=?)"),
        ("shop_orders", "email_key = 'x'", "ix_shop_orders_email (source=? AND email_key=?)"),
        ("shop_codes", "code = 'x'", "(code=? AND source=?)"),
        ("shop_codes", "source_id IN ('1', '2')", "ix_shop_codes_order (source=? AND source_id=?)"),
    ],
)
def test_an_index_answers(engine_of: Callable[[str], Engine], table: str, where: str, name: str) -> None:
    with reading(engine_of("sqlite")) as connection:
        sql = f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE source = 's' AND {where}"
        assert name in str(connection.exec_driver_sql(sql).all())
